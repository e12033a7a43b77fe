//! Single advisory records, as their databases published them (OSV API).

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::Path;
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(one))
}

/// An advisory record in the OSV schema, by its id or an alias
#[utoipa::path(
    get, path = "/v1/vulns/{id}", tag = "advisories",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Object, description = "The record as the feed carries it"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn one(State(service): State<Service>, _: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let stored = store::advisories::by_identifier(&mut session, &id)
        .await?
        .ok_or_else(|| Problem::not_found("such advisory in the loaded feeds"))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], stored.record).into_response())
}
