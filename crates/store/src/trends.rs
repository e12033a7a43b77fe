//! How many findings were open on each day, and what opened and closed them.
//!
//! Numbers of everything and of a team come from `trend_delta`; those of one ref, or of the projects with a tag,
//! are summed from the spans of their findings. Both give the same rows.

use std::collections::BTreeMap;

use advisories::Severity;
use clock::{DAY_MS, Timestamp};

use crate::Error;
use crate::db::{Session, statements};
use crate::findings::severity_of;
use crate::portfolio::Selection;

/// Findings of tracked refs of the chosen projects; the two arguments are the team and the tag.
/// What is no vulnerability counts apart, here as in `trend_delta`.
macro_rules! tracked {
    ($team:literal, $tag:literal) => {
        concat!(
            " FROM finding f
              JOIN reference r ON r.id = f.reference_id AND r.tracked AND f.class IN ('vulnerability', 'malicious')
              JOIN project p ON p.id = f.project_id AND NOT p.archived
                AND (CAST(", $team, " AS TEXT) IS NULL OR p.team = ", $team, ")
                AND (CAST(", $tag, " AS TEXT) IS NULL OR p.tags LIKE ", $tag, ") "
        )
    };
}
pub(crate) use tracked;

/// Findings of the ref with this id.
macro_rules! of_reference {
    ($reference:literal) => {
        concat!(
            " FROM finding f
              JOIN reference r ON r.id = f.reference_id AND f.class IN ('vulnerability', 'malicious')
                AND f.reference_id = ",
            $reference,
            " "
        )
    };
}
pub(crate) use of_reference;

/// Spans as deltas by day, all before day `$1` as one; `$2` is the last day.
macro_rules! deltas_of {
    ($findings:expr) => {
        concat!(
            "SELECT day, severity, CAST(SUM(opened) AS BIGINT) AS opened, CAST(SUM(closed) AS BIGINT) AS closed FROM (
                SELECT CASE WHEN s.opened_at < $1 * 86400000 THEN $1 - 1 ELSE s.opened_at / 86400000 END AS day,
                    s.severity AS severity, 1 AS opened, 0 AS closed",
            $findings, "JOIN finding_span s ON s.finding_id = f.id
                WHERE s.opened_at < ($2 + 1) * 86400000",
            " UNION ALL
                SELECT CASE WHEN s.closed_at < $1 * 86400000 THEN $1 - 1 ELSE s.closed_at / 86400000 END,
                    s.severity, 0, 1",
            $findings, "JOIN finding_span s ON s.finding_id = f.id
                WHERE s.closed_at IS NOT NULL AND s.closed_at < ($2 + 1) * 86400000
            ) AS step
            GROUP BY day, severity ORDER BY day, severity"
        )
    };
}

/// What opened and closed on each day since `$1`, with the word that says why.
macro_rules! flows_of {
    ($findings:expr) => {
        concat!(
            "SELECT s.opened_at / 86400000 AS day, 'opened' AS kind, s.cause AS word, COUNT(*) AS findings",
            $findings,
            "JOIN finding_span s ON s.finding_id = f.id
            WHERE s.opened_at >= $1
            GROUP BY 1, 3
            UNION ALL
            SELECT s.closed_at / 86400000, 'closed', COALESCE(s.close_reason, ''), COUNT(*)",
            $findings,
            "JOIN finding_span s ON s.finding_id = f.id
            WHERE s.closed_at >= $1
            GROUP BY 1, 3 ORDER BY 1, 2, 3"
        )
    };
}

statements! {
    /// The rollup of a scope, all before day `$2` as one row a severity.
    DELTAS = "SELECT CASE WHEN day < $2 THEN $2 - 1 ELSE day END AS day, severity,
            CAST(SUM(opened) AS BIGINT) AS opened, CAST(SUM(closed) AS BIGINT) AS closed
        FROM trend_delta WHERE scope = $1 AND day <= $3
        GROUP BY 1, 2 ORDER BY 1, 2";
    DELTAS_OF_REFERENCE = deltas_of!(of_reference!("$3"));
    DELTAS_OF_SELECTION = deltas_of!(tracked!("$3", "$4"));
    FLOWS_OF_REFERENCE = flows_of!(of_reference!("$2"));
    FLOWS_OF_SELECTION = flows_of!(tracked!("$2", "$3"));
}

/// Open findings by severity; what is rated as *none* stands with the low ones, as in a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub critical: u64,
    pub high: u64,
    pub medium: u64,
    pub low: u64,
    pub unknown: u64,
}

impl Counts {
    /// The band that a severity belongs to.
    pub const fn band(&mut self, severity: Severity) -> &mut u64 {
        match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low | Severity::None => &mut self.low,
            Severity::Unknown => &mut self.unknown,
        }
    }

    /// Adds (or, when negative, takes away) findings of the severity with this code.
    pub(crate) fn add(&mut self, code: i64, difference: i64) {
        let band = self.band(severity_of(code));
        *band = band.saturating_add_signed(difference);
    }

    #[must_use]
    pub const fn total(&self) -> u64 {
        self.critical
            .saturating_add(self.high)
            .saturating_add(self.medium)
            .saturating_add(self.low)
            .saturating_add(self.unknown)
    }
}

/// What changed in one severity on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Delta {
    /// Days since the epoch, UTC.
    pub day: i64,
    /// See [`crate::findings::severity_code`].
    pub severity: i64,
    pub opened: i64,
    pub closed: i64,
}

/// How many findings opened (or closed) on one day for one reason.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Flow {
    pub day: i64,
    /// `opened` or `closed`.
    pub kind: String,
    /// The cause of an opening, the reason of a closing.
    pub word: String,
    pub findings: i64,
}

/// Whose findings are counted.
#[derive(Clone, Debug)]
pub enum Scope {
    /// Those of tracked refs.
    Selection(Selection),
    /// Those of one ref, by its id.
    Reference(i64),
}

/// Days since the epoch, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub first: i64,
    pub last: i64,
}

impl Days {
    /// The last `count` days and today.
    #[must_use]
    pub const fn until(now: Timestamp, count: i64) -> Self {
        let last = now.day();
        Self {
            first: last.saturating_sub(count),
            last,
        }
    }
}

/// The open findings at the end of each day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Days since the epoch, UTC.
    pub first_day: i64,
    /// One entry a day; `None` where nothing had been checked yet, which is not zero.
    pub days: Vec<Option<Counts>>,
}

impl Series {
    /// Sums deltas up; what lies before `checked_since` is not known.
    #[must_use]
    pub fn sum(deltas: &[Delta], days: Days, checked_since: Option<Timestamp>) -> Self {
        let mut by_day: BTreeMap<i64, Vec<&Delta>> = BTreeMap::new();
        for delta in deltas {
            by_day
                .entry(delta.day.max(days.first - 1))
                .or_default()
                .push(delta);
        }
        let mut open = Counts::default();
        let mut apply = |day: i64| {
            for delta in by_day.get(&day).into_iter().flatten() {
                open.add(delta.severity, delta.opened - delta.closed);
            }
            open
        };
        apply(days.first - 1);
        let known = |day: i64| checked_since.is_some_and(|since| since.day() <= day);
        let entries = (days.first..=days.last).map(|day| Some(apply(day)).filter(|_| known(day)));
        Self {
            first_day: days.first,
            days: entries.collect(),
        }
    }

    /// What was open at the end of the day that is `ago` days before the last one.
    #[must_use]
    pub fn days_ago(&self, ago: usize) -> Option<Counts> {
        let at = self.days.len().checked_sub(ago.checked_add(1)?)?;
        self.days.get(at).copied().flatten()
    }

    #[must_use]
    pub fn latest(&self) -> Option<Counts> {
        self.days_ago(0)
    }
}

/// What changed within some days; all before them comes as one row a severity, dated the day before the first.
pub async fn deltas(session: &mut Session, scope: &Scope, days: Days) -> Result<Vec<Delta>, Error> {
    let query = match scope {
        Scope::Reference(reference) => {
            let query = session.query(&DELTAS_OF_REFERENCE);
            query.bind(days.first).bind(days.last).bind(*reference)
        }
        Scope::Selection(selection) if selection.tag.is_none() => {
            let query = session.query(&DELTAS).bind(selection.rollup());
            query.bind(days.first).bind(days.last)
        }
        Scope::Selection(selection) => {
            let query = session.query(&DELTAS_OF_SELECTION);
            let query = query.bind(days.first).bind(days.last);
            query.bind(selection.team.clone()).bind(selection.tag_pattern())
        }
    };
    query.all().await
}

/// What opened and closed since the beginning of a day, and why.
pub async fn flows(session: &mut Session, scope: &Scope, first_day: i64) -> Result<Vec<Flow>, Error> {
    let since = first_day.saturating_mul(DAY_MS);
    let query = match scope {
        Scope::Reference(reference) => session.query(&FLOWS_OF_REFERENCE).bind(since).bind(*reference),
        Scope::Selection(selection) => {
            let query = session.query(&FLOWS_OF_SELECTION).bind(since);
            query.bind(selection.team.clone()).bind(selection.tag_pattern())
        }
    };
    query.all().await
}

/// The open findings of a scope, day by day.
pub async fn series(
    session: &mut Session,
    scope: &Scope,
    days: Days,
    checked_since: Option<Timestamp>,
) -> Result<Series, Error> {
    if checked_since.is_none() {
        return Ok(Series::sum(&[], days, None));
    }
    let deltas = deltas(session, scope, days).await?;
    Ok(Series::sum(&deltas, days, checked_since))
}

/// Which ISO week (Monday to Sunday) a day belongs to, counted from the epoch.
#[must_use]
pub const fn week_of(day: i64) -> i64 {
    (day + 3).div_euclid(7)
}

/// The Sunday of a week.
#[must_use]
pub const fn last_day_of(week: i64) -> i64 {
    week * 7 + 3
}

/// New and fixed findings of one ISO week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeekFlow {
    /// A Sunday, days since the epoch.
    pub last_day: i64,
    pub new: u64,
    pub fixed: u64,
}

/// The last `count` weeks up to today's, oldest first; weeks that ended before anything was checked are left out.
///
/// A finding that goes on in another version of its component, or at another severity, is neither new nor fixed.
#[must_use]
pub fn weeks(flows: &[Flow], now: Timestamp, count: i64, checked_since: Option<Timestamp>) -> Vec<WeekFlow> {
    let Some(since) = checked_since else {
        return Vec::new();
    };
    let last = week_of(now.day());
    let first = week_of(since.day()).max(last - count + 1);
    let mut weeks: Vec<WeekFlow> = (first..=last)
        .map(|week| WeekFlow {
            last_day: last_day_of(week),
            ..WeekFlow::default()
        })
        .collect();
    for flow in flows {
        let at = usize::try_from(week_of(flow.day) - first).ok();
        let Some(week) = at.and_then(|at| weeks.get_mut(at)) else {
            continue;
        };
        match (flow.kind.as_str(), flow.word.as_str()) {
            ("opened", _) => week.new = week.new.saturating_add_signed(flow.findings),
            ("closed", "fixed" | "removed") => week.fixed = week.fixed.saturating_add_signed(flow.findings),
            // Its twin at the other version or severity was counted as an opening on the same day.
            ("closed", "moved" | "rescored") => week.new = week.new.saturating_add_signed(-flow.findings),
            _ => {}
        }
    }
    weeks
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 20_000;

    fn delta(day: i64, severity: i64, opened: i64, closed: i64) -> Delta {
        Delta {
            day,
            severity,
            opened,
            closed,
        }
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_millis(day * DAY_MS + 1)
    }

    #[test]
    fn a_series_starts_with_what_was_open_before_it_and_steps_at_each_delta() {
        let deltas = [
            delta(DAY - 1, 5, 4, 1),
            delta(DAY + 1, 5, 0, 2),
            delta(DAY + 2, 0, 1, 0),
            delta(DAY + 2, 1, 9, 0),
        ];
        let days = Days {
            first: DAY,
            last: DAY + 2,
        };
        let series = Series::sum(&deltas, days, Some(at(DAY - 30)));
        let counts: Vec<_> = series
            .days
            .iter()
            .flatten()
            .map(|c| (c.critical, c.unknown))
            .collect();
        assert_eq!(counts, [(3, 0), (1, 0), (1, 1)]);
        assert_eq!(
            series.latest().map(|counts| counts.total()),
            Some(11),
            "what is rated as none is counted with the low ones"
        );
    }

    #[test]
    fn days_before_the_first_check_are_not_known() {
        let days = Days {
            first: DAY,
            last: DAY + 2,
        };
        let series = Series::sum(&[delta(DAY + 1, 4, 2, 0)], days, Some(at(DAY + 1)));
        assert_eq!(series.days.first(), Some(&None));
        assert_eq!((series.days_ago(2), series.days_ago(3)), (None, None));
        assert_eq!(series.days_ago(1).map(|counts| counts.high), Some(2));
        assert!(Series::sum(&[], days, None).days.iter().all(Option::is_none));
    }

    #[test]
    fn weeks_run_from_monday_to_sunday() {
        // 2026-11-23 is a Monday.
        let monday = "2026-11-23".parse::<Timestamp>().unwrap().day();
        assert_eq!(last_day_of(week_of(monday)), monday + 6);
        assert_eq!(week_of(monday - 1), week_of(monday) - 1);
    }

    #[test]
    fn a_finding_that_moved_is_neither_new_nor_fixed() {
        let flow = |day, kind: &str, word: &str, findings| Flow {
            day,
            kind: kind.to_owned(),
            word: word.to_owned(),
            findings,
        };
        let today = last_day_of(week_of(DAY));
        let flows = [
            flow(today - 7, "opened", "first_scan", 5),
            flow(today, "opened", "version_changed", 3),
            flow(today, "closed", "moved", 2),
            flow(today, "closed", "fixed", 1),
            flow(today, "closed", "retracted", 4),
        ];
        let found = weeks(&flows, at(today), 13, Some(at(today - 8)));
        let found: Vec<_> = found
            .iter()
            .map(|week| (week.last_day, week.new, week.fixed))
            .collect();
        assert_eq!(found, [(today - 7, 5, 0), (today, 1, 1)]);
        assert!(weeks(&flows, at(today), 13, None).is_empty());
    }
}
