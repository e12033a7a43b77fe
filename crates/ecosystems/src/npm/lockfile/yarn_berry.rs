//! `yarn.lock` of yarn 2 and later: entries keyed by descriptors, each with the resolution that it stands for.

use std::collections::{HashMap, HashSet};

use inventory::Source;

use super::manifest::{Manifest, own_source};
use super::source::special;
use super::syml::Item;
use super::yarn::ByName;
use super::yarn_classic::{alias, connect};
use crate::lockfile::json::{unreadable, warning};
use crate::lockfile::{Beside, ReadError, add};
use crate::tree::{EdgeKind, Node, NodeId, NodeKind, Tree};

/// What yarn writes where a member's version would be.
const OWN_VERSION: &str = "0.0.0-use.local";

pub(super) fn read(items: &[Item], metadata: &Item, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let version = metadata.text("version").unwrap_or("?");
    let mut reader = Reader {
        tree: Tree::new("npm", format!("yarn.lock berry v{version}")),
        descriptors: HashMap::new(),
        entries: Vec::new(),
        beside,
    };
    for item in items.iter().filter(|item| item.key != "__metadata") {
        reader.read(item)?;
    }
    reader.finish()
}

struct Reader<'a> {
    tree: Tree,
    /// Each `name@protocol:range` that an entry answers.
    descriptors: HashMap<&'a str, NodeId>,
    entries: Vec<(NodeId, &'a Item)>,
    beside: &'a dyn Beside,
}

impl<'a> Reader<'a> {
    fn read(&mut self, item: &'a Item) -> Result<(), ReadError> {
        let resolution = item.text("resolution").and_then(split_identity);
        let Some((name, reference)) = resolution else {
            let text = "the entry has no resolution and was left out";
            self.tree.gaps.push(unreadable(item.place(), text));
            return Ok(());
        };
        // What yarn patches by itself to fit its own way of installing is listed a second time, and nothing leads there.
        if reference.starts_with("patch:") && reference.contains("builtin<compat/") {
            return Ok(());
        }
        let node = match reference.strip_prefix("workspace:") {
            Some(folder) => self.own(name, folder, item),
            None => package(name, reference, item),
        };
        let id = add(&mut self.tree, node)?;
        for descriptor in item.key.split(", ") {
            self.descriptors.insert(descriptor, id);
        }
        self.entries.push((id, item));
        Ok(())
    }

    /// The project or a member; yarn does not write its version down.
    fn own(&self, name: &str, folder: &str, item: &Item) -> Node {
        let folder = if folder == "." { "" } else { folder };
        let manifest = Manifest::beside(self.beside, folder);
        let stated = item.text("version").filter(|version| *version != OWN_VERSION);
        Node {
            kind: if folder.is_empty() {
                NodeKind::Root
            } else {
                NodeKind::Member
            },
            name: name.to_owned(),
            version: manifest
                .and_then(|manifest| manifest.version)
                .or(stated.map(str::to_owned)),
            source: own_source(folder),
            location: Some(folder.to_owned()),
            place: item.place(),
            ..Node::default()
        }
    }

    fn finish(mut self) -> Result<Tree, ReadError> {
        let root = self.root()?;
        let members: Vec<NodeId> = self.tree.own_nodes().filter(|id| *id != root).collect();
        for member in members {
            self.tree.link(root, member, EdgeKind::Member);
        }
        let names = ByName::of(&self.tree);
        for (from, item) in std::mem::take(&mut self.entries) {
            let kinds = self.kinds(from, item);
            for (name, range) in item.pairs("dependencies") {
                let kind = kinds.of(name);
                let found = self.find(name, range).or_else(|| names.best(name, range));
                connect(&mut self.tree, (from, name, range, kind), found);
            }
            // Which package a peer is depends on who asks; the lockfile says so only where one serves all.
            for (name, range) in item.pairs("peerDependencies") {
                let kind = if is_marked(item, "peerDependenciesMeta", name) {
                    EdgeKind::PeerOptional
                } else {
                    EdgeKind::Peer
                };
                let found = self.find(name, range).or_else(|| names.best(name, range));
                connect(&mut self.tree, (from, name, range, kind), found);
            }
        }
        self.tree.classify();
        Ok(self.tree)
    }

    /// The entry of the project, or a node for it when the lockfile has none.
    fn root(&mut self) -> Result<NodeId, ReadError> {
        let found = self
            .tree
            .own_nodes()
            .find(|id| self.tree.nodes[*id].kind == NodeKind::Root);
        if let Some(root) = found {
            return Ok(root);
        }
        let manifest = Manifest::beside(self.beside, "").unwrap_or_default();
        let root = add(&mut self.tree, manifest.node(NodeKind::Root, "", ""))?;
        if self.tree.own_nodes().count() == 1 {
            let text =
                "no entry stands for the project: what nothing else needs counts as a direct dependency";
            self.tree.notices.push(warning("no_manifest", "", text));
            let mut asking = self.tree.clone();
            for (from, item) in &self.entries {
                for (name, range) in item.pairs("dependencies") {
                    if let Some(to) = self.find(name, range) {
                        asking.link(*from, to, EdgeKind::Normal);
                    }
                }
            }
            asking.adopt_orphans(root);
            self.tree.edges = asking
                .edges
                .into_iter()
                .filter(|edge| edge.from == root)
                .collect();
        }
        Ok(root)
    }

    /// Looks a dependency up as written, then with the protocol that yarn adds to a bare range.
    fn find(&self, name: &str, range: &str) -> Option<NodeId> {
        let exact = self.descriptors.get(format!("{name}@{range}").as_str());
        let with_protocol = || self.descriptors.get(format!("{name}@npm:{range}").as_str());
        exact.or_else(with_protocol).copied()
    }

    fn kinds(&self, from: NodeId, item: &Item) -> Kinds {
        let node = &self.tree.nodes[from];
        let folder = node
            .location
            .as_deref()
            .filter(|_| node.kind != NodeKind::Package);
        let manifest = folder.and_then(|folder| Manifest::beside(self.beside, folder));
        let own = manifest.map(|manifest| manifest.requirements).unwrap_or_default();
        let marked = item
            .child("dependenciesMeta")
            .map(|meta| meta.children.as_slice());
        let optional = marked
            .unwrap_or_default()
            .iter()
            .filter(|child| child.text("optional") == Some("true"));
        Kinds {
            own: own.into_iter().map(|(name, _, kind)| (name, kind)).collect(),
            optional: optional.map(|child| child.key.clone()).collect(),
        }
    }
}

/// What kind each dependency of one entry is; the lockfile itself mixes a member's development in.
struct Kinds {
    own: HashMap<String, EdgeKind>,
    optional: HashSet<String>,
}

impl Kinds {
    fn of(&self, name: &str) -> EdgeKind {
        match self.own.get(name) {
            Some(kind) => *kind,
            None if self.optional.contains(name) => EdgeKind::Optional,
            None => EdgeKind::Normal,
        }
    }
}

fn is_marked(item: &Item, list: &str, name: &str) -> bool {
    let mark = item.child(list).and_then(|meta| meta.child(name));
    mark.is_some_and(|mark| mark.text("optional") == Some("true"))
}

/// `@scope/name@reference` in its two halves.
fn split_identity(text: &str) -> Option<(&str, &str)> {
    let at = text.get(1..)?.find('@')? + 1;
    Some((&text[..at], &text[at + 1..]))
}

/// A package that is not the project's own. A patched one is what it patches, with changes on top.
fn package(name: &str, reference: &str, item: &Item) -> Node {
    let patched = reference.strip_prefix("patch:").map(unescape);
    let inner = patched
        .as_deref()
        .and_then(|text| split_identity(text.split('#').next()?));
    let reference = inner.map_or(reference, |(_, reference)| reference);
    let reference = if reference.starts_with("virtual:") {
        reference.split('#').next_back().unwrap_or(reference)
    } else {
        reference
    };
    let source = match reference.strip_prefix("npm:") {
        Some(_) => Source::Registry,
        None => special(reference).unwrap_or_default(),
    };
    let installed = item.key.split(", ").next().and_then(split_identity);
    let alias =
        installed.filter(|(key, range)| *key != name || alias(range).is_some_and(|real| real != *key));
    Node {
        name: name.to_owned(),
        alias: alias.map(|(key, _)| key.to_owned()).filter(|key| key != name),
        version: item.text("version").map(str::to_owned),
        source,
        condition: item.text("conditions").map(str::to_owned),
        place: item.place(),
        ..Node::default()
    }
}

/// Undoes the percent-encoding of a patch's inner reference.
fn unescape(text: &str) -> String {
    text.replace("%3A", ":")
        .replace("%3a", ":")
        .replace("%40", "@")
        .replace("%2F", "/")
        .replace("%23", "#")
        .replace("%25", "%")
}
