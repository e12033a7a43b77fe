//! RustSec's records, evaluated with the ranges of the `rustsec` crate as the oracle.
//!
//! What the oracle covers: `rustsec::osv::OsvRange` decides whether a version lies in an interval, and
//! `semver` orders versions. What it does not: the advisories' TOML is not in the data, so the intervals are
//! paired here from the events of the OSV export, in the order in which `rustsec` writes them.

use advisories::{Advisory, Entry, Record, match_version};
use rustsec::osv::OsvRange;
use semver::{Prerelease, Version};

use crate::data;

fn rustsec_records() -> Vec<Record> {
    let records = data::records("crates.io").into_iter();
    records
        .filter(|record| record.id.starts_with("RUSTSEC-") && record.withdrawn.is_none())
        .collect()
}

/// The ranges as the crate would hold them: `introduced` and the `fixed` that follows it.
fn oracle(record: &Record) -> Vec<OsvRange> {
    let events = record.affected.iter().flat_map(|affected| &affected.ranges);
    let mut ranges: Vec<OsvRange> = Vec::new();
    for event in events.flat_map(|range| &range.events) {
        let parse = |text: &String| Version::parse(text).expect("RustSec exports whole versions");
        if let Some(introduced) = &event.introduced {
            let introduced = (introduced != "0").then(|| parse(introduced));
            ranges.push(OsvRange {
                introduced,
                fixed: None,
            });
        }
        if let Some(fixed) = &event.fixed {
            let open = ranges.last_mut().expect("a fix follows an introduction");
            assert!(
                open.fixed.replace(parse(fixed)).is_none(),
                "{}: two fixes",
                record.id
            );
        }
    }
    ranges
}

/// The versions around a boundary, where a wrong comparison shows.
fn neighbours(version: &Version) -> Vec<Version> {
    let (major, minor, patch) = (version.major, version.minor, version.patch);
    let numbers = [
        (major, minor, patch),
        (major, minor, patch + 1),
        (major, minor, patch.saturating_sub(1)),
        (major, minor + 1, 0),
        (major, minor.saturating_sub(1), 99),
        (major + 1, 0, 0),
    ];
    let mut versions = vec![version.clone()];
    for (major, minor, patch) in numbers {
        for prerelease in ["", "0", "alpha.1", "rc.1", "zz"] {
            let mut near = Version::new(major, minor, patch);
            near.pre = Prerelease::new(prerelease).expect("a pre-release");
            versions.push(near);
        }
    }
    versions
}

fn boundaries(ranges: &[OsvRange]) -> Vec<Version> {
    let ends = ranges.iter().flat_map(|range| [&range.introduced, &range.fixed]);
    let mut versions: Vec<Version> = ends.flatten().flat_map(neighbours).collect();
    versions.extend(neighbours(&Version::new(0, 0, 0)));
    versions.extend(neighbours(&Version::new(99, 0, 0)));
    versions
}

#[test]
fn no_version_around_a_boundary_is_judged_differently() {
    let cargo = ecosystems::by_name("crates.io").expect("crates.io is known");
    let records = rustsec_records();
    assert_eq!(records.len(), 1193);
    let (mut asked, mut differ) = (0, Vec::new());
    for record in &records {
        let ranges = oracle(record);
        let (advisory, _) = Advisory::compile(record);
        let entries: Vec<Entry> = advisory
            .packages
            .into_iter()
            .map(|package| package.entry)
            .collect();
        for version in boundaries(&ranges) {
            let expected = ranges.iter().any(|range| range.affects(&version));
            let result = match_version(cargo, &entries, Some(&version.to_string()));
            asked += 1;
            if (result.affected.len() == 1) != expected || !result.undetermined.is_empty() {
                differ.push(format!("{} {version}: expected {expected}", record.id));
            }
        }
    }
    assert!(asked > 100_000, "only {asked} versions were asked about");
    assert!(
        differ.is_empty(),
        "{} differ:\n{}",
        differ.len(),
        differ.join("\n")
    );
}

/// `matching.md` §2.7: what RustSec merely informs about is no vulnerability.
#[test]
fn informational_records_keep_their_class() {
    let mut counts = std::collections::BTreeMap::new();
    for record in data::records("crates.io")
        .iter()
        .filter(|record| record.id.starts_with("RUSTSEC-"))
    {
        let (advisory, _) = Advisory::compile(record);
        let class = advisory.packages.first().map(|package| package.entry.class);
        *counts.entry(format!("{class:?}")).or_insert(0) += 1;
    }
    let class = |name: &str| counts.get(&format!("Some({name})")).copied();
    assert_eq!(class("Unmaintained"), Some(267));
    assert_eq!(class("Unsound"), Some(203));
    assert_eq!(class("Notice"), Some(6));
}

#[test]
fn target_filters_and_functions_are_read() {
    let (mut filtered, mut with_functions) = (0, 0);
    for record in data::records("crates.io")
        .iter()
        .filter(|record| record.id.starts_with("RUSTSEC-"))
    {
        let (advisory, _) = Advisory::compile(record);
        let claims = || advisory.packages.iter().flat_map(|package| &package.entry.claims);
        filtered += usize::from(claims().any(|claim| !claim.arch.is_empty() || !claim.os.is_empty()));
        with_functions += usize::from(claims().any(|claim| !claim.functions.is_empty()));
    }
    assert_eq!((filtered, with_functions), (33, 257));
}
