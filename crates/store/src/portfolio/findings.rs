//! Open and fixed findings by severity and time.

use advisories::Severity;
use clock::{DAY_MS, Timestamp};

use super::{Selection, unsigned};
use crate::Error;
use crate::db::{Session, statements};
use crate::findings::severity_of;
use crate::trends::{of_reference, tracked};

/// How long back fixes are looked at, in days (ux.md §5).
pub const FIXES_WINDOW_DAYS: i64 = 90;

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
    OPEN = open_of!(tracked!("$6", "$7"));
    OPEN_OF_REFERENCE = open_of!(of_reference!("$6"));
    FIXES = fixes_of!(tracked!("$3", "$4"));
    FIXES_OF_REFERENCE = fixes_of!(of_reference!("$3"));
    /// How many findings were open past their due day at `$1`.
    PAST_DUE_AT = concat!(
        "SELECT COUNT(*)", tracked!("$2", "$3"),
        "WHERE f.due_at < $1 AND (f.closed_at IS NULL OR f.closed_at >= $1)");
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
}
