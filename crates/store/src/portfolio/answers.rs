//! How people answer what is found: how soon they decide, how long projects are exposed, what comes back.

use clock::{DAY_MS, Timestamp};

use super::{Selection, unsigned};
use crate::Error;
use crate::db::{Session, statements};
use crate::trends::tracked;

/// Rows that are looked at; a portfolio with more has other problems than their last digit.
const MOST: i64 = 100_000;

statements! {
    /// Stretches that began since `$1`: the first of their finding, or another one. One that only goes on, at another
    /// severity or in another version, is neither.
    BEGUN = concat!(
        "SELECT COUNT(CASE WHEN s.opened_at = f.opened_at THEN 1 END) AS new_ones,
            COUNT(CASE WHEN s.opened_at > f.opened_at AND EXISTS (
                SELECT 1 FROM finding_span e WHERE e.finding_id = s.finding_id AND e.opened_at < s.opened_at)
                THEN 1 END) AS again",
        tracked!("$2", "$3"), "JOIN finding_span s ON s.finding_id = f.id
        WHERE s.opened_at >= $1 AND NOT EXISTS (
            SELECT 1 FROM finding_span e
            WHERE e.finding_id = s.finding_id AND e.closed_at = s.opened_at AND e.close_reason = 'rescored')");
    /// When each project had a critical finding, or one that is known to be exploited.
    EXPOSED = concat!(
        "SELECT f.project_id AS project, s.opened_at AS opened_at, s.closed_at AS closed_at",
        tracked!("$2", "$3"), "JOIN finding_span s ON s.finding_id = f.id
        WHERE (s.severity = 5 OR f.kev) AND (s.closed_at IS NULL OR s.closed_at >= $1)
        ORDER BY f.project_id, s.opened_at LIMIT $4");
    /// Milliseconds from the first sight of a finding to the first decision about it, for those made since `$1`.
    DECIDED = concat!(
        "SELECT MIN(n.at) - f.opened_at",
        tracked!("$2", "$3"), "JOIN finding_note n ON n.finding_id = f.id AND n.kind = 'decision'
        GROUP BY f.id, f.opened_at HAVING MIN(n.at) >= $1 ORDER BY 1 LIMIT $4");
}

/// How many findings began within a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Begun {
    /// For the first time.
    pub new_ones: i64,
    /// Once more, after they had ended.
    pub again: i64,
}

impl Begun {
    /// Those that came back, in whole percent of all that began; `None` when none did.
    #[must_use]
    pub fn again_percent(&self) -> Option<u64> {
        let all = unsigned(self.new_ones).saturating_add(unsigned(self.again));
        (unsigned(self.again).saturating_mul(100)).checked_div(all)
    }
}

/// A stretch of time in which a project was exposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Exposure {
    pub project: i64,
    pub opened_at: i64,
    /// Absent while it lasts.
    pub closed_at: Option<i64>,
}

/// The findings that began since a moment.
pub async fn begun(session: &mut Session, selection: &Selection, since: Timestamp) -> Result<Begun, Error> {
    session
        .query(&BEGUN)
        .bind(since.millis())
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .one()
        .await
}

/// When projects were exposed since a moment, by project and time.
pub async fn exposures(
    session: &mut Session,
    selection: &Selection,
    since: Timestamp,
) -> Result<Vec<Exposure>, Error> {
    session
        .query(&EXPOSED)
        .bind(since.millis())
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .bind(MOST)
        .all()
        .await
}

/// Whole days of exposure within a period, summed over projects; a project is exposed once, however many findings
/// expose it. The stretches come sorted by project and time.
#[must_use]
pub fn exposure_days(exposures: &[Exposure], since: Timestamp, now: Timestamp) -> u64 {
    let mut total: i64 = 0;
    // What is counted of the project at hand reaches up to here.
    let mut reached: Option<(i64, i64)> = None;
    for exposure in exposures {
        let begin = exposure.opened_at.max(since.millis());
        let end = exposure.closed_at.unwrap_or(i64::MAX).min(now.millis());
        let begin = match reached {
            Some((project, until)) if project == exposure.project => begin.max(until),
            _ => begin,
        };
        if end > begin {
            total = total.saturating_add(end - begin);
            reached = Some((exposure.project, end));
        } else if reached.is_none_or(|(project, _)| project != exposure.project) {
            reached = Some((exposure.project, begin));
        }
    }
    unsigned(total / DAY_MS)
}

/// Hours from the first sight of a finding to the first decision about it, for decisions since a moment; ascending.
pub async fn hours_to_decide(
    session: &mut Session,
    selection: &Selection,
    since: Timestamp,
) -> Result<Vec<u64>, Error> {
    let millis: Vec<i64> = session
        .query(&DECIDED)
        .bind(since.millis())
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .bind(MOST)
        .column()
        .await?;
    Ok(millis
        .into_iter()
        .map(|millis| unsigned(millis / 3_600_000))
        .collect())
}

/// The median of ascending numbers, by the nearest rank; `None` of none.
#[must_use]
pub fn median(ascending: &[u64]) -> Option<u64> {
    let rank = ascending.len().div_ceil(2);
    ascending.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: project 1 is exposed from day 2 to 6 and 8 to 10 (6 days), project 2 from before the period to day 3
    /// and since day 9 (2 days until now, day 10, and 2 from day 1): 10 in all.
    #[test]
    fn a_project_is_exposed_once_however_many_findings_expose_it() {
        let day = |day: i64| Timestamp::from_millis(day * DAY_MS);
        let exposure = |project, from: i64, to: Option<i64>| Exposure {
            project,
            opened_at: day(from).millis(),
            closed_at: to.map(|to| day(to).millis()),
        };
        let all = [
            exposure(1, 2, Some(5)),
            exposure(1, 3, Some(4)),
            exposure(1, 4, Some(6)),
            exposure(1, 8, Some(20)),
            exposure(2, -5, Some(3)),
            exposure(2, 8, None),
        ];
        assert_eq!(exposure_days(&all, day(1), day(10)), 4 + 2 + 2 + 2);
        assert_eq!(exposure_days(&[], day(1), day(10)), 0);
    }

    #[test]
    fn the_median_is_one_of_the_numbers() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3]), Some(3));
        assert_eq!(median(&[1, 2, 30, 40]), Some(2));
        assert_eq!(median(&[1, 2, 30]), Some(2));
    }

    #[test]
    fn of_nothing_there_is_no_share() {
        assert_eq!(Begun::default().again_percent(), None);
        let begun = Begun {
            new_ones: 3,
            again: 1,
        };
        assert_eq!(begun.again_percent(), Some(25));
    }
}
