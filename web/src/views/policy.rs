//! One policy: its text to edit, what it says, its revisions, and what a draft would change.

use policy::Outcome;

use super::policies::{Policies, PolicyRow};
use crate::filters;
use crate::layout::{Frame, Section};
use crate::{links, text};

page!("policy.html", Policy);

/// The page of one policy, or of a draft of it.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The stored one; `None` for a name that has none yet.
    pub row: Option<PolicyRow>,
    pub name: String,
    /// The text in the editor.
    pub text: String,
    /// Why it is changed, as it was last typed.
    pub reason: String,
    /// What is wrong with the text, and where.
    pub errors: Vec<Fault>,
    /// What it says with everything that it inherits: section, key, value.
    pub rules: Vec<(String, String, String)>,
    /// SHA-256 of that.
    pub digest: String,
    pub revisions: Vec<PolicyRow>,
    /// What the draft would change, where it was tried.
    pub trial: Option<Simulation>,
    pub may_edit: bool,
}

/// One place where something is wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// `/license/deny/0` or `line 3, column 1`; may be empty.
    pub place: String,
    pub message: String,
}

/// What a draft says of the builds that are there.
#[derive(Clone, Debug, Default)]
pub struct Simulation {
    pub rows: Vec<TrialRow>,
    pub turn_red: u64,
    pub turn_green: u64,
    /// Not all projects were tried.
    pub more: bool,
}

/// What it says of one project.
#[derive(Clone, Debug)]
pub struct TrialRow {
    pub project: String,
    pub build: u64,
    pub now: Outcome,
    pub then: Outcome,
    pub reasons: Vec<String>,
}

impl TrialRow {
    pub(crate) fn turns(&self) -> bool {
        self.now != self.then
    }
}

impl Simulation {
    pub(crate) fn words(&self) -> String {
        let tried = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        let of = |count: u64| {
            if count == 0 {
                "none".to_owned()
            } else {
                text::number(count)
            }
        };
        let more = if self.more {
            " There are more projects than were tried."
        } else {
            ""
        };
        format!(
            "Of {}, {} would turn red and {} green.{more}",
            text::plural(tried, "project"),
            of(self.turn_red),
            of(self.turn_green)
        )
    }
}

impl Fault {
    pub(crate) fn words(&self) -> String {
        if self.place.is_empty() {
            self.message.clone()
        } else {
            format!("{}: {}", self.place, self.message)
        }
    }
}

impl Policy {
    fn frame(&self) -> Frame {
        let error = if self.errors.is_empty() { "" } else { "Error: " };
        let api = format!("/v1/policies/{}", links::segment(&self.name));
        let title = format!("{error}Policy {}", self.name);
        match self.row {
            Some(_) => Frame::new(title, Section::Policies, api),
            None => Frame::bare(title, Section::Policies),
        }
    }

    pub(crate) fn href(&self) -> String {
        links::policy(&self.name)
    }

    /// The revision that a change is a change of.
    pub(crate) fn seen(&self) -> u64 {
        self.row.as_ref().map_or(0, |row| row.revision)
    }

    pub(crate) fn lede(&self) -> String {
        match &self.row {
            None => "It is not there yet.".to_owned(),
            Some(row) if row.revision == 0 => {
                "Built in: it holds until a policy named default is saved.".to_owned()
            }
            Some(row) => format!(
                "{}, by {}: {}",
                text::capitalized(&row.revision_words()),
                row.author,
                row.reason
            ),
        }
    }

    /// Lines of the editor: as many as the text has, within reason.
    pub(crate) fn lines(&self) -> usize {
        self.text.lines().count().clamp(12, 40)
    }

    #[must_use]
    pub fn sample() -> Self {
        let mut revisions = Policies::sample().rows;
        let row = revisions.remove(1);
        let rule =
            |section: &str, key: &str, value: &str| (section.to_owned(), key.to_owned(), value.to_owned());
        Self {
            name: row.name.clone(),
            text: "extends = \"default\"\n\n[vulnerability]\nfail_at = \"critical\"\n".to_owned(),
            reason: String::new(),
            errors: Vec::new(),
            rules: vec![
                rule("vulnerability", "fail_at", "critical"),
                rule("license", "deny", "AGPL-3.0-only, AGPL-3.0-or-later, SSPL-1.0"),
            ],
            digest: "ab".repeat(32),
            revisions: vec![
                row.clone(),
                PolicyRow {
                    revision: 6,
                    ..row.clone()
                },
            ],
            trial: None,
            may_edit: true,
            row: Some(row),
        }
    }

    /// The text was sent and refused.
    #[must_use]
    pub fn sample_error() -> Self {
        Self {
            text: "[vulnerability]\nfail_at = \"hgih\"\n".to_owned(),
            reason: "Stricter".to_owned(),
            errors: vec![Fault {
                place: "line 2, column 11".to_owned(),
                message:
                    "unknown variant `hgih`, expected one of `low`, `medium`, `high`, `critical`, `never`"
                        .to_owned(),
            }],
            rules: Vec::new(),
            ..Self::sample()
        }
    }

    /// The draft was tried.
    #[must_use]
    pub fn sample_try() -> Self {
        let row = |project: &str, now, then, reasons: &[&str]| TrialRow {
            project: project.to_owned(),
            build: 1842,
            now,
            then,
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
        };
        Self {
            trial: Some(Simulation {
                rows: vec![
                    row(
                        "platform/payments-api",
                        Outcome::Warn,
                        Outcome::Fail,
                        &[
                            "CVE-2025-7783 in form-data 4.0.0 is critical (9.4), at or above the limit `critical`.",
                        ],
                    ),
                    row("shop", Outcome::Pass, Outcome::Pass, &[]),
                ],
                turn_red: 1,
                turn_green: 0,
                more: true,
            }),
            ..Self::sample()
        }
    }
}
