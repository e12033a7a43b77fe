//! What carets, tildes, hyphens and `x` stand for, in plain comparators.
//!
//! An empty list is `*`, any version. `None` is a range that npm refuses, mostly for a number too great.

use super::Mode;
use super::comparator::{Comparator, Operator, lowest};
use super::version::{Part, Partial};
use crate::semver::Identifier;

type Comparators = Option<Vec<Comparator>>;

/// `^1.2.3`: up to the next change of the first number that is not zero.
pub fn caret(partial: &Partial, mode: Mode) -> Comparators {
    let (major, minor, patch) = match numbers(partial) {
        Numbers::Any => return Some(Vec::new()),
        Numbers::Major(major) => return between([major, 0, 0], floor(mode), after_major(major)),
        Numbers::Minor(0, minor) => return between([0, minor, 0], floor(mode), after_minor(0, minor)),
        Numbers::Minor(major, minor) => return between([major, minor, 0], floor(mode), after_major(major)),
        Numbers::Patch(major, minor, patch) => (major, minor, patch),
    };
    let high = match (major, minor) {
        (0, 0) => [0, 0, patch.saturating_add(1)],
        (0, minor) => after_minor(0, minor),
        (major, _) => after_major(major),
    };
    between([major, minor, patch], partial.prerelease.clone(), high)
}

/// `~1.2.3`: up to the next minor version, or major where only that is given.
pub fn tilde(partial: &Partial, mode: Mode) -> Comparators {
    match numbers(partial) {
        Numbers::Any => Some(Vec::new()),
        Numbers::Major(major) => between([major, 0, 0], floor(mode), after_major(major)),
        Numbers::Minor(major, minor) => between([major, minor, 0], floor(mode), after_minor(major, minor)),
        Numbers::Patch(major, minor, patch) => between(
            [major, minor, patch],
            partial.prerelease.clone(),
            after_minor(major, minor),
        ),
    }
}

/// `>=1.2`, `1.x`, `=1.2.3`: a comparison in which parts may be left out.
pub fn comparison(operator: Operator, partial: &Partial, mode: Mode) -> Comparators {
    if partial.has_number_after_any() {
        return None;
    }
    let (low, high) = match numbers(partial) {
        Numbers::Any if matches!(operator, Operator::Less | Operator::Greater) => {
            return Some(vec![Comparator::nothing()]);
        }
        Numbers::Any => return Some(Vec::new()),
        Numbers::Major(major) => ([major, 0, 0], after_major(major)),
        Numbers::Minor(major, minor) => ([major, minor, 0], after_minor(major, minor)),
        Numbers::Patch(..) => {
            return Some(vec![Comparator {
                operator,
                version: partial.version()?,
            }]);
        }
    };
    let one = match operator {
        Operator::Equal => return between(low, floor(mode), high),
        Operator::AtLeast => Comparator::new(Operator::AtLeast, low, floor(mode)),
        Operator::Greater => Comparator::new(Operator::AtLeast, high, floor(mode)),
        Operator::Less => Comparator::new(Operator::Less, low, lowest()),
        Operator::AtMost => Comparator::new(Operator::Less, high, lowest()),
    };
    Some(vec![one?])
}

/// `1.2 - 2.3`: both ends inclusive, a part left out of the upper end being any.
pub fn hyphen(from: &Partial, to: &Partial, mode: Mode) -> Comparators {
    let low = match numbers(from) {
        Numbers::Any => None,
        Numbers::Major(major) => Some(Comparator::new(Operator::AtLeast, [major, 0, 0], floor(mode))?),
        Numbers::Minor(major, minor) => Some(Comparator::new(
            Operator::AtLeast,
            [major, minor, 0],
            floor(mode),
        )?),
        Numbers::Patch(major, minor, patch) => {
            let given = from.prerelease.clone();
            let prerelease = if given.is_empty() { floor(mode) } else { given };
            Some(Comparator::new(
                Operator::AtLeast,
                [major, minor, patch],
                prerelease,
            )?)
        }
    };
    let high = match numbers(to) {
        Numbers::Any => None,
        Numbers::Major(major) => Some(below(after_major(major))?),
        Numbers::Minor(major, minor) => Some(below(after_minor(major, minor))?),
        Numbers::Patch(major, minor, patch) if mode.include_prerelease && to.prerelease.is_empty() => {
            Some(below([major, minor, patch.saturating_add(1)])?)
        }
        Numbers::Patch(..) => Some(Comparator {
            operator: Operator::AtMost,
            version: to.version()?,
        }),
    };
    Some(low.into_iter().chain(high).collect())
}

/// The numbers of a partial version up to the first that is left out.
enum Numbers {
    Any,
    Major(u64),
    Minor(u64, u64),
    Patch(u64, u64, u64),
}

fn numbers(partial: &Partial) -> Numbers {
    match (partial.major, partial.minor, partial.patch) {
        (Part::Number(major), Part::Number(minor), Part::Number(patch)) => {
            Numbers::Patch(major, minor, patch)
        }
        (Part::Number(major), Part::Number(minor), _) => Numbers::Minor(major, minor),
        (Part::Number(major), ..) => Numbers::Major(major),
        _ => Numbers::Any,
    }
}

/// The pre-release of a lower bound that names none.
fn floor(mode: Mode) -> Vec<Identifier> {
    if mode.include_prerelease {
        lowest()
    } else {
        Vec::new()
    }
}

fn after_major(major: u64) -> [u64; 3] {
    [major.saturating_add(1), 0, 0]
}

fn after_minor(major: u64, minor: u64) -> [u64; 3] {
    [major, minor.saturating_add(1), 0]
}

/// Below a version and all its pre-releases.
fn below(high: [u64; 3]) -> Option<Comparator> {
    Comparator::new(Operator::Less, high, lowest())
}

fn between(low: [u64; 3], prerelease: Vec<Identifier>, high: [u64; 3]) -> Comparators {
    Some(vec![
        Comparator::new(Operator::AtLeast, low, prerelease)?,
        below(high)?,
    ])
}
