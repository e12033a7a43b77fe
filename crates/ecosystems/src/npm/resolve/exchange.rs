//! Whether one package may stand in for another.

use super::graph::{Builder, NodeId};
use super::names::Name;

impl Builder<'_> {
    /// Whether two nodes are the same package under the same name.
    pub fn matches(&self, a: NodeId, b: NodeId) -> bool {
        if a == b {
            return true;
        }
        if self.node(a).name != self.node(b).name || self.is_link(a) != self.is_link(b) {
            return false;
        }
        if let (Some(a), Some(b)) = (&self.node(a).link, &self.node(b).link) {
            return a.to == b.to;
        }
        let (a, b) = (self.node(a), self.node(b));
        let unknown = a.failure.is_some() || b.failure.is_some();
        !unknown && a.manifest == b.manifest
    }

    /// Whether `old` may go when `new` comes to its place: nobody who needs it objects. Edges of peers that are
    /// replaced along with it do not count.
    pub fn can_replace(&self, new: NodeId, old: NodeId, replaced: &[Name]) -> bool {
        if self.node(new).name != self.node(old).name || self.manifest(new).name != self.manifest(old).name {
            return false;
        }
        if !self.node(old).edges_out.is_empty() && self.node(new).overrides != self.node(old).overrides {
            return false;
        }
        let old_parent = self.node(old).parent;
        let objecting = self.node(old).edges_in.iter().copied().filter(|id| {
            let edge = self.edge(*id);
            let from = self.node(edge.from);
            let is_replaced = old_parent.is_some()
                && from.parent == old_parent
                && edge.kind.is_peer()
                && replaced.contains(&from.name);
            !is_replaced && !self.satisfied_by(*id, new)
        });
        let objecting: Vec<_> = objecting.collect();
        if objecting.is_empty() {
            return true;
        }
        // What only the old package needs goes with it and has no say.
        let own = self.gather([old], |edge| {
            self.edge(edge).to != Some(old) && self.is_valid(edge)
        });
        objecting
            .into_iter()
            .all(|edge| own.contains(self.edge(edge).from))
    }

    /// Whether what needs a node would do with what it finds further out.
    pub fn can_dedupe(&self, node: NodeId, prefer_dedupe: bool) -> bool {
        if self.is_in_dependency_bundle(node) {
            return false;
        }
        let Some(around) = self
            .resolve_parent(node)
            .and_then(|parent| self.resolve_parent(parent))
        else {
            return false;
        };
        if self.node(node).edges_in.is_empty() {
            return true;
        }
        let Some(other) = self.resolve(around, self.fold(self.node(node).name)) else {
            return false;
        };
        if self.matches(other, node) {
            return true;
        }
        if !self.can_replace(other, node, &[]) {
            return false;
        }
        let (ours, theirs) = (
            self.manifest(node).parsed.as_ref(),
            self.manifest(other).parsed.as_ref(),
        );
        prefer_dedupe || ours == theirs || (!self.is_overridden(node) && theirs > ours)
    }

    /// Whether the node's version is the one that a rule asked for.
    fn is_overridden(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let Some(rule) = node
            .overrides
            .filter(|rule| self.world.overrides.is_for(*rule, node.name))
        else {
            return false;
        };
        let version = &self.manifest(id).version;
        if self.world.overrides.value(rule).is_empty() {
            return false;
        }
        node.edges_in.iter().any(|edge| {
            let edge = self.edge(*edge);
            edge.overrides.is_some_and(|rule| {
                self.world.overrides.is_for(rule, node.name) && self.world.overrides.value(rule) == &**version
            }) && edge.overrides != self.node(edge.from).overrides
        })
    }

    /// The nearest place at or around `start` where a package of this name may lie: not inside what has it as a peer.
    pub fn deepest_target(&self, start: NodeId, name: Name) -> NodeId {
        let fold = self.fold(name);
        let is_target = |at: &NodeId| {
            let is_end = self.is_root(*at) || self.resolve_parent(*at).is_none();
            is_end
                || !self
                    .edge_out(*at, fold)
                    .is_some_and(|edge| self.edge(edge).kind.is_peer())
        };
        self.ancestry(start).find(is_target).unwrap_or(start)
    }
}
