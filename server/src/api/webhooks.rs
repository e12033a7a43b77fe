//! Webhooks: where news is sent, and what became of each message.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use serde::{Deserialize, Serialize};
use store::db::Session;
use store::news::Kind;
use store::projects;
use store::tokens::Action;
use store::webhooks::{self, Delivery, Webhook};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::decisions::webhooks::{self as decide, Asked};
use crate::extract::{self, IfMatch, List, Paging, Path, Query};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change, delete))
        .routes(routes!(deliveries))
        .routes(routes!(replay))
        .routes(routes!(test))
        .routes(routes!(renew_secret))
}

/// A webhook: everything but its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
struct WebhookView {
    id: String,
    name: String,
    url: String,
    /// `signed`, `slack` (Mattermost takes it, too), `teams` or `mail`.
    shape: String,
    #[schema(value_type = Vec<String>)]
    events: Vec<Kind>,
    /// The only project that it is told of; absent when it is told of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    /// Whether its host may be a private address.
    private: bool,
    enabled: bool,
    /// What `If-Match` takes, in quotation marks.
    revision: i64,
    created_by: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl WebhookView {
    fn new(hook: Webhook, project: Option<String>) -> Self {
        Self {
            events: hook.kinds(),
            id: hook.uuid,
            name: hook.name,
            url: hook.url,
            shape: hook.shape,
            project,
            private: hook.private,
            enabled: hook.enabled,
            revision: hook.revision,
            created_by: hook.created_by,
            created_at: Timestamp::from_millis(hook.created_at),
            updated_at: Timestamp::from_millis(hook.updated_at),
        }
    }
}

async fn views(session: &mut Session, hooks: Vec<Webhook>) -> Result<Vec<WebhookView>, Problem> {
    let ids: Vec<i64> = hooks.iter().filter_map(|hook| hook.project_id).collect();
    let names = projects::names(session, &ids).await?;
    let view = |hook: Webhook| {
        let project = hook.project_id.and_then(|id| names.get(&id).cloned());
        WebhookView::new(hook, project)
    };
    Ok(hooks.into_iter().map(view).collect())
}

async fn view(service: &Service, hook: Webhook) -> Result<WebhookView, Problem> {
    let mut session = service.database.read().await?;
    let mut views = views(&mut session, vec![hook]).await?;
    views.pop().ok_or_else(Problem::internal)
}

/// All webhooks, by name
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "notifications",
    responses(
        (status = 200, body = List<WebhookView>),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn list(State(service): State<Service>, caller: Caller) -> Result<Json<List<WebhookView>>, Problem> {
    caller.require(Action::Admin)?;
    let mut session = service.database.read().await?;
    let hooks = webhooks::all(&mut session).await?;
    Ok(Json(List {
        items: views(&mut session, hooks).await?,
        next: None,
        total: None,
    }))
}

/// A webhook as it is to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookBody {
    name: String,
    /// For `mail`, the addresses of people, with commas between them.
    url: String,
    /// `signed` when absent.
    #[serde(default = "signed")]
    shape: String,
    /// Of `gate.failed`, `finding.known_exploited`, `component.watched`, `waiver.ending` and `feed.late`.
    events: Vec<String>,
    #[serde(default)]
    project: Option<String>,
    /// Lets its host be a private address. Redirects are never followed.
    #[serde(default)]
    private: bool,
    #[serde(default = "yes")]
    enabled: bool,
}

fn signed() -> String {
    "signed".to_owned()
}

const fn yes() -> bool {
    true
}

impl From<WebhookBody> for Asked {
    fn from(body: WebhookBody) -> Self {
        Self {
            name: body.name,
            url: body.url,
            shape: body.shape,
            events: body.events,
            project: body.project,
            private: body.private,
            enabled: body.enabled,
        }
    }
}

/// A webhook that was just made, or given another secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct FreshWebhook {
    /// What its messages are signed with: shown here and never again.
    secret: String,
    #[serde(flatten)]
    about: WebhookView,
}

/// Make a webhook
///
/// Each message is a POST of JSON with the headers `Plumbline-Delivery` (an id that stays the same when it is sent again)
/// and `Plumbline-Signature: t=SECONDS,v1=HEX`, where `HEX` is the HMAC-SHA-256 of `SECONDS.BODY` with the secret. Any
/// answer from 200 to 299 takes it; any other is tried again for about a day and a half.
#[utoipa::path(
    post, path = "/v1/webhooks", tag = "notifications", request_body = WebhookBody,
    responses(
        (status = 201, body = FreshWebhook),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(service): State<Service>,
    caller: Caller,
    extract::Json(body): extract::Json<WebhookBody>,
) -> Result<Response, Problem> {
    let made = decide::create(&service, &caller, &body.into()).await?;
    let secret = made.secret.clone();
    fresh(&service, made, secret, StatusCode::CREATED).await
}

async fn fresh(
    service: &Service,
    hook: Webhook,
    secret: String,
    status: StatusCode,
) -> Result<Response, Problem> {
    let about = view(service, hook).await?;
    let unkept = [(header::CACHE_CONTROL, "no-store")];
    Ok((status, unkept, Json(FreshWebhook { secret, about })).into_response())
}

/// One webhook
#[utoipa::path(
    get, path = "/v1/webhooks/{id}", tag = "notifications", params(("id" = String, Path)),
    responses(
        (status = 200, body = WebhookView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let found = decide::find(&mut session, &caller, &id).await?;
    drop(session);
    tagged(&service, found).await
}

async fn tagged(service: &Service, hook: Webhook) -> Result<Response, Problem> {
    let tag = [(header::ETAG, extract::etag(&hook.revision.to_string()))];
    Ok((tag, Json(view(service, hook).await?)).into_response())
}

/// What changes about a webhook; what is absent stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WebhookPatch {
    name: Option<String>,
    url: Option<String>,
    shape: Option<String>,
    events: Option<Vec<String>>,
    private: Option<bool>,
    enabled: Option<bool>,
}

impl WebhookPatch {
    fn over(self, hook: &Webhook, project: Option<String>) -> Asked {
        let kinds = hook.kinds().into_iter().map(|kind| kind.word().to_owned());
        Asked {
            name: self.name.unwrap_or_else(|| hook.name.clone()),
            url: self.url.unwrap_or_else(|| hook.url.clone()),
            shape: self.shape.unwrap_or_else(|| hook.shape.clone()),
            events: self.events.unwrap_or_else(|| kinds.collect()),
            project,
            private: self.private.unwrap_or(hook.private),
            enabled: self.enabled.unwrap_or(hook.enabled),
        }
    }
}

/// Change a webhook
#[utoipa::path(
    patch, path = "/v1/webhooks/{id}", tag = "notifications",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header, description = "The revision that is changed")),
    request_body = WebhookPatch,
    responses(
        (status = 200, body = WebhookView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    condition: IfMatch,
    extract::Json(patch): extract::Json<WebhookPatch>,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let found = decide::find(&mut session, &caller, &id).await?;
    condition.check(&extract::etag(&found.revision.to_string()))?;
    let ids: Vec<i64> = found.project_id.into_iter().collect();
    let project = projects::names(&mut session, &ids).await?.into_values().next();
    drop(session);
    let asked = patch.over(&found, project);
    let changed = decide::change(&service, &caller, &id, found.revision, &asked).await?;
    tagged(&service, changed).await
}

/// End a webhook; what waits for it is not sent any more
#[utoipa::path(
    delete, path = "/v1/webhooks/{id}", tag = "notifications", params(("id" = String, Path)),
    responses(
        (status = 204),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn delete(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    decide::delete(&service, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A message to a webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
struct DeliveryView {
    id: String,
    /// One sentence.
    summary: String,
    /// `waiting`, `delivered` or `dead`: given up.
    state: String,
    attempts: i64,
    /// What the last attempt was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<i64>,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ms: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it is tried again, while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<Timestamp>,
    /// The message, as it is sent at every attempt.
    body: String,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        let due = Timestamp::from_millis(delivery.due_at);
        Self {
            next_attempt_at: delivery.is_waiting().then_some(due),
            id: delivery.uuid,
            summary: delivery.summary,
            state: delivery.state,
            attempts: delivery.attempts,
            status: delivery.status,
            error: delivery.error,
            took_ms: delivery.took_ms,
            created_at: Timestamp::from_millis(delivery.created_at),
            settled_at: delivery.settled_at.map(Timestamp::from_millis),
            body: delivery.body,
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

/// The messages to a webhook, newest first
#[utoipa::path(
    get, path = "/v1/webhooks/{id}/deliveries", tag = "notifications", params(("id" = String, Path), ListQuery),
    responses(
        (status = 200, body = List<DeliveryView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn deliveries(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<DeliveryView>>, Problem> {
    let paging = Paging::<i64>::new(query.cursor.as_deref(), query.limit)?;
    let mut session = service.database.read().await?;
    let found = decide::find(&mut session, &caller, &id).await?;
    let mut rows = webhooks::deliveries(&mut session, found.id, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |row| row.id);
    Ok(Json(List {
        items: rows.into_iter().map(DeliveryView::from).collect(),
        next,
        total: None,
    }))
}

/// Send a message again
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/deliveries/{delivery}/replay", tag = "notifications",
    params(("id" = String, Path), ("delivery" = String, Path)),
    responses(
        (status = 202),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn replay(
    State(service): State<Service>,
    caller: Caller,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    decide::replay(&service, &caller, &id, &delivery).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Send a message that says nothing but that it came
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/test", tag = "notifications", params(("id" = String, Path)),
    responses(
        (status = 202),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn test(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    decide::test(&service, &caller, &id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Give a webhook another secret; the former one is used no more
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/secret", tag = "notifications", params(("id" = String, Path)),
    responses(
        (status = 200, body = FreshWebhook),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn renew_secret(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (hook, secret) = decide::renew_secret(&service, &caller, &id).await?;
    fresh(&service, hook, secret, StatusCode::OK).await
}
