//! What operators watch: written here, shown by `/metrics`.

use std::time::Duration;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

pub(crate) const REQUEST_SECONDS: &str = "plumbline_http_request_seconds";
pub(crate) const UPLOADS: &str = "plumbline_uploads_total";
pub(crate) const JOBS: &str = "plumbline_jobs";

/// Begins to count, once in a process; `None` when somebody else counts already.
#[must_use]
pub fn record() -> Option<PrometheusHandle> {
    let handle = PrometheusBuilder::new().install_recorder().ok()?;
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
pub(crate) fn request(method: &str, route: &str, status: u16, took: Duration) {
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::histogram!(REQUEST_SECONDS, &labels).record(took.as_secs_f64());
}

/// Counts an upload by what became of it: `created`, `repeated` or the slug of a problem.
pub(crate) fn upload(outcome: &'static str) {
    metrics::counter!(UPLOADS, "outcome" => outcome).increment(1);
}
