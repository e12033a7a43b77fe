//! What API and pages both ask: one reading of the query, one load, two ways to show it.

pub(crate) mod advisories;
pub(crate) mod audit_log;
pub(crate) mod builds;
pub(crate) mod comparison;
pub(crate) mod components;
pub(crate) mod feeds;
pub(crate) mod findings;
pub(crate) mod licenses;
pub(crate) mod quality;
