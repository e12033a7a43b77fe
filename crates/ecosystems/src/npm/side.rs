//! On which side of a range a version lies that does not satisfy it.

use super::comparator::{Comparator, Operator};
use super::{Range, parse_version};
use crate::semver::Version;

/// A direction from a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Older than everything that the range admits.
    Below,
    /// Newer than everything that the range admits.
    Above,
}

impl Range {
    /// Whether a version lies on that side of the whole range, as when a lockfile is ahead of its manifest.
    ///
    /// A pre-release that a range leaves out counts by its place in the order. Nothing lies outside of `*`
    /// (npm holds that pre-releases lie below it), and a text that npm does not read as a version lies nowhere.
    #[must_use]
    pub fn leaves(&self, version: &str, side: Side) -> bool {
        let Some(parsed) = parse_version(version, self.mode) else {
            return false;
        };
        !self.satisfied_by(version) && self.alternatives.iter().all(|list| side.holds(list, &parsed))
    }
}

impl Side {
    /// Whether all that the comparators admit lies on the other side of the version.
    fn holds(self, comparators: &[Comparator], version: &Version) -> bool {
        let by_version = |comparator: &&Comparator| comparator.version.clone();
        let (least, greatest) = (
            comparators.iter().min_by_key(by_version),
            comparators.iter().max_by_key(by_version),
        );
        let (near, far) = match self {
            Self::Above => (least, greatest),
            Self::Below => (greatest, least),
        };
        let (Some(near), Some(far)) = (near, far) else {
            return false;
        };
        !self.is_open(far.operator) && !self.precedes(version, near)
    }

    /// Whether the operator admits versions without end on this side.
    fn is_open(self, operator: Operator) -> bool {
        match self {
            Self::Above => operator.is_lower(),
            Self::Below => operator.is_upper(),
        }
    }

    /// Whether the version has not yet reached the nearest bound, coming from the other side.
    fn precedes(self, version: &Version, near: &Comparator) -> bool {
        let (strict, inclusive) = match self {
            Self::Above => (Operator::Greater, Operator::AtLeast),
            Self::Below => (Operator::Less, Operator::AtMost),
        };
        let before = match self {
            Self::Above => *version < near.version,
            Self::Below => *version > near.version,
        };
        let at = *version == near.version;
        match near.operator {
            operator if operator == strict || operator == Operator::Equal => before || at,
            operator if operator == inclusive => before,
            _ => false,
        }
    }
}
