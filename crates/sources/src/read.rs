//! From projects to trees.

use std::collections::BTreeSet;

use ecosystems::lockfile::{Beside, Format, ReadError, unlocked};
use ecosystems::tree::{NodeKind, Tree};
use inventory::{Notice, Resolution};

use crate::discover::describes;
use crate::notices::warn;
use crate::path::{clean, join, name};
use crate::{Collection, Discovery, Project};

/// What was read of a source.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub projects: Vec<ReadProject>,
    pub notices: Vec<Notice>,
    /// What could not be read. Gaps of a tree stand in the tree.
    pub gaps: Vec<Notice>,
    /// Manifests that ask for nothing.
    pub without_dependencies: usize,
    /// What was resolved, and for which environment.
    pub resolutions: Vec<Resolution>,
}

/// One project and its tree.
#[derive(Clone, Debug)]
pub struct ReadProject {
    pub project: Project,
    /// Of a project without a lockfile: what it asks for, nothing of it resolved; a resolver's tree takes its place.
    pub tree: Tree,
}

/// Reads every project. A lockfile that cannot be read is a gap, and its manifest speaks in its place.
#[must_use]
pub fn read(collection: &Collection, discovery: Discovery) -> Found {
    let mut found = Found {
        notices: discovery.notices,
        gaps: discovery.gaps,
        ..Found::default()
    };
    found.notices.extend(collection.notices.iter().cloned());
    found.gaps.extend(collection.gaps.iter().cloned());
    let mut spoken_for = BTreeSet::new();
    let (locked, open): (Vec<_>, Vec<_>) = discovery
        .projects
        .into_iter()
        .partition(|project| project.lockfile);
    for mut project in locked {
        match read_lockfile(collection, &project) {
            Ok(tree) => {
                // A list that leaves versions open locks nothing.
                project.lockfile = !tree.gaps.iter().any(|gap| gap.code == "not_pinned");
                spoken_for.extend(members(&project, &tree));
                found.projects.push(ReadProject { project, tree });
            }
            Err(error) => {
                found.gaps.push(not_read(&project.path, &error));
                found.projects.extend(instead(collection, project));
            }
        }
    }
    for project in open {
        if spoken_for.contains(&(project.folder.clone(), project.ecosystem)) {
            continue;
        }
        match read_manifest(collection, &project) {
            Ok(Some(tree)) => found.projects.push(ReadProject { project, tree }),
            Ok(None) => found.without_dependencies += 1,
            Err(error) => found.gaps.push(not_read(&project.path, &error)),
        }
    }
    found
        .projects
        .sort_by(|a, b| (&a.project.folder, &a.project.path).cmp(&(&b.project.folder, &b.project.path)));
    found
}

fn not_read(path: &str, error: &ReadError) -> Notice {
    let place = if error.place.is_empty() {
        path.to_owned()
    } else {
        format!("{path}: {}", error.place)
    };
    warn(
        "file_not_read",
        place,
        format!("it could not be read: {}", error.message),
    )
}

fn read_lockfile(collection: &Collection, project: &Project) -> Result<Tree, ReadError> {
    let bytes = collection.get(&project.path).unwrap_or_default();
    let format = Format::of(&project.path).expect("only what has a format is taken for a lockfile");
    let below = Below {
        collection,
        folder: &project.folder,
    };
    let mut tree = format.read(bytes, &below)?;
    name_development(&mut tree, project);
    Ok(tree)
}

/// Lists like `requirements-dev.txt` say by their name alone that they are for development.
pub(crate) fn name_development(tree: &mut Tree, project: &Project) {
    let file = name(&project.path);
    let is_list =
        Format::of(file).is_some_and(|format| format.name == "requirements.txt") || file.ends_with(".in");
    let mut words = file.split(|c: char| !c.is_ascii_alphabetic());
    let for_development = words.any(|word| {
        [
            "dev",
            "develop",
            "development",
            "test",
            "tests",
            "testing",
            "lint",
            "docs",
            "doc",
            "ci",
        ]
        .contains(&word)
    });
    if is_list && for_development {
        let packages = tree.nodes.iter_mut();
        for node in packages.filter(|node| node.kind == NodeKind::Package) {
            node.flags.dev = true;
        }
    }
}

/// The folders of a tree's own nodes.
pub(crate) fn members(project: &Project, tree: &Tree) -> Vec<(String, &'static str)> {
    tree.own_nodes()
        .filter_map(|id| tree.nodes[id].location.as_deref())
        .map(|location| (join(&project.folder, location), project.ecosystem))
        .collect()
}

/// What the manifest beside a broken lockfile asks for.
fn instead(collection: &Collection, project: Project) -> Option<ReadProject> {
    let format = Format::of(&project.path)?;
    let path = join(&project.folder, format.manifest);
    collection.get(&path)?;
    let project = Project {
        path,
        lockfile: false,
        ..project
    };
    let tree = read_manifest(collection, &project).ok()??;
    Some(ReadProject { project, tree })
}

fn read_manifest(collection: &Collection, project: &Project) -> Result<Option<Tree>, ReadError> {
    let below = Below {
        collection,
        folder: &project.folder,
    };
    let told = unlocked(name(&project.path), &below)?;
    let is_python = project.ecosystem == "PyPI" && told.is_none();
    // A `pyproject.toml` may only say how it is built.
    let elsewhere = ["setup.cfg", "setup.py"].into_iter().find(|file| {
        let path = join(&project.folder, file);
        is_python && collection.get(&path).is_some() && describes(collection, &path)
    });
    match elsewhere {
        Some(file) => unlocked(file, &below),
        None => Ok(told),
    }
}

/// The files around a lockfile.
struct Below<'a> {
    collection: &'a Collection,
    folder: &'a str,
}

impl Beside for Below<'_> {
    fn text(&self, path: &str) -> Option<String> {
        // A list may include one of a folder above its own, as long as that is in the source.
        let mut folder = self.folder;
        let mut path = path;
        while let Some(rest) = path.strip_prefix("../") {
            if folder.is_empty() {
                return None;
            }
            folder = crate::path::folder(folder);
            path = rest;
        }
        let bytes = self.collection.get(&join(folder, &clean(path)?))?;
        String::from_utf8(bytes.to_vec()).ok()
    }

    fn named(&self, wanted: &str) -> Vec<String> {
        let skip = if self.folder.is_empty() {
            0
        } else {
            self.folder.len() + 1
        };
        let paths = self
            .collection
            .below(self.folder)
            .filter(|path| name(path) == wanted);
        let relative = paths.filter_map(|path| path.get(skip..));
        relative
            .filter(|path| !path.contains("node_modules/"))
            .map(str::to_owned)
            .collect()
    }
}
