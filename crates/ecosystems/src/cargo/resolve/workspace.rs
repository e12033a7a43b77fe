//! The packages of the project itself: which there are, what they inherit, what they ask for.

use std::collections::{BTreeMap, BTreeSet};

use ::semver::Version;
use inventory::{Level, Notice};

use super::manifest::{Declared, Inheritable, Kind, Manifest, Spec, WorkspaceTable};
use super::paths;
use crate::resolve::Files;

/// More packages of its own than any project has.
const MAX_LOCALS: usize = 10_000;

/// A project ready to be resolved.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// The root's folder.
    pub folder: String,
    /// The packages that are resolved for, in Cargo's order, by folder.
    pub members: Vec<String>,
    /// Every package of the project that takes part, members and path dependencies, by folder.
    pub locals: BTreeMap<String, Local>,
    /// `1`, `2` or `3`.
    pub resolver: String,
    pub patches: Vec<Patch>,
    pub gaps: Vec<Notice>,
}

/// One package of the project.
#[derive(Debug)]
pub(super) struct Local {
    pub name: String,
    pub version: Version,
    pub license: Option<String>,
    pub rust_version: Option<String>,
    pub links: Option<String>,
    pub features: BTreeMap<String, Vec<String>>,
    pub needs: Vec<Need>,
}

/// A dependency with everything inherited.
#[derive(Clone, Debug)]
pub(super) struct Need {
    pub name: String,
    pub package: String,
    pub kind: Kind,
    pub target: Option<String>,
    pub origin: Origin,
    /// Absent: any version.
    pub requirement: Option<String>,
    pub features: Vec<String>,
    pub optional: bool,
    pub default_features: bool,
    pub place: String,
}

/// Where a dependency is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Origin {
    /// crates.io, or what replaces it.
    Default,
    Registry(String),
    /// A folder of the project.
    Path(String),
    /// A path that leads out of the project, as written.
    Outside(String),
    Git {
        url: String,
        reference: Option<String>,
    },
}

/// A package of the project that takes the place of one of a registry.
#[derive(Debug)]
pub(super) struct Patch {
    pub of: Origin,
    pub folder: String,
    pub package: String,
}

impl Workspace {
    /// Reads the project whose root manifest lies in `folder`.
    pub fn read(files: &Files, folder: &str) -> Self {
        let mut reader = Reader {
            files,
            manifests: BTreeMap::new(),
            workspace: Self {
                folder: folder.to_owned(),
                ..Self::default()
            },
        };
        reader.read();
        reader.workspace
    }

    /// Notes something that takes a part away from the tree.
    pub fn gap(&mut self, code: &str, place: String, text: String) {
        self.gaps.push(Notice {
            code: code.to_owned(),
            level: Level::Warn,
            place,
            text,
        });
    }
}

struct Reader<'a> {
    files: &'a Files,
    /// By folder; `None`: there is none, or it cannot be read.
    manifests: BTreeMap<String, Option<Manifest>>,
    workspace: Workspace,
}

impl Reader<'_> {
    fn read(&mut self) {
        let root = self.workspace.folder.clone();
        self.load(&root);
        if !self.has(&root) {
            let place = paths::manifest(&root);
            if !self.files.contains_key(&place) {
                let text = "there is no Cargo.toml to resolve".to_owned();
                self.workspace.gap("manifest_missing", place, text);
            }
            return;
        }
        self.find_members(&root);
        self.workspace.resolver = self.resolver(&root);
        self.read_patches(&root);
        self.read_locals();
    }

    /// Reads a folder's manifest once.
    fn load(&mut self, folder: &str) {
        if self.manifests.contains_key(folder) {
            return;
        }
        let path = paths::manifest(folder);
        let manifest = self.files.get(&path).and_then(|bytes| {
            Manifest::parse(bytes)
                .map_err(|why| {
                    let text = format!("the manifest cannot be read: {why}");
                    self.workspace.gap("manifest_invalid", path.clone(), text);
                })
                .ok()
        });
        if manifest.as_ref().is_some_and(|manifest| manifest.replaces) {
            let text = "[replace] is not followed; [patch] has taken its place".to_owned();
            self.workspace
                .gap("replace_ignored", format!("{path}: /replace"), text);
        }
        self.manifests.insert(folder.to_owned(), manifest);
    }

    fn manifest(&self, folder: &str) -> Option<&Manifest> {
        self.manifests.get(folder)?.as_ref()
    }

    fn has(&self, folder: &str) -> bool {
        self.manifest(folder).is_some()
    }

    fn table(&self, folder: &str) -> Option<&WorkspaceTable> {
        self.manifest(folder)?.workspace.as_ref()
    }

    /// Members as Cargo finds them: the listed ones with their path dependencies, then the root with its own.
    fn find_members(&mut self, root: &str) {
        let Some(table) = self.table(root) else {
            self.workspace.members.push(root.to_owned());
            return;
        };
        let patterns = table.members.clone();
        for pattern in patterns {
            for folder in self.expand(root, &pattern) {
                self.add_members(root, folder, false);
            }
        }
        self.add_members(root, root.to_owned(), false);
    }

    /// The folders that a `members` entry stands for.
    fn expand(&mut self, root: &str, pattern: &str) -> Vec<String> {
        let place = format!("{}: /workspace/members", paths::manifest(root));
        let Some(full) = paths::join(root, pattern) else {
            let text = format!("the member `{pattern}` lies outside of the project");
            self.workspace.gap("path_outside", place, text);
            return Vec::new();
        };
        if paths::is_pattern(&full) {
            let manifests = self
                .files
                .keys()
                .filter_map(|path| path.strip_suffix("Cargo.toml"));
            let folders = manifests.map(|folder| folder.trim_end_matches('/'));
            let found: BTreeSet<_> = folders.filter(|folder| paths::matches(&full, folder)).collect();
            return found.into_iter().map(str::to_owned).collect();
        }
        if !self.files.contains_key(&paths::manifest(&full)) {
            let text = format!("the member `{pattern}` has no Cargo.toml");
            self.workspace.gap("member_missing", place, text);
            return Vec::new();
        }
        vec![full]
    }

    /// A member and, before its next sibling, its path dependencies.
    fn add_members(&mut self, root: &str, folder: String, is_path_dependency: bool) {
        let mut waiting = vec![(folder, is_path_dependency)];
        while let Some((folder, is_path_dependency)) = waiting.pop() {
            self.load(&folder);
            let known = self.workspace.members.contains(&folder);
            let foreign = is_path_dependency && !self.belongs(root, &folder);
            let full = self.workspace.members.len() >= MAX_LOCALS;
            if known || foreign || full || self.is_excluded(root, &folder) || !self.has(&folder) {
                continue;
            }
            let is_virtual = self
                .manifest(&folder)
                .is_none_or(|manifest| manifest.package.is_none());
            if !is_virtual {
                self.workspace.members.push(folder.clone());
            }
            if is_virtual && folder != root {
                continue;
            }
            let needs = self.needs(&folder);
            let paths = needs.into_iter().rev().filter_map(|need| match need.origin {
                Origin::Path(folder) => Some((folder, true)),
                _ => None,
            });
            waiting.extend(paths);
        }
    }

    /// Whether a path dependency is part of the workspace: it lies below the root, or names it.
    fn belongs(&self, root: &str, folder: &str) -> bool {
        let named = self
            .manifest(folder)
            .and_then(|manifest| manifest.package.as_ref()?.workspace.clone());
        match named {
            Some(named) => paths::join(folder, &named).as_deref() == Some(root),
            None => paths::is_within(folder, root),
        }
    }

    fn is_excluded(&self, root: &str, folder: &str) -> bool {
        let Some(table) = self.table(root) else {
            return false;
        };
        let under = |list: &[String]| {
            list.iter()
                .filter_map(|entry| paths::join(root, entry))
                .any(|entry| paths::is_within(folder, &entry))
        };
        under(&table.exclude) && !under(&table.members)
    }

    /// The folder of the workspace that a package inherits from.
    fn inherits_from(&mut self, folder: &str) -> Option<String> {
        let named = self
            .manifest(folder)
            .and_then(|manifest| manifest.package.as_ref()?.workspace.clone());
        if let Some(named) = named {
            let root = paths::join(folder, &named)?;
            self.load(&root);
            return Some(root);
        }
        let mut at = folder.to_owned();
        loop {
            self.load(&at);
            if self.table(&at).is_some() && !self.is_excluded(&at, folder) {
                return Some(at);
            }
            if at.is_empty() {
                return None;
            }
            at = paths::parent(&at).to_owned();
        }
    }

    /// The dependencies of a package, inheritance applied.
    fn needs(&mut self, folder: &str) -> Vec<Need> {
        let declared = match self.manifest(folder) {
            Some(manifest) => manifest.dependencies.clone(),
            None => return Vec::new(),
        };
        let inherits = declared.iter().any(|entry| entry.spec.inherits);
        let root = if inherits {
            self.inherits_from(folder)
        } else {
            None
        };
        let file = paths::manifest(folder);
        declared
            .iter()
            .filter_map(|entry| self.need(entry, folder, root.as_deref(), &file))
            .collect()
    }

    fn need(&mut self, entry: &Declared, folder: &str, root: Option<&str>, file: &str) -> Option<Need> {
        let place = format!("{file}: {}", entry.place);
        if !entry.spec.inherits {
            return Some(need(entry, &entry.spec, folder, place));
        }
        let workspace = root.and_then(|root| self.table(root)?.dependencies.get(&entry.name));
        let Some((root, of_workspace)) = root.zip(workspace) else {
            let text = format!("`{}` is not among the workspace's dependencies", entry.name);
            let known = self.workspace.gaps.iter().any(|gap| gap.place == place);
            if !known {
                self.workspace.gap("inheritance_missing", place, text);
            }
            return None;
        };
        let spec = entry.spec.inherited_from(of_workspace);
        Some(need(entry, &spec, root, place))
    }

    /// The version of the resolver, which decides whether old compilers are considered.
    fn resolver(&mut self, root: &str) -> String {
        let manifest = self.manifest(root);
        let package = manifest.and_then(|manifest| manifest.package.as_ref());
        let named = manifest
            .and_then(|manifest| manifest.workspace.as_ref()?.resolver.clone())
            .or_else(|| package.and_then(|package| package.resolver.clone()));
        if let Some(named) = named {
            return named;
        }
        let edition = package.map(|package| package.edition.clone()).unwrap_or_default();
        let edition = self.inherited(root, &edition, "edition");
        match edition.as_deref() {
            Some("2015" | "2018") | None => "1",
            Some("2021") => "2",
            Some(_) => "3",
        }
        .to_owned()
    }

    fn inherited(&mut self, folder: &str, field: &Inheritable, key: &str) -> Option<String> {
        match field {
            Inheritable::Absent => None,
            Inheritable::Is(text) => Some(text.clone()),
            Inheritable::Workspace => {
                let root = self.inherits_from(folder)?;
                self.table(&root)?.package.get(key).cloned()
            }
        }
    }

    fn read_patches(&mut self, root: &str) {
        let file = paths::manifest(root);
        let mut patches = self
            .manifest(root)
            .map(|manifest| manifest.patches.clone())
            .unwrap_or_default();
        for (of, entries) in self.configured_patches(root) {
            patches.entry(of).or_default().extend(entries);
        }
        for (of, entries) in patches {
            for entry in entries {
                let place = format!("{file}: {}", entry.place);
                self.read_patch(&of, &entry, root, place);
            }
        }
    }

    /// `[patch]` may also stand in `.cargo/config.toml`.
    fn configured_patches(&self, root: &str) -> BTreeMap<String, Vec<Declared>> {
        let config = paths::join(root, ".cargo/config.toml").and_then(|path| self.files.get(&path));
        let text = config.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let table = text.and_then(|text| text.parse().ok());
        table
            .map(|table| super::manifest::patches_of(&table))
            .unwrap_or_default()
    }

    fn read_patch(&mut self, of: &str, entry: &Declared, root: &str, place: String) {
        let need = need(entry, &entry.spec, root, place.clone());
        let of = match of {
            "crates-io" => Origin::Default,
            of if of.trim_end_matches('/').ends_with("crates.io-index") => Origin::Default,
            of if of.contains("://") => Origin::Git {
                url: canonical(of),
                reference: None,
            },
            name => Origin::Registry(name.to_owned()),
        };
        let Origin::Path(folder) = need.origin else {
            let text = format!(
                "the patch of `{}` comes from elsewhere and is not followed; what it replaces is resolved",
                need.package
            );
            self.workspace.gap("patch_not_followed", place, text);
            return;
        };
        self.load(&folder);
        if !self.has(&folder) {
            let text = format!("the patch of `{}` has no manifest in the project", need.package);
            self.workspace.gap("path_missing", place, text);
            return;
        }
        self.workspace.patches.push(Patch {
            of,
            folder,
            package: need.package,
        });
    }

    /// Members, patches and everything that they reach by path.
    fn read_locals(&mut self) {
        let mut waiting = self.workspace.members.clone();
        waiting.extend(self.workspace.patches.iter().map(|patch| patch.folder.clone()));
        while let Some(folder) = waiting.pop() {
            let full = self.workspace.locals.len() >= MAX_LOCALS;
            if full || self.workspace.locals.contains_key(&folder) {
                continue;
            }
            self.load(&folder);
            let Some(local) = self.local(&folder) else {
                continue;
            };
            waiting.extend(local.needs.iter().filter_map(|need| match &need.origin {
                Origin::Path(folder) => Some(folder.clone()),
                _ => None,
            }));
            self.workspace.locals.insert(folder, local);
        }
    }

    fn local(&mut self, folder: &str) -> Option<Local> {
        let package = self.manifest(folder)?.package.as_ref()?;
        let (name, links) = (package.name.clone(), package.links.clone());
        let fields = [&package.version, &package.rust_version, &package.license].map(Clone::clone);
        let keys = ["version", "rust-version", "license"];
        let mut fields = fields.iter().zip(keys);
        let mut next = || {
            fields
                .next()
                .and_then(|(field, key)| self.inherited(folder, field, key))
        };
        let (version, rust_version, license) = (next(), next(), next());
        let version = version.unwrap_or_else(|| "0.0.0".to_owned());
        let version = Version::parse(version.trim()).unwrap_or_else(|_| {
            let place = format!("{}: /package/version", paths::manifest(folder));
            let text = format!("`{version}` is not a version");
            self.workspace.gap("version_invalid", place, text);
            Version::new(0, 0, 0)
        });
        let features = self.manifest(folder)?.features.clone();
        Some(Local {
            name,
            version,
            license,
            rust_version,
            links,
            features,
            needs: self.needs(folder),
        })
    }
}

/// An entry with its origin worked out; `folder` is where its path starts.
fn need(entry: &Declared, spec: &Spec, folder: &str, place: String) -> Need {
    Need {
        name: entry.name.clone(),
        package: spec.package.clone().unwrap_or_else(|| entry.name.clone()),
        kind: entry.kind,
        target: entry.target.clone(),
        origin: origin(spec, folder),
        requirement: spec.version.clone(),
        features: spec.features.clone(),
        optional: spec.optional,
        default_features: spec.default_features.unwrap_or(true),
        place,
    }
}

fn origin(spec: &Spec, folder: &str) -> Origin {
    if let Some(url) = &spec.git {
        return Origin::Git {
            url: canonical(url),
            reference: spec.reference.clone(),
        };
    }
    if let Some(path) = &spec.path {
        return match paths::join(folder, path) {
            Some(folder) => Origin::Path(folder),
            None => Origin::Outside(path.clone()),
        };
    }
    match &spec.registry {
        Some(name) if name != "crates-io" => Origin::Registry(name.clone()),
        _ => Origin::Default,
    }
}

/// The form in which Cargo compares the URLs of repositories.
fn canonical(url: &str) -> String {
    let url = url.trim_end_matches('/');
    let url = url.strip_suffix(".git").unwrap_or(url);
    if url.contains("github.com") {
        return url.to_lowercase();
    }
    url.to_owned()
}
