//! In which steps the history is replayed.
//!
//! A step for every day would be true to the day and slow; a step for every build would open findings years late.
//! So advisories come in by quarters, nearer to the end by months, and day by day where people look at dates: in
//! the last weeks. No step brings an advisory before it was known, and a build sees all that were known when it
//! was made.

use clock::{DAY_MS, Timestamp};

/// How far before the end the history is replayed day by day.
const DAILY_MS: i64 = 30 * DAY_MS;
/// How far before the end it is replayed month by month; before that, by quarters.
const MONTHLY_MS: i64 = 730 * DAY_MS;

/// Advisories that come in, or a build that is made, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) event: Event,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The advisories with these positions.
    Advisories(std::ops::Range<usize>),
    /// The build with this position.
    Build(usize),
}

/// Orders builds and advisories; both are given by their times, sorted.
pub(super) fn steps(builds: &[Timestamp], known: &[Timestamp]) -> Vec<Step> {
    let end = builds.last().max(known.last()).copied().unwrap_or_default();
    let mut steps = Vec::new();
    let mut fed = 0;
    for (build, at) in builds.iter().enumerate() {
        let due = known.partition_point(|moment| moment <= at);
        // Before the first build there is nothing that an advisory could be about.
        let oldest = if build == 0 { *at } else { Timestamp::default() };
        steps.extend(
            batches(known, fed..due, end)
                .into_iter()
                .map(|step| later(step, oldest)),
        );
        fed = due;
        steps.push(Step {
            at: *at,
            event: Event::Build(build),
        });
    }
    steps.extend(batches(known, fed..known.len(), end));
    merged(steps)
}

fn later(step: Step, oldest: Timestamp) -> Step {
    Step {
        at: step.at.max(oldest),
        ..step
    }
}

/// Cuts advisories where the quarter, the month or the day changes.
fn batches(known: &[Timestamp], range: std::ops::Range<usize>, end: Timestamp) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut last = None;
    for position in range {
        let Some(at) = known.get(position).copied() else {
            break;
        };
        let label = label(at, end);
        match steps.last_mut() {
            Some(Step {
                at: latest,
                event: Event::Advisories(advisories),
            }) if last.as_ref() == Some(&label) => {
                *latest = at;
                advisories.end = position + 1;
            }
            _ => steps.push(Step {
                at,
                event: Event::Advisories(position..position + 1),
            }),
        }
        last = Some(label);
    }
    steps
}

/// Advisories with one label come in together.
fn label(at: Timestamp, end: Timestamp) -> String {
    let date = at.date();
    let before_end = end.since(at);
    if before_end <= DAILY_MS {
        return date;
    }
    let month: String = date.chars().take(7).collect();
    if before_end <= MONTHLY_MS {
        month
    } else {
        quarter(&month)
    }
}

/// The quarter of a month `YYYY-MM`.
fn quarter(month: &str) -> String {
    let (year, number) = month.split_once('-').unwrap_or((month, ""));
    let number: u8 = number.parse().unwrap_or(1);
    format!("{year}/{}", number.saturating_sub(1) / 3)
}

/// Joins batches that come in at the same moment.
fn merged(steps: Vec<Step>) -> Vec<Step> {
    let mut merged: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        match (merged.last_mut(), &step.event) {
            (
                Some(Step {
                    at,
                    event: Event::Advisories(before),
                }),
                Event::Advisories(more),
            ) if *at == step.at => before.end = more.end,
            _ => merged.push(step),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(texts: &[&str]) -> Vec<Timestamp> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// Steps in words: `2020-01-01 0..3` or `2020-01-01 build 0`.
    fn told(builds: &[&str], known: &[&str]) -> Vec<String> {
        steps(&times(builds), &times(known))
            .into_iter()
            .map(|step| match step.event {
                Event::Advisories(range) => format!("{} {}..{}", step.at.date(), range.start, range.end),
                Event::Build(build) => format!("{} build {build}", step.at.date()),
            })
            .collect()
    }

    #[test]
    fn what_was_known_before_the_first_build_comes_in_at_once() {
        let told = told(
            &["2020-02-01", "2020-02-01"],
            &["2001-01-01", "2019-05-01", "2020-02-01"],
        );
        assert_eq!(
            told,
            ["2020-02-01 0..3", "2020-02-01 build 0", "2020-02-01 build 1"]
        );
    }

    #[test]
    fn a_month_comes_in_together_but_never_early_and_a_build_cuts_it() {
        let known = [
            "2020-03-01",
            "2020-03-09",
            "2020-03-20",
            "2020-04-02",
            "2022-01-01",
        ];
        assert_eq!(
            told(&["2020-02-01", "2020-03-10"], &known),
            [
                "2020-02-01 build 0",
                "2020-03-09 0..2",
                "2020-03-10 build 1",
                "2020-03-20 2..3",
                "2020-04-02 3..4",
                "2022-01-01 4..5",
            ]
        );
    }

    #[test]
    fn what_is_long_ago_comes_in_by_quarters() {
        let known = [
            "2017-01-31",
            "2017-03-31",
            "2017-04-01",
            "2017-06-30",
            "2018-04-01",
            "2022-01-01",
        ];
        assert_eq!(
            told(&["2016-01-01"], &known),
            [
                "2016-01-01 build 0",
                "2017-03-31 0..2",
                "2017-06-30 2..4",
                "2018-04-01 4..5",
                "2022-01-01 5..6",
            ]
        );
    }

    #[test]
    fn the_last_weeks_come_in_day_by_day() {
        let known = ["2020-05-01", "2020-05-02", "2020-08-01", "2020-08-02"];
        assert_eq!(
            told(&["2020-01-01"], &known),
            [
                "2020-01-01 build 0",
                "2020-05-02 0..2",
                "2020-08-01 2..3",
                "2020-08-02 3..4"
            ]
        );
    }

    #[test]
    fn nothing_is_nothing() {
        assert!(told(&[], &[]).is_empty());
    }
}
