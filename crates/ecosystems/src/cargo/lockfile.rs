//! `Cargo.lock`, versions 1 to 4. The crate `cargo-lock` reads it; what that refuses because of one bad entry is
//! read entry by entry. Which dependencies are for development or for one platform only is in the manifests.

mod entries;
mod manifest;

use std::collections::HashMap;

use inventory::{Hash, Source};

use crate::lockfile::json::warning;
use crate::lockfile::{Ask, Beside, ReadError, add};
use crate::tree::{Edge, EdgeKind, Node, NodeId, NodeKind, Tree};
use entries::{Locked, Reference};
use manifest::Manifests;

/// Missing dependencies that are told one by one.
const MISSING_TOLD: usize = 20;

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let lock = entries::read(text)?;
    let manifests = Manifests::beside(beside);
    let mut tree = Tree::new("crates.io", format!("Cargo.lock v{}", lock.version));
    tree.gaps = lock.gaps;
    tree.notices = lock.notices;
    let root = add_root(&mut tree, &lock.packages, &manifests)?;
    let mut index = Index::default();
    for package in &lock.packages {
        let is_root = root.is_package(package);
        let id = if is_root {
            root.id
        } else {
            add(&mut tree, node(package, &manifests))?
        };
        if is_root {
            tree.nodes[id] = Node {
                kind: NodeKind::Root,
                ..node(package, &manifests)
            };
        }
        index.insert(package, id);
    }
    let members: Vec<NodeId> = tree.own_nodes().filter(|id| *id != root.id).collect();
    for member in members {
        tree.link(root.id, member, EdgeKind::Member);
    }
    connect(&mut tree, &lock.packages, &index, &manifests);
    if lock.packages.iter().all(|package| package.source.is_some()) {
        tree.adopt_orphans(root.id);
        tree.notices.push(warning(
            "no_manifest",
            "",
            "no package of it is the project's own: what nothing else needs counts as a direct dependency",
        ));
    }
    tree.classify();
    tree.spread_conditions();
    Ok(tree)
}

/// The node of the project and the package that it is, if it is one.
struct Root {
    id: NodeId,
    name: Option<String>,
}

impl Root {
    fn is_package(&self, package: &Locked) -> bool {
        package.source.is_none() && self.name.as_deref() == Some(&package.name)
    }
}

/// The package of the manifest beside the lockfile, or the only one of the project's own; a workspace without a
/// package of its own gets a node without a name.
fn add_root(tree: &mut Tree, packages: &[Locked], manifests: &Manifests) -> Result<Root, ReadError> {
    let own: Vec<&Locked> = packages
        .iter()
        .filter(|package| package.source.is_none())
        .collect();
    let named = manifests
        .root_package()
        .filter(|name| own.iter().any(|package| package.name == *name));
    let only = match own.as_slice() {
        [only] if manifests.is_empty() => Some(only.name.as_str()),
        _ => None,
    };
    let node = Node {
        kind: NodeKind::Root,
        source: Source::Path(".".to_owned()),
        location: Some(String::new()),
        ..Node::default()
    };
    Ok(Root {
        id: add(tree, node)?,
        name: named.or(only).map(str::to_owned),
    })
}

fn node(package: &Locked, manifests: &Manifests) -> Node {
    let folder = manifests
        .folder(&package.name)
        .filter(|_| package.source.is_none());
    Node {
        kind: if package.source.is_none() {
            NodeKind::Member
        } else {
            NodeKind::Package
        },
        name: package.name.clone(),
        version: Some(package.version.clone()),
        source: match &package.source {
            Some(source) => source_of(source),
            None => Source::Path(
                folder
                    .filter(|folder| !folder.is_empty())
                    .unwrap_or(".")
                    .to_owned(),
            ),
        },
        hashes: package
            .checksum
            .iter()
            .map(|value| Hash {
                algorithm: "SHA-256".to_owned(),
                value: value.clone(),
            })
            .collect(),
        location: folder.map(str::to_owned),
        place: package.place.clone(),
        ..Node::default()
    }
}

/// `registry+URL`, `sparse+URL`, `git+URL?branch=…#COMMIT`.
fn source_of(text: &str) -> Source {
    let registry = text
        .strip_prefix("registry+")
        .or_else(|| text.strip_prefix("sparse+"));
    match registry {
        Some(url) if is_crates_io(url) => Source::Registry,
        Some(url) => Source::OtherRegistry(url.to_owned()),
        None if text.starts_with("git+") => Source::Git(text.to_owned()),
        None if text.starts_with("path+") => Source::Path(text.to_owned()),
        None => Source::Url(text.to_owned()),
    }
}

fn is_crates_io(url: &str) -> bool {
    let url = url.trim_end_matches('/').trim_end_matches(".git");
    url == "https://github.com/rust-lang/crates.io-index" || url == "https://index.crates.io"
}

/// Nodes by package name.
#[derive(Default)]
struct Index<'a>(HashMap<&'a str, Vec<(&'a Locked, NodeId)>>);

impl<'a> Index<'a> {
    fn insert(&mut self, package: &'a Locked, id: NodeId) {
        self.0.entry(&package.name).or_default().push((package, id));
    }

    /// A lockfile names as much of a dependency as tells it apart.
    fn find(&self, wanted: &Reference) -> Option<NodeId> {
        let fits = |(package, _): &&(&Locked, NodeId)| {
            wanted
                .version
                .as_ref()
                .is_none_or(|version| *version == package.version)
                && wanted.source.as_ref().is_none_or(|source| {
                    package
                        .source
                        .as_ref()
                        .is_some_and(|own| same_source(own, source))
                })
        };
        self.0
            .get(wanted.name.as_str())?
            .iter()
            .find(fits)
            .map(|(_, id)| *id)
    }
}

/// A dependency on a git repository leaves the commit out.
fn same_source(own: &str, wanted: &str) -> bool {
    let bare = |text: &str| text.split('#').next().unwrap_or_default().to_owned();
    own == wanted || bare(own) == bare(wanted)
}

fn connect(tree: &mut Tree, packages: &[Locked], index: &Index<'_>, manifests: &Manifests) {
    let mut missing = 0;
    for package in packages {
        let own = Reference {
            name: package.name.clone(),
            version: Some(package.version.clone()),
            source: package.source.clone(),
        };
        let Some(from) = index.find(&own) else { continue };
        for wanted in &package.dependencies {
            let Some(to) = index.find(wanted) else {
                missing += 1;
                if missing <= MISSING_TOLD {
                    let text = format!(
                        "`{}` needs `{}`, which is not in the lockfile",
                        package.name, wanted.name
                    );
                    tree.gaps
                        .push(warning("missing_dependency", package.place.clone(), text));
                }
                continue;
            };
            let stated = manifests.dependency(package, &wanted.name);
            tree.edges.push(Edge {
                from,
                to,
                kind: stated.map_or(EdgeKind::Normal, |stated| stated.kind),
                requirement: stated.and_then(|stated| stated.requirement.clone()),
                condition: stated.and_then(|stated| stated.condition.clone()),
            });
        }
    }
    if missing > MISSING_TOLD {
        let text = format!(
            "{} more dependencies are not in the lockfile",
            missing - MISSING_TOLD
        );
        tree.gaps.push(warning("missing_dependency", "", text));
    }
}

/// What `Cargo.toml` and the manifests of its members ask for.
pub(crate) fn asks(beside: &dyn Beside) -> Result<(&'static str, Node, Vec<Ask>), ReadError> {
    let (root, asks) = manifest::asks(beside)?;
    let root = Node {
        source: Source::Path(".".to_owned()),
        location: Some(String::new()),
        ..root
    };
    Ok(("crates.io", root, asks))
}

#[cfg(test)]
mod tests;
