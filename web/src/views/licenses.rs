//! Licenses of a project, or of all: what the policy says of each, and why.

use super::header::ProjectHeader;
use super::list::{Choice, Empty, Exports, Pager, Total};
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::{links, parts, text};

page!("licenses.html", Licenses);

/// The list with its filter.
#[derive(Clone, Debug, Default)]
pub struct Licenses {
    pub header: Option<ProjectHeader>,
    pub query: String,
    pub decisions: Vec<Choice>,
    /// Components by decision; `None` when no license was evaluated.
    pub tally: Option<Tally>,
    pub rows: Vec<LicenseRow>,
    pub pager: Pager,
    pub exports: Exports,
    /// Whether the reader may set licenses.
    pub may_conclude: bool,
}

/// Components by decision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub denied: u64,
    pub review: u64,
    pub unknown: u64,
    pub allowed: u64,
    /// Counting stopped at its bound: there are more.
    pub at_least: bool,
}

/// What the policy says of one component's license.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Denied,
    Review,
    /// Nobody knows the license.
    Unknown,
    Allowed,
}

/// One component.
#[derive(Clone, Debug)]
pub struct LicenseRow {
    pub purl: String,
    pub name: String,
    pub version: String,
    pub ecosystem: String,
    /// `None` when neither document nor registry says.
    pub license: Option<String>,
    pub decision: Decision,
    /// Which rule decided, or which leg of an OR was chosen.
    pub why: String,
    /// Projects that contain it; `None` within one project.
    pub projects: Option<u64>,
}

impl LicenseRow {
    pub(crate) fn href(&self) -> String {
        links::component(&self.purl)
    }

    /// Whether a person can say more of it than the document: what is allowed needs no say.
    pub(crate) fn may_be_set(&self) -> bool {
        self.purl.starts_with("pkg:") && self.decision != Decision::Allowed
    }

    pub(crate) fn verdict(&self) -> Html {
        let (class, icon, word) = match self.decision {
            Decision::Denied => ("fail", "x", "Denied"),
            Decision::Review => ("warn", "warn", "Review"),
            Decision::Unknown => ("open", "ask", "Unknown"),
            Decision::Allowed => ("pass", "ok", "Allowed"),
        };
        Html::from_trusted(format!(
            "<span class=\"verd {class}\">{}{word}</span>",
            parts::icon(icon)
        ))
    }
}

impl Licenses {
    fn frame(&self) -> Frame {
        let title = match &self.header {
            Some(header) => format!("Licenses · {}", header.short_name()),
            None => "Licenses".to_owned(),
        };
        let section = if self.header.is_some() {
            Section::Projects
        } else {
            Section::Licenses
        };
        Frame::new(title, section, self.exports.json.clone())
    }

    pub(crate) fn action(&self) -> String {
        match &self.header {
            Some(header) => format!("{}/licenses", links::project(&header.name)),
            None => "/licenses".to_owned(),
        }
    }

    pub(crate) fn conclude(&self, row: &LicenseRow) -> String {
        let project = self
            .header
            .as_ref()
            .map(|header| format!("&project={}", links::segment(&header.name)));
        format!(
            "/licenses/conclude?purl={}{}",
            links::segment(&row.purl),
            project.unwrap_or_default()
        )
    }

    pub(crate) fn lede(&self) -> String {
        self.tally.map_or_else(
            || "No license has been evaluated yet.".to_owned(),
            |tally| {
                let Tally {
                    denied,
                    review,
                    unknown,
                    allowed,
                    at_least,
                } = tally;
                format!(
                    "{}{} denied, {} to review, {} unknown, {} allowed.",
                    if at_least { "At least " } else { "" },
                    text::number(denied),
                    text::number(review),
                    text::number(unknown),
                    text::number(allowed)
                )
            },
        )
    }

    pub(crate) fn empty(&self) -> Empty {
        if self.tally.is_none() {
            Empty::new(
                "Not evaluated yet",
                "Licenses are evaluated with the first build.",
            )
            .with_action("Send a build", "/start")
        } else {
            Empty::new("Nothing matches", "No component fits this filter.")
                .with_action("Clear the filter", &self.action())
        }
    }

    #[must_use]
    pub fn sample() -> Self {
        let row = |name: &str, license: Option<&str>, decision, why: &str| LicenseRow {
            purl: format!("pkg:npm/{name}@1.3.0"),
            name: name.to_owned(),
            version: "1.3.0".to_owned(),
            ecosystem: "npm".to_owned(),
            license: license.map(str::to_owned),
            decision,
            why: why.to_owned(),
            projects: None,
        };
        Self {
            header: Some(ProjectHeader::sample()),
            decisions: vec![
                Choice::new("", "Any decision", true),
                Choice::new("denied", "Denied", false),
            ],
            tally: Some(Tally {
                denied: 1,
                review: 1,
                unknown: 1,
                allowed: 409,
                at_least: false,
            }),
            rows: vec![
                row(
                    "mupdf",
                    Some("AGPL-3.0-or-later"),
                    Decision::Denied,
                    "network copyleft is denied for hosted services",
                ),
                row(
                    "caniuse-lite",
                    Some("CC-BY-4.0"),
                    Decision::Review,
                    "named in the list to review",
                ),
                row(
                    "bar",
                    None,
                    Decision::Unknown,
                    "neither the SBOM nor the registry says",
                ),
                row(
                    "foo",
                    Some("MIT OR GPL-2.0-only"),
                    Decision::Allowed,
                    "MIT was chosen",
                ),
            ],
            pager: Pager {
                shown: 4,
                total: Total::exactly(412),
                next: Some("/projects/platform/payments-api/licenses?cursor=x".to_owned()),
                ..Pager::default()
            },
            may_conclude: true,
            exports: Exports::of("/v1/projects/platform%2Fpayments-api/licenses", "ref=main"),
            ..Self::default()
        }
    }

    /// Across projects, before anything was evaluated.
    #[must_use]
    pub fn sample_empty() -> Self {
        Self {
            exports: Exports::of("/v1/licenses", ""),
            ..Self::default()
        }
    }
}
