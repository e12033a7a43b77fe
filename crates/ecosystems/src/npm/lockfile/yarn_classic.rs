//! `yarn.lock` of yarn 1: entries keyed by every `name@range` that they answer.

use std::collections::HashMap;

use super::entry::tell_missing;
use super::manifest::Manifest;
use super::source::{source, special};
use super::syml::Item;
use super::yarn::{ByName, own_nodes};
use crate::lockfile::json::{hex_hash, integrity, unreadable};
use crate::lockfile::{Beside, ReadError, add};
use crate::tree::{Edge, EdgeKind, Node, NodeId, Tree};

pub(super) fn read(items: &[Item], beside: &dyn Beside) -> Result<Tree, ReadError> {
    let mut tree = Tree::new("npm", "yarn.lock v1");
    let own = own_nodes(&mut tree, beside)?;
    let mut patterns = HashMap::new();
    let mut asked = Vec::new();
    for item in items {
        let Some(node) = node(item) else {
            let text = "the entry has no name or no version and was left out";
            tree.gaps.push(unreadable(item.place(), text));
            continue;
        };
        let id = add(&mut tree, node)?;
        for pattern in item.key.split(", ") {
            patterns.insert(pattern, id);
        }
        asked.push((id, item));
    }
    let names = ByName::of(&tree);
    let find = |name: &str, range: &str| {
        let exact = patterns.get(format!("{name}@{range}").as_str()).copied();
        exact.or_else(|| names.best(name, range))
    };
    for (from, item) in asked {
        for (list, kind) in [
            ("dependencies", EdgeKind::Normal),
            ("optionalDependencies", EdgeKind::Optional),
        ] {
            for (name, range) in item.pairs(list) {
                connect(&mut tree, (from, name, range, kind), find(name, range));
            }
        }
    }
    connect_own(&mut tree, &own, find);
    if own.iter().all(|(_, manifest)| manifest == &Manifest::default()) {
        tree.adopt_orphans(0);
    }
    tree.classify();
    Ok(tree)
}

/// The project and its members: a member is found by its name, all else by its pattern.
pub(super) fn connect_own(
    tree: &mut Tree,
    own: &[(NodeId, Manifest)],
    find: impl Fn(&str, &str) -> Option<NodeId>,
) {
    let members: HashMap<&str, NodeId> = own
        .iter()
        .filter_map(|(id, manifest)| Some((manifest.name.as_deref()?, *id)))
        .collect();
    for (from, manifest) in own {
        for (name, range, kind) in &manifest.requirements {
            let member = || members.get(name.as_str()).copied().filter(|id| id != from);
            let found = find(name, range).or_else(member);
            connect(tree, (*from, name, range, *kind), found);
        }
    }
}

type Wanted<'a> = (NodeId, &'a str, &'a str, EdgeKind);

/// Links, or tells that there is nothing to link with. Peers are the business of whoever installs.
pub(super) fn connect(tree: &mut Tree, (from, name, range, kind): Wanted<'_>, to: Option<NodeId>) {
    match to {
        Some(to) => tree.edges.push(Edge {
            from,
            to,
            kind,
            requirement: Some(range.to_owned()),
            condition: None,
        }),
        None if matches!(kind, EdgeKind::Normal | EdgeKind::Dev) => tell_missing(tree, from, name, range),
        None => {}
    }
}

fn node(item: &Item) -> Option<Node> {
    let pattern = item.key.split(", ").next()?;
    let at = pattern.get(1..)?.find('@')? + 1;
    let (installed, range) = (&pattern[..at], &pattern[at + 1..]);
    let name = alias(range).unwrap_or(installed);
    let version = item.text("version")?;
    let resolved = item.text("resolved");
    // A range may name a git repository while the version is the one that was found in it.
    let source = special(range).unwrap_or_else(|| source(resolved, ""));
    let mut hashes = item.text("integrity").map(integrity).unwrap_or_default();
    if hashes.is_empty() {
        let fragment = resolved
            .and_then(|url| url.rsplit_once('#'))
            .map(|(_, fragment)| fragment);
        hashes.extend(fragment.and_then(|hash| hex_hash(&format!("sha1:{hash}"))));
    }
    Some(Node {
        name: name.to_owned(),
        alias: (name != installed).then(|| installed.to_owned()),
        version: Some(version.to_owned()),
        source,
        hashes,
        place: item.place(),
        ..Node::default()
    })
}

/// The real name in `npm:NAME@RANGE` or `npm:NAME`.
pub(super) fn alias(range: &str) -> Option<&str> {
    let spec = range.strip_prefix("npm:")?;
    let scope = usize::from(spec.starts_with('@'));
    let name = spec.get(scope..)?.split('@').next()?;
    let name = &spec[..scope + name.len()];
    // `npm:^1` is a range of the same package, as yarn 2 writes it.
    let is_name =
        name.chars().any(|c| c.is_ascii_alphabetic()) && !name.starts_with(['^', '~', '>', '<', '=', '*']);
    let has_range = spec.len() > name.len();
    let is_tag_or_version = !has_range && !name.contains('/') && scope == 0;
    (is_name && !is_tag_or_version).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::alias;

    #[test]
    fn an_alias_names_another_package() {
        assert_eq!(alias("npm:lodash@3.10.1"), Some("lodash"));
        assert_eq!(alias("npm:@a/b@^1"), Some("@a/b"));
        for range in ["^1", "npm:^1.0.0", "npm:1.x", "npm:latest", "npm:>=1 <2", "npm:*"] {
            assert_eq!(alias(range), None, "{range}");
        }
    }
}
