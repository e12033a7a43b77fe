#![doc = include_str!("../README.md")]

pub mod advisories;
pub mod builds;
pub mod db;
pub mod documents;
mod error;
pub mod exploited;
pub mod feeds;
pub mod findings;
pub mod inventories;
pub mod jobs;
pub mod matches;
pub mod packages;
mod packed;
pub mod projects;
pub mod verdicts;
pub mod wake;

pub use error::Error;

/// Every statement of the store, so that a test can prepare each on both engines.
#[must_use]
pub fn statements() -> Vec<&'static db::Sql> {
    [
        advisories::STATEMENTS,
        advisories::WRITE_STATEMENTS,
        advisories::KNOWN_STATEMENTS,
        builds::STATEMENTS,
        exploited::STATEMENTS,
        feeds::STATEMENTS,
        findings::STATEMENTS,
        inventories::STATEMENTS,
        jobs::KIND_STATEMENTS,
        jobs::STATEMENTS,
        matches::STATEMENTS,
        matches::RECORD_STATEMENTS,
        matches::GROUP_STATEMENTS,
        packages::STATEMENTS,
        projects::STATEMENTS,
        verdicts::STATEMENTS,
    ]
    .concat()
}
