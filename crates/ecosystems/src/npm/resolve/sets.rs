//! Groups of packages that stand or fall together.

use super::fast::FastSet;
use super::graph::{Builder, EdgeId, NodeId};

/// A set that remembers the order in which its members came.
#[derive(Default)]
pub struct NodeSet {
    order: Vec<NodeId>,
    members: FastSet<NodeId>,
}

impl NodeSet {
    pub fn new(nodes: impl IntoIterator<Item = NodeId>) -> Self {
        let mut set = Self::default();
        nodes.into_iter().for_each(|node| set.insert(node));
        set
    }

    pub fn insert(&mut self, node: NodeId) {
        if self.members.insert(node) {
            self.order.push(node);
        }
    }

    pub fn contains(&self, node: NodeId) -> bool {
        self.members.contains(&node)
    }

    /// Those that are left, in the order in which they came.
    pub fn into_vec(self) -> Vec<NodeId> {
        let Self { order, members } = self;
        order.into_iter().filter(|node| members.contains(node)).collect()
    }

    /// Visits all members, also those that visiting adds.
    fn grow(&mut self, mut visit: impl FnMut(NodeId, &mut Vec<NodeId>)) {
        let (mut at, mut found) = (0, Vec::new());
        while let Some(node) = self.order.get(at).copied() {
            at += 1;
            visit(node, &mut found);
            found.drain(..).for_each(|node| self.insert(node));
        }
    }
}

impl Builder<'_> {
    /// The packages, and all that only they need; edges that do not count are as if they were not there.
    pub fn gather(
        &self,
        start: impl IntoIterator<Item = NodeId>,
        counts: impl Fn(EdgeId) -> bool,
    ) -> NodeSet {
        let mut set = NodeSet::new(start);
        set.grow(|node, found| {
            for edge in &self.node(node).edges_out {
                found.extend(self.edge(*edge).to.filter(|_| counts(*edge)));
            }
        });
        self.spend(set.order.len() as u64);
        let is_needed_outside = |set: &NodeSet, node: NodeId| {
            let edges = &self.node(node).edges_in;
            edges
                .iter()
                .any(|edge| !set.contains(self.edge(*edge).from) && counts(*edge))
        };
        // What leaves takes along what it needs itself, so only that must be looked at again.
        let mut doubtful = set.order.clone();
        while let Some(node) = doubtful.pop() {
            if set.contains(node) && is_needed_outside(&set, node) {
                set.members.remove(&node);
                let edges = &self.node(node).edges_out;
                doubtful.extend(edges.iter().filter_map(|edge| self.edge(*edge).to));
            }
        }
        set
    }

    /// The groups of peers that a package belongs to, each with the edge by which it came in.
    pub fn peer_entry_sets(&self, node: NodeId) -> Vec<(EdgeId, Vec<NodeId>)> {
        let mut union = NodeSet::new([node]);
        union.grow(|member, found| {
            let member = self.node(member);
            let is_peer = |edge: &EdgeId| self.edge(*edge).kind.is_peer() && self.is_valid(*edge);
            let out = member.edges_out.iter().filter(|edge| is_peer(edge));
            found.extend(out.filter_map(|edge| self.edge(*edge).to));
            let into = member.edges_in.iter().filter(|edge| is_peer(edge));
            found.extend(into.map(|edge| self.edge(*edge).from));
        });
        self.spend(union.order.len() as u64);
        let mut entries = Vec::new();
        for peer in &union.order {
            for edge in &self.node(*peer).edges_in {
                let is_entry = !self.edge(*edge).kind.is_peer() || self.is_top(self.edge(*edge).from);
                if is_entry && self.is_valid(*edge) {
                    let group = self.peers_of(*peer);
                    if group.contains(node) {
                        entries.push((*edge, group.into_vec()));
                    }
                }
            }
        }
        entries
    }

    /// A package with its peers, their peers and so on.
    fn peers_of(&self, node: NodeId) -> NodeSet {
        let mut set = NodeSet::new([node]);
        set.grow(|member, found| {
            for edge in &self.node(member).edges_out {
                if self.edge(*edge).kind.is_peer() && self.is_valid(*edge) {
                    found.extend(self.edge(*edge).to);
                }
            }
        });
        self.spend(set.order.len() as u64);
        set
    }
}
