//! Building the tree: package by package from the outside in, until no edge is left without what it needs.

use std::cell::Cell;
use std::collections::HashMap;

use super::can_place::Verdict;
use super::fast::{FastMap, FastSet};
use super::graph::{Builder, EdgeId, NodeId, Status};
use super::manifest::{Declaration, Kind, ManifestId};
use super::overrides::RuleId;
use super::peers::Required;
use super::place::{Placement, Stuck};
use super::queue::Queue;
use super::world::{NOTHING, World};
use super::{MAX_NODES, Options, Workspace, collate, paths};

/// How much is done for one tree before it is given up; trees of 2,000 packages take about a million.
const BUDGET: u64 = 400_000_000;

/// A project: its own manifest and its members.
pub struct Shape<'a> {
    pub root: ManifestId,
    pub members: &'a [Workspace],
}

impl<'w> Builder<'w> {
    /// The project itself and its members, nothing resolved yet.
    pub fn new(world: &'w mut World, options: &'w Options, project: &Shape<'_>, force: bool) -> Self {
        let mut this = Self {
            world,
            options,
            force,
            nodes: Vec::new(),
            edges: Vec::new(),
            kids: FastMap::default(),
            ideal: NodeId(0),
            by_name: FastMap::default(),
            wanting: FastMap::default(),
            tops: FastMap::default(),
            links: FastMap::default(),
            virtual_roots: FastMap::default(),
            workspaces: HashMap::new(),
            queue: Queue::default(),
            link_nodes: FastSet::default(),
            issues: Vec::new(),
            size: 1,
            bundles: false,
            rule_depth: 0,
            budget: Cell::new(BUDGET),
        };
        this.add_root(project.root, project.members);
        for member in project.members {
            this.add_member(member);
        }
        this
    }

    fn add_root(&mut self, manifest: ManifestId, members: &[Workspace]) {
        let name = self.world.manifest(manifest).name;
        let name = name.unwrap_or_else(|| self.world.names.intern(""));
        let root = self.new_node(name, manifest);
        self.node_mut(root).path = Some("".into());
        if !self.world.overrides.is_empty() {
            self.node_mut(root).overrides = Some(RuleId::ROOT);
        }
        self.bundles = !self.world.manifest(manifest).bundled.is_empty();
        for member in members {
            let name = self.world.names.intern(&member.name);
            let spec = self.world.specs.intern(&format!("file:./{}", member.path));
            self.workspaces.insert(name, member.path.as_str().into());
            let declaration = Declaration {
                name,
                kind: Kind::Workspace,
                spec,
                accept: None,
            };
            self.add_edge(root, declaration);
        }
        self.load_edges(root, true);
    }

    fn add_member(&mut self, member: &Workspace) {
        let name = self.world.names.intern(paths::folder_name(&member.path));
        let node = self.new_node(name, member.manifest);
        self.node_mut(node).path = Some(member.path.as_str().into());
        if !self.world.overrides.is_empty() {
            let manifest = self.world.manifest(member.manifest);
            let rule =
                self.world
                    .overrides
                    .for_package(RuleId::ROOT, manifest.name, manifest.parsed.as_ref());
            self.node_mut(node).overrides = Some(rule);
        }
        self.attach_top(node, self.ideal);
        self.load_edges(node, true);
    }

    /// Resolves everything.
    ///
    /// # Errors
    /// When the project's own requirements contradict each other and that is not accepted.
    pub fn build(&mut self) -> Result<(), Stuck> {
        self.enqueue(self.ideal);
        loop {
            while let Some(node) = self.queue.pop() {
                if self.is_exhausted() {
                    return Ok(());
                }
                self.visit(node)?;
            }
            self.follow_links();
            if self.queue.is_empty() {
                return Ok(());
            }
        }
    }

    /// Whether the resolution has been given up for its size.
    pub fn is_exhausted(&self) -> bool {
        self.budget.get() == 0 || self.size > MAX_NODES || self.nodes.len() > MAX_NODES.saturating_mul(100)
    }

    fn enqueue(&mut self, node: NodeId) {
        let key = collate::key(&self.path(node));
        self.queue.push(self.depth(node), key, node);
    }

    /// Queues the folders that links lead to, which are looked at when all else is done.
    fn follow_links(&mut self) {
        let links: Vec<_> = self.link_nodes.drain().collect();
        for link in links {
            if self.node(link).root != self.ideal {
                continue;
            }
            let Some(target) = self
                .target(link)
                .filter(|target| self.is_descendant(*target, self.ideal))
            else {
                continue;
            };
            let is_inside = self.resolve_parent(target).is_some();
            if is_inside && !self.node(target).seen {
                self.rule_came(target, self.node(link).overrides);
                self.enqueue(target);
            }
        }
    }

    fn visit(&mut self, node: NodeId) -> Result<(), Stuck> {
        if self.node(node).seen || self.node(node).root != self.ideal {
            return Ok(());
        }
        self.node_mut(node).seen = true;
        self.stand_in_for_bundle(node);
        let mut tasks = Vec::new();
        for edge in self.problems(node) {
            if !self.edge(edge).conflicted {
                tasks.push((edge, self.find(node, edge)?));
            }
        }
        tasks.sort_by_cached_key(|(edge, _)| collate::key(self.world.names.text(self.edge(*edge).name)));
        for (edge, dep) in tasks {
            let mut placements = Vec::new();
            let placed = self.place(dep, edge, &[], &mut placements);
            placements
                .into_iter()
                .for_each(|placement| self.follow_up(&placement));
            placed?;
        }
        for edge in self.node(node).edges_out.clone() {
            let to = self.edge(edge).to;
            self.link_nodes
                .extend(to.filter(|to| self.is_link(*to) && self.target(*to).is_some()));
        }
        Ok(())
    }

    /// Puts nodes of unknown version where a package's archive brings others along, for it is not opened.
    fn stand_in_for_bundle(&mut self, node: NodeId) {
        if self.is_own(node) {
            return;
        }
        for name in self.manifest(node).bundled.clone() {
            if self.child(node, self.fold(name)).is_none() {
                let inner = self.new_node(name, NOTHING);
                self.node_mut(inner).seen = true;
                self.attach(inner, node);
            }
        }
    }

    /// The edges of a node that do not have what they need.
    fn problems(&self, node: NodeId) -> Vec<EdgeId> {
        let bundled: &[_] = if self.is_own(node) {
            &[]
        } else {
            &self.manifest(node).bundled
        };
        let is_problem = |id: &EdgeId| {
            let edge = self.edge(*id);
            let failed = edge.to.is_some_and(|to| self.node(to).failure.is_some());
            if bundled.contains(&edge.name) || failed {
                return false;
            }
            match edge.to {
                None => edge.kind != Kind::PeerOptional,
                Some(_) => self.status(*id) != Status::Valid,
            }
        };
        self.node(node)
            .edges_out
            .iter()
            .copied()
            .filter(is_problem)
            .collect()
    }

    /// Something that would do for an edge, with its peers.
    fn find(&mut self, node: NodeId, edge: EdgeId) -> Result<NodeId, Stuck> {
        let root = self.virtual_roots.get(&node).copied();
        let root = root.unwrap_or_else(|| self.virtual_root(node));
        let (fold, kind) = (self.edge(edge).fold, self.edge(edge).kind);
        let known = self
            .edge_out(root, fold)
            .filter(|edge| self.is_valid(*edge))
            .and_then(|edge| self.edge(edge).to);
        if let Some(known) = known.filter(|known| self.satisfied_by(edge, *known)) {
            return Ok(known);
        }
        if kind == Kind::PeerOptional {
            let around = self.resolve_parent(node).unwrap_or(node);
            if let Some(found) = self.find_below(around, edge) {
                return Ok(found);
            }
        }
        let set = kind.is_peer().then_some(root);
        let mut required = Required::default();
        required.insert(node);
        self.candidate(edge, set, None, &mut required, 0)
    }

    /// The outermost node below a place that would do for an edge.
    fn find_below(&self, place: NodeId, edge: EdgeId) -> Option<NodeId> {
        let mut nodes = self.node(place).children.clone();
        let mut at = 0;
        while let Some(node) = nodes.get(at).copied() {
            at += 1;
            if self.satisfied_by(edge, node) && !self.is_in_dependency_bundle(node) {
                return Some(node);
            }
            if self.spend(1) {
                nodes.extend(self.node(node).children.iter());
            }
        }
        None
    }

    /// Queues what a placement has made necessary.
    fn follow_up(&mut self, placement: &Placement) {
        if placement.verdict == Verdict::Conflict {
            return;
        }
        let node = placement.node;
        self.bundles |= !self.manifest(node).bundled.is_empty();
        for edge in self.node(node).edges_in.clone() {
            if edge != placement.edge && !self.edge(edge).conflicted && !self.is_valid(edge) {
                self.revisit(self.edge(edge).from);
            }
        }
        self.enqueue(node);
        placement.disturbed.iter().for_each(|node| self.revisit(*node));
    }

    fn revisit(&mut self, node: NodeId) {
        self.node_mut(node).seen = false;
        self.enqueue(node);
    }
}
