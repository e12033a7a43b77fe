//! The one shape of a finding, everywhere (`gate.md` §3).

use advisories::{Class, Doubt, Severity};
use clock::Timestamp;
use ecosystems::Step;
use inventory::Scope;
use serde::{Deserialize, Serialize};

use crate::{Day, Justification, WaiverStatus};

/// One alias group that affects one component of one project's ref.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable for the life of the finding: a UUID once stored, `f_` and a digest when nothing is stored.
    pub id: String,
    pub class: Class,
    pub canonical: String,
    /// The other ids of the group.
    pub aliases: Vec<String>,
    pub summary: String,
    pub severity: FindingSeverity,
    /// In CISA's catalogue of known exploited vulnerabilities; absent when no such feed is loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kev: Option<bool>,
    /// Probability of exploitation in 30 days, 0 to 1; absent when no such feed is loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epss: Option<f64>,
    pub component: FindingComponent,
    /// Up to ten shortest paths from (not including) the root to the component, each `name@version`.
    pub paths: Vec<Vec<String>>,
    /// The number of distinct simple paths, counted up to a bound that `paths_complete` speaks of.
    pub path_count: u64,
    pub evidence: FindingEvidence,
    pub fix: FindingFix,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// What somebody decided about it; absent when nobody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<FindingDecision>,
}

/// What was decided about a finding, and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingDecision {
    pub state: DecisionState,
    /// `waiver:ID`, `vex:AUTHOR` or `triage:PERSON`.
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Justification>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// What a decision says of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionState {
    /// It is there and tolerated for now.
    AcceptedRisk,
    /// It is there, tolerated, and being fixed.
    FixPending,
    NotAffected,
    FalsePositive,
    /// Fixed without that the version tells.
    Fixed,
    Affected,
    UnderInvestigation,
}

impl DecisionState {
    /// The stable word, as in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AcceptedRisk => "accepted_risk",
            Self::FixPending => "fix_pending",
            Self::NotAffected => "not_affected",
            Self::FalsePositive => "false_positive",
            Self::Fixed => "fixed",
            Self::Affected => "affected",
            Self::UnderInvestigation => "under_investigation",
        }
    }

    /// Whether the risk is not there at all, so that the finding is closed; a tolerated one stays open.
    #[must_use]
    pub const fn clears(self) -> bool {
        matches!(self, Self::NotAffected | Self::FalsePositive | Self::Fixed)
    }

    /// Whether the finding does not count against the gate.
    #[must_use]
    pub const fn suppresses(self) -> bool {
        self.clears() || matches!(self, Self::AcceptedRisk | Self::FixPending)
    }
}

impl From<WaiverStatus> for DecisionState {
    fn from(status: WaiverStatus) -> Self {
        match status {
            WaiverStatus::AcceptedRisk => Self::AcceptedRisk,
            WaiverStatus::NotAffected => Self::NotAffected,
            WaiverStatus::FalsePositive => Self::FalsePositive,
            WaiverStatus::FixPending => Self::FixPending,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FindingSeverity {
    pub level: Severity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingComponent {
    pub purl: String,
    pub name: String,
    pub version: String,
    pub ecosystem: String,
    pub scope: Scope,
    /// Named by the product itself; `None` when the document has no graph to tell.
    pub direct: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FindingEvidence {
    pub range: String,
    pub records: Vec<String>,
    pub disputed: bool,
    /// What each record says, in the revision that was matched; those that say *affected* first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<RecordRevision>,
    /// The order by which the version was compared with the ranges: `PEP 440`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparator: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One advisory record of the alias group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordRevision {
    pub id: String,
    /// When the record last changed: with the id it names what was read.
    pub modified: Timestamp,
    pub affected: bool,
    /// The range or list that decided, for people.
    pub range: String,
    /// Why the record could not be decided, where it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undetermined: Option<Doubt>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FindingFix {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Step>,
    /// The direct dependencies through which the component comes, `name@version`, when it is transitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

/// Why a finding opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    FirstScan,
    AdvisoryPublished,
    AdvisoryChanged,
    ComponentAdded,
    VersionChanged,
    /// What had been decided about it ended, was taken back or no longer fits.
    DecisionEnded,
}

impl Cause {
    /// Whether it came without any change of the product.
    #[must_use]
    pub const fn is_advisory(self) -> bool {
        matches!(self, Self::AdvisoryPublished | Self::AdvisoryChanged)
    }
}
