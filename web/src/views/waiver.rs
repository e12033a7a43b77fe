//! One waiver: what it names, who decided, where it holds today.

use clock::Timestamp;

use super::rows::sample_now;
use super::waivers::{Standing, WaiverRow, Waivers};
use crate::layout::{Frame, Section};
use crate::{links, text};

page!("waiver.html", Waiver);

/// The page of one waiver.
#[derive(Clone, Debug)]
pub struct Waiver {
    pub row: WaiverRow,
    pub refs: Vec<String>,
    pub paths: Vec<String>,
    /// In words: `vulnerable code not in execute path`.
    pub justification: Option<String>,
    pub ticket: Option<String>,
    /// `minimist@1.2.0`: what was looked at when it was decided.
    pub decided_on: Option<String>,
    pub decided_by: Option<String>,
    pub decided_because: Option<String>,
    pub created_at: Timestamp,
    /// `page`, `API` or `a file in the repository`.
    pub origin: &'static str,
    pub uses: Vec<UseRow>,
    /// Set where the reader may change it.
    pub forms: Option<Forms>,
}

/// What became of it on one ref.
#[derive(Clone, Debug)]
pub struct UseRow {
    pub project: String,
    pub reference: String,
    /// `covers 2`, `matched nothing`, `something changed: open again`, ….
    pub words: String,
    pub at: Timestamp,
}

/// What the reader may do.
#[derive(Clone, Debug, Default)]
pub struct Forms {
    pub revision: i64,
    pub error: Option<String>,
    pub may_approve: bool,
    /// Said where the reader may not approve.
    pub why_not: Option<String>,
    pub reason: String,
    pub until: String,
}

impl Waiver {
    fn frame(&self) -> Frame {
        let id = links::segment(&self.row.id);
        Frame::new(
            format!("Waiver of {}", self.row.what),
            Section::Waivers,
            format!("/v1/waivers/{id}"),
        )
    }

    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.row.standing, Standing::Rejected | Standing::Revoked)
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.row.standing == Standing::Pending
    }

    pub(crate) fn lede(&self) -> String {
        let projects = match self.row.projects.as_slice() {
            [] => "In all projects".to_owned(),
            named => format!("In {}", named.join(", ")),
        };
        let refs = if self.refs.is_empty() {
            String::new()
        } else {
            format!(", on {}", self.refs.join(", "))
        };
        format!("{projects}{refs}. {}.", text::capitalized(&self.row.status))
    }

    #[must_use]
    pub fn sample() -> Self {
        let now = sample_now();
        let used = |reference: &str, words: &str| UseRow {
            project: "platform/payments-api".to_owned(),
            reference: reference.to_owned(),
            words: words.to_owned(),
            at: now.plus_days(-1),
        };
        Self {
            row: Waivers::sample().rows.remove(0),
            refs: vec!["main".to_owned(), "release/*".to_owned()],
            paths: vec!["rc>minimist".to_owned()],
            justification: Some("the vulnerable code is never run".to_owned()),
            ticket: Some("SEC-17".to_owned()),
            decided_on: Some("minimist@1.2.0".to_owned()),
            decided_by: Some("R. Tamm".to_owned()),
            decided_because: None,
            created_at: now.plus_days(-40),
            origin: "a page",
            uses: vec![
                used("main", "covers 2"),
                used("release/1", "something changed: open again"),
            ],
            forms: Some(Forms {
                revision: 2,
                reason: "Only reads our own configuration.".to_owned(),
                until: "2027-01-12".to_owned(),
                ..Forms::default()
            }),
        }
    }

    /// It waits, and the reader is the one who asked.
    #[must_use]
    pub fn sample_pending() -> Self {
        let sample = Self::sample();
        Self {
            row: WaiverRow {
                standing: Standing::Pending,
                approved_by: None,
                ..sample.row
            },
            forms: Some(Forms {
                error: Some("Say why it is rejected.".to_owned()),
                may_approve: false,
                why_not: Some("You asked for it: somebody else must approve.".to_owned()),
                ..sample.forms.unwrap_or_default()
            }),
            uses: Vec::new(),
            decided_by: None,
            ..sample
        }
    }
}
