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
        schedule: schedule(&feed),
        floor: unsigned(feed.floor()),
        may_fetch: feed.kind != feeds::Kind::Written.word(),
        records: fetched_at.map(|_| unsigned(feed.records)),
        revision: Some(feed.revision.clone()).filter(|revision| !revision.is_empty()),
        note: error.clone().filter(|_| health != Health::Failing),
        health: match (health, fetched_at) {
            (Health::Fresh, _) => FeedHealth::Fresh,
            (Health::Late, _) => FeedHealth::Late,
            (Health::Failing, Some(since)) => FeedHealth::Failing {
                since,
                error: error.unwrap_or_default(),
                next_try: next_try(&feed),
            },
            (Health::Failing | Health::NeverLoaded, _) => FeedHealth::NeverLoaded,
        },
        fetched_at,
        name: feed.name,
    }
}

/// When the schedule asks for it again.
fn next_try(feed: &Feed) -> Option<Timestamp> {
    let every = feed.every_ms?;
    Some(Timestamp::from_millis(feed.attempted_at?.saturating_add(every)))
}

fn schedule(feed: &Feed) -> String {
    let Some(every) = feed.every_ms else {
        return "on request".to_owned();
    };
    let seconds = every / 1000;
    match seconds {
        s if s % 86_400 == 0 => format!("every {} d", s / 86_400),
        s if s % 3_600 == 0 => format!("every {} h", s / 3_600),
        s if s % 60 == 0 => format!("every {} min", s / 60),
        s => format!("every {s} s"),
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
