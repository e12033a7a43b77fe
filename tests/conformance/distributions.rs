//! Packages of operating systems: one image, listed by several tools, and real advisories of distributions.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::path::Path;

use advisories::{Advisory, Entry, MatchResult, Record, match_package, tracker};
use clock::Timestamp;
use inventory::{Inventory, formats};
use serde_json::{Value, json};
use store::packages::Identity;

use crate::data;

/// Entries by package name.
type Known = HashMap<String, Vec<Entry>>;

/// What affects each package, by name.
type Found = BTreeMap<String, BTreeSet<String>>;

fn known(records: impl Iterator<Item = Record>, ecosystem: &str) -> Known {
    let mut known = Known::new();
    for record in records {
        let (advisory, _) = Advisory::compile(&record);
        for package in advisory
            .packages
            .into_iter()
            .filter(|package| package.ecosystem == ecosystem)
        {
            known.entry(package.name).or_default().push(package.entry);
        }
    }
    known
}

/// The advisories made of the changelogs of the image's own packages, as Debian's tracker writes them.
fn changelogs() -> Known {
    let path = data::shared("containers/tracker-from-changelogs.json");
    let json = std::fs::read(path).expect("the fixture");
    let (records, remarks) = tracker::records(&json, Timestamp::from_millis(0)).expect("a tracker");
    assert_eq!(remarks, Vec::<String>::new());
    let parse = |record: Value| Record::parse(record.to_string().as_bytes()).expect("a record");
    known(records.into_iter().map(parse), tracker::ECOSYSTEM)
}

fn read(path: &Path) -> Inventory {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    read_bytes(&bytes)
}

fn read_bytes(bytes: &[u8]) -> Inventory {
    formats::read(bytes, &formats::Limits::default())
        .expect("an SBOM")
        .0
}

/// Every match of the packages of one ecosystem; each must be checked.
fn matches(inventory: &Inventory, ecosystem: &str, known: &Known) -> Vec<(Identity, MatchResult)> {
    let identities = Identity::all(inventory).into_iter();
    let packages = identities.filter(|identity| identity.ecosystem == ecosystem);
    packages
        .map(|identity| {
            let entries = known
                .get(&identity.subject)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let result = match_package(ecosystem, entries, &identity.installed());
            let result = result.unwrap_or_else(|| panic!("{} is not checked", identity.text));
            (identity, result)
        })
        .collect()
}

fn found(matches: &[(Identity, MatchResult)]) -> Found {
    let mut found = Found::new();
    for (identity, result) in matches {
        assert!(result.undetermined.is_empty(), "{}", identity.text);
        for group in &result.affected {
            found
                .entry(identity.name.clone())
                .or_default()
                .insert(group.canonical.clone());
        }
    }
    found
}

#[test]
fn the_lists_of_one_image_by_three_tools_give_the_same_64_cves() {
    let known = changelogs();
    let mut lists = Vec::new();
    for file in [
        "syft-oci-archive-cdx.json.gz",
        "trivy-cdx-oci.json.gz",
        "syft-spdx.json.gz",
    ] {
        let inventory = read(&data::shared("containers").join(file));
        let matches = matches(&inventory, "Debian", &known);
        assert_eq!(matches.len(), 102, "{file}: every package is checked");
        lists.push((file, found(&matches)));
    }
    let (_, first) = &lists[0];
    for (file, found) in &lists {
        assert_eq!(found, first, "{file}");
    }
    let cves: BTreeSet<&String> = first.values().flatten().collect();
    let findings: usize = first.values().map(BTreeSet::len).sum();
    assert_eq!((cves.len(), findings, first.len()), (64, 125, 13));
    assert!(cves.iter().all(|id| id.starts_with("CVE-")));
}

#[test]
fn the_version_of_the_source_is_compared_and_the_evidence_says_so() {
    let inventory = read(&data::shared("containers/trivy-cdx-oci.json.gz"));
    // Built from util-linux 2.38.1-5+deb12u3, the package itself has epoch 1.
    let record = json!({"id": "X-1", "modified": "2024-01-01T00:00:00Z", "affected": [{
        "package": {"ecosystem": "Debian:12", "name": "util-linux"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.38.1-5+deb12u4"}]}],
    }]});
    let record = Record::parse(record.to_string().as_bytes()).expect("a record");
    let known = known(std::iter::once(record), "Debian");
    let matches = matches(&inventory, "Debian", &known);
    let bsdutils = matches.iter().find(|(identity, _)| identity.name == "bsdutils");
    let (identity, result) = bsdutils.expect("the package");
    assert_eq!(identity.version, "1:2.38.1-5+deb12u3");
    let [group] = result.affected.as_slice() else {
        panic!("{result:?}");
    };
    assert_eq!(group.evidence.notes, ["via source util-linux 2.38.1-5+deb12u3"]);
}

/// A document of these packages: purl and origin.
fn alpine(packages: &[(&str, &str, &str)]) -> Inventory {
    let components = packages.iter().map(|(name, version, origin)| {
        let purl = format!("pkg:apk/alpine/{name}@{version}?distro=alpine-3.18.4&upstream={origin}");
        json!({"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl})
    });
    let components: Vec<Value> = components.collect();
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components});
    read_bytes(document.to_string().as_bytes())
}

/// The package database of `images/alpine318`, which is a tar in a tar.
fn alpine_packages() -> Vec<(String, String, String)> {
    let mut image = Vec::new();
    let file = std::fs::File::open(data::shared("images/alpine318.docker.tar"));
    file.expect("the image")
        .read_to_end(&mut image)
        .expect("it can be read");
    let text = String::from_utf8_lossy(&image);
    let start = text
        .find("C:Q1")
        .expect("a package database lies in the image as it is");
    let database = text[start..].split('\0').next().expect("a database");
    let packages = database.split("\n\n").filter_map(|block| {
        let field = |key: &str| {
            block
                .lines()
                .find_map(|line| line.strip_prefix(key))
                .map(str::to_owned)
        };
        Some((field("P:")?, field("V:")?, field("o:")?))
    });
    packages.collect()
}

#[test]
fn alpine_packages_are_matched_by_their_origin() {
    let packages = alpine_packages();
    assert_eq!(packages.len(), 15);
    let rows: Vec<(&str, &str, &str)> = packages
        .iter()
        .map(|(p, v, o)| (p.as_str(), v.as_str(), o.as_str()))
        .collect();
    let known = known(data::records("Alpine").into_iter(), "Alpine");
    let found = found(&matches(&alpine(&rows), "Alpine", &known));
    // Counted apart, by comparing the numbers of each `fixed` event for v3.18 by hand.
    let counts: Vec<(&str, usize)> = found
        .iter()
        .map(|(name, ids)| (name.as_str(), ids.len()))
        .collect();
    let expected = [
        ("busybox", 5),
        ("busybox-binsh", 5),
        ("libcrypto3", 16),
        ("libssl3", 16),
        ("musl", 1),
        ("musl-utils", 1),
        ("ssl_client", 5),
    ];
    assert_eq!(counts, expected);
    assert_eq!(found.values().flatten().collect::<BTreeSet<_>>().len(), 22);
}

#[test]
fn packages_of_almalinux_are_matched_with_their_epoch_in_their_release() {
    let known = known(data::records("AlmaLinux").into_iter(), "AlmaLinux");
    let document = |purl: &str| {
        let component = json!({"type": "library", "name": "openssl-libs", "purl": purl});
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]});
        read_bytes(document.to_string().as_bytes())
    };
    for purl in [
        "pkg:rpm/almalinux/openssl-libs@3.0.7-16.el9_2?arch=x86_64&distro=almalinux-9.2&epoch=1",
        "pkg:rpm/almalinux/openssl-libs@1:3.0.7-16.el9_2?arch=x86_64&distro=almalinux-9&upstream=openssl-3.0.7-16.el9_2.src.rpm",
    ] {
        let matches = matches(&document(purl), "AlmaLinux", &known);
        let found = found(&matches);
        // Of the errata of release 9 that name the package, five were out already; counted by hand.
        assert_eq!(found.get("openssl-libs").map(BTreeSet::len), Some(10), "{purl}");
        let (_, result) = &matches[0];
        let erratum = result
            .affected
            .iter()
            .find(|group| group.canonical == "ALSA-2025:1330");
        let erratum = erratum.expect("an erratum");
        assert_eq!(
            erratum.severity.level,
            advisories::Severity::High,
            "its title says Important"
        );
        assert_eq!(erratum.upstream, ["CVE-2024-12797"]);
    }
}

#[test]
fn published_versions_of_distributions_are_read() {
    // dpkg itself refuses a version whose revision is empty.
    for (ecosystem, broken) in [
        ("Debian", &["1:0.23.0+dfsg-"][..]),
        ("Alpine", &[]),
        ("AlmaLinux", &[]),
    ] {
        let comparator = ecosystems::by_name(ecosystem).expect(ecosystem);
        let mut refused = BTreeSet::new();
        for record in data::records(ecosystem) {
            for affected in &record.affected {
                let events = affected.ranges.iter().flat_map(|range| &range.events);
                let texts = events.flat_map(|event| [&event.introduced, &event.fixed, &event.last_affected]);
                for text in texts.flatten().filter(|text| *text != "0") {
                    if comparator.key(text).is_err() {
                        refused.insert(text.clone());
                    }
                }
            }
        }
        let refused: Vec<&str> = refused.iter().map(String::as_str).collect();
        assert_eq!(refused, broken, "{ecosystem}");
    }
}
