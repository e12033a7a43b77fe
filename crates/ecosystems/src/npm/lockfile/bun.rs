//! `bun.lock`: JSON with comments; packages are tuples whose shape depends on where they come from.

use std::collections::HashMap;

use inventory::Source;
use serde_json::Value;

use super::entry::{Asks, link};
use super::jsonc;
use super::manifest::{Manifest, platform, requirements};
use super::source::special;
use crate::lockfile::json::{entries, integrity, object, pointer, unreadable, warning};
use crate::lockfile::{Beside, ReadError, add};
use crate::tree::{EdgeKind, Node, NodeId, NodeKind, Tree};

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let lock = object(&jsonc::plain(text))?;
    let Some(version) = lock.get("lockfileVersion").and_then(Value::as_u64) else {
        return Err(ReadError::new(
            "/lockfileVersion",
            "it is no lockfile of bun: there is no lockfileVersion",
        ));
    };
    let mut reader = Reader {
        tree: Tree::new("npm", format!("bun.lock v{version}")),
        packages: HashMap::new(),
        members: HashMap::new(),
        keys: HashMap::new(),
        asks: Vec::new(),
    };
    reader.read_members(&lock, beside)?;
    reader.read_packages(&lock)?;
    reader.finish()
}

struct Reader {
    tree: Tree,
    /// Nodes by their key, such as `a/b` for the `b` that only `a` sees.
    packages: HashMap<String, NodeId>,
    /// Members by their folder.
    members: HashMap<String, NodeId>,
    /// The key under which a node looks others up.
    keys: HashMap<NodeId, String>,
    asks: Vec<Asks>,
}

impl Reader {
    fn read_members(&mut self, lock: &Value, beside: &dyn Beside) -> Result<(), ReadError> {
        let mut folders: Vec<(&str, &Value)> = entries(lock, "workspaces").collect();
        // The empty name is the project itself and sorts first; without it the manifest speaks.
        if folders.first().is_none_or(|(folder, _)| !folder.is_empty()) {
            folders.insert(0, ("", &Value::Null));
        }
        for (folder, entry) in folders {
            let mut manifest = Manifest::of(entry, true);
            if let Some(own) = Manifest::beside(beside, folder) {
                manifest.name = manifest.name.or(own.name);
                manifest.version = manifest.version.or(own.version);
            }
            let kind = if folder.is_empty() {
                NodeKind::Root
            } else {
                NodeKind::Member
            };
            let fallback = folder.rsplit('/').next().unwrap_or(folder);
            let node = Node {
                place: pointer(["workspaces", folder]),
                ..manifest.node(kind, folder, fallback)
            };
            let name = node.name.clone();
            let id = add(&mut self.tree, node)?;
            self.members.insert(folder.to_owned(), id);
            // What a member sees alone stands below its name.
            self.keys
                .insert(id, if folder.is_empty() { String::new() } else { name });
            self.asks.push(Asks {
                from: id,
                requirements: manifest.requirements,
            });
            if !folder.is_empty() {
                self.tree.link(0, id, EdgeKind::Member);
            }
        }
        Ok(())
    }

    fn read_packages(&mut self, lock: &Value) -> Result<(), ReadError> {
        for (key, entry) in entries(lock, "packages") {
            let place = pointer(["packages", key]);
            let Some(tuple) = Tuple::of(entry) else {
                self.tree.gaps.push(unreadable(
                    place,
                    "the package is no tuple that begins with its name and was left out",
                ));
                continue;
            };
            if let Some(folder) = tuple.reference.strip_prefix("workspace:") {
                match self.members.get(folder) {
                    Some(&id) => {
                        self.packages.insert(key.to_owned(), id);
                    }
                    None => {
                        let text = format!("the workspace `{folder}` is not listed");
                        self.tree.gaps.push(warning("dangling_link", place, text));
                    }
                }
                continue;
            }
            let id = add(&mut self.tree, tuple.node(key, place))?;
            self.packages.insert(key.to_owned(), id);
            self.keys.insert(id, key.to_owned());
            self.asks.push(Asks {
                from: id,
                requirements: tuple
                    .info
                    .map(|info| requirements(info, false))
                    .unwrap_or_default(),
            });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Tree, ReadError> {
        let Self { packages, keys, .. } = self;
        link(&mut self.tree, self.asks, |_, from, name| {
            find(&packages, keys.get(&from)?, name)
        })?;
        self.tree.classify();
        Ok(self.tree)
    }
}

/// Looks below the key itself, then below each key around it.
fn find(packages: &HashMap<String, NodeId>, key: &str, name: &str) -> Option<NodeId> {
    let mut around = key;
    while !around.is_empty() {
        if let Some(found) = packages.get(&format!("{around}/{name}")) {
            return Some(*found);
        }
        around = without_last_name(around);
    }
    packages.get(name).copied()
}

/// The key without its last name; a scope belongs to its name.
fn without_last_name(key: &str) -> &str {
    let Some((above, _)) = key.rsplit_once('/') else {
        return "";
    };
    let last = above.rsplit('/').next().unwrap_or(above);
    if last.starts_with('@') {
        above.rsplit_once('/').map_or("", |(above, _)| above)
    } else {
        above
    }
}

/// One package: its name, what it was resolved to, and whatever else its tuple holds.
struct Tuple<'a> {
    name: &'a str,
    /// A version, or the address of something that is in no registry.
    reference: &'a str,
    info: Option<&'a Value>,
    integrity: Option<&'a str>,
}

impl<'a> Tuple<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        let list = value.as_array()?;
        let identity = list.first()?.as_str()?;
        let at = identity.get(1..)?.find('@')? + 1;
        let rest = list.get(1..).unwrap_or_default();
        Some(Self {
            name: &identity[..at],
            reference: &identity[at + 1..],
            info: rest.iter().find(|value| value.is_object()),
            integrity: rest
                .iter()
                .filter_map(Value::as_str)
                .find(|text| text.starts_with("sha")),
        })
    }

    fn node(&self, key: &str, place: String) -> Node {
        let installed = key
            .get(without_last_name(key).len()..)
            .unwrap_or(key)
            .trim_start_matches('/');
        let source = special(self.reference);
        Node {
            name: self.name.to_owned(),
            alias: (installed != self.name).then(|| installed.to_owned()),
            version: source.is_none().then(|| self.reference.to_owned()),
            source: source.unwrap_or(Source::Registry),
            hashes: self.integrity.map(integrity).unwrap_or_default(),
            condition: self.info.and_then(platform),
            location: Some(key.to_owned()),
            place,
            ..Node::default()
        }
    }
}
