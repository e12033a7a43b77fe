//! Reads one feed: what its source says replaces what was stored, or the last good state stays.

mod catalogues;
mod mark;
mod osv;
mod records;

use fetch::Client;
use store::advisories::{Applied, ApplyError};
use store::feeds::{self, Configured, Feed, Kind};
use store::jobs::FeedJob;
use store::wake::Event;

use crate::{FeedSetting, JobError, Parts};

/// Reads a feed and notes on it what came of it.
///
/// # Errors
/// When the source cannot be read or its content is refused. The failure stands on the feed, too, and the
/// last good state is kept.
pub async fn run(parts: &Parts, job: FeedJob) -> Result<(), JobError> {
    let setting = parts.settings.feeds.iter().find(|feed| feed.name == job.feed);
    let setting =
        setting.ok_or_else(|| JobError::Other(format!("the feed `{}` is not configured here", job.feed)))?;
    let outcome = read(parts, setting).await;
    if let Err(error) = &outcome {
        let now = parts.clock.now();
        let mut tx = parts.database.begin().await?;
        feeds::failed(&mut tx, &setting.name, &error.chain(), now).await?;
        tx.commit().await?;
    }
    // Even a failure may have brought records.
    parts.wake.send(Event::Job).await;
    outcome
}

/// Makes the feeds of the configuration known before any of them was read: a page then says that they were
/// never loaded, rather than nothing.
pub(crate) async fn declare(parts: &Parts) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    for setting in &parts.settings.feeds {
        feeds::configure(&mut tx, &configured(parts, setting)).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn configured<'a>(parts: &Parts, setting: &'a FeedSetting) -> Configured<'a> {
    let every = i64::try_from(setting.every.as_millis()).unwrap_or(i64::MAX);
    Configured {
        name: &setting.name,
        kind: setting.kind,
        ecosystem: &setting.ecosystem,
        source: &setting.source,
        every_ms: (!parts.settings.feeds_on_request).then_some(every),
        least: setting.least,
    }
}

async fn read(parts: &Parts, setting: &FeedSetting) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    let feed = feeds::configure(&mut tx, &configured(parts, setting)).await?;
    tx.commit().await?;
    let client = client(parts, setting)?;
    match setting.kind {
        Kind::Osv => osv::read(parts, &feed, &client).await,
        Kind::Records | Kind::RustSec => records::read(parts, &feed, setting.kind, &client).await,
        Kind::Exploited => catalogues::exploited(parts, &feed, &client).await,
        Kind::Scores => catalogues::scores(parts, &feed, &client).await,
        Kind::Written => Err(JobError::Hopeless(format!(
            "the feed `{}` is written here and has no source",
            setting.name
        ))),
    }
}

/// The network as this feed uses it: its own proxy and token go before those of all.
fn client(parts: &Parts, setting: &FeedSetting) -> Result<Client, JobError> {
    let mut network = parts.settings.network.clone();
    if let Some(proxy) = &setting.proxy {
        network.proxy = Some(proxy.clone());
    }
    network.bearer.clone_from(&setting.bearer);
    Ok(Client::new(network)?)
}

/// What is no matter of luck is not tried again before the feed is due the next time.
fn refused(error: ApplyError) -> JobError {
    match error {
        ApplyError::Store(error) => error.into(),
        ApplyError::Shrunk { .. }
        | ApplyError::TooFew { .. }
        | ApplyError::Unreadable { .. }
        | ApplyError::UnknownFeed(_) => JobError::Hopeless(error.to_string()),
        ApplyError::Source(_) | ApplyError::Interrupted => JobError::Other(error.to_string()),
    }
}

fn tell(feed: &Feed, applied: &Applied) {
    if applied.unreadable > 0 {
        tracing::warn!(
            feed = feed.name,
            unreadable = applied.unreadable,
            "records of a feed could not be read"
        );
    }
    tracing::info!(
        feed = feed.name,
        added = applied.added,
        changed = applied.changed,
        dropped = applied.dropped,
        unchanged = applied.unchanged,
        packages = applied.packages,
        "a feed was read"
    );
}

async fn confirm(parts: &Parts, feed: &Feed) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    feeds::confirmed(&mut tx, &feed.name, parts.clock.now()).await?;
    tx.commit().await?;
    tracing::debug!(feed = feed.name, "a feed has nothing new");
    Ok(())
}
