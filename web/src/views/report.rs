//! The report for managers: one page to print, with every number beside the date that it is of.

use super::list::{Note, Tile};
use super::portfolio::Portfolio;
use crate::filters;
use crate::layout::{Frame, Section};
use crate::metrics::Metric;
use crate::text;

page!("report.html", Report);

/// The report on all projects, or those of one team or tag.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// `None` for all teams, else its name.
    pub team: Option<String>,
    pub tag: Option<String>,
    pub overview: Portfolio,
    pub answers: Answers,
}

/// How people answer what is found; `None` where nothing can be said.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Over the last thirteen weeks.
    pub new: u64,
    pub fixed: u64,
    pub hours_to_decide: Option<u64>,
    /// Decisions that this rests on.
    pub decisions: u64,
    pub reopened_percent: Option<u64>,
    /// Findings that began.
    pub begun: u64,
    pub exposure_days: Option<u64>,
}

impl Answers {
    pub(crate) fn tiles(&self) -> Vec<Tile> {
        let rate = text::whole_percent(self.fixed, self.new);
        let dash = || Some("–".to_owned());
        vec![
            Tile {
                label: "Net resolve rate",
                definition: Metric::NetResolveRate.anchor(),
                value: rate.map(text::number).or_else(dash),
                unit: unit(rate.is_some(), "%"),
                note: Note::plain(format!(
                    "{} fixed, {} new in 13 weeks",
                    text::number(self.fixed),
                    text::number(self.new)
                )),
            },
            self.triage_tile(),
            Tile {
                label: "Reopened",
                definition: Metric::Reopened.anchor(),
                value: self.reopened_percent.map(text::number).or_else(dash),
                unit: unit(self.reopened_percent.is_some(), "%"),
                note: Note::plain(format!("of {} that began in 90 days", text::number(self.begun))),
            },
            Tile {
                label: "Exposure days",
                definition: Metric::ExposureDays.anchor(),
                value: self.exposure_days.map(text::number),
                unit: String::new(),
                note: Note::plain("critical or exploited, in 90 days, over projects"),
            },
        ]
    }

    fn triage_tile(&self) -> Tile {
        let (value, word) = match self.hours_to_decide {
            None => ("–".to_owned(), ""),
            Some(hours) if hours < 48 => (text::number(hours), "hours"),
            Some(hours) => (text::number(hours / 24), "days"),
        };
        Tile {
            label: "Median to triage",
            definition: Metric::TimeToTriage.anchor(),
            value: Some(value),
            unit: word.to_owned(),
            note: Note::plain(format!("{} in 90 days", text::plural(self.decisions, "decision"))),
        }
    }
}

fn unit(is_known: bool, unit: &str) -> String {
    if is_known { unit.to_owned() } else { String::new() }
}

impl Report {
    fn frame(&self) -> Frame {
        Frame::new("Report", Section::Portfolio, self.json())
    }

    fn json(&self) -> String {
        match &self.team {
            Some(team) => format!("/v1/metrics/teams/{}", crate::links::segment(team)),
            None => "/v1/metrics/portfolio".to_owned(),
        }
    }

    pub(crate) fn subject(&self) -> String {
        let whose = self
            .team
            .as_ref()
            .map_or_else(|| "all projects".to_owned(), |team| format!("team {team}"));
        match &self.tag {
            Some(tag) => format!("{whose}, tagged {tag}"),
            None => whose,
        }
    }

    #[must_use]
    pub fn sample() -> Self {
        Self {
            team: Some("platform".to_owned()),
            tag: None,
            overview: Portfolio::sample(),
            answers: Answers {
                new: 120,
                fixed: 150,
                hours_to_decide: Some(31),
                decisions: 44,
                reopened_percent: Some(4),
                begun: 125,
                exposure_days: Some(61),
            },
        }
    }

    /// Nothing was checked yet.
    #[must_use]
    pub fn sample_unchecked() -> Self {
        Self {
            team: None,
            tag: Some("internet".to_owned()),
            overview: Portfolio::sample_unchecked(),
            answers: Answers::default(),
        }
    }
}
