//! For orchestrators and monitoring: alive, ready, numbers.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use store::{jobs, projects};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::metrics::JOBS;
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(prometheus))
}

/// Whether the process answers
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = String)))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the process can do its work: the database answers
#[utoipa::path(
    get, path = "/readyz", tag = "operations",
    responses(
        (status = 200, body = String),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn readyz(State(service): State<Service>) -> Result<&'static str, Problem> {
    let asked = async {
        let mut session = service.database.read().await?;
        projects::total(&mut session).await
    };
    match asked.await {
        Ok(_) => Ok("ready\n"),
        Err(error) => {
            tracing::warn!(error = %crate::problem::chain(&error), "not ready: the database does not answer");
            Err(Problem::busy("The database does not answer."))
        }
    }
}

/// Numbers for Prometheus
#[utoipa::path(
    get, path = "/metrics", tag = "operations",
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn prometheus(State(service): State<Service>) -> Result<Response, Problem> {
    let Some(handle) = &service.settings.metrics else {
        return Err(Problem::not_found("such path"));
    };
    let mut session = service.database.read().await?;
    let counts = jobs::counts(&mut session).await?;
    for state in ["queued", "running", "dead"] {
        let count = counts
            .iter()
            .find_map(|(found, count)| (found == state).then_some(*count));
        let count = u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX);
        metrics::gauge!(JOBS, "state" => state).set(count);
    }
    let media_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((media_type, handle.render()).into_response())
}
