#![doc = include_str!("../README.md")]

pub mod audit_log;
pub mod builds;
pub mod db;
pub mod documents;
mod error;
pub mod inventories;
pub mod jobs;
pub mod packages;
mod packed;
pub mod policies;
pub mod projects;
mod secret;
pub mod sessions;
pub mod tokens;
pub mod wake;

pub use error::Error;

/// Every statement of the store, so that a test can prepare each on both engines.
#[must_use]
pub fn statements() -> Vec<&'static db::Sql> {
    [
        audit_log::STATEMENTS,
        builds::STATEMENTS,
        inventories::STATEMENTS,
        jobs::STATEMENTS,
        packages::STATEMENTS,
        policies::STATEMENTS,
        projects::STATEMENTS,
        sessions::STATEMENTS,
        tokens::STATEMENTS,
    ]
    .concat()
}
