//! What to upgrade to (`matching.md` §2.10).

use std::cell::OnceCell;

use ecosystems::{Ecosystem, Step, VersionKey};

use crate::aliases::Group;
use crate::entry::Entry;
use crate::evaluate::{Options, Outcome, evaluate};
use crate::range::Bound;
use crate::{Class, Fix, Subject};

/// Candidates that are tried before the answer is "none known".
const CANDIDATES: usize = 512;

/// Finds the fixes of one version; the best one for all groups together is sought once.
pub(crate) struct Fixes<'a> {
    ecosystem: &'a dyn Ecosystem,
    entries: &'a [Entry],
    subject: &'a Subject<'a>,
    options: &'a Options<'a>,
    groups: &'a [Group],
    /// Versions above the current one, the preferred first.
    candidates: OnceCell<Vec<Candidate>>,
    /// The preferred candidate that nothing affects.
    clean: OnceCell<Option<usize>>,
}

struct Candidate {
    version: Bound,
    step: Option<Step>,
    is_prerelease: bool,
}

impl<'a> Fixes<'a> {
    pub(crate) fn new(
        ecosystem: &'a dyn Ecosystem,
        entries: &'a [Entry],
        subject: &'a Subject<'a>,
        options: &'a Options<'a>,
        groups: &'a [Group],
    ) -> Self {
        Self {
            ecosystem,
            entries,
            subject,
            options,
            groups,
            candidates: OnceCell::new(),
            clean: OnceCell::new(),
        }
    }

    /// The fix for one group.
    ///
    /// First choice is the version that no vulnerability affects. Where there is none, because one of the
    /// others has no fix, the least version that mends this group and brings nothing new, and what remains.
    pub(crate) fn suggest(&self, group: &Group) -> Fix {
        let fixed_in = self.fixed_in(group);
        let mending = || self.candidates().iter().find(|c| self.mends(group, c));
        let Some(candidate) = self.clean().or_else(mending) else {
            return Fix {
                fixed_in,
                ..Fix::default()
            };
        };
        Fix {
            version: Some(candidate.version.text.clone()),
            kind: candidate.step,
            fixed_in,
            remaining: self.remaining(candidate),
        }
    }

    fn fixed_in(&self, group: &Group) -> Vec<String> {
        let entries = group.members.iter().filter_map(|index| self.entries.get(*index));
        let mut fixed: Vec<&Bound> = entries
            .flat_map(|entry| entry.fixed_for(self.subject))
            .filter(|fixed| self.is_above(&fixed.key))
            .collect();
        fixed.sort_by(|a, b| a.key.cmp(&b.key));
        fixed.dedup_by(|a, b| a.key == b.key);
        fixed.into_iter().map(|fixed| fixed.text.clone()).collect()
    }

    fn is_above(&self, key: &VersionKey) -> bool {
        self.subject.key().is_some_and(|current| key > current)
    }

    /// Releases before pre-releases, the same major before the next ones, then the least.
    fn candidates(&self) -> &[Candidate] {
        self.candidates.get_or_init(|| {
            let fixed = self.entries.iter().filter(|entry| !entry.withdrawn);
            let fixed = fixed.flat_map(|entry| entry.fixed_for(self.subject)).cloned();
            let released = self.options.released.iter();
            let released = released.filter_map(|text| Bound::parse(self.ecosystem, text));
            let mut versions: Vec<Bound> = fixed
                .chain(released)
                .filter(|version| self.is_above(&version.key) && !is_only_a_bound(&version.text))
                .collect();
            versions.sort_by(|a, b| a.key.cmp(&b.key));
            versions.dedup_by(|a, b| a.key == b.key);
            let mut candidates: Vec<Candidate> = versions.into_iter().map(|v| self.candidate(v)).collect();
            candidates.sort_by_key(|c| (c.is_prerelease, c.step.is_none_or(|step| step == Step::Major)));
            candidates.truncate(CANDIDATES);
            candidates
        })
    }

    fn candidate(&self, version: Bound) -> Candidate {
        Candidate {
            step: self.ecosystem.step(self.subject.text(), &version.text),
            is_prerelease: self.ecosystem.is_prerelease(&version.text),
            version,
        }
    }

    fn clean(&self) -> Option<&Candidate> {
        let candidates = self.candidates();
        let clean = self.clean.get_or_init(|| {
            let harms = |entry: &Entry, subject: &Subject<'_>| blocks(entry) && self.harms(entry, subject);
            candidates.iter().position(|candidate| {
                let subject = self.at(candidate);
                !self.entries.iter().any(|entry| harms(entry, &subject))
            })
        });
        clean.and_then(|at| candidates.get(at))
    }

    /// Whether the candidate ends this group without bringing another one that is not here yet.
    fn mends(&self, group: &Group, candidate: &Candidate) -> bool {
        let subject = self.at(candidate);
        let affected = |group: &Group, subject: &Subject<'_>| {
            let mut entries = group.members.iter().filter_map(|index| self.entries.get(*index));
            entries.any(|entry| self.harms(entry, subject))
        };
        let brings = |other: &Group| {
            let mut members = other.members.iter().filter_map(|index| self.entries.get(*index));
            members.any(blocks) && affected(other, &subject) && !affected(other, self.subject)
        };
        !affected(group, &subject) && !self.groups.iter().any(brings)
    }

    /// The groups that the candidate does not end, by the first id of each.
    fn remaining(&self, candidate: &Candidate) -> Vec<String> {
        let subject = self.at(candidate);
        let harmed = |group: &&Group| {
            let mut members = group.members.iter().filter_map(|index| self.entries.get(*index));
            members.any(|entry| blocks(entry) && self.harms(entry, &subject))
        };
        let name = |group: &Group| crate::identity::canonical(self.ecosystem.name(), &group.ids).to_owned();
        let mut remaining: Vec<String> = self.groups.iter().filter(harmed).map(name).collect();
        remaining.sort();
        remaining
    }

    fn at<'c>(&'c self, candidate: &'c Candidate) -> Subject<'c> {
        let version = &candidate.version;
        Subject::with_key(self.ecosystem, &version.text, &version.key).beside(self.subject)
    }

    /// What cannot be decided is no safe harbour.
    fn harms(&self, entry: &Entry, subject: &Subject<'_>) -> bool {
        matches!(
            evaluate(entry, subject, self.options),
            Outcome::Affected(..) | Outcome::Undetermined(..)
        )
    }
}

/// Whether a record keeps a version from being suggested; that nobody maintains a package does not.
fn blocks(entry: &Entry) -> bool {
    matches!(
        entry.class,
        Class::Malicious | Class::Vulnerability | Class::Unsound
    )
}

/// `1.2.4-0` is how databases write "above 1.2.3"; nobody released it.
fn is_only_a_bound(text: &str) -> bool {
    text.ends_with("-0")
}
