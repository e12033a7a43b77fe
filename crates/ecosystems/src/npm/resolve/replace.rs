//! Putting a package where another lay.

use super::graph::{Builder, EdgeId, NodeId};
use super::sets::NodeSet;

impl Builder<'_> {
    /// Puts a node in the place of another. The answer is whose dependencies must be looked at again.
    pub fn replace_old(&mut self, new: NodeId, old: NodeId, target: NodeId) -> Vec<NodeId> {
        let abandoned = self.abandoned_by(new, old);
        let nested = self.peers_to_nest(new, old, target);
        self.replace(new, old);
        self.prune_for_replacement(new, abandoned);
        let mut disturbed = NodeSet::default();
        for node in nested {
            let edges = self.node(node).edges_in.iter();
            edges
                .map(|edge| self.edge(*edge).from)
                .collect::<Vec<_>>()
                .into_iter()
                .for_each(|from| disturbed.insert(from));
            self.detach(node);
        }
        disturbed.into_vec()
    }

    /// What the old package needed by a name that the new one does not, and only it.
    fn abandoned_by(&self, new: NodeId, old: NodeId) -> Vec<NodeId> {
        let gone = |edge: &&EdgeId| self.edge_out(new, self.edge(**edge).fold).is_none();
        let old_edges = self.node(old).edges_out.iter().filter(gone);
        old_edges
            .filter_map(|edge| self.edge(*edge).to)
            .flat_map(|to| {
                self.gather([to], |edge| self.edge(edge).to != Some(to))
                    .into_vec()
            })
            .collect()
    }

    /// Groups of peers beside the old package that the new one does not satisfy, and that can go deeper.
    fn peers_to_nest(&mut self, new: NodeId, old: NodeId, target: NodeId) -> Vec<NodeId> {
        let mut nested = Vec::new();
        for id in self.node(old).edges_in.clone() {
            let edge = self.edge(id);
            let concerned =
                edge.kind.is_peer() && !edge.conflicted && self.node(edge.from).parent == Some(target);
            if !concerned || self.satisfied_by(id, new) {
                continue;
            }
            for (entry, _) in self.peer_entry_sets(self.edge(id).from) {
                let Some(entered) = self.edge(entry).to else {
                    continue;
                };
                if entered != target && !self.is_own(self.edge(entry).from) {
                    let counts =
                        |edge: EdgeId| self.edge(edge).to != Some(entered) && !self.edge(edge).conflicted;
                    nested.extend(self.gather([entered], counts).into_vec());
                } else {
                    self.accept_conflict(id);
                }
            }
        }
        nested
    }

    /// Removes what the replaced package alone needed, and what no longer does.
    fn prune_for_replacement(&mut self, node: NodeId, abandoned: Vec<NodeId>) {
        let invalid = |edge: &&EdgeId| self.edge(**edge).to.is_some() && !self.is_valid(**edge);
        let edges = self.node(node).edges_out.iter().filter(invalid);
        let mut doomed = NodeSet::new(edges.filter_map(|edge| self.edge(*edge).to));
        for dep in abandoned {
            let set = self.gather([dep], |edge| {
                self.edge(edge).to != Some(dep) && self.is_valid(edge)
            });
            set.into_vec().into_iter().for_each(|node| doomed.insert(node));
        }
        let counts = |id: EdgeId| {
            let edge = self.edge(id);
            edge.from != node && edge.to != Some(node) && self.is_valid(id)
        };
        let doomed = self.gather(doomed.into_vec(), counts).into_vec();
        doomed.into_iter().for_each(|node| self.detach(node));
    }
}
