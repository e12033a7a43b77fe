//! Advisories: whom they touch.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::findings::{FindingItem, findings_file};
use crate::auth::Caller;
use crate::extract::{Fields, Path, Total};
use crate::problem::{Problem, ProblemDocument};
use crate::queries::advisories::{Affected, AffectedRequest, Known};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(affected))
        .routes(routes!(affected_csv))
}

/// Whom an advisory touches.
#[derive(Debug, Serialize, ToSchema)]
struct AffectedList {
    /// The id to show for the alias group.
    canonical: String,
    /// All ids under which it is known.
    ids: Vec<String>,
    items: Vec<FindingItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    total: Total,
    /// Projects of which at least a part was checked, of `projects`: what an empty list rests on.
    checked_projects: i64,
    projects: i64,
}

async fn load(
    service: &Service,
    caller: &Caller,
    id: &str,
    fields: Fields,
) -> Result<(Known, Affected), Problem> {
    let mut session = service.database.read().await?;
    let request = AffectedRequest::read(fields, true)?;
    let known = Known::load(&mut session, id).await?;
    let affected = request.load(&mut session, caller, &known).await?;
    Ok((known, affected))
}

/// Findings of an advisory in tracked refs, open ones first: which projects it touches, now and ever
#[utoipa::path(
    get, path = "/v1/advisories/{id}/affected", tag = "advisories",
    params(
        ("id" = String, Path, description = "Any id of the alias group"),
        ("state" = Option<String>, Query, description = "any (default) or open"),
        ("cursor" = Option<String>, Query),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, body = AffectedList),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn affected(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Json<AffectedList>, Problem> {
    let (known, affected) = load(&service, &caller, &id, fields).await?;
    let canonical = known.canonical(&affected)?;
    let items = affected.rows.into_iter().map(FindingItem::of);
    Ok(Json(AffectedList {
        canonical,
        ids: known.ids.into_iter().collect(),
        items: items.collect::<Result<_, _>>()?,
        next: affected.next,
        total: affected.total,
        checked_projects: affected.checked_projects,
        projects: affected.all_projects,
    }))
}

/// The same findings as comma-separated values; the Link header leads to the next page
#[utoipa::path(
    get, path = "/v1/advisories/{id}/affected.csv", tag = "advisories",
    params(("id" = String, Path, description = "Any id of the alias group")),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn affected_csv(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    let echo = fields.clone();
    let (_, affected) = load(&service, &caller, &id, fields).await?;
    let items: Vec<FindingItem> = affected
        .rows
        .into_iter()
        .map(FindingItem::of)
        .collect::<Result<_, _>>()?;
    let next = affected.next.map(|next| echo.with_cursor(Some(&next)));
    Ok(findings_file("affected", &items, next.as_deref()))
}
