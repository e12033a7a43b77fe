//! Whether one record affects one version: three-valued (`matching.md` §2.3 to §2.7).

use crate::entry::{Claim, Entry};
use crate::identity::{needs_release, split_ecosystem};
use crate::osv::Record;
use crate::range::{Interval, Range, reaches};
use crate::{Advisory, Installed, Subject, UndeterminedReason};

/// How matching is done; the default is what the service does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'a> {
    /// Ignore GHSA's upper bound outside the events, as the OSV schema demands (§2.6).
    pub strict_osv: bool,
    /// CPU architectures that the project declares; none means all.
    pub arch: &'a [String],
    /// Operating systems that the project declares; none means all.
    pub os: &'a [String],
    /// Versions that the registry is known to have: more candidates for a fix.
    pub released: &'a [String],
    /// The distribution mends each release by itself: without one, only listed versions say something.
    pub(crate) needs_release: bool,
}

/// What one record says about one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assessment {
    Affected,
    Unaffected,
    Undetermined(UndeterminedReason),
}

/// What one entry says about the version, with what decided it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome<'e> {
    Affected(&'e Claim, Because<'e>),
    /// The reason, and the event that could not be read; empty when it is the version.
    Undetermined(UndeterminedReason, &'e str),
    Unaffected,
    /// Only a bound outside the events says so.
    AboveCeiling,
    /// The entry makes no claim.
    Silent,
}

/// Why a claim covers the version.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Because<'e> {
    Within(&'e Interval),
    Listed(&'e str),
}

/// Evaluates every claim; a claim that covers the version wins over one that cannot be decided.
pub(crate) fn evaluate<'e>(entry: &'e Entry, subject: &Subject<'_>, options: &Options<'_>) -> Outcome<'e> {
    if entry.withdrawn {
        return Outcome::Silent;
    }
    let claims = entry.claims.iter().filter(|claim| subject.is_meant_by(claim));
    let outcomes = claims.map(|claim| claim.evaluate(subject, options));
    let mut strongest = Outcome::Silent;
    for outcome in outcomes {
        if matches!(outcome, Outcome::Affected(..)) {
            return outcome;
        }
        if outcome.strength() > strongest.strength() {
            strongest = outcome;
        }
    }
    strongest
}

impl Outcome<'_> {
    fn strength(&self) -> u8 {
        match self {
            Self::Silent => 0,
            Self::Unaffected => 1,
            Self::AboveCeiling => 2,
            Self::Undetermined(..) => 3,
            Self::Affected(..) => 4,
        }
    }
}

impl Claim {
    fn evaluate(&self, subject: &Subject<'_>, options: &Options<'_>) -> Outcome<'_> {
        if self.is_silent() {
            return Outcome::Silent;
        }
        if excludes(&self.arch, options.arch) || excludes(&self.os, options.os) {
            return Outcome::Unaffected;
        }
        if subject.defect() == Some(UndeterminedReason::NoVersion) {
            return Outcome::Undetermined(UndeterminedReason::NoVersion, "");
        }
        if let Some(text) = self.lists(subject) {
            return Outcome::Affected(self, Because::Listed(text));
        }
        match subject.defect() {
            Some(reason) => Outcome::Undetermined(reason, ""),
            None if options.needs_release && self.release.is_some() && subject.release().is_none() => {
                Outcome::Undetermined(UndeterminedReason::ReleaseUnknown, "")
            }
            None => self.evaluate_ranges(subject, options),
        }
    }

    /// By parsed equality, then by text; a listed version without local label is all its local builds.
    fn lists(&self, subject: &Subject<'_>) -> Option<&str> {
        let find = |key| {
            let at = self.listed.binary_search_by(|listed| listed.key.cmp(key)).ok()?;
            self.listed.get(at).map(|listed| listed.text.as_str())
        };
        let by_key = subject
            .keys()
            .and_then(|(key, public)| find(key).or_else(|| find(public)));
        let literally = || self.literal.iter().find(|text| *text == subject.text());
        by_key.or_else(|| literally().map(String::as_str))
    }

    fn evaluate_ranges(&self, subject: &Subject<'_>, options: &Options<'_>) -> Outcome<'_> {
        let found = self.ranges.iter().find_map(|range| range.find_subject(subject));
        match found {
            Some(_) if !options.strict_osv && self.is_above_ceiling(subject) => Outcome::AboveCeiling,
            Some(interval) => Outcome::Affected(self, Because::Within(interval)),
            None => self.unread(),
        }
    }

    fn is_above_ceiling(&self, subject: &Subject<'_>) -> bool {
        let Some((ceiling, (key, public))) = self.ceiling.as_ref().zip(subject.keys()) else {
            return false;
        };
        !reaches(ceiling, key, public)
    }

    /// No range covers the version: is there one that could not be asked?
    fn unread(&self) -> Outcome<'_> {
        let unread = self.ranges.iter().find_map(|range| match range {
            Range::Unknown(reason, detail) => Some(Outcome::Undetermined(*reason, detail)),
            Range::Known(_) => None,
        });
        match unread {
            Some(outcome) => outcome,
            None if self.git_only => {
                Outcome::Undetermined(UndeterminedReason::GitOnly, "only commits are named")
            }
            None => Outcome::Unaffected,
        }
    }
}

/// A filter excludes only a project that declares its targets, none of which is affected (§2.7).
fn excludes(affected: &[String], declared: &[String]) -> bool {
    !affected.is_empty() && !declared.is_empty() && !declared.iter().any(|target| affected.contains(target))
}

/// Whether a record affects a version of a package, by the OSV schema alone.
///
/// `ecosystem` is the component's OSV ecosystem, with its release where it has one (`Debian:12`).
#[must_use]
pub fn evaluate_record(ecosystem: &str, record: &Record, package: &str, version: Option<&str>) -> Assessment {
    let (base, release) = split_ecosystem(ecosystem);
    let known = ecosystems::by_name(ecosystem);
    let name = known.map_or(package.into(), |known| known.normalize(package));
    let (advisory, _) = Advisory::compile(record);
    let ours = advisory.packages.iter();
    let ours = ours.filter(|package| package.ecosystem == base && package.name == name);
    let release = release.and_then(|text| match known?.distribution() {
        Some(distribution) => distribution.release(text),
        None => Some(text.to_owned()),
    });
    let installed = Installed {
        version: version.unwrap_or_default(),
        release: release.as_deref(),
        ..Installed::default()
    };
    let options = Options {
        strict_osv: true,
        needs_release: needs_release(base),
        ..Options::default()
    };
    let mut assessment = Assessment::Unaffected;
    for package in ours {
        match (known, version) {
            (Some(known), _) => {
                let subject = Subject::of(known, &installed);
                match evaluate(&package.entry, &subject, &options) {
                    Outcome::Affected(..) => return Assessment::Affected,
                    Outcome::Undetermined(reason, _) => assessment = Assessment::Undetermined(reason),
                    Outcome::Unaffected | Outcome::AboveCeiling | Outcome::Silent => {}
                }
            }
            (None, Some(text)) if package.entry.lists_literally(text) => return Assessment::Affected,
            (None, _) if package.entry.makes_a_claim() => {
                assessment = Assessment::Undetermined(UndeterminedReason::UnsupportedEcosystem);
            }
            (None, _) => {}
        }
    }
    assessment
}

impl Entry {
    /// Versions of an ecosystem that cannot be compared still match by their exact text.
    fn lists_literally(&self, version: &str) -> bool {
        let mut literal = self.claims.iter().flat_map(|claim| &claim.literal);
        !self.withdrawn && literal.any(|text| text == version)
    }

    pub(crate) fn makes_a_claim(&self) -> bool {
        !self.withdrawn && self.claims.iter().any(|claim| !claim.is_silent())
    }
}
