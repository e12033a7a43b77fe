//! `yarn.lock`: which of its two formats, and what both share.

use std::collections::HashMap;

use super::manifest::Manifest;
use super::syml::{self, Item};
use super::{yarn_berry, yarn_classic};
use crate::lockfile::{Beside, ReadError, add};
use crate::lockfile::json::warning;
use crate::Ecosystem;
use crate::npm::{Mode, Npm, Range};
use crate::tree::{EdgeKind, NodeId, NodeKind, Tree};

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let items = syml::parse(text)?;
    match items.iter().find(|item| item.key == "__metadata") {
        Some(metadata) => yarn_berry::read(&items, metadata, beside),
        None if is_classic(text, &items) => yarn_classic::read(&items, beside),
        None => Err(ReadError::new("line 1", "it is no lockfile of yarn: no entry has a version")),
    }
}

/// A header, or entries that look like some; a lockfile of nothing has only its header.
fn is_classic(text: &str, items: &[Item]) -> bool {
    let has_header = text.lines().take(4).any(|line| line.starts_with("# yarn lockfile v1"));
    has_header || items.iter().any(|item| item.text("version").is_some())
}

/// Adds the project and its members as their manifests describe them; members are found below the globs of the
/// root. Answers them with what they ask for, the root first.
pub(super) fn own_nodes(
    tree: &mut Tree,
    beside: &dyn Beside,
) -> Result<Vec<(NodeId, Manifest)>, ReadError> {
    let root = Manifest::beside(beside, "");
    if root.is_none() {
        tree.notices.push(warning(
            "no_manifest",
            "",
            "there is no package.json beside it: what nothing else needs counts as a direct dependency",
        ));
    }
    let root = root.unwrap_or_default();
    let id = add(tree, root.node(NodeKind::Root, "", ""))?;
    let folders = member_folders(&root.workspaces, beside);
    let mut own = vec![(id, root)];
    for folder in folders {
        let Some(manifest) = Manifest::beside(beside, &folder) else { continue };
        let fallback = folder.rsplit('/').next().unwrap_or(&folder).to_owned();
        let member = add(tree, manifest.node(NodeKind::Member, &folder, &fallback))?;
        tree.link(id, member, EdgeKind::Member);
        own.push((member, manifest));
    }
    Ok(own)
}

fn member_folders(globs: &[String], beside: &dyn Beside) -> Vec<String> {
    if globs.is_empty() {
        return Vec::new();
    }
    let manifests = beside.named("package.json");
    let folders = manifests.iter().filter_map(|path| path.strip_suffix("/package.json"));
    folders
        .filter(|folder| !folder.split('/').any(|part| part == "node_modules"))
        .filter(|folder| crate::lockfile::glob::is_member(globs, folder))
        .map(str::to_owned)
        .collect()
}

/// Packages by name, for references that the lockfile does not spell out (`resolutions` change them).
pub(super) struct ByName(HashMap<String, Vec<(String, NodeId)>>);

impl ByName {
    pub(super) fn of(tree: &Tree) -> Self {
        let mut map: HashMap<String, Vec<(String, NodeId)>> = HashMap::new();
        for (id, node) in tree.nodes.iter().enumerate() {
            if node.kind != NodeKind::Package {
                continue;
            }
            let version = node.version.clone().unwrap_or_default();
            map.entry(node.name.clone()).or_default().push((version, id));
        }
        Self(map)
    }

    /// The only one of that name, or else the highest that the range allows.
    pub(super) fn best(&self, name: &str, range: &str) -> Option<NodeId> {
        let known = self.0.get(name)?;
        if let [(_, only)] = known.as_slice() {
            return Some(*only);
        }
        let mode = Mode {
            loose: true,
            include_prerelease: false,
        };
        let range = Range::parse(range, mode).ok()?;
        let allowed = known.iter().filter(|(version, _)| range.satisfied_by(version));
        let keyed = allowed.filter_map(|(version, id)| Some((Npm.key(version).ok()?, *id)));
        keyed.max().map(|(_, id)| id)
    }
}
