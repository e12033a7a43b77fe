//! `pdm.lock`: packages with their groups and requirements as text.

use inventory::Source;
use serde_json::Value;

use super::graph::{Graph, Link, git, hashes};
use super::manifest::Manifest;
use super::requirement::{Requirement, some};
use crate::lockfile::json::{list, pointer, some_text, texts, unreadable};
use crate::lockfile::toml;
use crate::lockfile::{Beside, ReadError};
use crate::tree::{EdgeKind, Node, NodeId, Tree};

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let lock = toml::document(text)?;
    let metadata = lock.get("metadata").unwrap_or(&Value::Null);
    let version = some_text(metadata, "lock_version");
    if version.is_none() && lock.get("package").is_none() && !text.trim().is_empty() {
        return Err(ReadError::new(
            "/metadata",
            "it is no lockfile of pdm: there is no lock_version",
        ));
    }
    let manifest = Manifest::pyproject(beside);
    let mut graph = Graph::new(format!("pdm.lock v{}", version.unwrap_or("?")));
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
        // A package with extras is listed a second time, with what the extras need; it is the same package.
        let version = some_text(package, "version");
        let twin = graph
            .named(name)
            .iter()
            .copied()
            .find(|id| graph.tree.nodes[*id].version.as_deref() == version);
        let id = match twin {
            Some(id) => id,
            None => graph.add(node(name, package, metadata, place))?,
        };
        nodes.push((id, package));
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

fn node(name: &str, package: &Value, metadata: &Value, place: String) -> Node {
    let own = list(package, "files").iter();
    let version = some_text(package, "version");
    // Before version 4.2 the files of all packages stood together at the end, by name and version.
    let key = format!("{name} {}", version.unwrap_or_default());
    let apart = metadata
        .get("files")
        .map(|files| list(files, &key))
        .unwrap_or_default()
        .iter();
    Node {
        name: name.to_owned(),
        version: version.map(str::to_owned),
        source: source(package),
        hashes: hashes(own.chain(apart).filter_map(|file| some_text(file, "hash"))),
        condition: some_text(package, "marker").map(str::to_owned),
        place,
        ..Node::default()
    }
}

fn source(package: &Value) -> Source {
    let path = || some_text(package, "path").map(|path| Source::Path(path.to_owned()));
    let url = || some_text(package, "url").map(|url| Source::Url(url.to_owned()));
    git(package).or_else(path).or_else(url).unwrap_or_default()
}

fn link(graph: &mut Graph, from: NodeId, package: &Value) {
    let own = graph.tree.nodes[from].name.clone();
    for text in texts(package, "dependencies") {
        let Some(wanted) = Requirement::parse(text) else {
            let place = graph.tree.nodes[from].place.clone();
            graph
                .tree
                .gaps
                .push(unreadable(place, format!("`{text}` is no requirement")));
            continue;
        };
        // The entry with extras requires the one without.
        if wanted.name == own {
            continue;
        }
        graph.link(
            from,
            Link {
                name: wanted.name,
                version: wanted.pin(),
                requirement: some(wanted.specifier).as_deref(),
                condition: some(wanted.marker).as_deref(),
                kind: EdgeKind::Normal,
            },
        );
    }
}

/// Since version 4.4 the lockfile says which groups need a package; groups beside `default` are optional or for
/// development, which only the manifest tells apart.
fn state_group(tree: &mut Tree, id: NodeId, package: &Value) {
    let groups = texts(package, "groups");
    if groups.is_empty() {
        return;
    }
    let flags = &mut tree.nodes[id].flags;
    let is_default = groups.contains(&"default");
    flags.dev &= !is_default;
    flags.optional &= !is_default;
    if !is_default && !flags.optional {
        flags.dev = true;
    }
}
