#![doc = include_str!("../README.md")]

pub mod advisories;
pub mod audit_log;
pub mod baselines;
pub mod builds;
pub mod components;
pub mod db;
pub mod deadlines;
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
pub mod policies;
pub mod portfolio;
pub mod projects;
pub mod registry;
mod secret;
pub mod sessions;
pub mod tokens;
pub mod trends;
pub mod verdicts;
pub mod wake;

pub use error::Error;

/// A new public id: a UUID of version 7, so that ids sort by age.
#[must_use]
pub fn new_uuid() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Every statement of the store, so that a test can prepare each on both engines.
#[must_use]
pub fn statements() -> Vec<&'static db::Sql> {
    [
        advisories::STATEMENTS,
        advisories::WRITE_STATEMENTS,
        advisories::KNOWN_STATEMENTS,
        advisories::ROW_STATEMENTS,
        audit_log::STATEMENTS,
        builds::STATEMENTS,
        components::STATEMENTS,
        components::usage::STATEMENTS,
        exploited::STATEMENTS,
        feeds::STATEMENTS,
        findings::STATEMENTS,
        findings::detail::STATEMENTS,
        findings::list::STATEMENTS,
        findings::trends::STATEMENTS,
        inventories::STATEMENTS,
        jobs::KIND_STATEMENTS,
        jobs::STATEMENTS,
        matches::STATEMENTS,
        matches::RECORD_STATEMENTS,
        matches::GROUP_STATEMENTS,
        packages::STATEMENTS,
        policies::STATEMENTS,
        portfolio::STATEMENTS,
        portfolio::FINDING_STATEMENTS,
        portfolio::ROW_STATEMENTS,
        portfolio::UPGRADE_STATEMENTS,
        projects::STATEMENTS,
        registry::STATEMENTS,
        sessions::STATEMENTS,
        tokens::STATEMENTS,
        trends::STATEMENTS,
        verdicts::STATEMENTS,
    ]
    .concat()
}
