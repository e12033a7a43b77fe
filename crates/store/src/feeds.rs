//! Feeds: where advisories come from, and how fresh they are.

use clock::Timestamp;
use policy::FeedState;

use crate::Error;
use crate::db::{Session, Tx, statements};

/// The name of the feed of known exploited vulnerabilities.
pub const EXPLOITED: &str = "kev";
/// The name of the feed of probabilities of exploitation.
pub const SCORES: &str = "epss";
/// The name of the feed of advisories that people write here.
pub const WRITTEN: &str = "written";

/// A feed may lose this many records at once without being taken for broken, …
const FEW: usize = 20;
/// … and one in this many.
const SHARE: usize = 20;

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
    /// As `ENSURE`, with what the configuration says of kind, schedule and floor.
    CONFIGURE = "INSERT INTO feed (name, ecosystem, source, revision, records, validator, kind, every_ms, least)
        VALUES ($1, $2, $3, '', 0, '', $4, $5, $6)
        ON CONFLICT (name) DO UPDATE
        SET ecosystem = excluded.ecosystem,
            source = excluded.source,
            validator = CASE WHEN feed.source = excluded.source THEN feed.validator ELSE '' END,
            kind = excluded.kind, every_ms = excluded.every_ms, least = excluded.least
        RETURNING *";
    /// A feed that comes in a bundle: where it is known here, its source and schedule stay.
    ADOPT = "INSERT INTO feed (name, ecosystem, source, revision, records, validator, kind)
        VALUES ($1, $2, 'bundle', '', 0, '', $3)
        ON CONFLICT (name) DO UPDATE SET ecosystem = excluded.ecosystem
        RETURNING *";
    /// Applications of feeds follow one another: two of them may carry one record.
    LOCK = "SELECT id FROM feed ORDER BY id {for_update}";
    SYNCED = "UPDATE feed
        SET revision = $2, records = $3, synced_at = $4, attempted_at = $5, newest_at = $6, error = $7, validator = $8
        WHERE id = $1";
    CONFIRMED = "UPDATE feed SET synced_at = $2, attempted_at = $2, error = NULL WHERE name = $1";
    LATE_TOLD = "UPDATE feed SET late_since = synced_at WHERE id = $1";
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
    /// A [`Kind`]'s word; empty where it was never said.
    pub kind: String,
    /// How often it is read; absent when nobody asks for it on schedule.
    pub every_ms: Option<i64>,
    /// Fewer records than this are taken for a broken source.
    pub least: i64,
    /// The last success after which people were told that it is late.
    pub late_since: Option<i64>,
}

/// What a feed brings, and in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One ecosystem of a bucket in OSV's layout.
    Osv,
    /// Advisories in the OSV schema: files of a folder, an archive, lines of a file.
    Records,
    /// RustSec's repository: its OSV export, or the advisories as they are written.
    RustSec,
    /// The catalogue of known exploited vulnerabilities.
    Exploited,
    /// Probabilities of exploitation.
    Scores,
    /// Advisories that people write here.
    Written,
}

impl Kind {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Osv => "osv",
            Self::Records => "records",
            Self::RustSec => "rustsec",
            Self::Exploited => "exploited",
            Self::Scores => "scores",
            Self::Written => "written",
        }
    }

    /// Reads back what [`Kind::word`] wrote.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [
            Self::Osv,
            Self::Records,
            Self::RustSec,
            Self::Exploited,
            Self::Scores,
            Self::Written,
        ]
        .into_iter()
        .find(|kind| kind.word() == word)
    }
}

/// A feed as the configuration describes it.
#[derive(Clone, Copy, Debug)]
pub struct Configured<'a> {
    pub name: &'a str,
    pub kind: Kind,
    /// The OSV ecosystem that it covers; empty when it covers none by itself.
    pub ecosystem: &'a str,
    pub source: &'a str,
    pub every_ms: Option<i64>,
    /// Fewer records than this are refused.
    pub least: i64,
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

/// A feed whose schedule is not known is late when it was not fetched for longer.
const LATE_AFTER_MS: i64 = clock::DAY_MS;
/// A feed with a schedule is late when it missed so many rounds, …
const MISSED_ROUNDS: i64 = 3;
/// … but never sooner than this.
const LATE_AT_LEAST_MS: i64 = 3_600_000;

impl Feed {
    /// Whether it is older than it should be; one that was never loaded has no age.
    #[must_use]
    pub fn is_late(&self, now: Timestamp) -> bool {
        let rounds = self.every_ms.map(|every| every.saturating_mul(MISSED_ROUNDS));
        let allowed = rounds.map_or(LATE_AFTER_MS, |rounds| rounds.max(LATE_AT_LEAST_MS));
        let is_written = self.kind == Kind::Written.word();
        let synced = self.synced_at.filter(|_| !is_written);
        synced.is_some_and(|synced| now.since(Timestamp::from_millis(synced)) > allowed)
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

/// The feed as it is configured, made when it is new.
pub async fn configure(tx: &mut Tx, feed: &Configured<'_>) -> Result<Feed, Error> {
    tx.query(&CONFIGURE)
        .bind(feed.name)
        .bind(feed.ecosystem)
        .bind(feed.source)
        .bind(feed.kind.word())
        .bind(feed.every_ms)
        .bind(feed.least)
        .one()
        .await
}

/// The feed of this name as a bundle brings it, made when it is new.
pub(crate) async fn adopt(tx: &mut Tx, name: &str, kind: &str, ecosystem: &str) -> Result<Feed, Error> {
    tx.query(&ADOPT).bind(name).bind(ecosystem).bind(kind).one().await
}

/// Whether so much less than before is still believed.
pub(crate) fn is_tolerable_loss(before: usize, now: usize) -> bool {
    is_tolerable(before.saturating_sub(now), before)
}

/// Whether so many of so many may be missing or unreadable.
pub(crate) fn is_tolerable(missing: usize, of: usize) -> bool {
    missing <= FEW || missing * SHARE <= of
}

impl Feed {
    /// The number of records below which a new state is refused: the configured floor, or what may be lost at
    /// once of the records that are there.
    #[must_use]
    pub fn floor(&self) -> i64 {
        let few = i64::try_from(FEW).unwrap_or(0);
        let share = i64::try_from(SHARE).unwrap_or(1);
        let believed = self.records - few.max(self.records / share);
        let kept = if self.synced_at.is_some() { believed } else { 0 };
        kept.max(self.least).max(0)
    }
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
    /// When the state was taken from its publisher, where that is not now: it came in a bundle.
    pub synced_at: Option<Timestamp>,
}

pub(crate) async fn synced(tx: &mut Tx, feed: i64, state: &Synced, now: Timestamp) -> Result<(), Error> {
    tx.query(&SYNCED)
        .bind(feed)
        .bind(state.revision.as_str())
        .bind(state.records)
        .bind(state.synced_at.unwrap_or(now).millis())
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

/// Notes that people were told that it is late; after the next success they are told anew.
pub async fn late_told(tx: &mut Tx, feed: i64) -> Result<(), Error> {
    tx.query(&LATE_TOLD).bind(feed).run().await?;
    Ok(())
}
