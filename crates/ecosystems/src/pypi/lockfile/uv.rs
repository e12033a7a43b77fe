//! `uv.lock`: a graph of everything for every platform; members of the workspace are packages of it.

use inventory::Source;
use serde_json::Value;

use super::graph::{Graph, Link, git, hashes, tell_index};
use super::manifest::Manifest;
use crate::lockfile::json::{entries, list, pointer, some_text, unreadable};
use crate::lockfile::toml;
use crate::lockfile::{Beside, ReadError};
use crate::tree::{EdgeKind, Node, NodeId, NodeKind};

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<crate::tree::Tree, ReadError> {
    let lock = toml::document(text)?;
    let version = lock.get("version").and_then(Value::as_u64);
    if version.is_none() && lock.get("package").is_none() && !text.trim().is_empty() {
        return Err(ReadError::new(
            "/version",
            "it is no lockfile of uv: there is no version",
        ));
    }
    let mut graph = Graph::new(format!("uv.lock v{}", version.unwrap_or(1)));
    let mut nodes = Vec::new();
    for (position, package) in list(&lock, "package").iter().enumerate() {
        let place = pointer(["package", &position.to_string()]);
        let Some(name) = some_text(package, "name") else {
            graph
                .tree
                .gaps
                .push(unreadable(place, "the package has no name and was left out"));
            continue;
        };
        let source = package.get("source").unwrap_or(&Value::Null);
        tell_index(
            &mut graph.tree,
            some_text(source, "registry").filter(|text| text.contains("://")),
        );
        nodes.push((graph.add(node(name, package, source, place))?, package));
    }
    let root = root(&mut graph, beside)?;
    for (from, package) in nodes {
        link(&mut graph, from, package);
    }
    let members: Vec<NodeId> = graph.tree.own_nodes().filter(|id| *id != root).collect();
    for member in members {
        graph.tree.link(root, member, EdgeKind::Member);
    }
    graph.tree.classify();
    Ok(graph.finish())
}

/// The project is the package that lies in the lockfile's folder; a workspace may have none.
fn root(graph: &mut Graph, beside: &dyn Beside) -> Result<NodeId, ReadError> {
    let found = graph
        .tree
        .own_nodes()
        .find(|id| graph.tree.nodes[*id].kind == NodeKind::Root);
    if let Some(root) = found {
        return Ok(root);
    }
    let has_members = graph.tree.own_nodes().next().is_some();
    let manifest = Manifest::pyproject(beside);
    let root = graph.add_root(manifest.as_ref())?;
    if !has_members {
        graph.link_root(root, manifest.as_ref());
    }
    Ok(root)
}

fn node(name: &str, package: &Value, source: &Value, place: String) -> Node {
    let folder = ["editable", "virtual", "directory"]
        .into_iter()
        .find_map(|key| Some((key, some_text(source, key)?)));
    let kind = match folder {
        Some(("editable" | "virtual", ".")) => NodeKind::Root,
        Some(("editable" | "virtual", _)) => NodeKind::Member,
        _ => NodeKind::Package,
    };
    let sdist = package.get("sdist").into_iter();
    let files = sdist
        .chain(list(package, "wheels"))
        .filter_map(|file| some_text(file, "hash"));
    Node {
        kind,
        name: name.to_owned(),
        version: some_text(package, "version").map(str::to_owned),
        source: folder.map_or_else(|| remote(source), |(_, folder)| Source::Path(folder.to_owned())),
        hashes: hashes(files),
        location: folder.map(|(_, folder)| {
            if folder == "." {
                String::new()
            } else {
                folder.to_owned()
            }
        }),
        place,
        ..Node::default()
    }
}

fn remote(source: &Value) -> Source {
    let path = || some_text(source, "path").map(|path| Source::Path(path.to_owned()));
    let url = || some_text(source, "url").map(|url| Source::Url(url.to_owned()));
    git(source).or_else(path).or_else(url).unwrap_or_default()
}

fn link(graph: &mut Graph, from: NodeId, package: &Value) {
    let is_own = graph.tree.nodes[from].kind != NodeKind::Package;
    dependencies(graph, from, list(package, "dependencies"), EdgeKind::Normal);
    for (_, extra) in entries(package, "optional-dependencies") {
        // The extras of a package from outside are there because somebody asked for them.
        let kind = if is_own {
            EdgeKind::Optional
        } else {
            EdgeKind::Normal
        };
        dependencies(graph, from, extra.as_array().map_or(&[], Vec::as_slice), kind);
    }
    for key in ["dev-dependencies", "dependency-groups"] {
        for (_, group) in entries(package, key) {
            dependencies(
                graph,
                from,
                group.as_array().map_or(&[], Vec::as_slice),
                EdgeKind::Dev,
            );
        }
    }
}

fn dependencies(graph: &mut Graph, from: NodeId, list: &[Value], kind: EdgeKind) {
    for dependency in list {
        if let Some(name) = some_text(dependency, "name") {
            graph.link(
                from,
                Link {
                    name,
                    version: some_text(dependency, "version"),
                    requirement: None,
                    condition: some_text(dependency, "marker"),
                    kind,
                },
            );
        }
    }
}
