//! Who changed what, when.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use clock::Timestamp;
use serde::Serialize;
use store::audit_log::StoredEntry;
use store::tokens::Action;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::csv;
use crate::extract::{Fields, List};
use crate::problem::{Problem, ProblemDocument};
use crate::queries::audit_log::AuditQuery;
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(list_csv))
}

/// One change. Each entry's hash covers the one before, so that none can be altered or taken out unseen.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AuditEntry {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `token:NAME`, `user:NAME` or `system`.
    actor: String,
    /// `project.put`, `build.upload`, `policy.put`, …
    action: String,
    /// What it was done to: a name or an id.
    object: String,
    detail: String,
    /// SHA-256 over this entry and the hash of the one before, hexadecimal.
    hash: String,
}

impl From<StoredEntry> for AuditEntry {
    fn from(entry: StoredEntry) -> Self {
        Self {
            at: Timestamp::from_millis(entry.at),
            actor: entry.actor,
            action: entry.action,
            object: entry.object,
            detail: entry.detail,
            hash: entry.hash,
        }
    }
}

/// What the list takes, for the document; the fields are read by hand, because a form leaves some of them empty.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes the query")]
struct ListQuery {
    /// `user:NAME`, `token:NAME` or `system`, whole.
    actor: Option<String>,
    action: Option<String>,
    /// A whole name or id.
    object: Option<String>,
    /// The first day, `YYYY-MM-DD`, UTC.
    from: Option<String>,
    /// The last day.
    until: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Every change, newest first
#[utoipa::path(
    get, path = "/v1/audit-log", tag = "access", params(ListQuery),
    responses(
        (status = 200, body = List<AuditEntry>),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Json<List<AuditEntry>>, Problem> {
    caller.require(Action::Admin)?;
    let query = AuditQuery::read(&mut fields)?;
    fields.finish()?;
    let mut session = service.database.read().await?;
    let (rows, next) = query.page(&mut session).await?;
    Ok(Json(List {
        items: rows.into_iter().map(AuditEntry::from).collect(),
        next,
        total: None,
    }))
}

/// The same as comma-separated values; a `Link` header leads on
#[utoipa::path(
    get, path = "/v1/audit-log.csv", tag = "access", params(ListQuery),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn list_csv(
    State(service): State<Service>,
    caller: Caller,
    mut fields: Fields,
) -> Result<Response, Problem> {
    caller.require(Action::Admin)?;
    let echo = fields.clone();
    let query = AuditQuery::read(&mut fields)?;
    fields.finish()?;
    let mut session = service.database.read().await?;
    let (rows, next) = query.page(&mut session).await?;
    let next = next.map(|next| echo.with_cursor(Some(&next)));
    let head = ["at", "actor", "action", "object", "detail", "previous", "hash"];
    let rows = rows.into_iter().map(|entry| {
        let at = Timestamp::from_millis(entry.at).to_string();
        [
            at,
            entry.actor,
            entry.action,
            entry.object,
            entry.detail,
            entry.previous,
            entry.hash,
        ]
    });
    Ok(csv::file("audit-log", head, rows, next.as_deref()))
}
