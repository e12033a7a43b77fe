#![doc = include_str!("../README.md")]

mod api;
mod auth;
mod csv;
mod extract;
mod layers;
mod metrics;
mod pages;
mod place;
mod problem;
mod queries;
mod router;
mod state;

pub use metrics::describe as describe_metrics;
pub use router::{openapi, router};
pub use state::{Limits, Parts, Service, Settings};
