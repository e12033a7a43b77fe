//! Licenses that reviewers concluded, bound to versions of a package.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use clock::Timestamp;
use serde::{Deserialize, Serialize};
use store::conclusions::{self, StoredConclusion};
use store::db::Session;
use store::projects;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Access, Caller};
use crate::decisions::licenses::{self as decide, Concluded};
use crate::extract::{List, Paging, Path, Payload, Query, project};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list, conclude))
        .routes(routes!(forget))
}

/// What a reviewer concluded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LicenseConclusion)]
struct ConclusionView {
    id: String,
    /// Absent when it counts for all projects.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// A package URL with the versions that were looked at.
    purl: String,
    /// An SPDX expression.
    license: String,
    reason: String,
    author: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Those that count for this project.
    project: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Concluded licenses, newest first
#[utoipa::path(
    get, path = "/v1/licenses/conclusions", tag = "licenses", params(ListQuery),
    responses(
        (status = 200, body = List<ConclusionView>),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<ConclusionView>>, Problem> {
    caller.require_any()?;
    let mut session = service.database.read().await?;
    let within = match &query.project {
        Some(name) => Some(project(&mut session, &caller, name).await?.id),
        None => caller.project,
    };
    let paging = Paging::<i64>::new(query.cursor.as_deref(), query.limit)?;
    let mut rows = conclusions::page(&mut session, within, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |row| row.id);
    Ok(Json(List {
        items: views(&mut session, rows).await?,
        next,
        total: None,
    }))
}

async fn views(session: &mut Session, rows: Vec<StoredConclusion>) -> Result<Vec<ConclusionView>, Problem> {
    let ids: Vec<i64> = rows.iter().filter_map(|row| row.project_id).collect();
    let names = projects::names(session, &ids).await?;
    let views = rows.into_iter().map(|row| ConclusionView {
        project: row.project_id.and_then(|id| names.get(&id).cloned()),
        id: row.uuid,
        purl: row.purl,
        license: row.license,
        reason: row.reason,
        author: row.author,
        created_at: Timestamp::from_millis(row.created_at),
    });
    Ok(views.collect())
}

/// A conclusion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConclusionBody {
    /// A package URL, with one version or a range (`pkg:npm/foo@<2.0.0`).
    purl: String,
    /// An SPDX expression of known licenses, or a `LicenseRef-` of your own.
    license: String,
    /// Why, for people.
    reason: String,
    /// For this project only; for all when absent.
    #[serde(default)]
    project: Option<String>,
}

/// Conclude the license of a package
///
/// It outweighs what documents say of the versions that it names, in one project or in all, and what it changes is judged
/// again at once.
#[utoipa::path(
    post, path = "/v1/licenses/conclusions", tag = "licenses",
    request_body = ConclusionBody,
    responses(
        (status = 201, body = ConclusionView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn conclude(
    State(service): State<Service>,
    caller: Caller,
    request: Request,
) -> Result<(StatusCode, Json<ConclusionView>), Problem> {
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let body: ConclusionBody = payload.json()?;
    let stored = conclude_for(&service, &caller, &body).await?;
    let mut session = service.database.read().await?;
    let view = views(&mut session, vec![stored]).await?.pop();
    let view = view.ok_or_else(Problem::internal)?;
    Ok((StatusCode::CREATED, Json(view)))
}

async fn conclude_for(
    service: &Service,
    access: &Access,
    body: &ConclusionBody,
) -> Result<StoredConclusion, Problem> {
    let concluded = Concluded {
        purl: &body.purl,
        license: &body.license,
        reason: &body.reason,
        project: body.project.as_deref(),
    };
    decide::conclude(service, access, &concluded).await
}

/// Take a conclusion back
#[utoipa::path(
    delete, path = "/v1/licenses/conclusions/{id}", tag = "licenses",
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
    decide::take_back(&service, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
