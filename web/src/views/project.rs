//! A project: the verdict and the way to green first, then numbers, trend, findings, branches, history.

use clock::Timestamp;
use policy::Outcome;

use super::gate::GateCard;
use super::header::ProjectHeader;
use super::list::{Exports, Note, Pager, Tile, Tone};
use super::rows::{FindingRow, Why, sample_now, sample_rows, sample_why};
use crate::charts::{
    AgeBucket, Mark, StripBuild, Trend, Week, age_bars, gate_strip, severity_bar, stacked_area, week_bars,
    week_table,
};
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::parts::{Coverage, SeverityCounts};
use crate::{links, text};

page!("project.html", Project);

/// The overview of one reference of a project.
#[derive(Clone, Debug)]
pub struct Project {
    pub header: ProjectHeader,
    /// `None` until the first build is there: the page then teaches how to send one.
    pub checked: Option<Checked>,
}

/// What is known once there is a build.
#[derive(Clone, Debug)]
pub struct Checked {
    pub gate: GateCard,
    pub numbers: Numbers,
    pub trend: Trend,
    /// The chosen length of the trend: 30, 90 or 365.
    pub days: u32,
    pub ages: Vec<AgeBucket>,
    pub weeks: Vec<Week>,
    /// The most urgent ones; `None` when findings were not looked for.
    pub findings: Option<Vec<FindingRow>>,
    /// Explains the first of `findings`.
    pub why: Option<Why>,
    pub pager: Pager,
    pub branches: Vec<Branch>,
    /// Oldest first, at most 48.
    pub strip: Vec<StripBuild>,
    pub changes: Vec<Change>,
}

/// The key numbers; `None` is *not checked*.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    pub open: Option<u64>,
    pub open_change_7_days: Option<i64>,
    pub past_due: Option<u64>,
    pub due_this_week: u64,
    pub median_days_to_fix: Option<u64>,
    /// Fixes that the median rests on.
    pub fixed_90_days: u64,
    pub fixable: Option<u64>,
    pub components: u64,
    pub direct: Option<u64>,
    pub coverage: Coverage,
}

/// The newest build of one branch.
#[derive(Clone, Debug)]
pub struct Branch {
    pub name: String,
    pub outcome: Outcome,
    /// `None` when it was not checked.
    pub counts: Option<SeverityCounts>,
    pub build: u64,
    pub at: Timestamp,
}

/// One entry of "what changed", with its cause.
#[derive(Clone, Debug)]
pub struct Change {
    pub at: Timestamp,
    /// The beginning, emphasised: `Turned red.`
    pub strong: String,
    pub tone: Tone,
    pub rest: String,
    pub build: Option<u64>,
}

impl Change {
    pub(crate) fn class(&self) -> &'static str {
        Note {
            tone: self.tone,
            ..Note::default()
        }
        .class()
    }
}

impl Project {
    fn frame(&self) -> Frame {
        let state = match &self.checked {
            None => "No build yet",
            Some(checked) => checked.gate.style().headline,
        };
        Frame::new(
            format!("{state} · {}", self.header.short_name()),
            Section::Projects,
            self.header.api("gate"),
        )
    }
}

impl Project {
    pub(crate) fn exports(&self) -> Exports {
        let query = format!("ref={}", links::segment(&self.header.reference));
        Exports::of(
            &format!("{}/findings", links::api_project(&self.header.name)),
            &query,
        )
    }
}

impl Checked {
    pub(crate) fn tiles(&self) -> Vec<Tile> {
        self.numbers.tiles()
    }

    pub(crate) fn chart(&self) -> Html {
        stacked_area(&self.trend, "trend")
    }

    pub(crate) fn age_chart(&self) -> Html {
        age_bars(&self.ages)
    }

    pub(crate) fn week_chart(&self) -> Html {
        week_bars(&self.weeks)
    }

    pub(crate) fn weeks_as_table(&self) -> Html {
        week_table(&self.weeks)
    }

    pub(crate) fn strip_chart(&self) -> Html {
        gate_strip(&self.strip)
    }

    pub(crate) fn branch_bar(&self, counts: &SeverityCounts) -> Html {
        let totals = self
            .branches
            .iter()
            .filter_map(|branch| branch.counts)
            .map(|counts| counts.total());
        severity_bar(counts, totals.max().unwrap_or(0))
    }
}

impl Numbers {
    fn tiles(&self) -> Vec<Tile> {
        let tile = |label, definition, value: Option<u64>, unit: String, note: Note| Tile {
            label,
            definition,
            value: value.map(text::number),
            unit,
            note,
        };
        let open = self.open.unwrap_or(0);
        let direct = self.direct.map_or_else(
            || "the SBOM does not say which are direct".to_owned(),
            |direct| format!("{} direct; {}", text::number(direct), self.coverage.words()),
        );
        vec![
            tile(
                "Open findings",
                "open",
                self.open,
                String::new(),
                self.open_note(),
            ),
            tile(
                "Past SLA",
                "past-sla",
                self.past_due,
                String::new(),
                Note::plain(format!("{} due this week", text::number(self.due_this_week))),
            ),
            self.median_tile(),
            tile(
                "Fixable now",
                "fixable",
                self.fixable,
                format!("of {}", text::number(open)),
                Note::plain("a released version clears them"),
            ),
            tile(
                "Components",
                "coverage",
                Some(self.components),
                String::new(),
                Note::plain(direct),
            ),
        ]
    }

    fn open_note(&self) -> Note {
        match (self.open, self.open_change_7_days) {
            (Some(0), _) | (None, _) => Note::plain(self.coverage.words()),
            (Some(_), Some(change)) => Note::change(change, Tone::Worse, "7 days"),
            (Some(_), None) => Note::plain(self.coverage.words()),
        }
    }

    /// Below five fixes a median is an anecdote, and no fix at all is no zero days.
    fn median_tile(&self) -> Tile {
        let enough = self.median_days_to_fix.filter(|_| self.fixed_90_days >= 5);
        let note = match self.fixed_90_days {
            0 => "nothing was fixed in 90 days".to_owned(),
            fixed => format!("{} fixed in 90 days", text::number(fixed)),
        };
        Tile {
            label: "Median time to fix",
            definition: "time-to-fix",
            value: Some(enough.map_or_else(|| "–".to_owned(), text::number)),
            unit: if enough.is_some() {
                "days".to_owned()
            } else {
                String::new()
            },
            note: Note::plain(note),
        }
    }
}

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
                total: super::list::Total::exactly(37),
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

pub(super) fn sample_ages() -> Vec<AgeBucket> {
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

pub(super) fn sample_weeks(factor: u64) -> Vec<Week> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_nobody_found_out_are_not_zero() {
        let numbers = Numbers {
            components: 412,
            ..Numbers::default()
        };
        let values: Vec<_> = numbers.tiles().into_iter().map(|tile| tile.value).collect();
        assert_eq!(
            values,
            [None, None, Some("–".to_owned()), None, Some("412".to_owned())]
        );
    }

    #[test]
    fn a_zero_says_what_it_rests_on() {
        let coverage = Coverage {
            checked: 412,
            components: 412,
        };
        let numbers = Numbers {
            open: Some(0),
            open_change_7_days: Some(0),
            coverage,
            ..Numbers::default()
        };
        assert_eq!(numbers.open_note(), Note::plain("all 412 components checked"));
    }
}
