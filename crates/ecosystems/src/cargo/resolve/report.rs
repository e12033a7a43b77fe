//! The outcome of a search as a tree.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use inventory::{Hash, Level, Notice};

use super::conflict::Reason;
use super::engine::{Engine, Failure};
use super::manifest::Kind;
use super::paths;
use super::summary::{Dependency, Source};
use super::workspace::Workspace;
use super::world::{Relaxed, SummaryId, Unresolved, World};
use crate::tree::{Edge, EdgeKind, Flags, Node, NodeId, NodeKind, Tree};

/// Builds the tree of what is active.
pub(super) fn tree(engine: &Engine<'_, '_>, workspace: &Workspace, relaxed: &Relaxed) -> Tree {
    let mut report = Report {
        engine,
        workspace,
        nodes: HashMap::new(),
        tree: Tree::new("crates.io", ""),
    };
    report.add_nodes();
    report.add_edges();
    report.add_unresolved();
    report.add_yanked(relaxed);
    report.add_clashes();
    report.tree.gaps.extend(workspace.gaps.iter().cloned());
    let mut tree = report.tree;
    set_flags(&mut tree);
    tree.settle();
    let mut seen = BTreeSet::new();
    tree.gaps
        .retain(|gap| seen.insert((gap.code.clone(), gap.place.clone(), gap.text.clone())));
    tree
}

struct Report<'a, 'w, 'b> {
    engine: &'a Engine<'w, 'b>,
    workspace: &'a Workspace,
    nodes: HashMap<SummaryId, NodeId>,
    tree: Tree,
}

impl Report<'_, '_, '_> {
    fn world(&self) -> &World<'_> {
        self.engine.world
    }

    /// The root, the members in their order, then everything else by name and version.
    fn add_nodes(&mut self) {
        let members = self.workspace.members.clone();
        let root = self.workspace.folder.clone();
        let is_virtual = !members.contains(&root);
        if is_virtual {
            self.tree.add(Node {
                kind: NodeKind::Root,
                source: inventory::Source::Path(if root.is_empty() { "." } else { &root }.to_owned()),
                location: Some(String::new()),
                place: paths::manifest(&root),
                ..Node::default()
            });
        }
        let first = members.iter().filter(|folder| **folder == root);
        let others = members.iter().filter(|folder| **folder != root);
        for folder in first.chain(others) {
            if let Some(id) = self.world().local(folder) {
                self.add_local(id, folder, true);
            }
        }
        let mut rest: Vec<_> = self.engine.activated().into_iter().collect();
        rest.sort_by(|a, b| self.order(*a).cmp(&self.order(*b)));
        for id in rest {
            if !self.nodes.contains_key(&id) {
                self.add_package(id);
            }
        }
        let members: Vec<_> = (1..self.tree.nodes.len())
            .filter(|id| self.tree.nodes[*id].kind == NodeKind::Member)
            .collect();
        for member in members {
            self.tree.link(0, member, EdgeKind::Member);
        }
    }

    fn order(&self, id: SummaryId) -> (&str, &::semver::Version, &Source) {
        let summary = &self.world().summaries[id];
        (
            self.world().names.text(summary.name),
            &summary.version,
            &summary.source,
        )
    }

    fn add_local(&mut self, id: SummaryId, folder: &str, is_member: bool) {
        let local = &self.workspace.locals[folder];
        let is_root = folder == self.workspace.folder;
        let kind = match (is_member, is_root) {
            (true, true) => NodeKind::Root,
            (true, false) => NodeKind::Member,
            (false, _) => NodeKind::Package,
        };
        let location = folder
            .strip_prefix(self.workspace.folder.as_str())
            .unwrap_or(folder);
        let node = self.tree.add(Node {
            kind,
            name: local.name.clone(),
            version: Some(local.version.to_string()),
            source: inventory::Source::Path(if folder.is_empty() { "." } else { folder }.to_owned()),
            location: Some(location.trim_start_matches('/').to_owned()),
            license: local.license.clone(),
            place: paths::manifest(folder),
            ..Node::default()
        });
        self.nodes.insert(id, node);
    }

    fn add_package(&mut self, id: SummaryId) {
        let summary = &self.world().summaries[id];
        if let Source::Path(folder) = &summary.source {
            let folder = folder.to_string();
            self.add_local(id, &folder, false);
            return;
        }
        let source = match &summary.source {
            Source::Registry(name) => inventory::Source::OtherRegistry(name.to_string()),
            Source::Default | Source::Path(_) | Source::Git(_) => inventory::Source::Registry,
        };
        let hashes = summary.checksum.iter().map(|value| Hash {
            algorithm: "SHA-256".to_owned(),
            value: value.clone(),
        });
        let node = Node {
            name: self.world().names.text(summary.name).to_owned(),
            version: Some(summary.version.to_string()),
            source,
            hashes: hashes.collect(),
            yanked: Some(summary.yanked),
            ..Node::default()
        };
        let node = self.tree.add(node);
        self.nodes.insert(id, node);
    }

    fn add_edges(&mut self) {
        for link in &self.engine.edges {
            let ends = self.nodes.get(&link.parent).zip(self.nodes.get(&link.child));
            let Some((from, to)) = ends else { continue };
            let (from, to) = (*from, *to);
            self.add_edge(from, to, &link.dependency);
        }
        // A target that only some tables name is told by the edges; a node below such edges alone has it too.
        let mut conditions = BTreeMap::<NodeId, BTreeSet<Option<String>>>::new();
        for edge in &self.tree.edges {
            if edge.kind != EdgeKind::Member {
                let of = conditions.entry(edge.to).or_default();
                of.insert(edge.condition.clone());
            }
        }
        for (node, conditions) in conditions {
            if conditions.len() == 1 && self.tree.nodes[node].kind == NodeKind::Package {
                self.tree.nodes[node].condition = conditions.into_iter().next().flatten();
            }
        }
    }

    fn add_edge(&mut self, from: NodeId, to: NodeId, dependency: &Dependency) {
        let is_own = self.tree.nodes[from].kind != NodeKind::Package;
        let kind = match dependency.kind {
            Kind::Dev => EdgeKind::Dev,
            Kind::Build => EdgeKind::Build,
            // Members are resolved with all that they can do; whether they do it, their features tell.
            Kind::Normal if dependency.optional && is_own => EdgeKind::Optional,
            Kind::Normal => EdgeKind::Normal,
        };
        let names = &self.engine.world.names;
        let (key, package) = (names.text(dependency.key), names.text(dependency.package));
        if key != package && self.tree.nodes[to].alias.is_none() {
            self.tree.nodes[to].alias = Some(key.to_owned());
        }
        self.tree.edges.push(Edge {
            from,
            to,
            kind,
            requirement: Some(dependency.text.clone()),
            condition: dependency.target.clone(),
        });
    }

    /// Dependencies of active packages for which nothing was found, each as a node without a version.
    fn add_unresolved(&mut self) {
        let unresolved = self.engine.unresolved.clone();
        let mut open = BTreeMap::<(String, String), NodeId>::new();
        for (parent, dependency, why) in unresolved {
            let Some(from) = self.nodes.get(&parent).copied() else {
                continue;
            };
            let name = self.world().names.text(dependency.package).to_owned();
            let (code, text, source) = explain(&name, &dependency, &why);
            self.gap(code, self.place(from, &dependency), text);
            let key = (name.clone(), format!("{source:?}"));
            let to = *open.entry(key).or_insert_with(|| {
                self.tree.add(Node {
                    name,
                    source,
                    ..Node::default()
                })
            });
            self.add_edge(from, to, &dependency);
        }
        let broken = self.engine.world.broken.clone();
        for need in broken {
            let requirement = need.requirement.unwrap_or_default();
            let text = format!("`{requirement}` is not a requirement that Cargo knows");
            self.gap("requirement_invalid", need.place, text);
        }
    }

    fn add_yanked(&mut self, relaxed: &Relaxed) {
        let edges = self.tree.edges.clone();
        for edge in edges {
            let node = &self.tree.nodes[edge.to];
            let requirement = edge.requirement.clone().unwrap_or_default();
            let relaxed = relaxed.yanked.contains(&(node.name.clone(), requirement.clone()));
            if !relaxed || node.yanked != Some(true) {
                continue;
            }
            let version = node.version.clone().unwrap_or_default();
            let text = format!(
                "every version of `{}` that meets `{requirement}` was withdrawn; Cargo would refuse, here it is {version}",
                node.name
            );
            let place = self.place_of(edge.from);
            self.gap("yanked_only", place, text);
        }
    }

    fn add_clashes(&mut self) {
        for (member, links) in self.engine.clashes.clone() {
            let name = self
                .world()
                .names
                .text(self.world().summaries[member].name)
                .to_owned();
            let links = self.world().names.text(links).to_owned();
            let text = format!("`{name}` links the native library `{links}`, as another member does");
            self.gap("links_conflict", name, text);
        }
    }

    /// Where a dependency is written, or which release has it.
    fn place(&self, from: NodeId, dependency: &Dependency) -> String {
        if dependency.place.is_empty() {
            return self.place_of(from);
        }
        dependency.place.clone()
    }

    fn place_of(&self, node: NodeId) -> String {
        let node = &self.tree.nodes[node];
        match (&node.version, node.place.is_empty()) {
            (Some(version), true) => format!("{} {version}", node.name),
            _ => node.place.clone(),
        }
    }

    fn gap(&mut self, code: &str, place: String, text: String) {
        self.tree.gaps.push(Notice {
            code: code.to_owned(),
            level: Level::Warn,
            place,
            text,
        });
    }
}

/// Code, sentence and source of a dependency that stays open.
fn explain(
    name: &str,
    dependency: &Dependency,
    why: &Unresolved,
) -> (&'static str, String, inventory::Source) {
    let requirement = &dependency.text;
    match why {
        Unresolved::Git { url, reference } => {
            let at = reference
                .as_ref()
                .map(|at| format!(" at `{at}`"))
                .unwrap_or_default();
            let text = format!(
                "`{name}` comes from the repository {url}{at}; neither it nor what it needs was looked into"
            );
            ("git_dependency", text, inventory::Source::Git(url.clone()))
        }
        Unresolved::Outside(path) => {
            let text = format!("`{name}` lies at `{path}`, outside of the project");
            ("path_outside", text, inventory::Source::Path(path.clone()))
        }
        Unresolved::PathMissing(folder) => {
            let text = format!("`{name}` has no manifest that can be read at `{folder}`");
            ("path_missing", text, inventory::Source::Path(folder.clone()))
        }
        Unresolved::PathMismatch(folder) => {
            let text = format!("what lies at `{folder}` is not `{name}` {requirement}");
            ("path_mismatch", text, inventory::Source::Path(folder.clone()))
        }
        Unresolved::NotFetched(reason) => {
            let text = format!("the index file of `{name}` could not be read: {reason}");
            ("not_fetched", text, inventory::Source::Registry)
        }
        Unresolved::Dropped(reason) => {
            let text = format!("`{name} {requirement}` cannot be met: {reason}");
            ("unsatisfiable", text, inventory::Source::Registry)
        }
    }
}

/// Why a dependency failed, as a sentence's end.
pub(super) fn reason(world: &World<'_>, failure: &Failure, had_candidates: bool) -> String {
    if !had_candidates {
        return "no version of it does".to_owned();
    }
    let name = |id: SummaryId| {
        let summary = &world.summaries[id];
        format!("{} {}", world.names.text(summary.name), summary.version)
    };
    let parts: BTreeSet<_> = failure
        .conflicts
        .iter()
        .map(|(id, reason)| match reason {
            Reason::Version => format!("{} is chosen already", name(*id)),
            Reason::Links(library) => {
                format!("{} links `{}` already", name(*id), world.names.text(*library))
            }
            Reason::Feature(feature) => {
                format!(
                    "it has no feature `{}` as {} asks",
                    world.names.text(*feature),
                    name(*id)
                )
            }
        })
        .collect();
    if parts.is_empty() {
        return "nothing that fits was found".to_owned();
    }
    parts.into_iter().collect::<Vec<_>>().join("; ")
}

/// Tells development and optional dependencies from those that every build needs.
fn set_flags(tree: &mut Tree) {
    let own: Vec<_> = (0..tree.nodes.len())
        .filter(|id| tree.nodes[*id].kind != NodeKind::Package)
        .collect();
    let shipped = reached(tree, &own, &[EdgeKind::Dev]);
    let needed = reached(tree, &own, &[EdgeKind::Optional]);
    for (id, node) in tree.nodes.iter_mut().enumerate() {
        if node.kind == NodeKind::Package {
            node.flags = Flags {
                dev: !shipped.contains(&id),
                optional: !needed.contains(&id),
                ..Flags::default()
            };
        }
    }
}

fn reached(tree: &Tree, from: &[NodeId], without: &[EdgeKind]) -> HashSet<NodeId> {
    let mut next = HashMap::<NodeId, Vec<NodeId>>::new();
    for edge in tree.edges.iter().filter(|edge| !without.contains(&edge.kind)) {
        next.entry(edge.from).or_default().push(edge.to);
    }
    let mut seen: HashSet<NodeId> = from.iter().copied().collect();
    let mut waiting = from.to_vec();
    while let Some(node) = waiting.pop() {
        for to in next.get(&node).into_iter().flatten() {
            if seen.insert(*to) {
                waiting.push(*to);
            }
        }
    }
    seen
}
