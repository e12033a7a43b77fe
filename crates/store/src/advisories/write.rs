//! Writing prepared records: a constant number of statements for any number of records.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clock::Timestamp;

use super::prepare::{PreparedPackage, PreparedRecord};
use crate::Error;
use crate::db::{Column, Insert, List, Tx, statements};
use crate::feeds::{self, Feed, Synced};
use crate::jobs::{self, Lane};
use crate::{builds, packages};

statements! {
    STORED = "SELECT a.id, a.identifier, a.modified, a.digest,
            EXISTS (SELECT 1 FROM feed_advisory c WHERE c.advisory_id = a.id AND c.feed_id <> $2) AS elsewhere
        FROM advisory a
        WHERE a.identifier IN (SELECT value FROM {elements}($1{json}))";
    IDS = "SELECT identifier, id FROM advisory
        WHERE identifier IN (SELECT value FROM {elements}($1{json}))";
    PACKAGES_OF = "SELECT DISTINCT package_id FROM advisory_package
        WHERE advisory_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    FORGET_PACKAGES = "DELETE FROM advisory_package
        WHERE advisory_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    FORGET_ALIASES = "DELETE FROM advisory_alias
        WHERE advisory_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
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

static ADVISORY: Insert = Insert {
    table: "advisory",
    columns: &[
        "identifier",
        "modified",
        "published",
        "withdrawn",
        "summary",
        "digest",
        "record",
    ],
    suffix: "ON CONFLICT (identifier) DO UPDATE SET
        modified = excluded.modified, published = excluded.published, withdrawn = excluded.withdrawn,
        summary = excluded.summary, digest = excluded.digest, record = excluded.record",
};

static CARRIED: Insert = Insert {
    table: "feed_advisory",
    columns: &["feed_id", "advisory_id"],
    suffix: "ON CONFLICT DO NOTHING",
};

static ALIAS: Insert = Insert {
    table: "advisory_alias",
    columns: &["alias", "advisory_id"],
    suffix: "ON CONFLICT DO NOTHING",
};

static ENTRY: Insert = Insert {
    table: "advisory_package",
    columns: &["package_id", "advisory_id", "entry"],
    suffix: "ON CONFLICT (package_id, advisory_id) DO UPDATE SET entry = excluded.entry",
};

/// What one transaction has done.
#[derive(Default)]
pub(super) struct Written {
    pub(super) added: usize,
    pub(super) changed: usize,
    pub(super) unchanged: usize,
    pub(super) dropped: usize,
    /// Records that the feed had not carried before.
    pub(super) linked: i64,
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
    /// Whether another feed carries it, too.
    elsewhere: bool,
}

impl Stored {
    /// Whether a record of the same id takes its place: the later one; at the same time the one that the
    /// only feed carries now, for two feeds that differ would replace each other's for ever.
    fn yields_to(&self, record: &PreparedRecord) -> bool {
        let format = |digest: &str| digest.split(':').next().map(str::to_owned);
        let outdated = format(&self.digest) != format(&record.digest);
        self.digest != record.digest
            && (record.modified > self.modified
                || (record.modified == self.modified && (outdated || !self.elsewhere)))
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
    let identifiers = List::of(&records.keys().collect::<Vec<_>>());
    let stored = stored(tx, &identifiers, feed).await?;
    let total = records.len();
    let mut written = Written::default();
    let differing: Vec<PreparedRecord> = records
        .into_values()
        .filter(|record| stored.get(&record.identifier).is_none_or(|s| s.yields_to(record)))
        .collect();
    let replaced: Vec<i64> = differing
        .iter()
        .filter_map(|record| Some(stored.get(&record.identifier)?.id))
        .collect();
    written.changed = replaced.len();
    written.added = differing.len() - replaced.len();
    written.unchanged = total - differing.len();
    written.packages = forget(tx, &replaced).await?;
    written.packages.extend(insert(tx, differing).await?);
    let ids: Vec<(String, i64)> = tx.query(&IDS).bind(identifiers).all().await?;
    written.met = ids.into_iter().map(|(_, id)| id).collect();
    written.linked = link(tx, feed, &written.met).await?;
    touch(tx, &written.packages, now).await?;
    Ok(written)
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

async fn stored(tx: &mut Tx, identifiers: &str, feed: i64) -> Result<HashMap<String, Stored>, Error> {
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

/// Writes records with their aliases and entries; answers with the packages of which they speak.
async fn insert(tx: &mut Tx, records: Vec<PreparedRecord>) -> Result<BTreeSet<i64>, Error> {
    if records.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut rows = Rows::default();
    let mut parts = Vec::with_capacity(records.len());
    for record in records {
        parts.push(rows.push(record));
    }
    let identifiers = List::of(&rows.identifiers);
    tx.insert(&ADVISORY, rows.columns()).await?;
    let ids: Vec<(String, i64)> = tx.query(&IDS).bind(identifiers).all().await?;
    let ids: HashMap<String, i64> = ids.into_iter().collect();
    insert_aliases(tx, &ids, &parts).await?;
    insert_entries(tx, &ids, parts).await
}

/// What a record has many of.
struct Parts {
    identifier: String,
    aliases: Vec<String>,
    packages: Vec<PreparedPackage>,
}

#[derive(Default)]
struct Rows {
    identifiers: Vec<String>,
    modified: Vec<i64>,
    published: Vec<Option<i64>>,
    withdrawn: Vec<Option<i64>>,
    summaries: Vec<String>,
    digests: Vec<String>,
    records: Vec<Vec<u8>>,
}

impl Rows {
    fn push(&mut self, record: PreparedRecord) -> Parts {
        self.identifiers.push(record.identifier.clone());
        self.modified.push(record.modified);
        self.published.push(record.published);
        self.withdrawn.push(record.withdrawn);
        self.summaries.push(record.summary);
        self.digests.push(record.digest);
        self.records.push(record.record);
        Parts {
            identifier: record.identifier,
            aliases: record.aliases,
            packages: record.packages,
        }
    }

    fn columns(self) -> Vec<Column> {
        vec![
            Column::Text(self.identifiers),
            Column::Int(self.modified),
            Column::MaybeInt(self.published),
            Column::MaybeInt(self.withdrawn),
            Column::Text(self.summaries),
            Column::Text(self.digests),
            Column::Bytes(self.records),
        ]
    }
}

async fn insert_aliases(tx: &mut Tx, ids: &HashMap<String, i64>, parts: &[Parts]) -> Result<(), Error> {
    let mut aliases = Vec::new();
    let mut advisories = Vec::new();
    for part in parts {
        let Some(id) = ids.get(&part.identifier) else {
            continue;
        };
        aliases.extend(part.aliases.iter().cloned());
        advisories.extend(std::iter::repeat_n(*id, part.aliases.len()));
    }
    if !aliases.is_empty() {
        tx.insert(&ALIAS, vec![Column::Text(aliases), Column::Int(advisories)])
            .await?;
    }
    Ok(())
}

async fn insert_entries(
    tx: &mut Tx,
    ids: &HashMap<String, i64>,
    parts: Vec<Parts>,
) -> Result<BTreeSet<i64>, Error> {
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in parts.iter().flat_map(|part| &part.packages) {
        names.entry(&package.ecosystem).or_default().insert(&package.name);
    }
    let known = packages::intern_packages(tx, &names).await?;
    let mut entries: BTreeMap<(i64, i64), Vec<u8>> = BTreeMap::new();
    for part in parts {
        let Some(advisory) = ids.get(&part.identifier) else {
            continue;
        };
        for package in part.packages {
            if let Some(id) = known.get(&(package.ecosystem, package.name)) {
                entries.insert((*id, *advisory), package.entry);
            }
        }
    }
    let touched = entries.keys().map(|(package, _)| *package).collect();
    let columns = vec![
        Column::Int(entries.keys().map(|(package, _)| *package).collect()),
        Column::Int(entries.keys().map(|(_, advisory)| *advisory).collect()),
        Column::Bytes(entries.into_values().collect()),
    ];
    tx.insert(&ENTRY, columns).await?;
    Ok(touched)
}

async fn link(tx: &mut Tx, feed: i64, advisories: &[i64]) -> Result<i64, Error> {
    let columns = vec![
        Column::Int(vec![feed; advisories.len()]),
        Column::Int(advisories.to_vec()),
    ];
    let linked = tx.insert(&CARRIED, columns).await?;
    Ok(i64::try_from(linked).unwrap_or(i64::MAX))
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
    let rows: Vec<(String, i64)> = tx.query(&IDS).bind(List::of(identifiers)).all().await?;
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
