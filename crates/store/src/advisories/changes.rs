//! What has changed at a source that lists its records with the time of their last change.

use clock::Timestamp;

use super::apply::{Applied, ApplyError, LeftOut, Progress, chunked};
use super::prepare::PreparedRecord;
use super::rows::ids;
use super::whole::{RawRecord, refuse_loss};
use super::write::{drop_records, finish, write};
use crate::db::{Database, List};
use crate::feeds::{self, Feed};

/// The difference between what a feed carries and what is stored of it.
#[derive(Debug, Default)]
pub struct Changes {
    /// Records that are new or later than what is stored.
    pub records: Vec<RawRecord>,
    /// Ids that the feed carries no more.
    pub gone: Vec<String>,
    /// How many records the feed has in all.
    pub total: usize,
    /// The newest change that the source lists.
    pub newest: Option<Timestamp>,
    /// What to send along with the next request.
    pub validator: String,
}

pub(super) async fn write_down(
    database: &Database,
    feed: &Feed,
    changes: Changes,
    now: Timestamp,
) -> Result<Applied, ApplyError> {
    refuse_loss(feed, changes.total, false)?;
    let Changes {
        records,
        gone,
        newest,
        validator,
        ..
    } = changes;
    let (prepared, left_out) = tokio::task::spawn_blocking(move || prepare(&records))
        .await
        .map_err(|_| ApplyError::Interrupted)?;
    let mut progress = Progress::new(feed);
    let mut chunks = chunked(prepared).into_iter().peekable();
    while let Some(chunk) = chunks.next() {
        let mut tx = database.begin().await?;
        feeds::lock(&mut tx).await?;
        progress.add(write(&mut tx, feed.id, chunk, now).await?);
        if chunks.peek().is_none() {
            let gone: Vec<i64> = ids(&mut tx, List::of(&gone))
                .await?
                .into_iter()
                .map(|(_, id)| id)
                .collect();
            progress.add(drop_records(&mut tx, feed.id, &gone, now).await?);
            let state = feeds::Synced {
                error: left_out.report(),
                // What could not be read is asked for again.
                validator: if left_out.count() == 0 {
                    validator.clone()
                } else {
                    String::new()
                },
                ..progress.state(newest.map(Timestamp::millis).max(feed.newest_at))
            };
            finish(&mut tx, feed, &state, now).await?;
        }
        tx.commit().await?;
    }
    progress.applied.unreadable = left_out.count();
    Ok(progress.applied)
}

/// Reads and compiles the records. Blocks.
fn prepare(records: &[RawRecord]) -> (Vec<PreparedRecord>, LeftOut) {
    let mut left_out = LeftOut::default();
    let mut prepared = Vec::with_capacity(records.len());
    for record in records {
        match PreparedRecord::new(&record.bytes) {
            Ok(record) => prepared.push(record),
            Err(why) => left_out.add(&record.id, &why),
        }
    }
    (prepared, left_out)
}
