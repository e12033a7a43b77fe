//! The pure function that every surface shows: policy and subject in, judgement out.

use std::collections::BTreeMap;

use clock::Timestamp;

use crate::{CheckOutcome, Counts, Outcome, Policy, Subject, VerdictNotice, Violation, Waivers};

/// What a policy says of a subject: the parts of a [`Verdict`](crate::Verdict) that rules decide.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub outcome: Outcome,
    /// One entry per check that the policy makes, in the order of [`Check`](crate::Check).
    pub checks: Vec<CheckOutcome>,
    pub counts: Counts,
    /// Worst first.
    pub violations: Vec<Violation>,
    pub waivers: Waivers,
    pub notices: Vec<VerdictNotice>,
    /// When findings with a period of grace are due, by [`Finding::id`](crate::Finding).
    pub due: BTreeMap<String, Timestamp>,
}

/// Judges a subject. Equal inputs give equal outputs, byte for byte; the order of inputs does not matter.
#[must_use]
pub fn judge(policy: &Policy, subject: &Subject<'_>) -> Judgement {
    let _ = (policy, subject);
    Judgement {
        outcome: Outcome::Indeterminate,
        checks: Vec::new(),
        counts: Counts::default(),
        violations: Vec::new(),
        waivers: Waivers::default(),
        notices: Vec::new(),
        due: BTreeMap::new(),
    }
}
