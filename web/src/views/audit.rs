//! The audit log: who changed what, when, and whether the chain is whole.

use clock::Timestamp;

use super::list::{Choice, Empty, Exports, Pager};
use super::rows::sample_now;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::{links, parts, text};

page!("audit.html", Audit);

/// A page of the log with its filter.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    pub actor: String,
    pub actions: Vec<Choice>,
    pub object: String,
    /// Days, `YYYY-MM-DD`; empty for none.
    pub from: String,
    pub until: String,
    pub rows: Vec<EntryRow>,
    pub pager: Pager,
    pub exports: Exports,
    pub chain: Option<Chain>,
}

/// What following the chain told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chain {
    Whole {
        entries: u64,
        /// Whether that is all of it.
        all: bool,
        head: String,
    },
    Broken {
        entry: i64,
    },
    CutShort,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct EntryRow {
    pub at: Timestamp,
    /// `user:mara`.
    pub actor: String,
    pub action: String,
    pub object: String,
    pub detail: String,
    pub hash: String,
}

impl EntryRow {
    /// The exact time: an auditor wants no `yesterday`.
    pub(crate) fn when(&self) -> Html {
        text::moment(self.at)
    }

    pub(crate) fn who(&self) -> String {
        self.actor.replacen(':', " ", 1)
    }

    pub(crate) fn by(&self) -> String {
        format!("/audit?actor={}", links::segment(&self.actor))
    }

    pub(crate) fn of(&self) -> String {
        format!("/audit?object={}", links::segment(&self.object))
    }

    pub(crate) fn short_hash(&self) -> &str {
        self.hash.get(..12).unwrap_or(&self.hash)
    }
}

impl Audit {
    fn frame(&self) -> Frame {
        Frame::new("Audit log", Section::Elsewhere, self.exports.json.clone())
    }

    pub(crate) fn chain_words(&self) -> Html {
        let (class, icon, words) = match &self.chain {
            None => ("open", "ask", "The chain was not looked at.".to_owned()),
            Some(Chain::Whole { entries: 0, .. }) => ("open", "ask", "Nothing was written yet.".to_owned()),
            Some(Chain::Whole {
                entries, all: true, ..
            }) => (
                "pass",
                "ok",
                format!(
                    "The chain is whole: all {} are as they were written.",
                    entries_words(*entries)
                ),
            ),
            Some(Chain::Whole { entries, .. }) => (
                "pass",
                "ok",
                format!("The newest {} are as they were written.", entries_words(*entries)),
            ),
            Some(Chain::Broken { entry }) => (
                "fail",
                "stop",
                format!(
                    "The chain is broken at entry {entry}: it was altered, or the one before is missing."
                ),
            ),
            Some(Chain::CutShort) => ("fail", "stop", "The newest entries are missing.".to_owned()),
        };
        Html::from_trusted(format!(
            "<span class=\"verd {class}\">{}{words}</span>",
            parts::icon(icon)
        ))
    }

    pub(crate) fn head(&self) -> Option<&str> {
        match &self.chain {
            Some(Chain::Whole { head, .. }) if !head.is_empty() => Some(head),
            _ => None,
        }
    }

    pub(crate) fn is_partly_checked(&self) -> bool {
        !matches!(self.chain, Some(Chain::Whole { all: true, .. }))
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn empty(&self) -> Empty {
        Empty::new(
            "Nothing matches",
            "No entry fits this filter. Names must be given whole.",
        )
        .with_action("Clear the filter", "/audit")
    }

    #[must_use]
    pub fn sample() -> Self {
        let now = sample_now();
        let row = |minutes: i64, actor: &str, action: &str, object: &str, detail: &str| EntryRow {
            at: now.plus_millis(-minutes * 60_000),
            actor: actor.to_owned(),
            action: action.to_owned(),
            object: object.to_owned(),
            detail: detail.to_owned(),
            hash: "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855a".to_owned(),
        };
        Self {
            actions: ["", "build.upload", "waiver.create"]
                .map(|value| {
                    Choice::new(
                        value,
                        if value.is_empty() { "Any action" } else { value },
                        value.is_empty(),
                    )
                })
                .to_vec(),
            rows: vec![
                row(
                    4,
                    "token:ci-payments",
                    "build.upload",
                    "platform/payments-api",
                    "build 1842",
                ),
                row(
                    90,
                    "user:mara",
                    "waiver.create",
                    "0193f0aa-0000-7000-8000-000000000007",
                    "CVE-2020-7598 until 2027-01-12",
                ),
                row(
                    4_000,
                    "system",
                    "waiver.expire",
                    "0193f0aa-0000-7000-8000-000000000008",
                    "its last day, 2026-11-20, is over",
                ),
            ],
            pager: Pager::single(3),
            exports: Exports::of("/v1/audit-log", ""),
            chain: Some(Chain::Whole {
                entries: 200,
                all: false,
                head: "3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855a".to_owned(),
            }),
            ..Self::default()
        }
    }

    /// Somebody changed an entry, and the filter fits nothing.
    #[must_use]
    pub fn sample_broken() -> Self {
        Self {
            object: "nothing".to_owned(),
            rows: Vec::new(),
            pager: Pager::default(),
            chain: Some(Chain::Broken { entry: 17 }),
            ..Self::sample()
        }
    }
}

fn entries_words(count: u64) -> String {
    if count == 1 {
        "1 entry".to_owned()
    } else {
        format!("{} entries", text::number(count))
    }
}
