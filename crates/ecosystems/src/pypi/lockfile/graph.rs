//! Building the tree: packages by their normalised names, and edges between them.

use std::collections::HashMap;

use inventory::{Hash, Source};
use serde_json::Value;

use super::manifest::{Manifest, Want};
use crate::Ecosystem;
use crate::lockfile::json::{hex_hash, some_text, warning};
use crate::lockfile::{ReadError, add};
use crate::pypi::PyPi;
use crate::tree::{Edge, EdgeKind, Node, NodeId, NodeKind, Tree};

/// A package has a file for every platform; these many of their hashes are kept.
const MOST_HASHES: usize = 4;
/// Missing dependencies that are told one by one.
const MISSING_TOLD: usize = 20;
/// Addresses of the public index, old and new, and of its file host.
const INDEXES: [&str; 4] = [
    "pypi.org",
    "pypi.python.org",
    "files.pythonhosted.org",
    "test.pypi.org",
];

pub(super) struct Graph {
    pub tree: Tree,
    by_name: HashMap<String, Vec<NodeId>>,
    missing: usize,
}

/// A dependency as one package states it.
#[derive(Clone, Copy, Default)]
pub(super) struct Link<'a> {
    pub name: &'a str,
    /// The exact version, where the lockfile names it.
    pub version: Option<&'a str>,
    pub requirement: Option<&'a str>,
    pub condition: Option<&'a str>,
    pub kind: EdgeKind,
}

impl Graph {
    pub(super) fn new(format: impl Into<String>) -> Self {
        Self {
            tree: Tree::new("PyPI", format),
            by_name: HashMap::new(),
            missing: 0,
        }
    }

    pub(super) fn add(&mut self, node: Node) -> Result<NodeId, ReadError> {
        let name = PyPi.normalize(&node.name).into_owned();
        let id = add(&mut self.tree, node)?;
        self.by_name.entry(name).or_default().push(id);
        Ok(id)
    }

    /// The project as its manifest describes it.
    pub(super) fn add_root(&mut self, manifest: Option<&Manifest>) -> Result<NodeId, ReadError> {
        let name = manifest.and_then(|manifest| manifest.name.clone());
        let root = Node {
            kind: NodeKind::Root,
            name: name.unwrap_or_default(),
            version: manifest.and_then(|manifest| manifest.version.clone()),
            source: Source::Path(".".to_owned()),
            location: Some(String::new()),
            ..Node::default()
        };
        add(&mut self.tree, root)
    }

    pub(super) fn named(&self, name: &str) -> &[NodeId] {
        self.by_name
            .get(PyPi.normalize(name).as_ref())
            .map_or(&[], Vec::as_slice)
    }

    /// Links with every package of that name that the dependency may mean: a lockfile for all platforms may hold
    /// several versions, each under a marker.
    pub(super) fn link(&mut self, from: NodeId, link: Link<'_>) {
        let known = self.named(link.name);
        let exact: Vec<NodeId> = known
            .iter()
            .copied()
            .filter(|id| link.version.is_none() || self.tree.nodes[*id].version.as_deref() == link.version)
            .collect();
        let found = if exact.is_empty() { known.to_vec() } else { exact };
        if found.is_empty() {
            self.tell_missing(from, link);
        }
        for to in found {
            self.tree.edges.push(Edge {
                from,
                to,
                kind: link.kind,
                requirement: link.requirement.map(str::to_owned),
                condition: link.condition.map(str::to_owned),
            });
        }
    }

    /// What a marker excludes or an extra brings need not be in the lockfile.
    fn tell_missing(&mut self, from: NodeId, link: Link<'_>) {
        if link.condition.is_some() || link.kind == EdgeKind::Optional {
            return;
        }
        self.missing += 1;
        if self.missing > MISSING_TOLD {
            return;
        }
        let node = &self.tree.nodes[from];
        let who = if node.kind == NodeKind::Package {
            format!("`{}`", node.name)
        } else {
            "the project".to_owned()
        };
        let text = format!("{who} needs `{}`, which is not in the lockfile", link.name);
        let place = node.place.clone();
        self.tree.gaps.push(warning("missing_dependency", place, text));
    }

    /// Links the project with what it wants itself; without a manifest, with what nothing else needs.
    pub(super) fn link_root(&mut self, root: NodeId, manifest: Option<&Manifest>) {
        match manifest {
            Some(manifest) => {
                for Want {
                    name,
                    requirement,
                    kind,
                    condition,
                } in &manifest.wants
                {
                    self.link(
                        root,
                        Link {
                            name,
                            version: None,
                            requirement: requirement.as_deref(),
                            condition: condition.as_deref(),
                            kind: *kind,
                        },
                    );
                }
            }
            None => {
                self.tree.adopt_orphans(root);
                self.tree.notices.push(warning(
                    "no_manifest",
                    "",
                    "there is no manifest beside it: what nothing else needs counts as a direct dependency",
                ));
            }
        }
    }

    pub(super) fn finish(mut self) -> Tree {
        if self.missing > MISSING_TOLD {
            let text = format!(
                "{} more dependencies are not in the lockfile",
                self.missing - MISSING_TOLD
            );
            self.tree.gaps.push(warning("missing_dependency", "", text));
        }
        self.tree.spread_conditions();
        self.tree
    }
}

/// The hashes of some files of a package: the source archive's first, for it is one.
pub(super) fn hashes<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Hash> {
    let mut found: Vec<Hash> = Vec::new();
    for hash in texts.filter_map(hex_hash) {
        if found.len() < MOST_HASHES && !found.contains(&hash) {
            found.push(hash);
        }
    }
    found
}

/// `{ sha256 = "…" }`, as PEP 751 writes the hashes of a file.
pub(super) fn hash_table(file: &Value) -> impl Iterator<Item = String> {
    let table = file.get("hashes").and_then(Value::as_object);
    table
        .into_iter()
        .flatten()
        .filter_map(|(algorithm, value)| Some(format!("{algorithm}:{}", value.as_str()?)))
}

/// A remark on indexes that are not the public one, once each.
pub(super) fn tell_index(tree: &mut Tree, url: Option<&str>) {
    let Some(url) = url else { return };
    let host = url
        .split_once("://")
        .map_or(url, |(_, rest)| rest)
        .split('/')
        .next()
        .unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or(host);
    if host.is_empty() || INDEXES.contains(&host) {
        return;
    }
    let text =
        format!("packages come from the index at {host}, which is taken for a mirror of the public one");
    let is_new = tree.notices.iter().all(|notice| notice.text != text);
    if is_new {
        tree.notices.push(crate::lockfile::json::notice(
            "other_index",
            inventory::Level::Info,
            "",
            text,
        ));
    }
}

/// A git address, from the keys that Python's lockfiles spread it over.
pub(super) fn git(entry: &Value) -> Option<Source> {
    let url = some_text(entry, "git")?;
    let commit = some_text(entry, "revision")
        .or_else(|| some_text(entry, "ref"))
        .or_else(|| some_text(entry, "rev"));
    Some(Source::Git(match commit {
        Some(commit) if !url.contains('#') => format!("{url}#{commit}"),
        _ => url.to_owned(),
    }))
}
