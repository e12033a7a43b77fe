//! The portfolio: one sentence, five numbers, the shape over time, and where to look first.

use advisories::Severity;
use clock::Timestamp;

use super::list::{Choice, Note, Tile, Tone};
use super::projects::ProjectRow;
use crate::charts::{
    Share, TimeToFix, Trend, Week, dot_range, panel, severity_bar, share_bar, week_bars, week_table,
};
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::parts::{BANDS, SeverityCounts};
use crate::text;

mod sample;

page!("portfolio.html", Portfolio);

/// The overview of all projects that the reader may see, or of one team or tag.
#[derive(Clone, Debug, Default)]
pub struct Portfolio {
    pub teams: Vec<Choice>,
    pub tags: Vec<Choice>,
    /// 30, 90 or 365.
    pub days: u32,
    /// Active projects in the chosen scope. Without one, the page teaches the first steps.
    pub projects: u64,
    pub gates_failing: Option<u64>,
    pub gates_failing_change_7_days: Option<i64>,
    pub coverage: SbomAge,
    /// By policy class; `None` when no license was evaluated.
    pub licenses: Option<LicenseShares>,
    pub trend: Trend,
    pub weeks: Vec<Week>,
    /// Fixed within SLA, in whole percent, and the same 90 days earlier.
    pub in_time_percent: Option<u64>,
    pub in_time_percent_before: Option<u64>,
    pub time_to_fix: Vec<TimeToFix>,
    pub ages: Vec<AgeRow>,
    pub first: Vec<ProjectRow>,
    pub upgrades: Vec<UpgradeRow>,
    /// A remark about the dotted line in the charts.
    pub mark_note: Option<String>,
    /// When the hourly numbers were computed.
    pub computed_at: Option<Timestamp>,
}

/// Projects by the age of their newest SBOM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SbomAge {
    /// At most 14 days.
    pub fresh: u64,
    /// 15 to 30 days.
    pub ageing: u64,
    /// Over 30 days.
    pub stale: u64,
    pub never: u64,
}

/// Components by what the policy says of their licenses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LicenseShares {
    pub allowed: u64,
    pub review: u64,
    pub unknown: u64,
    pub denied: u64,
}

/// Open findings of one severity by age in days: 0–7, 8–30, 31–90, over 90.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeRow {
    pub severity: Severity,
    pub buckets: [u64; 4],
}

/// An upgrade that clears findings in several projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpgradeRow {
    pub purl: String,
    pub package: String,
    pub version: String,
    pub ecosystem: String,
    pub to: String,
    pub projects: u64,
    pub clears: u64,
    pub worst: Severity,
}

impl AgeRow {
    pub(crate) fn total(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

impl SbomAge {
    fn shares(&self) -> [Share; 4] {
        let share = |value, name, class| Share { value, name, class };
        [
            share(self.fresh, "fresh", "s-pass"),
            share(self.ageing, "ageing", "s-warn"),
            share(self.stale, "stale", "s-fail"),
            share(self.never, "never sent one", "u-bar"),
        ]
    }
}

impl LicenseShares {
    fn shares(&self) -> [Share; 4] {
        let share = |value, name, class| Share { value, name, class };
        [
            share(self.allowed, "allowed", "s-pass"),
            share(self.review, "to review", "s-warn"),
            share(self.unknown, "unknown", "u-bar"),
            share(self.denied, "denied", "s-fail"),
        ]
    }
}

fn share_words(shares: &[Share]) -> String {
    let words = shares.iter().filter(|share| share.value > 0);
    let words: Vec<String> = words
        .map(|share| format!("{} {}", text::number(share.value), share.name))
        .collect();
    words.join(", ")
}

impl Portfolio {
    fn frame(&self) -> Frame {
        Frame::new("Portfolio", Section::Portfolio, "/v1/metrics/portfolio")
    }

    /// The answer in one sentence or three.
    pub(crate) fn lede(&self) -> Html {
        let mut sentences = Vec::new();
        if let (Some(first), Some(last)) = (self.trend.earliest(), self.trend.latest()) {
            sentences.push(match first.critical == last.critical {
                true => format!(
                    "There are <b>{}</b> critical findings, as many as {} days ago.",
                    text::number(last.critical),
                    self.days
                ),
                false => format!(
                    "Critical findings went from <b>{}</b> to <b>{}</b> in {} days.",
                    text::number(first.critical),
                    text::number(last.critical),
                    self.days
                ),
            });
        }
        let projects = text::number(self.projects);
        sentences.push(match self.gates_failing {
            Some(failing) => format!(
                "<b>{} of {projects}</b> projects would be blocked today.",
                text::number(failing)
            ),
            None => format!("None of the {projects} projects has been checked yet."),
        });
        let silent = self.coverage.stale.saturating_add(self.coverage.never);
        if silent > 0 {
            sentences.push(format!(
                "<b>{}</b> sent no SBOM in the last 30 days.",
                text::number(silent)
            ));
        }
        Html::from_trusted(sentences.join(" "))
    }

    pub(crate) fn tiles(&self) -> Vec<Tile> {
        vec![
            self.urgent_tile(),
            self.in_time_tile(),
            self.median_tile(),
            self.gates_tile(),
            self.fresh_tile(),
        ]
    }

    fn urgent_tile(&self) -> Tile {
        let urgent = |counts: SeverityCounts| counts.critical.saturating_add(counts.high);
        let (now, before) = (self.trend.latest().map(urgent), self.trend.earliest().map(urgent));
        let signed = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let note = match (now, before) {
            (Some(now), Some(before)) => Note::change(
                signed(now) - signed(before),
                Tone::Worse,
                &format!("{} days", self.days),
            ),
            _ => Note::plain("no build was checked"),
        };
        Tile {
            label: "Open critical and high",
            definition: "open",
            value: now.map(text::number),
            unit: String::new(),
            note,
        }
    }

    fn in_time_tile(&self) -> Tile {
        let note = match (self.in_time_percent, self.in_time_percent_before) {
            (Some(now), Some(before)) if now != before => {
                let (points, better) = (now.abs_diff(before), now > before);
                Note {
                    strong: format!(
                        "{} {}",
                        text::plural(points, "point"),
                        if better { "more" } else { "fewer" }
                    ),
                    tone: if better { Tone::Better } else { Tone::Worse },
                    rest: "than the quarter before".to_owned(),
                }
            }
            (Some(_), _) => Note::plain("of those fixed or past due"),
            (None, _) => Note::plain("nothing was due"),
        };
        let value = Some(self.in_time_percent.map_or_else(|| "–".to_owned(), text::number));
        let unit = if self.in_time_percent.is_some() { "%" } else { "" };
        Tile {
            label: "Fixed within SLA",
            definition: "fixed-within-sla",
            value,
            unit: unit.to_owned(),
            note,
        }
    }

    fn median_tile(&self) -> Tile {
        let critical = self
            .time_to_fix
            .iter()
            .find(|row| row.severity == Severity::Critical && row.is_enough());
        let (value, unit, note) = match critical {
            Some(row) => (
                text::number(row.p50_days),
                "days",
                format!("nine tenths within {}", text::plural(row.p90_days, "day")),
            ),
            None => ("–".to_owned(), "", "too few were fixed".to_owned()),
        };
        Tile {
            label: "Median time to fix, critical",
            definition: "time-to-fix",
            value: Some(value),
            unit: unit.to_owned(),
            note: Note::plain(note),
        }
    }

    fn gates_tile(&self) -> Tile {
        let note = self
            .gates_failing_change_7_days
            .map_or_else(Note::default, |change| {
                Note::change(change, Tone::Worse, "7 days")
            });
        Tile {
            label: "Gates failing",
            definition: "gates-failing",
            value: self.gates_failing.map(text::number),
            unit: format!("of {}", text::number(self.projects)),
            note,
        }
    }

    fn fresh_tile(&self) -> Tile {
        let fresh = text::whole_percent(self.coverage.fresh, self.projects);
        let words = format!(
            "{} of {} within 14 days",
            text::number(self.coverage.fresh),
            text::number(self.projects)
        );
        Tile {
            label: "Fresh SBOM",
            definition: "coverage",
            value: fresh.map(text::number),
            unit: "%".to_owned(),
            note: Note::plain(words),
        }
    }

    pub(crate) fn panels(&self) -> Vec<Html> {
        let bands = BANDS.iter().filter(|band| {
            **band != Severity::Unknown || self.trend.latest().is_some_and(|counts| counts.unknown > 0)
        });
        bands.map(|band| panel(&self.trend, *band)).collect()
    }

    pub(crate) fn week_chart(&self) -> Html {
        week_bars(&self.weeks)
    }

    pub(crate) fn weeks_as_table(&self) -> Html {
        week_table(&self.weeks)
    }

    pub(crate) fn age_bar(&self) -> (Html, String) {
        (
            share_bar(&self.coverage.shares()),
            share_words(&self.coverage.shares()),
        )
    }

    pub(crate) fn license_bar(&self) -> Option<(Html, String)> {
        self.licenses
            .map(|licenses| (share_bar(&licenses.shares()), share_words(&licenses.shares())))
    }

    pub(crate) fn dots(&self, row: &TimeToFix) -> Html {
        let edges = self
            .time_to_fix
            .iter()
            .flat_map(|row| [row.p90_days, row.target_days]);
        dot_range(row, edges.max().unwrap_or(1))
    }

    /// The shade of an age cell, `q0` to `q4`, by its share of the largest.
    pub(crate) fn shade(&self, value: &u64) -> &'static str {
        let largest = self.ages.iter().flat_map(|row| row.buckets).max().unwrap_or(0);
        match text::whole_percent(*value, largest).unwrap_or(0) {
            0..5 => "q0",
            5..20 => "q1",
            20..40 => "q2",
            40..75 => "q3",
            _ => "q4",
        }
    }

    pub(crate) fn first_bar(&self, counts: &SeverityCounts) -> Html {
        let totals = self
            .first
            .iter()
            .filter_map(|row| row.counts)
            .map(|counts| counts.total());
        severity_bar(counts, totals.max().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_does_not_claim_what_was_not_checked() {
        let lede = Portfolio::sample_unchecked().lede();
        assert_eq!(
            lede.as_str(),
            "None of the 3 projects has been checked yet. <b>1</b> sent no SBOM in the last 30 days."
        );
        let tiles = Portfolio::sample_unchecked().tiles();
        assert!(
            tiles.iter().all(|tile| tile.value.as_deref() != Some("0")),
            "{tiles:?}"
        );
    }

    #[test]
    fn shades_follow_the_largest_cell() {
        let portfolio = Portfolio::sample();
        assert_eq!((portfolio.shade(&412), portfolio.shade(&2)), ("q4", "q0"));
    }
}
