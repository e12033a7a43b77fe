//! From edges to adjacency, tops, directness and distances.

use std::collections::VecDeque;

use inventory::{ComponentId, Inventory};

use super::{Adjacency, Graph, UNREACHED, count};
use crate::status::is_transparent;

pub(super) fn graph(inventory: &Inventory) -> Graph {
    let size = inventory.components.len();
    let edges = sound_edges(inventory, size);
    let successors = adjacency(size, &edges, None);
    let tops = tops(inventory, &successors, &edges);
    let (distance, order) = distances(size, &successors, &tops.nodes, tops.root);
    let rank = ranks(size, &order);
    let inner: Vec<_> = edges
        .iter()
        .filter(|(from, to)| Some(*from) != tops.root && Some(*to) != tops.root)
        .map(|&(from, to)| (to, from))
        .collect();
    let predecessors = adjacency(size, &inner, Some(&rank));
    let direct = directness(inventory, &tops, &successors, &distance);
    let path_counts = count::paths(&successors, &tops.nodes, tops.root, size);
    let mut is_top = vec![false; size];
    for &top in &tops.nodes {
        mark(&mut is_top, top);
    }
    Graph {
        successors,
        predecessors,
        is_top,
        is_grouping: inventory.components.iter().map(is_transparent).collect(),
        direct,
        distance,
        path_counts,
    }
}

/// The edges between components that exist, without self-loops.
fn sound_edges(inventory: &Inventory, size: usize) -> Vec<(ComponentId, ComponentId)> {
    inventory
        .edges
        .iter()
        .copied()
        .filter(|&(from, to)| from != to && (from as usize) < size && (to as usize) < size)
        .collect()
}

/// Counting sort of edges by their first end; neighbours are in the order of `rank`, or as they come.
fn adjacency(size: usize, edges: &[(ComponentId, ComponentId)], rank: Option<&[u32]>) -> Adjacency {
    let mut starts = vec![0usize; size + 1];
    for &(from, _) in edges {
        if let Some(count) = starts.get_mut(from as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut next = starts.clone();
    let mut targets = vec![0; edges.len()];
    for &(from, to) in edges {
        if let Some(position) = next.get_mut(from as usize) {
            if let Some(target) = targets.get_mut(*position) {
                *target = to;
            }
            *position += 1;
        }
    }
    if let Some(rank) = rank {
        sort_neighbours(&starts, &mut targets, rank);
    }
    Adjacency { starts, targets }
}

fn sort_neighbours(starts: &[usize], targets: &mut [ComponentId], rank: &[u32]) {
    for (&start, &end) in starts.iter().zip(starts.iter().skip(1)) {
        if let Some(neighbours) = targets.get_mut(start..end) {
            neighbours.sort_by_key(|&node| rank.get(node as usize).copied().unwrap_or(UNREACHED));
        }
    }
}

/// Where paths begin.
struct Tops {
    nodes: Vec<ComponentId>,
    /// The root, when it names something; it lies on no path.
    root: Option<ComponentId>,
}

fn tops(inventory: &Inventory, successors: &Adjacency, edges: &[(ComponentId, ComponentId)]) -> Tops {
    if let Some(root) = inventory.root
        && !successors.of(root).is_empty()
    {
        return Tops {
            nodes: successors.of(root).to_vec(),
            root: Some(root),
        };
    }
    let mut needed = vec![false; inventory.components.len()];
    for &(_, to) in edges {
        mark(&mut needed, to);
    }
    let nodes = (0..)
        .zip(&needed)
        .filter(|&(node, needed)| !needed && !successors.of(node).is_empty())
        .map(|(node, _)| node)
        .collect();
    Tops { nodes, root: None }
}

/// Breadth-first distances from the tops, and the nodes in the order in which they were reached.
fn distances(
    size: usize,
    successors: &Adjacency,
    tops: &[ComponentId],
    root: Option<ComponentId>,
) -> (Vec<u32>, Vec<ComponentId>) {
    let mut distance = vec![UNREACHED; size];
    let mut order = Vec::with_capacity(size);
    let mut queue: VecDeque<(ComponentId, u32)> = tops.iter().map(|&top| (top, 0)).collect();
    while let Some((node, steps)) = queue.pop_front() {
        match distance.get_mut(node as usize) {
            Some(known) if *known == UNREACHED && Some(node) != root => *known = steps,
            _ => continue,
        }
        order.push(node);
        let unseen = |next: &&ComponentId| distance.get(**next as usize) == Some(&UNREACHED);
        queue.extend(
            successors
                .of(node)
                .iter()
                .filter(unseen)
                .map(|&next| (next, steps + 1)),
        );
    }
    (distance, order)
}

/// The position of each node in `order`; unreached nodes are last.
fn ranks(size: usize, order: &[ComponentId]) -> Vec<u32> {
    let mut rank = vec![UNREACHED; size];
    for (position, &node) in (0..).zip(order) {
        if let Some(slot) = rank.get_mut(node as usize) {
            *slot = position;
        }
    }
    rank
}

/// See [`Graph::direct`].
fn directness(
    inventory: &Inventory,
    tops: &Tops,
    successors: &Adjacency,
    distance: &[u32],
) -> Vec<Option<bool>> {
    let rooted = tops.root.is_some();
    let mut direct: Vec<Option<bool>> = distance
        .iter()
        .map(|&steps| (rooted && steps != UNREACHED).then_some(false))
        .collect();
    let mut queue = tops.nodes.clone();
    while let Some(node) = queue.pop() {
        let Some(slot) = direct.get_mut(node as usize) else {
            continue;
        };
        if slot.replace(true) == Some(true) {
            continue;
        }
        let grouping = inventory
            .components
            .get(node as usize)
            .is_some_and(is_transparent);
        if grouping {
            queue.extend(
                successors
                    .of(node)
                    .iter()
                    .filter(|&&next| Some(next) != tops.root),
            );
        }
    }
    if let Some(slot) = inventory.root.and_then(|root| direct.get_mut(root as usize)) {
        *slot = Some(true);
    }
    direct
}

fn mark(flags: &mut [bool], node: ComponentId) {
    if let Some(flag) = flags.get_mut(node as usize) {
        *flag = true;
    }
}
