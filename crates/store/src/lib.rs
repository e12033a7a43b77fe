#![doc = include_str!("../README.md")]

pub mod builds;
pub mod db;
pub mod documents;
mod error;
pub mod inventories;
pub mod jobs;
pub mod packages;
mod packed;
pub mod projects;
pub mod wake;

pub use error::Error;
