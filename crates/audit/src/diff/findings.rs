//! Findings that opened or closed.

use std::collections::{BTreeMap, HashMap};

use policy::{Cause, Finding};

use super::components::{Package, PackageKey, Packages, key};
use super::{Difference, FindingClosed, FindingOpened, Resolution};
use crate::{Report, worst_first};

/// The findings of one package and one alias group on both sides.
#[derive(Default)]
struct Group<'r> {
    before: Vec<&'r Finding>,
    after: Vec<&'r Finding>,
}

pub(super) fn compare(
    before: &Report,
    after: &Report,
    old: &Packages,
    new: &Packages,
    difference: &mut Difference,
) {
    for ((package, _), group) in groups(&before.findings, &after.findings) {
        for finding in surplus(&group.after, &group.before) {
            difference.introduced.push(FindingOpened {
                cause: new.get(&package).and_then(|_| cause(finding, old.get(&package))),
                finding: finding.clone(),
            });
        }
        for finding in surplus(&group.before, &group.after) {
            let closed = FindingClosed {
                resolution: match old.get(&package) {
                    Some(_) => resolution(finding, new.get(&package)),
                    None => Resolution::ProductChanged,
                },
                finding: finding.clone(),
            };
            match closed.resolution {
                Resolution::NoLongerChecked(_) => difference.unknown.push(closed),
                _ => difference.fixed.push(closed),
            }
        }
    }
    difference
        .introduced
        .sort_by(|a, b| worst_first(&a.finding, &b.finding));
    difference
        .fixed
        .sort_by(|a, b| worst_first(&a.finding, &b.finding));
    difference
        .unknown
        .sort_by(|a, b| worst_first(&a.finding, &b.finding));
}

/// Findings by package and alias group. Groups that share any id are one: the canonical id may have changed.
fn groups<'r>(before: &'r [Finding], after: &'r [Finding]) -> BTreeMap<(PackageKey, usize), Group<'r>> {
    let mut numbers: HashMap<(PackageKey, &str), usize> = HashMap::new();
    let mut groups: BTreeMap<(PackageKey, usize), Group<'r>> = BTreeMap::new();
    let sides = before
        .iter()
        .map(|finding| (finding, false))
        .chain(after.iter().map(|finding| (finding, true)));
    for (finding, is_after) in sides {
        let package = package_of(finding);
        let next = groups.len();
        let number = ids(finding)
            .find_map(|id| numbers.get(&(package.clone(), id)).copied())
            .unwrap_or(next);
        for id in ids(finding) {
            numbers.entry((package.clone(), id)).or_insert(number);
        }
        let group = groups.entry((package, number)).or_default();
        let side = if is_after {
            &mut group.after
        } else {
            &mut group.before
        };
        side.push(finding);
    }
    groups
}

fn ids(finding: &Finding) -> impl Iterator<Item = &str> {
    std::iter::once(&finding.canonical)
        .chain(&finding.aliases)
        .map(String::as_str)
}

fn package_of(finding: &Finding) -> PackageKey {
    let component = &finding.component;
    let purl = Some(component.purl.as_str()).filter(|purl| !purl.is_empty());
    key(purl, &component.name)
}

/// The findings by which `side` has more than `other`, versions that `other` does not have first.
fn surplus<'r>(side: &[&'r Finding], other: &[&'r Finding]) -> Vec<&'r Finding> {
    let shared = |finding: &Finding| {
        other
            .iter()
            .any(|there| there.component.version == finding.component.version)
    };
    let mut ordered = side.to_vec();
    ordered.sort_by(|a, b| shared(a).cmp(&shared(b)).then_with(|| worst_first(a, b)));
    ordered.truncate(side.len().saturating_sub(other.len()));
    ordered
}

/// Why a finding is there that was not.
fn cause(finding: &Finding, before: Option<&Package>) -> Option<Cause> {
    let version = &finding.component.version;
    match before {
        None => Some(Cause::ComponentAdded),
        Some(package) if !package.has(version) => Some(Cause::VersionChanged),
        Some(package) if package.why_not(version).is_some() => None,
        // The same version was checked before: what changed is what is known of it.
        Some(_) => match finding.cause {
            Some(Cause::AdvisoryChanged) => Some(Cause::AdvisoryChanged),
            _ => Some(Cause::AdvisoryPublished),
        },
    }
}

/// Why a finding is not there that was.
fn resolution(finding: &Finding, after: Option<&Package>) -> Resolution {
    let version = &finding.component.version;
    match after {
        None => Resolution::ComponentRemoved,
        Some(package) if !package.has(version) => match package.any_why_not() {
            Some(why) => Resolution::NoLongerChecked(why),
            None => Resolution::VersionChanged,
        },
        Some(package) => match package.why_not(version) {
            Some(why) => Resolution::NoLongerChecked(why),
            None => Resolution::AdvisoryChanged,
        },
    }
}
