//! What the resolution knows of one release: dependencies and features with their names interned.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use ::semver::{Version, VersionReq};
use clock::Timestamp;

use super::index::{self, Index, Line, Unread};
use super::manifest::Kind;
use super::workspace::{Local, Need, Origin};

/// An interned name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(u32);

/// The names of one resolution.
#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Name>,
}

impl Names {
    pub fn intern(&mut self, text: &str) -> Name {
        if let Some(name) = self.numbers.get(text) {
            return *name;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, Name(number));
        Name(number)
    }

    pub fn text(&self, name: Name) -> &str {
        let index = usize::try_from(name.0).unwrap_or(usize::MAX);
        self.texts.get(index).map_or("", |text| text)
    }
}

/// Where a package comes from; equal packages of different sources are different packages.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Source {
    Default,
    Registry(Arc<str>),
    Path(Arc<str>),
    Git(Arc<str>),
}

/// One release or one package of the project.
#[derive(Debug)]
pub(super) struct Summary {
    pub name: Name,
    pub version: Version,
    pub source: Source,
    pub dependencies: Vec<Arc<Dependency>>,
    pub features: BTreeMap<Name, Vec<FeatureValue>>,
    pub links: Option<Name>,
    pub rust_version: Option<VersionReq>,
    pub yanked: bool,
    /// When it was published, where a cut-off makes that matter.
    pub published: Option<Timestamp>,
    pub checksum: Option<String>,
    /// Of a release that was only glanced at: dependencies, features and checksum are not known yet.
    unread: Option<Unread>,
}

/// Requirements by how they are written: few of them are written once.
#[derive(Debug, Default)]
pub(super) struct Requirements(HashMap<Box<str>, Option<VersionReq>>);

impl Requirements {
    fn get(&mut self, text: &str) -> Option<&VersionReq> {
        if !self.0.contains_key(text) {
            self.0.insert(text.into(), VersionReq::parse(text).ok());
        }
        self.0.get(text)?.as_ref()
    }
}

/// One dependency of a summary.
#[derive(Debug)]
pub(super) struct Dependency {
    /// The name under which features speak of it.
    pub key: Name,
    pub package: Name,
    pub origin: Origin,
    /// Absent: any version, pre-releases too, as for a path without a version.
    pub requirement: Option<VersionReq>,
    /// The requirement as written.
    pub text: String,
    /// The same, interned.
    pub wording: Name,
    pub features: Vec<Name>,
    pub optional: bool,
    pub default_features: bool,
    pub kind: Kind,
    pub target: Option<String>,
    /// Where it is written; empty for one of a registry's package.
    pub place: String,
}

/// One entry in a feature's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FeatureValue {
    Feature(Name),
    /// `dep:name`
    Dependency(Name),
    /// `name/feature`, or `name?/feature`
    OfDependency {
        dependency: Name,
        feature: Name,
        weak: bool,
    },
}

impl FeatureValue {
    fn parse(text: &str, names: &mut Names) -> Self {
        if let Some(name) = text.strip_prefix("dep:") {
            return Self::Dependency(names.intern(name));
        }
        match text.split_once('/') {
            None => Self::Feature(names.intern(text)),
            Some((dependency, feature)) => {
                let strong = dependency.strip_suffix('?');
                Self::OfDependency {
                    dependency: names.intern(strong.unwrap_or(dependency)),
                    feature: names.intern(feature),
                    weak: strong.is_some(),
                }
            }
        }
    }
}

impl Summary {
    /// A release of a registry as far as choosing goes; `None` when Cargo could not use it either.
    pub fn of_release(
        index: &Index,
        line: &Line,
        source: &Source,
        with_time: bool,
        names: &mut Names,
        requirements: &mut Requirements,
    ) -> Option<Self> {
        let glance = index.glance(line)?;
        let is_usable = glance
            .deps
            .iter()
            .all(|entry| requirements.get(&entry.req).is_some());
        if !is_usable {
            return None;
        }
        let published = glance.pubtime.as_deref().filter(|_| with_time);
        Some(Self {
            name: names.intern(&glance.name),
            version: line.version.clone(),
            source: source.clone(),
            features: BTreeMap::new(),
            dependencies: Vec::new(),
            links: glance.links.as_deref().map(|links| names.intern(links)),
            rust_version: glance.rust_version.as_deref().and_then(caret),
            yanked: glance.yanked.unwrap_or(false),
            // What cannot be read as a time was there always, as what has none.
            published: published.and_then(|time| time.parse().ok()),
            checksum: None,
            unread: Some(index.unread(line)),
        })
    }

    /// Reads the rest of a release that was only glanced at.
    pub fn read(&mut self, names: &mut Names, requirements: &mut Requirements) {
        let Some(unread) = self.unread.take() else { return };
        let Some(release) = unread.read() else { return };
        let entries = release.deps.iter();
        let dependencies: Vec<_> = entries
            .filter_map(|entry| Dependency::of_index(entry, &self.source, names, requirements))
            .map(Arc::new)
            .collect();
        let listed = [&release.features, &release.features2];
        let listed = listed.into_iter().flatten().flatten();
        self.features = features(listed, &dependencies, names);
        self.dependencies = dependencies;
        self.checksum = release.cksum;
    }

    /// A package of the project, with the places of requirements that are none.
    pub fn of_local(local: &Local, folder: &str, names: &mut Names) -> (Self, Vec<Need>) {
        let (mut dependencies, mut broken) = (Vec::new(), Vec::new());
        for need in &local.needs {
            match Dependency::of_need(need, names) {
                Some(dependency) => dependencies.push(Arc::new(dependency)),
                None => broken.push(need.clone()),
            }
        }
        let summary = Self {
            name: names.intern(&local.name),
            version: local.version.clone(),
            source: Source::Path(folder.into()),
            features: features(local.features.iter(), &dependencies, names),
            dependencies,
            links: local.links.as_deref().map(|links| names.intern(links)),
            rust_version: local.rust_version.as_deref().and_then(caret),
            yanked: false,
            published: None,
            checksum: None,
            unread: None,
        };
        (summary, broken)
    }
}

/// A compiler version as the requirement that a compiler must meet.
fn caret(rust_version: &str) -> Option<VersionReq> {
    VersionReq::parse(&format!("^{}", rust_version.trim())).ok()
}

impl Dependency {
    /// Whether a version meets the requirement.
    pub fn accepts(&self, version: &Version) -> bool {
        self.requirement
            .as_ref()
            .is_none_or(|requirement| requirement.matches(version))
    }

    fn of_index(
        entry: &index::Dependency<'_>,
        source: &Source,
        names: &mut Names,
        requirements: &mut Requirements,
    ) -> Option<Self> {
        let features = entry.features.iter().flatten();
        let origin = match (&entry.registry, source) {
            (Some(registry), _) => Origin::Registry(registry.clone()),
            (None, Source::Registry(registry)) => Origin::Registry(registry.to_string()),
            (None, _) => Origin::Default,
        };
        Some(Self {
            key: names.intern(&entry.name),
            package: names.intern(entry.package.as_deref().unwrap_or(&entry.name)),
            origin,
            requirement: Some(requirements.get(&entry.req)?.clone()),
            text: entry.req.clone().into_owned(),
            wording: names.intern(&entry.req),
            features: features.map(|feature| names.intern(feature)).collect(),
            optional: entry.optional.unwrap_or(false),
            default_features: entry.default_features.unwrap_or(true),
            kind: match entry.kind.as_deref() {
                Some("dev") => Kind::Dev,
                Some("build") => Kind::Build,
                _ => Kind::Normal,
            },
            target: entry.target.clone(),
            place: String::new(),
        })
    }

    fn of_need(need: &Need, names: &mut Names) -> Option<Self> {
        Some(Self {
            key: names.intern(&need.name),
            package: names.intern(&need.package),
            origin: need.origin.clone(),
            requirement: match &need.requirement {
                Some(text) => Some(VersionReq::parse(text).ok()?),
                None => None,
            },
            text: need.requirement.clone().unwrap_or_else(|| "*".to_owned()),
            wording: names.intern(need.requirement.as_deref().unwrap_or("*")),
            features: need
                .features
                .iter()
                .map(|feature| names.intern(feature))
                .collect(),
            optional: need.optional,
            default_features: need.default_features,
            kind: need.kind,
            target: need.target.clone(),
            place: need.place.clone(),
        })
    }
}

/// The listed features, and one for every optional dependency that no list names with `dep:`.
fn features<'a>(
    listed: impl Iterator<Item = (&'a String, &'a Vec<String>)>,
    dependencies: &[Arc<Dependency>],
    names: &mut Names,
) -> BTreeMap<Name, Vec<FeatureValue>> {
    let mut features = BTreeMap::<Name, Vec<FeatureValue>>::new();
    for (name, values) in listed {
        let values: Vec<_> = values
            .iter()
            .map(|value| FeatureValue::parse(value, names))
            .collect();
        features.entry(names.intern(name)).or_default().extend(values);
    }
    let explicit: HashSet<Name> = features
        .values()
        .flatten()
        .filter_map(|value| match value {
            FeatureValue::Dependency(name) => Some(*name),
            _ => None,
        })
        .collect();
    for dependency in dependencies.iter().filter(|dependency| dependency.optional) {
        let key = dependency.key;
        if !explicit.contains(&key) {
            features
                .entry(key)
                .or_insert_with(|| vec![FeatureValue::Dependency(key)]);
        }
    }
    features
}
