//! Everything that is known of packages while one project is resolved.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fast::FastMap;
use super::fields::Fields;
use super::manifest::{Manifest, ManifestId, Peers};
use super::names::{Name, Names, number};
use super::overrides::Overrides;
use super::packument::Packument;
use super::pick::{Environment, Picker, Versions};
use super::spec::Spec;
use super::specs::{SpecId, Specs};

/// What a registry answered for a name.
#[derive(Clone, Debug)]
pub enum Document {
    Found(Packument),
    /// There is no package of this name.
    Missing,
    /// The registry could not be read, and why, in one sentence.
    Unread(String),
}

/// Why a dependency could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A stable word, `snake_case`.
    pub code: &'static str,
    pub text: String,
}

/// A failure among all those of a resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FailureId(u32);

/// What choosing a version gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picked {
    Found(ManifestId),
    Failed(FailureId),
    /// The registry must be asked first.
    Wanted(Name),
}

/// A document with what choosing needs of it.
enum Known {
    Found(Box<Packument>, Box<Versions>),
    Missing,
    Unread(String),
}

pub struct World {
    pub names: Names,
    pub specs: Specs,
    pub overrides: Overrides,
    pub manifests: Vec<Manifest>,
    /// The manifests of the project's own folders, by path relative to its root.
    pub locals: BTreeMap<String, ManifestId>,
    pub peers: Peers,
    pub failures: Vec<Failure>,
    documents: FastMap<Name, Known>,
    picks: FastMap<(Name, SpecId), Picked>,
    by_version: HashMap<(Name, String), ManifestId>,
    picker: Picker,
    /// Names that were wanted while a tree was built, as it went another way than foreseen.
    pub wanted: RefCell<BTreeSet<String>>,
    satisfied: RefCell<FastMap<(ManifestId, SpecId), bool>>,
}

/// The manifest of a package of which nothing is known.
pub const NOTHING: ManifestId = ManifestId(0);

impl World {
    pub fn new(environment: Environment, peers: Peers) -> Self {
        Self {
            names: Names::default(),
            specs: Specs::default(),
            overrides: Overrides::default(),
            manifests: vec![Manifest::default()],
            locals: BTreeMap::new(),
            peers,
            failures: Vec::new(),
            documents: FastMap::default(),
            picks: FastMap::default(),
            by_version: HashMap::new(),
            picker: Picker::new(environment),
            wanted: RefCell::default(),
            satisfied: RefCell::default(),
        }
    }

    pub fn environment(&self) -> &Environment {
        self.picker.environment()
    }

    pub fn manifest(&self, id: ManifestId) -> &Manifest {
        &self.manifests[id.0 as usize]
    }

    pub fn failure(&self, id: FailureId) -> &Failure {
        &self.failures[id.0 as usize]
    }

    /// Adds the manifest of a folder of the project.
    pub fn add_local(&mut self, path: String, fields: &Fields) -> ManifestId {
        let manifest = Manifest::new(fields, &mut self.names, &mut self.specs, self.peers);
        let id = self.add_manifest(manifest);
        self.locals.insert(path, id);
        id
    }

    fn add_manifest(&mut self, manifest: Manifest) -> ManifestId {
        self.manifests.push(manifest);
        ManifestId(number(self.manifests.len() - 1))
    }

    pub fn add_failure(&mut self, code: &'static str, text: String) -> FailureId {
        self.failures.push(Failure { code, text });
        FailureId(number(self.failures.len() - 1))
    }

    pub fn knows(&self, name: Name) -> bool {
        self.documents.contains_key(&name)
    }

    pub fn add_document(&mut self, name: &str, document: Document) {
        let name = self.names.intern(name);
        let known = match document {
            Document::Found(packument) => {
                let versions = Versions::new(&packument, self.picker.environment());
                Known::Found(Box::new(packument), Box::new(versions))
            }
            Document::Missing => Known::Missing,
            Document::Unread(why) => Known::Unread(why),
        };
        self.documents.insert(name, known);
    }

    /// Chooses the version that a dependency's specification means.
    pub fn pick(&mut self, name: Name, spec: SpecId) -> Picked {
        if let Some(picked) = self.picks.get(&(name, spec)) {
            return *picked;
        }
        let picked = self.pick_afresh(name, spec);
        if !matches!(picked, Picked::Wanted(_)) {
            self.picks.insert((name, spec), picked);
        }
        picked
    }

    fn pick_afresh(&mut self, name: Name, spec_id: SpecId) -> Picked {
        let (text, spec) = (self.names.text(name).clone(), self.specs.get(spec_id).clone());
        let Some((registered, wanted)) = spec.in_registry(&text) else {
            let (code, why) = outside(&spec);
            let what = format!("`{text}@{}` {why}", self.specs.text(spec_id));
            return Picked::Failed(self.add_failure(code, what));
        };
        if !is_name(registered) {
            let what = format!("`{registered}` is no name of a package");
            return Picked::Failed(self.add_failure("invalid_name", what));
        }
        let registered = self.names.intern(registered);
        let found = match self.documents.get(&registered) {
            None => return Picked::Wanted(registered),
            Some(Known::Found(packument, versions)) => {
                let version = self.picker.pick(packument, versions, wanted);
                version.map(|version| (packument.fields(&version), version))
            }
            Some(Known::Missing) => {
                let what = format!("the registry has no package `{}`", self.names.text(registered));
                return Picked::Failed(self.add_failure("package_missing", what));
            }
            Some(Known::Unread(why)) => {
                let what = format!(
                    "`{}` could not be read from the registry: {why}",
                    self.names.text(registered)
                );
                return Picked::Failed(self.add_failure("registry_unread", what));
            }
        };
        self.found(registered, spec_id, found)
    }

    fn found(&mut self, name: Name, spec: SpecId, found: Option<(Option<Fields>, String)>) -> Picked {
        let Some((fields, version)) = found else {
            let what = format!(
                "no version of `{}` satisfies `{}`",
                self.names.text(name),
                self.specs.text(spec)
            );
            return Picked::Failed(self.add_failure("version_missing", what));
        };
        if let Some(id) = self.by_version.get(&(name, version.clone())) {
            return Picked::Found(*id);
        }
        let Some(mut fields) = fields else {
            let what = format!(
                "the registry's manifest of `{}@{version}` is malformed",
                self.names.text(name)
            );
            return Picked::Failed(self.add_failure("manifest_malformed", what));
        };
        // Reduced documents leave out what their keys say.
        fields
            .name
            .0
            .get_or_insert_with(|| self.names.text(name).to_string());
        fields.version.0.get_or_insert_with(|| version.clone());
        let mut manifest = Manifest::new(&fields, &mut self.names, &mut self.specs, self.peers);
        manifest.from_registry = true;
        // Registries say so where a script runs, and nothing where none does.
        manifest.about.install_script.get_or_insert(false);
        let id = self.add_manifest(manifest);
        self.by_version.insert((name, version), id);
        Picked::Found(id)
    }

    /// Whether a manifest's version satisfies a specification of a registry; `None` for another kind.
    pub fn satisfies(&self, manifest: ManifestId, spec: SpecId) -> Option<bool> {
        if let Some(known) = self.satisfied.borrow().get(&(manifest, spec)) {
            return Some(*known);
        }
        let satisfied = satisfies(self.manifest(manifest), self.specs.get(spec))?;
        self.satisfied.borrow_mut().insert((manifest, spec), satisfied);
        Some(satisfied)
    }
}

fn satisfies(manifest: &Manifest, spec: &Spec) -> Option<bool> {
    let version = manifest.parsed.as_ref();
    match spec {
        Spec::Range { any: true, .. } => Some(true),
        Spec::Range { range, .. } => Some(version.is_some_and(|version| range.admits(version))),
        Spec::Version(_, wanted) => Some(version == Some(wanted)),
        Spec::Tag(_) => Some(manifest.from_registry),
        Spec::Alias { spec, .. } => satisfies(manifest, spec),
        _ => None,
    }
}

/// Why a specification cannot be resolved from a registry.
fn outside(spec: &Spec) -> (&'static str, String) {
    match spec {
        Spec::Git { .. } => (
            "git_dependency",
            "lies in a git repository, which is not opened".to_owned(),
        ),
        Spec::Remote(_) => (
            "remote_archive",
            "is an archive on the web, which is not opened".to_owned(),
        ),
        Spec::File(_) => (
            "local_archive",
            "is an archive beside the project, which is not opened".to_owned(),
        ),
        Spec::Directory(_) => ("folder_missing", "is a folder that is not there".to_owned()),
        Spec::Invalid(why) => ("invalid_specification", format!("cannot be resolved: {why}")),
        _ => ("unresolved", "cannot be resolved".to_owned()),
    }
}

/// Whether a registry can have a package of this name, by the rules for old packages.
pub fn is_name(name: &str) -> bool {
    let is_safe = |part: &str| {
        let safe = |c: char| c.is_ascii_alphanumeric() || "-_.!~*'()".contains(c);
        !part.is_empty() && part.chars().all(safe)
    };
    let is_reserved = ["node_modules", "favicon.ico"]
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word));
    let sound = match name.strip_prefix('@') {
        Some(scoped) => scoped
            .split_once('/')
            .is_some_and(|(scope, name)| is_safe(scope) && is_safe(name) && !name.starts_with('.')),
        None => is_safe(name) && !name.starts_with(['.', '_', '-']),
    };
    sound && !is_reserved && name.len() <= 512
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_lead_elsewhere_are_no_names() {
        for name in ["a", "JSONStream", "@s/a", "a.b-c_d", "3"] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "../a",
            "a/b",
            "@s",
            "@s/a/b",
            "@s/..",
            ".a",
            "_a",
            "a b",
            "node_modules",
            "ä",
            "a?b",
            "a%2fb",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
