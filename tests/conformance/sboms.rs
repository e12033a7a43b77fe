//! Every real bill of materials at hand, read by us and counted a second time from the plain JSON.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use inventory::formats::{self, Limits};
use inventory::{Inventory, Purl};
use serde_json::Value;

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
        let expect = recount(&serde_json::from_slice(&plain(path)).unwrap());
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

/// The other formats are known by name and refused, never read as something that they are not.
#[test]
fn formats_without_a_reader_are_refused_by_name() {
    for (folder, name, files) in [
        ("cyclonedx-xml", "CycloneDX XML", 243),
        ("spdx-tagvalue", "SPDX 2 tag-value", 19),
        ("spdx-yaml", "SPDX 2 YAML", 3),
        ("spdx-rdf", "SPDX ", 5),
        ("spdx3-jsonld", "SPDX 3 JSON-LD", 46),
    ] {
        let paths = files_below(&sboms().join(folder));
        for path in &paths {
            let error = formats::read(&fs::read(path).unwrap(), &Limits::default()).unwrap_err();
            assert!(error.message.contains(name), "{}: {error}", path.display());
        }
        assert_eq!(paths.len(), files, "{folder} is whole");
    }
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

/// Cutting and flipping real documents never panics, and what is still read is consistent.
#[test]
fn damaged_documents_never_panic() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut damaged = 0;
    for folder in ["cyclonedx-json", "spdx-json"] {
        for path in files_below(&sboms().join(folder)) {
            let bytes = plain(&path);
            if bytes.len() > 100_000 {
                continue;
            }
            for round in 0..8 {
                let mut copy = bytes.clone();
                let place = next(&mut random) % copy.len();
                if round == 0 {
                    copy.truncate(place);
                } else {
                    copy[place] = b"\0\"{}[],:019eax\xff"[next(&mut random) % 15];
                }
                if let Ok((inventory, _)) = formats::read(&copy, &Limits::default()) {
                    let count = u32::try_from(inventory.components.len()).unwrap();
                    assert!(
                        inventory
                            .edges
                            .iter()
                            .all(|(from, to)| *from < count && *to < count)
                    );
                }
                damaged += 1;
            }
        }
    }
    assert!(damaged > 2_000, "only {damaged} documents were damaged");
}

fn next(random: &mut u64) -> usize {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    usize::try_from(*random >> 33).unwrap()
}

// Counting from the plain JSON, with none of the readers' code but the canonical form of package URLs.

#[derive(Default)]
struct Recount {
    /// The number of the component that a reference names.
    references: HashMap<String, usize>,
    identities: HashMap<(String, String), usize>,
    components: usize,
    edges: BTreeSet<(usize, usize)>,
    licenses: BTreeMap<usize, BTreeSet<(bool, String)>>,
}

fn recount(document: &Value) -> Counts {
    let mut recount = Recount::default();
    if document["bomFormat"].is_string() {
        recount.cyclonedx(document);
    } else {
        recount.spdx(document);
    }
    recount.edges.retain(|(from, to)| from != to);
    Counts {
        components: recount.components,
        edges: recount.edges.len(),
        licenses: recount.licenses.values().map(BTreeSet::len).sum(),
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

impl Recount {
    fn component(&mut self, reference: &Value, purl: Option<&str>, version: &Value) -> usize {
        let purl = purl.and_then(|text| Purl::lenient(text).ok());
        let version = version.as_str().filter(|v| !v.is_empty() && *v != "NOASSERTION");
        let version = version
            .or(purl.as_ref().and_then(Purl::version))
            .unwrap_or_default()
            .to_owned();
        let identity = purl.map(|purl| (purl.to_string(), version));
        let known = identity
            .as_ref()
            .and_then(|identity| self.identities.get(identity).copied());
        let number = known.unwrap_or(self.components);
        self.components += usize::from(known.is_none());
        identity.map(|identity| self.identities.insert(identity, number));
        if let Some(reference) = reference.as_str() {
            self.references.entry(reference.to_owned()).or_insert(number);
        }
        number
    }

    fn edge(&mut self, from: &Value, to: &Value) {
        let number = |value: &Value| self.references.get(value.as_str()?).copied();
        if let Some(edge) = number(from).zip(number(to)) {
            self.edges.insert(edge);
        }
    }

    fn license(&mut self, component: usize, concluded: bool, text: &str) {
        if !["", "NOASSERTION", "NONE"].contains(&text.trim()) {
            self.licenses
                .entry(component)
                .or_default()
                .insert((concluded, text.trim().to_owned()));
        }
    }

    fn cyclonedx(&mut self, document: &Value) {
        let root = &document["metadata"]["component"];
        if root.is_object() {
            self.cyclonedx_component(root);
        }
        for component in items(&document["components"]) {
            self.cyclonedx_component(component);
        }
        for dependency in items(&document["dependencies"]) {
            for to in items(&dependency["dependsOn"]) {
                self.edge(&dependency["ref"], to);
            }
        }
    }

    fn cyclonedx_component(&mut self, component: &Value) -> usize {
        let purl = component["purl"].as_str();
        let reference = if component["bom-ref"].is_string() {
            "bom-ref"
        } else {
            "purl"
        };
        let number = self.component(&component[reference], purl, &component["version"]);
        for choice in items(&component["licenses"]) {
            let license = &choice["license"];
            let texts = [
                &choice["expression"],
                &license["id"],
                &license["name"],
                &license["url"],
            ];
            let text = texts.into_iter().find_map(Value::as_str).unwrap_or_default();
            let acknowledgements = [&license["acknowledgement"], &choice["acknowledgement"]];
            let concluded = acknowledgements.into_iter().find_map(Value::as_str) == Some("concluded");
            self.license(number, concluded, text);
        }
        for nested in items(&component["components"]) {
            let inner = self.cyclonedx_component(nested);
            self.edges.insert((number, inner));
        }
        number
    }

    fn spdx(&mut self, document: &Value) {
        for package in items(&document["packages"]) {
            let purl = items(&package["externalRefs"])
                .filter_map(|reference| reference["referenceLocator"].as_str())
                .find(|locator| locator.starts_with("pkg:"));
            let number = self.component(&package["SPDXID"], purl, &package["versionInfo"]);
            for (key, concluded) in [("licenseDeclared", false), ("licenseConcluded", true)] {
                self.license(number, concluded, package[key].as_str().unwrap_or_default());
            }
        }
        for relationship in items(&document["relationships"]) {
            let (from, to) = (
                &relationship["spdxElementId"],
                &relationship["relatedSpdxElement"],
            );
            match relationship["relationshipType"].as_str().unwrap_or_default() {
                "DEPENDS_ON" | "CONTAINS" | "HAS_PREREQUISITE" | "DYNAMIC_LINK" | "STATIC_LINK" => {
                    self.edge(from, to);
                }
                "CONTAINED_BY" | "BUILD_TOOL_OF" | "PREREQUISITE_FOR" => self.edge(to, from),
                kind if kind.ends_with("DEPENDENCY_OF") => self.edge(to, from),
                _ => {}
            }
        }
    }
}

// The files.

fn sboms() -> &'static Path {
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

fn files_below(folder: &Path) -> Vec<PathBuf> {
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

/// The document inflated and without a byte order mark.
fn plain(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let mut plain = Vec::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_end(&mut plain)
            .unwrap();
    } else {
        plain = bytes;
    }
    if plain.starts_with(b"\xef\xbb\xbf") {
        plain.drain(..3);
    }
    plain
}
