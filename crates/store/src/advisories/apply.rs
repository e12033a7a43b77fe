//! Taking over what a feed says.
//!
//! One call is one transaction as long as its changes fit into [`CHUNK_BYTES`]: every ordinary
//! synchronisation does. More, which only a first one brings, goes in several, each consistent in itself:
//! records, the revisions of the packages that they speak of and the rematching of these belong together.
//! The feed counts as read, and its ecosystem as covered, from the last one on. So memory stays bounded,
//! and no upload waits longer for SQLite's only writer than one such transaction takes.

use std::collections::BTreeSet;

use clock::Timestamp;

use super::changes::{self, Changes};
use super::prepare::{PreparedRecord, UnreadableRecord};
use super::whole::{self, Whole};
use super::write::{Written, finish, write};
use crate::Error;
use crate::db::Database;
use crate::feeds::{self, Feed};

/// Prepared bytes that are written in one transaction.
pub(super) const CHUNK_BYTES: usize = 6 << 20;
/// Records that are written in one transaction.
pub(super) const CHUNK_RECORDS: usize = 2_500;
/// Unreadable records that the feed's error names one by one.
const NAMED: usize = 3;

/// What a feed brings.
pub enum Batch {
    /// Records that are new or have changed; all others stay.
    Additions(Vec<PreparedRecord>),
    /// What is new, has changed, or is gone; everything else stays.
    Changes(Changes),
    /// Everything that the feed carries: what is not among it, it carries no more.
    Whole(Whole),
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Records that were not stored before.
    pub added: usize,
    /// Records that were replaced by a later state.
    pub changed: usize,
    /// Records that the feed carries no more; another feed may.
    pub dropped: usize,
    /// Records that were stored like this already.
    pub unchanged: usize,
    /// Records that could not be read. What was stored under their ids stays.
    pub unreadable: usize,
    /// Packages about which something changed.
    pub packages: usize,
    /// Whether this was the first good state of the feed.
    pub first: bool,
}

/// Why nothing (or, for a broken archive, not everything) was taken over. The last good state stays.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error("there is no feed `{0}`")]
    UnknownFeed(String),
    /// A feed that suddenly lost much is taken for broken.
    #[error(
        "the feed now has {now} records after {before}; that is taken for a mistake, and the last good state stays"
    )]
    Shrunk { before: i64, now: usize },
    /// A source that is empty, or nearly so, is no good state.
    #[error(
        "the feed has {now} records, fewer than the {least} that it must have; the last good state stays"
    )]
    TooFew { least: i64, now: usize },
    /// Records in a shape that this version does not know would leave the feed fresh and out of date.
    #[error("{unreadable} of {total} records cannot be read, so the last good state stays: {first}")]
    Unreadable {
        unreadable: usize,
        total: usize,
        first: String,
    },
    /// The records could not be read to their end.
    #[error("{0}")]
    Source(String),
    #[error(transparent)]
    Store(#[from] Error),
    #[error("reading the records was interrupted")]
    Interrupted,
}

/// Takes over what a feed says, and notes it on the feed.
///
/// # Errors
/// See [`ApplyError`]. The caller notes the failure on the feed ([`feeds::failed`]).
pub async fn apply(
    database: &Database,
    feed: &str,
    batch: Batch,
    now: Timestamp,
) -> Result<Applied, ApplyError> {
    let found = feeds::by_name(&mut database.read().await?, feed).await?;
    let feed = found.ok_or_else(|| ApplyError::UnknownFeed(feed.to_owned()))?;
    match batch {
        Batch::Additions(records) => add(database, &feed, records, now).await,
        Batch::Changes(changes) => changes::write_down(database, &feed, changes, now).await,
        Batch::Whole(whole) => whole::replace(database, &feed, whole, now).await,
    }
}

async fn add(
    database: &Database,
    feed: &Feed,
    records: Vec<PreparedRecord>,
    now: Timestamp,
) -> Result<Applied, ApplyError> {
    let newest = records.iter().map(|record| record.modified).max();
    let mut progress = Progress::new(feed);
    let mut chunks = chunked(records).into_iter().peekable();
    while let Some(chunk) = chunks.next() {
        let mut tx = database.begin().await?;
        feeds::lock(&mut tx).await?;
        progress.add(write(&mut tx, feed.id, chunk, now).await?);
        if chunks.peek().is_none() {
            finish(&mut tx, feed, &progress.state(newest.max(feed.newest_at)), now).await?;
        }
        tx.commit().await?;
    }
    Ok(progress.applied)
}

/// Cuts records into what one transaction takes; one empty chunk when there is none.
pub(super) fn chunked(records: Vec<PreparedRecord>) -> Vec<Vec<PreparedRecord>> {
    let mut chunks = vec![Vec::new()];
    let mut room = Room::default();
    for record in records {
        if !room.takes(&record) {
            chunks.push(Vec::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(record);
        }
    }
    chunks
}

/// Measures one chunk after the other.
#[derive(Default)]
pub(super) struct Room {
    records: usize,
    bytes: usize,
}

impl Room {
    /// Whether the record still belongs to this chunk; when not, it is the first of the next.
    pub(super) fn takes(&mut self, record: &PreparedRecord) -> bool {
        let size = record.size();
        let fits = self.records == 0 || (self.records < CHUNK_RECORDS && self.bytes + size <= CHUNK_BYTES);
        if !fits {
            *self = Self::default();
        }
        self.records += 1;
        self.bytes += size;
        fits
    }
}

/// What several transactions of one call have done.
pub(super) struct Progress {
    pub(super) applied: Applied,
    /// Advisories that the records of this call are, whether written or kept.
    pub(super) met: BTreeSet<i64>,
    packages: BTreeSet<i64>,
    records: i64,
}

impl Progress {
    pub(super) fn new(feed: &Feed) -> Self {
        let applied = Applied {
            first: feed.synced_at.is_none(),
            ..Applied::default()
        };
        Self {
            applied,
            met: BTreeSet::new(),
            packages: BTreeSet::new(),
            records: feed.records,
        }
    }

    pub(super) fn add(&mut self, written: Written) {
        self.applied.added += written.added;
        self.applied.changed += written.changed;
        self.applied.unchanged += written.unchanged;
        self.applied.dropped += written.dropped;
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.records += count(written.linked) - count(written.dropped);
        self.met.extend(written.met);
        self.packages.extend(written.packages);
        self.applied.packages = self.packages.len();
    }

    /// How many records the feed carries when it starts; an interrupted call may have left some.
    pub(super) fn starts_with(&mut self, records: usize) {
        self.records = i64::try_from(records).unwrap_or(i64::MAX);
    }

    pub(super) fn state(&self, newest_at: Option<i64>) -> feeds::Synced {
        let revision = newest_at.map(|newest| Timestamp::from_millis(newest).to_string());
        feeds::Synced {
            revision: revision.unwrap_or_default(),
            records: self.records,
            newest_at,
            error: None,
            validator: String::new(),
            synced_at: None,
        }
    }
}

/// The records that were left out, as the feed's error says it.
#[derive(Default)]
pub(super) struct LeftOut {
    count: usize,
    named: Vec<String>,
    /// Their ids, under which the last good state stays.
    pub(super) ids: Vec<String>,
}

impl LeftOut {
    pub(super) fn add(&mut self, id: &str, why: &UnreadableRecord) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(format!("{id}: {why}"));
        }
        self.ids.push(id.to_owned());
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn first(&self) -> String {
        self.named.first().cloned().unwrap_or_default()
    }

    pub(super) fn report(&self) -> Option<String> {
        let named = self.named.join("; ");
        match self.count {
            0 => None,
            1 => Some(format!("1 record could not be read: {named}")),
            count if count > self.named.len() => {
                Some(format!("{count} records could not be read: {named}; …"))
            }
            count => Some(format!("{count} records could not be read: {named}")),
        }
    }
}
