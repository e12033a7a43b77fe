//! Numbers of the store as charts and rows want them.

use advisories::Severity;
use clock::Timestamp;
use policy::Outcome;
use store::builds::Build;
use store::portfolio::OpenGroup;
use store::trends::{self, Counts, Flow, Series};
use web::charts::{AgeBucket, Mark, Trend, Week};
use web::parts::{Coverage, SeverityCounts};

use crate::place::unsigned;
use crate::problem::Problem;

/// Weeks of new and fixed findings that are shown.
pub(crate) const WEEKS: i64 = 13;
/// A day is marked when advisories opened at least so many findings on it.
const WAVE: i64 = 5;

/// How many there are, as views count.
pub(crate) fn how_many(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

pub(crate) const fn severity_counts(counts: Counts) -> SeverityCounts {
    SeverityCounts::new(
        counts.critical,
        counts.high,
        counts.medium,
        counts.low,
        counts.unknown,
    )
}

/// `?days=`: 30, 90 (also when nothing is said) or 365.
pub(crate) fn chosen_days(days: Option<u32>) -> Result<u32, Problem> {
    match days {
        None => Ok(90),
        Some(days @ (30 | 90 | 365)) => Ok(days),
        Some(_) => Err(Problem::bad_parameter("days", "may be 30, 90 or 365")),
    }
}

/// The first day of which flows are needed for a trend of so many days and for the weeks beside it.
pub(crate) fn first_flow_day(now: Timestamp, days: u32) -> i64 {
    now.day() - i64::from(days).max(7 * WEEKS)
}

pub(crate) fn trend(series: &Series, marks: Vec<Mark>) -> Trend {
    let last = series.first_day + i64::try_from(series.days.len()).unwrap_or(0);
    Trend {
        first_day: series.first_day,
        days: series.days.iter().map(|day| day.map(severity_counts)).collect(),
        marks: marks
            .into_iter()
            .filter(|mark| (series.first_day..last).contains(&mark.day))
            .collect(),
    }
}

/// The last thirteen weeks, as far as anything was checked in them.
pub(crate) fn weeks(flows: &[Flow], now: Timestamp, checked_since: Option<Timestamp>) -> Vec<Week> {
    trends::weeks(flows, now, WEEKS, checked_since)
        .into_iter()
        .map(|week| Week {
            last_day: week.last_day,
            new: week.new,
            fixed: week.fixed,
            partial: week.last_day > now.day(),
        })
        .collect()
}

/// The day since `first_day` on which advisories opened most findings, with their number.
pub(crate) fn wave(flows: &[Flow], first_day: i64) -> Option<(i64, u64)> {
    let by_advisory = |flow: &&Flow| {
        flow.kind == "opened" && matches!(flow.word.as_str(), "advisory_published" | "advisory_changed")
    };
    let mut days = std::collections::BTreeMap::<i64, i64>::new();
    for flow in flows
        .iter()
        .filter(by_advisory)
        .filter(|flow| flow.day >= first_day)
    {
        *days.entry(flow.day).or_default() += flow.findings;
    }
    let (day, findings) = days.into_iter().max_by_key(|(_, findings)| *findings)?;
    (findings >= WAVE).then_some((day, unsigned(findings)))
}

/// Open findings by age, youngest first.
pub(crate) fn age_buckets(groups: &[OpenGroup]) -> Vec<AgeBucket> {
    ["Up to 7 days", "8–30 days", "31–90 days", "Over 90 days"]
        .into_iter()
        .zip(0..)
        .map(|(label, age)| AgeBucket {
            label: label.to_owned(),
            counts: severity_counts(count(groups.iter().filter(|group| group.age == age))),
        })
        .collect()
}

/// The groups by severity.
pub(crate) fn count<'a>(groups: impl Iterator<Item = &'a OpenGroup>) -> Counts {
    let mut counts = Counts::default();
    for group in groups {
        let band = counts.band(group.level());
        *band = band.saturating_add(unsigned(group.findings));
    }
    counts
}

/// One number of all groups of a severity, or of all.
pub(crate) fn sum(groups: &[OpenGroup], level: Option<Severity>, value: fn(&OpenGroup) -> i64) -> u64 {
    let chosen = groups
        .iter()
        .filter(|group| level.is_none_or(|level| group.level() == level));
    unsigned(chosen.map(value).sum())
}

/// What a stored word of an outcome means; one that we never wrote decides nothing.
pub(crate) fn outcome_of(word: &str) -> Outcome {
    match word {
        "pass" => Outcome::Pass,
        "warn" => Outcome::Warn,
        "fail" => Outcome::Fail,
        "pending" => Outcome::Pending,
        _ => Outcome::Indeterminate,
    }
}

/// How a build of this status and outcome is shown.
pub(crate) fn outcome_in(status: &str, outcome: Option<&str>) -> Outcome {
    match (status, outcome) {
        ("queued" | "running", _) => Outcome::Pending,
        (_, Some(word)) => outcome_of(word),
        (_, None) => Outcome::Indeterminate,
    }
}

pub(crate) fn coverage(build: &Build) -> Coverage {
    Coverage {
        checked: unsigned(build.evaluated),
        components: unsigned(build.components),
    }
}

/// Whether anything of the build was checked; without that, its numbers are not known.
pub(crate) fn is_checked(build: &Build) -> bool {
    build.status == "succeeded" && build.evaluated > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_that_was_given_up_is_undecided_and_one_that_waits_is_pending() {
        for (status, outcome, shown) in [
            ("queued", None, Outcome::Pending),
            ("running", Some("pass"), Outcome::Pending),
            ("failed", None, Outcome::Indeterminate),
            ("succeeded", Some("fail"), Outcome::Fail),
            ("succeeded", Some("later word"), Outcome::Indeterminate),
        ] {
            assert_eq!(outcome_in(status, outcome), shown, "{status}");
        }
    }

    #[test]
    fn only_a_wave_of_advisories_is_marked() {
        let flow = |day, word: &str, findings| Flow {
            day,
            kind: "opened".to_owned(),
            word: word.to_owned(),
            findings,
        };
        let few = [flow(9, "advisory_published", 4), flow(9, "first_scan", 90)];
        assert_eq!(wave(&few, 0), None);
        let many = [
            flow(9, "advisory_published", 4),
            flow(9, "advisory_changed", 3),
            flow(3, "advisory_published", 50),
        ];
        assert_eq!(wave(&many, 5), Some((9, 7)));
    }
}
