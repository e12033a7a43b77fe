//! Feeds that are one file each: known exploited vulnerabilities, and probabilities of exploitation.

use advisories::epss::Scores;
use advisories::kev::Catalogue;
use fetch::feeds::Document;
use fetch::{Client, Fetched};
use store::feeds::Feed;
use store::scores::{self, ReplaceError};
use store::{exploited, feeds};

use super::confirm;
use super::mark::Mark;
use crate::{JobError, Parts};

/// The catalogue's file in a folder that holds it.
const CATALOGUE_FILE: &str = "known_exploited_vulnerabilities.json";
/// An order of magnitude above the real one.
const CATALOGUE_LIMIT: u64 = 64 << 20;
/// The file of today's scores in a folder that holds it.
const SCORES_FILE: &str = "epss_scores-current.csv.gz";
/// An order of magnitude above the real one, unpacked.
const SCORES_LIMIT: u64 = 256 << 20;

pub(super) async fn exploited(parts: &Parts, feed: &Feed, client: &Client) -> Result<(), JobError> {
    let document = Document::parse(&feed.source, CATALOGUE_FILE, client)?;
    let fetched = document.fetch(CATALOGUE_LIMIT, &Mark::known(feed)).await?;
    let Fetched::Changed { value, validator } = fetched else {
        return confirm(parts, feed).await;
    };
    let catalogue = Catalogue::parse(&value).map_err(|error| JobError::Hopeless(error.to_string()))?;
    let least = feed.floor().max(1);
    if catalogue.len() < usize::try_from(least).unwrap_or(usize::MAX) {
        return Err(JobError::Hopeless(format!(
            "the catalogue has {} entries after {}; fewer than {least} are taken for a mistake, and the last good \
             state stays",
            catalogue.len(),
            feed.records
        )));
    }
    let mark = Mark::new(validator).text();
    let mut tx = parts.database.begin().await?;
    let replaced = exploited::replace(&mut tx, &catalogue, &mark, None, parts.clock.now()).await?;
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

pub(super) async fn scores(parts: &Parts, feed: &Feed, client: &Client) -> Result<(), JobError> {
    let document = Document::parse(&feed.source, SCORES_FILE, client)?;
    let fetched = document.fetch(SCORES_LIMIT, &Mark::known(feed)).await?;
    let Fetched::Changed { value, validator } = fetched else {
        return confirm(parts, feed).await;
    };
    debug_assert_eq!(feed.name, feeds::SCORES);
    let parsed = tokio::task::spawn_blocking(move || Scores::parse(&value)).await?;
    let parsed = parsed.map_err(|error| JobError::Hopeless(error.to_string()))?;
    let mark = Mark::new(validator).text();
    let replaced = scores::replace(&parts.database, &parsed, &mark, None, parts.clock.now()).await;
    let replaced = replaced.map_err(|error| match error {
        ReplaceError::Store(error) => error.into(),
        refusal => JobError::Hopeless(refusal.to_string()),
    })?;
    tracing::info!(
        feed = feed.name,
        scores = parsed.rows.len(),
        changed = replaced.changed,
        reranked = replaced.reranked,
        builds = replaced.builds,
        "probabilities of exploitation were read"
    );
    Ok(())
}
