//! How each project of a list stands, by its default ref.

use std::collections::HashMap;

use clock::Timestamp;

use super::unsigned;
use crate::Error;
use crate::db::{List, Session, statements};
use crate::trends::Counts;

statements! {
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
    open: &HashMap<i64, ReferenceOpen>,
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
) -> Result<HashMap<i64, ReferenceOpen>, Error> {
    let groups: Vec<ReferenceGroup> = session
        .query(&OPEN_BY_REFERENCE)
        .bind(List::of(references))
        .bind(now.millis())
        .all()
        .await?;
    let mut open = HashMap::<i64, ReferenceOpen>::new();
    for group in groups {
        let mine = open.entry(group.reference_id).or_default();
        mine.counts.add(group.severity, group.findings);
        mine.past_due = mine.past_due.saturating_add(unsigned(group.past_due));
    }
    Ok(open)
}
