//! The whole content of a feed, read as a stream: what has not changed is neither parsed nor kept.

use clock::Timestamp;
use tokio::sync::mpsc;

use super::apply::{Applied, ApplyError, LeftOut, Progress, Room};
use super::known::Known;
use super::prepare::{self, PreparedRecord, UnreadableRecord};
use super::write::{drop_records, finish, of_identifiers, write};
use crate::db::{Database, Tx};
use crate::feeds::{self, Feed};

/// Records that are looked at together, and their bytes.
const TOGETHER: usize = 512;
const TOGETHER_BYTES: usize = 8 << 20;
/// Threads that prepare records.
const MOST_THREADS: usize = 8;
/// Fewer records than this are not worth a thread.
const WORTHWHILE: usize = 16;

/// One record as it came.
#[derive(Clone, Debug)]
pub struct RawRecord {
    /// The id by which the source lists it; the record itself may disagree.
    pub id: String,
    pub bytes: Vec<u8>,
}

/// Everything that a feed carries.
pub struct Whole {
    /// Read on a thread that may block; an error ends the reading and nothing is dropped.
    pub records: Box<dyn Iterator<Item = Result<RawRecord, String>> + Send>,
    /// How many records there are.
    pub total: usize,
    /// Takes the content over even when much of the last good state is missing from it.
    pub force: bool,
    /// What to send along with the next request; see `fetch::Validator`.
    pub validator: String,
    /// When the publisher was asked, where that is not now: the records came in a bundle.
    pub synced_at: Option<Timestamp>,
}

/// What the reading thread found.
struct Reading {
    known: Known,
    newest: Option<i64>,
    total: usize,
    left_out: LeftOut,
}

pub(super) async fn replace(
    database: &Database,
    feed: &Feed,
    whole: Whole,
    now: Timestamp,
) -> Result<Applied, ApplyError> {
    let (force, validator, synced_at) = (whole.force, whole.validator.clone(), whole.synced_at);
    refuse_loss(feed, whole.total, force)?;
    let known = Known::load(&mut database.read().await?, feed.id).await?;
    let mut progress = Progress::new(feed);
    progress.starts_with(known.len());
    let (sender, mut chunks) = mpsc::channel(1);
    let reader = tokio::task::spawn_blocking(move || read(whole, known, &sender));
    let mut last = Vec::new();
    while let Some(chunk) = chunks.recv().await {
        let earlier = std::mem::replace(&mut last, chunk);
        if !earlier.is_empty() {
            let mut tx = begin(database).await?;
            progress.add(write(&mut tx, feed.id, earlier, now).await?);
            tx.commit().await?;
        }
    }
    let reading = reader.await.map_err(|_| ApplyError::Interrupted)??;
    refuse_loss(feed, reading.total, force)?;
    refuse_unreadable(&reading, force)?;
    let mut tx = begin(database).await?;
    progress.add(write(&mut tx, feed.id, last, now).await?);
    let source = (validator, synced_at);
    let applied = conclude(&mut tx, feed, progress, &reading, source, now).await?;
    tx.commit().await?;
    Ok(applied)
}

async fn begin(database: &Database) -> Result<Tx, ApplyError> {
    let mut tx = database.begin().await?;
    feeds::lock(&mut tx).await?;
    Ok(tx)
}

/// Drops what the feed carries no more and notes the new state.
async fn conclude(
    tx: &mut Tx,
    feed: &Feed,
    mut progress: Progress,
    reading: &Reading,
    (validator, synced_at): (String, Option<Timestamp>),
    now: Timestamp,
) -> Result<Applied, ApplyError> {
    let stays = of_identifiers(tx, &reading.left_out.ids).await?;
    let gone: Vec<i64> = reading
        .known
        .unmet()
        .filter(|id| !progress.met.contains(id) && !stays.contains(id))
        .collect();
    progress.add(drop_records(tx, feed.id, &gone, now).await?);
    // A source that answers "unchanged" would never have the unreadable records reported again.
    let validator = if reading.left_out.count() == 0 {
        validator
    } else {
        String::new()
    };
    let state = feeds::Synced {
        error: reading.left_out.report(),
        validator,
        synced_at,
        ..progress.state(reading.newest)
    };
    finish(tx, feed, &state, now).await?;
    progress.applied.unreadable = reading.left_out.count();
    progress.applied.unchanged += reading.known.len() - reading.known.unmet().count();
    Ok(progress.applied)
}

pub(super) fn refuse_loss(feed: &Feed, now: usize, force: bool) -> Result<(), ApplyError> {
    if force {
        return Ok(());
    }
    if now < usize::try_from(feed.least).unwrap_or(0) {
        return Err(ApplyError::TooFew {
            least: feed.least,
            now,
        });
    }
    let before = usize::try_from(feed.records).unwrap_or(0);
    if feed.synced_at.is_none() || feeds::is_tolerable_loss(before, now) {
        return Ok(());
    }
    Err(ApplyError::Shrunk {
        before: feed.records,
        now,
    })
}

fn refuse_unreadable(reading: &Reading, force: bool) -> Result<(), ApplyError> {
    let unreadable = reading.left_out.count();
    let some = unreadable == 0 || unreadable < reading.total;
    if force || (some && feeds::is_tolerable(unreadable, reading.total)) {
        return Ok(());
    }
    Err(ApplyError::Unreadable {
        unreadable,
        total: reading.total,
        first: reading.left_out.first(),
    })
}

/// Prepares what has changed and hands it over in chunks. Blocks.
fn read(
    whole: Whole,
    known: Known,
    chunks: &mpsc::Sender<Vec<PreparedRecord>>,
) -> Result<Reading, ApplyError> {
    let mut reading = Reading {
        known,
        newest: None,
        total: 0,
        left_out: LeftOut::default(),
    };
    let mut chunk = Vec::new();
    let mut room = Room::default();
    let mut records = whole.records;
    loop {
        let raw = some(&mut records)?;
        if raw.is_empty() {
            break;
        }
        let fresh = reading.sieve(raw);
        for (record, prepared) in fresh.iter().zip(prepare_all(&fresh)) {
            let Some(prepared) = reading.take(record, prepared) else {
                continue;
            };
            if !room.takes(&prepared) {
                let full = std::mem::take(&mut chunk);
                // Nobody takes it any more: writing has failed and says why.
                chunks.blocking_send(full).map_err(|_| ApplyError::Interrupted)?;
            }
            chunk.push(prepared);
        }
    }
    chunks.blocking_send(chunk).map_err(|_| ApplyError::Interrupted)?;
    Ok(reading)
}

/// The next records, a few megabytes at most; none at the end.
fn some(records: &mut dyn Iterator<Item = Result<RawRecord, String>>) -> Result<Vec<RawRecord>, ApplyError> {
    let mut taken = Vec::new();
    let mut bytes = 0;
    for record in records {
        let record = record.map_err(ApplyError::Source)?;
        bytes += record.bytes.len();
        taken.push(record);
        if taken.len() == TOGETHER || bytes > TOGETHER_BYTES {
            break;
        }
    }
    Ok(taken)
}

type Prepared = Result<PreparedRecord, UnreadableRecord>;

/// Prepares records on every core; in their order.
fn prepare_all(records: &[RawRecord]) -> Vec<Prepared> {
    let prepare = |records: &[RawRecord]| -> Vec<Prepared> {
        records
            .iter()
            .map(|record| PreparedRecord::new(&record.bytes))
            .collect()
    };
    let cores = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_THREADS);
    let share = records.len().div_ceil(cores);
    if share < WORTHWHILE {
        return prepare(records);
    }
    std::thread::scope(|scope| {
        let parts: Vec<_> = records
            .chunks(share)
            .map(|part| (part, scope.spawn(move || prepare(part))))
            .collect();
        parts
            .into_iter()
            // A thread that panicked is done over here, where the panic is told.
            .flat_map(|(part, thread)| thread.join().unwrap_or_else(|_| prepare(part)))
            .collect()
    })
}

impl Reading {
    /// The records that are new or changed; the others are met.
    fn sieve(&mut self, records: Vec<RawRecord>) -> Vec<RawRecord> {
        self.total += records.len();
        let is_fresh = |record: &RawRecord| match self.known.meet(&prepare::digest(&record.bytes)) {
            Some(modified) => {
                self.newest = self.newest.max(Some(modified));
                false
            }
            None => true,
        };
        records.into_iter().filter(is_fresh).collect()
    }

    /// The record, ready for writing, unless it cannot be read.
    fn take(&mut self, record: &RawRecord, prepared: Prepared) -> Option<PreparedRecord> {
        match prepared {
            Ok(prepared) => {
                self.newest = self.newest.max(Some(prepared.modified));
                Some(prepared)
            }
            Err(why) => {
                self.left_out.add(&record.id, &why);
                None
            }
        }
    }
}
