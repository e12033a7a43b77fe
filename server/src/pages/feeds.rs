//! The advisory feeds and their age, and the queue.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use clock::Timestamp;
use serde::Deserialize;
use store::feeds::Feed;
use store::tokens::Action;
use store::{feeds, jobs};
use web::layout::{Flash, FlashKind};
use web::views::feeds::{FeedHealth, FeedRow, Feeds, Jobs};

use super::{page, see_other};
use crate::api;
use crate::auth::{SignedForm, Visitor, may};
use crate::extract::Path;
use crate::place::unsigned;
use crate::problem::Problem;
use crate::queries::feeds::Health;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/feeds", get(all))
        .route("/feeds/{name}/sync", post(sync))
}

async fn all(State(service): State<Service>, visitor: Visitor) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let now = service.now();
    let feeds = feeds::all(&mut session).await?;
    let counts = jobs::counts(&mut session).await?;
    let count = |state: &str| {
        let found = counts.iter().find(|(found, _)| found == state);
        found.map_or(0, |(_, count)| unsigned(*count))
    };
    let view = Feeds {
        feeds: feeds.into_iter().map(|feed| row(feed, now)).collect(),
        jobs: Jobs {
            waiting: count("queued"),
            running: count("running"),
            dead: count("dead"),
        },
        may_sync: may(&visitor, Action::Admin, None),
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

fn row(feed: Feed, now: Timestamp) -> FeedRow {
    let health = Health::of(&feed, now);
    let fetched_at = feed.synced_at.map(Timestamp::from_millis);
    let error = feed.error.clone();
    FeedRow {
        records: fetched_at.map(|_| unsigned(feed.records)),
        added_today: None,
        revision: Some(feed.revision).filter(|revision| !revision.is_empty()),
        note: error.clone().filter(|_| health != Health::Failing),
        health: match (health, fetched_at) {
            (Health::Fresh, _) => FeedHealth::Fresh,
            (Health::Late, _) => FeedHealth::Late,
            (Health::Failing, Some(since)) => FeedHealth::Failing {
                since,
                error: error.unwrap_or_default(),
                next_try: None,
            },
            (Health::Failing | Health::NeverLoaded, _) => FeedHealth::NeverLoaded,
        },
        fetched_at,
        name: feed.name,
    }
}

#[derive(Deserialize)]
struct Nothing {}

async fn sync(
    State(service): State<Service>,
    Path(name): Path<String>,
    form: SignedForm<Nothing>,
) -> Result<Response, Problem> {
    api::feeds::ask(&service, &form.visitor, &name).await?;
    let flash = Flash {
        kind: FlashKind::Done,
        text: format!("{name} will be fetched in a moment."),
    };
    Ok(see_other(&service.settings, "/feeds", Some(&flash)))
}
