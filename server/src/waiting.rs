//! Waiting for a build: woken at once where possible, looking each second in any case.

use std::time::Duration;

use store::builds::{self, Build};
use store::wake::Event;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use crate::problem::Problem;
use crate::state::Service;

/// A wake-up may be lost between processes; this is what it costs then.
const POLL: Duration = Duration::from_secs(1);

/// Who waits; listen before the build can move, so that nothing is missed.
pub(crate) struct Waiting {
    events: Receiver<Event>,
    until: Instant,
}

impl Waiting {
    /// Starts listening; `seconds` is what the caller asked for, bounded by the operator.
    pub fn begin(service: &Service, seconds: u64) -> Self {
        let longest = service.settings.limits.wait;
        Self {
            events: service.wake.subscribe(),
            until: Instant::now() + Duration::from_secs(seconds).min(longest),
        }
    }

    /// Starts listening for so long, whatever the operator allows those who wait for a single answer.
    pub fn for_as_long_as(service: &Service, longest: Duration) -> Self {
        Self {
            events: service.wake.subscribe(),
            until: Instant::now() + longest,
        }
    }

    pub fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// The build when it is finished, or as it stands when the time is over.
    pub async fn until_finished(mut self, service: &Service, mut build: Build) -> Result<Build, Problem> {
        while !build.is_finished() && Instant::now() < self.until {
            self.until_news(&build.uuid).await;
            let mut session = service.database.read().await?;
            build = builds::by_id(&mut session, build.id).await?;
        }
        Ok(build)
    }

    /// Until the build may have moved.
    pub async fn until_news(&mut self, uuid: &str) {
        let look_again = self.until.min(Instant::now() + POLL);
        loop {
            match timeout_at(look_again, self.events.recv()).await {
                Ok(Ok(Event::Build(moved))) if moved == uuid => return,
                Ok(Ok(_)) => {}
                // Too many events at once: ours may have been among them.
                Ok(Err(RecvError::Lagged(_))) | Err(_) => return,
                Ok(Err(RecvError::Closed)) => {
                    tokio::time::sleep_until(look_again).await;
                    return;
                }
            }
        }
    }
}
