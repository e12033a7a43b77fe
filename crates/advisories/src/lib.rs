#![doc = include_str!("../README.md")]

mod assessment;
mod severity;

pub use assessment::{
    Class, Evidence, Fix, MatchResult, RecordRef, Undetermined, UndeterminedReason, VulnerabilityMatch,
};
pub use severity::{Severity, SeverityRating};
