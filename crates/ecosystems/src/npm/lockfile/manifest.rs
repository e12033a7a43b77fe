//! `package.json`, as far as a lockfile needs it: who the project is and what it asks for itself.

use serde_json::Value;

use crate::lockfile::Beside;
use crate::lockfile::json::{entries, flag, some_text, texts};
use crate::tree::{EdgeKind, Node, NodeKind};

/// A project's or member's own statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Manifest {
    pub name: Option<String>,
    pub version: Option<String>,
    /// Name, specifier and kind, the most needed kind first where a name stands twice.
    pub requirements: Vec<(String, String, EdgeKind)>,
    /// Globs of folders.
    pub workspaces: Vec<String>,
}

/// The lists of a package, in the order of precedence: npm lets an optional dependency override an ordinary one.
const LISTS: [(&str, EdgeKind); 4] = [
    ("optionalDependencies", EdgeKind::Optional),
    ("dependencies", EdgeKind::Normal),
    ("devDependencies", EdgeKind::Dev),
    ("peerDependencies", EdgeKind::Peer),
];

impl Manifest {
    /// Reads the manifest of a folder; `None` when there is none or it is no JSON object.
    pub(crate) fn beside(beside: &dyn Beside, folder: &str) -> Option<Self> {
        let path = if folder.is_empty() {
            "package.json".to_owned()
        } else {
            format!("{folder}/package.json")
        };
        let text = beside.text(&path)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let value: Value = serde_json::from_str(text).ok().filter(Value::is_object)?;
        Some(Self::of(&value, true))
    }

    /// Reads what a manifest or a lockfile's entry asks for; only a project's own development counts.
    pub(crate) fn of(value: &Value, is_own: bool) -> Self {
        Self {
            name: some_text(value, "name").map(str::to_owned),
            version: some_text(value, "version").map(str::to_owned),
            requirements: requirements(value, is_own),
            workspaces: workspaces(value),
        }
    }

    /// The project, or one of its members.
    pub(crate) fn node(&self, kind: NodeKind, folder: &str, fallback: &str) -> Node {
        Node {
            kind,
            name: self.name.clone().unwrap_or_else(|| fallback.to_owned()),
            version: self.version.clone(),
            source: own_source(folder),
            location: Some(folder.to_owned()),
            ..Node::default()
        }
    }
}

/// Code of the project itself.
pub(crate) fn own_source(folder: &str) -> inventory::Source {
    let folder = if folder.is_empty() { "." } else { folder };
    inventory::Source::Path(folder.to_owned())
}

/// What an entry asks for: each name once, by the list that npm would take it from.
pub(super) fn requirements(value: &Value, is_own: bool) -> Vec<(String, String, EdgeKind)> {
    let mut found: Vec<(String, String, EdgeKind)> = Vec::new();
    let mut known = std::collections::HashSet::new();
    let optional_peers = texts(value, "optionalPeers");
    for (list, kind) in LISTS {
        if kind == EdgeKind::Dev && !is_own {
            continue;
        }
        for (name, wanted) in entries(value, list) {
            let Some(wanted) = wanted.as_str().or_else(|| wanted.get("version")?.as_str()) else {
                continue;
            };
            if !known.insert(name) {
                continue;
            }
            let is_optional_peer =
                kind == EdgeKind::Peer && (optional_peers.contains(&name) || is_optional_peer(value, name));
            let kind = if is_optional_peer {
                EdgeKind::PeerOptional
            } else {
                kind
            };
            found.push((name.to_owned(), wanted.to_owned(), kind));
        }
    }
    found
}

fn is_optional_peer(value: &Value, name: &str) -> bool {
    let meta = value.get("peerDependenciesMeta").and_then(|meta| meta.get(name));
    meta.is_some_and(|meta| flag(meta, "optional"))
}

fn workspaces(value: &Value) -> Vec<String> {
    let list = texts(value, "workspaces");
    let list = if list.is_empty() {
        value
            .get("workspaces")
            .map(|map| texts(map, "packages"))
            .unwrap_or_default()
    } else {
        list
    };
    list.into_iter().map(str::to_owned).collect()
}

/// `os: darwin, cpu: x64`, of an entry that is not for every platform.
pub(super) fn platform(value: &Value) -> Option<String> {
    let words: Vec<String> = ["os", "cpu", "libc"]
        .into_iter()
        .filter_map(|key| {
            let list = texts(value, key);
            let list: Vec<&str> = list
                .into_iter()
                .filter(|word| !matches!(*word, "any" | "none"))
                .collect();
            (!list.is_empty()).then(|| format!("{key}: {}", list.join(" ")))
        })
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// A license as npm's manifests may write it.
pub(crate) fn license(value: &Value) -> Option<String> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        other => some_text(other, "type").map(str::to_owned),
    };
    let stated = value.get("license").or_else(|| value.get("licenses"))?;
    match stated {
        Value::Array(list) => {
            let list: Vec<String> = list.iter().filter_map(one).collect();
            match list.as_slice() {
                [] => None,
                [one] => Some(one.clone()),
                // npm's old list of licenses is a choice.
                _ => Some(format!("({})", list.join(" OR "))),
            }
        }
        other => one(other).filter(|text| !text.is_empty()),
    }
}
