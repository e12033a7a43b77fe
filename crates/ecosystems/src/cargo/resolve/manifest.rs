//! `Cargo.toml` as far as a resolution depends on it.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// The largest manifest that is read, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// One manifest, before anything is inherited.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub package: Option<Package>,
    pub workspace: Option<WorkspaceTable>,
    /// In the order in which Cargo gathers them: it decides ties of the resolution.
    pub dependencies: Vec<Declared>,
    pub features: BTreeMap<String, Vec<String>>,
    /// `[patch]` by what it patches: `crates-io`, a registry's name or a URL.
    pub patches: BTreeMap<String, Vec<Declared>>,
    /// Whether there is a `[replace]` table, which is not followed.
    pub replaces: bool,
}

/// `[package]`.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub name: String,
    pub version: Inheritable,
    pub rust_version: Inheritable,
    pub edition: Inheritable,
    pub license: Inheritable,
    pub resolver: Option<String>,
    pub links: Option<String>,
    /// The folder of the workspace's root, when the manifest names it.
    pub workspace: Option<String>,
}

/// A field that may come from `[workspace.package]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Inheritable {
    #[default]
    Absent,
    Workspace,
    Is(String),
}

/// `[workspace]`.
#[derive(Debug, Default)]
pub(super) struct WorkspaceTable {
    pub members: Vec<String>,
    pub exclude: Vec<String>,
    pub resolver: Option<String>,
    pub package: BTreeMap<String, String>,
    pub dependencies: BTreeMap<String, Spec>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    #[default]
    Normal,
    Build,
    Dev,
}

/// One entry of a dependency table.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    /// The key, under which the code knows it.
    pub name: String,
    pub kind: Kind,
    /// The platform of the table it stands in.
    pub target: Option<String>,
    pub spec: Spec,
    /// A JSON pointer to the entry.
    pub place: String,
}

/// What an entry asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spec {
    pub version: Option<String>,
    pub path: Option<String>,
    pub git: Option<String>,
    /// Branch, tag or revision, as written.
    pub reference: Option<String>,
    /// `registry` or `registry-index`.
    pub registry: Option<String>,
    pub package: Option<String>,
    pub features: Vec<String>,
    pub optional: bool,
    pub default_features: Option<bool>,
    pub inherits: bool,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// When the text is no TOML; a sentence with the place.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MAX_BYTES {
            return Err(format!("it is larger than {MAX_BYTES} bytes"));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let table: Table = text
            .parse()
            .map_err(|error: toml::de::Error| first_line(&error))?;
        Ok(Self::of(&table))
    }

    fn of(table: &Table) -> Self {
        let package = table.get("package").or_else(|| table.get("project"));
        Self {
            package: package.and_then(Value::as_table).and_then(package_of),
            workspace: sub(table, "workspace").map(workspace_of),
            dependencies: dependencies_of(table),
            features: sub(table, "features").map(features_of).unwrap_or_default(),
            patches: patches_of(table),
            replaces: sub(table, "replace").is_some_and(|table| !table.is_empty()),
        }
    }
}

/// The `[patch]` tables of a manifest or of `.cargo/config.toml`.
pub(super) fn patches_of(table: &Table) -> BTreeMap<String, Vec<Declared>> {
    let Some(patches) = sub(table, "patch") else {
        return BTreeMap::new();
    };
    let entries = |of: &String, table: &Table| {
        let place = format!("/patch/{}", escape(of));
        table
            .iter()
            .map(|(name, value)| declared(name, value, Kind::Normal, None, &place))
            .collect()
    };
    patches
        .iter()
        .filter_map(|(of, value)| Some((of.clone(), entries(of, value.as_table()?))))
        .collect()
}

fn first_line(error: &toml::de::Error) -> String {
    error.message().lines().next().unwrap_or_default().to_owned()
}

fn sub<'a>(table: &'a Table, key: &str) -> Option<&'a Table> {
    table.get(key)?.as_table()
}

fn text(table: &Table, key: &str) -> Option<String> {
    Some(table.get(key)?.as_str()?.to_owned())
}

fn texts(table: &Table, key: &str) -> Vec<String> {
    let list = table.get(key).and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

fn inheritable(table: &Table, key: &str) -> Inheritable {
    match table.get(key) {
        Some(Value::String(text)) => Inheritable::Is(text.clone()),
        Some(Value::Table(table)) if table.get("workspace").and_then(Value::as_bool) == Some(true) => {
            Inheritable::Workspace
        }
        _ => Inheritable::Absent,
    }
}

fn package_of(table: &Table) -> Option<Package> {
    Some(Package {
        name: text(table, "name")?,
        version: inheritable(table, "version"),
        rust_version: inheritable(table, "rust-version"),
        edition: inheritable(table, "edition"),
        license: inheritable(table, "license"),
        resolver: text(table, "resolver"),
        links: text(table, "links"),
        workspace: text(table, "workspace"),
    })
}

fn workspace_of(table: &Table) -> WorkspaceTable {
    let package = sub(table, "package");
    let package = package.into_iter().flatten();
    WorkspaceTable {
        members: texts(table, "members"),
        exclude: texts(table, "exclude"),
        resolver: text(table, "resolver"),
        package: package
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect(),
        dependencies: sub(table, "dependencies")
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), Spec::of(value)))
            .collect(),
    }
}

fn features_of(table: &Table) -> BTreeMap<String, Vec<String>> {
    table
        .iter()
        .map(|(name, _)| (name.clone(), texts(table, name)))
        .collect()
}

/// Every dependency table: the ordinary ones, then those of each platform.
fn dependencies_of(table: &Table) -> Vec<Declared> {
    let mut all = Vec::new();
    gather(&mut all, table, &["dependencies"], Kind::Normal, None, "");
    let dev = ["dev-dependencies", "dev_dependencies"];
    let build = ["build-dependencies", "build_dependencies"];
    gather(&mut all, table, &dev, Kind::Dev, None, "");
    gather(&mut all, table, &build, Kind::Build, None, "");
    let targets: BTreeMap<_, _> = sub(table, "target").into_iter().flatten().collect();
    for (target, value) in targets {
        let Some(table) = value.as_table() else { continue };
        let place = format!("/target/{}", escape(target));
        gather(
            &mut all,
            table,
            &["dependencies"],
            Kind::Normal,
            Some(target),
            &place,
        );
        gather(&mut all, table, &build, Kind::Build, Some(target), &place);
        gather(&mut all, table, &dev, Kind::Dev, Some(target), &place);
    }
    all
}

/// Adds one table under the first of its spellings, sorted by name.
fn gather(
    all: &mut Vec<Declared>,
    table: &Table,
    spellings: &[&str],
    kind: Kind,
    target: Option<&String>,
    place: &str,
) {
    let Some((key, entries)) = spellings.iter().find_map(|key| Some((key, sub(table, key)?))) else {
        return;
    };
    let place = format!("{place}/{key}");
    let entries: BTreeMap<_, _> = entries.iter().collect();
    all.extend(
        entries
            .into_iter()
            .map(|(name, value)| declared(name, value, kind, target, &place)),
    );
}

fn declared(name: &str, value: &Value, kind: Kind, target: Option<&String>, place: &str) -> Declared {
    Declared {
        name: name.to_owned(),
        kind,
        target: target.cloned(),
        spec: Spec::of(value),
        place: format!("{place}/{}", escape(name)),
    }
}

impl Spec {
    fn of(value: &Value) -> Self {
        let table = match value {
            Value::String(version) => {
                return Self {
                    version: Some(version.clone()),
                    ..Self::default()
                };
            }
            Value::Table(table) => table,
            _ => return Self::default(),
        };
        let flag = |key: &str| table.get(key).and_then(Value::as_bool);
        Self {
            version: text(table, "version"),
            path: text(table, "path"),
            git: text(table, "git"),
            reference: ["rev", "tag", "branch"].iter().find_map(|key| text(table, key)),
            registry: text(table, "registry-index").or_else(|| text(table, "registry")),
            package: text(table, "package"),
            features: texts(table, "features"),
            optional: flag("optional").unwrap_or(false),
            default_features: flag("default-features").or_else(|| flag("default_features")),
            inherits: flag("workspace").unwrap_or(false),
        }
    }

    /// The entry of a member completed by the workspace's of the same name.
    pub fn inherited_from(&self, workspace: &Self) -> Self {
        let mut features = workspace.features.clone();
        features.extend(self.features.iter().cloned());
        // A member can turn the default features on again, but not off.
        let default_features = match (self.default_features, workspace.default_features) {
            (Some(true), Some(false)) => Some(true),
            (_, of_workspace) => of_workspace,
        };
        Self {
            features,
            default_features,
            optional: self.optional,
            inherits: false,
            ..workspace.clone()
        }
    }
}

/// A key inside a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
