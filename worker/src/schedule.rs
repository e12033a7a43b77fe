//! What is to be done without anybody asking.

use std::time::Duration;

use clock::Timestamp;
use store::wake::Event;
use store::{feeds, jobs};
use tokio_util::sync::CancellationToken;

use crate::jobs::feed::declare;
use crate::{FeedSetting, JobError, Parts};

/// Feeds are looked at this often; each has its own interval.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Asks for feeds that are due and for the daily chores, until `shutdown` is cancelled.
pub(crate) async fn run(parts: Parts, shutdown: CancellationToken) {
    if let Err(error) = declare(&parts).await {
        // Each is made known when it is read, too.
        tracing::warn!(error = %error.chain(), "the configured feeds could not be noted");
    }
    loop {
        match look(&parts).await {
            Ok(true) => parts.wake.send(Event::Job).await,
            Ok(false) => {}
            Err(error) => tracing::warn!(error = %error.chain(), "the schedule could not be kept"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Whether anything was asked for.
async fn look(parts: &Parts) -> Result<bool, JobError> {
    let now = parts.clock.now();
    let known = feeds::all(&mut parts.database.read().await?).await?;
    let due: Vec<&FeedSetting> = parts
        .settings
        .feeds
        .iter()
        .filter(|_| !parts.settings.feeds_on_request)
        .filter(|setting| {
            let feed = known.iter().find(|feed| feed.name == setting.name);
            is_due(setting, feed.and_then(|feed| feed.attempted_at), now)
        })
        .collect();
    let mut tx = parts.database.begin().await?;
    for setting in &due {
        if !jobs::feed_is_pending(&mut tx, &setting.name).await? {
            jobs::enqueue_feed(&mut tx, &setting.name, now, now).await?;
        }
    }
    let midnight = Timestamp::from_millis((now.day() + 1) * clock::DAY_MS);
    for chore in [jobs::REFRESH, jobs::PRUNE] {
        jobs::enqueue_chore(&mut tx, chore, midnight, now).await?;
    }
    tx.commit().await?;
    Ok(!due.is_empty())
}

fn is_due(setting: &FeedSetting, attempted_at: Option<i64>, now: Timestamp) -> bool {
    let every = i64::try_from(setting.every.as_millis()).unwrap_or(i64::MAX);
    attempted_at.is_none_or(|at| now.since(Timestamp::from_millis(at)) >= every)
}
