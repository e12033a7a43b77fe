//! `Cargo.toml` of the project and its members, as far as a lockfile needs it: what kind each dependency is.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use inventory::Source;

use super::entries::Locked;
use crate::lockfile::json::{entries, flag, some_text};
use crate::lockfile::toml;
use crate::lockfile::{Ask, Beside, ReadError};
use crate::tree::{EdgeKind, Node};

/// Manifests that are looked at; the largest workspaces have some hundred.
const MOST_MANIFESTS: usize = 5_000;

/// The manifests of one workspace by package name.
#[derive(Debug, Default)]
pub(super) struct Manifests {
    members: HashMap<String, Member>,
    root: Option<String>,
}

#[derive(Debug)]
struct Member {
    folder: String,
    /// By package name with `_` for `-`.
    dependencies: HashMap<String, Stated>,
}

/// What a manifest says of a dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stated {
    pub kind: EdgeKind,
    pub requirement: Option<String>,
    /// The target, when the dependency is for some platforms only.
    pub condition: Option<String>,
}

/// The tables of a manifest or of one of its targets; the most needed kind first.
const TABLES: [(&[&str], EdgeKind); 3] = [
    (&["dependencies"], EdgeKind::Normal),
    (&["build-dependencies", "build_dependencies"], EdgeKind::Build),
    (&["dev-dependencies", "dev_dependencies"], EdgeKind::Dev),
];

impl Manifests {
    pub(super) fn beside(beside: &dyn Beside) -> Self {
        let mut manifests = Self::default();
        let root = beside
            .text("Cargo.toml")
            .and_then(|text| toml::document(&text).ok());
        let shared = root
            .as_ref()
            .and_then(|root| root.get("workspace")?.get("dependencies"));
        let root_package = root.as_ref().and_then(|root| root.get("package"));
        manifests.root = root_package
            .and_then(|package| some_text(package, "name"))
            .map(str::to_owned);
        for path in beside.named("Cargo.toml").into_iter().take(MOST_MANIFESTS) {
            let Some(manifest) = beside.text(&path).and_then(|text| toml::document(&text).ok()) else {
                continue;
            };
            let folder = path
                .strip_suffix("Cargo.toml")
                .unwrap_or_default()
                .trim_end_matches('/');
            let package = manifest.get("package").or_else(|| manifest.get("project"));
            if let Some(name) = package.and_then(|package| some_text(package, "name")) {
                // A member that is named twice is the one nearer to the root; the other is a copy or a test.
                manifests
                    .members
                    .entry(name.to_owned())
                    .or_insert_with(|| Member {
                        folder: folder.to_owned(),
                        dependencies: dependencies(&manifest, shared.unwrap_or(&Value::Null)),
                    });
            }
        }
        manifests
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The package of the manifest beside the lockfile.
    pub(super) fn root_package(&self) -> Option<&str> {
        self.root.as_deref()
    }

    pub(super) fn folder(&self, package: &str) -> Option<&str> {
        self.members.get(package).map(|member| member.folder.as_str())
    }

    /// What a package of the project's own says of a dependency.
    pub(super) fn dependency(&self, package: &Locked, name: &str) -> Option<&Stated> {
        if package.source.is_some() {
            return None;
        }
        self.members.get(&package.name)?.dependencies.get(&folded(name))
    }
}

/// The package of the manifest beside, and what it and, for a workspace, its members ask for that is not their own.
pub(super) fn asks(beside: &dyn Beside) -> Result<(Node, Vec<Ask>), ReadError> {
    let text = beside.text("Cargo.toml").unwrap_or_default();
    let root = toml::document(&text)?;
    let package = root.get("package").unwrap_or(&Value::Null);
    let stated = |key| some_text(package, key).map(str::to_owned);
    let node = Node {
        name: stated("name").unwrap_or_default(),
        version: stated("version"),
        ..Node::default()
    };
    let shared = root
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .unwrap_or(&Value::Null);
    let mut asks = BTreeMap::new();
    let is_workspace = root.get("workspace").is_some();
    let members = if is_workspace {
        beside.named("Cargo.toml")
    } else {
        vec!["Cargo.toml".to_owned()]
    };
    for path in members.into_iter().take(MOST_MANIFESTS) {
        let text = beside.text(&path).unwrap_or_default();
        if let Ok(manifest) = toml::document(&text) {
            ask(&manifest, shared, None, &mut asks);
            for (target, tables) in entries(&manifest, "target") {
                ask(tables, shared, Some(target), &mut asks);
            }
        }
    }
    Ok((node, asks.into_values().collect()))
}

/// Collects what is asked for, each name once.
fn ask(tables: &Value, shared: &Value, target: Option<&str>, asks: &mut BTreeMap<String, Ask>) {
    for (names, kind) in TABLES {
        for (key, dependency) in names.iter().flat_map(|name| entries(tables, name)) {
            let inherited = shared.get(key).filter(|_| flag(dependency, "workspace"));
            let stated = inherited.unwrap_or(dependency);
            if some_text(stated, "path").is_some() {
                continue;
            }
            let name = some_text(stated, "package").unwrap_or(key);
            let is_optional = kind == EdgeKind::Normal && flag(dependency, "optional");
            asks.entry(name.to_owned()).or_insert_with(|| Ask {
                name: name.to_owned(),
                requirement: requirement(stated),
                kind: if is_optional { EdgeKind::Optional } else { kind },
                condition: target.map(str::to_owned),
                source: some_text(stated, "git").map_or(Source::Registry, |url| Source::Git(url.to_owned())),
            });
        }
    }
}

fn folded(name: &str) -> String {
    name.replace('-', "_")
}

fn dependencies(manifest: &Value, shared: &Value) -> HashMap<String, Stated> {
    let mut found = HashMap::new();
    collect(manifest, shared, None, &mut found);
    for (target, tables) in entries(manifest, "target") {
        collect(tables, shared, Some(target), &mut found);
    }
    found
}

fn collect(tables: &Value, shared: &Value, target: Option<&str>, found: &mut HashMap<String, Stated>) {
    for (names, kind) in TABLES {
        let stated = names.iter().flat_map(|name| entries(tables, name));
        for (key, dependency) in stated {
            let inherited = shared.get(key).filter(|_| flag(dependency, "workspace"));
            let package = some_text(dependency, "package")
                .or_else(|| inherited.and_then(|inherited| some_text(inherited, "package")))
                .unwrap_or(key);
            let is_optional = kind == EdgeKind::Normal && flag(dependency, "optional");
            let stated = Stated {
                kind: if is_optional { EdgeKind::Optional } else { kind },
                requirement: requirement(dependency).or_else(|| requirement(inherited?)),
                condition: target.map(str::to_owned),
            };
            merge(found, folded(package), stated);
        }
    }
}

fn requirement(dependency: &Value) -> Option<String> {
    let text = dependency.as_str().or_else(|| some_text(dependency, "version"));
    text.map(str::to_owned)
}

/// The same package may be needed in several ways: the one that is needed most counts.
fn merge(found: &mut HashMap<String, Stated>, name: String, stated: Stated) {
    let need = |stated: &Stated| {
        let kind = match stated.kind {
            EdgeKind::Normal => 0,
            EdgeKind::Build => 1,
            EdgeKind::Optional => 2,
            _ => 3,
        };
        (kind, stated.condition.is_some())
    };
    match found.get(&name) {
        Some(known) if need(known) <= need(&stated) => {}
        _ => {
            found.insert(name, stated);
        }
    }
}
