#![doc = include_str!("../README.md")]

mod api;
mod auth;
mod extract;
mod layers;
mod metrics;
mod pages;
mod problem;
mod router;
mod state;

pub use metrics::describe as describe_metrics;
pub use router::{openapi, router};
pub use state::{Limits, Parts, Service, Settings};
