#![doc = include_str!("../README.md")]

mod advisory;
mod aliases;
mod assessment;
mod entry;
pub mod epss;
mod evaluate;
mod fix;
mod identity;
pub mod kev;
mod matching;
pub mod osv;
mod range;
pub mod rustsec;
mod severity;
mod subject;
#[cfg(test)]
mod tests;
pub mod tracker;

pub use advisory::{Advisory, AdvisoryPackage, Note};
pub use aliases::{BUNDLE_ALIASES, LARGEST_GROUP};
pub use assessment::{
    Class, Doubt, Evidence, Fix, MatchResult, RecordRef, Undetermined, UndeterminedReason, VulnerabilityMatch,
};
pub use entry::{Claim, ENTRY_FORMAT, Entry, Stance, UnreadableEntry};
pub use evaluate::{Assessment, Options, evaluate_record};
pub use matching::{match_in_release, match_package, match_subject, match_version};
pub use osv::{Record, RecordError};
pub use range::{Bound, Ending, Interval, Range};
pub use severity::{NotAVector, Rated, Severity, SeverityRating, rate_vector};
pub use subject::{Installed, Subject};
