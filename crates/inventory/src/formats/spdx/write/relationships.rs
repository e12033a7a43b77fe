//! Who depends on whom, and what the document is about.

use super::document::Document;
use super::ids::DOCUMENT;
use super::model::Relationship;
use crate::formats::ownership::OWNERSHIP_COMMENT;
use crate::{ComponentId, Scope};

/// Without a root the document describes all that is in it, so that no reader takes one of them for the product; a
/// lone package needs no description.
pub(super) fn of<'d>(document: &'d Document<'_>) -> impl Iterator<Item = Relationship<'d>> {
    let inventory = document.inventory;
    let count = ComponentId::try_from(inventory.components.len()).unwrap_or(ComponentId::MAX);
    let described = match inventory.root {
        Some(root) => root..root.saturating_add(1),
        None if count == 1 => 0..0,
        // A document must say that it describes nothing.
        None if count == 0 => 0..1,
        None => 0..count,
    };
    let described = described.map(|id| relationship(DOCUMENT, "DESCRIBES", document.id(id)));
    let edges = inventory.edges.iter().map(|edge| between(document, *edge));
    described.chain(edges).chain(ownership(document))
}

/// As Syft says it.
fn ownership<'d>(document: &'d Document<'_>) -> impl Iterator<Item = Relationship<'d>> {
    let owned = (0..).zip(&document.inventory.components);
    owned.filter_map(|(id, component)| {
        Some(Relationship {
            comment: Some(OWNERSHIP_COMMENT),
            ..relationship(document.id(component.owned_by?), "OTHER", document.id(id))
        })
    })
}

fn between<'d>(document: &'d Document<'_>, edge: (ComponentId, ComponentId)) -> Relationship<'d> {
    let (from, to) = (document.id(edge.0), document.id(edge.1));
    if document.inventory.containment.binary_search(&edge).is_ok() {
        return relationship(from, "CONTAINS", to);
    }
    let target = usize::try_from(edge.1)
        .ok()
        .and_then(|index| document.inventory.components.get(index));
    match target.map(|target| target.scope) {
        Some(Scope::Dev) => relationship(to, "DEV_DEPENDENCY_OF", from),
        Some(Scope::Optional) => relationship(to, "OPTIONAL_DEPENDENCY_OF", from),
        _ => relationship(from, "DEPENDS_ON", to),
    }
}

const fn relationship<'d>(from: &'d str, kind: &'static str, to: &'d str) -> Relationship<'d> {
    Relationship {
        spdx_element_id: from,
        relationship_type: kind,
        related_spdx_element: to,
        comment: None,
    }
}
