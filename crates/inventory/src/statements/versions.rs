//! Ranges of versions as VEX documents write them: `vers:npm/>=1.0.0|<2.0.0`.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A range in the notation of `vers`, without its scheme.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionRange(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl VersionRange {
    /// The one version.
    #[must_use]
    pub fn exactly(version: &str) -> Self {
        Self(version.to_owned())
    }

    /// Reads `vers:npm/>=1|<2`, or the constraints alone; `None` when it holds no constraint.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let constraints = match text.strip_prefix("vers:") {
            Some(rest) => rest.split_once('/')?.1,
            None => text,
        };
        let constraints = constraints.trim();
        (!constraints.is_empty()).then(|| Self(constraints.to_owned()))
    }

    /// Whether a version is within; `order` compares two versions as their ecosystem does. `None` when the answer hangs
    /// on versions that cannot be compared.
    pub fn contains(&self, version: &str, order: impl Fn(&str, &str) -> Option<Ordering>) -> Option<bool> {
        if self.0 == "*" {
            return Some(true);
        }
        let constraints: Vec<(Comparator, &str)> = self.0.split('|').map(str::trim).map(constraint).collect();
        let mut bounds: Vec<(Comparator, Ordering)> = Vec::new();
        for (comparator, bound) in constraints {
            let placed = if version == bound {
                Some(Ordering::Equal)
            } else {
                order(version, bound)
            };
            match comparator {
                Comparator::Equal if placed == Some(Ordering::Equal) => return Some(true),
                Comparator::NotEqual if placed == Some(Ordering::Equal) => return Some(false),
                Comparator::Equal | Comparator::NotEqual => {}
                _ => bounds.push((comparator, placed?)),
            }
        }
        Some(is_within(&bounds))
    }
}

/// The constraints are sorted by version, so that each `>` opens an interval that the next `<` closes.
fn is_within(bounds: &[(Comparator, Ordering)]) -> bool {
    let holds = |(comparator, placed): &(Comparator, Ordering)| match comparator {
        Comparator::Less => placed.is_lt(),
        Comparator::LessOrEqual => placed.is_le(),
        Comparator::Greater => placed.is_gt(),
        Comparator::GreaterOrEqual => placed.is_ge(),
        Comparator::Equal | Comparator::NotEqual => false,
    };
    let opens =
        |bound: &(Comparator, Ordering)| matches!(bound.0, Comparator::Greater | Comparator::GreaterOrEqual);
    let mut at = 0;
    while let Some(bound) = bounds.get(at) {
        let next = bounds.get(at + 1);
        match (opens(bound), next) {
            (true, Some(end)) if !opens(end) => {
                if holds(bound) && holds(end) {
                    return true;
                }
                at += 2;
            }
            _ => {
                if holds(bound) {
                    return true;
                }
                at += 1;
            }
        }
    }
    false
}

fn constraint(text: &str) -> (Comparator, &str) {
    let signs = [
        ("!=", Comparator::NotEqual),
        ("<=", Comparator::LessOrEqual),
        (">=", Comparator::GreaterOrEqual),
        ("<", Comparator::Less),
        (">", Comparator::Greater),
        ("=", Comparator::Equal),
    ];
    signs
        .iter()
        .find_map(|(sign, comparator)| Some((*comparator, text.strip_prefix(sign)?.trim())))
        .unwrap_or((Comparator::Equal, text))
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
