//! Every real bill of materials at hand, read by us and counted a second time by other means.

#![cfg(test)]

mod damage;
mod recount;
mod recount_text;
mod tree;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use inventory::Inventory;
use inventory::formats::{self, Limits};
use recount::recount;
use serde_json::Value;
use tree::plain;

/// What is counted twice.
#[derive(Debug, PartialEq, Eq)]
struct Counts {
    components: usize,
    edges: usize,
    licenses: usize,
}

#[test]
fn cyclonedx_json_is_counted_alike() {
    check_folder("cyclonedx-json", 357);
}

#[test]
fn spdx_json_is_counted_alike() {
    check_folder("spdx-json", 140);
}

#[test]
fn what_syft_and_npm_write_is_counted_alike() {
    check_folder("generated", 108);
}

fn check_folder(folder: &str, files: usize) {
    let mut failures = Vec::new();
    let paths = files_below(&sboms().join(folder));
    for path in &paths {
        let expect = recount(&plain(path));
        match formats::read(&fs::read(path).unwrap(), &Limits::default()) {
            Ok((inventory, _)) if counts(&inventory) == expect => {}
            Ok((inventory, _)) => failures.push(format!(
                "{}: {:?} is not {expect:?}",
                path.display(),
                counts(&inventory)
            )),
            Err(error) => failures.push(format!("{}: {error}", path.display())),
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        paths.len(),
        failures.join("\n")
    );
    assert_eq!(paths.len(), files, "the set is whole");
}

fn counts(inventory: &Inventory) -> Counts {
    Counts {
        components: inventory.components.len(),
        edges: inventory.edges.len(),
        licenses: inventory
            .components
            .iter()
            .map(|component| component.licenses.len())
            .sum(),
    }
}

/// The specification's own valid examples give no reason to complain about types or versions.
#[test]
fn valid_examples_are_read_without_complaint() {
    let mut valid = 0;
    for path in files_below(&sboms().join("cyclonedx-json")) {
        if !path.to_string_lossy().contains("__valid-") {
            continue;
        }
        valid += 1;
        let (_, notices) = formats::read(&fs::read(&path).unwrap(), &Limits::default()).unwrap();
        let complaint = notices
            .iter()
            .find(|notice| ["wrong_type", "unknown_version"].contains(&notice.code.as_str()));
        assert_eq!(complaint, None, "{}", path.display());
    }
    assert!(valid >= 100, "only {valid} valid examples");
}

#[test]
fn cyclonedx_xml_is_counted_alike() {
    check_folder("cyclonedx-xml", 243);
}

#[test]
fn spdx_tag_value_is_counted_alike() {
    check_folder("spdx-tagvalue", 19);
}

#[test]
fn spdx_yaml_is_counted_alike() {
    check_folder("spdx-yaml", 3);
}

#[test]
fn spdx_rdf_and_xml_are_counted_alike() {
    check_folder("spdx-rdf", 5);
}

#[test]
fn spdx_3_is_counted_alike() {
    check_folder("spdx3-jsonld", 46);
}

/// What the specification calls invalid is refused with a place, or noticed.
#[test]
fn invalid_examples_are_refused_or_noticed() {
    let (mut invalid, mut unnoticed) = (0, Vec::new());
    for folder in ["cyclonedx-json", "cyclonedx-xml"] {
        for path in files_below(&sboms().join(folder)) {
            if !path.to_string_lossy().contains("__invalid-") {
                continue;
            }
            invalid += 1;
            match formats::read(&fs::read(&path).unwrap(), &Limits::default()) {
                Err(error) => assert_ne!(error.place, "", "{}: an error has a place", path.display()),
                Ok((_, notices)) if notices.is_empty() => unnoticed.push(path),
                Ok(_) => {}
            }
        }
    }
    assert!(invalid >= 100, "only {invalid} invalid examples");
    assert!(unnoticed.is_empty(), "not noticed: {unnoticed:#?}");
}

/// Syft's own list of what it found is what we read from its documents.
#[test]
fn syft_documents_hold_what_syft_found() {
    let mut compared = 0;
    for path in files_below(&sboms().join("../expected/syft-inventory")) {
        let expected: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let expect: BTreeSet<_> = expected["packages"]
            .as_array()
            .unwrap()
            .iter()
            .map(triple)
            .collect();
        let project = expected["project"].as_str().unwrap();
        for kind in ["cdx", "spdx"] {
            let document = generated("syft-1.18.1", project, kind);
            let (inventory, _) = formats::read(&fs::read(&document).unwrap(), &Limits::default()).unwrap();
            let read: BTreeSet<_> = inventory.components.iter().filter_map(package).collect();
            assert_eq!(read, expect, "{}", document.display());
            compared += 1;
        }
    }
    assert_eq!(compared, 92, "every project was compared");
}

/// Syft calls types by languages, and leaves names as they stood in the lockfile.
fn triple(package: &Value) -> (String, String, String) {
    let part = |index: usize| package[index].as_str().unwrap_or_default().to_owned();
    match part(0).as_str() {
        "python" => (
            "pypi".to_owned(),
            part(1).to_lowercase().replace('_', "-"),
            part(2),
        ),
        "rust-crate" => ("cargo".to_owned(), part(1), part(2)),
        kind => (kind.to_owned(), part(1), part(2)),
    }
}

fn package(component: &inventory::Component) -> Option<(String, String, String)> {
    let purl = component.purl.as_ref()?;
    let version = component.version.clone().unwrap_or_default();
    Some((purl.kind().to_owned(), purl.package_name(), version))
}

fn generated(tool: &str, project: &str, kind: &str) -> PathBuf {
    let plain = sboms()
        .join("generated")
        .join(tool)
        .join(format!("{project}.{kind}.json"));
    if plain.exists() {
        plain
    } else {
        plain.with_extension("json.gz")
    }
}

// The files.

pub(crate) fn sboms() -> &'static Path {
    static SBOMS: OnceLock<PathBuf> = OnceLock::new();
    SBOMS.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let into = root.join("target/shared-data");
        let status = Command::new(root.join("../shared/data/unpack"))
            .arg(&into)
            .status();
        assert!(
            status.expect("the shared data are there").success(),
            "unpacking failed"
        );
        into.join("sboms")
    })
}

pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}
