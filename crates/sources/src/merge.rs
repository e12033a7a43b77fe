//! Nodes that are the same package and need the same things become one component.

use std::collections::HashMap;

use ecosystems::tree::{Node, NodeId, NodeKind, Tree};

/// How often classes are told apart by what they need. Trees of npm settle after a few rounds; what has not by then
/// stays together when it is the same package.
const ROUNDS: usize = 12;

/// The class of every node, counted from 0 in the order of their first node.
///
/// Two nodes are in one class when they are the same version from the same source under the same name and need nodes
/// of the same classes, so that every path through the classes is a path through the tree.
pub(crate) fn classes(tree: &Tree) -> Vec<usize> {
    let mut classes = number((0..tree.nodes.len()).map(|id| identity(id, &tree.nodes[id])));
    let mut children: Vec<Vec<NodeId>> = vec![Vec::new(); tree.nodes.len()];
    for edge in &tree.edges {
        if let Some(list) = children.get_mut(edge.from) {
            list.push(edge.to);
        }
    }
    let mut count = distinct(&classes);
    for _ in 0..ROUNDS {
        let finer = number(classes.iter().zip(&children).map(|(class, children)| {
            let mut below: Vec<usize> = children
                .iter()
                .filter_map(|child| classes.get(*child).copied())
                .collect();
            below.sort_unstable();
            below.dedup();
            (*class, below)
        }));
        let now = distinct(&finer);
        if now == count {
            return classes;
        }
        (classes, count) = (finer, now);
    }
    classes
}

/// What makes a package itself; each of the project's own nodes is a class of its own.
fn identity(id: NodeId, node: &Node) -> (Option<NodeId>, String) {
    let own = (node.kind != NodeKind::Package).then_some(id);
    let flags = (node.flags.bundled, &node.condition);
    (
        own,
        format!(
            "{}\0{:?}\0{:?}\0{:?}\0{flags:?}",
            node.name, node.version, node.source, node.alias
        ),
    )
}

fn number<T: std::hash::Hash + Eq>(keys: impl Iterator<Item = T>) -> Vec<usize> {
    let mut known = HashMap::new();
    keys.map(|key| {
        let next = known.len();
        *known.entry(key).or_insert(next)
    })
    .collect()
}

fn distinct(classes: &[usize]) -> usize {
    classes.iter().max().map_or(0, |max| max + 1)
}

#[cfg(test)]
mod tests {
    use ecosystems::tree::EdgeKind;

    use super::*;

    #[test]
    fn equal_packages_with_equal_needs_are_one() {
        let mut tree = Tree::new("npm", "test");
        let node = |name: &str, version: &str| Node {
            name: name.to_owned(),
            version: Some(version.to_owned()),
            ..Node::default()
        };
        let nodes = [
            node("root", "1"),
            node("a", "1"),
            node("b", "1"),
            node("b", "1"),
            node("c", "1"),
            node("c", "1"),
            node("c", "2"),
            node("b", "1"),
        ];
        for (id, node) in nodes.into_iter().enumerate() {
            tree.add(Node {
                kind: if id == 0 {
                    NodeKind::Root
                } else {
                    NodeKind::Package
                },
                ..node
            });
        }
        // Both first b's need a c 1, the third needs c 2.
        for (from, to) in [(0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (0, 7), (7, 6)] {
            tree.link(from, to, EdgeKind::Normal);
        }
        assert_eq!(classes(&tree), [0, 1, 2, 2, 3, 3, 4, 5]);
    }
}
