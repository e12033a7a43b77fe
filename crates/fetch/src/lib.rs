#![doc = include_str!("../README.md")]

mod address;
mod call;
mod client;
mod conditional;
mod download;
mod error;
pub mod feeds;
pub mod git;
mod guard;
pub mod mail;
pub mod registries;
mod retry;

pub use call::{Answer, Call, Method};
pub use client::{Bearer, Client, Settings};
pub use conditional::{Fetched, Validator};
pub use error::{Error, Refusal};
pub use guard::Origin;
pub use retry::Retry;
pub use url::Url;

/// What every function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;
