//! What was there before (`gate.md` §7).

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::Finding;
use crate::purls::in_order_of;

/// The findings of the build that a judgement compares with.
///
/// A finding is new when its alias group is absent from the package there, so that a moved lockfile or a version bump that
/// keeps the bug is not new. When more versions of the package have it than before, as many of them are new.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    /// Versions by any id of the group and the name of the package.
    versions: HashMap<(String, String), BTreeSet<String>>,
}

impl Baseline {
    /// Adds a finding of the baseline.
    pub fn insert(&mut self, finding: &Finding) {
        for id in std::iter::once(&finding.canonical).chain(&finding.aliases) {
            self.add(id, &finding.component.name, &finding.component.version);
        }
    }

    /// Adds one id of a finding.
    pub fn add(&mut self, id: &str, package: &str, version: &str) {
        let key = (id.to_ascii_uppercase(), package.to_owned());
        self.versions.entry(key).or_default().insert(version.to_owned());
    }

    /// The versions of the package that had the vulnerability under any of its ids.
    fn of(&self, finding: &Finding) -> BTreeSet<&str> {
        std::iter::once(&finding.canonical)
            .chain(&finding.aliases)
            .filter_map(|id| {
                let key = (id.to_ascii_uppercase(), finding.component.name.clone());
                self.versions.get(&key)
            })
            .flatten()
            .map(String::as_str)
            .collect()
    }

    /// The ids of those findings that are new.
    #[must_use]
    pub fn new_ones(&self, findings: &[Finding]) -> HashSet<String> {
        let mut groups: HashMap<(&str, &str), Vec<&Finding>> = HashMap::new();
        for finding in findings {
            let key = (finding.canonical.as_str(), finding.component.name.as_str());
            groups.entry(key).or_default().push(finding);
        }
        groups
            .into_values()
            .flat_map(|group| self.new_of(group))
            .collect()
    }

    fn new_of(&self, mut group: Vec<&Finding>) -> Vec<String> {
        let before = group.first().map(|first| self.of(first)).unwrap_or_default();
        let more = group.len().saturating_sub(before.len());
        group.retain(|finding| !before.contains(finding.component.version.as_str()));
        group.sort_by(|a, b| by_version(a, b));
        let kept = group.len().saturating_sub(more);
        group
            .split_off(kept)
            .into_iter()
            .map(|finding| finding.id.clone())
            .collect()
    }
}

fn by_version(a: &Finding, b: &Finding) -> Ordering {
    let (left, right) = (&a.component, &b.component);
    in_order_of(&left.ecosystem, &left.version, &right.version)
        .unwrap_or_else(|| left.version.cmp(&right.version))
        .then_with(|| a.id.cmp(&b.id))
}

impl<'a> FromIterator<&'a Finding> for Baseline {
    fn from_iter<I: IntoIterator<Item = &'a Finding>>(findings: I) -> Self {
        let mut baseline = Self::default();
        for finding in findings {
            baseline.insert(finding);
        }
        baseline
    }
}
