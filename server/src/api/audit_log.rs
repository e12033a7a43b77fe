//! Who changed what, when.

use axum::Json;
use axum::extract::State;
use clock::Timestamp;
use serde::{Deserialize, Serialize};
use store::audit_log::{self, StoredEntry};
use store::tokens::Action;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{List, Paging, Query};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(list))
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

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
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
    Query(query): Query<ListQuery>,
) -> Result<Json<List<AuditEntry>>, Problem> {
    caller.require(Action::Admin)?;
    let paging = Paging::<i64>::new(query.cursor.as_deref(), query.limit)?;
    let mut session = service.database.read().await?;
    let mut rows = audit_log::page(&mut session, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |entry| entry.id);
    Ok(Json(List {
        items: rows.into_iter().map(AuditEntry::from).collect(),
        next,
        total: None,
    }))
}
