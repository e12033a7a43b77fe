//! Packages that came, went or changed.

use std::collections::{BTreeMap, BTreeSet};

use inventory::Purl;

use super::{ComponentChange, Difference, LicenseChange, PackageVersion};
use crate::{ComponentStatus, Report, WhyNotChecked, package_purl};

/// What makes two components one package: the package URL without version, or the name alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PackageKey {
    pub purl: Option<String>,
    pub name: String,
}

/// One package in one report.
#[derive(Debug, Default)]
pub(super) struct Package {
    /// Versions with their full package URLs; the empty version stands for none.
    versions: BTreeMap<String, Option<String>>,
    licenses: BTreeSet<String>,
    /// Versions that were not checked.
    unchecked: BTreeMap<String, WhyNotChecked>,
}

impl Package {
    pub(super) fn has(&self, version: &str) -> bool {
        self.versions.contains_key(version)
    }

    pub(super) fn why_not(&self, version: &str) -> Option<WhyNotChecked> {
        self.unchecked.get(version).copied()
    }

    /// Why some version of the package was not checked.
    pub(super) fn any_why_not(&self) -> Option<WhyNotChecked> {
        self.unchecked.values().next().copied()
    }

    fn add(&mut self, status: &ComponentStatus) {
        let version = status.version.clone().unwrap_or_default();
        self.licenses.extend(status.license.clone());
        if let Some(why) = status.why_not {
            self.unchecked.insert(version.clone(), why);
        }
        self.versions.insert(version, status.purl.clone());
    }

    /// The versions that `other` does not have.
    fn beyond(&self, other: &Self) -> Vec<String> {
        let mut versions: Vec<String> = self.versions.keys().cloned().collect();
        versions.retain(|version| !other.has(version));
        versions
    }
}

pub(super) type Packages = BTreeMap<PackageKey, Package>;

pub(super) fn packages(report: &Report) -> Packages {
    let mut packages = Packages::new();
    for status in &report.components {
        packages
            .entry(key(status.purl.as_deref(), &status.name))
            .or_default()
            .add(status);
    }
    packages
}

pub(super) fn key(purl: Option<&str>, name: &str) -> PackageKey {
    let purl: Option<Purl> = purl.and_then(|text| text.parse().ok());
    PackageKey {
        purl: purl.as_ref().map(package_purl),
        name: name.to_owned(),
    }
}

pub(super) fn compare(old: &Packages, new: &Packages) -> Difference {
    let mut difference = Difference::default();
    let nothing = Package::default();
    let keys: BTreeSet<&PackageKey> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let (before, after) = (old.get(key), new.get(key));
        compare_versions(
            key,
            before.unwrap_or(&nothing),
            after.unwrap_or(&nothing),
            &mut difference,
        );
        if let (Some(before), Some(after)) = (before, after)
            && before.licenses != after.licenses
        {
            difference.licenses.push(LicenseChange {
                name: key.name.clone(),
                purl: key.purl.clone(),
                before: before.licenses.iter().cloned().collect(),
                after: after.licenses.iter().cloned().collect(),
            });
        }
    }
    difference.added.sort();
    difference.removed.sort();
    difference.changed.sort();
    difference.licenses.sort();
    difference
}

/// Versions that only came were added, that only went were removed; with both, the package changed.
fn compare_versions(key: &PackageKey, before: &Package, after: &Package, difference: &mut Difference) {
    let (gone, came) = (before.beyond(after), after.beyond(before));
    if !gone.is_empty() && !came.is_empty() {
        difference.changed.push(ComponentChange {
            name: key.name.clone(),
            purl: key.purl.clone(),
            from: gone,
            to: came,
        });
        return;
    }
    difference.removed.extend(listed(key, before, gone));
    difference.added.extend(listed(key, after, came));
}

fn listed<'a>(
    key: &'a PackageKey,
    package: &'a Package,
    versions: Vec<String>,
) -> impl Iterator<Item = PackageVersion> + 'a {
    versions.into_iter().map(|version| PackageVersion {
        name: key.name.clone(),
        purl: package.versions.get(&version).cloned().flatten(),
        version: Some(version).filter(|version| !version.is_empty()),
    })
}
