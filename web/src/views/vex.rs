//! VEX documents of a project: those that count, and what one that was just given does.

use clock::Timestamp;

use super::header::ProjectHeader;
use super::list::Empty;
use super::rows::sample_now;
use crate::filters;
use crate::layout::{Frame, Section};
use crate::links;

page!("vex.html", Vex);

/// The page.
#[derive(Clone, Debug, Default)]
pub struct Vex {
    pub header: ProjectHeader,
    /// Newest first.
    pub rows: Vec<DocumentRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// What the document that was just given does.
    pub report: Option<Given>,
    pub error: Option<String>,
    /// Whether the reader may give documents and take them back.
    pub may_give: bool,
}

/// A document that counts.
#[derive(Clone, Debug)]
pub struct DocumentRow {
    pub id: String,
    pub format: String,
    /// The document's own id; may be empty.
    pub identifier: String,
    pub author: String,
    pub statements: u64,
    pub by: String,
    pub at: Timestamp,
}

/// What a document does.
#[derive(Clone, Debug, Default)]
pub struct Given {
    pub format: String,
    pub author: String,
    pub statements: u64,
    pub applied: Vec<Applied>,
    pub ignored: Vec<Ignored>,
    /// Lines of either that are not shown.
    pub more: u64,
}

/// A statement that speaks of findings.
#[derive(Clone, Debug)]
pub struct Applied {
    pub vulnerability: String,
    /// In words: `not affected`.
    pub state: String,
    pub findings: u64,
    pub suppresses: bool,
}

/// A statement that speaks of nothing that is there.
#[derive(Clone, Debug)]
pub struct Ignored {
    pub place: String,
    pub vulnerability: String,
    pub why: String,
    pub kept: bool,
}

impl Vex {
    fn frame(&self) -> Frame {
        let error = if self.error.is_some() { "Error: " } else { "" };
        Frame::new(
            format!("{error}VEX · {}", self.header.short_name()),
            Section::Projects,
            format!("{}/vex", links::api_project(&self.header.name)),
        )
    }

    pub(crate) fn delete(&self, row: &DocumentRow) -> String {
        format!(
            "{}/vex/{}/delete",
            links::project(&self.header.name),
            links::segment(&row.id)
        )
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn empty(&self) -> Empty {
        Empty::new(
            "No VEX document was given",
            "A VEX document says which vulnerabilities do not affect this product, and why. What its statements speak of is decided; the rest stays open.",
        )
    }

    #[must_use]
    pub fn sample() -> Self {
        Self {
            header: ProjectHeader::sample(),
            rows: vec![DocumentRow {
                id: "0193f0aa-0000-7000-8000-00000000000d".to_owned(),
                format: "OpenVEX".to_owned(),
                identifier: "https://example.org/vex/2026-11".to_owned(),
                author: "Example Vendor".to_owned(),
                statements: 12,
                by: "Mara Kettunen".to_owned(),
                at: sample_now().plus_days(-3),
            }],
            may_give: true,
            ..Self::default()
        }
    }

    /// Right after a document was given.
    #[must_use]
    pub fn sample_given() -> Self {
        Self {
            report: Some(Given {
                format: "OpenVEX".to_owned(),
                author: "Example Vendor".to_owned(),
                statements: 12,
                applied: vec![Applied {
                    vulnerability: "CVE-2020-7598".to_owned(),
                    state: "not affected".to_owned(),
                    findings: 2,
                    suppresses: true,
                }],
                ignored: vec![Ignored {
                    place: "/statements/3".to_owned(),
                    vulnerability: "CVE-2021-44906".to_owned(),
                    why: "no finding has this vulnerability".to_owned(),
                    kept: true,
                }],
                more: 10,
            }),
            ..Self::sample()
        }
    }

    /// What was sent is no VEX document.
    #[must_use]
    pub fn sample_error() -> Self {
        Self {
            rows: Vec::new(),
            error: Some("This is no VEX document: it has no statements.".to_owned()),
            ..Self::sample()
        }
    }
}
