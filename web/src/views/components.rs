//! Components: where is it used, across projects or within one.

use clock::Timestamp;

use super::header::ProjectHeader;
use super::list::{Choice, Empty, Exports, Pager, Total};
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::parts::SeverityCounts;
use crate::{links, parts, text};

page!("components.html", Components);

/// The search with its filter and its answer.
#[derive(Clone, Debug, Default)]
pub struct Components {
    /// Set for the list of one project.
    pub header: Option<ProjectHeader>,
    /// A name, `name@range`, purl or advisory id.
    pub query: String,
    pub ecosystems: Vec<Choice>,
    pub direct_only: bool,
    /// Also builds that a newer one has replaced.
    pub superseded: bool,
    /// The answer in a sentence; empty before a search.
    pub answer: String,
    pub rows: Vec<ComponentRow>,
    pub pager: Pager,
    pub exports: Exports,
    /// Distinct components that the service knows at all.
    pub known: u64,
}

/// One version of a component.
#[derive(Clone, Debug)]
pub struct ComponentRow {
    pub purl: String,
    pub name: String,
    pub version: Option<String>,
    pub ecosystem: String,
    /// Projects that contain it; `None` within one project.
    pub projects: Option<u64>,
    /// Of these, where it is direct; `None` when no document tells.
    pub direct: Option<u64>,
    /// `None` when it could not be checked.
    pub counts: Option<SeverityCounts>,
    /// Why it was not checked, in words.
    pub why_not: Option<String>,
    pub license: Option<String>,
    /// Where it was seen last: project and build.
    pub seen_in: Vec<(String, u64)>,
    pub seen_at: Option<Timestamp>,
}

impl ComponentRow {
    pub(crate) fn href(&self) -> String {
        links::component(&self.purl)
    }

    /// Counts of findings, a clean bill, or why neither can be said.
    pub(crate) fn findings(&self) -> Html {
        match self.counts {
            None => Html::from_trusted(format!(
                "{} <span class=\"path\">{}</span>",
                parts::pill("not checked", "line"),
                crate::html::escape(self.why_not.as_deref().unwrap_or(""))
            )),
            Some(counts) if counts.total() == 0 => {
                Html::from_trusted("<span class=\"muted\">none known</span>".to_owned())
            }
            Some(counts) => tally(&counts),
        }
    }
}

/// Glyph and number of each band that has any.
#[must_use]
pub fn tally(counts: &SeverityCounts) -> Html {
    let mut html = String::from("<span class=\"tally\">");
    for band in parts::BANDS.into_iter().filter(|band| counts.of(*band) > 0) {
        html.push_str(&format!(
            "<span class=\"sev {}\" title=\"{word}\">{}{}<span class=\"vh\"> {word}</span></span>",
            parts::class(band),
            parts::glyph(band),
            text::number(counts.of(band)),
            word = parts::word(band).to_lowercase()
        ));
    }
    html.push_str("</span>");
    Html::from_trusted(html)
}

impl Components {
    fn frame(&self) -> Frame {
        let title = match &self.header {
            Some(header) => format!("Components · {}", header.short_name()),
            None => "Components".to_owned(),
        };
        let section = if self.header.is_some() {
            Section::Projects
        } else {
            Section::Components
        };
        Frame::new(title, section, self.exports.json.clone())
    }

    pub(crate) fn action(&self) -> String {
        match &self.header {
            Some(header) => format!("{}/components", links::project(&header.name)),
            None => "/components".to_owned(),
        }
    }

    pub(crate) fn empty(&self) -> Empty {
        if self.known == 0 {
            return Empty::new("No component yet", "Components appear with the first SBOM.")
                .with_action("Send your first SBOM", "/start");
        }
        if self.query.is_empty() {
            return Empty::new(
                "What are you looking for?",
                "A name, name@range, a purl or an advisory.",
            );
        }
        let sentence = format!("Looked through {}.", text::plural(self.known, "component"));
        Empty::new("Nobody uses this", &sentence).with_action("Clear the search", &self.action())
    }

    #[must_use]
    pub fn sample() -> Self {
        let row = |name: &str,
                   version: &str,
                   projects,
                   direct,
                   counts: Option<SeverityCounts>,
                   license: Option<&str>| ComponentRow {
            purl: format!("pkg:deb/debian/{name}@{version}"),
            name: name.to_owned(),
            version: Some(version.to_owned()),
            ecosystem: "Debian".to_owned(),
            projects: Some(projects),
            direct,
            counts,
            why_not: None,
            license: license.map(str::to_owned),
            seen_in: vec![
                ("platform/identity".to_owned(), 91),
                ("platform/notify".to_owned(), 40),
            ],
            seen_at: Some(super::rows::sample_now().plus_days(-1)),
        };
        let unchecked = ComponentRow {
            version: None,
            why_not: Some("the SBOM names no version".to_owned()),
            ..row("liblzma", "", 2, None, None, None)
        };
        Self {
            query: "xz".to_owned(),
            ecosystems: vec![
                Choice::new("", "Any ecosystem", true),
                Choice::new("Debian", "Debian", false),
                Choice::new("npm", "npm", false),
            ],
            answer: "xz-utils: 2 versions in 41 projects. liblzma: 1 version in 2 projects.".to_owned(),
            rows: vec![
                row(
                    "xz-utils",
                    "5.6.1-1",
                    3,
                    Some(0),
                    Some(SeverityCounts::new(1, 0, 0, 0, 0)),
                    Some("0BSD"),
                ),
                row(
                    "xz-utils",
                    "5.4.1-0.2",
                    38,
                    Some(0),
                    Some(SeverityCounts::default()),
                    Some("0BSD AND GPL-2.0-or-later"),
                ),
                unchecked,
            ],
            pager: Pager {
                shown: 3,
                total: Total::exactly(3),
                ..Pager::default()
            },
            exports: Exports::of("/v1/components", "q=xz"),
            known: 3_976,
            ..Self::default()
        }
    }

    /// The components of one project.
    #[must_use]
    pub fn sample_project() -> Self {
        let rows = Self::sample().rows.into_iter().map(|row| ComponentRow {
            projects: None,
            direct: Some(1),
            seen_in: Vec::new(),
            ..row
        });
        Self {
            header: Some(ProjectHeader::sample()),
            query: String::new(),
            answer: String::new(),
            rows: rows.collect(),
            ..Self::sample()
        }
    }

    /// A search that finds nothing.
    #[must_use]
    pub fn sample_nobody() -> Self {
        Self {
            query: "left-pad\"><b>".to_owned(),
            answer: String::new(),
            rows: Vec::new(),
            pager: Pager::default(),
            ..Self::sample()
        }
    }
}
