//! API tokens.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use serde::{Deserialize, Serialize};
use store::db::Session;
use store::projects;
use store::tokens::{self, Action, Token};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::decisions::tokens::{self as decide, Asked, DEFAULT_DAYS};
use crate::extract::{self, List, Paging, Path, Query};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
}

/// A token: everything but the token itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Token)]
struct TokenView {
    id: String,
    name: String,
    /// The first characters, by which people recognise it.
    prefix: String,
    /// The only project that it is good for; absent when it is good for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// Every action includes `read`; `admin` includes all.
    #[schema(value_type = Vec<String>)]
    actions: Vec<Action>,
    created_by: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl TokenView {
    fn new(token: Token, project: Option<String>) -> Self {
        Self {
            actions: token.action_list(),
            id: token.uuid,
            name: token.name,
            prefix: token.prefix,
            project,
            created_by: token.created_by,
            created_at: Timestamp::from_millis(token.created_at),
            expires_at: token.expires_at.map(Timestamp::from_millis),
            revoked_at: token.revoked_at.map(Timestamp::from_millis),
            last_used_at: token.last_used_at.map(Timestamp::from_millis),
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

/// All tokens, newest first, revoked and expired ones included
#[utoipa::path(
    get, path = "/v1/tokens", tag = "access", params(ListQuery),
    responses(
        (status = 200, body = List<TokenView>),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<TokenView>>, Problem> {
    caller.require(Action::Admin)?;
    let paging = Paging::<i64>::new(query.cursor.as_deref(), query.limit)?;
    let mut session = service.database.read().await?;
    let mut rows = tokens::list(&mut session, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |token| token.id);
    let items = with_projects(&mut session, rows).await?;
    Ok(Json(List {
        items,
        next,
        total: None,
    }))
}

async fn with_projects(session: &mut Session, tokens: Vec<Token>) -> Result<Vec<TokenView>, Problem> {
    let ids: Vec<i64> = tokens.iter().filter_map(|token| token.project_id).collect();
    let names = projects::names(session, &ids).await?;
    Ok(tokens
        .into_iter()
        .map(|token| {
            let project = token.project_id.and_then(|id| names.get(&id).cloned());
            TokenView::new(token, project)
        })
        .collect())
}

/// What a new token may do.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    /// By which people and the audit log know it.
    name: String,
    /// The only project that it is good for; all of them when absent.
    project: Option<String>,
    /// Of `read`, `upload`, `triage` and `admin`.
    #[schema(value_type = Vec<String>)]
    actions: Vec<Action>,
    /// 1 to 3650; 90 when absent.
    expires_in_days: Option<u32>,
}

/// A token that was just made.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct FreshToken {
    /// Shown here and never again.
    token: String,
    #[serde(flatten)]
    about: TokenView,
}

impl From<TokenBody> for Asked {
    fn from(body: TokenBody) -> Self {
        Self {
            name: body.name,
            project: body.project,
            actions: body.actions,
            days: body.expires_in_days.unwrap_or(DEFAULT_DAYS),
        }
    }
}

/// Make a token
#[utoipa::path(
    post, path = "/v1/tokens", tag = "access", request_body = TokenBody,
    responses(
        (status = 201, body = FreshToken),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(service): State<Service>,
    caller: Caller,
    extract::Json(body): extract::Json<TokenBody>,
) -> Result<Response, Problem> {
    let made = decide::create(&service, &caller, &body.into()).await?;
    let fresh = FreshToken {
        token: made.text,
        about: TokenView::new(made.token, made.project),
    };
    let unkept = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, unkept, Json(fresh)).into_response())
}

/// End a token
#[utoipa::path(
    delete, path = "/v1/tokens/{id}", tag = "access", params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn revoke(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    // Whoever shows a token may end that one, too.
    let own = caller.token.as_ref().map(|own| own.id);
    decide::revoke(&service, &caller, &id, own).await?;
    Ok(StatusCode::NO_CONTENT)
}
