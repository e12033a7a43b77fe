//! The tree while it is built: packages in folders, and the edges between them.
//!
//! Beside the tree that is wanted there are many small ones: every package whose dependencies are being looked for
//! is given a *virtual root*, in which a candidate and the peers that come with it can be tried out.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use super::fast::{FastMap, FastSet};
use super::manifest::{Kind, Manifest, ManifestId};
use super::names::{Fold, Name};
use super::overrides::RuleId;
use super::queue::Queue;
use super::specs::SpecId;
use super::world::{FailureId, World};
use super::{Issue, Options};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeId(pub u32);

/// A package at a place.
pub struct Node {
    pub name: Name,
    pub manifest: ManifestId,
    /// In whose `node_modules` it lies.
    pub parent: Option<NodeId>,
    /// In whose folder it lies otherwise.
    pub fs_parent: Option<NodeId>,
    /// Itself, when it lies in nothing.
    pub root: NodeId,
    pub children: Vec<NodeId>,
    pub fs_children: Vec<NodeId>,
    pub edges_out: Vec<EdgeId>,
    pub edges_in: Vec<EdgeId>,
    /// The place of what has no parent, relative to the project's root.
    pub path: Option<Rc<str>>,
    /// What this stands for in a virtual root.
    pub source: Option<NodeId>,
    pub link: Option<Link>,
    pub links_in: Vec<NodeId>,
    pub overrides: Option<RuleId>,
    pub failure: Option<FailureId>,
    pub seen: bool,
}

/// What makes a node a symbolic link.
pub struct Link {
    pub to: Rc<str>,
    pub target: Option<NodeId>,
}

/// A dependency of one package on a name, and what the name means at its place.
pub struct Edge {
    pub from: NodeId,
    pub name: Name,
    pub fold: Fold,
    pub kind: Kind,
    pub spec: SpecId,
    pub accept: Option<SpecId>,
    pub to: Option<NodeId>,
    pub status: Cell<Option<Status>>,
    /// It is known not to be satisfied, and that was accepted.
    pub conflicted: bool,
    pub overrides: Option<RuleId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Valid,
    Missing,
    Invalid,
    /// A peer lies inside what asks for it.
    PeerLocal,
}

/// A resolution under way.
pub struct Builder<'w> {
    pub world: &'w mut World,
    pub options: &'w Options,
    /// Whether conflicts of peers are accepted, as `--force` does.
    pub force: bool,
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    pub kids: FastMap<(NodeId, Fold), NodeId>,
    pub ideal: NodeId,
    /// The nodes of the wanted tree by name, in the order in which they came.
    pub by_name: FastMap<Name, Vec<NodeId>>,
    /// The edges of the wanted tree by name.
    pub wanting: FastMap<Fold, Vec<EdgeId>>,
    /// What lies in a root, but in no `node_modules`.
    pub tops: FastMap<NodeId, Vec<NodeId>>,
    /// The links in a root; those that have left may still be listed.
    pub links: FastMap<NodeId, Vec<NodeId>>,
    pub virtual_roots: FastMap<NodeId, NodeId>,
    /// Members of the workspace: folder by name.
    pub workspaces: HashMap<Name, Rc<str>>,
    pub queue: Queue,
    pub link_nodes: FastSet<NodeId>,
    pub issues: Vec<Issue>,
    /// How many nodes the wanted tree has.
    pub size: usize,
    /// Whether anything but the root has `bundleDependencies`.
    pub bundles: bool,
    /// How many packages deep a rule is being handed down.
    pub rule_depth: usize,
    /// How much more may be done before the resolution is given up.
    pub budget: Cell<u64>,
}

impl Builder<'_> {
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    pub fn edge(&self, id: EdgeId) -> &Edge {
        &self.edges[id.0 as usize]
    }

    pub fn edge_mut(&mut self, id: EdgeId) -> &mut Edge {
        &mut self.edges[id.0 as usize]
    }

    /// The manifest; that of the target for a link.
    pub fn manifest_id(&self, id: NodeId) -> ManifestId {
        let node = self.node(id);
        let target = node.link.as_ref().and_then(|link| link.target);
        target.map_or(node.manifest, |target| self.node(target).manifest)
    }

    pub fn manifest(&self, id: NodeId) -> &Manifest {
        self.world.manifest(self.manifest_id(id))
    }

    pub fn is_link(&self, id: NodeId) -> bool {
        self.node(id).link.is_some()
    }

    pub fn target(&self, id: NodeId) -> Option<NodeId> {
        match &self.node(id).link {
            Some(link) => link.target,
            None => Some(id),
        }
    }

    pub fn is_top(&self, id: NodeId) -> bool {
        self.node(id).parent.is_none()
    }

    pub fn is_root(&self, id: NodeId) -> bool {
        self.node(id).root == id
    }

    pub fn depth(&self, id: NodeId) -> usize {
        std::iter::successors(self.node(id).parent, |id| self.node(*id).parent).count()
    }

    /// The node in whose folder names are looked for next.
    pub fn resolve_parent(&self, id: NodeId) -> Option<NodeId> {
        let node = self.node(id);
        node.parent.or(node.fs_parent)
    }

    /// The node and those around it, inside out.
    pub fn ancestry(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(id), |id| self.resolve_parent(*id))
    }

    pub fn is_descendant(&self, id: NodeId, of: NodeId) -> bool {
        self.ancestry(id).any(|ancestor| ancestor == of)
    }

    pub fn child(&self, id: NodeId, fold: Fold) -> Option<NodeId> {
        self.kids.get(&(id, fold)).copied()
    }

    pub fn fold(&self, name: Name) -> Fold {
        self.world.names.fold(name)
    }

    /// What a name means at a place.
    pub fn resolve(&self, from: NodeId, fold: Fold) -> Option<NodeId> {
        self.ancestry(from).find_map(|at| self.child(at, fold))
    }

    pub fn edge_out(&self, from: NodeId, fold: Fold) -> Option<EdgeId> {
        let edges = &self.node(from).edges_out;
        edges.iter().copied().find(|edge| self.edge(*edge).fold == fold)
    }

    /// Whether the node is a member of its root's workspace, or the link to one.
    pub fn is_workspace(&self, id: NodeId) -> bool {
        let Some(name) = self.manifest(id).name.filter(|_| !self.is_root(id)) else {
            return false;
        };
        self.edge_out(self.node(id).root, self.fold(name))
            .is_some_and(|edge| {
                let edge = self.edge(edge);
                edge.kind == Kind::Workspace
                    && edge.to.is_some_and(|to| to == id || self.target(to) == Some(id))
            })
    }

    /// Whether the node is the project's own, so that its conflicts are the user's.
    pub fn is_own(&self, id: NodeId) -> bool {
        self.is_root(id) || self.is_workspace(id)
    }

    /// The place relative to the project's root, whose own is the empty text.
    pub fn path(&self, id: NodeId) -> String {
        let mut line: Vec<NodeId> = std::iter::successors(Some(id), |id| self.node(*id).parent).collect();
        let top = line.pop().unwrap_or(id);
        let mut path = match (&self.node(top).path, self.node(top).source) {
            (Some(path), _) => path.to_string(),
            (None, Some(source)) => self.real_path(source),
            (None, None) => String::new(),
        };
        for id in line.into_iter().rev() {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str("node_modules/");
            path.push_str(self.world.names.text(self.node(id).name));
        }
        path
    }

    /// The place, with a link followed.
    pub fn real_path(&self, id: NodeId) -> String {
        let link = self.node(id).link.as_ref();
        link.map_or_else(|| self.path(id), |link| link.to.to_string())
    }

    /// The node at a path of a root.
    pub fn node_at(&self, root: NodeId, path: &str) -> Option<NodeId> {
        if self.path(root) == path {
            return Some(root);
        }
        let top = self
            .tops(root)
            .into_iter()
            .find(|top| self.node(*top).path.as_deref() == Some(path));
        if top.is_some() {
            return top;
        }
        let (base, name) = path.rsplit_once("node_modules/")?;
        let base = self.node_at(root, base.trim_end_matches('/'))?;
        let name = self.world.names.find(name)?;
        self.child(base, self.fold(name))
    }

    /// What lies in a root beside its `node_modules`: targets of links, nested ones too.
    pub fn tops(&self, root: NodeId) -> Vec<NodeId> {
        self.tops.get(&root).cloned().unwrap_or_default()
    }

    /// `name@version`, for people.
    pub fn label(&self, id: NodeId) -> String {
        if self.is_root(id) && self.node(id).source.is_none() {
            return "the project".to_owned();
        }
        let node = self.node(id);
        let manifest = self.manifest(id);
        let name = self.world.names.text(manifest.name.unwrap_or(node.name));
        if manifest.version.is_empty() {
            name.to_string()
        } else {
            format!("{name}@{}", manifest.version)
        }
    }

    /// Takes from what may still be done; `false` when it is used up.
    pub fn spend(&self, amount: u64) -> bool {
        let left = self.budget.get().saturating_sub(amount);
        self.budget.set(left);
        left > 0
    }
}
