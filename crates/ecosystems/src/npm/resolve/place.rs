//! Putting a package where an edge needs it, and its peers beside it.

use super::can_place::{Check, Verdict};
use super::collate;
use super::graph::{Builder, EdgeId, NodeId, Status};
use super::{InstallStrategy, Issue};

/// How deep packages may lie in each other.
const MAX_NESTING: usize = 500;

/// What has been put somewhere.
pub struct Placement {
    pub node: NodeId,
    pub edge: EdgeId,
    pub verdict: Verdict,
    /// What must be looked at again.
    pub disturbed: Vec<NodeId>,
}

/// There is no place for a package of the project's own, and conflicts are not accepted.
#[derive(Debug)]
pub struct Stuck {
    pub edge: EdgeId,
}

impl Builder<'_> {
    /// Puts a package, and its peers, to where an edge needs it. `above` is the line of edges of what it is a peer of.
    ///
    /// # Errors
    /// When there is no place for it that leaves everything whole, and the project itself asks for it.
    pub fn place(
        &mut self,
        dep: NodeId,
        edge: EdgeId,
        above: &[EdgeId],
        placements: &mut Vec<Placement>,
    ) -> Result<(), Stuck> {
        if self.edge(edge).to.is_some() && self.status(edge) == Status::Valid || !self.spend(16) {
            return Ok(());
        }
        let mut line = above.to_vec();
        line.push(edge);
        let Some(check) = self.find_place(dep, edge, above, &line)? else {
            self.accept_conflict(edge);
            return Ok(());
        };
        let verdict = if check.verdict == Verdict::Conflict {
            check.alone
        } else {
            check.verdict
        };
        if verdict == Verdict::Keep {
            if self.edge(edge).kind.is_peer() && !self.is_valid(edge) {
                self.accept_conflict(edge);
            }
            self.prune_duplicates(check.target, true);
            return Ok(());
        }
        self.put(dep, &check, placements)
    }

    /// The outermost place before the first conflict; `None` when there is none, which is accepted.
    fn find_place(
        &self,
        dep: NodeId,
        edge: EdgeId,
        above: &[EdgeId],
        line: &[EdgeId],
    ) -> Result<Option<Check>, Stuck> {
        let (mut whole, mut alone) = (None, None);
        let fold = self.edge(edge).fold;
        for target in self.ancestry(self.deepest_of(line)) {
            let target_edge = self.edge_out(target, fold);
            if !self.is_top(target) && target_edge.is_some_and(|edge| self.edge(edge).kind.is_peer()) {
                continue;
            }
            let check = self.can_place(dep, target, edge, above, self.options.prefer_dedupe);
            let (fits, fits_alone) = (
                check.verdict != Verdict::Conflict,
                check.alone != Verdict::Conflict,
            );
            if fits {
                whole = Some(check);
                alone = None;
            } else {
                if fits_alone {
                    alone = Some(check);
                }
                break;
            }
            if self.node(dep).failure.is_some() || self.is_outermost(target) {
                break;
            }
        }
        if whole.is_some() {
            return Ok(whole);
        }
        let top = line.first().copied().unwrap_or(edge);
        if !self.force && (self.options.strict_peer_deps || self.is_mine(top)) {
            return Err(Stuck { edge });
        }
        Ok(alone)
    }

    fn is_outermost(&self, target: NodeId) -> bool {
        match self.options.install_strategy {
            InstallStrategy::Hoisted => false,
            InstallStrategy::Nested => true,
            InstallStrategy::Shallow => self
                .resolve_parent(target)
                .is_some_and(|parent| self.is_root(parent)),
        }
    }

    fn put(&mut self, dep: NodeId, check: &Check, placements: &mut Vec<Placement>) -> Result<(), Stuck> {
        let (edge, target) = (check.edge, check.target);
        let verdict = check.alone;
        if self.depth(target) > MAX_NESTING {
            self.budget.set(0);
            return Ok(());
        }
        // A package that would lie in itself without end is a link to where it first lies.
        let same = self
            .ancestry(target)
            .find(|at| self.matches(*at, dep) && !self.is_top(*at));
        if let Some(same) = same {
            let to = self.path(same).into();
            let link = self.new_link(self.node(dep).name, to, Some(same));
            self.attach(link, target);
            placements.push(Placement {
                node: link,
                edge,
                verdict,
                disturbed: Vec::new(),
            });
            return Ok(());
        }
        let set = self.node(dep).parent;
        let node = self.copy(dep);
        let fold = self.edge(edge).fold;
        let mut disturbed = Vec::new();
        match self.child(target, fold) {
            Some(old) => disturbed = self.replace_old(node, old, target),
            None => self.attach(node, target),
        }
        if self.edge(edge).kind.is_peer() && !self.satisfied_by(edge, node) {
            self.accept_conflict(edge);
        }
        self.prune_around(edge, node, target);
        placements.push(Placement {
            node,
            edge,
            verdict,
            disturbed,
        });
        self.place_peers(node, set, &check.line, placements)
    }

    /// The same package, lying nowhere.
    fn copy(&mut self, dep: NodeId) -> NodeId {
        let from = self.node(dep);
        let (name, manifest, overrides, failure) = (from.name, from.manifest, from.overrides, from.failure);
        if let Some(link) = &from.link {
            let (to, target) = (link.to.clone(), link.target);
            let copy = self.new_link(name, to, target);
            self.node_mut(copy).overrides = overrides;
            return copy;
        }
        let copy = self.new_node(name, manifest);
        self.node_mut(copy).overrides = overrides;
        self.node_mut(copy).failure = failure;
        self.load_edges(copy, false);
        copy
    }

    /// Removes what the new package makes superfluous.
    fn prune_around(&mut self, edge: EdgeId, node: NodeId, target: NodeId) {
        if let Some(to) = self.edge(edge).to.filter(|to| *to != node)
            && self.is_valid(edge)
        {
            self.prune_duplicates(to, false);
        }
        let root = self.node(target).root;
        let named = self
            .by_name
            .get(&self.edge(edge).name)
            .cloned()
            .unwrap_or_default();
        for other in named {
            if self.node(other).root != root || self.is_top(other) || !self.is_descendant(other, target) {
                continue;
            }
            self.prune_duplicates(other, false);
            if self.node(other).root == root {
                for kid in self.node(other).children.clone() {
                    if self.node(kid).parent == Some(other) {
                        self.prune_duplicates(kid, false);
                    }
                }
            }
        }
    }

    /// Removes a node that is found further out as well, with what only it needs; else looks at what lies in it.
    fn prune_duplicates(&mut self, node: NodeId, descend: bool) {
        if self.can_dedupe(node, self.options.prefer_dedupe) {
            let set = self.gather([node], |edge| {
                self.edge(edge).to != Some(node) && self.is_valid(edge)
            });
            set.into_vec().into_iter().for_each(|node| self.detach(node));
            return;
        }
        if !descend {
            return;
        }
        let mut inside = self.in_order(self.node(node).children.clone());
        for folder in self.in_order(self.node(node).fs_children.clone()) {
            inside.extend(self.in_order(self.node(folder).children.clone()));
        }
        for child in inside {
            if !self.is_top(child) && self.spend(1) {
                self.prune_duplicates(child, true);
            }
        }
    }

    fn in_order(&self, nodes: Vec<NodeId>) -> Vec<NodeId> {
        let mut keyed: Vec<_> = nodes
            .into_iter()
            .map(|node| (collate::key(&self.path(node)), node))
            .collect();
        keyed.sort();
        keyed.into_iter().map(|(_, node)| node).collect()
    }

    /// Puts the peers that the package does not find, taking them from the virtual root that it was tried out in.
    fn place_peers(
        &mut self,
        node: NodeId,
        set: Option<NodeId>,
        line: &[EdgeId],
        placements: &mut Vec<Placement>,
    ) -> Result<(), Stuck> {
        let Some(set) = set else {
            return Ok(());
        };
        for edge in self.node(node).edges_out.clone() {
            let wanted =
                self.edge(edge).kind.is_peer() && !self.is_valid(edge) && !self.edge(edge).conflicted;
            let peer = self.child(set, self.edge(edge).fold).filter(|_| wanted);
            if let Some(peer) = peer.filter(|peer| self.satisfied_by(edge, *peer)) {
                self.place(peer, edge, line, placements)?;
            }
        }
        Ok(())
    }

    /// Takes note that a peer is not satisfied and stays so.
    pub fn accept_conflict(&mut self, id: EdgeId) {
        if self.edge(id).conflicted {
            return;
        }
        self.edge_mut(id).conflicted = true;
        if self.node(self.edge(id).from).root == self.ideal {
            self.issues.push(Issue::Overruled(id));
        }
    }
}
