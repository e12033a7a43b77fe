//! `pylock.toml` (PEP 751): packages with markers; edges are optional in it.

use inventory::Source;
use serde_json::Value;

use super::graph::{Graph, Link, hash_table, hashes, tell_index};
use super::manifest::Manifest;
use crate::lockfile::json::{flag, list, notice, pointer, some_text, unreadable};
use crate::lockfile::toml;
use crate::lockfile::{Beside, ReadError};
use crate::tree::{EdgeKind, Node, NodeId, NodeKind, Tree};

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let lock = toml::document(text)?;
    let version = some_text(&lock, "lock-version");
    if version.is_none() && lock.get("packages").is_none() && !text.trim().is_empty() {
        return Err(ReadError::new(
            "/lock-version",
            "it is no lockfile by PEP 751: there is no lock-version",
        ));
    }
    let manifest = Manifest::pyproject(beside);
    let mut graph = Graph::new(format!("pylock.toml v{}", version.unwrap_or("1.0")));
    let mut nodes = Vec::new();
    for (position, package) in list(&lock, "packages").iter().enumerate() {
        let place = pointer(["packages", &position.to_string()]);
        let Some(name) = some_text(package, "name") else {
            graph
                .tree
                .gaps
                .push(unreadable(place, "the package has no name and was left out"));
            continue;
        };
        tell_index(&mut graph.tree, some_text(package, "index"));
        nodes.push((graph.add(node(name, package, place))?, package));
    }
    let root = root(&mut graph, manifest.as_ref())?;
    let edges = nodes
        .iter()
        .any(|(_, package)| package.get("dependencies").is_some());
    for (from, package) in nodes {
        link(&mut graph, from, package);
    }
    match (&manifest, edges) {
        (None, false) => {
            let text = "the lockfile does not say which package needs which";
            graph
                .tree
                .notices
                .push(notice("flat_lockfile", inventory::Level::Info, "", text));
        }
        _ => graph.link_root(root, manifest.as_ref()),
    }
    if edges {
        graph.tree.classify();
    } else {
        state_directly(&mut graph.tree, root);
    }
    Ok(graph.finish())
}

/// Without edges, what only a group of the project asks for by name is for development, as far as is known.
fn state_directly(tree: &mut Tree, root: NodeId) {
    let asked = |kind: EdgeKind| -> Vec<NodeId> {
        let edges = tree
            .edges
            .iter()
            .filter(|edge| edge.from == root && edge.kind == kind);
        edges.map(|edge| edge.to).collect()
    };
    let (normal, dev, optional) = (
        asked(EdgeKind::Normal),
        asked(EdgeKind::Dev),
        asked(EdgeKind::Optional),
    );
    for id in dev
        .into_iter()
        .filter(|id| !normal.contains(id) && !optional.contains(id))
    {
        tree.nodes[id].flags.dev = true;
    }
    for id in optional.into_iter().filter(|id| !normal.contains(id)) {
        tree.nodes[id].flags.optional = true;
    }
}

/// The project may be one of the packages: the folder `.`.
fn root(graph: &mut Graph, manifest: Option<&Manifest>) -> Result<NodeId, ReadError> {
    let found = graph.tree.own_nodes().next();
    match found {
        Some(root) => Ok(root),
        None => graph.add_root(manifest),
    }
}

fn node(name: &str, package: &Value, place: String) -> Node {
    let folder = package
        .get("directory")
        .and_then(|directory| some_text(directory, "path"));
    let is_own = folder == Some(".");
    let one = |key| package.get(key).into_iter();
    let files: Vec<String> = one("sdist")
        .chain(one("archive"))
        .chain(list(package, "wheels"))
        .flat_map(hash_table)
        .collect();
    Node {
        kind: if is_own { NodeKind::Root } else { NodeKind::Package },
        name: name.to_owned(),
        version: some_text(package, "version").map(str::to_owned),
        source: source(package, folder),
        hashes: hashes(files.iter().map(String::as_str)),
        condition: some_text(package, "marker").map(str::to_owned),
        location: is_own.then(String::new),
        place,
        ..Node::default()
    }
}

fn source(package: &Value, folder: Option<&str>) -> Source {
    if let Some(vcs) = package.get("vcs") {
        let url = some_text(vcs, "url")
            .or_else(|| some_text(vcs, "path"))
            .unwrap_or_default();
        return Source::Git(match some_text(vcs, "commit-id") {
            Some(commit) => format!("{url}#{commit}"),
            None => url.to_owned(),
        });
    }
    if let Some(folder) = folder {
        return Source::Path(folder.to_owned());
    }
    let Some(archive) = package.get("archive") else {
        return Source::Registry;
    };
    match some_text(archive, "url") {
        Some(url) => Source::Url(url.to_owned()),
        None => Source::Path(some_text(archive, "path").unwrap_or_default().to_owned()),
    }
}

fn link(graph: &mut Graph, from: NodeId, package: &Value) {
    for dependency in list(package, "dependencies") {
        if let Some(name) = some_text(dependency, "name") {
            graph.link(
                from,
                Link {
                    name,
                    version: some_text(dependency, "version"),
                    condition: some_text(dependency, "marker"),
                    kind: if flag(dependency, "optional") {
                        EdgeKind::Optional
                    } else {
                        EdgeKind::Normal
                    },
                    ..Link::default()
                },
            );
        }
    }
}
