//! The npm resolver alone: a project and recorded documents, no network and no store.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ecosystems::npm::resolve::{Document, Environment, Options, Packument, Project, Resolver};

use crate::Failure;
use crate::arguments::ResolveNpmOptions;
use crate::latency::Latencies;
use crate::process;

pub fn measure(options: &ResolveNpmOptions) -> Result<String, Failure> {
    let project = project(&options.project)?;
    let mut documents = HashMap::new();
    // The first round finds out which documents are wanted; reading files is not what is measured.
    let nodes = once(&project, options, |name| {
        let bytes = read(&options.documents, name);
        documents.insert(name.to_owned(), bytes.clone());
        bytes
    })?;
    let mut durations: Vec<Duration> = Vec::new();
    for _ in 0..options.rounds.rounds {
        let start = Instant::now();
        once(&project, options, |name| documents.get(name).cloned().flatten())?;
        durations.push(start.elapsed());
    }
    let size: usize = documents.values().flatten().map(|bytes| bytes.len()).sum();
    Ok(format!(
        "resolve {nodes} packages from {} documents of {:.1} MB: {}\n{}",
        documents.len(),
        size as f64 / 1e6,
        Latencies::new(durations),
        process::memory(std::process::id())?,
    ))
}

/// Divides the documents and resolves. The answer is how many packages the tree has.
fn once(
    project: &Project,
    options: &ResolveNpmOptions,
    mut document: impl FnMut(&str) -> Option<Arc<[u8]>>,
) -> Result<usize, Failure> {
    let environment = Environment {
        node: options.node.clone(),
        ..Environment::default()
    };
    let options = Options {
        environment,
        ..Options::default()
    };
    let mut resolver = Resolver::new(project, options)?;
    loop {
        if let Some(resolution) = resolver.resolution() {
            return Ok(resolution.tree.nodes.len());
        }
        for name in resolver.wanted().clone() {
            let found = match document(&name) {
                Some(bytes) => Document::Found(Packument::read(bytes)?),
                None => Document::Missing,
            };
            resolver.give(&name, found);
        }
    }
}

fn read(folder: &Path, name: &str) -> Option<Arc<[u8]>> {
    let file = folder.join(format!("{}.json", name.replace('/', "%2f")));
    fs::read(file).ok().map(Arc::from)
}

/// All manifests below a folder.
fn project(root: &Path) -> Result<Project, Failure> {
    let mut manifests = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("package.json") {
                let place = folder.strip_prefix(root)?.to_string_lossy().into_owned();
                manifests.insert(place, fs::read_to_string(&path)?);
            }
        }
    }
    Ok(Project {
        manifests,
        ..Project::default()
    })
}
