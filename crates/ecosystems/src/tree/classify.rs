//! How each node is needed, found by the ways that lead to it.

use super::{EdgeKind, Flags, NodeId, NodeKind, Tree};

impl Tree {
    /// Sets `dev`, `optional` and `peer` of every package by the edges that reach it from the project and its
    /// members. A package that nothing reaches counts as an ordinary dependency: to leave it out would be a guess.
    pub fn classify(&mut self) {
        let children = self.children();
        let starts: Vec<NodeId> = self.own_nodes().collect();
        let reach = |without: fn(EdgeKind) -> bool| self.reachable(&starts, &children, without);
        let all = reach(|_| false);
        let shipped = reach(|kind| kind == EdgeKind::Dev);
        let required =
            reach(|kind| matches!(kind, EdgeKind::Dev | EdgeKind::Optional | EdgeKind::PeerOptional));
        let required_in_dev = reach(|kind| matches!(kind, EdgeKind::Optional | EdgeKind::PeerOptional));
        let without_peers = reach(|kind| matches!(kind, EdgeKind::Peer | EdgeKind::PeerOptional));
        for (id, node) in self.nodes.iter_mut().enumerate() {
            if node.kind != NodeKind::Package || !all[id] {
                continue;
            }
            node.flags = Flags {
                dev: !shipped[id],
                optional: if shipped[id] {
                    !required[id]
                } else {
                    !required_in_dev[id]
                },
                peer: !without_peers[id],
                bundled: node.flags.bundled,
            };
        }
    }

    /// The project and its members.
    pub fn own_nodes(&self) -> impl Iterator<Item = NodeId> {
        let own = |(_, node): &(NodeId, &super::Node)| node.kind != NodeKind::Package;
        self.nodes.iter().enumerate().filter(own).map(|(id, _)| id)
    }

    /// The edges that leave each node, as positions in `edges`.
    fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.nodes.len()];
        for (position, edge) in self.edges.iter().enumerate() {
            if let Some(list) = children.get_mut(edge.from) {
                list.push(position);
            }
        }
        children
    }

    fn reachable(
        &self,
        starts: &[NodeId],
        children: &[Vec<usize>],
        without: fn(EdgeKind) -> bool,
    ) -> Vec<bool> {
        let mut seen = vec![false; self.nodes.len()];
        let mut waiting = starts.to_vec();
        while let Some(id) = waiting.pop() {
            match seen.get_mut(id) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            let edges = children[id].iter().map(|position| &self.edges[*position]);
            waiting.extend(edges.filter(|edge| !without(edge.kind)).map(|edge| edge.to));
        }
        seen
    }

    /// A package that only conditional edges lead to is under that condition itself, when they agree on it.
    pub fn spread_conditions(&mut self) {
        let mut common: Vec<Option<Option<&str>>> = vec![None; self.nodes.len()];
        for edge in &self.edges {
            if let Some(slot) = common.get_mut(edge.to) {
                let condition = edge.condition.as_deref();
                *slot = match *slot {
                    None => Some(condition),
                    Some(known) if known == condition => Some(known),
                    Some(_) => Some(None),
                };
            }
        }
        let common: Vec<Option<String>> = common
            .into_iter()
            .map(|slot| slot.flatten().map(str::to_owned))
            .collect();
        for (node, condition) in self.nodes.iter_mut().zip(common) {
            if node.kind == NodeKind::Package && node.condition.is_none() {
                node.condition = condition;
            }
        }
    }

    /// Lets the project depend on everything that nothing else needs, for lockfiles whose manifest is not there.
    /// What stands in a circle that nothing enters is left as it is.
    pub(crate) fn adopt_orphans(&mut self, root: NodeId) {
        let mut needed = vec![false; self.nodes.len()];
        for edge in &self.edges {
            if edge.from != edge.to
                && let Some(needed) = needed.get_mut(edge.to)
            {
                *needed = true;
            }
        }
        for (id, node) in self.nodes.iter().enumerate() {
            if !needed[id] && node.kind == NodeKind::Package {
                self.edges.push(super::Edge {
                    from: root,
                    to: id,
                    kind: EdgeKind::Normal,
                    requirement: None,
                    condition: None,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Node;
    use super::*;

    fn tree(names: &[&str], edges: &[(usize, usize, EdgeKind)]) -> Tree {
        let mut tree = Tree::new("npm", "test");
        for name in names {
            let kind = if *name == "root" {
                NodeKind::Root
            } else {
                NodeKind::Package
            };
            tree.add(Node {
                kind,
                name: (*name).to_owned(),
                ..Node::default()
            });
        }
        for (from, to, kind) in edges {
            tree.link(*from, *to, *kind);
        }
        tree.classify();
        tree
    }

    fn words(flags: Flags) -> String {
        let words = [
            (flags.dev, "dev"),
            (flags.optional, "optional"),
            (flags.peer, "peer"),
        ];
        let words: Vec<_> = words
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, word)| *word)
            .collect();
        words.join(" ")
    }

    #[test]
    fn the_most_needed_way_decides() {
        use EdgeKind::{Dev, Normal, Optional, Peer};
        let tree = tree(
            &["root", "tool", "shared", "native", "of-tool", "peer", "loop"],
            &[
                (0, 1, Dev),
                (1, 2, Normal),
                (0, 2, Normal),
                (2, 3, Optional),
                (1, 4, Optional),
                (2, 5, Peer),
                (2, 6, Normal),
                (6, 2, Normal),
            ],
        );
        let flags: Vec<String> = tree.nodes.iter().map(|node| words(node.flags)).collect();
        assert_eq!(flags, ["", "dev", "", "optional", "dev optional", "peer", ""]);
    }

    #[test]
    fn what_nothing_reaches_is_no_development() {
        let tree = tree(&["root", "lost"], &[]);
        assert_eq!(tree.nodes[1].flags, Flags::default());
    }
}
