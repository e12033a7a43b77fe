//! Components across projects: who holds which version of what, found by name, range, purl or advisory.
//!
//! A version counts as held by a project when the build that is the state of one of its tracked refs contains it.
//! Hashes are not indexed: they are in the inventories, and looking for one would mean reading them all.

mod search;
pub mod usage;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use ecosystems::{Ecosystem, VersionKey};

use crate::Error;
use crate::db::{Query, Session, Sql, statements};
use crate::packages::known_packages;

pub use search::{Search, VersionRange};

/// Totals are counted up to here; beyond it they say *more than*.
pub const TOTAL_LIMIT: i64 = 2_000;

/// The most versions of one package that a range is compared with.
const MOST_VERSIONS: i64 = 2_000;

/// Versions that some build holds; the first six parameters are those of [`bind_filter`].
///
/// Whether somebody holds a version is asked version by version, because a page needs few: `EXISTS` would let
/// PostgreSQL join all components of all builds first.
macro_rules! held {
    ($driver:literal) => {
        concat!(
            " FROM package k JOIN package_version pv ON pv.package_id = k.id
            WHERE ",
            $driver,
            " AND (CAST($3 AS TEXT) IS NULL OR k.ecosystem = $3)
              AND (
                SELECT 1 FROM inventory_component ic
                JOIN build b ON b.inventory_id = ic.inventory_id
                JOIN reference r ON r.id = b.reference_id
                JOIN project p ON p.id = r.project_id
                WHERE ic.package_version_id = pv.id AND ic.scope <> 'root' AND NOT p.archived
                  AND (CAST($4 AS BOOLEAN) OR (r.tracked AND r.build_id = b.id))
                  AND (CAST($5 AS BIGINT) IS NULL OR p.id = $5)
                  AND (CAST($6 AS BOOLEAN) IS NULL OR ic.direct = $6)
                LIMIT 1) IS NOT NULL"
        )
    };
}

macro_rules! page {
    ($driver:literal) => {
        concat!(
            "SELECT pv.id, k.id AS package_id, k.ecosystem, k.name, pv.version, pv.identity, pv.matched_revision,
                pv.undetermined",
            held!($driver),
            " AND lower(k.name) >= CAST($7 AS TEXT) AND (lower(k.name), pv.id) > (CAST($7 AS TEXT), $8)
            ORDER BY lower(k.name), pv.id LIMIT $9"
        )
    };
}

macro_rules! total {
    ($driver:literal) => {
        concat!(
            "SELECT COUNT(*) FROM (SELECT 1 AS one",
            held!($driver),
            " LIMIT $7) AS bounded"
        )
    };
}

macro_rules! by_name {
    ($shape:ident) => {
        $shape!(
            "CAST($2 AS TEXT) IS NULL AND lower(k.name) >= lower(CAST($1 AS TEXT))
              AND lower(k.name) < lower(CAST($1 AS TEXT)) || '\u{10FFFF}'"
        )
    };
}

macro_rules! by_whole_name {
    ($shape:ident) => {
        $shape!("CAST($2 AS TEXT) IS NULL AND lower(k.name) = lower(CAST($1 AS TEXT))")
    };
}

macro_rules! by_package {
    ($shape:ident) => {
        $shape!("k.name = $1 AND k.ecosystem = $2")
    };
}

macro_rules! by_identity {
    ($shape:ident) => {
        $shape!("CAST($2 AS TEXT) IS NULL AND pv.identity = $1")
    };
}

macro_rules! by_advisory {
    ($shape:ident) => {
        $shape!(
            "CAST($2 AS TEXT) IS NULL AND pv.id IN (
                SELECT m.package_version_id FROM vulnerability_identifier i
                JOIN package_version_vulnerability m ON m.vulnerability_id = i.vulnerability_id
                WHERE lower(i.identifier) = lower(CAST($1 AS TEXT)))"
        )
    };
}

/// Versions held under one of the licenses in `$2`, with names that begin with `$1`, of all projects or `$3`.
/// The same components are looked at as by the count of licenses, so that both agree.
macro_rules! licensed {
    ($select:literal, $rest:literal) => {
        concat!(
            "WITH held AS MATERIALIZED (
                SELECT DISTINCT package_version_id FROM (
                    SELECT COALESCE(c.license, '') AS license, c.package_version_id
                    FROM reference r
                    JOIN project p ON p.id = r.project_id
                    JOIN build b ON b.id = r.build_id
                    JOIN inventory_component c ON c.inventory_id = b.inventory_id
                    WHERE r.tracked AND NOT p.archived AND c.scope <> 'root'
                      AND (CAST($3 AS BIGINT) IS NULL OR p.id = $3)
                    ORDER BY r.id
                    LIMIT 100000
                ) AS looked
                WHERE license IN (SELECT value FROM {elements}($2{json}))
            ) ",
            $select,
            " FROM held JOIN package_version pv ON pv.id = held.package_version_id
            JOIN package k ON k.id = pv.package_id
            WHERE lower(k.name) >= lower(CAST($1 AS TEXT))
              AND lower(k.name) < lower(CAST($1 AS TEXT)) || '\u{10FFFF}' ",
            $rest
        )
    };
}

statements! {
    BY_NAME = by_name!(page);
    BY_WHOLE_NAME = by_whole_name!(page);
    BY_PACKAGE = by_package!(page);
    BY_IDENTITY = by_identity!(page);
    BY_ADVISORY = by_advisory!(page);
    TOTAL_BY_NAME = by_name!(total);
    TOTAL_BY_PACKAGE = by_package!(total);
    TOTAL_BY_IDENTITY = by_identity!(total);
    TOTAL_BY_ADVISORY = by_advisory!(total);
    BY_LICENSE = licensed!(
        "SELECT pv.id, k.id AS package_id, k.ecosystem, k.name, pv.version, pv.identity, pv.matched_revision,
            pv.undetermined",
        "AND (lower(k.name), pv.id) > (CAST($4 AS TEXT), $5) ORDER BY lower(k.name), pv.id LIMIT $6"
    );
    TOTAL_BY_LICENSE = licensed!("SELECT COUNT(*)", "");
    KNOWN = "SELECT COUNT(*) FROM (SELECT 1 AS one FROM package_version LIMIT 100001) AS bounded";
    PACKAGE = "SELECT id FROM package WHERE ecosystem = $1 AND name = $2";
}

/// A version of a package that some build holds.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct HeldVersion {
    pub id: i64,
    pub package_id: i64,
    pub ecosystem: String,
    pub name: String,
    /// Empty when no document gives one.
    pub version: String,
    /// The purl without qualifiers, or `unidentified:NAME@VERSION`.
    pub identity: String,
    pub matched_revision: Option<i64>,
    /// A JSON list of records that could not be decided for this version.
    pub undetermined: Option<String>,
}

impl HeldVersion {
    /// Why nothing, or not everything, can be said about its vulnerabilities; `covered` are the OSV ecosystems
    /// with a loaded feed. The words are those of a report, and `not_matched_yet`.
    #[must_use]
    pub fn why_not_checked(&self, covered: &[String]) -> Option<&'static str> {
        use audit::WhyNotChecked as Why;
        let covers = |name: &String| name.split(':').next() == Some(self.ecosystem.as_str());
        if !self.identity.starts_with("pkg:") {
            Some(Why::NoPurl.as_str())
        } else if ecosystems::by_name(&self.ecosystem).is_none() {
            Some(Why::UnsupportedEcosystem.as_str())
        } else if self.version.is_empty() {
            Some(Why::NoVersion.as_str())
        } else if self.lacks_release() {
            Some(Why::ReleaseUnknown.as_str())
        } else if !covered.iter().any(covers) {
            Some(Why::FeedNotLoaded.as_str())
        } else if self.matched_revision.is_none() {
            Some("not_matched_yet")
        } else {
            self.undetermined.as_ref().map(|_| Why::Undetermined.as_str())
        }
    }

    /// Whether it is a package of a distribution of which nothing says which release it is from.
    fn lacks_release(&self) -> bool {
        let known = ecosystems::by_name(&self.ecosystem).and_then(Ecosystem::distribution);
        let rolling = |distribution: &dyn ecosystems::Distribution| distribution.release("").is_some();
        known.is_some_and(|known| !rolling(known) && !self.identity.contains("?distro="))
    }

    /// Sorts versions of one package, newest first; those that are no versions come last.
    #[must_use]
    pub fn newest_first(&self) -> (bool, Reverse<Option<VersionKey>>, String) {
        let key = ecosystems::by_name(&self.ecosystem).and_then(|known| known.key(&self.version).ok());
        (key.is_none(), Reverse(key), self.version.clone())
    }

    /// The key after which a list goes on behind this row.
    #[must_use]
    pub fn key(&self) -> Key {
        Key {
            name: self.name.to_ascii_lowercase(),
            id: self.id,
        }
    }
}

/// Where a list goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Key {
    /// In lower case.
    pub name: String,
    pub id: i64,
}

/// Which holders count.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub ecosystem: Option<String>,
    /// Also builds that a newer one has replaced, and refs that are not tracked.
    pub superseded: bool,
    /// The only project that the caller may see.
    pub project: Option<i64>,
    pub direct: Option<bool>,
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// By name, then in no order that means anything.
    pub versions: Vec<HeldVersion>,
    /// Counted to one more than [`TOTAL_LIMIT`].
    pub total: i64,
    /// Versions that the asked range could not be compared with: they may or may not be in it.
    pub undecided: Vec<HeldVersion>,
    /// Where the list goes on, when it does.
    pub next: Option<Key>,
}

/// One page of what a search finds.
pub async fn search(
    session: &mut Session,
    search: &Search,
    filter: &Filter,
    after: Option<Key>,
    limit: i64,
) -> Result<Found, Error> {
    if let Search::Range { name, range } = search {
        return in_range(session, name, range, filter, after, limit).await;
    }
    if let Search::License { name, licenses } = search {
        return licensed(session, (name, licenses), filter, after, limit).await;
    }
    let (sql, total_sql) = match search {
        Search::Name(_) | Search::Range { .. } | Search::License { .. } => (&BY_NAME, &TOTAL_BY_NAME),
        Search::Package { .. } => (&BY_PACKAGE, &TOTAL_BY_PACKAGE),
        Search::Identity(_) => (&BY_IDENTITY, &TOTAL_BY_IDENTITY),
        Search::Advisory(_) => (&BY_ADVISORY, &TOTAL_BY_ADVISORY),
    };
    let after = after.unwrap_or_default();
    let mut versions: Vec<HeldVersion> = bind_filter(session, sql, search.subject(), filter)
        .bind(after.name)
        .bind(after.id)
        .bind(limit.saturating_add(1))
        .all()
        .await?;
    let next = cut(&mut versions, limit);
    let total = bind_filter(session, total_sql, search.subject(), filter)
        .bind(TOTAL_LIMIT + 1)
        .value()
        .await?;
    Ok(Found {
        versions,
        total,
        undecided: Vec::new(),
        next,
    })
}

/// All held versions of one package, newest first, up to a bound.
pub async fn versions_of(
    session: &mut Session,
    ecosystem: &str,
    name: &str,
    filter: &Filter,
) -> Result<Vec<HeldVersion>, Error> {
    let mut versions: Vec<HeldVersion> = bind_filter(session, &BY_PACKAGE, (name, Some(ecosystem)), filter)
        .bind("")
        .bind(0_i64)
        .bind(MOST_VERSIONS)
        .all()
        .await?;
    versions.sort_by_cached_key(HeldVersion::newest_first);
    Ok(versions)
}

/// The id of a package, when the service has heard of it.
pub async fn package(session: &mut Session, ecosystem: &str, name: &str) -> Result<Option<i64>, Error> {
    let found: Option<(i64,)> = session
        .query(&PACKAGE)
        .bind(ecosystem)
        .bind(name)
        .optional()
        .await?;
    Ok(found.map(|(id,)| id))
}

/// The ids of packages that the service has heard of, by ecosystem and name.
pub async fn packages(
    session: &mut Session,
    names: &[(String, String)],
) -> Result<HashMap<(String, String), i64>, Error> {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (ecosystem, name) in names {
        wanted.entry(ecosystem).or_default().insert(name);
    }
    known_packages(session, &wanted).await
}

/// How many distinct components the service knows at all, counted to 100,001.
pub async fn known(session: &mut Session) -> Result<i64, Error> {
    session.query(&KNOWN).value().await
}

/// Ranges are decided here, not in SQL: by the ecosystem of each package of that name.
async fn in_range(
    session: &mut Session,
    name: &str,
    range: &VersionRange,
    filter: &Filter,
    after: Option<Key>,
    limit: i64,
) -> Result<Found, Error> {
    let all: Vec<HeldVersion> = bind_filter(session, &BY_WHOLE_NAME, (name, None), filter)
        .bind("")
        .bind(0_i64)
        .bind(MOST_VERSIONS)
        .all()
        .await?;
    let mut found = Found::default();
    for version in all {
        let ecosystem: Option<&dyn Ecosystem> = ecosystems::by_name(&version.ecosystem);
        match range.contains(ecosystem, &version.version) {
            Some(true) => found.versions.push(version),
            Some(false) => {}
            None => found.undecided.push(version),
        }
    }
    found.total = i64::try_from(found.versions.len()).unwrap_or(i64::MAX);
    let after = after.unwrap_or_default();
    found
        .versions
        .retain(|version| (version.key().name, version.id) > (after.name.clone(), after.id));
    found.next = cut(&mut found.versions, limit);
    Ok(found)
}

/// What the tracked refs hold under some licenses; of the filter, only the project counts.
async fn licensed(
    session: &mut Session,
    (name, licenses): (&str, &str),
    filter: &Filter,
    after: Option<Key>,
    limit: i64,
) -> Result<Found, Error> {
    let after = after.unwrap_or_default();
    let mut versions: Vec<HeldVersion> = session
        .query(&BY_LICENSE)
        .bind(name)
        .bind(licenses)
        .bind(filter.project)
        .bind(after.name)
        .bind(after.id)
        .bind(limit.saturating_add(1))
        .all()
        .await?;
    let next = cut(&mut versions, limit);
    let total = session
        .query(&TOTAL_BY_LICENSE)
        .bind(name)
        .bind(licenses)
        .bind(filter.project)
        .value()
        .await?;
    Ok(Found {
        versions,
        total,
        undecided: Vec::new(),
        next,
    })
}

/// Takes off what was read beyond the page; answers where the next one begins.
fn cut(versions: &mut Vec<HeldVersion>, limit: i64) -> Option<Key> {
    let limit = usize::try_from(limit).unwrap_or(0);
    if versions.len() <= limit {
        return None;
    }
    versions.truncate(limit);
    versions.last().map(HeldVersion::key)
}

fn bind_filter<'q>(
    session: &'q mut Session,
    sql: &'static Sql,
    (subject, ecosystem): (&str, Option<&str>),
    filter: &Filter,
) -> Query<'q> {
    session
        .query(sql)
        .bind(subject.to_owned())
        .bind(ecosystem.map(str::to_owned))
        .bind(filter.ecosystem.clone())
        .bind(filter.superseded)
        .bind(filter.project)
        .bind(filter.direct)
}
