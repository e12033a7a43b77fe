//! `pnpm-lock.yaml`, versions 5 to 9. They differ in how a package is keyed; see [`super::pnpm_key`].

use std::collections::HashMap;

use inventory::Source;
use serde_json::Value;

use super::manifest::{Manifest, own_source, platform};
use super::pnpm_key::{Key, Style};
use super::source::special;
use crate::lockfile::json::{entries, flag, integrity, pointer, some_text, text, unreadable, warning};
use crate::lockfile::{Beside, ReadError, add, yaml};
use crate::tree::{Edge, EdgeKind, Flags, Node, NodeId, NodeKind, Tree};

/// The lists of a member and what they mean.
const LISTS: [(&str, EdgeKind); 3] = [
    ("dependencies", EdgeKind::Normal),
    ("optionalDependencies", EdgeKind::Optional),
    ("devDependencies", EdgeKind::Dev),
];

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let documents = yaml::documents(text)?;
    // pnpm 11 puts what it needs for itself into a document of its own, before the project's.
    let lock = documents
        .into_iter()
        .rfind(|document| document.get("lockfileVersion").is_some());
    let Some(lock) = lock else {
        return Err(ReadError::new(
            "/lockfileVersion",
            "it is no lockfile of pnpm: there is no lockfileVersion",
        ));
    };
    let version = match lock.get("lockfileVersion") {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let Some(style) = Style::of(&version) else {
        let text = format!("version {version} of this format is not known");
        return Err(ReadError::new("/lockfileVersion", text));
    };
    let mut reader = Reader {
        lock: &lock,
        style,
        tree: Tree::new("npm", format!("pnpm-lock.yaml v{version}")),
        packages: HashMap::new(),
        members: HashMap::new(),
        beside,
    };
    reader.read_members()?;
    let asks = reader.read_packages()?;
    reader.connect(asks);
    reader.tree.classify();
    Ok(reader.tree)
}

struct Reader<'a> {
    lock: &'a Value,
    style: Style,
    tree: Tree,
    packages: HashMap<String, NodeId>,
    /// By folder, the project's own being empty.
    members: HashMap<String, NodeId>,
    beside: &'a dyn Beside,
}

/// A node, and the value whose lists say what it needs.
type Ask<'a> = (NodeId, &'a Value);

impl<'a> Reader<'a> {
    /// A lockfile of one project has its lists at the top; one of a workspace has them by folder.
    fn importers(&self) -> Vec<(&'a str, &'a Value)> {
        match self.lock.get("importers").is_some_and(Value::is_object) {
            true => entries(self.lock, "importers").collect(),
            false => vec![(".", self.lock)],
        }
    }

    fn read_members(&mut self) -> Result<(), ReadError> {
        let root = self.member("", NodeKind::Root)?;
        for (path, _) in self.importers() {
            let folder = folder_of(path);
            if !folder.is_empty() {
                let member = self.member(&folder, NodeKind::Member)?;
                self.tree.link(root, member, EdgeKind::Member);
            }
        }
        Ok(())
    }

    fn member(&mut self, folder: &str, kind: NodeKind) -> Result<NodeId, ReadError> {
        let manifest = Manifest::beside(self.beside, folder).unwrap_or_default();
        let fallback = folder.rsplit('/').next().unwrap_or(folder);
        let node = Node {
            place: pointer(["importers", if folder.is_empty() { "." } else { folder }]),
            ..manifest.node(kind, folder, fallback)
        };
        let id = add(&mut self.tree, node)?;
        self.members.insert(folder.to_owned(), id);
        Ok(id)
    }

    /// Since version 9 what a package is stands apart from how it was installed with its peers.
    fn read_packages(&mut self) -> Result<Vec<Ask<'a>>, ReadError> {
        let lock = self.lock;
        let list = if self.style == Style::Snapshots {
            "snapshots"
        } else {
            "packages"
        };
        let described = lock.get("packages");
        let mut asks = Vec::new();
        for (text, entry) in entries(lock, list) {
            let place = pointer([list, text]);
            let key = Key::parse(text, self.style);
            let description = match self.style {
                Style::Snapshots => described
                    .and_then(|all| all.get(key.without_peers))
                    .unwrap_or(&Value::Null),
                _ => entry,
            };
            let Some(node) = node(&key, entry, description, place.clone()) else {
                let text = "its key has no name and version, and the package was left out";
                self.tree.gaps.push(unreadable(place, text));
                continue;
            };
            let id = add(&mut self.tree, node)?;
            self.packages.insert(text.to_owned(), id);
            asks.push((id, entry));
        }
        Ok(asks)
    }

    fn connect(&mut self, asks: Vec<Ask<'a>>) {
        for (path, importer) in self.importers() {
            let folder = folder_of(path);
            let Some(&from) = self.members.get(&folder) else {
                continue;
            };
            for (list, kind) in LISTS {
                for (name, stated) in entries(importer, list) {
                    let version = stated.as_str().or_else(|| text(stated, "version"));
                    let specifier = text(stated, "specifier").or_else(|| specifier(importer, name));
                    let Some(version) = version else { continue };
                    self.edge(from, &folder, (name, version, specifier, kind));
                }
            }
        }
        for (from, entry) in asks {
            for (list, kind) in LISTS {
                for (name, version) in entries(entry, list) {
                    let Some(version) = version.as_str() else { continue };
                    self.edge(from, "", (name, version, None, kind));
                }
            }
        }
    }

    fn edge(&mut self, from: NodeId, folder: &str, wanted: (&str, &str, Option<&str>, EdgeKind)) {
        let (name, version, specifier, kind) = wanted;
        let found = self.find(folder, name, version);
        match found {
            Some(to) => {
                // Under another name than its own: an alias.
                if self.tree.nodes[to].kind == NodeKind::Package && self.tree.nodes[to].name != name {
                    self.tree.nodes[to].alias.get_or_insert_with(|| name.to_owned());
                }
                self.tree.edges.push(Edge {
                    from,
                    to,
                    kind,
                    requirement: Some(specifier.unwrap_or(version).to_owned()),
                    condition: None,
                });
            }
            None if kind == EdgeKind::Optional => {}
            // A folder outside the workspace that pnpm only links to: the project's own code.
            None if version.starts_with("link:") => {}
            None => {
                let who = &self.tree.nodes[from].place;
                let text = format!("`{name}` ({version}) is not in the lockfile");
                let gap = warning("missing_dependency", who.clone(), text);
                self.tree.gaps.push(gap);
            }
        }
    }

    fn find(&self, folder: &str, name: &str, version: &str) -> Option<NodeId> {
        if let Some(target) = version.strip_prefix("link:") {
            return self.members.get(&join(folder, target)?).copied();
        }
        let file = version.strip_prefix("file:./").map(|path| format!("file:{path}"));
        let direct = || self.packages.get(file.as_deref().unwrap_or(version));
        let by_name = || self.packages.get(&self.style.key(name, version));
        by_name().or_else(direct).copied()
    }
}

/// The specifier of version 5, which lists them apart.
fn specifier<'a>(importer: &'a Value, name: &str) -> Option<&'a str> {
    importer.get("specifiers").and_then(|all| text(all, name))
}

fn folder_of(path: &str) -> String {
    join("", path).unwrap_or_else(|| path.to_owned())
}

/// A path relative to a folder, without `.` and `..`; `None` when it leaves the project.
fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn node(key: &Key<'_>, entry: &Value, description: &Value, place: String) -> Option<Node> {
    let name = some_text(description, "name").or(key.name)?;
    let resolution = description.get("resolution").unwrap_or(&Value::Null);
    let source = source(key, resolution);
    let is_public = source == Source::Registry;
    let version = some_text(description, "version").or(key.version);
    if version.is_none() && is_public {
        return None;
    }
    Some(Node {
        name: name.to_owned(),
        version: version.map(str::to_owned),
        source,
        hashes: some_text(resolution, "integrity")
            .map(integrity)
            .unwrap_or_default(),
        flags: Flags {
            dev: flag(entry, "dev"),
            optional: flag(entry, "optional"),
            ..Flags::default()
        },
        condition: platform(description),
        install_script: flag(description, "requiresBuild").then_some(true),
        deprecated: some_text(description, "deprecated").map(str::to_owned),
        place,
        ..Node::default()
    })
}

fn source(key: &Key<'_>, resolution: &Value) -> Source {
    if let Some(repository) = some_text(resolution, "repo") {
        return Source::Git(repository.to_owned());
    }
    if let Some(folder) = some_text(resolution, "directory") {
        return own_source(folder);
    }
    let tarball = some_text(resolution, "tarball").and_then(special);
    tarball
        .or_else(|| key.address.and_then(special))
        .unwrap_or_default()
}
