//! `poetry.lock`, versions 1 and 2.

use inventory::Source;
use serde_json::Value;

use super::graph::{Graph, Link, hashes, tell_index};
use super::manifest::Manifest;
use crate::lockfile::json::{entries, flag, list, pointer, some_text, texts, unreadable};
use crate::lockfile::toml;
use crate::lockfile::{Beside, ReadError};
use crate::tree::{EdgeKind, Node, NodeId, Tree};

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let lock = toml::document(text)?;
    let metadata = lock.get("metadata").unwrap_or(&Value::Null);
    let is_lock = lock.get("package").is_some() || metadata.get("content-hash").is_some();
    if !is_lock && !text.trim().is_empty() {
        return Err(ReadError::new(
            "",
            "it is no lockfile of poetry: there are no packages",
        ));
    }
    let manifest = Manifest::pyproject(beside);
    let mut graph = Graph::new(format!(
        "poetry.lock v{}",
        some_text(metadata, "lock-version").unwrap_or("1.0")
    ));
    let root = graph.add_root(manifest.as_ref())?;
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
        if some_text(source, "type") == Some("legacy") {
            tell_index(&mut graph.tree, some_text(source, "url"));
        }
        nodes.push((graph.add(node(name, package, source, metadata, place))?, package));
    }
    for (from, package) in &nodes {
        link(&mut graph, *from, package);
    }
    graph.link_root(root, manifest.as_ref());
    if manifest.is_some() {
        graph.tree.classify();
    }
    for (id, package) in nodes {
        state_group(&mut graph.tree, id, package);
    }
    Ok(graph.finish())
}

fn node(name: &str, package: &Value, source: &Value, metadata: &Value, place: String) -> Node {
    // Before version 2 the files of all packages stood together at the end.
    let own = list(package, "files").iter();
    let apart = metadata
        .get("files")
        .map(|files| list(files, name))
        .unwrap_or_default()
        .iter();
    let older = metadata
        .get("hashes")
        .map(|all| texts(all, name))
        .unwrap_or_default();
    let files = own.chain(apart).filter_map(|file| some_text(file, "hash"));
    Node {
        name: name.to_owned(),
        version: some_text(package, "version").map(str::to_owned),
        source: source_of(source),
        hashes: hashes(files.chain(older)),
        condition: some_text(package, "markers")
            .or_else(|| some_text(package, "marker"))
            .map(str::to_owned),
        place,
        ..Node::default()
    }
}

fn source_of(source: &Value) -> Source {
    let url = some_text(source, "url").unwrap_or_default();
    match some_text(source, "type") {
        Some("git") => Source::Git(match some_text(source, "resolved_reference") {
            Some(commit) => format!("{url}#{commit}"),
            None => url.to_owned(),
        }),
        Some("directory" | "file") => Source::Path(url.to_owned()),
        Some("url") => Source::Url(url.to_owned()),
        _ => Source::Registry,
    }
}

fn link(graph: &mut Graph, from: NodeId, package: &Value) {
    for (name, stated) in entries(package, "dependencies") {
        let variants = stated
            .as_array()
            .map_or(std::slice::from_ref(stated), Vec::as_slice);
        for variant in variants {
            graph.link(
                from,
                Link {
                    name,
                    version: None,
                    requirement: variant.as_str().or_else(|| some_text(variant, "version")),
                    condition: some_text(variant, "markers"),
                    kind: if flag(variant, "optional") {
                        EdgeKind::Optional
                    } else {
                        EdgeKind::Normal
                    },
                },
            );
        }
    }
}

/// The lockfile itself says which group needs a package: version 1.1 by `category`, version 2.1 by `groups`.
fn state_group(tree: &mut Tree, id: NodeId, package: &Value) {
    let category = some_text(package, "category");
    let groups = texts(package, "groups");
    let flags = &mut tree.nodes[id].flags;
    if category.is_some() || !groups.is_empty() {
        flags.dev = category.is_some_and(|category| category != "main")
            || (!groups.is_empty() && !groups.contains(&"main"));
    }
    if flag(package, "optional") {
        flags.optional = true;
    }
}
