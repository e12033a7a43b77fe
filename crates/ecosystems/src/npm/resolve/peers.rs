//! Trying out a candidate together with the peers that it brings, in a virtual root.

use std::rc::Rc;

use super::fast::FastSet;
use super::graph::{Builder, EdgeId, NodeId};
use super::manifest::{Kind, ManifestId};
use super::names::Name;
use super::place::Stuck;
use super::spec::Spec;
use super::world::{FailureId, NOTHING, Picked};
use super::{Issue, collate, paths};

/// How deep peers of peers are followed.
const MAX_DEPTH: usize = 200;

/// What a candidate was asked for by, as opposed to what merely came along.
pub type Required = FastSet<NodeId>;

/// A peer that a candidate needs.
struct Peer {
    edge: EdgeId,
    /// The virtual root that it goes into.
    set: NodeId,
    /// Whether a contradiction is put up with.
    is_accepted: bool,
    depth: usize,
}

impl Builder<'_> {
    /// A root with the edges of a node, in which candidates for them can be tried out.
    pub fn virtual_root(&mut self, source: NodeId) -> NodeId {
        let root = self.new_node(self.node(source).name, self.node(source).manifest);
        self.node_mut(root).source = Some(source);
        self.node_mut(root).overrides = self.node(source).overrides;
        self.load_edges(root, self.is_top(source));
        let here = self.path(root);
        for child in self.node(source).children.clone() {
            let Some(target) = self.target(child).filter(|_| self.is_link(child)) else {
                continue;
            };
            let path = self.real_path(child);
            if path != here {
                let stand_in = self.new_node(self.node(target).name, self.node(target).manifest);
                self.node_mut(stand_in).source = Some(target);
                self.node_mut(stand_in).path = Some(path.into());
                self.attach_top(stand_in, root);
                self.load_edges(stand_in, self.is_top(target));
            }
        }
        self.virtual_roots.insert(source, root);
        root
    }

    /// A candidate for an edge with all its peers, in a virtual root: `set`, or a new one. Of what `second` asks for
    /// beside, the candidate is made when that satisfies both.
    ///
    /// # Errors
    /// When the peers contradict each other and the project itself asks for them.
    pub fn candidate(
        &mut self,
        edge: EdgeId,
        set: Option<NodeId>,
        second: Option<EdgeId>,
        required: &mut Required,
        depth: usize,
    ) -> Result<NodeId, Stuck> {
        let from = self.edge(edge).from;
        let set = match set {
            Some(set) => set,
            None => self.virtual_root(from),
        };
        let first = self.candidate_alone(edge, set);
        let other = second
            .filter(|second| !self.is_valid(*second))
            .map(|second| self.candidate_alone(second, set));
        let node = other.filter(|_| self.is_valid(edge)).unwrap_or(first);
        self.set_parent(node, set);
        let asks = |id: EdgeId| {
            let edge = self.edge(id);
            edge.kind != Kind::PeerOptional && required.contains(&edge.from)
        };
        if asks(edge) || second.is_some_and(asks) {
            required.insert(node);
        }
        if depth < MAX_DEPTH && self.spend(32) {
            self.load_peers(node, required, depth)?;
        }
        Ok(node)
    }

    /// A candidate for an edge, put into a virtual root.
    fn candidate_alone(&mut self, edge: EdgeId, set: NodeId) -> NodeId {
        let (name, spec) = (self.edge(edge).name, self.wanted(edge));
        if let Spec::Directory(text) = &*self.world.specs.get(spec).clone() {
            let base = self.path(self.edge(edge).from);
            return self.candidate_link(name, &paths::join(&base, text), set);
        }
        if self.workspaces.contains_key(&name) {
            let own = self
                .edge_out(self.ideal, self.fold(name))
                .and_then(|edge| self.edge(edge).to);
            if let Some(own) = own.filter(|own| self.is_workspace(*own) && self.satisfied_by(edge, *own)) {
                return own;
            }
        }
        match self.world.pick(name, spec) {
            Picked::Found(manifest) => self.candidate_of(name, manifest, None, set),
            Picked::Failed(failure) => self.candidate_of(name, NOTHING, Some(failure), set),
            Picked::Wanted(wanted) => {
                let wanted = self.world.names.text(wanted).to_string();
                self.world.wanted.borrow_mut().insert(wanted.clone());
                let failure = self
                    .world
                    .add_failure("unread", format!("`{wanted}` has not been read yet"));
                self.candidate_of(name, NOTHING, Some(failure), set)
            }
        }
    }

    fn candidate_of(
        &mut self,
        name: Name,
        manifest: ManifestId,
        failure: Option<FailureId>,
        set: NodeId,
    ) -> NodeId {
        let node = self.new_node(name, manifest);
        self.node_mut(node).failure = failure;
        self.attach(node, set);
        self.load_edges(node, false);
        node
    }

    fn candidate_link(&mut self, name: Name, path: &str, set: NodeId) -> NodeId {
        let manifest = self.world.locals.get(path).copied();
        if manifest.is_none() {
            self.issues.push(Issue::NoFolder(name, path.to_owned()));
        }
        let manifest = manifest.unwrap_or(NOTHING);
        let path: Rc<str> = path.into();
        let link = self.new_link(name, path.clone(), None);
        self.node_mut(link).manifest = manifest;
        self.attach(link, set);
        if self
            .node(link)
            .link
            .as_ref()
            .is_some_and(|link| link.target == Some(set))
        {
            return link;
        }
        let target = self.new_node(name, manifest);
        self.node_mut(target).path = Some(path);
        self.attach_top(target, set);
        self.load_edges(target, true);
        link
    }

    /// Adds the peers of a candidate to its virtual root, and theirs.
    fn load_peers(&mut self, node: NodeId, required: &mut Required, depth: usize) -> Result<(), Stuck> {
        let mut edges: Vec<_> = self.node(node).edges_out.clone();
        edges.retain(|edge| {
            self.edge(*edge).kind.is_peer() && !(self.edge(*edge).to.is_some() && self.is_valid(*edge))
        });
        edges.sort_by_cached_key(|edge| collate::key(self.world.names.text(self.edge(*edge).name)));
        for edge in edges {
            let Some(set) = self.node(node).parent else {
                break;
            };
            if self.edge(edge).to.is_some() && self.is_valid(edge) {
                continue;
            }
            let own = self.node(set).source.is_some_and(|source| self.is_own(source));
            let peer = Peer {
                edge,
                set,
                is_accepted: self.force || (!own && !self.options.strict_peer_deps),
                depth: depth + 1,
            };
            let is_stuck = match self.edge(edge).to {
                None => self.add_peer(&peer, node, required)?,
                Some(current) => self.change_peer(&peer, current, required)?,
            };
            if is_stuck {
                return Err(Stuck { edge });
            }
        }
        Ok(())
    }

    /// Adds a peer that is not there. The answer is whether that cannot be accepted.
    fn add_peer(&mut self, peer: &Peer, node: NodeId, required: &mut Required) -> Result<bool, Stuck> {
        let Peer { edge, set, depth, .. } = *peer;
        let Some(parent_edge) = self.edge_out(set, self.edge(edge).fold) else {
            self.candidate(edge, Some(set), None, required, depth)?;
            return Ok(false);
        };
        // What the asking package itself wants by this name comes first, narrowed to what the peer needs.
        let dep = self.candidate(parent_edge, Some(set), Some(edge), required, depth)?;
        if self.is_valid(edge) {
            return Ok(false);
        }
        if peer.is_accepted || !required.contains(&dep) {
            self.edge_mut(edge).conflicted = true;
            return Ok(false);
        }
        Ok(self.node(node).parent.is_some())
    }

    /// Changes a peer that is there but will not do. The answer is whether that cannot be accepted.
    fn change_peer(&mut self, peer: &Peer, current: NodeId, required: &mut Required) -> Result<bool, Stuck> {
        let dep = self.candidate(peer.edge, None, None, required, peer.depth)?;
        if self.can_replace(dep, current, &[]) {
            self.candidate(peer.edge, Some(peer.set), None, required, peer.depth)?;
            return Ok(false);
        }
        Ok(!peer.is_accepted && required.contains(&self.edge(peer.edge).from))
    }
}
