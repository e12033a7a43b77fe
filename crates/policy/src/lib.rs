#![doc = include_str!("../README.md")]

mod finding;
mod verdict;

pub use finding::{Cause, Finding, FindingComponent, FindingEvidence, FindingFix, FindingSeverity};
pub use verdict::{
    Action, AppliedWaiver, BuildSummary, Check, CheckOutcome, Counts, FeedState, Links, Outcome, PolicyRef,
    RefName, Verdict, VerdictNotice, Violation, Waivers,
};
