//! From a CycloneDX document, however it was spelled, to an inventory.

mod component;
mod details;
mod license;
mod metadata;
mod model;
pub(super) mod protobuf;
mod service;
mod vulnerability;
pub(super) mod write;
pub(super) mod xml;

use super::assembly::{Assembly, Relation};
use super::lenient::{Object, Text, essential};
use super::place::{Mark, Place};
use super::write::carried;
use super::{LONGEST_VALUE, Limits, ReadError};
use crate::{ComponentId, Composition, Inventory, Notice};
use model::{Bom, Component, Dependency};

/// `encoding` is the last word of [`Inventory::format`]: `JSON`, `XML`.
pub(super) fn assemble(
    bom: &Bom<'_>,
    encoding: &str,
    limits: &Limits,
) -> Result<(Inventory, Vec<Notice>), ReadError> {
    let mut assembly = Assembly::new(limits);
    metadata::read_head(bom, encoding, &mut assembly)?;
    metadata::read(bom, &mut assembly)?;
    let root = &Place::ROOT;
    let place = root.key("components");
    read_components(
        essential(&bom.components, &place)?,
        None,
        &place,
        1,
        &mut assembly,
    )?;
    assembly.relate_remembered(&place)?;
    let place = root.key("services");
    let services = assembly.notices.list(&bom.services, &place);
    service::read_all(services, None, &place, 1, &mut assembly)?;
    read_dependencies(bom, &mut assembly)?;
    read_compositions(bom, &mut assembly);
    vulnerability::read_all(bom, &mut assembly);
    Ok(assembly.finish("dependencies"))
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
        let Some(component) = assembly.notices.record(component, &place) else {
            continue;
        };
        let place = place.at(component.mark);
        let id = read_component(component, &place, depth, assembly)?;
        if let Some(parent) = parent {
            assembly.nest(id, parent);
            assembly.relate(parent, id, Relation::Contains, Mark::None)?;
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
    let mut read = component::read(component, place, &mut assembly.notices);
    let related = carried::take(&mut read);
    let is_python = read.purl.as_ref().is_some_and(|purl| purl.kind() == "pypi");
    let id = assembly.add(read, place)?;
    assembly.remember(id, related);
    if is_python && component::lies_in_system(component, place) {
        assembly.lies_in_system(id);
    }
    let place = place.key("components");
    let nested = assembly.notices.list(&component.components, &place);
    read_components(nested, Some(id), &place, depth + 1, assembly)?;
    Ok(id)
}

fn read_dependencies(bom: &Bom<'_>, assembly: &mut Assembly<'_>) -> Result<(), ReadError> {
    let place = Place::ROOT.key("dependencies");
    for (index, dependency) in essential(&bom.dependencies, &place)?.iter().enumerate() {
        let place = place.index(index);
        if let Some(dependency) = assembly.notices.record(dependency, &place) {
            let origin = dependency.mark.or_index(index);
            read_dependency(dependency, &place.at(dependency.mark), origin, assembly)?;
        }
    }
    Ok(())
}

fn read_dependency(
    dependency: &Dependency<'_>,
    place: &Place<'_>,
    origin: Mark,
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
        let Some(target) = assembly.notices.text(target, &place) else {
            continue;
        };
        match (&from, resolve(target, &place, assembly)) {
            (End::Component(from), End::Component(to)) => {
                assembly.relate(*from, to, Relation::DependsOn(None), origin)?;
            }
            (End::Nothing, _) | (_, End::Nothing) => {}
            (from, to) => assembly.relate_service(from.reference(assembly), to.reference(assembly))?,
        }
    }
    Ok(())
}

/// What a relation can have at an end.
enum End<'a> {
    Component(ComponentId),
    Service(&'a str),
    /// Something that relations of an inventory do not know, or that is not there.
    Nothing,
}

impl End<'_> {
    fn reference(&self, assembly: &Assembly<'_>) -> String {
        match self {
            Self::Component(id) => assembly.reference(*id),
            Self::Service(reference) => (*reference).to_owned(),
            Self::Nothing => String::new(),
        }
    }
}

/// Like [`Assembly::resolve`], but links into other documents do not dangle.
fn resolve<'r>(reference: &'r str, place: &Place<'_>, assembly: &mut Assembly<'_>) -> End<'r> {
    if reference.starts_with("urn:cdx:") {
        return End::Nothing;
    }
    match assembly.resolve(reference, place) {
        Some(id) => End::Component(id),
        None if assembly.is_service(reference) => End::Service(reference),
        None => End::Nothing,
    }
}

fn read_compositions(bom: &Bom<'_>, assembly: &mut Assembly<'_>) {
    let place = Place::ROOT.key("compositions");
    let read =
        |composition: &model::Composition<'_>, place: &Place<'_>, notices: &mut super::notices::Notices| {
            let place = place.at(composition.mark);
            Some(Composition {
                aggregate: notices
                    .text(&composition.aggregate, &place.key("aggregate"))?
                    .to_owned(),
                assemblies: references(&composition.assemblies, &place.key("assemblies"), notices),
                dependencies: references(&composition.dependencies, &place.key("dependencies"), notices),
            })
        };
    let compositions = assembly.notices.collect(&bom.compositions, &place, read);
    assembly.inventory.complete = completeness(&compositions, assembly);
    assembly.inventory.compositions = compositions;
}

/// All of them: cutting this list would change what is said to be complete.
fn references(
    list: &super::lenient::List<Text<'_>>,
    place: &Place<'_>,
    notices: &mut super::notices::Notices,
) -> Vec<String> {
    let list = notices.list(list, place);
    let mut references = Vec::with_capacity(list.len());
    for (index, reference) in list.iter().enumerate() {
        references.extend(notices.owned(reference, &place.index(index), LONGEST_VALUE));
    }
    references
}

/// What the compositions say about the dependencies: complete only if that of the root is said to be, and never
/// if any is said not to be.
fn completeness(compositions: &[Composition], assembly: &Assembly<'_>) -> Option<bool> {
    let about_dependencies = || {
        compositions
            .iter()
            .filter(|composition| !composition.dependencies.is_empty())
    };
    if about_dependencies().any(|composition| composition.aggregate.starts_with("incomplete")) {
        return Some(false);
    }
    let root = assembly.inventory.root?;
    let is_root = |reference: &String| assembly.find(reference) == Some(root);
    about_dependencies()
        .any(|composition| {
            composition.aggregate == "complete" && composition.dependencies.iter().any(is_root)
        })
        .then_some(true)
}
