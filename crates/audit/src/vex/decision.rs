//! What somebody decided about a finding, in the words of the formats.
//!
//! Waivers, triage and VEX documents all end in [`policy::Finding::decision`]; this is the one place that reads it.

use clock::Timestamp;
use inventory::VexStatus;
use policy::{Day, DecisionState, Finding, Justification};

/// A decision about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision<'f> {
    pub state: DecisionState,
    /// In the words of OpenVEX; the writers know what CycloneDX calls them.
    pub justification: Option<&'static str>,
    pub reason: &'f str,
    /// The last day on which it holds.
    pub until: Option<Day>,
    pub at: Option<Timestamp>,
}

impl<'f> Decision<'f> {
    /// What was decided about a finding; `None` when nobody did.
    pub fn of(finding: &'f Finding) -> Option<Self> {
        finding.decision.as_ref().map(|decision| Self {
            state: decision.state,
            justification: decision.justification.map(justification),
            reason: &decision.reason,
            until: decision.until,
            at: decision.at,
        })
    }

    /// Status of VEX, state of CycloneDX, and what is done about it.
    pub const fn words(&self) -> (VexStatus, &'static str, &'static [&'static str]) {
        match self.state {
            DecisionState::AcceptedRisk => (VexStatus::Affected, "exploitable", &["will_not_fix"]),
            DecisionState::FixPending => (VexStatus::Affected, "exploitable", &["update"]),
            DecisionState::Affected => (VexStatus::Affected, "exploitable", &[]),
            DecisionState::NotAffected => (VexStatus::NotAffected, "not_affected", &[]),
            DecisionState::FalsePositive => (VexStatus::NotAffected, "false_positive", &[]),
            DecisionState::Fixed => (VexStatus::Fixed, "resolved", &[]),
            DecisionState::UnderInvestigation => (VexStatus::UnderInvestigation, "in_triage", &[]),
        }
    }
}

const fn justification(justification: Justification) -> &'static str {
    match justification {
        Justification::ComponentNotPresent => "component_not_present",
        Justification::VulnerableCodeNotPresent => "vulnerable_code_not_present",
        Justification::VulnerableCodeNotInExecutePath => "vulnerable_code_not_in_execute_path",
        Justification::VulnerableCodeCannotBeControlledByAdversary => {
            "vulnerable_code_cannot_be_controlled_by_adversary"
        }
        Justification::InlineMitigationsAlreadyExist => "inline_mitigations_already_exist",
    }
}
