//! Advisories that people write here: one at a time, in the transaction of the caller.

use clock::Timestamp;

use super::prepare::PreparedRecord;
use super::rows::ids;
use super::write::{drop_records, finish, write};
use crate::Error;
use crate::db::{List, Session, Tx, statements};
use crate::feeds::{self, Configured, Feed, Kind, Synced, WRITTEN};

statements! {
    ELSEWHERE = "SELECT f.name FROM advisory a
        JOIN feed_advisory c ON c.advisory_id = a.id
        JOIN feed f ON f.id = c.feed_id
        WHERE a.identifier = $1 AND f.name <> $2
        ORDER BY f.name LIMIT 1";
    HERE = "SELECT a.id FROM advisory a
        JOIN feed_advisory c ON c.advisory_id = a.id
        JOIN feed f ON f.id = c.feed_id
        WHERE a.identifier = $1 AND f.name = $2";
    MODIFIED = "SELECT modified FROM advisory WHERE identifier = $1";
    PAGE = "SELECT a.identifier, a.modified, a.withdrawn, a.summary
        FROM feed f
        JOIN feed_advisory c ON c.feed_id = f.id
        JOIN advisory a ON a.id = c.advisory_id
        WHERE f.name = $1 AND (CAST($2 AS TEXT) IS NULL OR a.identifier > $2)
        ORDER BY a.identifier
        LIMIT $3";
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    Created,
    Changed,
    /// The feed of this name carries a record of the same id; its publisher's word stays.
    Elsewhere(String),
}

/// A record that was written here, without its text.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WrittenAdvisory {
    pub identifier: String,
    pub modified: i64,
    pub withdrawn: Option<i64>,
    pub summary: String,
}

/// A page of what was written here, by id; `after` is the last one seen.
pub async fn written(
    session: &mut Session,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<WrittenAdvisory>, Error> {
    session
        .query(&PAGE)
        .bind(WRITTEN)
        .bind(after)
        .bind(limit)
        .all()
        .await
}

/// When the record with this very id last changed, whoever carries it.
pub async fn modified(session: &mut Session, identifier: &str) -> Result<Option<i64>, Error> {
    let found: Option<(i64,)> = session.query(&MODIFIED).bind(identifier).optional().await?;
    Ok(found.map(|(modified,)| modified))
}

/// Stores a record, or its next state. Packages that it speaks of, now or before, are matched again.
pub async fn put(tx: &mut Tx, record: PreparedRecord, now: Timestamp) -> Result<Put, Error> {
    let feed = feed(tx).await?;
    let elsewhere: Option<(String,)> = tx
        .query(&ELSEWHERE)
        .bind(record.identifier())
        .bind(WRITTEN)
        .optional()
        .await?;
    if let Some((name,)) = elsewhere {
        return Ok(Put::Elsewhere(name));
    }
    let written = write(tx, feed.id, vec![record], now).await?;
    let records = feed.records + i64::try_from(written.linked).unwrap_or(0);
    note(tx, &feed, records, now).await?;
    Ok(if written.added > 0 {
        Put::Created
    } else {
        Put::Changed
    })
}

/// Takes a record away; `false` when none of this id was written here.
pub async fn remove(tx: &mut Tx, identifier: &str, now: Timestamp) -> Result<bool, Error> {
    let feed = feed(tx).await?;
    let here: Vec<i64> = tx.query(&HERE).bind(identifier).bind(WRITTEN).column().await?;
    if here.is_empty() {
        return Ok(false);
    }
    let found: Vec<i64> = ids(tx, List::of(&[identifier]))
        .await?
        .into_iter()
        .map(|(_, id)| id)
        .collect();
    drop_records(tx, feed.id, &found, now).await?;
    note(tx, &feed, feed.records.saturating_sub(1), now).await?;
    Ok(true)
}

/// The feed of what is written here, locked; made with the first record.
async fn feed(tx: &mut Tx) -> Result<Feed, Error> {
    let configured = Configured {
        name: WRITTEN,
        kind: Kind::Written,
        ecosystem: "",
        source: "",
        every_ms: None,
        least: 0,
    };
    let feed = feeds::configure(tx, &configured).await?;
    feeds::lock(tx).await?;
    Ok(feed)
}

async fn note(tx: &mut Tx, feed: &Feed, records: i64, now: Timestamp) -> Result<(), Error> {
    let state = Synced {
        revision: now.to_string(),
        records,
        newest_at: Some(now.millis()),
        ..Synced::default()
    };
    finish(tx, feed, &state, now).await
}
