//! Findings of one project, or of all: most urgent first.

use super::header::ProjectHeader;
use super::list::{Choice, Empty, Exports, Pager, Total};
use super::rows::{FindingRow, Why, sample_rows, sample_why};
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::parts::{BANDS, Coverage, SeverityCounts, glyph};
use crate::{links, parts};

page!("findings.html", Findings);

/// The list with its filter.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Set for the list of one project.
    pub header: Option<ProjectHeader>,
    pub query: String,
    /// The chosen bands, by their lowercase names; empty means all.
    pub severities: Vec<String>,
    pub states: Vec<Choice>,
    pub fixable_only: bool,
    pub direct_only: bool,
    pub exploited_only: bool,
    /// Before the filter, for the check boxes; `None` when findings were not looked for.
    pub counts: Option<SeverityCounts>,
    pub rows: Vec<FindingRow>,
    /// Explains the first row.
    pub why: Option<Why>,
    pub pager: Pager,
    pub exports: Exports,
    /// What the list rests on: components of the project, or of all tracked builds.
    pub coverage: Coverage,
    /// Set where the reader may decide about what is listed.
    pub bulk: Option<Bulk>,
}

/// The form that decides about many findings at once.
#[derive(Clone, Debug, Default)]
pub struct Bulk {
    /// The day that is proposed, `YYYY-MM-DD`.
    pub until: String,
}

impl Bulk {
    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn states(&self) -> [(&'static str, &'static str); 6] {
        super::finding::STATES
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn justifications(&self) -> [(&'static str, &'static str); 5] {
        super::finding::JUSTIFICATIONS
    }
}

/// A check box of one severity.
pub(crate) struct BandBox {
    pub name: String,
    pub word: &'static str,
    pub class: &'static str,
    pub glyph: Html,
    pub checked: bool,
    pub count: u64,
}

impl Findings {
    fn frame(&self) -> Frame {
        let title = match &self.header {
            Some(header) => format!("Findings · {}", header.short_name()),
            None => "Findings".to_owned(),
        };
        let section = if self.header.is_some() {
            Section::Projects
        } else {
            Section::Findings
        };
        Frame::new(title, section, self.exports.json.clone())
    }

    /// Where the filter form leads.
    pub(crate) fn action(&self) -> String {
        match &self.header {
            Some(header) => format!("{}/findings", links::project(&header.name)),
            None => "/findings".to_owned(),
        }
    }

    pub(crate) fn bands(&self) -> Vec<BandBox> {
        let counts = self.counts.unwrap_or_default();
        let shown = BANDS
            .into_iter()
            .filter(|band| *band != advisories::Severity::Unknown || counts.unknown > 0);
        shown
            .map(|band| {
                let name = parts::word(band).to_lowercase();
                BandBox {
                    checked: self.severities.contains(&name),
                    name,
                    word: parts::word(band),
                    class: parts::class(band),
                    glyph: glyph(band),
                    count: counts.of(band),
                }
            })
            .collect()
    }

    /// Nothing checked, nothing found and nothing that fits are three different things.
    pub(crate) fn empty(&self) -> Empty {
        match self.counts {
            None => Empty::new(
                "Not checked yet",
                "Findings are looked for as soon as a build and an advisory feed are there.",
            )
            .with_action("See the feeds", "/feeds"),
            Some(counts) if counts.total() == 0 => Empty::new(
                "Nothing found",
                &format!("No known finding affects this: {}.", self.coverage.words()),
            ),
            Some(counts) => Empty::new(
                &format!("0 of {} match", crate::text::plural(counts.total(), "finding")),
                "No finding fits this filter.",
            )
            .with_action("Clear the filter", &self.action()),
        }
    }

    #[must_use]
    pub fn sample() -> Self {
        let header = ProjectHeader::sample();
        Self {
            exports: Exports::of("/v1/projects/platform%2Fpayments-api/findings", "ref=main"),
            severities: vec!["critical".to_owned(), "high".to_owned()],
            states: vec![
                Choice::new("", "Any state", true),
                Choice::new("open", "Open", false),
                Choice::new("waived", "Waived", false),
            ],
            counts: Some(SeverityCounts::new(2, 9, 18, 7, 1)),
            rows: sample_rows(),
            why: Some(sample_why()),
            pager: Pager {
                shown: 10,
                total: Total::exactly(37),
                next: Some(format!("{}/findings?cursor=eyJz", header.href())),
                ..Pager::default()
            },
            coverage: Coverage {
                checked: 409,
                components: 412,
            },
            header: Some(header),
            bulk: Some(Bulk {
                until: "2026-12-24".to_owned(),
            }),
            ..Self::default()
        }
    }

    /// Across projects, on a later page.
    #[must_use]
    pub fn sample_everywhere() -> Self {
        let total = Total {
            value: 10_000,
            at_least: true,
        };
        let rows = sample_rows().into_iter().map(|row| FindingRow {
            project: Some("platform/payments-api".to_owned()),
            ..row
        });
        Self {
            header: None,
            rows: rows.collect(),
            why: None,
            pager: Pager {
                shown: 10,
                total,
                first: Some("/findings".to_owned()),
                previous: Some("/findings?before=a".to_owned()),
                next: Some("/findings?cursor=b".to_owned()),
            },
            exports: Exports::of("/v1/findings", ""),
            ..Self::sample()
        }
    }

    /// Nothing was looked for yet.
    #[must_use]
    pub fn sample_unchecked() -> Self {
        Self {
            counts: None,
            rows: Vec::new(),
            why: None,
            pager: Pager::default(),
            coverage: Coverage {
                checked: 0,
                components: 412,
            },
            ..Self::sample()
        }
    }

    /// Everything was checked and nothing found.
    #[must_use]
    pub fn sample_clean() -> Self {
        Self {
            counts: Some(SeverityCounts::default()),
            coverage: Coverage {
                checked: 412,
                components: 412,
            },
            ..Self::sample_unchecked()
        }
    }
}
