//! A project in four states: failing, new, undecided, green.

use policy::Outcome;

use super::{Branch, Change, Checked, Numbers, Project};
use crate::charts::{AgeBucket, Mark, StripBuild, Trend, Week};
use crate::parts::{Coverage, SeverityCounts};
use crate::views::gate::GateCard;
use crate::views::header::ProjectHeader;
use crate::views::list::{Pager, Tone, Total};
use crate::views::rows::{sample_now, sample_rows, sample_why};

impl Project {
    #[must_use]
    pub fn sample() -> Self {
        let rows = sample_rows();
        let checked = Checked {
            gate: GateCard::sample(),
            numbers: Numbers {
                open: Some(37),
                open_change_7_days: Some(3),
                past_due: Some(8),
                due_this_week: 2,
                median_days_to_fix: Some(9),
                fixed_90_days: 41,
                fixable: Some(31),
                components: 412,
                direct: Some(38),
                coverage: Coverage {
                    checked: 409,
                    components: 412,
                },
            },
            trend: sample_trend(),
            days: 90,
            ages: sample_ages(),
            weeks: sample_weeks(1),
            pager: Pager {
                shown: 10,
                total: Total::exactly(37),
                next: Some("/projects/platform/payments-api/findings?cursor=eyJz".to_owned()),
                ..Pager::default()
            },
            findings: Some(rows),
            why: Some(sample_why()),
            branches: sample_branches(),
            strip: sample_strip(),
            changes: sample_changes(),
        };
        Self {
            header: ProjectHeader::sample(),
            checked: Some(checked),
        }
    }

    /// A project that has sent nothing yet.
    #[must_use]
    pub fn sample_new() -> Self {
        Self {
            header: ProjectHeader::sample_new(),
            checked: None,
        }
    }

    /// A build is there, but no feed is loaded: nothing is known of it.
    #[must_use]
    pub fn sample_undecided() -> Self {
        let mut project = Self::sample();
        project.header.findings = None;
        if let Some(checked) = &mut project.checked {
            checked.gate = GateCard::sample_undecided();
            checked.numbers = Numbers {
                components: 412,
                direct: Some(38),
                coverage: Coverage {
                    checked: 0,
                    components: 412,
                },
                ..Numbers::default()
            };
            checked.trend.days.fill(None);
            checked.ages.clear();
            checked.weeks.clear();
            checked.findings = None;
            checked.why = None;
            checked.branches.truncate(1);
            checked
                .branches
                .iter_mut()
                .for_each(|branch| (branch.outcome, branch.counts) = (Outcome::Indeterminate, None));
            checked.strip = vec![StripBuild {
                number: 1842,
                outcome: Outcome::Indeterminate,
            }];
            checked.changes.clear();
        }
        project
    }

    /// Checked whole, and nothing found.
    #[must_use]
    pub fn sample_green() -> Self {
        let mut project = Self::sample();
        project.header.findings = Some(0);
        if let Some(checked) = &mut project.checked {
            checked.gate = GateCard::sample_green();
            checked.numbers = Numbers {
                open: Some(0),
                past_due: Some(0),
                fixable: Some(0),
                coverage: checked.gate.coverage,
                ..checked.numbers.clone()
            };
            checked.findings = Some(Vec::new());
            checked.why = None;
        }
        project
    }
}

/// Ninety-one days of steps with two releases, a wave of advisories and a gap without builds at the start.
#[must_use]
pub fn sample_trend() -> Trend {
    const STEPS: [(usize, [u64; 4]); 13] = [
        (0, [2, 5, 12, 6]),
        (5, [2, 6, 13, 6]),
        (11, [2, 6, 15, 7]),
        (17, [2, 5, 14, 7]),
        (23, [3, 5, 14, 7]),
        (29, [3, 5, 15, 8]),
        (34, [5, 9, 18, 9]),
        (41, [4, 7, 18, 10]),
        (52, [1, 6, 16, 8]),
        (63, [1, 7, 19, 9]),
        (71, [0, 7, 15, 8]),
        (76, [0, 8, 17, 9]),
        (88, [2, 9, 18, 8]),
    ];
    let counts = |at: usize| {
        let step = STEPS.iter().rev().find(|(from, _)| *from <= at);
        step.map(|(_, [critical, high, medium, low])| SeverityCounts::new(*critical, *high, *medium, *low, 0))
    };
    let last = sample_now().day();
    let mark = |ago: i64, label: &str| Mark {
        day: last - ago,
        label: label.to_owned(),
    };
    Trend {
        first_day: last - 90,
        days: (0..91)
            .map(|at| counts(at).filter(|_| !(6..10).contains(&at)))
            .collect(),
        marks: vec![
            mark(56, "7 advisories in one day"),
            mark(38, "v2.13.0"),
            mark(19, "v2.14.0"),
        ],
    }
}

fn sample_ages() -> Vec<AgeBucket> {
    let bucket = |label: &str, counts: [u64; 4]| {
        let [critical, high, medium, low] = counts;
        AgeBucket {
            label: label.to_owned(),
            counts: SeverityCounts::new(critical, high, medium, low, 0),
        }
    };
    vec![
        bucket("Under 7 days", [2, 1, 2, 0]),
        bucket("8–30 days", [0, 4, 5, 2]),
        bucket("31–90 days", [0, 3, 7, 3]),
        bucket("Over 90 days", [0, 1, 4, 3]),
    ]
}

/// Thirteen weeks, the last of them not over; `factor` scales the numbers.
#[must_use]
pub fn sample_weeks(factor: u64) -> Vec<Week> {
    const WEEKS: [(u64, u64); 13] = [
        (2, 0),
        (3, 0),
        (0, 2),
        (1, 0),
        (12, 0),
        (2, 4),
        (2, 0),
        (0, 6),
        (3, 3),
        (3, 0),
        (4, 5),
        (0, 0),
        (5, 2),
    ];
    let sunday = sample_now().day() + 6;
    let week = |(index, (new, fixed)): (i64, (u64, u64))| Week {
        last_day: sunday - 7 * (12 - index),
        new: new * factor,
        fixed: fixed * factor,
        partial: index == 12,
    };
    (0..).zip(WEEKS).map(week).collect()
}

fn sample_branches() -> Vec<Branch> {
    let branch = |name: &str, outcome, counts: [u64; 4], build, hours: i64| {
        let [critical, high, medium, low] = counts;
        Branch {
            name: name.to_owned(),
            outcome,
            counts: Some(SeverityCounts::new(critical, high, medium, low, 0)),
            build,
            at: sample_now().plus_millis(-hours * 3_600_000),
        }
    };
    vec![
        branch("main", Outcome::Fail, [2, 9, 18, 8], 1842, 2),
        branch("release/2.14", Outcome::Pass, [0, 4, 12, 7], 1838, 26),
        branch("release/2.13", Outcome::Warn, [1, 6, 14, 8], 1790, 350),
        branch("renovate/axios-1.x", Outcome::Fail, [1, 7, 18, 8], 1841, 3),
    ]
}

fn sample_strip() -> Vec<StripBuild> {
    let outcome = |number: u64| match number {
        1809 | 1810 | 1834.. => Outcome::Fail,
        1803 | 1820..=1822 | 1829..=1833 => Outcome::Warn,
        1815 => Outcome::Indeterminate,
        _ => Outcome::Pass,
    };
    (1795..=1842)
        .map(|number| StripBuild {
            number,
            outcome: outcome(number),
        })
        .collect()
}

fn sample_changes() -> Vec<Change> {
    let change = |ago: i64, strong: &str, tone, rest: &str, build| Change {
        at: sample_now().plus_days(-ago),
        strong: strong.to_owned(),
        tone,
        rest: rest.to_owned(),
        build,
    };
    vec![
        change(
            2,
            "Turned red.",
            Tone::Worse,
            "2 critical advisories were published; your code did not change.",
            None,
        ),
        change(
            5,
            "2 new findings",
            Tone::Plain,
            "came with a build that added jsdom 21.1.1.",
            Some(1823),
        ),
        change(19, "7 fixed", Tone::Better, "by v2.14.0.", Some(1801)),
    ]
}
