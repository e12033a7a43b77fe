//! Reports and verdicts in the formats that people and other tools read.
//!
//! A [`Verdict`] shows what the policy objects to; a [`Report`] shows every finding, and what the policy says
//! of it. Names, versions and summaries come from documents and feeds that anybody may write, so each format
//! escapes them for whoever reads it (`escape`). A verdict that is neither pass, warn nor fail is an
//! entry of its own in every format, so that nothing unchecked looks clean.

mod csv;
mod dependency_scanning;
pub(crate) mod escape;
mod github;
mod gitlab;
mod html;
mod items;
mod junit;
mod markdown;
mod sarif;
mod table;
mod text;

use std::fmt;
use std::str::FromStr;

use policy::Verdict;

pub use csv::line as csv_line;
pub use html::CONTENT_SECURITY_POLICY;

use crate::Report;
use items::Subject;
pub(crate) use items::severity_word;

/// A format of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rendering {
    /// The verdict object of `gate.md` §3, or the whole report.
    Json,
    /// For people, one paragraph a finding.
    Text,
    /// For people, one line a finding.
    Table,
    /// For comments on merge requests.
    Markdown,
    /// SARIF 2.1.0.
    Sarif,
    Junit,
    /// Workflow commands that GitHub shows as annotations.
    GithubAnnotations,
    /// GitLab's code quality report.
    GitlabCodequality,
    /// GitLab's dependency scanning report, schema 15.
    GitlabDependencyScanning,
    /// One page that needs nothing else, to keep or to print.
    Html,
    /// RFC 4180, safe to open in a spreadsheet.
    Csv,
}

/// What is rendered.
#[derive(Clone, Copy, Debug)]
pub enum Document<'a> {
    Verdict(&'a Verdict),
    Report(&'a Report),
}

impl<'a> From<&'a Verdict> for Document<'a> {
    fn from(verdict: &'a Verdict) -> Self {
        Self::Verdict(verdict)
    }
}

impl<'a> From<&'a Report> for Document<'a> {
    fn from(report: &'a Report) -> Self {
        Self::Report(report)
    }
}

/// How it is rendered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style<'a> {
    /// Colour for terminals, in text and table.
    pub colour: bool,
    /// The file that annotations point at, relative to the repository: the lockfile or the SBOM.
    /// Empty is read as `sbom`.
    pub artifact: &'a str,
}

impl Style<'_> {
    fn artifact(&self) -> &str {
        if self.artifact.is_empty() {
            "sbom"
        } else {
            self.artifact
        }
    }
}

/// The text names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a format; there are json, text, table, markdown, sarif, junit, github, gitlab, gitlab-dependency-scanning, html and csv"
)]
pub struct UnknownRendering(String);

impl Rendering {
    pub const ALL: [Self; 11] = [
        Self::Json,
        Self::Text,
        Self::Table,
        Self::Markdown,
        Self::Sarif,
        Self::Junit,
        Self::GithubAnnotations,
        Self::GitlabCodequality,
        Self::GitlabDependencyScanning,
        Self::Html,
        Self::Csv,
    ];

    /// The name in `?format=` and `--format`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
            Self::Table => "table",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::GithubAnnotations => "github",
            Self::GitlabCodequality => "gitlab",
            Self::GitlabDependencyScanning => "gitlab-dependency-scanning",
            Self::Html => "html",
            Self::Csv => "csv",
        }
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json | Self::GitlabCodequality | Self::GitlabDependencyScanning => "application/json",
            Self::Text | Self::Table | Self::GithubAnnotations => "text/plain; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Sarif => "application/sarif+json",
            Self::Junit => "application/xml",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// Renders a verdict or a report; equal inputs give equal bytes.
    #[must_use]
    pub fn render<'a>(self, document: impl Into<Document<'a>>, style: &Style<'_>) -> String {
        let document = document.into();
        let subject = Subject::new(document);
        match self {
            Self::Json => json(document),
            Self::Text => text::render(&subject, style),
            Self::Table => table::render(&subject, style),
            Self::Markdown => markdown::render(&subject),
            Self::Sarif => sarif::render(&subject, style),
            Self::Junit => junit::render(&subject),
            Self::GithubAnnotations => github::render(&subject, style),
            Self::GitlabCodequality => gitlab::render(&subject, style),
            Self::GitlabDependencyScanning => dependency_scanning::render(&subject, style),
            Self::Html => html::render(&subject),
            Self::Csv => csv::render(&subject),
        }
    }
}

impl fmt::Display for Rendering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Rendering {
    type Err = UnknownRendering;

    fn from_str(text: &str) -> Result<Self, UnknownRendering> {
        let long = match text {
            "github-annotations" | "gh-annotations" => Some(Self::GithubAnnotations),
            "gitlab-codequality" => Some(Self::GitlabCodequality),
            "gitlab-ds" => Some(Self::GitlabDependencyScanning),
            _ => None,
        };
        long.or_else(|| Self::ALL.into_iter().find(|rendering| rendering.name() == text))
            .ok_or_else(|| UnknownRendering(text.chars().take(40).collect()))
    }
}

fn json(document: Document<'_>) -> String {
    match document {
        Document::Verdict(verdict) => pretty(verdict),
        Document::Report(report) => pretty(report),
    }
}

/// Indented JSON with a line break at the end.
pub(crate) fn pretty(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("keys are strings and numbers are finite");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
