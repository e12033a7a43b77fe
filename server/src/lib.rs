#![doc = include_str!("../README.md")]

mod api;
mod auth;
mod csv;
mod documents;
mod extract;
mod layers;
mod metrics;
mod names;
mod pages;
mod place;
mod problem;
mod queries;
mod router;
mod state;
mod uploads;
mod verdicts;
mod waiting;

pub use metrics::describe as describe_metrics;
pub use router::{openapi, router};
pub use state::{Limits, Parts, Service, Settings};
