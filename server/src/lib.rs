#![doc = include_str!("../README.md")]
#![expect(
    unused_qualifications,
    reason = "utoipa repeats the types of queries with their whole path, at the place of the handler's argument"
)]

mod api;
mod auth;
mod csv;
mod decisions;
mod documents;
mod exports;
mod extract;
mod judging;
mod knowledge;
mod layers;
mod local;
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

pub use local::{LocalUpload, knowledge, upload};
pub use metrics::record as record_metrics;
pub use metrics_exporter_prometheus::PrometheusHandle as Metrics;
pub use router::{openapi, router};
pub use state::{Limits, Parts, Service, Settings};
