//! Writing prepared records: a constant number of statements for any number of records.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clock::Timestamp;

use super::prepare::PreparedRecord;
use super::rows::{ids, insert};
use crate::Error;
use crate::db::{Column, Insert, List, Tx, statements};
use crate::feeds::{self, Feed, Synced};
use crate::jobs::{self, Lane};
use crate::{builds, packages};

statements! {
    STORED = "SELECT a.id, a.identifier, a.modified, a.digest,
            EXISTS (SELECT 1 FROM feed_advisory c WHERE c.advisory_id = a.id AND c.feed_id = $2) AS here,
            EXISTS (
                SELECT 1 FROM feed_advisory c
                WHERE c.advisory_id = a.id AND c.feed_id <> $2 AND c.digest = a.digest
            ) AS elsewhere
        FROM advisory a
        WHERE a.identifier IN (SELECT value FROM {elements}($1{json}))";
    PACKAGES_OF = "SELECT DISTINCT package_id FROM advisory_package
        WHERE advisory_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    FORGET_PACKAGES = "DELETE FROM advisory_package
        WHERE advisory_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    FORGET_ALIASES = "DELETE FROM advisory_alias
        WHERE advisory_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    /// Has other feeds tell again what they have of a record: they may have a later state.
    ASK_OTHERS = "UPDATE feed_advisory SET digest = ''
        WHERE feed_id <> $1 AND advisory_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($2{json}))";
    /// As `ASK_OTHERS`, those that have another state than the one that is stored.
    ASK_DIFFERING = "UPDATE feed_advisory SET digest = ''
        WHERE advisory_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
          AND digest <> (SELECT a.digest FROM advisory a WHERE a.id = feed_advisory.advisory_id)";
    UNLINK = "DELETE FROM feed_advisory
        WHERE feed_id = $1 AND advisory_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($2{json}))";
    /// Records that no feed carries any more.
    ORPHANS = "SELECT a.id FROM advisory a
        WHERE a.id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
          AND NOT EXISTS (SELECT 1 FROM feed_advisory c WHERE c.advisory_id = a.id)";
    REMOVE = "DELETE FROM advisory
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    /// Current builds with a component of an ecosystem: what was not checked before, is from now on.
    CONTAINING = "SELECT r.build_id
        FROM reference r
        JOIN build b ON b.id = r.build_id
        WHERE EXISTS (
            SELECT 1
            FROM inventory_component c
            JOIN package_version v ON v.id = c.package_version_id
            JOIN package p ON p.id = v.package_id
            WHERE c.inventory_id = b.inventory_id AND p.ecosystem = $1
        )";
}

static CARRIED: Insert = Insert {
    table: "feed_advisory",
    columns: &["feed_id", "advisory_id", "digest"],
    suffix: "ON CONFLICT (feed_id, advisory_id) DO UPDATE SET digest = excluded.digest",
};

/// What one transaction has done.
#[derive(Default)]
pub(super) struct Written {
    pub(super) added: usize,
    pub(super) changed: usize,
    pub(super) unchanged: usize,
    pub(super) dropped: usize,
    /// Records that the feed had not carried before.
    pub(super) linked: usize,
    /// The stored records that those of the chunk are.
    pub(super) met: Vec<i64>,
    /// Packages about which something changed.
    pub(super) packages: BTreeSet<i64>,
}

#[derive(sqlx::FromRow)]
struct Stored {
    id: i64,
    identifier: String,
    modified: i64,
    digest: String,
    /// Whether the feed carries it already.
    here: bool,
    /// Whether another feed carries it in just this state.
    elsewhere: bool,
}

impl Stored {
    /// Whether a record of the same id takes its place. A state that another feed has stays until a later
    /// one comes, lest two feeds that differ replace each other's for ever; without one, what the feed says
    /// now counts, for databases do take a change back under an earlier `modified`.
    fn yields_to(&self, record: &PreparedRecord) -> bool {
        let content = |digest: &str| digest.split_once(':').map(|(_, content)| content.to_owned());
        let outdated = content(&self.digest) == content(&record.digest);
        self.digest != record.digest && (outdated || !self.elsewhere || record.modified > self.modified)
    }
}

/// Writes the records of a feed that are new or later than what is stored. Feeds must be locked.
pub(super) async fn write(
    tx: &mut Tx,
    feed: i64,
    records: Vec<PreparedRecord>,
    now: Timestamp,
) -> Result<Written, Error> {
    if records.is_empty() {
        return Ok(Written::default());
    }
    let records = latest(records);
    let digests: BTreeMap<String, String> = records
        .values()
        .map(|record| (record.identifier.clone(), record.digest.clone()))
        .collect();
    let stored = stored(tx, &digests, feed).await?;
    let differing: Vec<PreparedRecord> = records
        .into_values()
        .filter(|record| stored.get(&record.identifier).is_none_or(|s| s.yields_to(record)))
        .collect();
    let replaced = Replaced::of(&differing, &stored);
    let mut written = Written {
        added: differing.len() - replaced.all.len(),
        changed: replaced.all.len(),
        unchanged: digests.len() - differing.len(),
        linked: digests.len() - stored.values().filter(|stored| stored.here).count(),
        ..Written::default()
    };
    written.packages = forget(tx, &replaced.all).await?;
    written.packages.extend(insert(tx, differing).await?);
    written.met = link(tx, feed, digests).await?;
    if !replaced.by_earlier.is_empty() {
        let list = List::of(&replaced.by_earlier);
        tx.query(&ASK_OTHERS).bind(feed).bind(list).run().await?;
    }
    touch(tx, &written.packages, now).await?;
    Ok(written)
}

/// Stored records that others take the place of.
struct Replaced {
    all: Vec<i64>,
    by_earlier: Vec<i64>,
}

impl Replaced {
    fn of(records: &[PreparedRecord], stored: &HashMap<String, Stored>) -> Self {
        let replaced = || {
            let stored = |record: &PreparedRecord| stored.get(&record.identifier);
            records
                .iter()
                .filter_map(move |record| Some((record, stored(record)?)))
        };
        let earlier = replaced().filter(|(record, stored)| record.modified < stored.modified);
        Self {
            all: replaced().map(|(_, stored)| stored.id).collect(),
            by_earlier: earlier.map(|(_, stored)| stored.id).collect(),
        }
    }
}

/// One record for each id, the later one; in the order of their ids, so that two transactions that write
/// the same rows do so in the same order.
fn latest(records: Vec<PreparedRecord>) -> BTreeMap<String, PreparedRecord> {
    let mut latest: BTreeMap<String, PreparedRecord> = BTreeMap::new();
    for record in records {
        let earlier = latest.get(&record.identifier);
        if earlier.is_none_or(|earlier| earlier.modified <= record.modified) {
            latest.insert(record.identifier.clone(), record);
        }
    }
    latest
}

async fn stored(
    tx: &mut Tx,
    digests: &BTreeMap<String, String>,
    feed: i64,
) -> Result<HashMap<String, Stored>, Error> {
    let identifiers = List::of(&digests.keys().collect::<Vec<_>>());
    let rows: Vec<Stored> = tx.query(&STORED).bind(identifiers).bind(feed).all().await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.identifier.clone(), row))
        .collect())
}

/// Takes away what replaced records said; answers with the packages of which they spoke.
async fn forget(tx: &mut Tx, replaced: &[i64]) -> Result<BTreeSet<i64>, Error> {
    if replaced.is_empty() {
        return Ok(BTreeSet::new());
    }
    let list = List::of(replaced);
    let packages = tx.query(&PACKAGES_OF).bind(list.as_str()).column().await?;
    tx.query(&FORGET_PACKAGES).bind(list.as_str()).run().await?;
    tx.query(&FORGET_ALIASES).bind(list.as_str()).run().await?;
    Ok(packages.into_iter().collect())
}

/// Notes that the feed carries these records, and in which state; answers with their stored ids.
async fn link(tx: &mut Tx, feed: i64, mut digests: BTreeMap<String, String>) -> Result<Vec<i64>, Error> {
    let identifiers = List::of(&digests.keys().collect::<Vec<_>>());
    let rows = ids(tx, identifiers).await?;
    let ids: Vec<i64> = rows.iter().map(|(_, id)| *id).collect();
    let digests = rows
        .iter()
        .map(|(identifier, _)| digests.remove(identifier).unwrap_or_default());
    let columns = vec![
        Column::Int(vec![feed; ids.len()]),
        Column::Int(ids.clone()),
        Column::Text(digests.collect()),
    ];
    tx.insert(&CARRIED, columns).await?;
    Ok(ids)
}

/// Moves packages to their next revision, and has their stored versions matched again.
async fn touch(tx: &mut Tx, touched: &BTreeSet<i64>, now: Timestamp) -> Result<(), Error> {
    let touched: Vec<i64> = touched.iter().copied().collect();
    if touched.is_empty() {
        return Ok(());
    }
    packages::lock(tx, &touched).await?;
    let concerned = packages::advance(tx, &touched).await?;
    jobs::enqueue_rematch(tx, &concerned, now).await
}

/// The stored records with these ids.
pub(super) async fn of_identifiers(tx: &mut Tx, identifiers: &[String]) -> Result<BTreeSet<i64>, Error> {
    if identifiers.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows = ids(tx, List::of(identifiers)).await?;
    Ok(rows.into_iter().map(|(_, id)| id).collect())
}

/// Takes records from a feed; those that no other feed carries are gone. Feeds must be locked.
pub(super) async fn drop_records(
    tx: &mut Tx,
    feed: i64,
    dropped: &[i64],
    now: Timestamp,
) -> Result<Written, Error> {
    if dropped.is_empty() {
        return Ok(Written::default());
    }
    tx.query(&UNLINK).bind(feed).bind(List::of(dropped)).run().await?;
    tx.query(&ASK_DIFFERING).bind(List::of(dropped)).run().await?;
    let orphans: Vec<i64> = tx.query(&ORPHANS).bind(List::of(dropped)).column().await?;
    let packages: Vec<i64> = tx.query(&PACKAGES_OF).bind(List::of(&orphans)).column().await?;
    tx.query(&REMOVE).bind(List::of(&orphans)).run().await?;
    let packages: BTreeSet<i64> = packages.into_iter().collect();
    touch(tx, &packages, now).await?;
    Ok(Written {
        dropped: dropped.len(),
        packages,
        ..Written::default()
    })
}

/// Notes the new state of a feed. With its first one, what was not checked is checked from now on, so the
/// builds that this concerns are audited.
pub(super) async fn finish(tx: &mut Tx, feed: &Feed, state: &Synced, now: Timestamp) -> Result<(), Error> {
    feeds::synced(tx, feed.id, state, now).await?;
    if feed.synced_at.is_some() || feed.ecosystem.is_empty() {
        return Ok(());
    }
    let base = feed.ecosystem.split(':').next().unwrap_or_default();
    let mut concerned: Vec<i64> = tx.query(&CONTAINING).bind(base).column().await?;
    concerned.extend(builds::unfinished(tx).await?);
    concerned.sort_unstable();
    concerned.dedup();
    jobs::enqueue_audit(tx, &concerned, Lane::Sweep, now).await
}
