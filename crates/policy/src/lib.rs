#![doc = include_str!("../README.md")]

mod document;
mod finding;
mod judgement;
mod subject;
mod verdict;
mod waiver;

pub use document::{Policy, PolicyError};
pub use finding::{Cause, Finding, FindingComponent, FindingEvidence, FindingFix, FindingSeverity};
pub use judgement::{Judgement, judge};
pub use subject::{Subject, SubjectComponent};
pub use verdict::{
    Action, AppliedWaiver, BuildSummary, Check, CheckOutcome, Counts, FeedState, Links, Outcome, PolicyRef,
    RefName, Verdict, VerdictNotice, Violation, Waivers,
};
pub use waiver::{Day, InvalidDay, Justification, Waiver, WaiverStatus};
