//! The finished tree, as every ecosystem gives it.

use inventory::{Hash, Notice, Source};

use super::build::Shape;
use super::fast::FastMap;
use super::flags::Reach;
use super::graph::{Builder, EdgeId, NodeId};
use super::manifest::{About, Kind};
use super::place::Stuck;
use super::spec::Spec;
use super::specs::SpecId;
use super::world::World;
use super::{InstallStrategy, Options, collate};
use crate::lockfile::json::{integrity, pointer, warning};
use crate::npm::lockfile::manifest::own_source;
use crate::tree::{self, EdgeKind, Flags, Node, NodeKind, Tree};

/// The tree of a project and where its links lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolution {
    pub tree: Tree,
    /// Links to members and folders of the project, by place. In the tree, edges lead to what they point to.
    pub links: Vec<InstalledLink>,
}

/// A symbolic link.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstalledLink {
    /// Where it lies: `node_modules/a`.
    pub location: String,
    /// What it points to, relative to the project: `packages/a`.
    pub target: String,
}

/// Resolves as npm does, and where npm would stop for a conflict, as it does with `--force`.
pub fn resolve(world: &mut World, options: &Options, project: &Shape<'_>) -> Resolution {
    let mut builder = Builder::new(world, options, project, options.force);
    let stuck = builder.build().err();
    let conflict = stuck.map(|stuck| builder.conflict(&stuck));
    let Some(conflict) = conflict else {
        return builder.output(None);
    };
    let mut builder = Builder::new(world, options, project, true);
    // Under force nothing is refused.
    let _ = builder.build();
    builder.output(Some(conflict))
}

/// The tree while it is written.
pub struct Writer<'a, 'w> {
    pub from: &'a Builder<'w>,
    pub tree: Tree,
    pub reach: FastMap<NodeId, Reach>,
    pub ids: FastMap<NodeId, tree::NodeId>,
    links: Vec<InstalledLink>,
}

impl Builder<'_> {
    fn conflict(&self, stuck: &Stuck) -> Notice {
        let edge = self.edge(stuck.edge);
        let name = self.world.names.text(edge.name);
        let asked = self.world.specs.text(self.wanted(stuck.edge));
        let what = if edge.kind.is_peer() {
            "the peer"
        } else {
            "the dependency"
        };
        let found = self.resolve(edge.from, edge.fold);
        let found = found
            .map(|found| format!(", and {} is there", self.label(found)))
            .unwrap_or_default();
        let text = format!(
            "npm refuses to install this (ERESOLVE): {what} `{name}@{asked}` of {} cannot be satisfied{found}. \
             The tree is the one that `--force` gives.",
            self.label(edge.from)
        );
        warning("peer_conflict", self.place_of(edge.from, stuck.edge), text)
    }

    /// Where an edge is declared: a pointer in a manifest of the project, else the place of what declares it.
    pub fn place_of(&self, from: NodeId, edge: EdgeId) -> String {
        let path = self.path(from);
        if !self.is_top(from) || self.node(from).source.is_some() {
            return path;
        }
        let section = match self.edge(edge).kind {
            Kind::Prod => "dependencies",
            Kind::Dev => "devDependencies",
            Kind::Optional => "optionalDependencies",
            Kind::Peer | Kind::PeerOptional => "peerDependencies",
            Kind::Workspace => "workspaces",
        };
        let within = pointer([section, &**self.world.names.text(self.edge(edge).name)]);
        if path.is_empty() {
            within
        } else {
            format!("{path}/package.json{within}")
        }
    }

    fn output(self, conflict: Option<Notice>) -> Resolution {
        let environment = self.world.environment();
        let mut writer = Writer {
            tree: Tree::new("npm", format!("resolved as npm {} would", environment.npm)),
            reach: self.reach(),
            ids: FastMap::default(),
            links: Vec::new(),
            from: &self,
        };
        writer.tree.notices.extend(conflict);
        writer.write_environment();
        writer.write_nodes();
        writer.write_edges();
        writer.write_issues();
        writer.tree.settle();
        writer.links.sort();
        Resolution {
            tree: writer.tree,
            links: writer.links,
        }
    }
}

impl Writer<'_, '_> {
    fn write_environment(&mut self) {
        let (environment, options) = (self.from.world.environment(), self.from.options);
        let mut add = |key: &str, value: String| self.tree.environment.push((key.to_owned(), value));
        add("node", environment.node.clone());
        add("npm", environment.npm.clone());
        if let Some(before) = environment.before {
            add("cutoff", super::time::format(before));
        }
        let flags = [
            ("legacy-peer-deps", options.legacy_peer_deps),
            ("strict-peer-deps", options.strict_peer_deps),
            ("prefer-dedupe", options.prefer_dedupe),
            ("force", self.from.force),
        ];
        for (key, _) in flags.into_iter().filter(|(_, set)| *set) {
            add(key, "true".to_owned());
        }
        match options.install_strategy {
            InstallStrategy::Hoisted => {}
            InstallStrategy::Nested => add("install-strategy", "nested".to_owned()),
            InstallStrategy::Shallow => add("install-strategy", "shallow".to_owned()),
        }
    }

    fn write_nodes(&mut self) {
        let builder = self.from;
        let own = builder.tops.get(&builder.ideal).into_iter().flatten().copied();
        let mut nodes: Vec<NodeId> = builder.by_name.values().flatten().copied().chain(own).collect();
        nodes.push(builder.ideal);
        nodes.sort_unstable();
        nodes.dedup();
        nodes.sort_by_cached_key(|node| collate::key(&builder.path(*node)));
        for id in nodes {
            self.write_node(id);
        }
    }

    fn write_node(&mut self, id: NodeId) {
        let builder = self.from;
        if let Some(link) = &builder.node(id).link {
            self.links.push(InstalledLink {
                location: builder.path(id),
                target: link.to.to_string(),
            });
            return;
        }
        let reach = self.reach.get(&id).copied();
        if builder.node(id).failure.is_some() {
            self.write_failure(id, reach.is_some_and(|reach| reach.optional));
            if reach.is_some_and(|reach| reach.optional) {
                return;
            }
        }
        let node = self.node(id, reach);
        let place = self.tree.add(node);
        self.ids.insert(id, place);
        self.write_bundle(id);
    }

    fn node(&self, id: NodeId, reach: Option<Reach>) -> Node {
        let builder = self.from;
        let node = builder.node(id);
        let manifest = builder.manifest(id);
        let installed = builder.world.names.text(node.name);
        let is_failed = node.failure.is_some();
        let name = manifest
            .name
            .map_or(installed, |name| builder.world.names.text(name));
        let kind = match () {
            () if id == builder.ideal => NodeKind::Root,
            () if builder.is_top(id) => NodeKind::Member,
            () => NodeKind::Package,
        };
        let about = &manifest.about;
        let is_package = kind == NodeKind::Package;
        Node {
            kind,
            name: name.to_string(),
            alias: (is_package && name != installed).then(|| installed.to_string()),
            version: (!manifest.version.is_empty()).then(|| manifest.version.to_string()),
            source: match () {
                () if is_failed => self.failed_source(id),
                () if is_package => Source::Registry,
                () => own_source(&builder.path(id)),
            },
            hashes: hashes(about),
            flags: self.flags(id, reach),
            condition: about.condition.clone(),
            location: Some(builder.path(id)),
            license: about.license.clone(),
            install_script: about.install_script,
            deprecated: about.deprecated.clone(),
            yanked: None,
            place: self.declared_at(id),
        }
    }

    fn flags(&self, id: NodeId, reach: Option<Reach>) -> Flags {
        let bundled = self.from.bundler(id).is_some();
        let Some(reach) = reach else {
            return Flags {
                bundled,
                ..Flags::default()
            };
        };
        Flags {
            dev: reach.dev,
            optional: reach.optional || reach.dev_optional,
            peer: reach.peer,
            bundled,
        }
    }

    /// Where a manifest of the project asks for a node.
    fn declared_at(&self, id: NodeId) -> String {
        let builder = self.from;
        let mut edges = builder.node(id).edges_in.iter().copied();
        let own = edges.find(|edge| builder.is_top(builder.edge(*edge).from));
        own.map(|edge| builder.place_of(builder.edge(edge).from, edge))
            .unwrap_or_default()
    }

    fn failed_source(&self, id: NodeId) -> Source {
        let builder = self.from;
        let Some(edge) = builder.node(id).edges_in.first() else {
            return Source::Registry;
        };
        match &**builder.world.specs.get(builder.wanted(*edge)) {
            Spec::Git { address, .. } => Source::Git(address.to_string()),
            Spec::Remote(address) => Source::Url(address.to_string()),
            Spec::File(path) | Spec::Directory(path) => Source::Path(path.to_string()),
            _ => Source::Registry,
        }
    }

    fn write_edges(&mut self) {
        let builder = self.from;
        let nodes: Vec<_> = self.ids.iter().map(|(id, place)| (*id, *place)).collect();
        for (id, from) in nodes {
            for edge in &builder.node(id).edges_out {
                let edge = builder.edge(*edge);
                let asked = (edge.kind != Kind::Workspace).then_some(edge.spec);
                self.write_edge(from, edge.to, edge.kind, asked);
            }
            self.write_unused_declarations(id, from);
        }
    }

    /// What is declared and did not take part: a dependency of the project on its own member, and peers that are
    /// ignored. Where it leads somewhere, that is told too.
    fn write_unused_declarations(&mut self, id: NodeId, from: tree::NodeId) {
        let builder = self.from;
        let manifest = builder.manifest(id);
        let on_members = manifest.with_dev.iter().filter(|declared| {
            let edge = builder.edge_out(id, builder.fold(declared.name));
            edge.is_some_and(|edge| builder.edge(edge).kind == Kind::Workspace)
        });
        let ignored = manifest.ignored_peers.iter().filter(|declared| {
            let edge = builder.edge_out(id, builder.fold(declared.name));
            edge.is_none()
        });
        for declared in on_members.chain(ignored) {
            let to = builder.resolve(id, builder.fold(declared.name));
            self.write_edge(from, to, declared.kind, Some(declared.spec));
        }
    }

    fn write_edge(&mut self, from: tree::NodeId, to: Option<NodeId>, kind: Kind, asked: Option<SpecId>) {
        let builder = self.from;
        let to = to
            .and_then(|to| builder.target(to))
            .and_then(|to| self.ids.get(&to));
        if let Some(to) = to {
            self.tree.edges.push(tree::Edge {
                from,
                to: *to,
                kind: edge_kind(kind),
                requirement: asked.map(|asked| builder.world.specs.text(asked).to_string()),
                condition: None,
            });
        }
    }
}

fn edge_kind(kind: Kind) -> EdgeKind {
    match kind {
        Kind::Prod => EdgeKind::Normal,
        Kind::Dev => EdgeKind::Dev,
        Kind::Optional => EdgeKind::Optional,
        Kind::Peer => EdgeKind::Peer,
        Kind::PeerOptional => EdgeKind::PeerOptional,
        Kind::Workspace => EdgeKind::Member,
    }
}

fn hashes(about: &About) -> Vec<Hash> {
    let stated = about.integrity.as_deref().map(integrity).unwrap_or_default();
    if !stated.is_empty() {
        return stated;
    }
    let shasum = about
        .shasum
        .as_deref()
        .and_then(|text| crate::lockfile::json::hex_hash(&format!("sha1:{text}")));
    shasum.into_iter().collect()
}
