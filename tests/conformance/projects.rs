//! The findings of other tools in real projects, package version by package version.
//!
//! What is compared: every package version of every lockfile as our readers give it, both ways, so that a finding
//! too many shows as well as one too few.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::PathBuf;

use advisories::{Class, Entry, match_version};
use ecosystems::lockfile::{Alone, Format};
use ecosystems::tree::NodeKind;
use inventory::Source;
use serde_json::Value;

use crate::data;

/// Ids by (package, version).
type Findings = BTreeMap<(String, String), BTreeSet<String>>;

fn expected(tool: &str) -> Vec<Value> {
    let folder = data::unpacked().join("expected").join(tool);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|file| file.expect("a file of the folder").path())
        .collect();
    files.sort();
    files.iter().map(|file| data::json(file)).collect()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {value}"))
}

/// All package versions that the lockfile takes from the default registry: no advisory speaks of others.
fn locked(project: &Value) -> BTreeSet<(String, String)> {
    let name = text(project, "lockfile");
    let folder = text(project, "project");
    let path = data::unpacked().join("projects").join(folder).join(name);
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let format = Format::of(name).unwrap_or_else(|| panic!("{name} is no lockfile"));
    let tree = format
        .read(&bytes, &Alone)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let public = tree
        .nodes
        .into_iter()
        .filter(|node| node.kind == NodeKind::Package && node.source == Source::Registry);
    public
        .filter_map(|node| Some((normalize(tree.ecosystem, &node.name), node.version?)))
        .collect()
}

/// The ids of the single records that affect the version, as the other tools report them.
fn matched(ecosystem: &str, entries: &[Entry], version: &str) -> BTreeSet<String> {
    let ecosystem = ecosystems::by_name(ecosystem).expect("an ecosystem that is matched");
    let result = match_version(ecosystem, entries, Some(version));
    assert!(
        result.undetermined.is_empty(),
        "{version}: {:?}",
        result.undetermined
    );
    let records = result
        .affected
        .into_iter()
        .flat_map(|group| group.evidence.records);
    records
        .filter(|record| record.affected)
        .map(|record| record.id)
        .collect()
}

/// The name under which the entries are kept.
fn normalize(ecosystem: &str, name: &str) -> String {
    let ecosystem = ecosystems::by_name(ecosystem).expect("an ecosystem that is matched");
    ecosystem.normalize(name).into_owned()
}

fn compare(
    project: &Value,
    ecosystem: &str,
    theirs: &Findings,
    entries: &HashMap<String, Vec<Entry>>,
) -> Vec<String> {
    let mut asked = locked(project);
    asked.extend(theirs.keys().cloned());
    let differs = asked.into_iter().filter_map(|(name, version)| {
        let entries = entries
            .get(&normalize(ecosystem, &name))
            .map_or(&[][..], Vec::as_slice);
        let ours = matched(ecosystem, entries, &version);
        let theirs = theirs
            .get(&(name.clone(), version.clone()))
            .cloned()
            .unwrap_or_default();
        (ours != theirs).then(|| {
            let more: Vec<_> = ours.difference(&theirs).collect();
            let less: Vec<_> = theirs.difference(&ours).collect();
            format!(
                "{} {name} {version}: only here {more:?}, only there {less:?}",
                text(project, "project")
            )
        })
    });
    differs.collect()
}

fn findings(project: &Value) -> impl Iterator<Item = &Value> {
    project["findings"].as_array().expect("a list of findings").iter()
}

#[test]
fn an_independent_matcher_finds_the_same() {
    let by_ecosystem: HashMap<&str, HashMap<String, Vec<Entry>>> = ["npm", "crates.io", "PyPI"]
        .map(|name| (name, data::entries(name)))
        .into();
    let projects = expected("osv-match");
    let (mut ids, mut whole, mut differences) = (0, 0, Vec::new());
    for project in &projects {
        let mut theirs = Findings::new();
        for finding in findings(project) {
            let key = (
                text(finding, "package").to_owned(),
                text(finding, "version").to_owned(),
            );
            let key = (normalize(text(project, "ecosystem"), &key.0), key.1);
            let found = finding["ids"].as_array().expect("ids").iter();
            theirs
                .entry(key)
                .or_default()
                .extend(found.map(|id| id.as_str().expect("an id").to_owned()));
        }
        ids += theirs.values().map(BTreeSet::len).sum::<usize>();
        whole += locked(project).len();
        let ecosystem = text(project, "ecosystem");
        differences.extend(compare(project, ecosystem, &theirs, &by_ecosystem[ecosystem]));
    }
    assert_eq!((projects.len(), ids), (99, 5633));
    assert!(whole > 40_000, "{whole} package versions are compared");
    assert!(
        differences.is_empty(),
        "{} differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn cargo_audit_finds_the_same_in_rustsec_records() {
    let mut entries = data::entries("crates.io");
    for entries in entries.values_mut() {
        entries.retain(|entry| entry.id.starts_with("RUSTSEC-"));
    }
    let projects = expected("cargo-audit");
    let (mut count, mut differences) = (0, Vec::new());
    for project in &projects {
        let mut theirs = Findings::new();
        for finding in findings(project) {
            let key = (
                text(finding, "package").to_owned(),
                text(finding, "version").to_owned(),
            );
            let key = (normalize("crates.io", &key.0), key.1);
            let id = text(finding, "id");
            assert_eq!(class(&entries, &key.0, id), text(finding, "kind"), "{id}");
            theirs.entry(key).or_default().insert(id.to_owned());
            count += 1;
        }
        differences.extend(compare(project, "crates.io", &theirs, &entries));
    }
    assert_eq!((projects.len(), count), (43, 1234));
    assert!(
        differences.is_empty(),
        "{} differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

fn class(entries: &HashMap<String, Vec<Entry>>, package: &str, id: &str) -> &'static str {
    let name = normalize("crates.io", package);
    let of_package = entries.get(&name).map_or(&[][..], Vec::as_slice);
    match of_package
        .iter()
        .find(|entry| entry.id == id)
        .map(|entry| entry.class)
    {
        Some(Class::Vulnerability) => "vulnerability",
        Some(Class::Unsound) => "unsound",
        Some(Class::Unmaintained) => "unmaintained",
        Some(Class::Notice) => "notice",
        Some(Class::Malicious) => "malicious",
        None => "absent",
    }
}
