//! A whole source: every lockfile read, every manifest without one resolved, one inventory of it all.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ecosystems::resolve::{Assumptions, Files, resolver_for};
use ecosystems::tree::Tree;
use fetch::registries::Registries;
use inventory::{Inventory, Notice};
use sources::{Collection, Found, Project};

use super::green::Grown;
use super::{PATIENCE, Progress, fill_licenses, resolve};
use crate::JobError;

/// How long all projects of one source may ask registries together.
const PATIENCE_IN_ALL: Duration = Duration::from_secs(300);
/// How long licenses of one project are asked for.
const LICENSE_PATIENCE: Duration = Duration::from_secs(30);

/// What of a collection is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// Every project; the name is what the source is called where none says so.
    All(&'a str),
    /// One lockfile or manifest; the other files are there to be read beside it.
    One(&'a str),
}

/// Where the reading of a source stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Discover,
    Resolve {
        /// The manifest.
        path: String,
        /// Counted from 1.
        number: usize,
        of: usize,
        documents: Progress,
    },
}

/// A source as it was read.
#[derive(Debug)]
pub struct Reading {
    pub inventory: Inventory,
    pub notices: Vec<Notice>,
    /// Projects of npm itself, for who looks for ways to green.
    pub npm: Vec<Grown>,
}

/// Reads a source. What cannot be read or resolved is told in the notices and in the gaps of the inventory.
///
/// # Errors
/// When a thread cannot be run.
pub async fn read(
    collection: Collection,
    what: What<'_>,
    registries: &Registries,
    assumptions: &Assumptions,
    mut tell: impl FnMut(Stage),
) -> Result<Reading, JobError> {
    tell(Stage::Discover);
    let (name, one) = match what {
        What::All(name) => (name.to_owned(), None),
        What::One(path) => (path.to_owned(), Some(path.to_owned())),
    };
    let (mut found, files) = tokio::task::spawn_blocking(move || {
        let found = match one {
            Some(path) => sources::read_one(&collection, &path),
            None => sources::read(&collection, sources::discover(&collection)),
        };
        (found, Arc::new(collection.manifests()))
    })
    .await?;
    resolve_open(&mut found, &files, registries, assumptions, &mut tell).await;
    let assumptions = assumptions.clone();
    let assembled = tokio::task::spawn_blocking(move || {
        let npm = grown(&found, &files, &assumptions);
        let (inventory, notices) = sources::assemble(found, &name);
        Reading {
            inventory,
            notices,
            npm,
        }
    });
    Ok(assembled.await?)
}

/// The projects whose trees npm made, or would make.
fn grown(found: &Found, files: &Files, assumptions: &Assumptions) -> Vec<Grown> {
    let resolved = |path: &str| found.resolutions.iter().any(|one| one.manifest == path);
    let is_npm = |path: &str| path.ends_with("package-lock.json") || path.ends_with("npm-shrinkwrap.json");
    let of_npm = found.projects.iter().filter(|read| {
        let path = read.project.path.as_str();
        read.project.ecosystem == "npm" && (is_npm(path) || resolved(path))
    });
    of_npm
        .map(|read| Grown::new(files, &read.project.folder, assumptions, read.tree.clone()))
        .collect()
}

/// Resolves what has no lockfile, project by project.
async fn resolve_open(
    found: &mut Found,
    files: &Arc<Files>,
    registries: &Registries,
    assumptions: &Assumptions,
    tell: &mut impl FnMut(Stage),
) {
    let end = Instant::now() + PATIENCE_IN_ALL;
    let mut open = VecDeque::from(found.open());
    let mut number = 0;
    while let Some(project) = open.pop_front() {
        number += 1;
        let of = number + open.len();
        let path = project.path.clone();
        let patience = PATIENCE.min(end.saturating_duration_since(Instant::now()));
        let stand = |documents| {
            tell(Stage::Resolve {
                path: path.clone(),
                number,
                of,
                documents,
            });
        };
        let tree = tree_of(&project, files, registries, assumptions, patience, stand).await;
        if let Some(tree) = tree {
            found.resolve(&project, tree);
            // A workspace has spoken for its members.
            open.retain(|other| found.has(other));
        }
    }
}

/// The tree of one project; `None` when no resolver is for it, so that it stays a gap.
async fn tree_of(
    project: &Project,
    files: &Arc<Files>,
    registries: &Registries,
    assumptions: &Assumptions,
    patience: Duration,
    mut tell: impl FnMut(Progress),
) -> Option<Tree> {
    tell(Progress::default());
    let (files, path) = (Arc::clone(files), project.path.clone());
    let assumptions = Assumptions {
        indexes: registries.python_indexes(),
        ..assumptions.clone()
    };
    // Reading the manifests of a large workspace takes a while, too.
    let begun = tokio::task::spawn_blocking(move || resolver_for(&files, &path, &assumptions)).await;
    let (ecosystem, resolver) = begun.ok()??;
    match resolve(ecosystem, resolver, registries, patience, tell).await {
        Ok(mut tree) => {
            fill_licenses(&mut tree, registries, LICENSE_PATIENCE.min(patience)).await;
            Some(tree)
        }
        Err(error) => {
            tracing::error!(
                manifest = project.path,
                "a manifest could not be resolved: {error}"
            );
            None
        }
    }
}
