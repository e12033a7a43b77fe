//! One finding with its history, its neighbours, and where else the same is.

use advisories::VulnerabilityMatch;

use super::list::ListedFinding;
use crate::db::{List, Session, statements};
use crate::{Error, scores};

/// Others that are named beside a finding.
const MOST_SIBLINGS: i64 = 20;

/// Ids of alias groups that one advisory id may stand for: one a package.
const MOST_GROUPS: i64 = 1_000;

statements! {
    BY_UUID = "SELECT f.*, p.name AS project, r.name AS reference, p.default_ref
        FROM finding f JOIN reference r ON r.id = f.reference_id JOIN project p ON p.id = f.project_id
        WHERE f.uuid = $1";
    SPANS = "SELECT opened_at, closed_at, severity, cause, cause_detail, close_reason, close_detail
        FROM finding_span WHERE finding_id = $1 ORDER BY opened_at LIMIT 200";
    WORSE = "SELECT uuid FROM finding WHERE reference_id = $1 AND closed_at IS NULL AND (rank, id) > ($2, $3)
        ORDER BY rank, id LIMIT 1";
    LESS = "SELECT uuid FROM finding WHERE reference_id = $1 AND closed_at IS NULL AND (rank, id) < ($2, $3)
        ORDER BY rank DESC, id DESC LIMIT 1";
    /// Other open findings of the same package version on the same ref that an upgrade clears.
    SIBLINGS = "SELECT v.canonical FROM finding f JOIN vulnerability v ON v.id = f.vulnerability_id
        WHERE f.reference_id = $1 AND f.package_version_id = $2 AND f.id <> $3
          AND f.closed_at IS NULL AND f.fix_version = $4
        ORDER BY f.rank DESC, f.id DESC LIMIT $5";
    OTHER_PROJECTS = "SELECT COUNT(*) FROM (
            SELECT DISTINCT f.project_id FROM finding f
            JOIN reference r ON r.id = f.reference_id
            JOIN project p ON p.id = f.project_id
            WHERE f.vulnerability_id = $1 AND f.closed_at IS NULL AND f.project_id <> $2
              AND r.tracked AND NOT p.archived
            LIMIT 10001
        ) AS others";
    EVIDENCE = "SELECT evidence FROM package_version_vulnerability
        WHERE package_version_id = $1 AND vulnerability_id = $2";
    /// The alias groups that an id stands for, in any case of letters.
    GROUPS = "SELECT DISTINCT vulnerability_id FROM vulnerability_identifier
        WHERE lower(identifier) = lower(CAST($1 AS TEXT)) ORDER BY vulnerability_id LIMIT $2";
    /// Findings of alias groups on tracked refs, open ones first; `closed` is 0 or 1.
    AFFECTED = "SELECT f.*, p.name AS project, r.name AS reference, p.default_ref
        FROM finding f JOIN reference r ON r.id = f.reference_id JOIN project p ON p.id = f.project_id
        WHERE f.vulnerability_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
          AND r.tracked AND NOT p.archived
          AND (CAST($2 AS BIGINT) IS NULL OR f.project_id = $2)
          AND (CASE WHEN f.closed_at IS NULL THEN 0 ELSE 1 END) <= $3
          AND ((CASE WHEN f.closed_at IS NULL THEN 0 ELSE 1 END), f.id) > ($4, $5)
        ORDER BY (CASE WHEN f.closed_at IS NULL THEN 0 ELSE 1 END), f.id
        LIMIT $6";
    AFFECTED_TOTAL = "SELECT COUNT(*) FROM (
            SELECT 1 AS one FROM finding f
            JOIN reference r ON r.id = f.reference_id JOIN project p ON p.id = f.project_id
            WHERE f.vulnerability_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
              AND r.tracked AND NOT p.archived
              AND (CAST($2 AS BIGINT) IS NULL OR f.project_id = $2)
              AND (CASE WHEN f.closed_at IS NULL THEN 0 ELSE 1 END) <= $3
            LIMIT 10001
        ) AS bounded";
    /// All projects, and those of which at least a part of a tracked build was checked.
    CHECKED_PROJECTS = "SELECT COUNT(*), COUNT(CASE WHEN EXISTS (
                SELECT 1 FROM reference r JOIN build b ON b.id = r.build_id
                WHERE r.project_id = p.id AND r.tracked AND b.evaluated > 0
            ) THEN 1 END)
        FROM project p WHERE NOT p.archived AND (CAST($1 AS BIGINT) IS NULL OR p.id = $1)";
    BUILD_NUMBER = "SELECT b.number FROM reference r JOIN build b ON b.id = r.build_id WHERE r.id = $1";
}

/// A stretch of time that a finding was open.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Span {
    pub opened_at: i64,
    pub closed_at: Option<i64>,
    /// The code of the severity known then.
    pub severity: i64,
    pub cause: String,
    pub cause_detail: String,
    pub close_reason: Option<String>,
    pub close_detail: Option<String>,
}

/// A finding with everything that its page tells.
#[derive(Clone, Debug)]
pub struct Detail {
    pub listed: ListedFinding,
    /// Oldest first.
    pub spans: Vec<Span>,
    /// Why the matcher says so; `None` when the match is no longer there.
    pub evidence: Option<VulnerabilityMatch>,
    /// The build that is the state of the ref.
    pub build: Option<i64>,
    /// Ids of open findings that the same upgrade clears.
    pub also_clears: Vec<String>,
    /// Other projects with the same vulnerability, counted to 10,001.
    pub other_projects: i64,
    /// Public ids of the neighbours in the ref's list.
    pub worse: Option<String>,
    pub less: Option<String>,
}

/// The finding with this public id.
pub async fn by_uuid(session: &mut Session, uuid: &str) -> Result<Option<ListedFinding>, Error> {
    let mut found: Option<ListedFinding> = session.query(&BY_UUID).bind(uuid).optional().await?;
    scores::attach(session, found.iter_mut().map(|row| &mut row.finding)).await?;
    Ok(found)
}

/// Everything about a finding.
pub async fn detail(session: &mut Session, listed: ListedFinding) -> Result<Detail, Error> {
    let row = &listed.finding;
    let spans = session.query(&SPANS).bind(row.id).all().await?;
    let evidence: Option<(String,)> = session
        .query(&EVIDENCE)
        .bind(row.package_version_id)
        .bind(row.vulnerability_id)
        .optional()
        .await?;
    let build: Option<(i64,)> = session
        .query(&BUILD_NUMBER)
        .bind(row.reference_id)
        .optional()
        .await?;
    let other_projects = session
        .query(&OTHER_PROJECTS)
        .bind(row.vulnerability_id)
        .bind(row.project_id)
        .value()
        .await?;
    let also_clears = siblings(session, &listed).await?;
    let (worse, less) = neighbours(session, &listed).await?;
    Ok(Detail {
        evidence: evidence.map(|(text,)| read_evidence(&text)).transpose()?,
        build: build.map(|(number,)| number),
        listed,
        spans,
        also_clears,
        other_projects,
        worse,
        less,
    })
}

/// Reads what the matcher stored about a package version and an alias group.
pub(crate) fn read_evidence(text: &str) -> Result<VulnerabilityMatch, Error> {
    serde_json::from_str(text).map_err(|error| Error::corrupt("match", &error))
}

async fn siblings(session: &mut Session, listed: &ListedFinding) -> Result<Vec<String>, Error> {
    let row = &listed.finding;
    session
        .query(&SIBLINGS)
        .bind(row.reference_id)
        .bind(row.package_version_id)
        .bind(row.id)
        .bind(row.fix_version.as_deref())
        .bind(MOST_SIBLINGS)
        .column()
        .await
}

async fn neighbours(
    session: &mut Session,
    listed: &ListedFinding,
) -> Result<(Option<String>, Option<String>), Error> {
    let row = &listed.finding;
    let mut found = [None, None];
    for (sql, slot) in [&WORSE, &LESS].into_iter().zip(&mut found) {
        let neighbour: Option<(String,)> = session
            .query(sql)
            .bind(row.reference_id)
            .bind(row.rank)
            .bind(row.id)
            .optional()
            .await?;
        *slot = neighbour.map(|(uuid,)| uuid);
    }
    let [worse, less] = found;
    Ok((worse, less))
}

/// The alias groups, one a package, that an advisory's id stands for.
pub async fn groups(session: &mut Session, identifier: &str) -> Result<Vec<i64>, Error> {
    session
        .query(&GROUPS)
        .bind(identifier)
        .bind(MOST_GROUPS)
        .column()
        .await
}

/// Whom an advisory affects.
#[derive(Clone, Debug)]
pub struct AffectedQuery {
    /// See [`groups`].
    pub groups: Vec<i64>,
    /// The only project that the caller may see.
    pub project: Option<i64>,
    /// Also those that are no longer affected.
    pub ever: bool,
}

/// The key behind a row of a list of affected projects.
#[must_use]
pub fn affected_key(row: &ListedFinding) -> (i64, i64) {
    (i64::from(row.finding.closed_at.is_some()), row.finding.id)
}

/// A page of findings of an advisory, open ones first, behind `after` ([`affected_key`]).
pub async fn affected(
    session: &mut Session,
    query: &AffectedQuery,
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<ListedFinding>, Error> {
    let (closed, id) = after.unwrap_or((0, 0));
    let mut rows: Vec<ListedFinding> = session
        .query(&AFFECTED)
        .bind(List::of(&query.groups))
        .bind(query.project)
        .bind(i64::from(query.ever))
        .bind(closed)
        .bind(id)
        .bind(limit)
        .all()
        .await?;
    scores::attach(session, rows.iter_mut().map(|row| &mut row.finding)).await?;
    Ok(rows)
}

/// How many rows [`affected`] has in all, counted to 10,001.
pub async fn affected_total(session: &mut Session, query: &AffectedQuery) -> Result<i64, Error> {
    session
        .query(&AFFECTED_TOTAL)
        .bind(List::of(&query.groups))
        .bind(query.project)
        .bind(i64::from(query.ever))
        .value()
        .await
}

/// How many projects there are, and of how many something was checked.
pub async fn checked_projects(session: &mut Session, project: Option<i64>) -> Result<(i64, i64), Error> {
    session.query(&CHECKED_PROJECTS).bind(project).one().await
}
