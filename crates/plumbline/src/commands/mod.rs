//! One command a file.

mod knowledge;
pub(crate) mod scan;

use std::path::PathBuf;

/// Why a command ended early. Its text is for the person who typed it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
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
    #[error("reading advisories was interrupted")]
    Interrupted,
}
