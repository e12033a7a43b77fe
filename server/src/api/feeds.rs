//! The advisory feeds.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use clock::Timestamp;
use serde::Serialize;
use store::feeds::Feed;
use store::tokens::Action;
use store::wake::Event;
use store::{audit_log, feeds, jobs};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Access, Caller, may};
use crate::extract::{List, Path};
use crate::problem::{Problem, ProblemDocument};
use crate::queries::feeds::Health;
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(sync))
}

/// One feed.
#[derive(Debug, Serialize, ToSchema)]
struct FeedItem {
    name: String,
    /// The OSV ecosystem that it covers; absent for a feed of another kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    ecosystem: Option<String>,
    /// Where it comes from; only those who may `admin` see it, because addresses may hold secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// `osv`, `records`, `rustsec`, `exploited`, `scores` or `written`; absent where it was never said.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// How often it is read, in seconds; absent when nothing reads it on schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    every_s: Option<i64>,
    /// A state with fewer records is refused, and the last good one stays.
    floor: i64,
    /// How long ago the state that is held was taken from its publisher, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    age_s: Option<i64>,
    /// `fresh`, `late`, `failing` or `never_loaded`.
    state: &'static str,
    /// Absent before it was loaded for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    /// The last time that it was fetched whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    synced_at: Option<Timestamp>,
    /// The last try.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    attempted_at: Option<Timestamp>,
    /// The newest change among its records.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    newest_at: Option<Timestamp>,
    /// Why the last try failed, or which records it had to leave out.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl FeedItem {
    fn of(feed: Feed, now: Timestamp, sees_source: bool) -> Self {
        let loaded = feed.synced_at.is_some();
        Self {
            state: Health::of(&feed, now).word(),
            floor: feed.floor(),
            every_s: feed.every_ms.map(|every| every / 1000),
            age_s: feed
                .synced_at
                .map(|at| now.since(Timestamp::from_millis(at)) / 1000),
            kind: Some(feed.kind).filter(|kind| !kind.is_empty()),
            name: feed.name,
            ecosystem: Some(feed.ecosystem).filter(|ecosystem| !ecosystem.is_empty()),
            source: sees_source.then_some(feed.source),
            records: loaded.then_some(feed.records),
            revision: Some(feed.revision).filter(|revision| !revision.is_empty()),
            synced_at: feed.synced_at.map(Timestamp::from_millis),
            attempted_at: feed.attempted_at.map(Timestamp::from_millis),
            newest_at: feed.newest_at.map(Timestamp::from_millis),
            error: feed.error,
        }
    }
}

/// The feeds that everything rests on, with their age
#[utoipa::path(
    get, path = "/v1/feeds", tag = "advisories",
    responses(
        (status = 200, body = List<FeedItem>),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn all(State(service): State<Service>, caller: Caller) -> Result<Json<List<FeedItem>>, Problem> {
    let mut session = service.database.read().await?;
    let now = service.now();
    let sees_source = may(&caller, Action::Admin, None);
    let feeds = feeds::all(&mut session).await?;
    Ok(Json(List {
        items: feeds
            .into_iter()
            .map(|feed| FeedItem::of(feed, now, sees_source))
            .collect(),
        next: None,
        total: None,
    }))
}

/// A fetch that was asked for.
#[derive(Debug, Serialize, ToSchema)]
struct Asked {
    feed: String,
    /// Always `queued`: a worker fetches it.
    status: &'static str,
}

/// Asks for a feed to be fetched now
#[utoipa::path(
    post, path = "/v1/feeds/{name}/sync", tag = "advisories",
    params(("name" = String, Path)),
    responses(
        (status = 202, body = Asked),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn sync(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<Asked>), Problem> {
    ask(&service, &caller, &name).await?;
    let asked = Asked {
        feed: name,
        status: "queued",
    };
    Ok((StatusCode::ACCEPTED, Json(asked)))
}

/// Puts the fetch of a feed in the queue; for the page, too.
pub(crate) async fn ask(service: &Service, access: &Access, name: &str) -> Result<(), Problem> {
    access.require(Action::Admin)?;
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let feed = feeds::by_name(&mut tx, name)
        .await?
        .ok_or_else(|| Problem::not_found("such feed"))?;
    if feed.kind == feeds::Kind::Written.word() {
        return Err(Problem::conflict(
            "What is written here has no source to be fetched from.",
        ));
    }
    jobs::enqueue_feed(&mut tx, &feed.name, now, now).await?;
    let entry = audit_log::Entry {
        actor: &access.actor,
        action: "feed.sync",
        object: &feed.name,
        detail: "",
    };
    audit_log::append(&mut tx, &entry, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(())
}
