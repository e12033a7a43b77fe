//! Every real bill of materials at hand, written anew in every format: valid by the published schemas, and read back
//! with all that it held.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use clock::Timestamp;
use inventory::formats::{self, Export, Heading, Limits};
use inventory::{Inventory, LicenseSource};
use serde_json::Value;

use crate::sboms::{files_below, sboms};

const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/schemas");

fn schema(name: &str) -> Value {
    let path = PathBuf::from(SCHEMAS).join(name);
    serde_json::from_slice(&fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .unwrap()
}

fn validator(name: &str) -> jsonschema::Validator {
    let registry = ["spdx.schema.json", "jsf-0.82.schema.json"].map(|name| {
        let address = format!("http://cyclonedx.org/schema/{name}");
        (address, jsonschema::Resource::from_contents(schema(name)))
    });
    jsonschema::options()
        .with_resources(registry.into_iter())
        .build(&schema(name))
        .unwrap()
}

fn inventories() -> impl Iterator<Item = (PathBuf, Inventory)> {
    files_below(&sboms()).into_iter().filter_map(|path| {
        let read = formats::read(&fs::read(&path).unwrap(), &Limits::default());
        read.ok().map(|(inventory, _)| (path, inventory))
    })
}

fn written(inventory: &Inventory, export: Export) -> Vec<u8> {
    let heading = Heading {
        uuid: "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d11",
        created: Timestamp::from_millis(1_764_000_000_123),
        tool: ("plumbline", "1.0.0"),
        name: "product",
    };
    let mut out = Vec::new();
    formats::write(inventory, &[], &heading, export, &mut out).unwrap();
    out
}

#[test]
fn json_exports_are_valid_by_the_published_schemas() {
    let cyclonedx = validator("bom-1.6.schema.json");
    let spdx = validator("spdx-2.3.schema.json");
    let mut seen = 0;
    let mut wrong = Vec::new();
    for (path, inventory) in inventories() {
        seen += 1;
        for (export, validator) in [(Export::CycloneDxJson, &cyclonedx), (Export::SpdxJson, &spdx)] {
            let document: Value = serde_json::from_slice(&written(&inventory, export)).unwrap();
            if let Some(error) = validator.iter_errors(&document).next() {
                wrong.push(format!(
                    "{} as {export}: {error} at {}",
                    path.display(),
                    error.instance_path()
                ));
            }
        }
    }
    assert!(seen > 600, "only {seen} documents were read");
    assert!(
        wrong.is_empty(),
        "{} of {seen}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What must survive: how often each component is there, with its licenses and hashes, and each edge by names.
#[derive(Debug, Default, PartialEq, Eq)]
struct Kept {
    components: BTreeMap<String, usize>,
    edges: BTreeSet<(String, String)>,
}

fn kept(inventory: &Inventory) -> Kept {
    let mut kept = Kept::default();
    let mut names = Vec::new();
    for component in &inventory.components {
        let purl = component.purl.as_ref().map(ToString::to_string);
        let name = format!(
            "{} {:?} {purl:?}",
            audit::package_name(component),
            component.version
        );
        let mut hashes: Vec<String> = component
            .hashes
            .iter()
            .map(|hash| format!("{}:{}", hash.algorithm, hash.value))
            .collect();
        hashes.sort();
        hashes.dedup();
        let license = |source| {
            let claims = component.licenses.iter().filter(|claim| claim.source == source);
            let read = licenses::read_all(claims.map(|claim| claim.text.as_str()));
            let text = match read.stated {
                licenses::Stated::Expression(expression) => expression.to_string(),
                other => format!("{other:?}"),
            };
            // A text that is no expression is a license of the document now.
            let plain: String = text
                .replace("LicenseRef-", "")
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .take(40)
                .collect();
            plain.to_lowercase()
        };
        let facts = format!(
            "{name} {:?} {:?} {} {} {hashes:?}",
            component.scope,
            component.source,
            license(LicenseSource::Declared),
            license(LicenseSource::Concluded)
        );
        *kept.components.entry(facts).or_default() += 1;
        names.push(name);
    }
    let name = |id: u32| names[id as usize].clone();
    kept.edges = inventory
        .edges
        .iter()
        .map(|(from, to)| (name(*from), name(*to)))
        .collect();
    kept
}

#[test]
fn every_export_is_read_back_with_all_that_it_held() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for (path, inventory) in inventories() {
        seen += 1;
        let expect = kept(&inventory);
        for export in Export::ALL {
            match formats::read(&written(&inventory, export), &Limits::default()) {
                Ok((back, _)) if kept(&back) == expect => {}
                Ok((back, _)) => wrong.push(format!(
                    "{} as {export}: {}",
                    path.display(),
                    difference(&expect, &kept(&back))
                )),
                Err(error) => wrong.push(format!("{} as {export}: {error}", path.display())),
            }
        }
    }
    assert!(seen > 600, "only {seen} documents were read");
    assert!(
        wrong.is_empty(),
        "{} of {seen}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn difference(expect: &Kept, found: &Kept) -> String {
    let lost = expect
        .components
        .iter()
        .find(|entry| found.components.get(entry.0) != Some(entry.1));
    let new = found
        .components
        .iter()
        .find(|entry| expect.components.get(entry.0) != Some(entry.1));
    let edge = expect.edges.symmetric_difference(&found.edges).next();
    format!("lost {lost:?}, new {new:?}, edge {edge:?}")
}

/// The parts of each element in the order of the schema's sequences, so far as we write them.
const ORDER: &[(&str, &[&str])] = &[
    (
        "bom",
        &[
            "metadata",
            "components",
            "services",
            "dependencies",
            "compositions",
            "vulnerabilities",
        ],
    ),
    (
        "metadata",
        &[
            "timestamp",
            "lifecycles",
            "tools",
            "authors",
            "component",
            "manufacturer",
            "supplier",
            "properties",
        ],
    ),
    (
        "component",
        &[
            "supplier",
            "manufacturer",
            "authors",
            "author",
            "publisher",
            "group",
            "name",
            "version",
            "description",
            "scope",
            "hashes",
            "licenses",
            "copyright",
            "cpe",
            "purl",
            "swid",
            "pedigree",
            "externalReferences",
            "properties",
            "components",
            "evidence",
            "tags",
        ],
    ),
    (
        "service",
        &[
            "provider",
            "group",
            "name",
            "version",
            "description",
            "endpoints",
            "authenticated",
            "x-trust-boundary",
            "licenses",
            "externalReferences",
            "properties",
            "services",
        ],
    ),
    (
        "vulnerability",
        &[
            "id",
            "source",
            "references",
            "ratings",
            "cwes",
            "description",
            "detail",
            "recommendation",
            "workaround",
            "advisories",
            "published",
            "updated",
            "analysis",
            "affects",
            "properties",
        ],
    ),
    (
        "analysis",
        &[
            "state",
            "justification",
            "responses",
            "detail",
            "firstIssued",
            "lastUpdated",
        ],
    ),
    ("license", &["id", "name", "text", "url"]),
    ("evidence", &["identity", "occurrences", "licenses", "copyright"]),
    (
        "pedigree",
        &[
            "ancestors",
            "descendants",
            "variants",
            "commits",
            "patches",
            "notes",
        ],
    ),
    ("composition", &["aggregate", "assemblies", "dependencies"]),
    (
        "rating",
        &["source", "score", "severity", "method", "vector", "justification"],
    ),
];

/// There is no validator of XML schemas at hand; this holds what the schema says of order, and that it is XML at all.
#[test]
fn xml_exports_keep_the_order_of_the_schema() {
    for (path, inventory) in inventories() {
        let bytes = written(&inventory, Export::CycloneDxXml);
        let mut reader = quick_xml::Reader::from_reader(bytes.as_slice());
        let mut open: Vec<(String, usize)> = Vec::new();
        loop {
            use quick_xml::events::Event;
            let event = reader
                .read_event()
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let (name, stays) = match &event {
                Event::Start(start) => (start.name().as_ref().to_vec(), true),
                Event::Empty(start) => (start.name().as_ref().to_vec(), false),
                Event::End(_) => {
                    open.pop();
                    continue;
                }
                Event::Eof => break,
                _ => continue,
            };
            let name = String::from_utf8(name).unwrap();
            if let Some((parent, last)) = open.last_mut()
                && let Some((_, order)) = ORDER.iter().find(|(element, _)| element == parent)
            {
                let position = order.iter().position(|part| *part == name);
                let position = position.unwrap_or_else(|| panic!("{}: {name} in {parent}", path.display()));
                assert!(
                    position >= *last,
                    "{}: {name} in {parent} comes too late",
                    path.display()
                );
                *last = position;
            }
            if stays {
                open.push((name, 0));
            }
        }
        assert!(open.is_empty());
    }
}
