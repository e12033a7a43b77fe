//! Reads one feed: what its source says replaces what was stored, or the last good state stays.

use advisories::ENTRY_FORMAT;
use advisories::kev::Catalogue;
use fetch::feeds::{Bundle, Document, Limits, Source};
use fetch::{Client, Fetched, Validator};
use serde::{Deserialize, Serialize};
use store::advisories::{Applied, ApplyError, Batch, RawRecord, Whole, apply};
use store::exploited;
use store::feeds::{self, Feed};
use store::jobs::FeedJob;
use store::wake::Event;

use crate::{FeedSetting, JobError, Parts};

/// The catalogue's file in a folder that holds it.
const CATALOGUE_FILE: &str = "known_exploited_vulnerabilities.json";
/// An order of magnitude above the real one.
const CATALOGUE_LIMIT: u64 = 64 << 20;

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

async fn read(parts: &Parts, setting: &FeedSetting) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    let feed = feeds::ensure(&mut tx, &setting.name, &setting.ecosystem, &setting.source).await?;
    tx.commit().await?;
    let client = Client::new(parts.settings.network.clone())?;
    match (setting.name.as_str(), setting.ecosystem.as_str()) {
        (feeds::EXPLOITED, _) => read_catalogue(parts, &feed, &client).await,
        (name, "") => Err(JobError::Hopeless(format!(
            "the feed `{name}` names no ecosystem, and is not `{}`",
            feeds::EXPLOITED
        ))),
        (_, ecosystem) => read_advisories(parts, &feed, ecosystem, &client).await,
    }
}

async fn read_advisories(
    parts: &Parts,
    feed: &Feed,
    ecosystem: &str,
    client: &Client,
) -> Result<(), JobError> {
    let source = Source::parse(&feed.source, client)?;
    let fetched = source.all(ecosystem, &Mark::known(feed)).await?;
    let Fetched::Changed { value, validator } = fetched else {
        return confirm(parts, feed).await;
    };
    let whole = tokio::task::spawn_blocking(move || open(value, &validator)).await??;
    let applied = apply(
        &parts.database,
        &feed.name,
        Batch::Whole(whole),
        parts.clock.now(),
    )
    .await
    .map_err(refused)?;
    tell(feed, &applied);
    Ok(())
}

/// Opens an archive. Blocks.
fn open(bundle: Bundle, validator: &Validator) -> Result<Whole, JobError> {
    let records = bundle.open(Limits::default())?;
    let total = records.total();
    let records = records.map(|record| match record {
        Ok(record) => Ok(RawRecord {
            id: record.id,
            bytes: record.bytes,
        }),
        Err(error) => Err(error.to_string()),
    });
    Ok(Whole {
        records: Box::new(records),
        total,
        force: false,
        validator: Mark::text(validator),
    })
}

/// What is no matter of luck is not tried again before the feed is due the next time.
fn refused(error: ApplyError) -> JobError {
    match error {
        ApplyError::Store(error) => error.into(),
        ApplyError::Shrunk { .. } | ApplyError::Unreadable { .. } | ApplyError::UnknownFeed(_) => {
            JobError::Hopeless(error.to_string())
        }
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

async fn read_catalogue(parts: &Parts, feed: &Feed, client: &Client) -> Result<(), JobError> {
    let document = Document::parse(&feed.source, CATALOGUE_FILE, client)?;
    let fetched = document.fetch(CATALOGUE_LIMIT, &Mark::known(feed)).await?;
    let Fetched::Changed { value, validator } = fetched else {
        return confirm(parts, feed).await;
    };
    let catalogue = Catalogue::parse(&value).map_err(|error| JobError::Other(error.to_string()))?;
    if catalogue.is_empty() {
        return Err(JobError::Hopeless(
            "the catalogue is empty; that is taken for a mistake".to_owned(),
        ));
    }
    let mut tx = parts.database.begin().await?;
    let replaced =
        exploited::replace(&mut tx, &catalogue, &Mark::text(&validator), parts.clock.now()).await?;
    tx.commit().await?;
    tracing::info!(
        feed = feed.name,
        added = replaced.added,
        removed = replaced.removed,
        builds = replaced.builds,
        "the catalogue of exploited vulnerabilities was read"
    );
    Ok(())
}

async fn confirm(parts: &Parts, feed: &Feed) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    feeds::confirmed(&mut tx, &feed.name, parts.clock.now()).await?;
    tx.commit().await?;
    tracing::debug!(feed = feed.name, "a feed has nothing new");
    Ok(())
}

/// What is kept of a source's state, with the format that its records were compiled in: with another
/// format they are read again although they have not changed.
#[derive(Serialize, Deserialize)]
struct Mark {
    format: u16,
    validator: Validator,
}

impl Mark {
    fn known(feed: &Feed) -> Validator {
        let mark: Option<Self> = serde_json::from_str(&feed.validator).ok();
        mark.filter(|mark| mark.format == ENTRY_FORMAT)
            .map(|mark| mark.validator)
            .unwrap_or_default()
    }

    fn text(validator: &Validator) -> String {
        let mark = Self {
            format: ENTRY_FORMAT,
            validator: validator.clone(),
        };
        // Numbers and strings always have a JSON form; without one everything is read again.
        serde_json::to_string(&mark).unwrap_or_default()
    }
}
