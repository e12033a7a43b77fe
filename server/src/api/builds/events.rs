//! How far a build is, told as it goes: server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use store::builds::{self, Build};
use tokio::sync::OwnedSemaphorePermit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::found;
use crate::auth::Caller;
use crate::extract::Path;
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;
use crate::waiting::Waiting;

/// A listener asks again after so long; nothing is listened to for ever.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// Between two signs of life.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(events))
}

/// What is told of a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Standing {
    id: String,
    /// `queued`, `running`, `succeeded` or `failed`.
    status: String,
    stage: String,
    /// In whole percent, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
}

impl Standing {
    fn of(build: &Build) -> Self {
        Self {
            id: build.uuid.clone(),
            status: build.status.clone(),
            stage: build.stage.clone(),
            percent: build.stage_progress().map(|progress| progress.percent()),
            outcome: build.outcome.clone(),
        }
    }

    fn event(&self, finished: bool) -> Event {
        let kind = if finished { "finished" } else { "progress" };
        // Strings and numbers always have a JSON form.
        Event::default()
            .event(kind)
            .data(serde_json::to_string(self).unwrap_or_default())
    }
}

/// Follow a build as it is worked on
///
/// Server-sent events: `progress` whenever its status, stage or percentage changes, and `finished` at the end, each with
/// the build's standing as JSON. The stream ends with the build, and after ten minutes in any case.
#[utoipa::path(
    get, path = "/v1/builds/{id}/events", tag = "builds", params(("id" = String, Path)),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 503, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn events(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let place = service.followers.clone().try_acquire_owned();
    let place =
        place.map_err(|_| Problem::busy("Too many builds are followed. Ask for the build itself."))?;
    let waiting = Waiting::for_as_long_as(&service, LONGEST);
    let mut session = service.database.read().await?;
    let (_, _, build) = found(&mut session, &caller, &id).await?;
    drop(session);
    let told = told(service, waiting, build, place);
    let stream = Sse::new(told).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE));
    Ok(stream.into_response())
}

/// Where the telling stands.
struct Telling {
    service: Service,
    waiting: Waiting,
    build: Build,
    /// What was told last.
    last: Option<Standing>,
    over: bool,
    _place: OwnedSemaphorePermit,
}

fn told(
    service: Service,
    waiting: Waiting,
    build: Build,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let begin = Telling {
        service,
        waiting,
        build,
        last: None,
        over: false,
        _place: place,
    };
    stream::unfold(begin, |mut telling| async {
        let event = telling.next().await?;
        Some((Ok(event), telling))
    })
}

impl Telling {
    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<Event> {
        while !self.over {
            let standing = Standing::of(&self.build);
            let finished = self.build.is_finished();
            if finished || self.last.as_ref() != Some(&standing) {
                self.over = finished;
                let event = standing.event(finished);
                self.last = Some(standing);
                return Some(event);
            }
            if self.waiting.is_over() {
                return None;
            }
            self.waiting.until_news(&self.build.uuid).await;
            self.build = self.look().await?;
        }
        None
    }

    /// The build as it stands now; a stream has no other way to say that it cannot be read than to end.
    async fn look(&self) -> Option<Build> {
        let looked = async {
            let mut session = self.service.database.read().await?;
            builds::by_id(&mut session, self.build.id).await
        };
        match looked.await {
            Ok(build) => Some(build),
            Err(error) => {
                tracing::warn!(build = self.build.uuid, error = %error, "a build could not be followed");
                None
            }
        }
    }
}
