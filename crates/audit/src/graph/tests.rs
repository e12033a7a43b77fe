use inventory::{Component, ComponentId, ComponentKind, Inventory};

use super::{Graph, PATH_COUNT_LIMIT, PATHS_SHOWN};

/// An inventory of libraries; with `root`, component 0 is the product.
fn inventory(size: usize, root: bool, edges: &[(ComponentId, ComponentId)]) -> Inventory {
    let components = (0..size)
        .map(|number| Component {
            name: format!("c{number}"),
            purl: format!("pkg:npm/c{number}@1.0.0").parse().ok(),
            ..Component::default()
        })
        .collect();
    Inventory {
        root: root.then_some(0),
        components,
        edges: edges.to_vec(),
        ..Inventory::default()
    }
}

#[test]
fn direct_is_what_the_root_names_and_unknown_where_nothing_leads() {
    let graph = Graph::new(&inventory(5, true, &[(0, 1), (1, 2), (0, 3), (3, 2)]));
    let direct: Vec<_> = (0..5).map(|node| graph.direct(node)).collect();
    assert_eq!(direct, [Some(true), Some(true), Some(false), Some(true), None]);
    assert_eq!(graph.shortest_paths(2), [[1, 2], [3, 2]]);
    assert_eq!(graph.path_count(2), 2);
    assert_eq!(graph.via(2), [1, 3]);
    assert_eq!(graph.path_count(4), 0);
}

#[test]
fn without_edges_nothing_is_claimed() {
    let graph = Graph::new(&inventory(3, true, &[]));
    for node in 1..3 {
        assert_eq!(graph.direct(node), None);
        assert_eq!(graph.path_count(node), 0);
        assert!(graph.shortest_paths(node).is_empty());
    }
}

#[test]
fn without_a_root_what_nobody_needs_is_direct_and_the_rest_unknown() {
    for root in [false, true] {
        // With `root`, component 0 is a root that names nothing.
        let graph = Graph::new(&inventory(4, root, &[(1, 2), (2, 3)]));
        let direct: Vec<_> = (1..4).map(|node| graph.direct(node)).collect();
        assert_eq!(direct, [Some(true), None, None], "root {root}");
        assert_eq!(graph.shortest_paths(3), [[1, 2, 3]]);
    }
}

#[test]
fn a_lockfile_between_root_and_packages_is_transparent() {
    let mut inventory = inventory(4, true, &[(0, 1), (1, 2), (2, 3)]);
    inventory.components[1] = Component {
        name: "package-lock.json".into(),
        kind: ComponentKind::Application,
        ..Component::default()
    };
    let graph = Graph::new(&inventory);
    assert_eq!(graph.direct(2), Some(true));
    assert_eq!(graph.direct(3), Some(false));
    assert_eq!(graph.via(3), [2], "a lockfile is nothing that can be upgraded");
    assert_eq!(graph.shortest_paths(3), [[1, 2, 3]]);
}

#[test]
fn cycles_neither_hang_nor_repeat_a_component() {
    let graph = Graph::new(&inventory(
        5,
        true,
        &[(0, 1), (1, 2), (2, 3), (3, 1), (3, 4), (4, 0), (1, 4)],
    ));
    assert_eq!(graph.shortest_paths(4), [vec![1, 4], vec![1, 2, 3, 4]]);
    assert_eq!(graph.shortest_paths(1), [[1]]);
    assert_eq!(graph.path_count(4), 2, "two edges leave the cycle");
    for node in 1..5 {
        assert!(graph.path_count(node) >= 1);
    }
}

#[test]
fn paths_come_shortest_first_and_agree_with_trying_everything() {
    // Layers of three, each fully joined to the next, with shortcuts.
    let mut edges = vec![(0, 1), (0, 2), (0, 3), (1, 7), (2, 9)];
    for layer in 0..2 {
        for from in 1..=3 {
            for to in 4..=6 {
                edges.push((layer * 3 + from, layer * 3 + to));
            }
        }
    }
    let inventory = inventory(10, true, &edges);
    let graph = Graph::new(&inventory);
    for target in 1..10 {
        let mut all = every_path(&inventory, target);
        all.sort_by_key(Vec::len);
        let shown = graph.shortest_paths(target);
        assert_eq!(graph.path_count(target), all.len() as u64);
        assert_eq!(shown.len(), all.len().min(PATHS_SHOWN));
        let lengths = |paths: &[Vec<ComponentId>]| paths.iter().take(PATHS_SHOWN).map(Vec::len).collect();
        let (have, want): (Vec<_>, Vec<_>) = (lengths(&shown), lengths(&all));
        assert_eq!(have, want, "{target}");
        assert!(shown.iter().all(|path| all.contains(path)));
    }
}

fn every_path(inventory: &Inventory, target: ComponentId) -> Vec<Vec<ComponentId>> {
    let mut found = Vec::new();
    let mut open: Vec<Vec<ComponentId>> = vec![vec![0]];
    while let Some(path) = open.pop() {
        let last = path[path.len() - 1];
        if last == target {
            found.push(path[1..].to_vec());
            continue;
        }
        for &(from, to) in &inventory.edges {
            if from == last && !path.contains(&to) {
                open.push([path.clone(), vec![to]].concat());
            }
        }
    }
    found
}

#[test]
fn counts_stop_at_the_limit() {
    // A ladder doubles the number of paths at each of sixty rungs.
    let mut edges = vec![(0, 1)];
    for rung in 0..60 {
        let (top, bottom) = (1 + rung * 3, 4 + rung * 3);
        edges.extend([
            (top, top + 1),
            (top, top + 2),
            (top + 1, bottom),
            (top + 2, bottom),
        ]);
    }
    let graph = Graph::new(&inventory(182, true, &edges));
    assert_eq!(graph.path_count(181), PATH_COUNT_LIMIT);
    assert_eq!(graph.path_count(1 + 10 * 3), 1024);
    assert_eq!(graph.shortest_paths(31).len(), PATHS_SHOWN);
}

#[test]
fn half_a_million_components_in_a_chain_or_a_ring_need_no_stack() {
    let size: u32 = 500_000;
    let mut edges: Vec<_> = (0..size - 1).map(|node| (node, node + 1)).collect();
    let chain = Graph::new(&inventory(size as usize, true, &edges));
    assert_eq!(chain.path_count(size - 1), 1);
    assert_eq!(chain.direct(size - 1), Some(false));
    assert!(chain.shortest_paths(size - 1).is_empty(), "too long to be read");
    assert_eq!(chain.shortest_paths(100).len(), 1);

    edges.push((size - 1, 1));
    let ring = Graph::new(&inventory(size as usize, true, &edges));
    assert_eq!(ring.path_count(size - 1), 1);
    assert_eq!(ring.shortest_paths(1), [[1]]);
}

#[test]
fn edges_to_nowhere_are_left_out() {
    let graph = Graph::new(&inventory(2, true, &[(0, 1), (1, 9), (9, 1), (1, 1)]));
    assert_eq!(graph.shortest_paths(1), [[1]]);
    assert!(graph.dependencies(1).is_empty());
}
