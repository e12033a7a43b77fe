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
        let manifest = MANIFESTS.iter().find(|(manifest, _)| *manifest == name(path));
        let ecosystem = format
            .map(|format| format.ecosystem)
            .or_else(|| Some(manifest?.1))?;
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
const MANIFESTS: [(&str, &str); 4] = [
    ("package.json", "npm"),
    ("Cargo.toml", "crates.io"),
    ("pyproject.toml", "PyPI"),
    ("Pipfile", "PyPI"),
];

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
    for path in collection.paths() {
        let Some((_, ecosystem)) = MANIFESTS.iter().find(|(manifest, _)| *manifest == name(path)) else {
            continue;
        };
        let key = (folder(path).to_owned(), *ecosystem);
        if ignored(path).is_none() && !locked.contains(&key) && known.insert(key) {
            discovery.projects.push(Project {
                folder: folder(path).to_owned(),
                ecosystem,
                path: path.to_owned(),
                lockfile: false,
            });
        }
    }
    discovery
        .projects
        .sort_by(|a, b| (&a.folder, !a.lockfile, &a.path).cmp(&(&b.folder, !b.lockfile, &b.path)));
}
