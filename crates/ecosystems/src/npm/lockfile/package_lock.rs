//! `package-lock.json` and `npm-shrinkwrap.json`: versions 2 and 3 list packages by place, version 1 nests them.

use serde_json::Value;

use super::entry::{Asks, Places, find_upwards, link};
use super::manifest::{Manifest, license, platform, requirements};
use super::source::{source, special};
use crate::lockfile::json::{
    entries, flag, integrity, object, pointer, some_text, text, unreadable, warning,
};
use crate::lockfile::{Beside, ReadError, add};
use crate::tree::{EdgeKind, Flags, Node, NodeId, NodeKind, Tree};

/// The folder that packages are put in.
const FOLDER: &str = "node_modules/";

pub(crate) fn read(text: &str, beside: &dyn Beside) -> Result<Tree, ReadError> {
    let lock = object(text)?;
    let version = lock.get("lockfileVersion").and_then(Value::as_u64);
    let is_known = lock.get("packages").is_some() || lock.get("dependencies").is_some();
    if version.is_none() && !is_known {
        return Err(ReadError::new(
            "/lockfileVersion",
            "it is no lockfile of npm: there is no lockfileVersion",
        ));
    }
    if lock.get("packages").is_some_and(Value::is_object) {
        Reader::new(&lock, version.unwrap_or(2)).read_places(beside)
    } else {
        Reader::new(&lock, version.unwrap_or(1)).read_nested(beside)
    }
}

struct Reader<'a> {
    lock: &'a Value,
    tree: Tree,
    places: Places,
    asks: Vec<Asks>,
}

impl<'a> Reader<'a> {
    fn new(lock: &'a Value, version: u64) -> Self {
        Self {
            lock,
            tree: Tree::new("npm", format!("package-lock.json v{version}")),
            places: Places::new(),
            asks: Vec::new(),
        }
    }

    /// Versions 2 and 3.
    fn read_places(mut self, beside: &dyn Beside) -> Result<Tree, ReadError> {
        let root = self.root(beside)?;
        let mut links = Vec::new();
        for (location, entry) in entries(self.lock, "packages") {
            if location.is_empty() {
                continue;
            }
            if !entry.is_object() {
                let place = pointer(["packages", location]);
                self.tree
                    .gaps
                    .push(unreadable(place, "the entry is no object and was left out"));
            } else if flag(entry, "link") {
                links.push((location, text(entry, "resolved").unwrap_or_default()));
            } else {
                self.place(location, entry)?;
            }
        }
        for (location, target) in links {
            self.follow(root, location, target);
        }
        self.finish()
    }

    /// The project itself: as the lockfile has it, or else as its manifest does.
    fn root(&mut self, beside: &dyn Beside) -> Result<NodeId, ReadError> {
        let entry = self.lock.get("packages").and_then(|packages| packages.get(""));
        let entry = entry.filter(|entry| entry.is_object());
        let beside = Manifest::beside(beside, "");
        let mut manifest = entry.map(|entry| Manifest::of(entry, true)).unwrap_or_default();
        if entry.is_none_or(|entry| !asks_anything(entry))
            && let Some(beside) = &beside
        {
            manifest.requirements.clone_from(&beside.requirements);
        }
        let fallback = beside.as_ref();
        manifest.name = manifest
            .name
            .or_else(|| some_text(self.lock, "name").map(str::to_owned))
            .or_else(|| fallback?.name.clone());
        manifest.version = manifest
            .version
            .or_else(|| some_text(self.lock, "version").map(str::to_owned))
            .or_else(|| fallback?.version.clone());
        let node = Node {
            license: entry.and_then(license),
            place: pointer(["packages", ""]),
            ..manifest.node(NodeKind::Root, "", "")
        };
        let root = add(&mut self.tree, node)?;
        self.places.insert(String::new(), root);
        self.asks.push(Asks {
            from: root,
            requirements: manifest.requirements,
        });
        Ok(root)
    }

    fn place(&mut self, location: &str, entry: &Value) -> Result<(), ReadError> {
        let installed = location
            .rsplit_once(FOLDER)
            .map(|(_, name)| name)
            .filter(|name| !name.is_empty());
        let node = match installed {
            Some(name) => package(location, name, entry),
            None => own(location, entry),
        };
        let is_own = node.kind != NodeKind::Package;
        let id = add(&mut self.tree, node)?;
        self.places.insert(location.to_owned(), id);
        self.asks.push(Asks {
            from: id,
            requirements: requirements(entry, is_own),
        });
        Ok(())
    }

    /// A link stands for what it points to; what points at nothing is a gap.
    fn follow(&mut self, root: NodeId, location: &str, target: &str) {
        let target = target.trim_start_matches("./").trim_end_matches('/');
        if let Some(&id) = self.places.get(target).filter(|_| !target.is_empty()) {
            self.places.insert(location.to_owned(), id);
            if self.tree.nodes[id].kind == NodeKind::Member {
                self.tree.link(root, id, EdgeKind::Member);
            }
            return;
        }
        let text = format!("it links to `{target}`, which the lockfile does not list");
        self.tree
            .gaps
            .push(warning("dangling_link", pointer(["packages", location]), text));
    }

    /// Version 1: the manifest beside it says what the project asks for itself.
    fn read_nested(mut self, beside: &dyn Beside) -> Result<Tree, ReadError> {
        let manifest = Manifest::beside(beside, "");
        let has_manifest = manifest.is_some();
        let manifest = manifest.unwrap_or_default();
        let named = Manifest {
            name: manifest
                .name
                .clone()
                .or_else(|| some_text(self.lock, "name").map(str::to_owned)),
            version: manifest
                .version
                .clone()
                .or_else(|| some_text(self.lock, "version").map(str::to_owned)),
            ..manifest
        };
        let root = add(&mut self.tree, named.node(NodeKind::Root, "", ""))?;
        self.places.insert(String::new(), root);
        self.asks.push(Asks {
            from: root,
            requirements: named.requirements,
        });
        self.nest("", "", self.lock)?;
        let mut tree = self.link()?;
        if !has_manifest {
            tree.adopt_orphans(root);
            tree.notices.push(warning(
                "no_manifest",
                "",
                "there is no package.json beside it: what nothing else needs counts as a direct dependency",
            ));
        }
        Ok(tree)
    }

    /// Entries below one place, in order of depth; nesting is bounded by the JSON parser.
    fn nest(&mut self, location: &str, place: &str, parent: &Value) -> Result<(), ReadError> {
        for (name, entry) in entries(parent, "dependencies") {
            let place = format!("{place}{}", pointer(["dependencies", name]));
            if !entry.is_object() {
                self.tree
                    .gaps
                    .push(unreadable(place, "the entry is no object and was left out"));
                continue;
            }
            let inner = if location.is_empty() {
                format!("{FOLDER}{name}")
            } else {
                format!("{location}/{FOLDER}{name}")
            };
            let id = add(&mut self.tree, nested(&inner, name, entry, place.clone()))?;
            self.places.insert(inner.clone(), id);
            let requires = entries(entry, "requires").filter_map(|(name, wanted)| {
                Some((name.to_owned(), wanted.as_str()?.to_owned(), EdgeKind::Normal))
            });
            self.asks.push(Asks {
                from: id,
                requirements: requires.collect(),
            });
            self.nest(&inner, &place, entry)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Tree, ReadError> {
        self.link()
    }

    fn link(mut self) -> Result<Tree, ReadError> {
        let places = self.places;
        link(&mut self.tree, self.asks, |tree, from, name| {
            let location = tree.nodes.get(from)?.location.as_deref()?;
            find_upwards(&places, location, name)
        })?;
        Ok(self.tree)
    }
}

fn asks_anything(entry: &Value) -> bool {
    !requirements(entry, true).is_empty()
}

/// A package of versions 2 and 3.
fn package(location: &str, installed: &str, entry: &Value) -> Node {
    let name = some_text(entry, "name").unwrap_or(installed);
    let version = some_text(entry, "version");
    let resolved = some_text(entry, "resolved");
    let either = flag(entry, "devOptional");
    Node {
        name: name.to_owned(),
        alias: (name != installed).then(|| installed.to_owned()),
        version: version.map(str::to_owned),
        source: source(resolved, version.unwrap_or_default()),
        hashes: some_text(entry, "integrity").map(integrity).unwrap_or_default(),
        flags: Flags {
            dev: flag(entry, "dev"),
            // What both development and something optional need is not there for good either.
            optional: flag(entry, "optional") || either,
            peer: flag(entry, "peer"),
            bundled: flag(entry, "inBundle"),
        },
        condition: platform(entry),
        location: Some(location.to_owned()),
        license: license(entry),
        install_script: Some(flag(entry, "hasInstallScript")),
        deprecated: some_text(entry, "deprecated").map(str::to_owned),
        place: pointer(["packages", location]),
        ..Node::default()
    }
}

/// A member of the workspace, or a folder that is linked into it.
fn own(location: &str, entry: &Value) -> Node {
    let fallback = location.rsplit('/').next().unwrap_or(location);
    Node {
        license: license(entry),
        place: pointer(["packages", location]),
        ..Manifest::of(entry, true).node(NodeKind::Member, location, fallback)
    }
}

/// A package of version 1.
fn nested(location: &str, installed: &str, entry: &Value, place: String) -> Node {
    let stated = text(entry, "version").unwrap_or_default();
    let alias = stated.strip_prefix("npm:").and_then(|spec| {
        let at = spec.get(1..)?.rfind('@')? + 1;
        Some((&spec[..at], &spec[at + 1..]))
    });
    let (name, version) = alias.unwrap_or((installed, stated));
    let special = special(version);
    let resolved = some_text(entry, "resolved");
    Node {
        name: name.to_owned(),
        alias: alias.map(|_| installed.to_owned()),
        version: (special.is_none() && !version.is_empty()).then(|| version.to_owned()),
        source: special.unwrap_or_else(|| source(resolved, "")),
        hashes: some_text(entry, "integrity").map(integrity).unwrap_or_default(),
        flags: Flags {
            dev: flag(entry, "dev"),
            optional: flag(entry, "optional"),
            peer: flag(entry, "peer"),
            bundled: flag(entry, "bundled"),
        },
        location: Some(location.to_owned()),
        place,
        ..Node::default()
    }
}
