//! Counting components, edges and licenses with none of the readers' code but the canonical form of package URLs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use inventory::Purl;
use serde_json::Value;

use super::Counts;
use super::tree::Element;

#[derive(Default)]
pub struct Recount {
    /// The number of the component that a reference names.
    references: HashMap<String, usize>,
    identities: HashMap<(String, String), usize>,
    components: usize,
    edges: BTreeSet<(usize, usize)>,
    licenses: BTreeMap<usize, BTreeSet<(bool, String)>>,
}

/// Counts a document whose format is told by how it begins.
pub fn recount(bytes: &[u8]) -> Counts {
    let text = str::from_utf8(bytes)
        .expect("the examples are UTF-8")
        .trim_start();
    let mut recount = Recount::default();
    if text.starts_with('{') {
        recount.json(&serde_json::from_str(text).unwrap());
    } else if text.starts_with('<') {
        recount.xml(&Element::parse(text));
    } else if text.lines().any(|line| line.starts_with("SPDXVersion:")) {
        recount.tag_value(text);
    } else {
        recount.spdx(&serde_saphyr::from_str(text).unwrap());
    }
    recount.edges.retain(|(from, to)| from != to);
    Counts {
        components: recount.components,
        edges: recount.edges.len(),
        licenses: recount.licenses.values().map(BTreeSet::len).sum(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

impl Recount {
    fn json(&mut self, document: &Value) {
        if document["bomFormat"].is_string() {
            self.cyclonedx(document);
        } else if document["@graph"].is_array() {
            self.spdx3(document);
        } else {
            self.spdx(document);
        }
    }

    pub fn component(&mut self, reference: Option<&str>, purl: Option<&str>, version: Option<&str>) -> usize {
        let purl = purl.and_then(|text| Purl::lenient(text).ok());
        let version = version.filter(|v| !["", "NOASSERTION", "NONE"].contains(v));
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
        if let Some(reference) = reference {
            self.references.entry(reference.to_owned()).or_insert(number);
        }
        number
    }

    pub fn contains(&mut self, outer: usize, inner: usize) {
        self.edges.insert((outer, inner));
    }

    pub fn edge(&mut self, from: &str, to: &str) {
        let number = |reference: &str| self.references.get(reference).copied();
        if let Some(edge) = number(from).zip(number(to)) {
            self.edges.insert(edge);
        }
    }

    pub fn license(&mut self, component: usize, concluded: bool, text: &str) {
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
                self.edge(text(&dependency["ref"]), text(to));
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
        let number = self.component(component[reference].as_str(), purl, component["version"].as_str());
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
            let version = package["versionInfo"].as_str();
            let number = self.component(package["SPDXID"].as_str(), purl, version);
            for (key, concluded) in [("licenseDeclared", false), ("licenseConcluded", true)] {
                self.license(number, concluded, package[key].as_str().unwrap_or_default());
            }
        }
        for relationship in items(&document["relationships"]) {
            let word = |key: &str| relationship[key].as_str().unwrap_or_default();
            self.relationship(
                word("spdxElementId"),
                word("relationshipType"),
                word("relatedSpdxElement"),
            );
        }
    }

    pub fn relationship(&mut self, from: &str, kind: &str, to: &str) {
        match kind {
            "DEPENDS_ON" | "CONTAINS" | "HAS_PREREQUISITE" | "DYNAMIC_LINK" | "STATIC_LINK" => {
                self.edge(from, to);
            }
            "CONTAINED_BY"
            | "BUILD_TOOL_OF"
            | "DEV_TOOL_OF"
            | "TEST_TOOL_OF"
            | "PREREQUISITE_FOR"
            | "PACKAGE_OF"
            | "OPTIONAL_COMPONENT_OF" => self.edge(to, from),
            kind if kind.ends_with("DEPENDENCY_OF") => self.edge(to, from),
            _ => {}
        }
    }

    /// SPDX 3: one package for each package element; licenses are relationships to elements that have an expression.
    fn spdx3(&mut self, document: &Value) {
        let elements: Vec<&Value> = items(&document["@graph"]).collect();
        for element in &elements {
            if !text(&element["type"]).ends_with("Package") {
                continue;
            }
            let identifier = items(&element["externalIdentifier"])
                .filter(|identifier| {
                    text(&identifier["externalIdentifierType"])
                        .to_lowercase()
                        .contains("url")
                })
                .filter_map(|identifier| identifier["identifier"].as_str())
                .find(|identifier| identifier.starts_with("pkg:"));
            let purl = element["software_packageUrl"].as_str().or(identifier);
            let version = element["software_packageVersion"].as_str();
            self.component(element["spdxId"].as_str(), purl, version);
        }
        let mut licensed: BTreeMap<(usize, bool), BTreeSet<String>> = BTreeMap::new();
        for element in &elements {
            let from = text(&element["from"]);
            let kind = text(&element["relationshipType"]);
            for to in items(&element["to"]).filter_map(Value::as_str) {
                match kind {
                    "dependsOn" | "contains" | "hasDynamicLink" | "hasStaticLink" | "hasPrerequisite" => {
                        self.edge(from, to);
                    }
                    "usesTool" if element["scope"].is_string() => self.edge(from, to),
                    "hasDeclaredLicense" | "hasConcludedLicense" => {
                        let says_something = !["NoAssertion", "NOASSERTION", "None"].iter().any(|no| {
                            let license = elements.iter().find(|license| license["spdxId"] == *to);
                            let expression = license
                                .map_or(to, |license| text(&license["simplelicensing_licenseExpression"]));
                            expression.contains(no) || to.contains(no)
                        });
                        if let Some(number) = self.references.get(from).filter(|_| says_something) {
                            let key = (*number, kind == "hasConcludedLicense");
                            licensed.entry(key).or_default().insert(to.to_owned());
                        }
                    }
                    _ => {}
                }
            }
        }
        for (component, is_concluded) in licensed.into_keys() {
            self.license(component, is_concluded, "some license");
        }
    }
}
