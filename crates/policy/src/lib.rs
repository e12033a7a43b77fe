#![doc = include_str!("../README.md")]

mod document;
mod finding;
mod glob;
mod judgement;
mod pointer;
mod purls;
mod rulings;
mod sections;
mod subject;
mod verdict;
mod waiver;
mod waiving;

pub use document::{Policy, PolicyError};
pub use finding::{
    Cause, Finding, FindingComponent, FindingEvidence, FindingFix, FindingSeverity, RecordRevision,
};
pub use judgement::{Judgement, judge};
pub use purls::{InvalidPattern, PurlPattern};
pub use sections::{
    Informational, IntegrityPolicy, LicenseException, LicensePolicy, MaliciousPolicy, MetaPolicy,
    Relationship, Relationships, ScopeName, SourcePolicy, Threshold, UnknownSeverity, VulnerabilityPolicy,
};
pub use subject::{Subject, SubjectComponent};
pub use verdict::{
    Action, AppliedWaiver, BuildSummary, Check, CheckOutcome, Counts, FeedState, Links, Outcome, PolicyRef,
    RefName, Verdict, VerdictNotice, Violation, Waivers,
};
pub use waiver::{Day, InvalidDay, Justification, Waiver, WaiverStatus};
pub use waiving::{pin_of, pin_of_license};
