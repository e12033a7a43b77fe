#![doc = include_str!("../README.md")]

mod error;
pub mod jobs;
mod matching;
pub mod resolving;
mod runner;
mod schedule;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use store::db::Database;
use store::documents::Documents;
use store::feeds::Kind;
use store::wake::Wake;

pub use error::JobError;
pub use runner::{WorkedOff, Worker};

/// A feed that is to be kept fresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSetting {
    /// Unique, as pages and verdicts show it: `osv:npm`.
    pub name: String,
    pub kind: Kind,
    /// The OSV ecosystem that it covers; empty when it covers none by itself.
    pub ecosystem: String,
    /// A URL or a folder.
    pub source: String,
    pub every: Duration,
    /// Fewer records than this are taken for a broken source.
    pub least: i64,
    /// Instead of the proxy that everything else goes through.
    pub proxy: Option<fetch::Url>,
    /// Sent to the source and to nobody else.
    pub bearer: Option<fetch::Bearer>,
}

impl FeedSetting {
    /// A feed without a floor, a proxy or a token of its own.
    #[must_use]
    pub fn new(name: &str, kind: Kind, ecosystem: &str, source: &str, every: Duration) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            ecosystem: ecosystem.to_owned(),
            source: source.to_owned(),
            every,
            least: 0,
            proxy: None,
            bearer: None,
        }
    }
}

/// What the binary decides for the worker.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub feeds: Vec<FeedSetting>,
    /// Whether feeds are read only when somebody asks, and never on schedule.
    pub feeds_on_request: bool,
    /// Where people find the service, without a slash at the end; without it the links of verdicts are paths.
    pub public_url: Option<String>,
    /// Limits and allowances of the network; a client is made of them when a feed is first read.
    pub network: fetch::Settings,
    /// Git servers that may be private, and plain http.
    pub source_hosts: BTreeSet<fetch::Origin>,
    /// The server that letters are handed to; without it none are sent.
    pub mail: Option<fetch::mail::MailServer>,
    /// Which package registries are asked when a manifest is resolved.
    pub registries: fetch::registries::Settings,
}

/// Everything that a job may use.
#[derive(Clone)]
pub struct Parts {
    pub database: Database,
    pub documents: Documents,
    pub wake: Wake,
    pub clock: Arc<dyn Clock>,
    pub settings: Arc<Settings>,
}
