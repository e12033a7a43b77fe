#![doc = include_str!("../README.md")]

pub mod advisories;
pub mod audit_log;
pub mod badges;
pub mod baselines;
pub mod builds;
pub mod bundle;
pub mod components;
pub mod conclusions;
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
pub mod news;
pub mod packages;
mod packed;
pub mod policies;
pub mod portfolio;
pub mod projects;
pub mod quality;
pub mod registry;
pub mod scores;
mod secret;
pub mod sessions;
pub mod sources;
pub mod statements;
pub mod tokens;
pub mod trends;
pub mod verdicts;
pub mod waivers;
pub mod wake;
pub mod watches;
pub mod ways;
pub mod webhooks;

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
        advisories::WRITTEN_STATEMENTS,
        advisories::KNOWN_STATEMENTS,
        advisories::ROW_STATEMENTS,
        audit_log::STATEMENTS,
        badges::STATEMENTS,
        builds::STATEMENTS,
        bundle::STATEMENTS,
        components::STATEMENTS,
        components::usage::STATEMENTS,
        conclusions::STATEMENTS,
        exploited::STATEMENTS,
        feeds::STATEMENTS,
        findings::STATEMENTS,
        findings::detail::STATEMENTS,
        findings::list::STATEMENTS,
        findings::notes::STATEMENTS,
        findings::trends::STATEMENTS,
        inventories::STATEMENTS,
        jobs::KIND_STATEMENTS,
        jobs::STATEMENTS,
        matches::STATEMENTS,
        matches::RECORD_STATEMENTS,
        matches::GROUP_STATEMENTS,
        news::STATEMENTS,
        packages::STATEMENTS,
        policies::STATEMENTS,
        policies::TEAM_STATEMENTS,
        portfolio::STATEMENTS,
        portfolio::ANSWER_STATEMENTS,
        portfolio::FINDING_STATEMENTS,
        portfolio::ROW_STATEMENTS,
        portfolio::UPGRADE_STATEMENTS,
        projects::STATEMENTS,
        scores::STATEMENTS,
        quality::STATEMENTS,
        registry::STATEMENTS,
        sessions::STATEMENTS,
        sources::STATEMENTS,
        statements::STATEMENTS,
        tokens::STATEMENTS,
        trends::STATEMENTS,
        verdicts::STATEMENTS,
        waivers::STATEMENTS,
        waivers::USE_STATEMENTS,
        ways::STATEMENTS,
        watches::STATEMENTS,
        webhooks::STATEMENTS,
        webhooks::DELIVERY_STATEMENTS,
    ]
    .concat()
}
