//! One comparison of a range, as `>=1.2.3`.

use std::fmt;

use super::Mode;
use super::version::version;
use crate::number::Number;
use crate::semver::{Identifier, Version};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Operator {
    fn sign(self) -> &'static str {
        match self {
            Self::Equal => "",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    pub fn is_upper(self) -> bool {
        matches!(self, Self::Less | Self::AtMost)
    }

    pub fn is_lower(self) -> bool {
        matches!(self, Self::Greater | Self::AtLeast)
    }

    fn admits_equal(self) -> bool {
        matches!(self, Self::AtMost | Self::AtLeast)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparator {
    pub operator: Operator,
    pub version: Version,
}

impl Comparator {
    /// A comparison with a version of three numbers; `None` when npm does not count that far.
    pub fn new(operator: Operator, numbers: [u64; 3], prerelease: Vec<Identifier>) -> Option<Self> {
        Some(Self {
            operator,
            version: version(numbers, prerelease)?,
        })
    }

    /// `<0.0.0-0`, which nothing satisfies.
    pub fn nothing() -> Self {
        let zeros = [Number::ZERO, Number::ZERO, Number::ZERO];
        Self {
            operator: Operator::Less,
            version: Version::new(zeros, lowest()),
        }
    }

    pub fn is_nothing(&self) -> bool {
        *self == Self::nothing()
    }

    /// Whether the comparison says no more than that there is a version.
    pub fn is_trivial(&self, mode: Mode) -> bool {
        let prerelease = if mode.include_prerelease {
            lowest()
        } else {
            Vec::new()
        };
        self.operator == Operator::AtLeast && self.is_zero() && self.version.prerelease() == prerelease
    }

    fn is_zero(&self) -> bool {
        self.version.core().iter().all(|number| *number == Number::ZERO)
    }

    pub fn admits(&self, version: &Version) -> bool {
        match self.operator {
            Operator::Equal => *version == self.version,
            Operator::Less => *version < self.version,
            Operator::AtMost => *version <= self.version,
            Operator::Greater => *version > self.version,
            Operator::AtLeast => *version >= self.version,
        }
    }

    /// Whether a version can satisfy both, by the rules of npm's own library.
    pub fn intersects(&self, other: &Self, mode: Mode) -> bool {
        match (self.operator, other.operator) {
            (Operator::Equal, _) => return admit(std::slice::from_ref(other), &self.version, mode),
            (_, Operator::Equal) => return admit(std::slice::from_ref(self), &other.version, mode),
            _ if self.admits_no_release(mode) || other.admits_no_release(mode) => return false,
            (a, b) if a.is_upper() == b.is_upper() => return true,
            _ => {}
        }
        let (lower, upper) = if self.operator.is_lower() {
            (self, other)
        } else {
            (other, self)
        };
        let touch = lower.operator.admits_equal() && upper.operator.admits_equal();
        lower.version < upper.version || (touch && lower.version == upper.version)
    }

    fn admits_no_release(&self, mode: Mode) -> bool {
        if mode.include_prerelease {
            return self.is_nothing();
        }
        self.operator == Operator::Less && self.is_zero()
    }
}

/// `-0`, the lowest pre-release.
pub fn lowest() -> Vec<Identifier> {
    vec![Identifier::Numeric(Number::ZERO)]
}

/// Whether a version satisfies all comparators.
///
/// Unless the mode includes them, a pre-release must further be of a version that a comparator names a
/// pre-release of: who writes `>=1.2.3-rc.1` expects its successors but not `1.3.0-rc.1`.
pub fn admit(comparators: &[Comparator], version: &Version, mode: Mode) -> bool {
    if !comparators.iter().all(|comparator| comparator.admits(version)) {
        return false;
    }
    let names_it = |comparator: &Comparator| {
        comparator.version.is_prerelease() && comparator.version.core() == version.core()
    };
    mode.include_prerelease || !version.is_prerelease() || comparators.iter().any(names_it)
}

impl fmt::Display for Comparator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.operator.sign(), self.version)
    }
}
