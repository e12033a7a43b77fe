//! Stored versions against compiled advisories, once for the whole portfolio.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use advisories::Entry;
use clock::Timestamp;
use store::db::Database;
use store::matches::{self, Matched, VersionState};

use crate::JobError;

/// Versions whose records are in memory at once.
const VERSIONS: usize = 2_000;
/// Matches that are recorded in one transaction; a version may exceed it by its own.
const MATCHES: usize = 4_000;
/// Packages may change while their versions are matched. Who is overtaken this often leaves it to the job
/// that the change itself has asked for.
const ROUNDS: usize = 3;

/// What bringing up to date came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Matching {
    /// Versions that were matched.
    pub(crate) versions: usize,
    /// Versions about which something else is known than before.
    pub(crate) changed: usize,
    /// Builds that are audited because of it.
    pub(crate) builds: usize,
}

/// Matches stale versions and records what it gives.
pub(crate) async fn bring_up_to_date(
    database: &Database,
    stale: Vec<VersionState>,
    now: Timestamp,
) -> Result<Matching, JobError> {
    let mut matching = Matching::default();
    let mut waiting = stale;
    for _ in 0..ROUNDS {
        let mut overtaken = Vec::new();
        for batch in batches(waiting) {
            overtaken.extend(match_batch(database, batch, now, &mut matching).await?);
        }
        if overtaken.is_empty() {
            break;
        }
        waiting = overtaken;
    }
    Ok(matching)
}

/// Cuts the versions into batches, between packages where that is possible.
fn batches(mut versions: Vec<VersionState>) -> Vec<Vec<VersionState>> {
    versions.sort_unstable_by_key(|version| (version.package_id, version.id));
    let mut batches: Vec<Vec<VersionState>> = Vec::new();
    for package in versions.chunk_by(|a, b| a.package_id == b.package_id) {
        for part in package.chunks(VERSIONS) {
            match batches.last_mut() {
                Some(batch) if batch.len() + part.len() <= VERSIONS => batch.extend_from_slice(part),
                _ => batches.push(part.to_vec()),
            }
        }
    }
    batches
}

/// Answers with the versions whose package moved on in the meantime.
async fn match_batch(
    database: &Database,
    batch: Vec<VersionState>,
    now: Timestamp,
    matching: &mut Matching,
) -> Result<Vec<VersionState>, JobError> {
    let packages: BTreeSet<i64> = batch.iter().map(|version| version.package_id).collect();
    let packages: Vec<i64> = packages.into_iter().collect();
    let entries = Arc::new(matches::entries(&mut database.read().await?, &packages).await?);
    let mut overtaken = Vec::new();
    let mut rest = batch;
    while !rest.is_empty() {
        let known = Arc::clone(&entries);
        let matched;
        (matched, rest) = tokio::task::spawn_blocking(move || match_some(rest, &known)).await?;
        let mut tx = database.begin().await?;
        let recorded = matches::record(&mut tx, &matched, now).await?;
        tx.commit().await?;
        matching.versions += matched.len();
        matching.changed += recorded.changed;
        matching.builds += recorded.builds;
        overtaken.extend(recorded.overtaken);
    }
    Ok(overtaken)
}

/// Matches versions until there is enough to record; answers with the results and what is left to do. A
/// version of an ecosystem that cannot be compared stays unmatched.
fn match_some(
    versions: Vec<VersionState>,
    entries: &HashMap<i64, Vec<Entry>>,
) -> (Vec<Matched>, Vec<VersionState>) {
    let mut matched = Vec::new();
    let mut found = 0;
    let mut versions = versions.into_iter();
    for version in versions.by_ref() {
        let entries = entries
            .get(&version.package_id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let result = advisories::match_package(&version.ecosystem, entries, &version.installed());
        if let Some(result) = result {
            found += result.affected.len();
            matched.push(Matched { version, result });
        }
        if found >= MATCHES {
            break;
        }
    }
    (matched, versions.collect())
}
