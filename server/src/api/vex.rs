//! VEX documents that are given to a project.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use clock::Timestamp;
use serde::{Deserialize, Serialize};
use store::statements::{self, VexDocument};
use store::tokens::Action;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::decisions::vex::{self as decide, VexReport, import};
use crate::extract::{List, Paging, Path, Payload, Query, project};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list, give))
        .routes(routes!(forget))
}

/// A document that was given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VexDocument)]
struct VexView {
    id: String,
    format: String,
    /// The document's own id.
    identifier: String,
    author: String,
    /// SHA-256 of its bytes.
    sha256: String,
    statements: i64,
    given_by: String,
    #[schema(value_type = String, format = DateTime)]
    given_at: Timestamp,
}

impl From<VexDocument> for VexView {
    fn from(document: VexDocument) -> Self {
        Self {
            id: document.uuid,
            format: document.format,
            identifier: document.identifier,
            author: document.author,
            sha256: document.digest,
            statements: document.statements,
            given_by: document.actor,
            given_at: Timestamp::from_millis(document.created_at),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    cursor: Option<String>,
    limit: Option<i64>,
}

/// The VEX documents of a project, newest first
#[utoipa::path(
    get, path = "/v1/projects/{project}/vex", tag = "findings",
    params(("project" = String, Path, description = "`team/name`, percent-encoded, or the id"), ListQuery),
    responses(
        (status = 200, body = List<VexView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<VexView>>, Problem> {
    let mut session = service.database.read().await?;
    let found = project(&mut session, &caller, &name).await?;
    let paging = Paging::<i64>::new(query.cursor.as_deref(), query.limit)?;
    let mut rows = statements::documents(&mut session, found.id, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |row| row.id);
    Ok(Json(List {
        items: rows.into_iter().map(VexView::from).collect(),
        next,
        total: None,
    }))
}

/// Give a VEX document to a project
///
/// OpenVEX 0.2.0, CSAF 2.0 VEX, or CycloneDX JSON with analyses, told apart by content. The answer says which statements
/// speak of findings and which do not, and why; all that are readable are kept and apply to later builds by themselves.
/// A document with the id of one that the same author gave before replaces it.
#[utoipa::path(
    post, path = "/v1/projects/{project}/vex", tag = "findings",
    params(("project" = String, Path, description = "`team/name`, percent-encoded, or the id")),
    request_body(content = Object, description = "The document"),
    responses(
        (status = 200, body = VexReport),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn give(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    request: Request,
) -> Result<Json<VexReport>, Problem> {
    let mut session = service.database.read().await?;
    let found = project(&mut session, &caller, &name).await?;
    caller.require_on(Action::Triage, &found)?;
    drop(session);
    let payload = Payload::read(request, service.settings.limits.document).await?;
    Ok(Json(
        import(&service, &caller, &found, payload.bytes.to_vec()).await?,
    ))
}

/// Take a VEX document back; its statements no longer count
#[utoipa::path(
    delete, path = "/v1/vex/{id}", tag = "findings",
    params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn forget(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    decide::forget(&service, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
