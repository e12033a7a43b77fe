//! RustSec's advisories as they are written, against the ranges that the `rustsec` crate makes of the same text.

use advisories::{Advisory, Entry, Record, match_version, rustsec as text};
use rustsec::osv::ranges_for_advisory;
use semver::{Prerelease, Version};

/// Requirements in the forms that the database uses, around the same few versions.
const PATCHED: [&[&str]; 14] = [
    &[">= 1.2.3"],
    &["> 1.2.3"],
    &[">= 1"],
    &["^1.2.3", ">= 2.0.0"],
    &["~1.2", ">= 1.4.0-rc.1"],
    &["^0.3", ">= 0.5"],
    &["^0.0.4", ">= 0.1.0"],
    &["=1.0.1", ">= 1.1"],
    &[">= 1.2.3, < 1.3.0", ">= 1.4.1"],
    &["> 1.2.3-beta.2"],
    &[">= 2.0.0-0"],
    &["^1", ">= 3"],
    &[],
    &["~0.4", "^1.1"],
];
const UNAFFECTED: [&[&str]; 5] = [&[], &["< 0.2.0"], &["<= 0.1.9"], &["=0.2.0"], &["< 0.0.3"]];

fn advisory(patched: &[&str], unaffected: &[&str]) -> String {
    format!(
        "```toml\n[advisory]\nid = \"RUSTSEC-2024-0001\"\npackage = \"example\"\ndate = \"2024-05-01\"\n\n\
         [versions]\npatched = {patched:?}\nunaffected = {unaffected:?}\n```\n\n# Example reads too far\n\nIt does.\n"
    )
}

fn versions() -> Vec<Version> {
    let mut versions = Vec::new();
    for major in 0..4 {
        for minor in 0..6 {
            for patch in 0..5 {
                for pre in ["", "0", "alpha.1", "beta.2", "beta.2.0", "beta.3", "rc.1"] {
                    let mut version = Version::new(major, minor, patch);
                    version.pre = Prerelease::new(pre).expect("a pre-release");
                    versions.push(version);
                }
            }
        }
    }
    versions
}

#[test]
fn both_read_every_requirement_alike() {
    let cargo = ecosystems::by_name("crates.io").expect("crates.io is known");
    let versions = versions();
    let (mut asked, mut differ) = (0, Vec::new());
    for patched in PATCHED {
        for unaffected in UNAFFECTED {
            let written = advisory(patched, unaffected);
            // The crate refuses requirements that overlap; so would the database.
            let Ok(oracle) = written.parse::<rustsec::Advisory>() else {
                continue;
            };
            let ranges = ranges_for_advisory(&oracle.versions);
            let json = text::to_osv(written.as_bytes()).expect("what RustSec reads, we read");
            let record = Record::parse(&json).expect("a record");
            let packages = Advisory::compile(&record).0.packages;
            let entries: Vec<Entry> = packages.into_iter().map(|package| package.entry).collect();
            for version in &versions {
                let expected = ranges.iter().any(|range| range.affects(version));
                let result = match_version(cargo, &entries, Some(&version.to_string()));
                asked += 1;
                if result.affected.is_empty() == expected || !result.undetermined.is_empty() {
                    differ.push(format!(
                        "{patched:?} {unaffected:?} {version}: expected {expected}"
                    ));
                }
            }
        }
    }
    assert!(asked > 40_000, "only {asked} versions were asked about");
    assert!(
        differ.is_empty(),
        "{} differ: {:#?}",
        differ.len(),
        differ.get(..20)
    );
}
