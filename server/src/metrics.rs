//! What operators watch: written here, shown by `/metrics`.

use std::time::Duration;

use axum::http::Method;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

pub(crate) const REQUEST_SECONDS: &str = "plumbline_http_request_seconds";
pub(crate) const UPLOADS: &str = "plumbline_uploads_total";
pub(crate) const JOBS: &str = "plumbline_jobs";

/// Seconds by which answers are counted: from a page out of memory to a gate that waited its minute.
const BUCKETS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0,
];

/// Begins to count, once in a process; `None` when somebody else counts already.
#[must_use]
pub fn record() -> Option<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?;
    let handle = builder.install_recorder().ok()?;
    describe();
    Some(handle)
}

/// Tells the recorder what each number means.
fn describe() {
    describe_histogram!(
        REQUEST_SECONDS,
        Unit::Seconds,
        "Time to answer, by method, route and status"
    );
    describe_counter!(UPLOADS, "Uploads by what became of them");
    describe_gauge!(JOBS, "Jobs that are not done, by state");
}

/// Writes one answered request down.
pub(crate) fn request(method: &Method, route: &str, status: u16, took: Duration) {
    let labels = [
        ("method", method_word(method).to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::histogram!(REQUEST_SECONDS, &labels).record(took.as_secs_f64());
}

/// Callers may invent methods; those are one, so that nobody can make up series without end.
fn method_word(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if known.contains(method) {
        method.as_str()
    } else {
        "other"
    }
}

/// Counts an upload by what became of it: `created`, `repeated` or the slug of a problem.
pub(crate) fn upload(outcome: &'static str) {
    metrics::counter!(UPLOADS, "outcome" => outcome).increment(1);
}
