//! One ecosystem of a bucket in OSV's layout: single records where few have changed, else the whole archive.

use std::collections::HashMap;
use std::sync::Arc;

use clock::Timestamp;
use fetch::feeds::{Bundle, Change, Limits, Source};
use fetch::{Client, Fetched, Validator};
use serde::Deserialize;
use store::advisories::{self, Batch, Changes, RawRecord, Whole, apply};
use store::feeds::Feed;
use tokio::task::JoinSet;

use super::mark::Mark;
use super::{confirm, refused, tell};
use crate::{JobError, Parts};

/// Records that are fetched one by one; of more the archive is fetched, which is one request.
const MOST_SINGLE: usize = 400;
/// Requests for single records at a time.
const AT_ONCE: usize = 8;

pub(super) async fn read(parts: &Parts, feed: &Feed, client: &Client) -> Result<(), JobError> {
    if feed.ecosystem.is_empty() {
        return Err(JobError::Hopeless(format!(
            "the feed `{}` names no ecosystem",
            feed.name
        )));
    }
    let source = Source::parse(&feed.source, client)?;
    // Without a good state in today's format there is nothing that changes could be laid upon.
    let known = Mark::of(feed).filter(|_| feed.synced_at.is_some());
    if let Some(mark) = known
        && changes(parts, feed, &source, mark).await?
    {
        return Ok(());
    }
    whole(parts, feed, &source).await
}

/// Takes over what the bucket's list of changes names; `false` when the archive must tell.
async fn changes(parts: &Parts, feed: &Feed, source: &Source, mark: Mark) -> Result<bool, JobError> {
    let (listed, listing) = match source.modified(&feed.ecosystem, &mark.listing).await {
        Ok(Fetched::Unchanged) => {
            confirm(parts, feed).await?;
            return Ok(true);
        }
        Ok(Fetched::Changed { value, validator }) => (value, validator),
        // A mirror may leave the list out.
        Err(error) if error.is_absent() => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let carried = advisories::carried(&mut parts.database.read().await?, feed.id).await?;
    let difference = Difference::of(listed, carried);
    if difference.wanted.len() > MOST_SINGLE {
        return Ok(false);
    }
    let Some(fetched) = single_records(source, &feed.ecosystem, &difference.wanted).await? else {
        return Ok(false);
    };
    // A record that is behind the list is asked for again.
    let listing = if fetched.behind {
        Validator::default()
    } else {
        listing
    };
    let mark = mark.with_listing(listing);
    let changes = Changes {
        records: fetched.records,
        gone: difference.gone,
        total: difference.total,
        newest: difference.newest,
        validator: mark.text(),
    };
    let applied = apply(
        &parts.database,
        &feed.name,
        Batch::Changes(changes),
        parts.clock.now(),
    );
    tell(feed, &applied.await.map_err(refused)?);
    Ok(true)
}

/// What the list names that is not stored, and the other way round.
#[derive(Debug, Default, PartialEq)]
struct Difference {
    wanted: Vec<(String, Timestamp)>,
    gone: Vec<String>,
    total: usize,
    newest: Option<Timestamp>,
}

impl Difference {
    fn of(listed: Vec<Change>, mut carried: HashMap<String, Option<Timestamp>>) -> Self {
        // An id may be listed twice; the later time counts.
        let mut latest: HashMap<String, Timestamp> = HashMap::with_capacity(listed.len());
        for change in listed {
            let at = latest.entry(change.id).or_insert(change.modified);
            *at = (*at).max(change.modified);
        }
        let mut difference = Self {
            total: latest.len(),
            newest: latest.values().max().copied(),
            ..Self::default()
        };
        for (id, modified) in latest {
            let stored = carried.remove(&id).flatten();
            if stored.is_none_or(|stored| stored < modified) {
                difference.wanted.push((id, modified));
            }
        }
        difference.wanted.sort();
        difference.gone = carried.into_keys().collect();
        difference.gone.sort();
        difference
    }
}

#[derive(Default)]
struct Single {
    records: Vec<RawRecord>,
    /// Whether some record was older than the list says.
    behind: bool,
}

/// The records, or `None` when the bucket does not offer them one by one.
async fn single_records(
    source: &Source,
    ecosystem: &str,
    wanted: &[(String, Timestamp)],
) -> Result<Option<Single>, JobError> {
    let source = Arc::new(source.clone());
    let ecosystem: Arc<str> = Arc::from(ecosystem);
    let mut waiting = wanted.iter().cloned();
    let mut running = JoinSet::new();
    let mut single = Single::default();
    loop {
        while running.len() < AT_ONCE
            && let Some((id, modified)) = waiting.next()
        {
            let (source, ecosystem) = (Arc::clone(&source), Arc::clone(&ecosystem));
            running.spawn(async move {
                let bytes = source.record(&ecosystem, &id).await;
                (id, modified, bytes)
            });
        }
        let Some(ended) = running.join_next().await else {
            return Ok(Some(single));
        };
        let (id, modified, bytes) = ended?;
        match bytes {
            Ok(bytes) => {
                single.behind |= modified_of(&bytes).is_some_and(|found| found < modified);
                single.records.push(RawRecord { id, bytes });
            }
            Err(error) if error.is_absent() => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

fn modified_of(record: &[u8]) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Head {
        modified: Timestamp,
    }
    let head: Head = serde_json::from_slice(record).ok()?;
    Some(head.modified)
}

async fn whole(parts: &Parts, feed: &Feed, source: &Source) -> Result<(), JobError> {
    let fetched = source.all(&feed.ecosystem, &Mark::known(feed)).await?;
    let Fetched::Changed { value, validator } = fetched else {
        return confirm(parts, feed).await;
    };
    let whole = tokio::task::spawn_blocking(move || open(value, validator)).await??;
    let applied = apply(
        &parts.database,
        &feed.name,
        Batch::Whole(whole),
        parts.clock.now(),
    );
    tell(feed, &applied.await.map_err(refused)?);
    Ok(())
}

/// Opens an archive. Blocks.
fn open(bundle: Bundle, validator: Validator) -> Result<Whole, JobError> {
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
        validator: Mark::new(validator).text(),
        synced_at: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> Timestamp {
        format!("2024-01-{day:02}T00:00:00Z")
            .parse()
            .unwrap_or(Timestamp::from_millis(0))
    }

    #[test]
    fn what_is_later_at_the_source_is_wanted_and_what_is_not_listed_is_gone() {
        let change = |id: &str, day| Change {
            id: id.to_owned(),
            modified: at(day),
        };
        let listed = vec![
            change("NEW", 1),
            change("SAME", 2),
            change("LATER", 3),
            change("SAME", 1),
            change("ASKED", 2),
        ];
        let carried = [
            ("SAME", Some(at(2))),
            ("LATER", Some(at(2))),
            ("ASKED", None),
            ("GONE", Some(at(9))),
        ];
        let carried = carried.into_iter().map(|(id, at)| (id.to_owned(), at)).collect();
        let difference = Difference::of(listed, carried);
        let wanted: Vec<&str> = difference.wanted.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(wanted, ["ASKED", "LATER", "NEW"]);
        assert_eq!(difference.gone, ["GONE"]);
        assert_eq!((difference.total, difference.newest), (4, Some(at(3))));
    }
}
