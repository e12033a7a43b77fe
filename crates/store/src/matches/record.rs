//! Recording what matching gave.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ::advisories::VulnerabilityMatch;
use clock::Timestamp;
use serde_json::{Value, json};

use super::groups::{Resolved, resolve};
use super::{Matched, VersionState};
use crate::db::{Column, Insert, List, Tx, statements};
use crate::jobs::{self, Lane};
use crate::{Error, packages};

statements! {
    STATES = "SELECT id, matched_revision, undetermined FROM package_version
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    MATCHES = "SELECT package_version_id, vulnerability_id, evidence FROM package_version_vulnerability
        WHERE package_version_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    FORGET = "DELETE FROM package_version_vulnerability
        WHERE package_version_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    /// Each element is `[id, revision, undetermined]`.
    SETTLE = "UPDATE package_version
        SET matched_revision = CAST(e.value{json} ->> 1 AS BIGINT), undetermined = e.value{json} ->> 2
        FROM {elements}($1{json}) AS e
        WHERE package_version.id = CAST(e.value{json} ->> 0 AS BIGINT)";
    /// Builds that are the state of their ref, or are being audited: nobody looks at the verdict of others.
    CONCERNED = "SELECT DISTINCT b.id
        FROM inventory_component c
        JOIN build b ON b.inventory_id = c.inventory_id
        JOIN reference r ON r.id = b.reference_id
        WHERE c.package_version_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
          AND (r.build_id = b.id OR b.status IN ('queued', 'running'))
        ORDER BY b.id";
    /// As `CONCERNED`, without those whose audit is under way.
    CURRENT = "SELECT DISTINCT b.id
        FROM inventory_component c
        JOIN build b ON b.inventory_id = c.inventory_id
        JOIN reference r ON r.id = b.reference_id AND r.build_id = b.id
        WHERE c.package_version_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
          AND b.status = 'succeeded'
        ORDER BY b.id";
}

static MATCH: Insert = Insert {
    table: "package_version_vulnerability",
    columns: &["package_version_id", "vulnerability_id", "evidence"],
    suffix: "ON CONFLICT (package_version_id, vulnerability_id) DO UPDATE SET evidence = excluded.evidence",
};

/// What recording came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Versions about which something else is known than before.
    pub changed: usize,
    /// Versions whose package has moved on since they were read: nothing was recorded, they are to be
    /// matched again.
    pub overtaken: Vec<VersionState>,
    /// Builds that are audited because of it.
    pub builds: usize,
}

#[derive(sqlx::FromRow)]
struct State {
    id: i64,
    matched_revision: Option<i64>,
    undetermined: Option<String>,
}

/// What a version's rows will be.
struct Fresh<'a> {
    version: &'a VersionState,
    /// Evidence by vulnerability.
    matches: BTreeMap<i64, String>,
    undetermined: Option<String>,
}

/// Records results. Where they differ from what was known, the builds whose state that is are audited, in
/// the same transaction; a build that is still to be audited reads the results itself.
///
/// The packages stay locked until the transaction ends. Give the versions of one package together, and some
/// thousand at most.
pub async fn record(tx: &mut Tx, matched: &[Matched], now: Timestamp) -> Result<Recorded, Error> {
    let (matched, overtaken) = lock(tx, matched).await?;
    let mut recorded = Recorded {
        overtaken,
        ..Recorded::default()
    };
    if matched.is_empty() {
        return Ok(recorded);
    }
    let resolved = resolve(tx, &matched, now).await?;
    let fresh: Vec<Fresh<'_>> = matched
        .iter()
        .map(|m| Fresh::new(m, &resolved))
        .collect::<Result<_, _>>()?;
    let ids: Vec<i64> = fresh.iter().map(|version| version.version.id).collect();
    let before = Before::load(tx, &List::of(&ids)).await?;
    let differing: Vec<&Fresh<'_>> = fresh.iter().filter(|version| before.differs(version)).collect();
    replace(tx, &differing).await?;
    settle(tx, &fresh).await?;
    let (again, first): (Vec<&Fresh<'_>>, Vec<&Fresh<'_>>) = differing
        .iter()
        .partition(|version| before.was_matched(version.version.id));
    recorded.changed = differing.len();
    recorded.builds = enqueue(tx, &version_ids(&again), &version_ids(&first), now).await?;
    Ok(recorded)
}

/// Locks the packages; sorts out versions whose package is at another revision by now.
async fn lock<'a>(
    tx: &mut Tx,
    matched: &'a [Matched],
) -> Result<(Vec<&'a Matched>, Vec<VersionState>), Error> {
    let packages: BTreeSet<i64> = matched.iter().map(|matched| matched.version.package_id).collect();
    let packages: Vec<i64> = packages.into_iter().collect();
    let revisions = packages::lock(tx, &packages).await?;
    let mut seen = HashSet::new();
    let mut current = Vec::with_capacity(matched.len());
    let mut overtaken = Vec::new();
    for matched in matched.iter().filter(|matched| seen.insert(matched.version.id)) {
        let version = &matched.version;
        match revisions.get(&version.package_id) {
            Some(revision) if *revision == version.revision => current.push(matched),
            Some(revision) => overtaken.push(VersionState {
                revision: *revision,
                ..version.clone()
            }),
            // The package is gone, and its versions with it.
            None => {}
        }
    }
    Ok((current, overtaken))
}

fn version_ids(versions: &[&Fresh<'_>]) -> Vec<i64> {
    versions.iter().map(|version| version.version.id).collect()
}

impl<'a> Fresh<'a> {
    fn new(matched: &'a Matched, resolved: &Resolved) -> Result<Self, Error> {
        let version = &matched.version;
        let mut matches = BTreeMap::new();
        for found in &matched.result.affected {
            let vulnerability = resolved.of(version.package_id, found)?;
            matches.insert(vulnerability, text(found)?);
        }
        let undetermined = &matched.result.undetermined;
        let undetermined = if undetermined.is_empty() {
            None
        } else {
            Some(serde_json::to_string(undetermined).map_err(|error| Error::corrupt("match", &error))?)
        };
        Ok(Self {
            version,
            matches,
            undetermined,
        })
    }
}

fn text(found: &VulnerabilityMatch) -> Result<String, Error> {
    serde_json::to_string(found).map_err(|error| Error::corrupt("match", &error))
}

/// What was known.
struct Before {
    states: HashMap<i64, State>,
    matches: HashMap<i64, BTreeMap<i64, String>>,
}

impl Before {
    async fn load(tx: &mut Tx, versions: &str) -> Result<Self, Error> {
        let states: Vec<State> = tx.query(&STATES).bind(versions).all().await?;
        let rows: Vec<(i64, i64, String)> = tx.query(&MATCHES).bind(versions).all().await?;
        let mut matches: HashMap<i64, BTreeMap<i64, String>> = HashMap::new();
        for (version, vulnerability, evidence) in rows {
            matches
                .entry(version)
                .or_default()
                .insert(vulnerability, evidence);
        }
        Ok(Self {
            states: states.into_iter().map(|state| (state.id, state)).collect(),
            matches,
        })
    }

    fn differs(&self, fresh: &Fresh<'_>) -> bool {
        let id = fresh.version.id;
        let undetermined = self.states.get(&id).and_then(|state| state.undetermined.as_ref());
        let matches = self.matches.get(&id);
        undetermined != fresh.undetermined.as_ref()
            || matches.map_or(!fresh.matches.is_empty(), |matches| *matches != fresh.matches)
    }

    fn was_matched(&self, version: i64) -> bool {
        let state = self.states.get(&version);
        state.is_some_and(|state| state.matched_revision.is_some())
    }
}

/// Writes the matches of versions anew.
async fn replace(tx: &mut Tx, versions: &[&Fresh<'_>]) -> Result<(), Error> {
    if versions.is_empty() {
        return Ok(());
    }
    tx.query(&FORGET)
        .bind(List::of(&version_ids(versions)))
        .run()
        .await?;
    let rows = || {
        versions
            .iter()
            .flat_map(|version| version.matches.iter().map(|row| (version.version.id, row)))
    };
    let columns = vec![
        Column::Int(rows().map(|(version, _)| version).collect()),
        Column::Int(rows().map(|(_, (vulnerability, _))| *vulnerability).collect()),
        Column::Text(rows().map(|(_, (_, evidence))| evidence.clone()).collect()),
    ];
    tx.insert(&MATCH, columns).await?;
    Ok(())
}

async fn settle(tx: &mut Tx, versions: &[Fresh<'_>]) -> Result<(), Error> {
    let rows: Vec<Value> = versions
        .iter()
        .map(|fresh| json!([fresh.version.id, fresh.version.revision, fresh.undetermined]))
        .collect();
    tx.query(&SETTLE).bind(List::of(&rows)).run().await?;
    Ok(())
}

/// A version that was never matched before tells only builds that were settled without it: those that
/// wait for its answer read it themselves.
async fn enqueue(tx: &mut Tx, again: &[i64], first: &[i64], now: Timestamp) -> Result<usize, Error> {
    let mut builds: BTreeSet<i64> = BTreeSet::new();
    if !again.is_empty() {
        builds.extend(tx.query(&CONCERNED).bind(List::of(again)).column::<i64>().await?);
    }
    if !first.is_empty() {
        builds.extend(tx.query(&CURRENT).bind(List::of(first)).column::<i64>().await?);
    }
    let builds: Vec<i64> = builds.into_iter().collect();
    jobs::enqueue_audit(tx, &builds, Lane::Sweep, now).await?;
    Ok(builds.len())
}
