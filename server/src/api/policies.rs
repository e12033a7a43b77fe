//! Policies and their revisions.

mod simulate;
mod unused;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use policy::{Notation, Policy, PolicyError};
use serde::{Deserialize, Serialize};
use store::policies::{self, StoredPolicy};
use store::tokens::Action;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::decisions::policies::{Save, save};
use crate::extract::{IfMatch, List, Paging, Path, Payload, Query, etag, not_modified};
use crate::problem::{Fault, Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, put))
        .routes(routes!(revisions))
        .routes(routes!(simulate::simulate))
        .routes(routes!(unused::unused))
}

/// One revision of a policy; revisions are never changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Policy)]
struct PolicyView {
    name: String,
    /// 0 is the built-in default.
    revision: i64,
    /// SHA-256 of the document with every default filled in, and with what it inherits, as it was when it was stored.
    sha256: String,
    /// The policy that it extends.
    #[serde(skip_serializing_if = "Option::is_none")]
    extends: Option<String>,
    /// Why it was changed, in the author's words.
    reason: String,
    author: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    /// Every rule with its value, defaults and what it inherits included; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    document: Option<Policy>,
    /// As its author wrote it, where that was kept; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// `json` or `toml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    notation: Option<String>,
}

impl PolicyView {
    fn summary(stored: StoredPolicy) -> Self {
        Self {
            name: stored.name,
            revision: stored.revision,
            sha256: stored.digest,
            reason: stored.reason,
            author: stored.author,
            created_at: Some(Timestamp::from_millis(stored.created_at)),
            extends: stored.extends,
            document: None,
            source: None,
            notation: None,
        }
    }

    fn whole(stored: StoredPolicy) -> Result<Self, Problem> {
        let document = Some(stored.policy()?);
        let (source, notation) = (stored.source.clone(), stored.notation.clone());
        Ok(Self {
            document,
            source,
            notation,
            ..Self::summary(stored)
        })
    }

    fn built_in() -> Self {
        let policy = Policy::default();
        Self {
            name: policies::DEFAULT.to_owned(),
            revision: 0,
            sha256: policy.digest(),
            reason: "What holds until a policy named `default` is stored.".to_owned(),
            author: "system".to_owned(),
            created_at: None,
            extends: None,
            document: Some(policy),
            source: None,
            notation: None,
        }
    }

    fn etag(&self) -> String {
        etag(&self.revision.to_string())
    }

    fn response(self, status: StatusCode) -> Response {
        (status, [(header::ETAG, self.etag())], Json(self)).into_response()
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    cursor: Option<String>,
    limit: Option<i64>,
}

/// The newest revision of each policy, by name
#[utoipa::path(
    get, path = "/v1/policies", tag = "policies", params(ListQuery),
    responses((status = 200, body = List<PolicyView>))
)]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<PolicyView>>, Problem> {
    caller.require_any()?;
    let paging = Paging::<String>::new(query.cursor.as_deref(), query.limit)?;
    let mut session = service.database.read().await?;
    let mut rows = policies::page(&mut session, paging.after.as_deref(), paging.rows()).await?;
    let next = paging.finish(&mut rows, |policy| policy.name.clone());
    let items = rows.into_iter().map(PolicyView::summary).collect();
    Ok(Json(List {
        items,
        next,
        total: None,
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GetQuery {
    /// An older revision.
    revision: Option<i64>,
}

/// One policy, with every default filled in
#[utoipa::path(
    get, path = "/v1/policies/{name}", tag = "policies",
    params(("name" = String, Path), GetQuery),
    responses(
        (status = 200, body = PolicyView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn get(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<GetQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.require_any()?;
    let mut session = service.database.read().await?;
    let stored = match query.revision {
        Some(revision) => policies::revision(&mut session, &name, revision).await?,
        None => policies::by_name(&mut session, &name).await?,
    };
    let view = match stored {
        Some(stored) => PolicyView::whole(stored)?,
        None if name == policies::DEFAULT && query.revision.unwrap_or(0) == 0 => PolicyView::built_in(),
        None => return Err(Problem::not_found("such policy")),
    };
    if not_modified(&headers, &view.etag()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, view.etag())]).into_response());
    }
    Ok(view.response(StatusCode::OK))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PutQuery {
    /// Why it is changed; kept with the revision.
    reason: String,
}

/// Store a policy, or its next revision
///
/// The body is the policy as JSON, or as TOML with `Content-Type: application/toml`. With `extends` it changes single keys of
/// another policy. A policy that is there already is changed only with its `ETag` in `If-Match`; one that others extend only
/// when they stay valid. Projects under the policy are judged again at once.
#[utoipa::path(
    put, path = "/v1/policies/{name}", tag = "policies",
    params(
        ("name" = String, Path),
        PutQuery,
        ("if-match" = Option<String>, Header, description = "The ETag of the revision that is changed"),
    ),
    request_body(content = Object, description = "docs/policies.md says what it may hold"),
    responses(
        (status = 200, body = PolicyView),
        (status = 201, body = PolicyView),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 428, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn put(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<PutQuery>,
    if_match: IfMatch,
    request: Request,
) -> Result<Response, Problem> {
    caller.require(Action::Admin)?;
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let (text, notation) = text(&payload)?;
    let mut session = service.database.read().await?;
    let seen = policies::by_name(&mut session, &name).await?;
    drop(session);
    if let Some(seen) = &seen {
        if_match.demand(&etag(&seen.revision.to_string()))?;
    }
    let asked = Save {
        name: &name,
        text,
        notation,
        reason: &query.reason,
        seen: seen.as_ref().map_or(0, |seen| seen.revision),
    };
    let stored = save(&service, &caller, &asked).await?;
    let status = if seen.is_some() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok(PolicyView::whole(stored)?.response(status))
}

/// The body as text, with how it is written.
pub(super) fn text(payload: &Payload) -> Result<(&str, Notation), Problem> {
    let text = str::from_utf8(&payload.bytes)
        .map_err(|_| Problem::bad_request("The body is not UTF-8; save the policy as UTF-8."))?;
    let notation = match payload.media_type().as_str() {
        "application/toml" | "text/toml" | "text/x-toml" => Notation::Toml,
        _ => Notation::Json,
    };
    Ok((text, notation))
}

/// What is wrong with a policy, and where.
pub(crate) fn invalid(error: &PolicyError) -> Problem {
    let mut problem = Problem::invalid(
        format!("The policy is not valid: {error}."),
        vec![Fault::at(&error.place, error.message.clone())],
    );
    problem.slug = "invalid-policy";
    problem
}

/// The revisions of a policy, newest first
#[utoipa::path(
    get, path = "/v1/policies/{name}/revisions", tag = "policies",
    params(("name" = String, Path), ListQuery),
    responses(
        (status = 200, body = List<PolicyView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn revisions(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<PolicyView>>, Problem> {
    caller.require_any()?;
    let paging = Paging::<i64>::new(query.cursor.as_deref(), query.limit)?;
    let mut session = service.database.read().await?;
    if policies::by_name(&mut session, &name).await?.is_none() {
        return Err(Problem::not_found("such policy"));
    }
    let mut rows = policies::revisions(&mut session, &name, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |policy| policy.revision);
    let items = rows.into_iter().map(PolicyView::summary).collect();
    Ok(Json(List {
        items,
        next,
        total: None,
    }))
}
