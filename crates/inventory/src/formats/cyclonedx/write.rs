//! An inventory as a CycloneDX 1.6 document: one mapping for JSON and XML.
//!
//! Components are nested where their document nested them; other containment travels as a property, because no
//! field of CycloneDX says it without also saying something else. A component without dependencies is listed in the
//! graph only if the graph is said to be complete: an empty entry claims that there are none.

mod component;
mod details;
mod json;
mod layout;
mod sink;
mod vulnerability;
mod words;
mod xml;

use std::io::{self, Write};

use super::super::write::{Heading, carried, text};
use crate::{Composition, Inventory, Metadata, Service, VexStatement};
use layout::Layout;
use sink::{List, Shape, Sink};

const VERSION: &str = "1.6";
const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/1.6";
const SCHEMA: &str = "http://cyclonedx.org/schema/bom-1.6.schema.json";
const ROOT: &str = "bom";

const COMPONENTS: List = List::new("components", "component");
const SERVICES: List = List::new("services", "service");
const DEPENDENCIES: List = List::new("dependencies", "dependency");
const DEPENDS_ON: List = List::new("dependsOn", "dependency").bare().of(Shape::Reference);
const COMPOSITIONS: List = List::new("compositions", "composition");
const ASSEMBLIES: List = List::new("assemblies", "assembly").of(Shape::Reference);
const COMPLETED: List = List::new("dependencies", "dependency").of(Shape::Reference);
const LIFECYCLES: List = List::new("lifecycles", "lifecycle");
const ENDPOINTS: List = List::new("endpoints", "endpoint").of(Shape::Text);

pub(in crate::formats) fn json(
    inventory: &Inventory,
    findings: &[VexStatement],
    heading: &Heading<'_>,
    out: impl Write,
) -> io::Result<()> {
    let mut json = json::Json::begin(out)?;
    json.text("$schema", SCHEMA)?;
    json.text("bomFormat", "CycloneDX")?;
    json.text("specVersion", VERSION)?;
    document(&mut json, inventory, findings, heading)?;
    json.finish()
}

pub(in crate::formats) fn xml(
    inventory: &Inventory,
    findings: &[VexStatement],
    heading: &Heading<'_>,
    out: impl Write,
) -> io::Result<()> {
    let mut xml = xml::Xml::begin(out, ROOT, NAMESPACE)?;
    document(&mut xml, inventory, findings, heading)?;
    xml.finish(ROOT)
}

fn document<S: Sink>(
    sink: &mut S,
    inventory: &Inventory,
    findings: &[VexStatement],
    heading: &Heading<'_>,
) -> io::Result<()> {
    let layout = Layout::new(inventory);
    sink.attribute("serialNumber", &format!("urn:uuid:{}", heading.uuid))?;
    sink.number_attribute("version", "1")?;
    metadata(sink, inventory, &layout, heading)?;
    sink.list(&COMPONENTS, layout.top_level(), |sink, id| {
        component::write(sink, id, inventory, &layout)
    })?;
    let outermost = |service: &(u32, &Service)| service.1.parent.is_none();
    let services = (0..).zip(&inventory.services).filter(outermost);
    sink.list(&SERVICES, services, |sink, (id, service)| {
        write_service(sink, id, service, inventory, 1)
    })?;
    dependencies(sink, inventory, &layout)?;
    compositions(sink, inventory, &layout)?;
    vulnerability::write_all(sink, findings, &inventory.vulnerabilities, &layout)
}

fn metadata<S: Sink>(
    sink: &mut S,
    inventory: &Inventory,
    layout: &Layout<'_>,
    heading: &Heading<'_>,
) -> io::Result<()> {
    let none = Metadata::default();
    let metadata = inventory.metadata.as_deref().unwrap_or(&none);
    sink.object("metadata", |sink| {
        sink.text("timestamp", &heading.created.to_string())?;
        sink.list(&LIFECYCLES, &metadata.lifecycles, |sink, lifecycle| {
            let key = words::known(words::PHASES, lifecycle).map_or("name", |_| "phase");
            sink.text(key, lifecycle)
        })?;
        tools(sink, &inventory.tools, heading)?;
        details::contacts(sink, &details::AUTHORS, &metadata.authors)?;
        if let Some(root) = inventory.root {
            sink.object("component", |sink| {
                component::write(sink, root, inventory, layout)
            })?;
        }
        let made_by = metadata.manufacturer.as_ref().or(metadata.organizations.first());
        details::party(sink, "manufacturer", made_by)?;
        details::party(sink, "supplier", metadata.supplier.as_ref())?;
        details::properties(sink, &metadata.properties, &[])
    })
}

/// The tools that made the document before, and the one that writes it now.
fn tools<S: Sink>(sink: &mut S, before: &[String], heading: &Heading<'_>) -> io::Result<()> {
    let now = (heading.tool.0, Some(heading.tool.1));
    let mut tools: Vec<(&str, Option<&str>)> = Vec::new();
    for tool in before.iter().map(|tool| text::tool(tool)).chain([now]) {
        if !tools.contains(&tool) && !tool.0.is_empty() {
            tools.push(tool);
        }
    }
    sink.object("tools", |sink| {
        sink.list(&COMPONENTS, tools, |sink, (name, version)| {
            sink.attribute("type", "application")?;
            sink.text("name", name)?;
            sink.text_if("version", version)
        })
    })
}

fn dependencies<S: Sink>(sink: &mut S, inventory: &Inventory, layout: &Layout<'_>) -> io::Result<()> {
    let all = inventory.complete == Some(true);
    let listed = layout
        .graph(inventory)
        .filter(|(_, targets)| all || !targets.is_empty());
    let services = layout.service_graph(inventory);
    let nodes = listed.chain(services);
    sink.list(&DEPENDENCIES, nodes, |sink, (from, targets)| {
        sink.attribute("ref", from)?;
        sink.values(&DEPENDS_ON, targets)
    })
}

/// What the document said of its completeness; what follows from that where it said it in another format.
fn compositions<S: Sink>(sink: &mut S, inventory: &Inventory, layout: &Layout<'_>) -> io::Result<()> {
    let derived = derived_composition(inventory, layout);
    let stated = inventory.compositions.iter().filter(|_| derived.is_none());
    sink.list(&COMPOSITIONS, stated.chain(&derived), |sink, composition| {
        let aggregate = words::known(words::AGGREGATES, &composition.aggregate).unwrap_or("unknown");
        sink.text("aggregate", aggregate)?;
        sink.values(&ASSEMBLIES, layout.defined(&composition.assemblies))?;
        sink.values(&COMPLETED, layout.defined(&composition.dependencies))
    })
}

fn derived_composition(inventory: &Inventory, layout: &Layout<'_>) -> Option<Composition> {
    let complete = inventory.complete.filter(|_| inventory.compositions.is_empty())?;
    let about = inventory.root.or_else(|| layout.top_level().next())?;
    Some(Composition {
        aggregate: if complete { "complete" } else { "incomplete" }.to_owned(),
        dependencies: vec![layout.reference(about).to_owned()],
        ..Composition::default()
    })
}

/// Deeper services stand beside what they are part of: readers bound their recursion.
const DEEPEST_SERVICE: usize = 20;

fn write_service<S: Sink>(
    sink: &mut S,
    id: u32,
    service: &Service,
    inventory: &Inventory,
    depth: usize,
) -> io::Result<()> {
    let reference = Some(service.reference.as_str()).filter(|reference| !reference.is_empty());
    sink.attribute_if("bom-ref", reference)?;
    details::party(sink, "provider", service.provider.as_ref())?;
    sink.text_if("group", service.group.as_deref())?;
    sink.text("name", &service.name)?;
    sink.text_if("version", service.version.as_deref())?;
    sink.text_if("description", service.description.as_deref())?;
    let endpoints = service
        .endpoints
        .iter()
        .map(|endpoint| text::uri_reference(endpoint));
    sink.values(&ENDPOINTS, endpoints)?;
    truth(sink, "authenticated", service.authenticated)?;
    truth(sink, "x-trust-boundary", service.crosses_trust_boundary)?;
    details::licenses(sink, &service.licenses)?;
    details::external_references(sink, &service.external_references, &[])?;
    details::properties(sink, &service.properties, &[])?;
    let nested = (0..)
        .zip(&inventory.services)
        .filter(|(_, inner)| inner.parent == Some(id) && depth < DEEPEST_SERVICE);
    sink.list(&SERVICES, nested, |sink, (id, service)| {
        write_service(sink, id, service, inventory, depth + 1)
    })
}

fn truth<S: Sink>(sink: &mut S, name: &str, value: Option<bool>) -> io::Result<()> {
    match value {
        Some(value) => sink.literal(name, if value { "true" } else { "false" }),
        None => Ok(()),
    }
}

/// The properties that only carry what CycloneDX has no field for.
fn contained_by(references: &[String]) -> impl Iterator<Item = carried::Fact> {
    references
        .iter()
        .map(|reference| (carried::CONTAINED_BY, reference.clone()))
}
