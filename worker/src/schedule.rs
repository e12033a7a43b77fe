//! What is to be done without anybody asking.

mod reminders;

use std::time::Duration;

use clock::Timestamp;
use policy::Day;
use store::audit_log::{self, Entry};
use store::waivers::{self, rejudge};
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
pub(crate) async fn look(parts: &Parts) -> Result<bool, JobError> {
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
    let ended = end_waivers(parts, now).await?;
    let told = reminders::look(parts, now).await?;
    Ok(!due.is_empty() || ended || told)
}

/// Lets what waivers covered come back as soon as their last day is over; answers whether any ended.
async fn end_waivers(parts: &Parts, now: Timestamp) -> Result<bool, JobError> {
    let today = Day::of(now);
    let over = waivers::over(&mut parts.database.read().await?, today).await?;
    if over.is_empty() {
        return Ok(false);
    }
    let ids: Vec<i64> = over.iter().map(|waiver| waiver.id).collect();
    let mut tx = parts.database.begin().await?;
    for waiver in &over {
        rejudge::enqueue(&mut tx, waiver, now).await?;
        let detail = format!("its last day, {}, is over", last_day(waiver.expires_day));
        let entry = Entry {
            actor: "system",
            action: "waiver.expire",
            object: &waiver.uuid,
            detail: &detail,
        };
        audit_log::append(&mut tx, &entry, now).await?;
    }
    waivers::end(&mut tx, &ids, now).await?;
    tx.commit().await?;
    tracing::info!(waivers = ids.len(), "waivers ended");
    Ok(true)
}

fn last_day(day: Option<i64>) -> String {
    day.map(|day| Day::from_number(day).to_string())
        .unwrap_or_default()
}

fn is_due(setting: &FeedSetting, attempted_at: Option<i64>, now: Timestamp) -> bool {
    let every = i64::try_from(setting.every.as_millis()).unwrap_or(i64::MAX);
    attempted_at.is_none_or(|at| now.since(Timestamp::from_millis(at)) >= every)
}
