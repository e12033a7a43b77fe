//! `Pipfile.lock`: flat lists by category; which package needs which is not in it.

use std::collections::HashSet;

use inventory::Source;
use serde_json::Value;

use super::graph::{Graph, Link, git, hashes, tell_index};
use super::manifest::{Manifest, Want};
use crate::lockfile::json::{entries, list, notice, object, pointer, some_text, texts, unreadable};
use crate::lockfile::{Beside, ReadError};
use crate::tree::{Flags, Node, NodeId, Tree};

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let lock = object(text)?;
    if lock.get("_meta").is_none() && lock.get("default").is_none() && lock.get("develop").is_none() {
        return Err(ReadError::new(
            "",
            "it is no lockfile of pipenv: there is no _meta",
        ));
    }
    let manifest = Manifest::pipfile(beside);
    let mut graph = Graph::new("Pipfile.lock");
    let root = graph.add_root(None)?;
    if let Some(meta) = lock.get("_meta") {
        for source in list(meta, "sources") {
            tell_index(&mut graph.tree, some_text(source, "url"));
        }
    }
    read_categories(&mut graph, &lock)?;
    match &manifest {
        Some(manifest) => link_direct(&mut graph, root, manifest),
        None => tell_flat(&mut graph.tree),
    }
    Ok(graph.finish())
}

/// A package that is needed at run time is listed there, too, when development needs it.
fn read_categories(graph: &mut Graph, lock: &Value) -> Result<(), ReadError> {
    let mut known: HashSet<(String, Option<String>)> = HashSet::new();
    let categories = lock
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(category, _)| *category != "_meta");
    let mut categories: Vec<_> = categories.collect();
    categories.sort_by_key(|(category, _)| (*category != "default", (*category).clone()));
    for (category, _) in categories {
        for (name, entry) in entries(lock, category) {
            let place = pointer([category.as_str(), name]);
            if !entry.is_object() {
                graph
                    .tree
                    .gaps
                    .push(unreadable(place, "the package is no object and was left out"));
                continue;
            }
            let mut node = node(name, entry, place);
            node.flags.dev = category != "default";
            let key = (node.name.clone(), node.version.clone());
            if known.insert(key) {
                graph.add(node)?;
            }
        }
    }
    Ok(())
}

fn node(name: &str, entry: &Value, place: String) -> Node {
    let version = some_text(entry, "version")
        .and_then(|text| text.strip_prefix("===").or_else(|| text.strip_prefix("==")));
    let path = || some_text(entry, "path").map(|path| Source::Path(path.to_owned()));
    let file = || some_text(entry, "file").map(|url| Source::Url(url.to_owned()));
    Node {
        name: name.to_owned(),
        version: version.map(str::to_owned),
        source: git(entry).or_else(path).or_else(file).unwrap_or_default(),
        hashes: hashes(texts(entry, "hashes").into_iter()),
        flags: Flags::default(),
        condition: some_text(entry, "markers").map(str::to_owned),
        place,
        ..Node::default()
    }
}

fn link_direct(graph: &mut Graph, root: NodeId, manifest: &Manifest) {
    for Want {
        name,
        requirement,
        kind,
        condition,
    } in &manifest.wants
    {
        graph.link(
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

fn tell_flat(tree: &mut Tree) {
    let text = "the lockfile does not say which package needs which, and there is no Pipfile that names the direct ones";
    tree.notices
        .push(notice("flat_lockfile", inventory::Level::Info, "", text));
}
