//! One command a file.

pub(crate) mod admin;
mod assumptions;
pub(crate) mod convert;
mod decisions;
pub(crate) mod feeds;
pub(crate) mod gate;
pub(crate) mod import;
mod knowledge;
pub(crate) mod output;
pub(crate) mod progress;
mod sandworm;
pub(crate) mod scan;
pub(crate) mod serve;
pub(crate) mod server;
pub(crate) mod worker;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::configuration;

/// Why a command ended early. Its text is for the person who typed it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// What was typed makes no sense.
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Configuration(#[from] configuration::Error),
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path}{}{}: {message}", if place.is_empty() { "" } else { ":" }, place)]
    Document {
        path: PathBuf,
        place: String,
        message: String,
    },
    #[error(transparent)]
    Fetch(#[from] fetch::Error),
    /// A server of ours answered that it would not.
    #[error("the server refused: {0}")]
    Server(String),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("cannot listen on {wanted}: {source}")]
    Listen {
        wanted: SocketAddr,
        source: std::io::Error,
    },
    #[error("the demo cannot be shown: {0}")]
    Demo(String),
    #[error("a job could not be done: {}", .0.chain())]
    Job(#[from] ::worker::JobError),
    #[error("reading advisories was interrupted")]
    Interrupted,
}

impl Failure {
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }
}
