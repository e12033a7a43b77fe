//! SPDX 3.0.1 JSON-LD: a flat list of elements that name each other, turned into the model of SPDX 2.
//!
//! The document is read as plain JSON in the shape that the specification's context gives it; addresses stay as they
//! are and serve as references.

mod license;
mod model;
mod relation;
mod vex;

use std::borrow::Cow;
use std::collections::HashMap;

use super::lenient::{Field, List, Object, OneOrMany, Record, Text, essential};
use super::place::{Mark, Place};
use super::spdx::model as spdx;
use super::{Limits, ReadError, json};
use crate::{Inventory, Notice};
use model::{Document, Element};

pub(super) fn read(text: &str, limits: &Limits) -> Result<(Inventory, Vec<Notice>), ReadError> {
    let document: Document<'_> = json::parse(text)?;
    let elements = Elements::of(&document)?;
    super::spdx::assemble(&elements.document(), "JSON-LD", limits)
}

/// The elements with their positions, and those by their addresses.
struct Elements<'d, 'a> {
    list: Vec<(Mark, &'d Element<'a>)>,
    by_id: HashMap<&'d str, &'d Element<'a>>,
    remarks: Vec<spdx::Remark>,
}

fn str_of<'t>(text: &'t Text<'_>) -> Option<&'t str> {
    match text {
        Field::Is(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

fn strs_of<'t>(texts: &'t Field<OneOrMany<Text<'_>>>) -> impl Iterator<Item = &'t str> {
    let list = match texts {
        Field::Is(OneOrMany(list)) => list.as_slice(),
        _ => &[],
    };
    list.iter().filter_map(str_of)
}

fn borrowed<'t>(text: &'t Text<'_>) -> Text<'t> {
    match text {
        Field::Is(text) => Field::Is(Cow::Borrowed(text.as_ref())),
        Field::Absent => Field::Absent,
        Field::Wrong(found) => Field::Wrong(found),
    }
}

fn is(text: &str) -> Text<'_> {
    Field::Is(Cow::Borrowed(text))
}

fn object<T>(value: T) -> Object<T> {
    Field::Is(Record(value))
}

/// The objects of a list; what is something else is left out, as the list's own fields are all optional.
fn objects<T>(list: &List<Object<T>>) -> impl Iterator<Item = &T> {
    let list = match list {
        Field::Is(list) => list.as_slice(),
        _ => &[],
    };
    list.iter().filter_map(|object| match object {
        Field::Is(Record(object)) => Some(object),
        _ => None,
    })
}

impl<'d, 'a> Elements<'d, 'a> {
    fn of(document: &'d Document<'a>) -> Result<Self, ReadError> {
        let mut elements = Self {
            list: Vec::new(),
            by_id: HashMap::new(),
            remarks: Vec::new(),
        };
        let place = Place::ROOT.key("@graph");
        for (index, element) in essential(&document.graph, &place)?.iter().enumerate() {
            let mark = u32::try_from(index).map_or(Mark::None, Mark::Graph);
            match element {
                Field::Is(Record(element)) => elements.add(mark, element),
                _ => elements.remarks.push(spdx::Remark {
                    code: "wrong_type",
                    mark,
                    text: "something else than an element stands here and was not read".to_owned(),
                }),
            }
        }
        Ok(elements)
    }

    fn add(&mut self, mark: Mark, element: &'d Element<'a>) {
        self.list.push((mark, element));
        if let Some(id) = element.id() {
            self.by_id.entry(id).or_insert(element);
        }
    }

    fn get(&self, id: &str) -> Option<&'d Element<'a>> {
        self.by_id.get(id).copied()
    }

    fn document(&self) -> spdx::Document<'d> {
        let mut document = spdx::Document::default();
        let licenses = license::Licenses::of(self);
        let (mut packages, mut files, mut relationships) = (Vec::new(), Vec::new(), Vec::new());
        for (mark, element) in &self.list {
            match element.kind() {
                "SpdxDocument" => {
                    self.head(element, &mut document);
                    // What other documents define does not dangle.
                    let imported = objects(&element.imports).filter_map(|import| str_of(&import.id));
                    files.extend(imported.map(|id| {
                        object(spdx::File {
                            mark: *mark,
                            id: is(id),
                        })
                    }));
                }
                "software_Package" | "dataset_DatasetPackage" | "ai_AIPackage" => {
                    packages.push(object(self.package(*mark, element, &licenses)));
                }
                "Relationship" | "LifecycleScopedRelationship" | "software_DependencyRelationship" => {
                    relation::add(*mark, element, &mut relationships);
                }
                _ => files.extend(element.id().map(|id| {
                    object(spdx::File {
                        mark: *mark,
                        id: is(id),
                    })
                })),
            }
        }
        document.describes = self.roots();
        document.packages = Field::Is(packages);
        document.files = Field::Is(files);
        document.relationships = Field::Is(relationships);
        document.vulnerabilities = vex::statements(self);
        document.remarks = self.remarks.clone();
        self.creation(&mut document);
        document
    }

    fn head(&self, element: &'d Element<'a>, document: &mut spdx::Document<'d>) {
        document.id = element.id().map_or(Field::Absent, is);
        document.namespace = element.id().map_or(Field::Absent, is);
        document.name = borrowed(&element.name);
        document.comment = borrowed(&element.comment);
        document.data_license = str_of(&element.data_license).map_or(Field::Absent, |id| {
            let expression = self.get(id).and_then(|license| str_of(&license.expression));
            is(expression.unwrap_or_else(|| id.rsplit('/').next().unwrap_or(id)))
        });
    }

    /// Version, time and makers: of the document, or else of whatever element says them.
    fn creation(&self, document: &mut spdx::Document<'d>) {
        let of_document = self
            .list
            .iter()
            .find(|(_, element)| element.kind() == "SpdxDocument");
        let named = of_document.and_then(|(_, element)| self.creation_of(element));
        let any = || {
            self.list
                .iter()
                .find(|(_, element)| element.kind() == "CreationInfo")
        };
        let Some(info) = named.or_else(|| any().map(|(_, element)| element.creation())) else {
            document.spdx_version = is("SPDX-3.0");
            return;
        };
        let version = str_of(info.spec_version).unwrap_or("3.0");
        document.spdx_version = Field::Is(Cow::Owned(format!("SPDX-{version}")));
        let mut creators = Vec::new();
        for id in strs_of(info.created_by) {
            creators.push(Field::Is(Cow::Owned(self.agent(id))));
        }
        for id in strs_of(info.created_using) {
            let tool = self.get(id).and_then(|tool| str_of(&tool.name)).unwrap_or(id);
            creators.push(Field::Is(Cow::Owned(format!("Tool: {tool}"))));
        }
        document.creation = object(spdx::Creation {
            created: borrowed(info.created),
            creators: Field::Is(creators),
            comment: Field::Absent,
        });
    }

    fn creation_of(&self, element: &'d Element<'a>) -> Option<model::Creation<'d, 'a>> {
        match &element.creation_info {
            Field::Is(model::Reference::Id(id)) => self.get(id).map(Element::creation),
            Field::Is(model::Reference::Inline(inline)) => Some(inline.0.creation()),
            _ => None,
        }
    }

    /// A person or an organization as SPDX 2 writes them.
    fn agent(&self, id: &str) -> String {
        let Some(agent) = self.get(id) else {
            return format!("Organization: {id}");
        };
        let kind = if agent.kind() == "Person" {
            "Person"
        } else {
            "Organization"
        };
        let name = str_of(&agent.name).unwrap_or(id);
        let email = objects(&agent.external_identifiers)
            .find(|identifier| str_of(&identifier.kind) == Some("email"))
            .and_then(|identifier| str_of(&identifier.identifier));
        match email {
            Some(email) => format!("{kind}: {name} ({email})"),
            None => format!("{kind}: {name}"),
        }
    }

    /// What the document describes: its root elements, or those of the bill of materials that is its root.
    fn roots(&self) -> List<Text<'d>> {
        let mut roots = Vec::new();
        for (_, element) in &self.list {
            if element.kind() == "SpdxDocument" {
                self.add_roots(element, 0, &mut roots);
            }
        }
        Field::Is(roots)
    }

    fn add_roots(&self, element: &'d Element<'a>, depth: usize, roots: &mut Vec<Text<'d>>) {
        for id in strs_of(&element.root_elements) {
            match self.get(id) {
                Some(bom) if bom.is_collection() && depth < 8 => self.add_roots(bom, depth + 1, roots),
                _ => roots.push(is(id)),
            }
        }
    }

    fn package(
        &self,
        mark: Mark,
        element: &'d Element<'a>,
        licenses: &license::Licenses<'d>,
    ) -> spdx::Package<'d> {
        let id = element.id();
        let agent = |ids: &'d Field<OneOrMany<Text<'a>>>| match strs_of(ids).next() {
            Some(id) => Field::Is(Cow::Owned(self.agent(id))),
            None => Field::Absent,
        };
        let license = |list: &HashMap<&'d str, String>| match id.and_then(|id| list.get(id)) {
            Some(text) => Field::Is(Cow::Owned(text.clone())),
            None => Field::Absent,
        };
        spdx::Package {
            mark,
            id: id.map_or(Field::Absent, is),
            name: borrowed(&element.name),
            version: borrowed(&element.version),
            supplier: agent(&element.supplied_by),
            originator: agent(&element.originated_by),
            download_location: borrowed(&element.download_location),
            homepage: borrowed(&element.home_page),
            license_declared: license(&licenses.declared),
            license_concluded: license(&licenses.concluded),
            copyright: borrowed(&element.copyright),
            description: borrowed(&element.description),
            summary: borrowed(&element.summary),
            comment: borrowed(&element.comment),
            purpose: purpose(element),
            source_info: borrowed(&element.source_info),
            checksums: Field::Is(
                objects(&element.verified_using)
                    .map(|hash| object(checksum(hash)))
                    .collect(),
            ),
            external_refs: Field::Is(external_refs(element)),
            ..spdx::Package::default()
        }
    }
}

/// `operatingSystem` is `OPERATING-SYSTEM`.
fn purpose<'d>(element: &'d Element<'_>) -> Text<'d> {
    let Some(word) = str_of(&element.primary_purpose) else {
        return Field::Absent;
    };
    Field::Is(Cow::Owned(relation::spelled(word, '-')))
}

fn checksum<'d>(hash: &'d model::Hash<'_>) -> spdx::Checksum<'d> {
    spdx::Checksum {
        algorithm: match str_of(&hash.algorithm) {
            // `sha3_256`, `blake2b256`
            Some(algorithm) => Field::Is(Cow::Owned(algorithm.replace('_', "-"))),
            None => Field::Absent,
        },
        value: borrowed(&hash.value),
    }
}

/// The package URL has a field of its own; identifiers and references are what SPDX 2 has as external references.
fn external_refs<'d>(element: &'d Element<'_>) -> Vec<Object<spdx::ExternalRef<'d>>> {
    let reference = |category: &'static str, kind: &'d str, locator: &'d str| {
        object(spdx::ExternalRef {
            category: is(category),
            kind: is(kind),
            locator: is(locator),
            comment: Field::Absent,
        })
    };
    let mut references = Vec::new();
    references.extend(str_of(&element.package_url).map(|url| reference("PACKAGE-MANAGER", "purl", url)));
    for identifier in objects(&element.external_identifiers) {
        let kind = match str_of(&identifier.kind) {
            Some("packageUrl" | "packageURL" | "purl") => "purl",
            Some("cpe23") => "cpe23Type",
            Some("cpe22") => "cpe22Type",
            Some(other) => other,
            None => continue,
        };
        references.extend(str_of(&identifier.identifier).map(|locator| reference("OTHER", kind, locator)));
    }
    for external in objects(&element.external_refs) {
        let kind = str_of(&external.kind).unwrap_or("other");
        references.extend(strs_of(&external.locators).map(|locator| reference("OTHER", kind, locator)));
    }
    references
}
