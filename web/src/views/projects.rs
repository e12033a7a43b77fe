//! All projects, one row each, the most urgent first.

use clock::Timestamp;
use policy::Outcome;

use super::list::{Choice, Empty, Exports, Pager, Total, known};
use super::rows::sample_now;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::parts::SeverityCounts;
use crate::{links, parts, text};

page!("projects.html", Projects);

/// The list with its filter.
#[derive(Clone, Debug, Default)]
pub struct Projects {
    pub query: String,
    pub teams: Vec<Choice>,
    pub gates: Vec<Choice>,
    pub stale_only: bool,
    pub rows: Vec<ProjectRow>,
    pub pager: Pager,
    pub exports: Exports,
    /// Projects without any filter; without one, the page teaches how to begin.
    pub all: u64,
}

/// One project.
#[derive(Clone, Debug)]
pub struct ProjectRow {
    /// `team/name`.
    pub name: String,
    pub tags: Vec<String>,
    /// `None` before the first build.
    pub outcome: Option<Outcome>,
    /// `None` when nothing was checked.
    pub counts: Option<SeverityCounts>,
    pub change_30_days: Option<i64>,
    pub past_due: Option<u64>,
    pub last_build: Option<(u64, Timestamp)>,
    /// The newest SBOM is older than 30 days.
    pub stale: bool,
}

impl ProjectRow {
    pub(crate) fn short_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    pub(crate) fn team(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(team, _)| team)
    }

    pub(crate) fn href(&self) -> String {
        links::project(&self.name)
    }

    pub(crate) fn gate(&self) -> Html {
        parts::outcome_or_none(self.outcome)
    }

    /// The four columns of severities: a number, or that it is not known.
    pub(crate) fn cells(&self) -> Vec<(&'static str, Html)> {
        let dash = || {
            Html::from_trusted(
                "<span class=\"muted\" title=\"not checked\">–<span class=\"vh\">not checked</span></span>"
                    .to_owned(),
            )
        };
        let bands = parts::BANDS.iter().take(4);
        bands
            .map(|band| {
                let shown = self
                    .counts
                    .map_or_else(dash, |counts| Html::from_trusted(text::number(counts.of(*band))));
                (parts::word(*band), shown)
            })
            .collect()
    }

    pub(crate) fn change(&self) -> Html {
        let (words, class) = match self.change_30_days {
            None => return Html::from_trusted("<span class=\"muted\">–</span>".to_owned()),
            Some(0) => ("0".to_owned(), "muted"),
            Some(change @ 1..) => (text::signed(change), "up"),
            Some(change) => (text::signed(change), "down"),
        };
        Html::from_trusted(format!("<span class=\"{class}\">{words}</span>"))
    }

    pub(crate) fn overdue(&self) -> Html {
        known(self.past_due)
    }

    pub(crate) fn last(&self, now: &Timestamp) -> Html {
        match self.last_build {
            None => parts::pill("never sent one", "line"),
            Some((number, at)) => {
                let stale = if self.stale {
                    parts::pill("stale", "warn")
                } else {
                    Html::default()
                };
                Html::from_trusted(format!(
                    "{} <span class=\"muted\">#{number}</span> {stale}",
                    text::time(at, *now)
                ))
            }
        }
    }
}

impl Projects {
    fn frame(&self) -> Frame {
        Frame::new("Projects", Section::Projects, self.exports.json.clone())
    }

    pub(crate) fn empty(&self) -> Empty {
        if self.all == 0 {
            Empty::new(
                "No project yet",
                "A project is created by the first SBOM that is sent for it.",
            )
            .with_action("Send your first SBOM", "/start")
        } else {
            Empty::new(
                &format!("0 of {} match", text::plural(self.all, "project")),
                "No project fits this filter.",
            )
            .with_action("Clear the filter", "/projects")
        }
    }

    #[must_use]
    pub fn sample() -> Self {
        Self {
            teams: vec![
                Choice::new("", "All teams", true),
                Choice::new("platform", "platform", false),
            ],
            gates: vec![
                Choice::new("", "Any gate", true),
                Choice::new("fail", "Fail", false),
                Choice::new("none", "No build yet", false),
            ],
            rows: sample_project_rows(),
            pager: Pager {
                shown: 7,
                total: Total::exactly(214),
                next: Some("/projects?cursor=eyJz".to_owned()),
                ..Pager::default()
            },
            exports: Exports::of("/v1/projects", ""),
            all: 214,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn sample_empty() -> Self {
        Self {
            exports: Exports::of("/v1/projects", ""),
            ..Self::default()
        }
    }

    /// A filter that nothing fits.
    #[must_use]
    pub fn sample_no_match() -> Self {
        Self {
            query: "<nothing>".to_owned(),
            rows: Vec::new(),
            pager: Pager::single(0),
            ..Self::sample()
        }
    }
}

/// Failing, passing, stale, and one that never sent anything.
#[must_use]
pub fn sample_project_rows() -> Vec<ProjectRow> {
    let row = |name: &str, outcome, counts: [u64; 4], change, past_due, hours: i64| {
        let [critical, high, medium, low] = counts;
        ProjectRow {
            name: name.to_owned(),
            tags: vec!["internet-facing".to_owned()],
            outcome: Some(outcome),
            counts: Some(SeverityCounts::new(critical, high, medium, low, 0)),
            change_30_days: Some(change),
            past_due: Some(past_due),
            last_build: Some((1842, sample_now().plus_millis(-hours * 3_600_000))),
            stale: hours > 720,
        }
    };
    vec![
        row("platform/payments-api", Outcome::Fail, [2, 9, 18, 8], 3, 8, 2),
        row("platform/identity", Outcome::Fail, [3, 14, 22, 6], -4, 11, 5),
        row("finance/ledger-core", Outcome::Fail, [1, 21, 30, 12], 9, 19, 25),
        row("shop/storefront", Outcome::Warn, [0, 18, 41, 20], -12, 6, 3),
        row("shop/image-resizer", Outcome::Pass, [0, 6, 12, 6], 0, 0, 984),
        ProjectRow {
            counts: None,
            outcome: Some(Outcome::Indeterminate),
            past_due: None,
            change_30_days: None,
            ..row("data/risk-models", Outcome::Pass, [0; 4], 0, 0, 48)
        },
        ProjectRow {
            counts: None,
            outcome: None,
            past_due: None,
            change_30_days: None,
            last_build: None,
            ..row("platform/legacy-batch", Outcome::Pass, [0; 4], 0, 0, 2)
        },
    ]
}
