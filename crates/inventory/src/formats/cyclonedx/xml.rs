//! CycloneDX XML, 1.0 to 1.7: filling the model from a stream of elements.
//!
//! `cyclonedx-bom` reads XML, too, but recurses without a bound (two thousand nested components end the process),
//! knows 1.3 to 1.5 only and is slower by far; it must never see an upload.

mod vulnerability;

use std::borrow::Cow;

use super::model::{
    Attachment, Bom, Commit, Component, Composition, Contact, Copyright, Dependency, Diff, Evidence,
    ExternalReference, Hash, Identity, Issue, License, LicenseChoice, Lifecycle, Metadata, Method,
    Occurrence, Organization, Patch, Pedigree, Property, Relative, Service, Swid, Tool, ToolSet, Tools,
};
use crate::formats::lenient::{Field, List, Number, Object, OneOrMany, Rare, Record, Text};
use crate::formats::xml::{Element, Xml};
use crate::formats::{Limits, ReadError, budget};
use crate::{Inventory, Notice};

type Read<T> = Result<T, ReadError>;

const NAMESPACE: &str = "cyclonedx.org/schema/bom/";

pub(in crate::formats) fn read(text: &str, limits: &Limits) -> Read<(Inventory, Vec<Notice>)> {
    let (mut xml, root) = Xml::open(text)?;
    xml.only_prefix_of(&root);
    let bom = bom(&mut xml, &root)?;
    super::assemble(&bom, "XML", limits)
}

fn bom<'a>(xml: &mut Xml<'a>, root: &Element<'a>) -> Read<Bom<'a>> {
    let mut bom = Bom {
        spec_version: version(root),
        serial_number: root.attribute("serialNumber"),
        ..Bom::default()
    };
    xml.children(|xml, child| {
        match child.name() {
            "metadata" => bom.metadata = object(metadata(xml)?),
            "components" => bom.components = xml.list("component", component)?,
            "services" => bom.services = xml.list("service", service)?,
            "dependencies" => bom.dependencies = dependencies(xml)?,
            "compositions" => bom.compositions = xml.list("composition", composition)?,
            "vulnerabilities" => bom.vulnerabilities = xml.list("vulnerability", vulnerability::read)?,
            "properties" => bom.properties = xml.list("property", property)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(bom)
}

/// The namespace names the version.
fn version<'a>(root: &Element<'a>) -> Text<'a> {
    let namespace = root
        .attributes()
        .into_iter()
        .find(|(name, value)| name.starts_with("xmlns") && value.contains(NAMESPACE));
    match namespace.as_ref().and_then(|(_, value)| value.rsplit_once('/')) {
        Some((_, version)) => Field::Is(Cow::Owned(version.to_owned())),
        None => Field::Absent,
    }
}

/// A record whose fields are the texts of children.
macro_rules! texts {
    ($xml:expr, $record:ident { $($name:literal => $field:ident),* }) => {{
        let mut record = $record::default();
        $xml.children(|xml, child| {
            match child.name() {
                $($name => record.$field = xml.text()?,)*
                _ => {}
            }
            Ok(())
        })?;
        record
    }};
}
use texts;

fn object<T>(value: T) -> Object<T> {
    Field::Is(Record(value))
}

fn rare<T>(value: T) -> Rare<T> {
    Field::Is(Box::new(Record(value)))
}

fn number(text: &Text<'_>) -> Field<Number> {
    match text {
        Field::Is(text) => Field::number(text),
        Field::Absent => Field::Absent,
        Field::Wrong(found) => Field::Wrong(found),
    }
}

fn boolean(text: &Text<'_>) -> Field<bool> {
    match text {
        Field::Is(text) => match text.trim() {
            "true" | "1" => Field::Is(true),
            "false" | "0" => Field::Is(false),
            _ => Field::Wrong("a text"),
        },
        Field::Absent => Field::Absent,
        Field::Wrong(found) => Field::Wrong(found),
    }
}

fn metadata<'a>(xml: &mut Xml<'a>) -> Read<Metadata<'a>> {
    let mut metadata = Metadata::default();
    xml.children(|xml, child| {
        match child.name() {
            "timestamp" => metadata.timestamp = xml.text()?,
            "lifecycles" => metadata.lifecycles = xml.list("lifecycle", lifecycle)?,
            "tools" => metadata.tools = tools(xml)?,
            "authors" => metadata.authors = xml.list("author", contact)?,
            "component" => metadata.component = object(component(xml, child)?),
            "manufacture" => metadata.manufacture = rare(organization(xml)?),
            "manufacturer" => metadata.manufacturer = rare(organization(xml)?),
            "supplier" => metadata.supplier = rare(organization(xml)?),
            "licenses" => metadata.licenses = licenses(xml)?,
            "properties" => metadata.properties = xml.list("property", property)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(metadata)
}

fn lifecycle<'a>(xml: &mut Xml<'a>, _: &Element<'a>) -> Read<Lifecycle<'a>> {
    Ok(texts!(xml, Lifecycle { "phase" => phase, "name" => name }))
}

/// `tool`s until 1.4; since 1.5 also `components`.
fn tools<'a>(xml: &mut Xml<'a>) -> Read<Field<Tools<'a>>> {
    let mut listed = Vec::new();
    let mut described = Field::Absent;
    xml.children(|xml, child| {
        match child.name() {
            "tool" => xml.push(&mut listed, tool, child)?,
            "components" => described = xml.list("component", tool)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(Field::Is(match described {
        Field::Absent => Tools::Listed(Field::Is(listed)),
        components => Tools::Described(ToolSet { components }),
    }))
}

fn tool<'a>(xml: &mut Xml<'a>, _: &Element<'a>) -> Read<Tool<'a>> {
    Ok(texts!(xml, Tool { "vendor" => vendor, "group" => group, "name" => name, "version" => version }))
}

fn organization<'a>(xml: &mut Xml<'a>) -> Read<Organization<'a>> {
    let mut organization = Organization::default();
    let (mut urls, mut contacts) = (Vec::new(), Vec::new());
    xml.children(|xml, child| {
        match child.name() {
            "name" => organization.name = xml.text()?,
            "url" => urls.push(xml.text()?),
            "contact" => xml.push(&mut contacts, contact, child)?,
            _ => {}
        }
        Ok(())
    })?;
    organization.url = Field::Is(OneOrMany(urls));
    organization.contact = Field::Is(contacts);
    Ok(organization)
}

fn contact<'a>(xml: &mut Xml<'a>, _: &Element<'a>) -> Read<Contact<'a>> {
    Ok(texts!(xml, Contact { "name" => name, "email" => email, "phone" => phone }))
}

fn component<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Read<Component<'a>> {
    let mut component = Component {
        mark: xml.mark(element),
        bom_ref: element.attribute("bom-ref"),
        kind: element.attribute("type"),
        mime_type: element.attribute("mime-type"),
        ..Component::default()
    };
    xml.children(|xml, child| component_field(&mut component, xml, child))?;
    Ok(component)
}

fn component_field<'a>(component: &mut Component<'a>, xml: &mut Xml<'a>, child: &Element<'a>) -> Read<()> {
    match child.name() {
        "group" => component.group = xml.text()?,
        "name" => component.name = xml.text()?,
        "version" => component.version = xml.text()?,
        "versionRange" => component.version_range = xml.text()?,
        "purl" => component.purl = xml.text()?,
        "cpe" => component.cpe = xml.text()?,
        "scope" => component.scope = xml.text()?,
        "author" => component.author = xml.text()?,
        "publisher" => component.publisher = xml.text()?,
        "description" => component.description = xml.text()?,
        "copyright" => component.copyright = xml.text()?,
        "authors" => component.authors = xml.list("author", contact)?,
        "supplier" => component.supplier = rare(organization(xml)?),
        "manufacturer" => component.manufacturer = rare(organization(xml)?),
        "swid" => component.swid = rare(swid(child)),
        "tags" => component.tags = xml.texts("tag")?,
        "licenses" => component.licenses = licenses(xml)?,
        "hashes" => component.hashes = xml.list("hash", hash)?,
        "properties" => component.properties = xml.list("property", property)?,
        "externalReferences" => component.external_references = xml.list("reference", reference)?,
        "evidence" => component.evidence = rare(evidence(xml)?),
        "pedigree" => component.pedigree = rare(pedigree(xml)?),
        "components" => component.components = xml.list("component", self::component)?,
        _ => {}
    }
    Ok(())
}

fn swid<'a>(element: &Element<'a>) -> Swid<'a> {
    Swid {
        tag_id: element.attribute("tagId"),
        name: element.attribute("name"),
        version: element.attribute("version"),
    }
}

fn licenses<'a>(xml: &mut Xml<'a>) -> Read<List<Object<LicenseChoice<'a>>>> {
    let mut choices = Vec::new();
    xml.children(|xml, child| {
        match child.name() {
            "license" => xml.push(&mut choices, license, child)?,
            "expression" => xml.push(&mut choices, expression, child)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(Field::Is(choices))
}

fn expression<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Read<LicenseChoice<'a>> {
    Ok(LicenseChoice {
        acknowledgement: element.attribute("acknowledgement"),
        expression: xml.text()?,
        license: Field::Absent,
    })
}

fn license<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Read<LicenseChoice<'a>> {
    let mut license = License {
        acknowledgement: element.attribute("acknowledgement"),
        ..License::default()
    };
    xml.children(|xml, child| {
        match child.name() {
            "id" => license.id = xml.text()?,
            "name" => license.name = xml.text()?,
            "url" => license.url = xml.text()?,
            "text" => {
                license.text = rare(Attachment {
                    encoding: child.attribute("encoding"),
                    content: xml.text()?,
                });
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(LicenseChoice {
        license: object(license),
        ..LicenseChoice::default()
    })
}

fn hash<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Read<Hash<'a>> {
    Ok(Hash {
        alg: element.attribute("alg"),
        content: xml.text()?,
    })
}

fn property<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Read<Property<'a>> {
    Ok(Property {
        name: element.attribute("name"),
        value: xml.text()?,
    })
}

fn reference<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Read<ExternalReference<'a>> {
    let mut reference = ExternalReference {
        kind: element.attribute("type"),
        ..ExternalReference::default()
    };
    xml.children(|xml, child| {
        match child.name() {
            "url" => reference.url = xml.text()?,
            "comment" => reference.comment = xml.text()?,
            "hashes" => reference.hashes = xml.list("hash", hash)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(reference)
}

fn evidence<'a>(xml: &mut Xml<'a>) -> Read<Evidence<'a>> {
    let mut evidence = Evidence::default();
    let mut identities = Vec::new();
    xml.children(|xml, child| {
        match child.name() {
            "identity" => xml.push(&mut identities, identity, child)?,
            "occurrences" => evidence.occurrences = xml.list("occurrence", occurrence)?,
            "licenses" => evidence.licenses = licenses(xml)?,
            "copyright" => {
                evidence.copyright = xml.list("text", |xml, _| Ok(Copyright { text: xml.text()? }))?;
            }
            _ => {}
        }
        Ok(())
    })?;
    evidence.identity = Field::Is(OneOrMany(identities));
    Ok(evidence)
}

fn identity<'a>(xml: &mut Xml<'a>, _: &Element<'a>) -> Read<Identity<'a>> {
    let mut identity = Identity::default();
    xml.children(|xml, child| {
        match child.name() {
            "field" => identity.field = xml.text()?,
            "confidence" => identity.confidence = number(&xml.text()?),
            "concludedValue" => identity.concluded_value = xml.text()?,
            "methods" => identity.methods = xml.list("method", method)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(identity)
}

fn method<'a>(xml: &mut Xml<'a>, _: &Element<'a>) -> Read<Method<'a>> {
    let mut method = Method::default();
    xml.children(|xml, child| {
        match child.name() {
            "technique" => method.technique = xml.text()?,
            "confidence" => method.confidence = number(&xml.text()?),
            "value" => method.value = xml.text()?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(method)
}

fn occurrence<'a>(xml: &mut Xml<'a>, _: &Element<'a>) -> Read<Occurrence<'a>> {
    let mut occurrence = Occurrence::default();
    xml.children(|xml, child| {
        match child.name() {
            "location" => occurrence.location = xml.text()?,
            "line" => occurrence.line = number(&xml.text()?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(occurrence)
}

fn pedigree<'a>(xml: &mut Xml<'a>) -> Read<Pedigree<'a>> {
    let mut pedigree = Pedigree::default();
    xml.children(|xml, child| {
        match child.name() {
            "ancestors" => pedigree.ancestors = xml.list("component", relative)?,
            "descendants" => pedigree.descendants = xml.list("component", relative)?,
            "variants" => pedigree.variants = xml.list("component", relative)?,
            "commits" => pedigree.commits = xml.list("commit", commit)?,
            "patches" => pedigree.patches = xml.list("patch", patch)?,
            "notes" => pedigree.notes = xml.text()?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(pedigree)
}

fn relative<'a>(xml: &mut Xml<'a>, _: &Element<'a>) -> Read<Relative<'a>> {
    Ok(texts!(xml, Relative { "group" => group, "name" => name, "version" => version, "purl" => purl }))
}

fn commit<'a>(xml: &mut Xml<'a>, _: &Element<'a>) -> Read<Commit<'a>> {
    Ok(texts!(xml, Commit { "uid" => uid, "url" => url, "message" => message }))
}

fn patch<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Read<Patch<'a>> {
    let mut patch = Patch {
        kind: element.attribute("type"),
        ..Patch::default()
    };
    xml.children(|xml, child| {
        match child.name() {
            "diff" => {
                patch.diff = object(Diff {
                    url: only(xml, "url")?,
                });
            }
            "resolves" => patch.resolves = xml.list("issue", issue)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(patch)
}

/// The text of the child with this name.
fn only<'a>(xml: &mut Xml<'a>, name: &str) -> Read<Text<'a>> {
    let mut text = Field::Absent;
    xml.children(|xml, child| {
        if child.name() == name {
            text = xml.text()?;
        }
        Ok(())
    })?;
    Ok(text)
}

fn issue<'a>(xml: &mut Xml<'a>, _: &Element<'a>) -> Read<Issue<'a>> {
    Ok(texts!(xml, Issue { "id" => id, "name" => name }))
}

fn service<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Read<Service<'a>> {
    let mut service = Service {
        mark: xml.mark(element),
        bom_ref: element.attribute("bom-ref"),
        ..Service::default()
    };
    xml.children(|xml, child| {
        match child.name() {
            "group" => service.group = xml.text()?,
            "name" => service.name = xml.text()?,
            "version" => service.version = xml.text()?,
            "description" => service.description = xml.text()?,
            "provider" => service.provider = rare(organization(xml)?),
            "endpoints" => service.endpoints = xml.texts("endpoint")?,
            "authenticated" => service.authenticated = boolean(&xml.text()?),
            "x-trust-boundary" => service.trust_boundary = boolean(&xml.text()?),
            "licenses" => service.licenses = licenses(xml)?,
            "externalReferences" => service.external_references = xml.list("reference", reference)?,
            "properties" => service.properties = xml.list("property", property)?,
            "services" => service.services = xml.list("service", self::service)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(service)
}

/// The schema lets dependencies nest; each level says of what the next is needed.
fn dependencies<'a>(xml: &mut Xml<'a>) -> Read<List<Object<Dependency<'a>>>> {
    let mut list = Vec::new();
    xml.children(|xml, child| {
        if child.name() == "dependency" {
            dependency(&mut list, xml, child)?;
        }
        Ok(())
    })?;
    Ok(Field::Is(list))
}

fn dependency<'a>(
    list: &mut Vec<Object<Dependency<'a>>>,
    xml: &mut Xml<'a>,
    element: &Element<'a>,
) -> Read<()> {
    let mark = xml.mark(element);
    let mut targets = Vec::new();
    xml.children(|xml, child| {
        if child.name() == "dependency" {
            budget::charge(size_of::<Text<'_>>()).map_err(ReadError::too_large)?;
            targets.push(child.attribute("ref"));
            dependency(list, xml, child)?;
        }
        Ok(())
    })?;
    if !targets.is_empty() {
        budget::charge(size_of::<Object<Dependency<'_>>>()).map_err(ReadError::too_large)?;
        list.push(object(Dependency {
            mark,
            reference: element.attribute("ref"),
            depends_on: Field::Is(targets),
        }));
    }
    Ok(())
}

fn composition<'a>(xml: &mut Xml<'a>, element: &Element<'a>) -> Read<Composition<'a>> {
    let mut composition = Composition {
        mark: xml.mark(element),
        ..Composition::default()
    };
    xml.children(|xml, child| {
        match child.name() {
            "aggregate" => composition.aggregate = xml.text()?,
            "assemblies" => composition.assemblies = references(xml, "assembly")?,
            "dependencies" => composition.dependencies = references(xml, "dependency")?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(composition)
}

/// What the children with this name refer to.
fn references<'a>(xml: &mut Xml<'a>, name: &str) -> Read<List<Text<'a>>> {
    let mut list = Vec::new();
    xml.children(|_, child| {
        if child.name() == name {
            budget::charge(size_of::<Text<'_>>()).map_err(ReadError::too_large)?;
            list.push(child.attribute("ref"));
        }
        Ok(())
    })?;
    Ok(Field::Is(list))
}
