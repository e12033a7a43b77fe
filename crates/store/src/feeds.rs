//! Feeds: where advisories come from, and how fresh they are.

use clock::Timestamp;
use policy::FeedState;

use crate::Error;
use crate::db::{Session, Tx, statements};

/// The name of the feed of known exploited vulnerabilities.
pub const EXPLOITED: &str = "kev";

statements! {
    ALL = "SELECT * FROM feed ORDER BY name";
    BY_NAME = "SELECT * FROM feed WHERE name = $1";
    /// Another source may say something else under the same entity tag.
    ENSURE = "INSERT INTO feed (name, ecosystem, source, revision, records, validator)
        VALUES ($1, $2, $3, '', 0, '')
        ON CONFLICT (name) DO UPDATE
        SET ecosystem = excluded.ecosystem,
            source = excluded.source,
            validator = CASE WHEN feed.source = excluded.source THEN feed.validator ELSE '' END
        RETURNING *";
    /// Applications of feeds follow one another: two of them may carry one record.
    LOCK = "SELECT id FROM feed ORDER BY id {for_update}";
    SYNCED = "UPDATE feed
        SET revision = $2, records = $3, synced_at = $4, attempted_at = $4, newest_at = $5, error = $6, validator = $7
        WHERE id = $1";
    CONFIRMED = "UPDATE feed SET synced_at = $2, attempted_at = $2, error = NULL WHERE name = $1";
    FAILED = "UPDATE feed SET attempted_at = $2, error = $3 WHERE name = $1";
    COVERED = "SELECT DISTINCT ecosystem FROM feed
        WHERE ecosystem <> '' AND synced_at IS NOT NULL
        ORDER BY ecosystem";
}

/// A feed as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Feed {
    pub id: i64,
    pub name: String,
    /// The OSV ecosystem that it covers; empty for a feed of another kind.
    pub ecosystem: String,
    /// A URL or a folder, as the operator wrote it.
    pub source: String,
    /// What the state is called: the newest `modified`, or the publisher's own version.
    pub revision: String,
    pub records: i64,
    /// The last success and the last try; absent when there was none.
    pub synced_at: Option<i64>,
    pub attempted_at: Option<i64>,
    /// The newest `modified` among the records.
    pub newest_at: Option<i64>,
    /// Why the last try failed, or which records it had to leave out.
    pub error: Option<String>,
    /// What the source said about its state, for the next conditional request; empty when nothing.
    pub validator: String,
}

impl Feed {
    /// The feed as a verdict speaks of it.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> FeedState {
        let fetched_at = self.synced_at.map(Timestamp::from_millis);
        FeedState {
            name: self.name.clone(),
            revision: self.revision.clone(),
            fetched_at,
            age_s: fetched_at.map(|then| now.since(then) / 1000),
            records: u64::try_from(self.records).unwrap_or(0),
            stale: false,
        }
    }
}

/// The feed that covers an OSV ecosystem, by our naming.
#[must_use]
pub fn name_of(ecosystem: &str) -> String {
    format!("osv:{ecosystem}")
}

/// All feeds by name.
pub async fn all(session: &mut Session) -> Result<Vec<Feed>, Error> {
    session.query(&ALL).all().await
}

pub async fn by_name(session: &mut Session, name: &str) -> Result<Option<Feed>, Error> {
    session.query(&BY_NAME).bind(name).optional().await
}

/// The feeds that findings rest on. Feeds of other kinds, such as the catalogue of exploited
/// vulnerabilities, are not among them: that one is missing has a rule of its own.
pub async fn states(session: &mut Session, now: Timestamp) -> Result<Vec<FeedState>, Error> {
    let feeds = all(session).await?;
    let advisories = feeds.iter().filter(|feed| !feed.ecosystem.is_empty());
    Ok(advisories.map(|feed| feed.state(now)).collect())
}

/// As [`states`], of the feeds that cover one of these ecosystems only: a feed that says nothing about a
/// product cannot be too old for it.
pub async fn states_of(
    session: &mut Session,
    ecosystems: &[&str],
    now: Timestamp,
) -> Result<Vec<FeedState>, Error> {
    let feeds = all(session).await?;
    let concerned = feeds
        .iter()
        .filter(|feed| ecosystems.contains(&feed.ecosystem.as_str()));
    Ok(concerned.map(|feed| feed.state(now)).collect())
}

/// The OSV ecosystems that some feed has covered at least once.
pub async fn covered(session: &mut Session) -> Result<Vec<String>, Error> {
    session.query(&COVERED).column().await
}

/// The feed, made when it is new; ecosystem and source become those given.
pub async fn ensure(tx: &mut Tx, name: &str, ecosystem: &str, source: &str) -> Result<Feed, Error> {
    tx.query(&ENSURE)
        .bind(name)
        .bind(ecosystem)
        .bind(source)
        .one()
        .await
}

/// Holds all feeds until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx) -> Result<(), Error> {
    tx.query(&LOCK).column::<i64>().await?;
    Ok(())
}

/// What a successful synchronisation leaves behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Synced {
    pub revision: String,
    pub records: i64,
    pub newest_at: Option<i64>,
    /// Which records were left out.
    pub error: Option<String>,
    pub validator: String,
}

pub(crate) async fn synced(tx: &mut Tx, feed: i64, state: &Synced, now: Timestamp) -> Result<(), Error> {
    tx.query(&SYNCED)
        .bind(feed)
        .bind(state.revision.as_str())
        .bind(state.records)
        .bind(now.millis())
        .bind(state.newest_at)
        .bind(state.error.as_deref())
        .bind(state.validator.as_str())
        .run()
        .await?;
    Ok(())
}

/// Notes that the source has nothing new: what is stored is as fresh as after a whole synchronisation.
pub async fn confirmed(tx: &mut Tx, name: &str, now: Timestamp) -> Result<(), Error> {
    tx.query(&CONFIRMED).bind(name).bind(now.millis()).run().await?;
    Ok(())
}

/// Notes that a try failed; the last good state stays.
pub async fn failed(tx: &mut Tx, name: &str, error: &str, now: Timestamp) -> Result<(), Error> {
    tx.query(&FAILED)
        .bind(name)
        .bind(now.millis())
        .bind(error)
        .run()
        .await?;
    Ok(())
}
