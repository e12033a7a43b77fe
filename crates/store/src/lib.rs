#![doc = include_str!("../README.md")]

pub mod builds;
pub mod components;
pub mod db;
pub mod documents;
mod error;
pub mod findings;
pub mod inventories;
pub mod jobs;
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
        builds::STATEMENTS,
        components::STATEMENTS,
        components::usage::STATEMENTS,
        findings::STATEMENTS,
        findings::detail::STATEMENTS,
        findings::list::STATEMENTS,
        inventories::STATEMENTS,
        jobs::KIND_STATEMENTS,
        jobs::STATEMENTS,
        packages::STATEMENTS,
        projects::STATEMENTS,
        verdicts::STATEMENTS,
    ]
    .concat()
}
