//! Which stored vulnerability each alias group is.
//!
//! A group is recognised by any of its ids, so it keeps its identity when ids join it. Two stored ones that
//! turn out to be one become the elder; one that turns out to be two stays with the group that carries the
//! id it is shown under, and the other group becomes a new one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ::advisories::VulnerabilityMatch;
use clock::Timestamp;

use super::Matched;
use crate::Error;
use crate::db::{Column, Insert, List, Tx, statements};

statements! {
    KNOWN = "SELECT i.package_id, i.identifier, g.id, g.canonical, g.summary
        FROM vulnerability_identifier i
        JOIN vulnerability g ON g.id = i.vulnerability_id
        WHERE i.package_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    /// The newest of each name: those that were just made, where some were.
    MADE = "SELECT package_id, canonical, MAX(id) FROM vulnerability
        WHERE package_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
        GROUP BY package_id, canonical";
    MOVE_IDENTIFIERS = "UPDATE vulnerability_identifier SET vulnerability_id = $2 WHERE vulnerability_id = $1";
    FORGET_SHARED_MATCHES = "DELETE FROM package_version_vulnerability
        WHERE vulnerability_id = $1
          AND package_version_id IN (
              SELECT package_version_id FROM package_version_vulnerability WHERE vulnerability_id = $2
          )";
    MOVE_MATCHES = "UPDATE package_version_vulnerability SET vulnerability_id = $2 WHERE vulnerability_id = $1";
    /// A finding whose ref has one of the other group, too, stays: the next audit closes it, so that what
    /// was counted as opened is counted as closed.
    MOVE_FINDINGS = "UPDATE finding SET vulnerability_id = $2
        WHERE vulnerability_id = $1
          AND NOT EXISTS (
              SELECT 1 FROM finding other
              WHERE other.reference_id = finding.reference_id
                AND other.package_version_id = finding.package_version_id
                AND other.vulnerability_id = $2
          )";
    REMOVE_UNUSED = "DELETE FROM vulnerability
        WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.vulnerability_id = $1)";
}

static NEW: Insert = Insert {
    table: "vulnerability",
    columns: &["package_id", "canonical", "summary", "created_at"],
    suffix: "",
};

static RENAMED: Insert = Insert {
    table: "vulnerability",
    columns: &["id", "package_id", "canonical", "summary", "created_at"],
    suffix: "ON CONFLICT (id) DO UPDATE SET canonical = excluded.canonical, summary = excluded.summary",
};

/// An id that went to another group takes its history along.
static IDENTIFIER: Insert = Insert {
    table: "vulnerability_identifier",
    columns: &["package_id", "identifier", "vulnerability_id", "since"],
    suffix: "ON CONFLICT (package_id, identifier) DO UPDATE SET vulnerability_id = excluded.vulnerability_id",
};

/// The vulnerability of each id of each package.
#[derive(Default)]
pub(super) struct Resolved {
    owners: HashMap<i64, HashMap<String, i64>>,
}

impl Resolved {
    pub(super) fn of(&self, package: i64, found: &VulnerabilityMatch) -> Result<i64, Error> {
        let owners = self.owners.get(&package);
        let owner = owners.and_then(|owners| found.ids.iter().find_map(|id| owners.get(id)));
        owner
            .copied()
            .ok_or_else(|| Error::corrupt("vulnerability", &"a group was not resolved"))
    }
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    package_id: i64,
    identifier: String,
    id: i64,
    canonical: String,
    summary: String,
}

/// What is stored about one package.
#[derive(Default)]
struct Known {
    owners: BTreeMap<String, i64>,
    /// Canonical id and summary.
    vulnerabilities: BTreeMap<i64, (String, String)>,
}

/// Ids that belong together today.
struct Group<'a> {
    package: i64,
    ids: BTreeSet<&'a str>,
    canonical: &'a str,
    summary: &'a str,
    /// The stored vulnerabilities that it is; the first is the one that it stays.
    kept: Vec<i64>,
}

/// Makes, renames, joins and splits stored vulnerabilities so that every group of the results is one. The
/// packages must be locked.
pub(super) async fn resolve(tx: &mut Tx, matched: &[&Matched], now: Timestamp) -> Result<Resolved, Error> {
    let groups = groups_by_package(matched);
    let packages = List::of(&groups.keys().collect::<Vec<_>>());
    let mut known = known(tx, &packages).await?;
    let mut all: Vec<Group<'_>> = Vec::new();
    for (package, mut groups) in groups {
        if let Some(known) = known.get(&package) {
            assign(&mut groups, known);
        }
        all.extend(groups);
    }
    merge(tx, &all, &mut known).await?;
    make(tx, &mut all, &packages, now).await?;
    rename(tx, &all, &known, now).await?;
    let mut resolved = Resolved::default();
    for (package, known) in known {
        resolved.owners.entry(package).or_default().extend(known.owners);
    }
    name(tx, &all, &mut resolved, now).await?;
    Ok(resolved)
}

/// The distinct groups of each package; groups that share an id are one.
fn groups_by_package<'a>(matched: &[&'a Matched]) -> BTreeMap<i64, Vec<Group<'a>>> {
    let mut packages: BTreeMap<i64, Vec<Group<'a>>> = BTreeMap::new();
    let mut places: HashMap<(i64, &'a str), usize> = HashMap::new();
    for matched in matched {
        let package = matched.version.package_id;
        let groups = packages.entry(package).or_default();
        for found in &matched.result.affected {
            let place = found
                .ids
                .iter()
                .find_map(|id| places.get(&(package, id.as_str())));
            let place = place.copied().unwrap_or(groups.len());
            if place == groups.len() {
                groups.push(Group::new(package, found));
            }
            for id in &found.ids {
                if *places.entry((package, id)).or_insert(place) == place
                    && let Some(group) = groups.get_mut(place)
                {
                    group.ids.insert(id);
                }
            }
        }
    }
    packages
}

impl<'a> Group<'a> {
    fn new(package: i64, found: &'a VulnerabilityMatch) -> Self {
        Self {
            package,
            ids: BTreeSet::new(),
            canonical: &found.canonical,
            summary: &found.summary,
            kept: Vec::new(),
        }
    }
}

async fn known(tx: &mut Tx, packages: &str) -> Result<BTreeMap<i64, Known>, Error> {
    let rows: Vec<KnownRow> = tx.query(&KNOWN).bind(packages).all().await?;
    let mut known: BTreeMap<i64, Known> = BTreeMap::new();
    for row in rows {
        let package = known.entry(row.package_id).or_default();
        package.owners.insert(row.identifier, row.id);
        package
            .vulnerabilities
            .insert(row.id, (row.canonical, row.summary));
    }
    Ok(known)
}

/// Gives each stored vulnerability to one of the groups that carry its ids: the one with the id that it is
/// shown under, else the first.
fn assign(groups: &mut [Group<'_>], known: &Known) {
    let mut claims: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (place, group) in groups.iter().enumerate() {
        let owners: BTreeSet<i64> = group
            .ids
            .iter()
            .filter_map(|id| known.owners.get(*id).copied())
            .collect();
        for owner in owners {
            claims.entry(owner).or_default().push(place);
        }
    }
    for (vulnerability, places) in claims {
        let shown = known.vulnerabilities.get(&vulnerability);
        let has_shown = |place: &usize| {
            let group = groups.get(*place);
            group.is_some_and(|group| shown.is_some_and(|(shown, _)| group.ids.contains(shown.as_str())))
        };
        let keeper = places.iter().copied().find(has_shown).or(places.first().copied());
        if let Some(group) = keeper.and_then(|keeper| groups.get_mut(keeper)) {
            group.kept.push(vulnerability);
        }
    }
}

/// Joins stored vulnerabilities that are one group to the elder of them.
async fn merge(tx: &mut Tx, groups: &[Group<'_>], known: &mut BTreeMap<i64, Known>) -> Result<(), Error> {
    for group in groups {
        let Some((stays, others)) = group.kept.split_first() else {
            continue;
        };
        for other in others {
            for sql in [
                &MOVE_IDENTIFIERS,
                &FORGET_SHARED_MATCHES,
                &MOVE_MATCHES,
                &MOVE_FINDINGS,
            ] {
                tx.query(sql).bind(*other).bind(*stays).run().await?;
            }
            tx.query(&REMOVE_UNUSED).bind(*other).run().await?;
            if let Some(known) = known.get_mut(&group.package) {
                for owner in known.owners.values_mut().filter(|owner| *owner == other) {
                    *owner = *stays;
                }
            }
        }
    }
    Ok(())
}

/// Makes a vulnerability for each group that is none yet.
async fn make(tx: &mut Tx, groups: &mut [Group<'_>], packages: &str, now: Timestamp) -> Result<(), Error> {
    let new: Vec<&Group<'_>> = groups.iter().filter(|group| group.kept.is_empty()).collect();
    if new.is_empty() {
        return Ok(());
    }
    let columns = vec![
        Column::Int(new.iter().map(|group| group.package).collect()),
        Column::Text(new.iter().map(|group| group.canonical.to_owned()).collect()),
        Column::Text(new.iter().map(|group| group.summary.to_owned()).collect()),
        Column::Int(vec![now.millis(); new.len()]),
    ];
    tx.insert(&NEW, columns).await?;
    let made: Vec<(i64, String, i64)> = tx.query(&MADE).bind(packages).all().await?;
    let made: HashMap<(i64, String), i64> = made
        .into_iter()
        .map(|(package, canonical, id)| ((package, canonical), id))
        .collect();
    for group in groups.iter_mut().filter(|group| group.kept.is_empty()) {
        let id = made.get(&(group.package, group.canonical.to_owned()));
        group.kept.extend(id);
    }
    Ok(())
}

/// Shows vulnerabilities under the id and with the words of today.
async fn rename(
    tx: &mut Tx,
    groups: &[Group<'_>],
    known: &BTreeMap<i64, Known>,
    now: Timestamp,
) -> Result<(), Error> {
    let renamed: Vec<(i64, &Group<'_>)> = groups
        .iter()
        .filter_map(|group| {
            let id = *group.kept.first()?;
            let (canonical, summary) = known.get(&group.package)?.vulnerabilities.get(&id)?;
            let differs = canonical != group.canonical || summary != group.summary;
            differs.then_some((id, group))
        })
        .collect();
    if renamed.is_empty() {
        return Ok(());
    }
    let columns = vec![
        Column::Int(renamed.iter().map(|(id, _)| *id).collect()),
        Column::Int(renamed.iter().map(|(_, group)| group.package).collect()),
        Column::Text(
            renamed
                .iter()
                .map(|(_, group)| group.canonical.to_owned())
                .collect(),
        ),
        Column::Text(
            renamed
                .iter()
                .map(|(_, group)| group.summary.to_owned())
                .collect(),
        ),
        Column::Int(vec![now.millis(); renamed.len()]),
    ];
    tx.insert(&RENAMED, columns).await?;
    Ok(())
}

/// Writes down the ids that joined a group or came to it from another one.
async fn name(
    tx: &mut Tx,
    groups: &[Group<'_>],
    resolved: &mut Resolved,
    now: Timestamp,
) -> Result<(), Error> {
    let mut packages = Vec::new();
    let mut identifiers = Vec::new();
    let mut vulnerabilities = Vec::new();
    for group in groups {
        let Some(vulnerability) = group.kept.first() else {
            continue;
        };
        let owners = resolved.owners.entry(group.package).or_default();
        for id in &group.ids {
            if owners.insert((*id).to_owned(), *vulnerability) != Some(*vulnerability) {
                packages.push(group.package);
                identifiers.push((*id).to_owned());
                vulnerabilities.push(*vulnerability);
            }
        }
    }
    let since = vec![now.millis(); packages.len()];
    if packages.is_empty() {
        return Ok(());
    }
    let columns = vec![
        Column::Int(packages),
        Column::Text(identifiers),
        Column::Int(vulnerabilities),
        Column::Int(since),
    ];
    tx.insert(&IDENTIFIER, columns).await?;
    Ok(())
}
