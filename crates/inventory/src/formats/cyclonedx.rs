//! From a CycloneDX document, however it was spelled, to an inventory.

mod component;
mod model;

use super::assembly::{Assembly, Relation};
use super::lenient::{Field, Object, Record, Text, essential};
use super::place::Place;
use super::{Limits, ReadError};
use crate::{ComponentId, Inventory, Notice};
use model::{Bom, Component, Composition, Dependency, Service, Tool, Tools};

/// Versions whose every field that matters here is known.
const KNOWN: &[&str] = &["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];

/// `encoding` is the last word of [`Inventory::format`]: `JSON`, `XML`.
pub(super) fn assemble(
    bom: &Bom<'_>,
    encoding: &str,
    limits: &Limits,
) -> Result<(Inventory, Vec<Notice>), ReadError> {
    let mut assembly = Assembly::new(limits);
    let root = &Place::ROOT;
    read_head(bom, encoding, &mut assembly)?;
    read_metadata(bom, &mut assembly)?;
    let place = root.key("components");
    let components = essential(&bom.components, &place)?;
    read_components(components, None, &place, 1, &mut assembly)?;
    let place = root.key("services");
    let services = assembly.notices.list(&bom.services, &place);
    read_services(services, &place, &mut assembly);
    let place = root.key("dependencies");
    read_dependencies(essential(&bom.dependencies, &place)?, &place, &mut assembly)?;
    let place = root.key("compositions");
    let compositions = assembly.notices.list(&bom.compositions, &place);
    assembly.inventory.complete = completeness(compositions, &place, &mut assembly);
    Ok(assembly.finish())
}

fn read_head(bom: &Bom<'_>, encoding: &str, assembly: &mut Assembly<'_>) -> Result<(), ReadError> {
    let place = Place::ROOT.key("specVersion");
    if let Field::Wrong(found) = bom.spec_version {
        return Err(ReadError::malformed(format!("{found} stands where the version belongs")).at(&place));
    }
    let version = assembly
        .notices
        .text(&bom.spec_version, &place)
        .unwrap_or("of unknown version");
    if !KNOWN.contains(&version) {
        assembly.notices.warn(
            "unknown_version",
            &place,
            format_args!("CycloneDX {version} is not known; it was read as 1.7"),
        );
    }
    assembly.inventory.format = format!("CycloneDX {version} {encoding}");
    let serial = assembly
        .notices
        .text(&bom.serial_number, &Place::ROOT.key("serialNumber"));
    assembly.inventory.serial = serial.map(str::to_owned);
    Ok(())
}

fn read_metadata(bom: &Bom<'_>, assembly: &mut Assembly<'_>) -> Result<(), ReadError> {
    let place = &Place::ROOT.key("metadata");
    if let Some(Record(metadata)) = assembly.notices.field(&bom.metadata, place) {
        let created = assembly
            .notices
            .text(&metadata.timestamp, &place.key("timestamp"));
        assembly.inventory.created = created.map(str::to_owned);
        let place_of_tools = place.key("tools");
        if let Some(tools) = assembly.notices.field(&metadata.tools, &place_of_tools) {
            assembly.inventory.tools = tool_names(tools, &place_of_tools, assembly);
        }
        let place = place.key("component");
        if let Some(Record(component)) = assembly.notices.field(&metadata.component, &place) {
            assembly.inventory.root = Some(read_component(component, &place, 0, assembly)?);
        }
    }
    if assembly.inventory.root.is_none() {
        let text = format_args!("the document does not name the product that it describes");
        assembly.notices.info("no_root", &place.key("component"), text);
    }
    Ok(())
}

fn tool_names(tools: &Tools<'_>, place: &Place<'_>, assembly: &mut Assembly<'_>) -> Vec<String> {
    let below = place.key("components");
    let (list, place) = match tools {
        Tools::Listed(list) => (list, place),
        Tools::Described(set) => (&set.components, &below),
    };
    let tools = assembly.notices.list(list, place);
    let mut names = Vec::new();
    for (index, tool) in tools.iter().enumerate() {
        if let Some(Record(tool)) = assembly.notices.field(tool, &place.index(index)) {
            names.extend(tool_name(tool, &place.index(index), assembly));
        }
    }
    names
}

fn tool_name(tool: &Tool<'_>, place: &Place<'_>, assembly: &mut Assembly<'_>) -> Option<String> {
    let name = assembly.notices.text(&tool.name, &place.key("name"))?;
    let version = assembly.notices.text(&tool.version, &place.key("version"));
    Some(version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}")))
}

/// Reads a list of components and all that is nested in them; `parent` contains them.
fn read_components(
    components: &[Object<Component<'_>>],
    parent: Option<ComponentId>,
    place: &Place<'_>,
    depth: usize,
    assembly: &mut Assembly<'_>,
) -> Result<(), ReadError> {
    for (index, component) in components.iter().enumerate() {
        let place = place.index(index);
        let Some(Record(component)) = assembly.notices.field(component, &place) else {
            continue;
        };
        let id = read_component(component, &place, depth, assembly)?;
        if let Some(parent) = parent {
            assembly.relate(parent, id, Relation::Contains)?;
        }
    }
    Ok(())
}

fn read_component(
    component: &Component<'_>,
    place: &Place<'_>,
    depth: usize,
    assembly: &mut Assembly<'_>,
) -> Result<ComponentId, ReadError> {
    assembly.check_depth(depth, place)?;
    let read = component::read(component, place, &mut assembly.notices);
    let is_python = read.purl.as_ref().is_some_and(|purl| purl.kind() == "pypi");
    let id = assembly.add(read, place)?;
    if is_python && component::lies_in_system(component, place) {
        assembly.lies_in_system(id);
    }
    let place = place.key("components");
    let nested = assembly.notices.list(&component.components, &place);
    read_components(nested, Some(id), &place, depth + 1, assembly)?;
    Ok(id)
}

/// Services are no components, but dependencies name them.
fn read_services(services: &[Object<Service<'_>>], place: &Place<'_>, assembly: &mut Assembly<'_>) {
    for (index, service) in services.iter().enumerate() {
        let place = place.index(index);
        if let Some(Record(service)) = assembly.notices.field(service, &place) {
            if let Some(reference) = assembly.notices.text(&service.bom_ref, &place.key("bom-ref")) {
                assembly.add_other(reference);
            }
            let place = place.key("services");
            let nested = assembly.notices.list(&service.services, &place);
            read_services(nested, &place, assembly);
        }
    }
}

fn read_dependencies(
    dependencies: &[Object<Dependency<'_>>],
    place: &Place<'_>,
    assembly: &mut Assembly<'_>,
) -> Result<(), ReadError> {
    for (index, dependency) in dependencies.iter().enumerate() {
        let place = place.index(index);
        if let Some(Record(dependency)) = assembly.notices.field(dependency, &place) {
            read_dependency(dependency, &place, assembly)?;
        }
    }
    Ok(())
}

fn read_dependency(
    dependency: &Dependency<'_>,
    place: &Place<'_>,
    assembly: &mut Assembly<'_>,
) -> Result<(), ReadError> {
    let place_of_ref = place.key("ref");
    let place = place.key("dependsOn");
    let targets = assembly.notices.list(&dependency.depends_on, &place);
    let Some(reference) = assembly.notices.text(&dependency.reference, &place_of_ref) else {
        return Ok(());
    };
    let from = resolve(reference, &place_of_ref, assembly);
    for (index, target) in targets.iter().enumerate() {
        let place = place.index(index);
        let target = assembly.notices.text(target, &place);
        let to = target.and_then(|target| resolve(target, &place, assembly));
        if let (Some(from), Some(to)) = (from, to) {
            assembly.relate(from, to, Relation::DependsOn(None))?;
        }
    }
    Ok(())
}

/// Like [`Assembly::resolve`], but links into other documents do not dangle.
fn resolve(reference: &str, place: &Place<'_>, assembly: &mut Assembly<'_>) -> Option<ComponentId> {
    if reference.starts_with("urn:cdx:") {
        return None;
    }
    assembly.resolve(reference, place)
}

/// What the compositions say about the dependencies: complete only if that of the root is said to be, and never
/// if any is said not to be.
fn completeness(
    compositions: &[Object<Composition<'_>>],
    place: &Place<'_>,
    assembly: &mut Assembly<'_>,
) -> Option<bool> {
    let mut complete = None;
    for (index, composition) in compositions.iter().enumerate() {
        let place = place.index(index);
        let Some(Record(composition)) = assembly.notices.field(composition, &place) else {
            continue;
        };
        let about = assembly
            .notices
            .list(&composition.dependencies, &place.key("dependencies"));
        let aggregate = assembly
            .notices
            .text(&composition.aggregate, &place.key("aggregate"));
        match aggregate.unwrap_or_default() {
            _ if about.is_empty() => {}
            aggregate if aggregate.starts_with("incomplete") => return Some(false),
            "complete" if names_root(about, &place, assembly) => complete = Some(true),
            _ => {}
        }
    }
    complete
}

fn names_root(references: &[Text<'_>], place: &Place<'_>, assembly: &mut Assembly<'_>) -> bool {
    let root = assembly.inventory.root;
    references.iter().any(|reference| {
        let reference = assembly.notices.text(reference, place);
        reference.is_some_and(|reference| root.is_some() && resolve(reference, place, assembly) == root)
    })
}
