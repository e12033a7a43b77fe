//! The ways by which components come in, for waivers that hold on certain paths only.

use std::collections::HashMap;

use inventory::{Component, ComponentId, Inventory};
use policy::{PurlPattern, Waiver, WaysIn};

use crate::Graph;
use crate::label::label;

/// Components whose ways are looked for in one audit; each search is bounded itself. A waiver on paths does not hold
/// for a component whose ways nobody looked for.
const MOST: usize = 20_000;

/// The ways to every component that a waiver on paths may speak of. Findings carry theirs themselves.
pub(crate) fn asked_for(
    inventory: &Inventory,
    graph: &Graph,
    waivers: &[Waiver],
) -> HashMap<ComponentId, WaysIn> {
    let patterns: Vec<Option<PurlPattern>> = waivers
        .iter()
        .filter(|waiver| !waiver.paths.is_empty() && waiver.vulnerability.is_none())
        .map(|waiver| waiver.purl.as_deref().and_then(|text| text.parse().ok()))
        .collect();
    if patterns.is_empty() {
        return HashMap::new();
    }
    inventory
        .iter()
        .filter(|(_, component)| {
            patterns
                .iter()
                .any(|pattern| may_mean(pattern.as_ref(), component))
        })
        .take(MOST)
        .map(|(id, _)| (id, ways(inventory, graph, id)))
        .collect()
}

fn may_mean(pattern: Option<&PurlPattern>, component: &Component) -> bool {
    let Some(pattern) = pattern else { return true };
    component.purl.as_ref().is_some_and(|purl| pattern.matches(purl))
}

fn ways(inventory: &Inventory, graph: &Graph, id: ComponentId) -> WaysIn {
    let name = |id: &ComponentId| inventory.components.get(*id as usize).map(label);
    let mut paths: Vec<Vec<String>> = Vec::new();
    for path in graph.shortest_paths(id) {
        let path: Vec<String> = path.iter().filter_map(name).collect();
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let listed = u64::try_from(paths.len()).unwrap_or(u64::MAX);
    WaysIn {
        count: graph.path_count(id).max(listed),
        paths,
    }
}
