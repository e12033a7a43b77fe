//! Who holds the versions of a page, what is wrong with them, and under which licenses they come: one statement each
//! for the whole page.

use std::collections::HashMap;

use advisories::VulnerabilityMatch;

use super::Filter;
use crate::Error;
use crate::db::{List, Session, statements};
use crate::findings::detail::read_evidence;
use crate::findings::list::Narrowing;
use crate::projects::tagged;

/// Components whose licenses are looked at; beyond it a count says *at least*. The list of what is held under a
/// license, in the module above, looks at as many.
const MOST_LICENSED: i64 = 100_000;

/// Builds that hold the versions in `$1`, as [`Filter`] wants them.
///
/// `BETWEEN` stands for an equality: of two equalities between ref and build PostgreSQL would expect one row, and
/// begin with all builds instead of the few versions.
macro_rules! holders {
    ($select:literal, $rest:literal) => {
        concat!(
            $select,
            " FROM inventory_component ic
            JOIN build b ON b.inventory_id = ic.inventory_id
            JOIN reference r ON r.id = b.reference_id
            JOIN project p ON p.id = r.project_id
            WHERE ic.package_version_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
              AND ic.scope <> 'root' AND NOT p.archived
              AND (CAST($2 AS BOOLEAN) OR (r.tracked AND r.build_id BETWEEN b.id AND b.id))
              AND (CAST($3 AS BIGINT) IS NULL OR p.id = $3) ",
            $rest
        )
    };
}

statements! {
    USAGE = holders!(
        "SELECT ic.package_version_id, COUNT(DISTINCT r.project_id) AS projects,
            COUNT(DISTINCT CASE WHEN ic.direct THEN r.project_id END) AS direct, COUNT(ic.direct) AS told,
            MAX(b.created_at) AS seen_at",
        "GROUP BY ic.package_version_id"
    );
    LICENSES = holders!(
        "SELECT ic.package_version_id, COALESCE(ic.license, '') AS license, COUNT(DISTINCT r.project_id) AS projects",
        "GROUP BY ic.package_version_id, COALESCE(ic.license, '')
        ORDER BY ic.package_version_id, projects DESC, license"
    );
    /// The two newest builds that hold each version.
    SEEN_IN = concat!(
        "SELECT package_version_id, project, number FROM (",
        holders!(
            "SELECT ic.package_version_id, p.name AS project, b.number,
                ROW_NUMBER() OVER (PARTITION BY ic.package_version_id ORDER BY b.created_at DESC, b.id DESC) AS place",
            ") AS newest WHERE place <= 2 ORDER BY package_version_id, place"
        )
    );
    MATCHES = "SELECT m.package_version_id, m.evidence FROM package_version_vulnerability m
        WHERE m.package_version_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    USERS = "SELECT p.name AS project, r.id AS reference_id, r.name AS reference, b.number AS build,
            pv.id AS package_version_id, pv.version, ic.direct, ic.license
        FROM package_version pv
        JOIN inventory_component ic ON ic.package_version_id = pv.id
        JOIN build b ON b.inventory_id = ic.inventory_id
        JOIN reference r ON r.id = b.reference_id AND r.build_id = b.id
        JOIN project p ON p.id = r.project_id
        WHERE pv.package_id = $1 AND ic.scope <> 'root' AND r.tracked AND NOT p.archived
          AND (CAST($2 AS BIGINT) IS NULL OR p.id = $2)
          AND (r.id, pv.id) > ($3, $4)
        ORDER BY r.id, pv.id LIMIT $5";
    USERS_TOTAL = "SELECT COUNT(*) FROM (
            SELECT 1 AS one FROM package_version pv
            JOIN inventory_component ic ON ic.package_version_id = pv.id
            JOIN build b ON b.inventory_id = ic.inventory_id
            JOIN reference r ON r.id = b.reference_id AND r.build_id = b.id
            JOIN project p ON p.id = r.project_id
            WHERE pv.package_id = $1 AND ic.scope <> 'root' AND r.tracked AND NOT p.archived
              AND (CAST($2 AS BIGINT) IS NULL OR p.id = $2)
            LIMIT 10001
        ) AS bounded";
    /// When each ref first held each version.
    SINCE = "SELECT b.reference_id, ic.package_version_id, MIN(b.created_at)
        FROM inventory_component ic JOIN build b ON b.inventory_id = ic.inventory_id
        WHERE ic.package_version_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
          AND b.reference_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($2{json}))
        GROUP BY b.reference_id, ic.package_version_id";
    /// Distinct versions by license over the builds that are the state of tracked refs.
    LICENSE_COUNTS = "SELECT license, COUNT(DISTINCT package_version_id), COUNT(*) FROM (
            SELECT COALESCE(ic.license, '') AS license, ic.package_version_id
            FROM reference r
            JOIN project p ON p.id = r.project_id
            JOIN build b ON b.id = r.build_id
            JOIN inventory_component ic ON ic.inventory_id = b.inventory_id
            WHERE r.tracked AND NOT p.archived AND ic.scope <> 'root'
              AND (CAST($1 AS BIGINT) IS NULL OR p.id = $1)
              AND (CAST($2 AS TEXT) IS NULL OR p.team = $2)
              AND (CAST($3 AS TEXT) IS NULL OR p.tags LIKE $3)
            ORDER BY r.id
            LIMIT $4
        ) AS bounded
        GROUP BY license ORDER BY license";
}

/// Who holds a version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub projects: i64,
    /// Projects that name it themselves; `None` when no document tells.
    pub direct: Option<i64>,
    /// When the newest build that holds it was sent.
    pub seen_at: Option<i64>,
    /// The newest builds: project and number.
    pub seen_in: Vec<(String, i64)>,
    /// Effective licenses with the number of projects that state them; the empty one stands for none.
    pub licenses: Vec<(String, i64)>,
}

#[derive(sqlx::FromRow)]
struct UsageRow {
    package_version_id: i64,
    projects: i64,
    direct: i64,
    told: i64,
    seen_at: Option<i64>,
}

/// Who holds these versions, by their id.
pub async fn of_versions(
    session: &mut Session,
    versions: &[i64],
    filter: &Filter,
) -> Result<HashMap<i64, Usage>, Error> {
    let ids = List::of(versions);
    let rows: Vec<UsageRow> = session
        .query(&USAGE)
        .bind(ids.as_str())
        .bind(filter.superseded)
        .bind(filter.project)
        .all()
        .await?;
    let mut usage: HashMap<i64, Usage> = rows
        .into_iter()
        .map(|row| (row.package_version_id, row.into()))
        .collect();
    let seen: Vec<(i64, String, i64)> = session
        .query(&SEEN_IN)
        .bind(ids.as_str())
        .bind(filter.superseded)
        .bind(filter.project)
        .all()
        .await?;
    for (version, project, build) in seen {
        usage.entry(version).or_default().seen_in.push((project, build));
    }
    let licenses: Vec<(i64, String, i64)> = session
        .query(&LICENSES)
        .bind(ids.as_str())
        .bind(filter.superseded)
        .bind(filter.project)
        .all()
        .await?;
    for (version, license, projects) in licenses {
        usage
            .entry(version)
            .or_default()
            .licenses
            .push((license, projects));
    }
    Ok(usage)
}

impl From<UsageRow> for Usage {
    fn from(row: UsageRow) -> Self {
        Self {
            projects: row.projects,
            direct: (row.told > 0).then_some(row.direct),
            seen_at: row.seen_at,
            ..Self::default()
        }
    }
}

/// What affects these versions, by their id; a version that is not there is affected by nothing that is known.
pub async fn matches(
    session: &mut Session,
    versions: &[i64],
) -> Result<HashMap<i64, Vec<VulnerabilityMatch>>, Error> {
    let rows: Vec<(i64, String)> = session.query(&MATCHES).bind(List::of(versions)).all().await?;
    let mut matches: HashMap<i64, Vec<VulnerabilityMatch>> = HashMap::new();
    for (version, evidence) in rows {
        matches
            .entry(version)
            .or_default()
            .push(read_evidence(&evidence)?);
    }
    for found in matches.values_mut() {
        found.sort_by(|a, b| (b.severity.level, &a.canonical).cmp(&(a.severity.level, &b.canonical)));
    }
    Ok(matches)
}

/// One ref that holds a version of a package now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct User {
    pub project: String,
    pub reference_id: i64,
    pub reference: String,
    /// The number of the build that is the state of the ref.
    pub build: i64,
    pub package_version_id: i64,
    pub version: String,
    /// `None` when the document has no graph to tell.
    pub direct: Option<bool>,
    pub license: Option<String>,
}

impl User {
    /// The key after which a list goes on behind this row.
    #[must_use]
    pub const fn key(&self) -> (i64, i64) {
        (self.reference_id, self.package_version_id)
    }
}

/// A page of the tracked refs that hold a package now, behind `after`.
pub async fn users(
    session: &mut Session,
    package: i64,
    project: Option<i64>,
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<User>, Error> {
    let (reference, version) = after.unwrap_or((0, 0));
    session
        .query(&USERS)
        .bind(package)
        .bind(project)
        .bind(reference)
        .bind(version)
        .bind(limit)
        .all()
        .await
}

/// How many rows [`users`] has in all, counted to 10,001.
pub async fn users_total(session: &mut Session, package: i64, project: Option<i64>) -> Result<i64, Error> {
    session
        .query(&USERS_TOTAL)
        .bind(package)
        .bind(project)
        .value()
        .await
}

/// When each of these refs first held its version, by [`User::key`].
pub async fn since(session: &mut Session, users: &[User]) -> Result<HashMap<(i64, i64), i64>, Error> {
    let versions: Vec<i64> = users.iter().map(|user| user.package_version_id).collect();
    let references: Vec<i64> = users.iter().map(|user| user.reference_id).collect();
    let rows: Vec<(i64, i64, i64)> = session
        .query(&SINCE)
        .bind(List::of(&versions))
        .bind(List::of(&references))
        .all()
        .await?;
    Ok(rows
        .into_iter()
        .map(|(reference, version, at)| ((reference, version), at))
        .collect())
}

/// Distinct versions by effective license.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseCounts {
    /// License and number of versions; the empty license stands for none.
    pub counts: Vec<(String, i64)>,
    /// Whether counting stopped at its bound: there are more.
    pub at_least: bool,
}

/// What is held under which license, over the tracked refs of these projects.
pub async fn license_counts(session: &mut Session, narrowing: &Narrowing) -> Result<LicenseCounts, Error> {
    let rows: Vec<(String, i64, i64)> = session
        .query(&LICENSE_COUNTS)
        .bind(narrowing.project)
        .bind(narrowing.team.as_deref())
        .bind(narrowing.tag.as_deref().map(tagged))
        .bind(MOST_LICENSED)
        .all()
        .await?;
    let looked_at: i64 = rows.iter().map(|(_, _, rows)| rows).sum();
    Ok(LicenseCounts {
        counts: rows
            .into_iter()
            .map(|(license, versions, _)| (license, versions))
            .collect(),
        at_least: looked_at >= MOST_LICENSED,
    })
}
