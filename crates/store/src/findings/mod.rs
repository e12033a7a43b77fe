//! Findings: one vulnerability in one package version of one ref.

pub mod detail;
pub mod list;
pub mod notes;
mod reconcile;
pub(crate) mod trends;

use advisories::Severity;
use policy::{Cause, Finding};

use crate::Error;
use crate::scores::Score;

pub use reconcile::{
    Change, CloseReason, Current, Gone, Known, Rescored, Subject, body_text, is_counted, known, reconcile,
};

pub(crate) use reconcile::STATEMENTS;
pub use trends::scopes as trend_scopes;

/// A finding as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FindingRow {
    pub id: i64,
    pub uuid: String,
    pub project_id: i64,
    pub reference_id: i64,
    pub package_version_id: i64,
    pub vulnerability_id: i64,
    pub class: String,
    /// See [`severity_code`].
    pub severity: i64,
    pub score: Option<f64>,
    /// Worst first when descending.
    pub rank: i64,
    pub kev: Option<bool>,
    pub fix_version: Option<String>,
    pub scope: String,
    pub direct: Option<bool>,
    /// The first time that it opened, kept when it returns or moves to another version.
    pub opened_at: i64,
    pub closed_at: Option<i64>,
    pub close_reason: Option<String>,
    /// When it should be fixed by; see [`crate::deadlines`].
    pub due_at: Option<i64>,
    pub cause: String,
    /// The record, the version or the build that the cause speaks of.
    pub cause_detail: String,
    pub body: String,
    /// The probability of exploitation as it is known today; see [`crate::scores::attach`].
    #[sqlx(skip)]
    pub probability: Scored,
}

/// What the feed of probabilities says of a finding today.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scored(pub Option<Score>);

impl FindingRow {
    /// The finding in its one shape, with the probability of exploitation of today.
    ///
    /// # Errors
    /// When what is stored is damaged.
    pub fn body(&self) -> Result<Finding, Error> {
        let mut finding: Finding =
            serde_json::from_str(&self.body).map_err(|error| Error::corrupt("finding", &error))?;
        if let Some(score) = self.probability.0 {
            finding.epss = Some(score.probability);
        }
        Ok(finding)
    }
}

/// The number under which a severity is stored and sorted: 0 unknown, 1 none, … 5 critical.
#[must_use]
pub const fn severity_code(severity: Severity) -> i64 {
    match severity {
        Severity::Unknown => 0,
        Severity::None => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}

/// The severity with this number; a number that was never written is unknown.
#[must_use]
pub const fn severity_of(code: i64) -> Severity {
    match code {
        1 => Severity::None,
        2 => Severity::Low,
        3 => Severity::Medium,
        4 => Severity::High,
        5 => Severity::Critical,
        _ => Severity::Unknown,
    }
}

/// The word that JSON uses for a cause, too.
#[must_use]
pub const fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::FirstScan => "first_scan",
        Cause::AdvisoryPublished => "advisory_published",
        Cause::AdvisoryChanged => "advisory_changed",
        Cause::ComponentAdded => "component_added",
        Cause::VersionChanged => "version_changed",
        Cause::DecisionEnded => "decision_ended",
    }
}

/// Reads back what [`cause_word`] wrote.
#[must_use]
pub fn cause_of(word: &str) -> Option<Cause> {
    [
        Cause::FirstScan,
        Cause::AdvisoryPublished,
        Cause::AdvisoryChanged,
        Cause::ComponentAdded,
        Cause::VersionChanged,
        Cause::DecisionEnded,
    ]
    .into_iter()
    .find(|cause| cause_word(*cause) == word)
}
