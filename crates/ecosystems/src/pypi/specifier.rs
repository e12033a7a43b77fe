//! Version specifiers (PEP 440) such as `>=1.4, !=1.5.*, <2`, as pip's own library evaluates them.

use super::interval::{self, Cut, Interval};
use super::version::Version;
use crate::VersionKey;
use crate::number::Number;

/// More clauses than any real requirement has.
const MAX_CLAUSES: usize = 256;
/// A longer operator stands before its own beginning.
const OPERATORS: [(&str, Operator); 8] = [
    ("===", Operator::Identical),
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("~=", Operator::Compatible),
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("<", Operator::Below),
    (">", Operator::Above),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Identical,
    Equal,
    Unequal,
    Compatible,
    AtMost,
    AtLeast,
    Below,
    Above,
}

/// The text is no set of version specifiers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{clause}` is not a PEP 440 version specifier")]
pub struct InvalidSpecifier {
    /// The clause that could not be read.
    pub clause: String,
}

/// Whether pre-releases may be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prereleases {
    /// PEP 440's default: when a clause names one, or when nothing else matches.
    #[default]
    WhenNeeded,
    Admit,
    Exclude,
}

/// Clauses that must all hold; without any, everything matches.
#[derive(Clone, Debug)]
pub struct SpecifierSet {
    clauses: Vec<Clause>,
}

#[derive(Clone, Debug)]
enum Clause {
    /// `===`: the text itself, in lower case, whether or not it is a version.
    Identical(String),
    Within {
        intervals: Vec<Interval>,
        names_prerelease: bool,
    },
}

impl SpecifierSet {
    /// Reads clauses separated by commas; empty ones are skipped.
    ///
    /// # Errors
    /// When a clause has no known operator or its operand does not go with it.
    pub fn parse(text: &str) -> Result<Self, InvalidSpecifier> {
        let clauses = text.split(',').map(str::trim).filter(|clause| !clause.is_empty());
        if clauses.clone().count() > MAX_CLAUSES {
            return Err(InvalidSpecifier {
                clause: format!("more than {MAX_CLAUSES} clauses"),
            });
        }
        let clauses = clauses
            .map(|text| {
                parse_clause(text).ok_or_else(|| InvalidSpecifier {
                    clause: text.to_owned(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { clauses })
    }

    /// Whether a version, on its own, may be chosen.
    ///
    /// Nothing else competes with it, so a pre-release is refused only when they are excluded.
    #[must_use]
    pub fn contains(&self, version: &str, prereleases: Prereleases) -> bool {
        let candidate = Candidate::new(version);
        self.matches(&candidate) && !(prereleases == Prereleases::Exclude && candidate.is_prerelease())
    }

    /// The versions that may be chosen, in the order given.
    #[must_use]
    pub fn filter<'a>(&self, versions: &[&'a str], prereleases: Prereleases) -> Vec<&'a str> {
        let candidates = versions.iter().map(|text| Candidate::new(text));
        let matching: Vec<_> = candidates.filter(|candidate| self.matches(candidate)).collect();
        let only_releases = match prereleases {
            Prereleases::Admit => false,
            Prereleases::Exclude => true,
            Prereleases::WhenNeeded => {
                !self.names_prerelease() && matching.iter().any(|candidate| !candidate.is_prerelease())
            }
        };
        let chosen = matching
            .iter()
            .filter(|candidate| !(only_releases && candidate.is_prerelease()));
        chosen.map(|candidate| candidate.text).collect()
    }

    /// Whether any version at all can match.
    #[must_use]
    pub fn is_satisfiable(&self) -> bool {
        let identical = self.clauses.iter().find_map(|clause| match clause {
            Clause::Identical(text) => Some(text),
            Clause::Within { .. } => None,
        });
        match identical {
            Some(text) => self.matches(&Candidate::new(text)),
            None => !self.intervals().is_empty(),
        }
    }

    /// Whether no version matches both sets.
    #[must_use]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        let clauses = self.clauses.iter().chain(&other.clauses).cloned().collect();
        !Self { clauses }.is_satisfiable()
    }

    /// Whether every version that matches this set matches the other; clauses with `===` are left out of
    /// account.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        let outside = interval::complement(&other.intervals());
        interval::intersect(&self.intervals(), &outside).is_empty()
    }

    /// Whether the version with this key and text matches, pre-releases and releases alike.
    pub(super) fn admits(&self, key: &VersionKey, text: &str) -> bool {
        self.clauses.iter().all(|clause| match clause {
            Clause::Identical(wanted) => text.eq_ignore_ascii_case(wanted),
            Clause::Within { intervals, .. } => intervals.iter().any(|interval| interval.contains(key)),
        })
    }

    /// Whether both must hold.
    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            clauses: self.clauses.iter().chain(&other.clauses).cloned().collect(),
        }
    }

    fn matches(&self, candidate: &Candidate<'_>) -> bool {
        self.clauses.iter().all(|clause| clause.matches(candidate))
    }

    pub(super) fn names_prerelease(&self) -> bool {
        self.clauses.iter().any(Clause::names_prerelease)
    }

    fn intervals(&self) -> Vec<Interval> {
        let mut common = vec![Interval::all()];
        for clause in &self.clauses {
            if let Clause::Within { intervals, .. } = clause {
                common = interval::intersect(&common, intervals);
            }
        }
        common
    }
}

/// A text that is tested, parsed once.
struct Candidate<'a> {
    text: &'a str,
    version: Option<Version>,
}

impl<'a> Candidate<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            version: Version::parse(text),
        }
    }

    fn is_prerelease(&self) -> bool {
        self.version.as_ref().is_some_and(Version::is_prerelease)
    }
}

impl Clause {
    fn matches(&self, candidate: &Candidate<'_>) -> bool {
        match self {
            Self::Identical(text) => candidate.text.eq_ignore_ascii_case(text),
            Self::Within { intervals, .. } => candidate.version.as_ref().is_some_and(|version| {
                let key = version.key();
                intervals.iter().any(|interval| interval.contains(&key))
            }),
        }
    }

    fn names_prerelease(&self) -> bool {
        match self {
            Self::Identical(text) => Candidate::new(text).is_prerelease(),
            Self::Within { names_prerelease, .. } => *names_prerelease,
        }
    }
}

fn parse_clause(text: &str) -> Option<Clause> {
    let (rest, operator) = OPERATORS
        .iter()
        .find_map(|(sign, operator)| Some((text.strip_prefix(sign)?, *operator)))?;
    let operand = rest.trim();
    if operator == Operator::Identical {
        let is_word = !operand.is_empty() && !operand.contains([' ', '\t', '\n', ';', ')']);
        return is_word.then(|| Clause::Identical(operand.to_ascii_lowercase()));
    }
    if let Some(prefix) = operand.strip_suffix(".*") {
        return parse_wildcard(operator, prefix);
    }
    let version = Version::parse(operand)?;
    let names_prerelease = operator != Operator::Unequal && version.is_prerelease();
    Some(Clause::Within {
        intervals: intervals(operator, version)?,
        names_prerelease,
    })
}

/// `==1.2.*` and `!=1.2.*`: a release and everything that begins with it.
fn parse_wildcard(operator: Operator, prefix: &str) -> Option<Clause> {
    let prefix = Version::parse(prefix)?;
    let is_release = prefix.pre.is_none() && prefix.post.is_none();
    if !is_release || prefix.dev.is_some() || !prefix.local.is_empty() {
        return None;
    }
    let within = Interval::between(
        Cut::below(interval::dev_zero(prefix.epoch.clone(), prefix.release.clone())),
        Cut::below(next_prefix(prefix.epoch, prefix.release)),
    );
    let intervals = match operator {
        Operator::Equal => vec![within],
        Operator::Unequal => interval::complement(&[within]),
        _ => return None,
    };
    Some(Clause::Within {
        intervals,
        names_prerelease: false,
    })
}

/// The intervals of an operator; `None` when it does not go with the version.
fn intervals(operator: Operator, version: Version) -> Option<Vec<Interval>> {
    let allows_local = matches!(operator, Operator::Equal | Operator::Unequal);
    if !version.local.is_empty() && !allows_local {
        return None;
    }
    let intervals = match operator {
        Operator::Identical => return None,
        Operator::AtLeast => vec![Interval::from(Cut::below(version))],
        Operator::AtMost => vec![Interval::until(Cut::beyond_locals(version))],
        Operator::Below => vec![Interval::until(Cut::below(before_prereleases(version)))],
        Operator::Above => vec![Interval::from(after_posts(version))],
        Operator::Equal => vec![equal(version)],
        Operator::Unequal => interval::complement(&[equal(version)]),
        Operator::Compatible => vec![compatible(version)?],
    };
    Some(intervals)
}

/// `==1.0` is met by `1.0` with any local label, `==1.0+a` by that label alone.
fn equal(version: Version) -> Interval {
    let high = if version.local.is_empty() {
        Cut::beyond_locals(version.clone())
    } else {
        Cut::above(&version)
    };
    Interval::between(Cut::below(version), high)
}

/// `~=1.4.2` is `>=1.4.2, ==1.4.*`.
fn compatible(version: Version) -> Option<Interval> {
    let (_, prefix) = version.release.split_last()?;
    if prefix.is_empty() {
        return None;
    }
    let high = Cut::below(next_prefix(version.epoch.clone(), prefix.to_vec()));
    Some(Interval::between(Cut::below(version), high))
}

/// `<1.0` leaves out the pre-releases of `1.0`, unless it names one.
fn before_prereleases(mut version: Version) -> Version {
    if !version.is_prerelease() {
        version.dev = Some(Number::ZERO);
    }
    version
}

/// `>1.0` leaves out the post-releases of `1.0`, unless it names one.
fn after_posts(version: Version) -> Cut {
    if version.dev.is_some() || version.post.is_some() {
        return Cut::below(interval::next_public(version));
    }
    Cut::beyond_posts(version)
}

/// The first version that no longer begins with the release.
fn next_prefix(epoch: Number, mut release: Vec<Number>) -> Version {
    if let Some(last) = release.last_mut() {
        *last = last.successor();
    }
    interval::dev_zero(epoch, release)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clauses() -> impl Strategy<Value = String> {
        "(==|!=|<=|>=|<|>|~=) ?(1!)?[01]\\.[012](a1|rc1)?(\\.post[01])?(\\.dev[01])?"
    }

    proptest! {
        #[test]
        fn any_text_is_answered(set in "\\PC*|[<>=!~,.* 0-9a-d+]*", version in "\\PC*") {
            if let Ok(set) = SpecifierSet::parse(&set) {
                let _ = (set.contains(&version, Prereleases::WhenNeeded), set.is_satisfiable());
            }
        }

        #[test]
        fn what_holds_a_version_is_satisfiable(
            a in clauses(), b in clauses(), version in "(1!)?[01]\\.[012](a1|rc1)?(\\.post[01])?(\\.dev[01])?(\\+a)?",
        ) {
            let set = SpecifierSet::parse(&format!("{a},{b}")).expect("clauses");
            prop_assert!(!set.contains(&version, Prereleases::Admit) || set.is_satisfiable());
        }

        #[test]
        fn a_set_and_its_opposite_share_nothing(version in "[01]\\.[012](a1)?(\\+a)?(\\.\\*)?") {
            let (is, is_not) = (format!("=={version}"), format!("!={version}"));
            if let (Ok(is), Ok(is_not)) = (SpecifierSet::parse(&is), SpecifierSet::parse(&is_not)) {
                prop_assert!(is.is_disjoint(&is_not));
            }
        }
    }
}
