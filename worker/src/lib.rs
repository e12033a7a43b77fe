#![doc = include_str!("../README.md")]

mod error;
pub mod jobs;
mod matching;
pub mod resolving;
mod runner;
mod schedule;

use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use store::db::Database;
use store::wake::Wake;

pub use error::JobError;
pub use runner::{WorkedOff, Worker};

/// A feed that is to be kept fresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSetting {
    /// Unique, as pages and verdicts show it: `osv:npm`.
    pub name: String,
    /// The OSV ecosystem that it covers; empty for a feed of another kind.
    pub ecosystem: String,
    /// A URL or a folder.
    pub source: String,
    pub every: Duration,
}

/// What the binary decides for the worker.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub feeds: Vec<FeedSetting>,
    /// Whether feeds are read only when somebody asks, and never on schedule.
    pub feeds_on_request: bool,
    /// Where people find the service, without a slash at the end; links are left out of verdicts without it.
    pub public_url: Option<String>,
    /// Limits and allowances of the network; a client is made of them when a feed is first read.
    pub network: fetch::Settings,
    /// Which package registries are asked when a manifest is resolved.
    pub registries: fetch::registries::Settings,
}

/// Everything that a job may use.
#[derive(Clone)]
pub struct Parts {
    pub database: Database,
    pub wake: Wake,
    pub clock: Arc<dyn Clock>,
    pub settings: Arc<Settings>,
}
