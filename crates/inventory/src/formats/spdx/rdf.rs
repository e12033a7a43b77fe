//! SPDX 2 RDF/XML: filling the model from a graph of resources.

mod graph;

use std::borrow::Cow;

use super::model::{
    Checksum, Creation, Document, ExternalRef, Extracted, File, Package, Relationship, Snippet,
};
use crate::formats::lenient::{Field, List, Object, Record, Text};
use crate::formats::licenses::Compound;
use crate::formats::{Limits, ReadError};
use crate::{Inventory, Notice};
use graph::{Graph, Resource, Value, local};

/// Sets of licenses within sets of licenses.
const DEEPEST_LICENSE: usize = 32;

pub(in crate::formats) fn read(text: &str, limits: &Limits) -> Result<(Inventory, Vec<Notice>), ReadError> {
    let graph = Graph::parse(text)?;
    super::assemble(&document(&graph), "RDF/XML", limits)
}

fn document<'g>(graph: &'g Graph<'_>) -> Document<'g> {
    let mut document = Document::default();
    let mut described = Vec::new();
    let (mut packages, mut files, mut snippets) = (Vec::new(), Vec::new(), Vec::new());
    let (mut relationships, mut extracted) = (Vec::new(), Vec::new());
    for resource in &graph.resources {
        match resource.kind.as_str() {
            "SpdxDocument" => {
                head(graph, resource, &mut document);
                described.extend(resource.values("describesPackage").filter_map(id_of));
            }
            "Package" => packages.push(object(package(graph, resource))),
            "File" => files.push(object(File {
                mark: resource.mark,
                id: id(resource),
            })),
            "Snippet" => snippets.push(object(Snippet {
                mark: resource.mark,
                id: id(resource),
            })),
            "ExtractedLicensingInfo" => extracted.push(object(license_of_its_own(resource))),
            _ => continue,
        }
        for relationship in graph.linked(resource, "relationship") {
            relationships.push(object(self::relationship(resource, relationship)));
        }
    }
    document.describes = Field::Is(described);
    document.packages = Field::Is(packages);
    document.files = Field::Is(files);
    document.snippets = Field::Is(snippets);
    document.relationships = Field::Is(relationships);
    document.extracted = Field::Is(extracted);
    document
}

fn head<'g>(graph: &'g Graph<'_>, resource: &'g Resource<'_>, document: &mut Document<'g>) {
    document.spdx_version = text(resource, "specVersion");
    document.data_license = word(resource, "dataLicense");
    document.name = text(resource, "name");
    document.comment = text(resource, "comment");
    document.id = id(resource);
    document.namespace = match resource.address.split_once('#') {
        Some((namespace, _)) => Field::Is(Cow::Borrowed(namespace)),
        None => Field::Absent,
    };
    if let Some(creation) = graph.linked(resource, "creationInfo").next() {
        document.creation = object(Creation {
            created: text(creation, "created"),
            creators: texts(creation, "creator"),
            comment: text(creation, "comment"),
        });
    }
}

fn package<'g>(graph: &'g Graph<'_>, resource: &'g Resource<'_>) -> Package<'g> {
    Package {
        mark: resource.mark,
        id: id(resource),
        name: text(resource, "name"),
        version: text(resource, "versionInfo"),
        file_name: text(resource, "packageFileName"),
        supplier: text(resource, "supplier"),
        originator: text(resource, "originator"),
        download_location: text(resource, "downloadLocation"),
        homepage: text(resource, "homepage"),
        license_declared: license(graph, resource, "licenseDeclared"),
        license_concluded: license(graph, resource, "licenseConcluded"),
        copyright: text(resource, "copyrightText"),
        description: text(resource, "description"),
        summary: text(resource, "summary"),
        comment: text(resource, "comment"),
        purpose: enumerated(resource, "primaryPackagePurpose", '-'),
        source_info: text(resource, "sourceInfo"),
        checksums: Field::Is(
            graph
                .linked(resource, "checksum")
                .map(|sum| object(checksum(sum)))
                .collect(),
        ),
        external_refs: Field::Is(
            graph
                .linked(resource, "externalRef")
                .map(|reference| object(external_ref(reference)))
                .collect(),
        ),
        attribution: texts(resource, "attributionText"),
    }
}

fn checksum<'g>(resource: &'g Resource<'_>) -> Checksum<'g> {
    Checksum {
        algorithm: enumerated(resource, "algorithm", '_'),
        value: text(resource, "checksumValue"),
    }
}

fn external_ref<'g>(resource: &'g Resource<'_>) -> ExternalRef<'g> {
    ExternalRef {
        category: enumerated(resource, "referenceCategory", '-'),
        kind: word(resource, "referenceType"),
        locator: text(resource, "referenceLocator"),
        comment: text(resource, "comment"),
    }
}

fn license_of_its_own<'g>(resource: &'g Resource<'_>) -> Extracted<'g> {
    Extracted {
        mark: resource.mark,
        id: match text(resource, "licenseId") {
            Field::Is(id) => Field::Is(id),
            _ => id(resource),
        },
        name: text(resource, "name"),
        text: text(resource, "extractedText"),
        comment: text(resource, "comment"),
        see_also: texts(resource, "seeAlso"),
    }
}

fn relationship<'g>(from: &'g Resource<'_>, relationship: &'g Resource<'_>) -> Relationship<'g> {
    Relationship {
        mark: relationship.mark,
        from: id(from),
        kind: enumerated(relationship, "relationshipType", '_'),
        to: relationship
            .value("relatedSpdxElement")
            .and_then(id_of)
            .unwrap_or_default(),
        comment: text(relationship, "comment"),
    }
}

fn object<T>(value: T) -> Object<T> {
    Field::Is(Record(value))
}

/// `SPDXRef-…` after the namespace.
fn id<'g>(resource: &'g Resource<'_>) -> Text<'g> {
    Field::Is(Cow::Borrowed(local(&resource.address)))
}

fn id_of<'g>(value: &'g Value<'_>) -> Option<Text<'g>> {
    Some(Field::Is(Cow::Borrowed(match value {
        Value::Link(address) => special(local(address)),
        Value::Text(text) => text.trim(),
    })))
}

/// `noassertion` and `none` are addresses in RDF and words elsewhere.
fn special(word: &str) -> &str {
    match word {
        "noassertion" => "NOASSERTION",
        "none" => "NONE",
        other => other,
    }
}

/// A text, also where a tool made an address of it.
fn text<'g>(resource: &'g Resource<'_>, name: &str) -> Text<'g> {
    resource.value(name).map_or(Field::Absent, text_of)
}

fn text_of<'g>(value: &'g Value<'_>) -> Text<'g> {
    Field::Is(Cow::Borrowed(match value {
        Value::Text(text) => text.as_ref(),
        Value::Link(address) if address.ends_with("#noassertion") => "NOASSERTION",
        Value::Link(address) if address.ends_with("#none") => "NONE",
        Value::Link(address) => address.as_str(),
    }))
}

fn texts<'g>(resource: &'g Resource<'_>, name: &str) -> List<Text<'g>> {
    Field::Is(resource.values(name).map(text_of).collect())
}

/// The last word of an address.
fn word<'g>(resource: &'g Resource<'_>, name: &str) -> Text<'g> {
    match resource.value(name) {
        Some(Value::Link(address)) => Field::Is(Cow::Borrowed(special(local(address)))),
        Some(Value::Text(text)) => Field::Is(Cow::Borrowed(text.as_ref())),
        None => Field::Absent,
    }
}

/// `#relationshipType_dynamicLink` is `DYNAMIC_LINK`, `#purpose_operatingSystem` is `OPERATING-SYSTEM`.
fn enumerated<'g>(resource: &'g Resource<'_>, name: &str, between: char) -> Text<'g> {
    let Some(Value::Link(address)) = resource.value(name) else {
        return text(resource, name);
    };
    let word = local(address);
    let word = word.split_once('_').map_or(word, |(_, word)| word);
    let mut spelled = String::with_capacity(word.len() + 4);
    for character in word.chars() {
        if character.is_ascii_uppercase() {
            spelled.push(between);
        }
        spelled.push(if character == '_' {
            between
        } else {
            character.to_ascii_uppercase()
        });
    }
    Field::Is(Cow::Owned(spelled))
}

fn license<'g>(graph: &'g Graph<'_>, resource: &'g Resource<'_>, name: &str) -> Text<'g> {
    let Some(value) = resource.value(name) else {
        return Field::Absent;
    };
    match expression(graph, value, 0) {
        Some(expression) => Field::Is(Cow::Owned(expression.into_text())),
        None => Field::Wrong("a license that has no expression"),
    }
}

/// The expression that a license is; `None` when it is nested too deep or nothing at all.
fn expression(graph: &Graph<'_>, value: &Value<'_>, depth: usize) -> Option<Compound> {
    if depth > DEEPEST_LICENSE {
        return None;
    }
    let address = match value {
        Value::Text(text) => return Some(Compound::word(text.trim())),
        Value::Link(address) => address,
    };
    let Some(resource) = graph.resource(address) else {
        return Some(Compound::word(special(local(address))));
    };
    let members = || {
        resource
            .values("member")
            .filter_map(|member| expression(graph, member, depth + 1))
    };
    let id = |name| match word(resource, name) {
        Field::Is(id) => Some(id.into_owned()),
        _ => None,
    };
    match resource.kind.as_str() {
        "ConjunctiveLicenseSet" => Compound::joined("AND", members()),
        "DisjunctiveLicenseSet" => Compound::joined("OR", members()),
        "OrLaterOperator" => members().next().map(Compound::or_later),
        "WithExceptionOperator" => {
            let exception = graph.linked(resource, "licenseException").next();
            let exception = exception.and_then(|exception| match word(exception, "licenseExceptionId") {
                Field::Is(id) => Some(id.into_owned()),
                _ => None,
            });
            members().next().map(|license| match exception {
                Some(exception) => license.with(&exception),
                None => license,
            })
        }
        _ => Some(Compound::word(
            &id("licenseId").unwrap_or_else(|| local(address).to_owned()),
        )),
    }
}
