//! The findings of other tools in real projects, package version by package version.
//!
//! What is compared: every package version of `Cargo.lock` and `package-lock.json` (3 formats), both ways, so
//! that a finding too many shows as well as one too few. For other lockfiles, which are not this test's
//! subject, only the package versions that the other tool found something in are asked about.

mod lockfile;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::PathBuf;

use advisories::{Class, Entry, match_version};
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

/// All package versions of the lockfile, or none when its format is not read here.
fn locked(project: &Value) -> Option<BTreeSet<(String, String)>> {
    let name = text(project, "lockfile");
    let path = data::unpacked()
        .join("projects")
        .join(text(project, "project"))
        .join(name);
    let read = || fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    match name {
        "Cargo.lock" => Some(lockfile::cargo(&read())),
        "package-lock.json" => Some(lockfile::npm(&read())),
        _ => None,
    }
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
    let mut asked = locked(project).unwrap_or_default();
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
            let found = finding["ids"].as_array().expect("ids").iter();
            theirs
                .entry(key)
                .or_default()
                .extend(found.map(|id| id.as_str().expect("an id").to_owned()));
        }
        ids += theirs.values().map(BTreeSet::len).sum::<usize>();
        whole += usize::from(locked(project).is_some());
        let ecosystem = text(project, "ecosystem");
        differences.extend(compare(project, ecosystem, &theirs, &by_ecosystem[ecosystem]));
    }
    assert_eq!((projects.len(), ids), (99, 5633));
    assert!(whole > 60, "{whole} lockfiles are compared whole");
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
