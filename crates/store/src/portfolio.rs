//! The numbers of the portfolio and of lists of projects, each in one statement however many projects there are.

use advisories::Severity;
use clock::{DAY_MS, Timestamp};

use crate::Error;
use crate::db::{List, Session, statements};
use crate::findings::severity_of;
use crate::trends::{Counts, of_reference, tracked};

/// How long back fixes are looked at, in days (ux.md §5).
pub const FIXES_WINDOW_DAYS: i64 = 90;
/// An SBOM is fresh so many days, then ageing, then stale.
pub const FRESH_DAYS: i64 = 14;
pub const STALE_DAYS: i64 = 30;

/// Open findings by severity and age: `$1` is now, `$2` in a week, `$3` to `$5` begin the age buckets.
macro_rules! open_of {
    ($findings:expr) => {
        concat!(
            "SELECT f.severity AS severity,
                CAST(CASE WHEN f.opened_at >= $3 THEN 0 WHEN f.opened_at >= $4 THEN 1
                    WHEN f.opened_at >= $5 THEN 2 ELSE 3 END AS BIGINT) AS age,
                COUNT(*) AS findings,
                COUNT(CASE WHEN f.due_at < $1 THEN 1 END) AS past_due,
                COUNT(CASE WHEN f.due_at >= $1 AND f.due_at < $2 THEN 1 END) AS due_soon,
                COUNT(f.fix_version) AS fixable,
                COUNT(f.kev) AS looked_up,
                COUNT(CASE WHEN f.kev THEN 1 END) AS exploited",
            $findings,
            "WHERE f.closed_at IS NULL
            GROUP BY 1, 2 ORDER BY 1, 2"
        )
    };
}

/// Findings that were fixed since `$1`, by severity and by the days that it took; `$2` divides them in two periods.
macro_rules! fixes_of {
    ($findings:expr) => {
        concat!(
            "SELECT f.severity AS severity,
                CASE WHEN f.closed_at >= $2 THEN TRUE ELSE FALSE END AS recent,
                (f.closed_at - f.opened_at) / 86400000 AS days,
                COUNT(*) AS findings,
                COUNT(f.due_at) AS due,
                COUNT(CASE WHEN f.closed_at <= f.due_at THEN 1 END) AS in_time",
            $findings,
            "WHERE f.closed_at >= $1 AND f.close_reason IN ('fixed', 'removed')
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
    };
}

statements! {
    /// Each chosen project by its tracked refs: `$1` and `$2` begin fresh and ageing, `$3` is a week ago.
    STANDING = "WITH standing AS (
            SELECT p.id AS id,
                MAX(b.created_at) AS sent_at,
                MIN(r.checked_since) AS checked_since,
                MAX(CASE WHEN b.evaluated > 0 THEN 1 ELSE 0 END) AS checked,
                MAX(CASE WHEN b.outcome IS NOT NULL THEN 1 ELSE 0 END) AS judged,
                MAX(CASE WHEN b.outcome = 'fail' THEN 1 ELSE 0 END) AS failing,
                MAX(CASE WHEN b.outcome = 'warn' THEN 1 ELSE 0 END) AS warning,
                MAX(CASE WHEN b.outcome = 'indeterminate' THEN 1 ELSE 0 END) AS undecided,
                MAX(CASE WHEN 'fail' = (
                        SELECT v.outcome FROM build older JOIN verdict v ON v.build_id = older.id
                        WHERE older.reference_id = r.id AND v.created_at <= $3
                        ORDER BY older.number DESC, v.id DESC LIMIT 1)
                    THEN 1 ELSE 0 END) AS failing_before
            FROM project p
            LEFT JOIN reference r ON r.project_id = p.id AND r.tracked
            LEFT JOIN build b ON b.id = r.build_id
            WHERE NOT p.archived
              AND (CAST($4 AS TEXT) IS NULL OR p.team = $4)
              AND (CAST($5 AS TEXT) IS NULL OR p.tags LIKE $5)
            GROUP BY p.id)
        SELECT COUNT(*) AS projects,
            COUNT(CASE WHEN sent_at >= $1 THEN 1 END) AS fresh,
            COUNT(CASE WHEN sent_at < $1 AND sent_at >= $2 THEN 1 END) AS ageing,
            COUNT(CASE WHEN sent_at < $2 THEN 1 END) AS stale,
            CAST(COALESCE(SUM(checked), 0) AS BIGINT) AS checked,
            CAST(COALESCE(SUM(judged), 0) AS BIGINT) AS judged,
            CAST(COALESCE(SUM(failing), 0) AS BIGINT) AS failing,
            CAST(COALESCE(SUM(CASE WHEN failing = 0 THEN undecided END), 0) AS BIGINT) AS undecided,
            CAST(COALESCE(SUM(CASE WHEN failing = 0 AND undecided = 0 THEN warning END), 0) AS BIGINT) AS warning,
            CAST(COALESCE(SUM(failing_before), 0) AS BIGINT) AS failing_before,
            MIN(checked_since) AS checked_since
        FROM standing";
    OPEN = open_of!(tracked!("$6", "$7"));
    OPEN_OF_REFERENCE = open_of!(of_reference!("$6"));
    FIXES = fixes_of!(tracked!("$3", "$4"));
    FIXES_OF_REFERENCE = fixes_of!(of_reference!("$3"));
    /// How many findings were open past their due day at `$1`.
    PAST_DUE_AT = concat!(
        "SELECT COUNT(*)", tracked!("$2", "$3"),
        "WHERE f.due_at < $1 AND (f.closed_at IS NULL OR f.closed_at >= $1)");
    /// Component versions whose findings a later version clears, those with the most findings first.
    UPGRADES = concat!(
        "SELECT f.package_version_id AS id, COUNT(*) AS clears, COUNT(DISTINCT f.project_id) AS projects,
            MAX(f.severity) AS worst",
        tracked!("$1", "$2"),
        "WHERE f.closed_at IS NULL AND f.fix_version IS NOT NULL
        GROUP BY f.package_version_id ORDER BY clears DESC, id LIMIT $3");
    /// The versions that clear the findings of each of some component versions.
    FIX_VERSIONS = "SELECT DISTINCT v.id, v.identity, v.version, k.ecosystem, k.name, f.fix_version
        FROM package_version v
        JOIN package k ON k.id = v.package_id
        JOIN finding f ON f.package_version_id = v.id AND f.closed_at IS NULL AND f.fix_version IS NOT NULL
        WHERE v.id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
        LIMIT 2000";
    /// Where the default refs of some projects stand.
    ROWS = "SELECT p.id AS project_id, r.id AS reference_id, r.checked_since, b.outcome, b.evaluated,
            p.builds AS number, p.last_build_at, newest.status AS newest_status
        FROM project p
        LEFT JOIN reference r ON r.project_id = p.id AND r.name = p.default_ref
        LEFT JOIN build b ON b.id = r.build_id
        LEFT JOIN build newest ON newest.project_id = p.id AND newest.number = p.builds
        WHERE p.id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    /// Open findings of some refs by severity; `$2` is now.
    OPEN_BY_REFERENCE = "SELECT reference_id, severity, COUNT(*) AS findings,
            COUNT(CASE WHEN due_at < $2 THEN 1 END) AS past_due
        FROM finding
        WHERE closed_at IS NULL AND class IN ('vulnerability', 'malicious')
          AND reference_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
        GROUP BY reference_id, severity";
    /// How many findings of some refs were open at a moment.
    OPEN_AT = "SELECT f.reference_id, COUNT(*) AS findings
        FROM finding f JOIN finding_span s ON s.finding_id = f.id
        WHERE f.reference_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
          AND s.opened_at <= $2 AND (s.closed_at IS NULL OR s.closed_at > $2)
          AND f.class IN ('vulnerability', 'malicious')
        GROUP BY f.reference_id";
    /// Effective licenses of the state of all tracked refs, the most frequent first.
    LICENSES = "SELECT c.license, COUNT(*) AS components
        FROM reference r
        JOIN project p ON p.id = r.project_id AND NOT p.archived
          AND (CAST($1 AS TEXT) IS NULL OR p.team = $1)
          AND (CAST($2 AS TEXT) IS NULL OR p.tags LIKE $2)
        JOIN build b ON b.id = r.build_id
        JOIN inventory_component c ON c.inventory_id = b.inventory_id
        WHERE r.tracked
        GROUP BY c.license ORDER BY components DESC LIMIT $3";
    TAGS = "SELECT DISTINCT tag.value FROM project p, {elements}(p.tags{json}) AS tag
        WHERE NOT p.archived ORDER BY tag.value LIMIT 500";
}

/// Which projects count: all that are not archived, those of a team, those with a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub team: Option<String>,
    pub tag: Option<String>,
}

impl Selection {
    /// The scope under which the rollup of trends knows it.
    pub(crate) fn rollup(&self) -> String {
        self.team
            .as_ref()
            .map_or_else(|| "portfolio".to_owned(), |team| format!("team:{team}"))
    }

    /// The `LIKE` pattern for the tag within the JSON list of a project's tags.
    pub(crate) fn tag_pattern(&self) -> Option<String> {
        self.tag.as_deref().map(crate::projects::tagged)
    }
}

/// How the chosen projects stand today; counts are projects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Standing {
    pub projects: i64,
    /// By the newest SBOM of a tracked ref: at most 14 days, at most 30, older.
    pub fresh: i64,
    pub ageing: i64,
    pub stale: i64,
    /// Of which anything could be checked.
    pub checked: i64,
    /// With a verdict on some tracked ref.
    pub judged: i64,
    /// By the worst verdict among the tracked refs.
    pub failing: i64,
    pub undecided: i64,
    pub warning: i64,
    /// Failing a week ago.
    pub failing_before: i64,
    /// When anything was first checked; see [`Standing::since`].
    pub checked_since: Option<i64>,
}

impl Standing {
    /// The first moment of which anything is known.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.checked_since.map(Timestamp::from_millis)
    }

    /// Projects without any readable SBOM.
    #[must_use]
    pub const fn never(&self) -> i64 {
        self.projects - self.fresh - self.ageing - self.stale
    }
}

/// Open findings of one severity and age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OpenGroup {
    /// See [`crate::findings::severity_code`].
    pub severity: i64,
    /// 0: up to 7 days, 1: up to 30, 2: up to 90, 3: older.
    pub age: i64,
    pub findings: i64,
    pub past_due: i64,
    /// Due within the next seven days.
    pub due_soon: i64,
    /// With a released version that clears them.
    pub fixable: i64,
    /// Looked up in the catalogue of known exploited vulnerabilities.
    pub looked_up: i64,
    pub exploited: i64,
}

impl OpenGroup {
    #[must_use]
    pub const fn level(&self) -> Severity {
        severity_of(self.severity)
    }
}

/// Findings of one severity that were fixed within the same number of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FixGroup {
    pub severity: i64,
    /// In the newer of the two periods.
    pub recent: bool,
    pub days: i64,
    pub findings: i64,
    /// Those of them that were due by some day, and those fixed by then.
    pub due: i64,
    pub in_time: i64,
}

impl FixGroup {
    #[must_use]
    pub const fn level(&self) -> Severity {
        severity_of(self.severity)
    }
}

/// The time within which `per_mille` of the fixes were done, in whole days; groups need not be sorted.
#[must_use]
pub fn percentile_days(groups: &[FixGroup], per_mille: i64) -> Option<u64> {
    let mut groups: Vec<_> = groups.iter().filter(|group| group.findings > 0).collect();
    groups.sort_by_key(|group| group.days);
    let all: i64 = groups.iter().map(|group| group.findings).sum();
    // The nearest rank: the smallest time that at least this share does not exceed.
    let rank = (all.saturating_mul(per_mille) + 999) / 1000;
    let mut seen = 0;
    let found = groups.into_iter().find(|group| {
        seen += group.findings;
        seen >= rank
    })?;
    u64::try_from(found.days).ok()
}

/// A component version that many findings go away with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The purl without qualifiers.
    pub identity: String,
    pub ecosystem: String,
    pub name: String,
    pub version: String,
    /// The least version that clears all of them.
    pub to: String,
    pub clears: u64,
    pub projects: u64,
    pub worst: Severity,
}

/// How one project stands in a list, by its default ref.
#[derive(Clone, Debug, Default)]
pub struct ProjectStanding {
    pub reference: Option<i64>,
    pub outcome: Option<String>,
    /// The number and time of the newest build of any ref.
    pub newest: Option<(u64, Timestamp)>,
    /// `queued`, `running`, `succeeded` or `failed`.
    pub newest_status: Option<String>,
    /// `None` when nothing was checked.
    pub open: Option<Counts>,
    pub past_due: Option<u64>,
    /// Against 30 days ago; `None` when nothing had been checked then.
    pub change_30_days: Option<i64>,
}

/// Open findings of one ref.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReferenceOpen {
    pub counts: Counts,
    pub past_due: u64,
}

/// How many components have one license.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LicenseUse {
    /// An SPDX expression; absent when nothing is known.
    pub license: Option<String>,
    pub components: i64,
}

/// How the chosen projects stand.
pub async fn standing(
    session: &mut Session,
    selection: &Selection,
    now: Timestamp,
) -> Result<Standing, Error> {
    session
        .query(&STANDING)
        .bind(now.plus_days(-FRESH_DAYS).millis())
        .bind(now.plus_days(-STALE_DAYS).millis())
        .bind(now.plus_days(-7).millis())
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .one()
        .await
}

/// Where the age buckets begin: a finding seen 7 days ago is still in the first.
fn age_bounds(now: Timestamp) -> [i64; 3] {
    [7, 30, 90].map(|days: i64| now.millis() - (days + 1) * DAY_MS + 1)
}

/// The open findings of tracked refs of the chosen projects.
pub async fn open(
    session: &mut Session,
    selection: &Selection,
    now: Timestamp,
) -> Result<Vec<OpenGroup>, Error> {
    let [week, month, quarter] = age_bounds(now);
    session
        .query(&OPEN)
        .bind(now.millis())
        .bind(now.plus_days(7).millis())
        .bind(week)
        .bind(month)
        .bind(quarter)
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .all()
        .await
}

/// The open findings of one ref.
pub async fn open_of(session: &mut Session, reference: i64, now: Timestamp) -> Result<Vec<OpenGroup>, Error> {
    let [week, month, quarter] = age_bounds(now);
    session
        .query(&OPEN_OF_REFERENCE)
        .bind(now.millis())
        .bind(now.plus_days(7).millis())
        .bind(week)
        .bind(month)
        .bind(quarter)
        .bind(reference)
        .all()
        .await
}

/// What was fixed in the last 90 days, and in the 90 days before.
pub async fn fixes(
    session: &mut Session,
    selection: &Selection,
    now: Timestamp,
) -> Result<Vec<FixGroup>, Error> {
    session
        .query(&FIXES)
        .bind(now.plus_days(-2 * FIXES_WINDOW_DAYS).millis())
        .bind(now.plus_days(-FIXES_WINDOW_DAYS).millis())
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .all()
        .await
}

/// What was fixed on one ref in the last 90 days.
pub async fn fixes_of(session: &mut Session, reference: i64, now: Timestamp) -> Result<Vec<FixGroup>, Error> {
    let since = now.plus_days(-FIXES_WINDOW_DAYS).millis();
    session
        .query(&FIXES_OF_REFERENCE)
        .bind(since)
        .bind(since)
        .bind(reference)
        .all()
        .await
}

/// How many findings were open past their due day at a moment.
pub async fn past_due_at(
    session: &mut Session,
    selection: &Selection,
    moment: Timestamp,
) -> Result<u64, Error> {
    let count: i64 = session
        .query(&PAST_DUE_AT)
        .bind(moment.millis())
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .value()
        .await?;
    Ok(unsigned(count))
}

#[derive(sqlx::FromRow)]
struct UpgradeRow {
    id: i64,
    clears: i64,
    projects: i64,
    worst: i64,
}

#[derive(sqlx::FromRow)]
struct FixRow {
    id: i64,
    identity: String,
    version: String,
    ecosystem: String,
    name: String,
    fix_version: String,
}

/// The upgrades that clear the most findings of the chosen projects.
pub async fn upgrades(
    session: &mut Session,
    selection: &Selection,
    limit: i64,
) -> Result<Vec<Upgrade>, Error> {
    let rows: Vec<UpgradeRow> = session
        .query(&UPGRADES)
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .bind(limit)
        .all()
        .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let fixes: Vec<FixRow> = session.query(&FIX_VERSIONS).bind(List::of(&ids)).all().await?;
    Ok(rows.iter().filter_map(|row| upgrade(row, &fixes)).collect())
}

fn upgrade(row: &UpgradeRow, fixes: &[FixRow]) -> Option<Upgrade> {
    let mine = || fixes.iter().filter(|fix| fix.id == row.id);
    let first = mine().next()?;
    let ecosystem = ecosystems::by_name(&first.ecosystem);
    let key = |version: &str| ecosystem.and_then(|ecosystem| ecosystem.key(version).ok());
    let to = mine().max_by_key(|fix| key(&fix.fix_version))?;
    Some(Upgrade {
        identity: first.identity.clone(),
        ecosystem: first.ecosystem.clone(),
        name: first.name.clone(),
        version: first.version.clone(),
        to: to.fix_version.clone(),
        clears: unsigned(row.clears),
        projects: unsigned(row.projects),
        worst: severity_of(row.worst),
    })
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    project_id: i64,
    reference_id: Option<i64>,
    checked_since: Option<i64>,
    outcome: Option<String>,
    evaluated: Option<i64>,
    number: i64,
    last_build_at: Option<i64>,
    newest_status: Option<String>,
}

/// How these projects stand, in the same order.
pub async fn rows(
    session: &mut Session,
    projects: &[i64],
    now: Timestamp,
) -> Result<Vec<ProjectStanding>, Error> {
    let rows: Vec<StandingRow> = session.query(&ROWS).bind(List::of(projects)).all().await?;
    let references: Vec<i64> = rows.iter().filter_map(|row| row.reference_id).collect();
    let open = open_by_reference(session, &references, now).await?;
    let then = now.plus_days(-30);
    let before: Vec<(i64, i64)> = session
        .query(&OPEN_AT)
        .bind(List::of(&references))
        .bind(then.millis())
        .all()
        .await?;
    let one = |project: &i64| {
        let row = rows.iter().find(|row| row.project_id == *project);
        row.map(|row| project_standing(row, &open, &before, then))
            .unwrap_or_default()
    };
    Ok(projects.iter().map(one).collect())
}

fn project_standing(
    row: &StandingRow,
    open: &std::collections::HashMap<i64, ReferenceOpen>,
    before: &[(i64, i64)],
    then: Timestamp,
) -> ProjectStanding {
    let checked = row.reference_id.filter(|_| row.evaluated.unwrap_or(0) > 0);
    let mine = checked.map(|reference| open.get(&reference).copied().unwrap_or_default());
    let was = checked.filter(|_| row.checked_since.is_some_and(|since| since <= then.millis()));
    let was = was.map(|reference| {
        let found = before.iter().find(|(id, _)| *id == reference);
        found.map_or(0, |(_, findings)| *findings)
    });
    ProjectStanding {
        reference: row.reference_id,
        outcome: row.outcome.clone(),
        newest: row
            .last_build_at
            .map(|at| (unsigned(row.number), Timestamp::from_millis(at))),
        newest_status: row.newest_status.clone(),
        open: mine.map(|open| open.counts),
        past_due: mine.map(|open| open.past_due),
        change_30_days: mine.zip(was).map(|(open, was)| {
            i64::try_from(open.counts.total())
                .unwrap_or(i64::MAX)
                .saturating_sub(was)
        }),
    }
}

#[derive(sqlx::FromRow)]
struct ReferenceGroup {
    reference_id: i64,
    severity: i64,
    findings: i64,
    past_due: i64,
}

/// Open findings of these refs; a ref without any is not in the answer, whether it was checked or not.
pub async fn open_by_reference(
    session: &mut Session,
    references: &[i64],
    now: Timestamp,
) -> Result<std::collections::HashMap<i64, ReferenceOpen>, Error> {
    let groups: Vec<ReferenceGroup> = session
        .query(&OPEN_BY_REFERENCE)
        .bind(List::of(references))
        .bind(now.millis())
        .all()
        .await?;
    let mut open = std::collections::HashMap::<i64, ReferenceOpen>::new();
    for group in groups {
        let mine = open.entry(group.reference_id).or_default();
        mine.counts.add(group.severity, group.findings);
        mine.past_due = mine.past_due.saturating_add(unsigned(group.past_due));
    }
    Ok(open)
}

/// The licenses of the chosen projects' components; at most `limit` different ones.
pub async fn licenses(
    session: &mut Session,
    selection: &Selection,
    limit: i64,
) -> Result<Vec<LicenseUse>, Error> {
    session
        .query(&LICENSES)
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .bind(limit)
        .all()
        .await
}

/// Every tag of a project that is not archived.
pub async fn tags(session: &mut Session) -> Result<Vec<String>, Error> {
    session.query(&TAGS).column().await
}

/// A count is never negative.
fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(days: i64, findings: i64) -> FixGroup {
        FixGroup {
            severity: 5,
            recent: true,
            days,
            findings,
            due: findings,
            in_time: findings,
        }
    }

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let groups = [fixed(30, 1), fixed(2, 4), fixed(5, 5)];
        assert_eq!(percentile_days(&groups, 400), Some(2));
        assert_eq!(percentile_days(&groups, 500), Some(5));
        assert_eq!(percentile_days(&groups, 900), Some(5));
        assert_eq!(percentile_days(&groups, 910), Some(30));
        assert_eq!(percentile_days(&[], 500), None);
        assert_eq!(percentile_days(&[fixed(3, 0)], 500), None);
    }

    #[test]
    fn a_tag_is_sought_whole() {
        let selection = Selection {
            tag: Some("in\"side".to_owned()),
            ..Selection::default()
        };
        assert_eq!(selection.tag_pattern().as_deref(), Some("%\"in\\\"side\"%"));
        assert_eq!(selection.rollup(), "portfolio");
    }
}
