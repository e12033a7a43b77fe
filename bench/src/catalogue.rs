//! Real package versions to build documents from: those of the demo's projects, and those that advisories name.
//!
//! Both come from the demo's data in this repository, so a benchmark needs nothing else and matches really happen.
//! Products consist of what projects use, and little of that is what advisories name: one version in
//! [`NAMED_ONE_IN`] is. With advisories' versions alone each component would have seven findings, which no product has.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Failure;
use crate::random::Random;

/// One package version as its package URL, `pkg:npm/%40babel/core@7.20.0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackageVersion {
    pub purl: String,
    pub name: String,
    pub version: String,
}

/// How many of one advisory's listed versions are taken: `PyPI` records list hundreds of the same package.
const VERSIONS_PER_RECORD: usize = 3;

/// One package version in so many is one that an advisory names.
const NAMED_ONE_IN: usize = 20;

/// Package versions by where they come from, each in one fixed order.
struct Catalogue {
    /// What the demo's projects are made of.
    used: Vec<PackageVersion>,
    /// What advisories name and no project uses.
    named: Vec<PackageVersion>,
}

impl Catalogue {
    fn load() -> Result<Self, Failure> {
        let mut used = BTreeSet::new();
        for line in lines("builds.jsonl.zst")? {
            let document: Document = serde_json::from_str(&line?)?;
            used.extend(document.components.into_iter().filter_map(Component::registered));
        }
        let mut named = BTreeSet::new();
        for line in lines("advisories.jsonl.zst")? {
            let known: Known = serde_json::from_str(&line?)?;
            named.extend(known.record.affected.into_iter().flat_map(Affected::versions));
        }
        let used = distinct(used);
        let purls: BTreeSet<&str> = used.iter().map(|package| package.purl.as_str()).collect();
        let mut named = distinct(named);
        named.retain(|package| !purls.contains(package.purl.as_str()));
        Ok(Self { used, named })
    }
}

/// The sources may spell the display name of one package differently.
fn distinct(found: BTreeSet<PackageVersion>) -> Vec<PackageVersion> {
    let mut found: Vec<_> = found.into_iter().collect();
    found.dedup_by(|next, kept| next.purl == kept.purl);
    found
}

/// Distinct package versions in an order that the seed determines; any part of it has the same mixture.
pub fn shuffled(seed: u64) -> Result<Vec<PackageVersion>, Failure> {
    let mut catalogue = Catalogue::load()?;
    let mut random = Random::new(seed);
    random.shuffle(&mut catalogue.used);
    random.shuffle(&mut catalogue.named);
    let mut named = catalogue.named.into_iter();
    let mut mixed = Vec::new();
    for used in catalogue.used.chunks(NAMED_ONE_IN - 1) {
        mixed.extend_from_slice(used);
        mixed.extend(named.next());
    }
    Ok(mixed)
}

fn lines(name: &str) -> Result<impl Iterator<Item = std::io::Result<String>>, Failure> {
    let path = demo().join(name);
    let file = std::fs::File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(BufReader::new(zstd::Decoder::new(file)?).lines())
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/plumbline/demo")
}

#[derive(Deserialize)]
struct Document {
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Component {
    purl: String,
    name: String,
    version: Option<String>,
}

impl Component {
    /// Packages of the registries only: a package URL with qualifiers means a fork or a local one.
    fn registered(self) -> Option<PackageVersion> {
        let version = self.version.filter(|_| !self.purl.contains('?'))?;
        Some(PackageVersion {
            purl: self.purl,
            name: self.name,
            version,
        })
    }
}

#[derive(Deserialize)]
struct Known {
    record: Record,
}

#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    affected: Vec<Affected>,
}

#[derive(Deserialize)]
struct Affected {
    package: Package,
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    ranges: Vec<Range>,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "type")]
    kind: String,
    events: Vec<Event>,
}

/// One end of a range: one of the three is there, or a kind of end that is of no use here.
#[derive(Deserialize)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

impl Affected {
    fn versions(self) -> Vec<PackageVersion> {
        let bounds = self
            .ranges
            .into_iter()
            .filter(|range| range.kind != "GIT")
            .flat_map(|range| range.events);
        let named = bounds.filter_map(|event| event.introduced.or(event.fixed).or(event.last_affected));
        let listed = self.versions.into_iter().take(VERSIONS_PER_RECORD);
        named
            .chain(listed)
            .filter_map(|version| self.package.at(version))
            .collect()
    }
}

impl Package {
    /// The package at a version; `None` for `0`, which only means the beginning, and for other ecosystems.
    fn at(&self, version: String) -> Option<PackageVersion> {
        let kind = match self.ecosystem.as_str() {
            "npm" => "npm",
            "PyPI" => "pypi",
            "crates.io" => "cargo",
            _ => return None,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
        if version == "0" || !version.chars().all(plain) {
            return None;
        }
        let purl = format!(
            "pkg:{kind}/{}@{}",
            self.name.replace('@', "%40"),
            version.replace('+', "%2B")
        );
        let name = self.name.rsplit('/').next().unwrap_or(&self.name).to_owned();
        Some(PackageVersion { purl, name, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_enough_versions_for_twelve_cold_rounds_of_a_thousand() {
        let catalogue = shuffled(1).unwrap();
        assert!(catalogue.len() >= 12_000, "{}", catalogue.len());
        let purls: BTreeSet<&str> = catalogue.iter().map(|package| package.purl.as_str()).collect();
        assert_eq!(purls.len(), catalogue.len(), "none twice");
        for kind in ["pkg:npm/", "pkg:pypi/", "pkg:cargo/"] {
            assert!(
                catalogue
                    .iter()
                    .filter(|package| package.purl.starts_with(kind))
                    .count()
                    > 500,
                "{kind}"
            );
        }
    }

    #[test]
    fn an_advisory_names_its_bounds_and_its_first_versions() {
        let affected = r#"{"package":{"ecosystem":"npm","name":"@a/b"},"versions":["1.0.0","1.1.0","1.2.0","1.3.0"],
            "ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"2.0.0+x"}]},
                      {"type":"GIT","events":[{"introduced":"abc"}]}]}"#;
        let affected: Affected = serde_json::from_str(affected).unwrap();
        let purls: Vec<_> = affected
            .versions()
            .into_iter()
            .map(|package| package.purl)
            .collect();
        assert_eq!(
            purls,
            [
                "pkg:npm/%40a/b@2.0.0%2Bx",
                "pkg:npm/%40a/b@1.0.0",
                "pkg:npm/%40a/b@1.1.0",
                "pkg:npm/%40a/b@1.2.0"
            ]
        );
    }
}
