//! What somebody decided about a finding, wherever a verdict keeps it.

use std::collections::HashMap;

use clock::Timestamp;
use inventory::VexStatus;
use policy::{AppliedWaiver, Finding, Verdict};

/// A decision about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decision<'v> {
    pub state: State,
    /// In the words of OpenVEX; the writers know what CycloneDX calls them.
    pub justification: Option<&'static str>,
    pub reason: &'v str,
    /// The last day on which it holds.
    pub until: Option<&'v str>,
    pub at: Option<Timestamp>,
}

/// What a decision says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "verdicts name waivers only, so far; the formats know the other decisions, too"
    )
)]
pub(super) enum State {
    /// It is there and tolerated for now.
    AcceptedRisk,
    /// It is there, tolerated, and being fixed.
    FixPending,
    NotAffected,
    FalsePositive,
    Fixed,
    Affected,
    UnderInvestigation,
}

impl State {
    /// Whether it says that the risk is not there at all.
    pub const fn clears(self) -> bool {
        matches!(self, Self::NotAffected | Self::FalsePositive | Self::Fixed)
    }

    /// Status of VEX, state of CycloneDX, and what is done about it.
    pub const fn words(self) -> (VexStatus, &'static str, &'static [&'static str]) {
        match self {
            Self::AcceptedRisk => (VexStatus::Affected, "exploitable", &["will_not_fix"]),
            Self::FixPending => (VexStatus::Affected, "exploitable", &["update"]),
            Self::Affected => (VexStatus::Affected, "exploitable", &[]),
            Self::NotAffected => (VexStatus::NotAffected, "not_affected", &[]),
            Self::FalsePositive => (VexStatus::NotAffected, "false_positive", &[]),
            Self::Fixed => (VexStatus::Fixed, "resolved", &[]),
            Self::UnderInvestigation => (VexStatus::UnderInvestigation, "in_triage", &[]),
        }
    }
}

/// The decisions that a verdict rests on.
pub(super) struct Decisions<'v> {
    waived: HashMap<&'v str, &'v AppliedWaiver>,
}

impl<'v> Decisions<'v> {
    pub fn of(verdict: &'v Verdict) -> Self {
        let waivers = verdict.waivers.applied.iter();
        let about_finding = |waiver: &'v AppliedWaiver| Some((waiver.finding.as_deref()?, waiver));
        Self {
            waived: waivers.filter_map(about_finding).collect(),
        }
    }

    /// What was decided about a finding. A waiver as the verdict lists it does not say that the product is not
    /// affected, so it is an accepted risk.
    pub fn about(&self, finding: &Finding) -> Option<Decision<'v>> {
        self.waived.get(finding.id.as_str()).map(|waiver| Decision {
            state: State::AcceptedRisk,
            justification: None,
            reason: &waiver.reason,
            until: waiver.expires_on.as_deref(),
            at: None,
        })
    }
}
