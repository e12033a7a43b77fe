//! Counting what is not JSON: XML of `CycloneDX` and SPDX, RDF, and tag-value.

use std::collections::HashMap;

use super::recount::Recount;
use super::tree::Element;

impl Recount {
    pub fn xml(&mut self, root: &Element) {
        match root.name.as_str() {
            "bom" => self.cyclonedx_xml(root),
            "RDF" => self.rdf(root),
            _ => self.spdx_xml(root),
        }
    }

    fn cyclonedx_xml(&mut self, bom: &Element) {
        if let Some(root) = bom
            .child("metadata")
            .and_then(|metadata| metadata.child("component"))
        {
            self.cyclonedx_xml_component(root);
        }
        for component in bom
            .child("components")
            .into_iter()
            .flat_map(|list| list.named("component"))
        {
            self.cyclonedx_xml_component(component);
        }
        let has_namespace = |element: &&Element| {
            element
                .attributes
                .iter()
                .all(|(name, _)| !name.starts_with("xmlns"))
        };
        for list in bom.named("dependencies").filter(has_namespace) {
            let everything = list.everything();
            for dependency in everything
                .into_iter()
                .filter(|element| element.name == "dependency")
            {
                for to in dependency.named("dependency") {
                    let reference =
                        |element: &Element| element.attribute("ref").unwrap_or_default().to_owned();
                    self.edge(&reference(dependency), &reference(to));
                }
            }
        }
    }

    fn cyclonedx_xml_component(&mut self, component: &Element) -> usize {
        let purl = component.text_of("purl");
        let reference = component.attribute("bom-ref").or(purl);
        let number = self.component(reference, purl, component.text_of("version"));
        for choice in component
            .child("licenses")
            .into_iter()
            .flat_map(|list| &list.children)
        {
            let text = match choice.name.as_str() {
                "expression" => Some(choice.text.as_str()),
                "license" => ["id", "name", "url"]
                    .into_iter()
                    .find_map(|name| choice.text_of(name)),
                _ => None,
            };
            let is_concluded = choice.attribute("acknowledgement") == Some("concluded");
            self.license(number, is_concluded, text.unwrap_or_default());
        }
        for nested in component
            .child("components")
            .into_iter()
            .flat_map(|list| list.named("component"))
        {
            let inner = self.cyclonedx_xml_component(nested);
            self.contains(number, inner);
        }
        number
    }

    fn spdx_xml(&mut self, document: &Element) {
        for package in document.named("packages") {
            let purl = package
                .named("externalRefs")
                .filter_map(|reference| reference.text_of("referenceLocator"))
                .find(|locator| locator.starts_with("pkg:"));
            let number = self.component(package.text_of("SPDXID"), purl, package.text_of("versionInfo"));
            self.license(
                number,
                false,
                package.text_of("licenseDeclared").unwrap_or_default(),
            );
            self.license(
                number,
                true,
                package.text_of("licenseConcluded").unwrap_or_default(),
            );
        }
        for relationship in document.named("relationships") {
            let text = |name| relationship.text_of(name).unwrap_or_default();
            self.relationship(
                text("spdxElementId"),
                text("relationshipType"),
                text("relatedSpdxElement"),
            );
        }
    }

    /// Packages wherever they stand; relationships belong to the element around them.
    fn rdf(&mut self, root: &Element) {
        let everything = root.everything();
        let mut seen = HashMap::new();
        for package in everything.iter().filter(|element| element.name == "Package") {
            let Some(id) = package
                .attribute("rdf:about")
                .map(last)
                .filter(|_| package.children.len() > 1)
            else {
                continue;
            };
            if seen.insert(id, ()).is_some() {
                continue;
            }
            let references = package
                .named("externalRef")
                .flat_map(|property| &property.children);
            let purl = references
                .filter_map(|reference| reference.text_of("referenceLocator"))
                .find(|locator| locator.starts_with("pkg:"));
            let number = self.component(Some(id), purl, package.text_of("versionInfo"));
            for (name, is_concluded) in [("licenseDeclared", false), ("licenseConcluded", true)] {
                let license = package.child(name);
                let says_nothing = license
                    .and_then(|license| license.attribute("rdf:resource"))
                    .is_some_and(|address| {
                        ["#noassertion", "#none"].iter().any(|end| address.ends_with(end))
                    });
                if license.is_some() && !says_nothing {
                    self.license(number, is_concluded, "some license");
                }
            }
        }
        for element in &everything {
            let Some(from) = element.attribute("rdf:about").map(last) else {
                continue;
            };
            for relationship in element
                .named("relationship")
                .flat_map(|property| &property.children)
            {
                let kind = relationship
                    .child("relationshipType")
                    .and_then(|kind| kind.attribute("rdf:resource"))
                    .map(last)
                    .unwrap_or_default();
                let Some(related) = relationship.child("relatedSpdxElement") else {
                    continue;
                };
                let inner = related
                    .children
                    .first()
                    .and_then(|element| element.attribute("rdf:about"));
                let to = related
                    .attribute("rdf:resource")
                    .or(inner)
                    .map(last)
                    .unwrap_or_default();
                let kind = kind.trim_start_matches("relationshipType_");
                self.relationship(from, &spelled(kind), to);
            }
        }
    }

    /// A line is a tag and a value; texts over several lines are passed by.
    pub fn tag_value(&mut self, text: &str) {
        let mut package: Option<Package> = None;
        let mut relationships = Vec::new();
        let mut in_text = false;
        for line in text.lines() {
            if in_text {
                in_text = !line.contains("</text>");
                continue;
            }
            in_text = line.contains("<text>") && !line.contains("</text>");
            let (tag, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.trim();
            match tag.trim() {
                "PackageName" => {
                    self.flush(package.take());
                    package = Some(Package::default());
                }
                "FileName" | "SnippetSPDXID" | "LicenseID" => self.flush(package.take()),
                "Relationship" => relationships.push(value),
                tag => {
                    if let Some(package) = &mut package {
                        package.take(tag, value);
                    }
                }
            }
        }
        self.flush(package);
        for relationship in relationships {
            let words: Vec<_> = relationship.split_whitespace().collect();
            if let [from, kind, to, ..] = words[..] {
                self.relationship(from, kind, to);
            }
        }
    }

    fn flush(&mut self, package: Option<Package>) {
        if let Some(package) = package {
            let number = self.component(
                package.id.as_deref(),
                package.purl.as_deref(),
                package.version.as_deref(),
            );
            self.license(number, false, &package.declared);
            self.license(number, true, &package.concluded);
        }
    }
}

#[derive(Default)]
struct Package {
    id: Option<String>,
    purl: Option<String>,
    version: Option<String>,
    declared: String,
    concluded: String,
}

impl Package {
    fn take(&mut self, tag: &str, value: &str) {
        let value = value.trim_start_matches("<text>").trim_end_matches("</text>");
        match tag {
            "SPDXID" => self.id = Some(value.to_owned()),
            "PackageVersion" => self.version = Some(value.to_owned()),
            "PackageLicenseDeclared" => value.clone_into(&mut self.declared),
            "PackageLicenseConcluded" => value.clone_into(&mut self.concluded),
            "ExternalRef" => {
                let locator = value
                    .split_whitespace()
                    .nth(2)
                    .filter(|locator| locator.starts_with("pkg:"));
                self.purl = self.purl.take().or_else(|| locator.map(str::to_owned));
            }
            _ => {}
        }
    }
}

fn last(address: &str) -> &str {
    address.rsplit(['#', '/']).next().unwrap_or_default()
}

/// `dynamicLink` is `DYNAMIC_LINK`.
fn spelled(word: &str) -> String {
    let mut spelled = String::new();
    for character in word.chars() {
        if character.is_uppercase() {
            spelled.push('_');
        }
        spelled.extend(character.to_uppercase());
    }
    spelled
}
