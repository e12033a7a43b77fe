//! The verdict: schema `gate/1`, the final shape (`gate.md` §3).

use std::collections::BTreeMap;

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AppliedStatement, Finding, WaiverStatus};

/// The answer of the gate, in the order of `gate.md` §1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Pass,
    Warn,
    Fail,
    /// Not everything could be checked, and nothing that was checked fails.
    Indeterminate,
    /// The build is still being worked on.
    Pending,
}

/// What a rule does when it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Ignore,
    Warn,
    /// Not enough is known: the verdict cannot be a pass.
    Indeterminate,
    Fail,
}

impl Action {
    /// Whether nothing is done. What is ignored by default is left out of documents, so that a new key changes no digest.
    #[must_use]
    pub const fn is_ignore(&self) -> bool {
        matches!(self, Self::Ignore)
    }

    /// The outcome to which it leads.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Ignore => Outcome::Pass,
            Self::Warn => Outcome::Warn,
            Self::Indeterminate => Outcome::Indeterminate,
            Self::Fail => Outcome::Fail,
        }
    }
}

/// One subject that a policy looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    Vulnerability,
    Malicious,
    Unmaintained,
    License,
    Source,
    Integrity,
    Meta,
    Misconfig,
}

/// The whole answer. Bodies of equal inputs are byte-identical apart from ids and links.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Always `gate/1`.
    pub schema: String,
    pub verdict: Outcome,
    pub project: String,
    #[serde(rename = "ref")]
    pub reference: RefName,
    pub build: BuildSummary,
    pub policy: PolicyRef,
    pub engine: String,
    pub evaluated_at: Timestamp,
    pub feeds: Vec<FeedState>,
    pub checks: Vec<CheckOutcome>,
    pub counts: Counts,
    /// Every rule that matched with `fail` or `warn`, worst first.
    pub violations: Vec<Violation>,
    pub waivers: Waivers,
    /// Statements about exploitability that were applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vex: Vec<AppliedStatement>,
    pub notices: Vec<VerdictNotice>,
    pub links: Links,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RefName {
    pub branch: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BuildSummary {
    pub id: String,
    pub sbom_sha256: String,
    /// Without the root.
    pub components: usize,
    /// Components (root included when it can be matched) that were fully checked.
    pub evaluated: usize,
    /// Components about which something could not be decided or checked.
    pub undetermined: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PolicyRef {
    pub id: String,
    pub revision: i64,
    /// Of the policy as it judged, with everything that it inherits.
    pub sha256: String,
    /// What it extends, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extends: Vec<PolicyAncestor>,
}

/// A policy that another one extends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PolicyAncestor {
    pub id: String,
    pub revision: i64,
}

/// What the verdict knew of one feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedState {
    pub name: String,
    pub revision: String,
    pub fetched_at: Option<Timestamp>,
    /// Seconds since the last successful fetch.
    pub age_s: Option<i64>,
    pub records: u64,
    pub stale: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckOutcome {
    pub check: Check,
    pub verdict: Outcome,
}

/// Counts of findings that are open and not waived; classes that are no vulnerabilities count apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub unknown: usize,
    pub malicious: usize,
    /// Unmaintained, unsound and notice-class findings.
    pub informational: usize,
    pub new: usize,
    pub waived: usize,
    /// Findings that a statement about exploitability clears.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_affected: usize,
    pub expired_waivers: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// The rule's stable name: `vulnerability.fail_at`, `license.deny`, `meta.max_undetermined`.
    pub rule: String,
    pub check: Check,
    pub action: Action,
    /// One sentence for people.
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Finding>,
    /// The component of a violation that is no finding (a license, a source).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// Facts of a violation that is no finding: `license`, `elected`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Waivers {
    pub applied: Vec<AppliedWaiver>,
    pub expired: Vec<AppliedWaiver>,
    pub unused: Vec<AppliedWaiver>,
    /// Those whose matter has changed since the decision: it is open again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<AppliedWaiver>,
    /// Those that nobody but their author has approved although the policy asks for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unapproved: Vec<AppliedWaiver>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppliedWaiver {
    pub id: String,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<String>,
    /// The component, when what is waived is no finding (a license, a source).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// What was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<WaiverStatus>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictNotice {
    pub code: String,
    pub level: inventory::Level,
    pub text: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Links {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sarif: Option<String>,
}
