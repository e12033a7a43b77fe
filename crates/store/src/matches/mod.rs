//! What is known about package versions: matched once each, for the whole portfolio.
//!
//! A version is *stale* when it was never matched, or its package has moved to another revision since. Who
//! needs an answer brings the stale versions up to date: [`stale_of_inventory`], [`entries`], match them
//! outside of any transaction, [`record`]. The revision is read before the entries, so a result is never
//! taken for newer than it is.

mod groups;
mod record;

use std::collections::HashMap;

use ::advisories::{Entry, Installed, MatchResult, Undetermined, VulnerabilityMatch};

use crate::db::{List, Session, statements};
use crate::inventories::StoredInventory;
use crate::{Error, advisories};

pub use record::{Recorded, record};

pub(crate) use groups::STATEMENTS as GROUP_STATEMENTS;
pub(crate) use record::STATEMENTS as RECORD_STATEMENTS;

statements! {
    STALE_OF_INVENTORY = "SELECT v.id, v.subject_package_id AS package_id, p.ecosystem, p.name,
            v.subject_version AS version, v.distribution_release, v.module_stream,
            v.package_id AS own_package_id, v.version AS own_version, p.revision
        FROM inventory_component c
        JOIN package_version v ON v.id = c.package_version_id
        JOIN package p ON p.id = v.subject_package_id
        WHERE c.inventory_id = $1
          AND (v.matched_revision IS NULL OR v.matched_revision <> p.revision)
        ORDER BY v.subject_package_id, v.id";
    STALE_OF_PACKAGES = "SELECT v.id, v.subject_package_id AS package_id, p.ecosystem, p.name,
            v.subject_version AS version, v.distribution_release, v.module_stream,
            v.package_id AS own_package_id, v.version AS own_version, p.revision
        FROM package p
        JOIN package_version v ON v.subject_package_id = p.id
        WHERE p.id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
          AND (v.matched_revision IS NULL OR v.matched_revision <> p.revision)
        ORDER BY v.subject_package_id, v.id";
    MATCHES_OF_INVENTORY = "SELECT m.package_version_id, m.vulnerability_id, g.canonical, m.evidence
        FROM inventory_component c
        JOIN package_version_vulnerability m ON m.package_version_id = c.package_version_id
        JOIN vulnerability g ON g.id = m.vulnerability_id
        WHERE c.inventory_id = $1";
    MATCHED_OF_INVENTORY = "SELECT v.id, v.undetermined
        FROM inventory_component c
        JOIN package_version v ON v.id = c.package_version_id
        WHERE c.inventory_id = $1 AND v.matched_revision IS NOT NULL";
}

/// A version that is to be matched, as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct VersionState {
    /// The package version.
    pub id: i64,
    /// The package that advisories name; of a distribution's package, mostly its source.
    pub package_id: i64,
    pub ecosystem: String,
    pub name: String,
    /// The version that they speak of; empty when the document gives none.
    pub version: String,
    pub distribution_release: Option<String>,
    pub module_stream: Option<String>,
    own_package_id: i64,
    own_version: String,
    /// The revision of the package.
    pub revision: i64,
}

impl VersionState {
    /// What advisories are asked about.
    #[must_use]
    pub fn installed(&self) -> Installed<'_> {
        let is_own = self.own_package_id == self.package_id && self.own_version == self.version;
        Installed {
            version: &self.version,
            release: self.distribution_release.as_deref(),
            module: self.module_stream.as_deref(),
            source: (!is_own).then_some(self.name.as_str()),
        }
    }

    /// Whether its versions can be compared, and the release of its distribution is known where it has one.
    fn is_matchable(&self) -> bool {
        let known = ecosystems::by_name(&self.ecosystem);
        known.is_some_and(|known| known.distribution().is_none() || self.distribution_release.is_some())
    }
}

/// What matching a version gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    pub version: VersionState,
    pub result: MatchResult,
}

/// One vulnerability of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownMatch {
    /// The alias group, which keeps its id when further ids join it.
    pub vulnerability: i64,
    /// The id that the group is shown under today.
    pub canonical: String,
    /// The match exactly as it was made.
    pub evidence: VulnerabilityMatch,
}

/// Everything known about a version that was matched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VersionKnowledge {
    /// Worst first.
    pub matches: Vec<KnownMatch>,
    pub undetermined: Vec<Undetermined>,
}

impl VersionKnowledge {
    /// The result exactly as it was recorded.
    #[must_use]
    pub fn result(&self) -> MatchResult {
        MatchResult {
            affected: self.matches.iter().map(|known| known.evidence.clone()).collect(),
            undetermined: self.undetermined.clone(),
        }
    }
}

/// The versions of an inventory that must be matched before it can be audited. Those of ecosystems that
/// cannot be matched are not among them: they stay unmatched.
pub async fn stale_of_inventory(session: &mut Session, inventory: i64) -> Result<Vec<VersionState>, Error> {
    let rows = session.query(&STALE_OF_INVENTORY).bind(inventory).all().await?;
    Ok(matchable(rows))
}

/// As [`stale_of_inventory`], the versions of some packages.
pub async fn stale_of_packages(session: &mut Session, packages: &[i64]) -> Result<Vec<VersionState>, Error> {
    let rows = session
        .query(&STALE_OF_PACKAGES)
        .bind(List::of(packages))
        .all()
        .await?;
    Ok(matchable(rows))
}

fn matchable(mut versions: Vec<VersionState>) -> Vec<VersionState> {
    versions.retain(VersionState::is_matchable);
    versions
}

/// What all records say about these packages, withdrawn ones included. A package without records is not
/// among them. Read the revisions first, by reading the versions.
pub async fn entries(session: &mut Session, packages: &[i64]) -> Result<HashMap<i64, Vec<Entry>>, Error> {
    let mut entries: HashMap<i64, Vec<Entry>> = HashMap::new();
    for (package, bytes) in advisories::entries(session, packages).await? {
        let entry = Entry::from_bytes(&bytes).map_err(|error| Error::corrupt("advisory entry", &error))?;
        entries.entry(package).or_default().push(entry);
    }
    Ok(entries)
}

/// What is known about each version of an inventory. A version that was never matched is not among them,
/// which is not the same as knowing nothing bad.
pub async fn of_inventory(
    session: &mut Session,
    inventory: i64,
) -> Result<HashMap<i64, VersionKnowledge>, Error> {
    let mut knowledge: HashMap<i64, VersionKnowledge> = HashMap::new();
    let matched: Vec<(i64, Option<String>)> =
        session.query(&MATCHED_OF_INVENTORY).bind(inventory).all().await?;
    for (version, undetermined) in matched {
        knowledge.entry(version).or_default().undetermined = read_undetermined(undetermined.as_deref())?;
    }
    let matches: Vec<(i64, i64, String, String)> =
        session.query(&MATCHES_OF_INVENTORY).bind(inventory).all().await?;
    for (version, vulnerability, canonical, evidence) in matches {
        let evidence = serde_json::from_str(&evidence).map_err(|error| Error::corrupt("match", &error))?;
        knowledge.entry(version).or_default().matches.push(KnownMatch {
            vulnerability,
            canonical,
            evidence,
        });
    }
    for known in knowledge.values_mut() {
        known.matches.sort_by(|a, b| a.evidence.cmp_urgency(&b.evidence));
    }
    Ok(knowledge)
}

/// What is known against each package of an inventory, by package URL: the canonical ids, sorted, with a space between.
#[must_use]
pub fn known_ids(
    stored: &StoredInventory,
    matches: &HashMap<i64, VersionKnowledge>,
) -> HashMap<String, String> {
    let components = stored.inventory.components.iter().zip(&stored.members);
    let ids = |version: &i64| {
        let known = matches.get(version)?.matches.iter();
        let mut ids: Vec<&str> = known.map(|known| known.canonical.as_str()).collect();
        ids.sort_unstable();
        Some(ids.join(" "))
    };
    components
        .filter_map(|(component, version)| Some((component.purl.as_ref()?.to_string(), ids(version)?)))
        .collect()
}

fn read_undetermined(text: Option<&str>) -> Result<Vec<Undetermined>, Error> {
    match text {
        None => Ok(Vec::new()),
        Some(text) => {
            serde_json::from_str(text).map_err(|error| Error::corrupt("undetermined records", &error))
        }
    }
}
