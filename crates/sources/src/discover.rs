//! The roots of projects: folders with a lockfile or a manifest that asks for something.

use std::collections::{BTreeMap, BTreeSet};

use ecosystems::lockfile::Format;
use inventory::Notice;

use crate::Collection;
use crate::notices::{info, warn};
use crate::path::{folder, join, name};

/// Folders whose content others wrote or a tool made.
const VENDORED: [&str; 14] = [
    "node_modules",
    "bower_components",
    "jspm_packages",
    "vendor",
    "third_party",
    "site-packages",
    "venv",
    ".venv",
    "virtualenv",
    ".tox",
    ".nox",
    "__pycache__",
    ".yarn",
    ".git",
];
/// Folders whose content is there to be tested with.
const TESTS: [&str; 9] = [
    "test",
    "tests",
    "testdata",
    "test-data",
    "__tests__",
    "fixtures",
    "__fixtures__",
    "testing",
    "mocks",
];

/// One project: what describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its folder; empty at the top of the source.
    pub folder: String,
    /// The OSV name of its ecosystem.
    pub ecosystem: &'static str,
    /// The path of its lockfile, or of its manifest where there is none.
    pub path: String,
    pub lockfile: bool,
}

impl Project {
    /// The project that a lockfile or manifest at the top of a collection describes.
    #[must_use]
    pub fn named(path: &str) -> Option<Self> {
        let format = Format::of(path);
        let ecosystem = format
            .map(|format| format.ecosystem)
            .or_else(|| manifest_ecosystem(path))?;
        Some(Self {
            folder: folder(path).to_owned(),
            ecosystem,
            path: path.to_owned(),
            lockfile: format.is_some(),
        })
    }
}

/// What was found, and what was left out on purpose.
#[derive(Clone, Debug, Default)]
pub struct Discovery {
    /// Sorted by folder, lockfiles before manifests of the same folder.
    pub projects: Vec<Project>,
    pub notices: Vec<Notice>,
    pub gaps: Vec<Notice>,
}

/// Manifests that ask for something by themselves.
const MANIFESTS: [(&str, &str); 6] = [
    ("package.json", "npm"),
    ("Cargo.toml", "crates.io"),
    ("Pipfile", "PyPI"),
    ("pyproject.toml", "PyPI"),
    ("setup.cfg", "PyPI"),
    ("setup.py", "PyPI"),
];

/// The ecosystem of a manifest by its name; a list like `requirements.in` is one, too.
pub(crate) fn manifest_ecosystem(path: &str) -> Option<&'static str> {
    let file = name(path);
    let known = MANIFESTS.iter().find(|(manifest, _)| *manifest == file);
    known
        .map(|(_, ecosystem)| *ecosystem)
        .or_else(|| is_input(path).then_some("PyPI"))
}

/// Whether a file is what lists of requirements are made from: `requirements.in`, `dev-requirements.in`.
fn is_input(path: &str) -> bool {
    let stem = name(path).strip_suffix(".in");
    stem.is_some_and(|stem| {
        let mut words = stem.split(['-', '_', '.']);
        words.any(|word| word.eq_ignore_ascii_case("requirements"))
    })
}

/// Whether a manifest describes a project: many repositories have a `setup.cfg` for their linters alone.
pub(crate) fn describes(collection: &Collection, path: &str) -> bool {
    let text = || String::from_utf8_lossy(collection.get(path).unwrap_or_default()).into_owned();
    name(path) != "setup.cfg"
        || text()
            .lines()
            .any(|line| line.starts_with("[metadata]") || line.starts_with("[options]"))
}

/// Finds the projects of a source.
#[must_use]
pub fn discover(collection: &Collection) -> Discovery {
    let mut discovery = Discovery::default();
    let mut left_out: BTreeMap<(String, Why), usize> = BTreeMap::new();
    let mut lockfiles: BTreeMap<(&str, &str), Vec<(&str, &'static Format)>> = BTreeMap::new();
    for path in collection.paths() {
        let format = Format::of(path);
        if name(path) == "bun.lockb" {
            let text =
                "bun.lockb is binary and is not read; `bun install --save-text-lockfile` writes bun.lock";
            discovery.gaps.push(warn("binary_lockfile", path, text));
        }
        if let Some(ignored) = ignored(path) {
            if format.is_some() {
                *left_out.entry(ignored).or_default() += 1;
            }
        } else if let Some(format) = format {
            lockfiles
                .entry((folder(path), format.ecosystem))
                .or_default()
                .push((path, format));
        }
    }
    for ((folder, why), count) in left_out {
        discovery.notices.push(tell_left_out(&folder, why, count));
    }
    for ((folder, ecosystem), found) in lockfiles {
        choose(&mut discovery, folder, ecosystem, found);
    }
    add_manifests(collection, &mut discovery);
    discovery
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    Vendored,
    Tests,
}

/// Whether folders of this name hold what others wrote or a tool made, and need not be looked into.
#[must_use]
pub fn is_vendored(folder: &str) -> bool {
    VENDORED.contains(&folder)
}

/// The outermost folder on the way to a file that is left out.
fn ignored(path: &str) -> Option<(String, Why)> {
    let mut above = String::new();
    for part in folder(path).split('/') {
        above = join(&above, part);
        if VENDORED.contains(&part) {
            return Some((above, Why::Vendored));
        }
        if TESTS.contains(&part) {
            return Some((above, Why::Tests));
        }
    }
    None
}

fn tell_left_out(folder: &str, why: Why, count: usize) -> Notice {
    let what = match why {
        Why::Vendored => "code of others",
        Why::Tests => "tests",
    };
    let lockfiles = if count == 1 {
        "1 lockfile".to_owned()
    } else {
        format!("{count} lockfiles")
    };
    let text = format!(
        "{lockfiles} below it were left out, because folders of this name hold {what}; scan it by itself to include them"
    );
    info("folder_left_out", folder, text)
}

/// Of lockfiles for one ecosystem in one folder the most trusted kind counts. Lists of requirements are all read,
/// unless another lockfile is there: then they are made from it.
fn choose(
    discovery: &mut Discovery,
    folder: &str,
    ecosystem: &'static str,
    mut found: Vec<(&str, &'static Format)>,
) {
    found.sort_by_key(|(path, format)| (format.precedence, *path));
    let Some(best) = found.first().map(|(_, format)| *format) else {
        return;
    };
    for (path, format) in found {
        if format.precedence == best.precedence {
            discovery.projects.push(Project {
                folder: folder.to_owned(),
                ecosystem,
                path: path.to_owned(),
                lockfile: true,
            });
        } else {
            let text = format!("it was left out: {} in the same folder counts", best.name);
            discovery.notices.push(info("lockfile_left_out", path, text));
        }
    }
}

/// Manifests in folders without a lockfile; those that a lockfile above speaks for are told apart when it is read.
fn add_manifests(collection: &Collection, discovery: &mut Discovery) {
    let locked: BTreeSet<(String, &str)> = discovery
        .projects
        .iter()
        .map(|project| (project.folder.clone(), project.ecosystem))
        .collect();
    let mut known = BTreeSet::new();
    let found = collection
        .paths()
        .filter_map(|path| Some((path, manifest_ecosystem(path)?)))
        .filter(|(path, _)| ignored(path).is_none() && describes(collection, path));
    let (lists, manifests): (Vec<_>, Vec<_>) = found.partition(|(path, _)| is_input(path));
    for (path, ecosystem) in manifests.into_iter().chain(lists) {
        let key = (folder(path).to_owned(), ecosystem);
        // A list says what is not said elsewhere; several lists are several projects.
        let is_first = !locked.contains(&key) && !known.contains(&key);
        if !is_first {
            continue;
        }
        discovery.projects.push(Project {
            folder: folder(path).to_owned(),
            ecosystem,
            path: path.to_owned(),
            lockfile: false,
        });
        if !is_input(path) {
            known.insert(key);
        }
    }
    discovery
        .projects
        .sort_by(|a, b| (&a.folder, !a.lockfile, &a.path).cmp(&(&b.folder, !b.lockfile, &b.path)));
}
