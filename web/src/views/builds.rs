//! The builds of a project, newest first.

use clock::Timestamp;
use policy::Outcome;

use super::components::tally;
use super::header::ProjectHeader;
use super::list::{Empty, Exports, Pager, Total};
use super::rows::sample_now;
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::parts::{self, Coverage, SeverityCounts};

page!("builds.html", Builds);

/// The list of one project's builds, of all references.
#[derive(Clone, Debug)]
pub struct Builds {
    pub header: ProjectHeader,
    pub rows: Vec<BuildRow>,
    pub pager: Pager,
    pub exports: Exports,
}

/// One build.
#[derive(Clone, Debug)]
pub struct BuildRow {
    pub number: u64,
    pub reference: String,
    /// `branch`, `pr` or `release`.
    pub channel: String,
    pub commit: Option<String>,
    pub version: Option<String>,
    pub at: Timestamp,
    pub outcome: Outcome,
    /// The upload could not be read: there is no verdict.
    pub broken: bool,
    pub coverage: Coverage,
    pub counts: Option<SeverityCounts>,
}

impl BuildRow {
    pub(crate) fn state(&self) -> Html {
        if self.broken {
            Html::from_trusted(format!(
                "<span class=\"verd fail\">{}Not readable</span>",
                parts::icon("x")
            ))
        } else {
            parts::outcome(self.outcome)
        }
    }

    pub(crate) fn findings(&self) -> Html {
        match self.counts {
            None => parts::pill("not checked", "line"),
            Some(counts) if counts.total() == 0 => {
                Html::from_trusted("<span class=\"muted\">none known</span>".to_owned())
            }
            Some(counts) => tally(&counts),
        }
    }
}

impl Builds {
    fn frame(&self) -> Frame {
        Frame::new(
            format!("Builds · {}", self.header.short_name()),
            Section::Projects,
            self.exports.json.clone(),
        )
    }

    pub(crate) fn empty(&self) -> Empty {
        Empty::new(
            "No build yet",
            "A build is one SBOM, lockfile, archive or image that was sent for this project.",
        )
        .with_action("Send the first one", &self.header.upload())
    }

    #[must_use]
    pub fn sample() -> Self {
        let row = |number, reference: &str, channel: &str, outcome, hours: i64| BuildRow {
            number,
            reference: reference.to_owned(),
            channel: channel.to_owned(),
            commit: Some("4f2c9ab".to_owned()),
            version: None,
            at: sample_now().plus_millis(-hours * 3_600_000),
            outcome,
            broken: false,
            coverage: Coverage {
                checked: 409,
                components: 412,
            },
            counts: Some(SeverityCounts::new(2, 9, 18, 8, 0)),
        };
        let unknown = |row: BuildRow| BuildRow {
            counts: None,
            coverage: Coverage::default(),
            ..row
        };
        Self {
            header: ProjectHeader::sample(),
            rows: vec![
                unknown(row(1843, "main", "branch", Outcome::Pending, 0)),
                row(1842, "main", "branch", Outcome::Fail, 2),
                row(1841, "renovate/axios-1.x", "pr", Outcome::Warn, 3),
                unknown(BuildRow {
                    broken: true,
                    ..row(1839, "main", "branch", Outcome::Pending, 24)
                }),
                BuildRow {
                    version: Some("2.14.0".to_owned()),
                    counts: Some(SeverityCounts::default()),
                    ..row(1838, "release/2.14", "release", Outcome::Pass, 26)
                },
            ],
            pager: Pager {
                shown: 5,
                total: Total::exactly(1_843),
                next: Some("/projects/platform/payments-api/builds?cursor=x".to_owned()),
                ..Pager::default()
            },
            exports: Exports::of("/v1/projects/platform%2Fpayments-api/builds", ""),
        }
    }

    #[must_use]
    pub fn sample_empty() -> Self {
        Self {
            header: ProjectHeader::sample_new(),
            rows: Vec::new(),
            pager: Pager::default(),
            ..Self::sample()
        }
    }
}
