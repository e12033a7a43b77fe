//! A project: the verdict and the way to green first, then numbers, trend, findings, branches, history.

use clock::Timestamp;
use policy::Outcome;

use super::gate::GateCard;
use super::header::ProjectHeader;
use super::list::{Exports, Note, Pager, Tile, Tone};
use super::rows::{FindingRow, Why};
use crate::charts::{
    AgeBucket, StripBuild, Trend, Week, age_bars, gate_strip, severity_bar, stacked_area, week_bars,
    week_table,
};
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::parts::{Coverage, SeverityCounts};
use crate::{links, text};

mod sample;

pub use sample::{sample_trend, sample_weeks};

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
    /// Listed findings that are no vulnerabilities (unmaintained, unsound): the number of open ones leaves them out.
    pub(crate) fn notices(&self) -> u64 {
        let open = self.numbers.open.unwrap_or(self.pager.total.value);
        self.pager.total.value.saturating_sub(open)
    }

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
                self.due_note(),
            ),
            self.median_tile(),
            tile(
                "Fixable now",
                "fixable",
                self.fixable,
                if self.open.is_some() {
                    format!("of {}", text::number(open))
                } else {
                    String::new()
                },
                Note::plain(match self.fixable {
                    None | Some(0) => "",
                    Some(_) => "a released version clears them",
                }),
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

    fn due_note(&self) -> Note {
        let words = self
            .past_due
            .map(|_| format!("{} due this week", text::number(self.due_this_week)));
        Note::plain(words.unwrap_or_default())
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
