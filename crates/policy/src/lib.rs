#![doc = include_str!("../README.md")]

mod baseline;
mod clarification;
mod codes;
mod conduct;
mod document;
mod draft;
mod finding;
mod glob;
mod judgement;
mod notices;
mod origin;
mod pointer;
mod proposals;
mod purls;
mod rule_actions;
mod rulings;
pub mod sandworm;
mod sections;
mod subject;
mod unused;
mod verdict;
mod vex;
mod waiver;
mod waiving;

pub use baseline::Baseline;
pub use clarification::{FileDigest, LicenseClarification};
pub use codes::{CODES, IssueCode, IssueKind, IssueSeverity};
pub use conduct::{FromRepository, MisconfigPolicy, Misconfiguration, VexPolicy, WaiverPolicy};
pub use document::{Policy, PolicyError};
pub use draft::{Draft, Notation};
pub use finding::{
    Cause, DecisionState, Finding, FindingComponent, FindingDecision, FindingEvidence, FindingFix,
    FindingSeverity, RecordRevision,
};
pub use judgement::{Judgement, judge};
pub use origin::{GitSpec, SourcePolicy};
pub use proposals::read_waivers;
pub use purls::{InvalidPattern, PurlPattern};
pub use sections::{
    Informational, IntegrityPolicy, LicenseException, LicensePolicy, MaliciousPolicy, MetaPolicy,
    Relationship, Relationships, ScopeName, Threshold, UnknownSeverity, VulnerabilityPolicy,
};
pub use subject::{Subject, SubjectComponent, WaysIn};
pub use unused::{Seen, Unused, unused};
pub use verdict::{
    Action, AppliedWaiver, BuildSummary, Check, CheckOutcome, Counts, FeedState, Links, Outcome,
    PolicyAncestor, PolicyRef, RefName, Verdict, VerdictNotice, Violation, Waivers,
};
pub use vex::{AppliedStatement, Silence, StatedVex, SubjectProduct, VexOrigin, speaks_of};
pub use waiver::{Day, InvalidDay, Justification, Waiver, WaiverStatus};
pub use waiving::{pin_of, pin_of_license, waives_finding};
