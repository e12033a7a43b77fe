//! The questions, put to a document and its packages.

use std::collections::HashSet;

use inventory::{Component, ComponentId, Details, Inventory, Source};

use super::{Asked, Criterion, MOST_MISSING};
use crate::Surroundings;
use crate::label::label;
use crate::status::{is_grouping, version};

/// The answers to all questions that apply.
pub(super) fn answers(inventory: &Inventory) -> Vec<Criterion> {
    let packages = packages(inventory);
    let related = related(inventory);
    let reached = reached(inventory);
    Asked::ALL
        .into_iter()
        .filter_map(|asked| {
            let of_packages =
                |meets: &dyn Fn(&Package<'_>) -> bool| counted(asked, &packages, |package| meets(package));
            match asked {
                Asked::Author => author(inventory),
                Asked::Timestamp => of_document(inventory, asked, inventory.created.is_some()),
                Asked::Supplier => of_packages(&|package| has_supplier(package.component)),
                Asked::Name => of_packages(&|package| has_name(package.component)),
                Asked::Version => of_packages(&|package| version(package.component).is_some()),
                Asked::Identifier => of_packages(&|package| has_identifier(package.component)),
                Asked::Relationship => of_packages(&|package| related.contains(&package.id)),
                Asked::Matchable => matchable(inventory, &packages),
                Asked::Graph => of_packages(&|package| reached.contains(&package.id)),
                Asked::License => of_packages(&|package| has_license(package.component)),
                Asked::Hash => of_packages(&|package| !package.component.hashes.is_empty()),
            }
        })
        .collect()
}

/// A component that is asked: no grouping (files, operating systems), and not the product itself.
struct Package<'i> {
    id: ComponentId,
    component: &'i Component,
}

fn packages(inventory: &Inventory) -> Vec<Package<'_>> {
    inventory
        .iter()
        .filter(|(_, component)| !is_grouping(component))
        .map(|(id, component)| Package { id, component })
        .collect()
}

fn counted<'p, 'i: 'p>(
    asked: Asked,
    packages: impl IntoIterator<Item = &'p Package<'i>>,
    meets: impl Fn(&Package<'i>) -> bool,
) -> Option<Criterion> {
    let (mut met, mut of, mut missing) = (0_u32, 0_u32, Vec::new());
    for package in packages {
        of += 1;
        if meets(package) {
            met += 1;
        } else if missing.len() < MOST_MISSING {
            missing.push(label(package.component));
        }
    }
    (of > 0).then(|| Criterion {
        missing,
        ..criterion(asked, met, of, share(met, of))
    })
}

fn criterion(asked: Asked, met: u32, of: u32, share: u32) -> Criterion {
    Criterion {
        id: asked,
        ntia: asked.is_ntia(),
        weight: asked.weight(),
        share,
        met,
        of,
        missing: Vec::new(),
    }
}

/// In hundredths of a percent, rounded down: what lacks something is never whole.
fn share(met: u32, of: u32) -> u32 {
    let hundredths = u64::from(met) * 10_000 / u64::from(of.max(1));
    u32::try_from(hundredths).unwrap_or(10_000)
}

/// Only a document has an author and a time; what was read from lockfiles or an image has neither.
fn is_document(inventory: &Inventory) -> bool {
    inventory.format.starts_with("CycloneDX") || inventory.format.starts_with("SPDX")
}

fn of_document(inventory: &Inventory, asked: Asked, met: bool) -> Option<Criterion> {
    let met = u32::from(met);
    is_document(inventory).then(|| criterion(asked, met, 1, share(met, 1)))
}

fn author(inventory: &Inventory) -> Option<Criterion> {
    let named = inventory.metadata.as_deref().is_some_and(|metadata| {
        !metadata.authors.is_empty()
            || !metadata.organizations.is_empty()
            || metadata.manufacturer.is_some()
            || metadata.supplier.is_some()
    });
    let tool_alone = !named && !inventory.tools.is_empty();
    of_document(inventory, Asked::Author, named).map(|criterion| Criterion {
        share: if tool_alone { 5_000 } else { criterion.share },
        ..criterion
    })
}

fn has_supplier(component: &Component) -> bool {
    let by_details = |details: &Details| {
        details.manufacturer.is_some()
            || details.publisher.is_some()
            || details.author.is_some()
            || !details.authors.is_empty()
    };
    component.supplier.is_some() || component.details.as_deref().is_some_and(by_details)
}

/// What readers call a component that has no name is none.
fn has_name(component: &Component) -> bool {
    !component.name.trim().is_empty() && component.name != "(unnamed)"
}

fn has_identifier(component: &Component) -> bool {
    let has_swid = |details: &Details| details.swid.is_some();
    component.purl.is_some() || component.cpe.is_some() || component.details.as_deref().is_some_and(has_swid)
}

/// Packages of the product's own code are in no advisory, so they are not asked.
fn matchable(inventory: &Inventory, packages: &[Package<'_>]) -> Option<Criterion> {
    let surroundings = Surroundings::of(inventory);
    let asked = packages
        .iter()
        .filter(|package| !matches!(package.component.source, Source::Path(_)));
    counted(Asked::Matchable, asked, |package| {
        package.component.source == Source::Registry
            && surroundings.ecosystem(package.component).is_some()
            && version(package.component).is_some()
    })
}

fn has_license(component: &Component) -> bool {
    let texts = component.licenses.iter().map(|claim| claim.text.as_str());
    match licenses::read_all(texts).stated {
        licenses::Stated::Expression(expression) => !expression.is_unknown(),
        licenses::Stated::Unlicensed | licenses::Stated::File(_) => true,
        licenses::Stated::NoData => false,
    }
}

/// Every end of every relation.
fn related(inventory: &Inventory) -> HashSet<ComponentId> {
    inventory
        .edges
        .iter()
        .flat_map(|(from, to)| [*from, *to])
        .collect()
}

/// What the root leads to by dependencies; without a root, what any dependency leads from or to.
fn reached(inventory: &Inventory) -> HashSet<ComponentId> {
    let dependencies: Vec<(ComponentId, ComponentId)> = inventory
        .edges
        .iter()
        .filter(|edge| inventory.containment.binary_search(edge).is_err())
        .copied()
        .collect();
    let Some(root) = inventory.root else {
        return dependencies.iter().flat_map(|(from, to)| [*from, *to]).collect();
    };
    let mut reached = HashSet::from([root]);
    let mut waiting = vec![root];
    while let Some(from) = waiting.pop() {
        let start = dependencies.partition_point(|edge| edge.0 < from);
        let targets = dependencies.get(start..).unwrap_or_default();
        for (_, to) in targets.iter().take_while(|edge| edge.0 == from) {
            if reached.insert(*to) {
                waiting.push(*to);
            }
        }
    }
    reached
}
