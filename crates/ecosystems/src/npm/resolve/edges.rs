//! What an edge asks for, and whether what it leads to will do.

use super::graph::{Builder, EdgeId, NodeId, Status};
use super::manifest::{Declaration, Kind};
use super::overrides::Asked;
use super::paths;
use super::spec::Spec;
use super::specs::SpecId;

impl Builder<'_> {
    /// What the edge asks for, rules applied.
    pub fn wanted(&self, id: EdgeId) -> SpecId {
        let edge = self.edge(id);
        let Some(rule) = edge.overrides else {
            return edge.spec;
        };
        match self.world.overrides.asked(rule, edge.name, &self.world.names) {
            Asked::AsWritten => edge.spec,
            Asked::Instead(spec) => spec,
            Asked::Reference(name) => {
                let from = self.node(edge.from);
                let root = from.source.map_or(from.root, |source| self.node(source).root);
                let places = [root, edge.from, self.ideal];
                places
                    .into_iter()
                    .find_map(|place| self.manifest(place).reference(name))
                    .unwrap_or(edge.spec)
            }
        }
    }

    pub fn is_valid(&self, id: EdgeId) -> bool {
        self.status(id) == Status::Valid
    }

    pub fn status(&self, id: EdgeId) -> Status {
        let edge = self.edge(id);
        if let Some(status) = edge.status.get() {
            return status;
        }
        let status = self.assess(id);
        edge.status.set(Some(status));
        status
    }

    fn assess(&self, id: EdgeId) -> Status {
        let edge = self.edge(id);
        let Some(to) = edge.to else {
            return if edge.kind.is_optional() {
                Status::Valid
            } else {
                Status::Missing
            };
        };
        if edge.kind.is_peer() && self.node(to).parent == Some(edge.from) && !self.is_top(edge.from) {
            return Status::PeerLocal;
        }
        if !self.satisfied_by(id, to) || self.rules_contradict(id, to) {
            return Status::Invalid;
        }
        Status::Valid
    }

    fn rules_contradict(&self, id: EdgeId, to: NodeId) -> bool {
        let (Some(edge), Some(node)) = (self.edge(id).overrides, self.node(to).overrides) else {
            return false;
        };
        !self.node(to).edges_out.is_empty() && self.world.overrides.meet(edge, node).is_none()
    }

    /// Whether a node would do for an edge.
    pub fn satisfied_by(&self, id: EdgeId, node: NodeId) -> bool {
        let edge = self.edge(id);
        if self.node(node).name != edge.name {
            return false;
        }
        let key = edge
            .overrides
            .and_then(|rule| self.world.overrides.key_spec(rule));
        let Some(key) = key else {
            return self.does(id, node, edge.spec);
        };
        if self.bundler(node).is_some() {
            return self.does(id, node, edge.spec);
        }
        // What the rule asks for will do, and what the package itself asks for too, unless the rule is meant for it.
        self.does(id, node, self.wanted(id)) || (self.does(id, node, edge.spec) && !self.does(id, node, key))
    }

    fn does(&self, id: EdgeId, node: NodeId, spec: SpecId) -> bool {
        self.satisfies(id, node, spec)
            || self
                .edge(id)
                .accept
                .is_some_and(|accept| self.satisfies(id, node, accept))
    }

    fn satisfies(&self, id: EdgeId, node: NodeId, spec: SpecId) -> bool {
        if let Some(does) = self.world.satisfies(self.manifest_id(node), spec) {
            return does;
        }
        match &**self.world.specs.get(spec) {
            Spec::Directory(text) => {
                let link = self.node(node).link.as_ref();
                link.is_some_and(|link| *link.to == paths::join(&self.base_of(id), text))
            }
            _ => false,
        }
    }

    /// The folder that a path in an edge is relative to.
    fn base_of(&self, id: EdgeId) -> String {
        let edge = self.edge(id);
        let overridden = edge
            .overrides
            .is_some_and(|rule| self.world.overrides.is_for(rule, edge.name));
        if overridden {
            String::new()
        } else {
            self.real_path(edge.from)
        }
    }

    /// Which package's archive a node lies in, when it lies in one.
    ///
    /// What a bundled package needs is bundled too, as far as it has been put beside it.
    pub fn bundler(&self, node: NodeId) -> Option<NodeId> {
        if !self.bundles {
            return None;
        }
        self.bundler_on(node, &mut Vec::new())
    }

    fn bundler_on(&self, node: NodeId, path: &mut Vec<NodeId>) -> Option<NodeId> {
        if path.contains(&node) || path.len() > MAX_BUNDLE_PATH || !self.spend(1) {
            return None;
        }
        path.push(node);
        let parent = self.node(node).parent?;
        if let Some(bundler) = self.bundler_on(parent, path) {
            return Some(bundler);
        }
        if self.manifest(parent).bundled.contains(&self.node(node).name) {
            return Some(parent);
        }
        let edges = &self.node(node).edges_in;
        edges
            .iter()
            .any(|edge| self.bundler_on(self.edge(*edge).from, path) == Some(parent))
            .then_some(parent)
    }

    /// Whether a node lies in the archive of another package than the project.
    pub fn is_in_dependency_bundle(&self, node: NodeId) -> bool {
        self.bundler(node)
            .is_some_and(|bundler| bundler != self.node(node).root)
    }

    /// Gives a node the edges that its manifest declares.
    pub fn load_edges(&mut self, node: NodeId, with_dev: bool) {
        let manifest = self.manifest(node);
        let list = if with_dev {
            &manifest.with_dev
        } else {
            &manifest.dependencies
        };
        let list: Vec<Declaration> = list.clone();
        for declaration in list {
            let fold = self.fold(declaration.name);
            let kept = self
                .edge_out(node, fold)
                .is_some_and(|edge| self.edge(edge).kind == Kind::Workspace);
            if !kept {
                self.add_edge(node, declaration);
            }
        }
    }
}

/// How far bundled packages are followed.
const MAX_BUNDLE_PATH: usize = 4096;
