//! Trees become one inventory.

use std::collections::HashSet;

use ecosystems::tree::{EdgeKind, Flags, Node, NodeKind, Tree};
use inventory::{
    Component, ComponentId, ComponentKind, Installation, Inventory, LicenseClaim, LicenseSource, Notice,
    PackageFacts, Purl, Scope, Source,
};

use crate::merge::classes;
use crate::notices::Notices;
use crate::path::join;
use crate::{Found, Project, ReadProject, secrets};

/// Components of one inventory, as for documents.
const MOST_COMPONENTS: usize = 500_000;

/// Makes one inventory of everything that was found, and tells what a person should know.
///
/// A single project is the root of the inventory itself; several stand below a root that is the source.
#[must_use]
pub fn assemble(found: Found, name: &str) -> (Inventory, Vec<Notice>) {
    let mut assembly = Assembly::default();
    assembly.notices.extend(found.notices);
    assembly.inventory.resolutions = found.resolutions;
    assembly
        .inventory
        .resolutions
        .sort_by(|a, b| a.manifest.cmp(&b.manifest));
    assembly.is_empty_handed = found.gaps.is_empty() && found.without_dependencies == 0;
    assembly.gaps.extend(found.gaps);
    let several = found.projects.len() != 1;
    if several {
        assembly.push(Component {
            reference: "source".to_owned(),
            kind: ComponentKind::Application,
            name: name.to_owned(),
            source: Source::Path(".".to_owned()),
            ..Component::default()
        });
    }
    for read in &found.projects {
        let root = assembly.add(read, name);
        if let (true, Some(root)) = (several, root) {
            assembly.hold(0, root);
        }
    }
    assembly.finish(&found.projects)
}

#[derive(Default)]
struct Assembly {
    inventory: Inventory,
    references: HashSet<String>,
    notices: Notices,
    gaps: Notices,
    /// Whether nothing at all was found, not even something broken or a manifest that asks for nothing.
    is_empty_handed: bool,
}

impl Assembly {
    fn push(&mut self, mut component: Component) -> ComponentId {
        let id = ComponentId::try_from(self.inventory.components.len()).expect("their number is bounded");
        if !self.references.insert(component.reference.clone()) {
            component.reference = format!("{} ({id})", component.reference);
            self.references.insert(component.reference.clone());
        }
        self.inventory.components.push(component);
        id
    }

    /// `from` is made of `to`, which says nothing about a dependency.
    fn hold(&mut self, from: ComponentId, to: ComponentId) {
        self.inventory.edges.push((from, to));
        self.inventory.containment.push((from, to));
    }

    /// Adds one project; answers the component of its root.
    fn add(&mut self, read: &ReadProject, name: &str) -> Option<ComponentId> {
        let ReadProject { project, tree } = read;
        self.notices
            .extend(tree.notices.iter().map(|notice| placed(notice, &project.path)));
        self.gaps
            .extend(tree.gaps.iter().map(|gap| placed(gap, &project.path)));
        if self.inventory.components.len() + tree.nodes.len() > MOST_COMPONENTS {
            let text = format!(
                "the source has more than {MOST_COMPONENTS} components, and this project was left out"
            );
            self.gaps
                .push(crate::notices::warn("too_many_components", &project.path, text));
            return None;
        }
        let classes = classes(tree);
        let ids = self.add_components(project, tree, &classes, name);
        let id_of = |node: usize| ids.get(*classes.get(node)?).copied();
        for edge in &tree.edges {
            let (Some(from), Some(to)) = (id_of(edge.from), id_of(edge.to)) else {
                continue;
            };
            if from == to {
                continue;
            }
            if edge.kind == EdgeKind::Member {
                self.hold(from, to);
            } else {
                self.inventory.edges.push((from, to));
            }
        }
        let root = tree.nodes.iter().position(|node| node.kind == NodeKind::Root)?;
        id_of(root)
    }

    /// A component for each class, in the order of their first nodes; the flags of a class are those that all of its
    /// nodes share.
    fn add_components(
        &mut self,
        project: &Project,
        tree: &Tree,
        classes: &[usize],
        name: &str,
    ) -> Vec<ComponentId> {
        let mut firsts: Vec<Node> = Vec::new();
        for (node, class) in tree.nodes.iter().zip(classes) {
            match firsts.get_mut(*class) {
                Some(first) => first.flags = shared(first.flags, node.flags),
                None => firsts.push(node.clone()),
            }
        }
        firsts
            .iter()
            .map(|node| self.push(component(project, tree.ecosystem, node, name)))
            .collect()
    }

    fn finish(mut self, projects: &[ReadProject]) -> (Inventory, Vec<Notice>) {
        let mut inventory = self.inventory;
        inventory.format = format_of(projects);
        inventory.root = (!inventory.components.is_empty()).then_some(0);
        if let [only] = projects {
            let root = only
                .tree
                .nodes
                .iter()
                .position(|node| node.kind == NodeKind::Root);
            inventory.root =
                root.and_then(|root| ComponentId::try_from(*classes(&only.tree).get(root)?).ok());
        }
        if projects.is_empty() && self.is_empty_handed {
            let text = "there is no lockfile and no manifest of npm, Cargo or Python in it";
            self.gaps.push(crate::notices::warn("nothing_found", "", text));
        }
        inventory.edges.sort_unstable();
        inventory.edges.dedup();
        inventory.containment.sort_unstable();
        inventory.containment.dedup();
        inventory.gaps = self.gaps.into_list();
        inventory.complete = Some(inventory.gaps.is_empty());
        let mut notices = inventory.gaps.clone();
        notices.extend(self.notices.into_list());
        (inventory, notices)
    }
}

fn format_of(projects: &[ReadProject]) -> String {
    let mut formats: Vec<&str> = projects.iter().map(|read| read.tree.format.as_str()).collect();
    formats.dedup();
    match formats.as_slice() {
        [] => "source tree".to_owned(),
        [one] if projects.len() == 1 => (*one).to_owned(),
        _ => {
            formats.sort_unstable();
            formats.dedup();
            format!(
                "source tree of {} projects: {}",
                projects.len(),
                formats.join(", ")
            )
        }
    }
}

/// A notice of a tree names the place in a file; one of an inventory names the file, too. Resolvers name it themselves.
fn placed(notice: &Notice, path: &str) -> Notice {
    let place = match notice.place.as_str() {
        "" => path.to_owned(),
        place if place == path || place.starts_with(&format!("{path}: ")) => place.to_owned(),
        place => format!("{path}: {place}"),
    };
    Notice {
        place: secrets::without(&place),
        text: secrets::without(&notice.text),
        ..notice.clone()
    }
}

fn shared(a: Flags, b: Flags) -> Flags {
    Flags {
        dev: a.dev && b.dev,
        optional: a.optional && b.optional,
        peer: a.peer && b.peer,
        bundled: a.bundled && b.bundled,
    }
}

fn component(project: &Project, ecosystem: &str, node: &Node, fallback: &str) -> Component {
    let is_own = node.kind != NodeKind::Package;
    let name = match node.name.as_str() {
        "" if project.folder.is_empty() => fallback,
        "" => &project.folder,
        name => name,
    };
    let (group, bare) = split(ecosystem, name);
    Component {
        reference: format!("{}#{}", project.path, reference(node)),
        kind: if is_own {
            ComponentKind::Application
        } else {
            ComponentKind::Library
        },
        group: group.map(str::to_owned),
        name: bare.to_owned(),
        version: node.version.clone(),
        // A project that no manifest names is known here only.
        purl: (!node.name.is_empty()).then(|| purl(ecosystem, node)).flatten(),
        scope: scope(node.flags),
        licenses: node
            .license
            .iter()
            .map(|text| LicenseClaim {
                source: LicenseSource::Declared,
                text: text.clone(),
                ..LicenseClaim::default()
            })
            .collect(),
        hashes: node.hashes.clone(),
        source: placed_source(project, node),
        installation: Some(Box::new(installation(project, node))),
        facts: facts(node),
        ..Component::default()
    }
}

fn reference(node: &Node) -> String {
    match (&node.location, node.version.as_deref()) {
        (Some(location), _) if node.kind != NodeKind::Package => location.clone(),
        (_, version) => format!(
            "{}@{}",
            node.alias.as_deref().unwrap_or(&node.name),
            version.unwrap_or_default()
        ),
    }
}

/// Paths are told relative to the source, not to the project.
fn placed_source(project: &Project, node: &Node) -> Source {
    match (&node.source, &node.location) {
        (Source::Path(_), Some(location)) if node.kind != NodeKind::Package => {
            let folder = join(&project.folder, location);
            Source::Path(if folder.is_empty() { ".".to_owned() } else { folder })
        }
        (source, _) => secrets::of_source(source),
    }
}

fn installation(project: &Project, node: &Node) -> Installation {
    Installation {
        manifest: project.path.clone(),
        place: node.place.clone(),
        alias: node.alias.clone(),
        peer: node.flags.peer,
        bundled: node.flags.bundled,
        condition: node.condition.clone(),
    }
}

/// What the lockfile says of the version itself. A lockfile names a deprecation where there is one, and says nothing
/// of the others.
fn facts(node: &Node) -> PackageFacts {
    PackageFacts {
        deprecated: node.deprecated.as_ref().map(|_| true),
        yanked: node.yanked,
        install_script: node.install_script,
        ..PackageFacts::default()
    }
}

const fn scope(flags: Flags) -> Scope {
    match flags {
        Flags { dev: true, .. } => Scope::Dev,
        Flags { optional: true, .. } => Scope::Optional,
        _ => Scope::Required,
    }
}

/// A scope of npm is the group of its package.
fn split<'a>(ecosystem: &str, name: &'a str) -> (Option<&'a str>, &'a str) {
    match name.split_once('/') {
        Some((scope, bare)) if ecosystem == "npm" && scope.starts_with('@') => (Some(scope), bare),
        _ => (None, name),
    }
}

/// The package URL; `None` for names that none can have.
fn purl(ecosystem: &str, node: &Node) -> Option<Purl> {
    let kind = ecosystems::by_name(ecosystem)?.purl_type();
    let (namespace, name) = split(ecosystem, &node.name);
    Purl::new(kind, namespace, name, node.version.as_deref()).ok()
}
