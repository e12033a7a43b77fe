//! A resolver over a recorded registry, unpacked into a folder: the search and the reading, without a network.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use ecosystems::cargo::resolve as cargo;
use ecosystems::pypi::resolve as pypi;
use ecosystems::resolve::{Answer, Files, Request, Resolver, run};

use crate::Failure;
use crate::arguments::ResolveOptions;
use crate::latency::Latencies;

/// What a project is resolved from when nothing is named.
const MANIFESTS: [&str; 3] = ["Cargo.toml", "pyproject.toml", "setup.cfg"];

pub fn measure(options: &ResolveOptions) -> Result<String, Failure> {
    let files = project(&options.project)?;
    let mut nodes = 0;
    let mut durations: Vec<Duration> = Vec::new();
    // Documents are read from the disk once, as a store would have them at hand.
    let mut documents = std::collections::HashMap::new();
    for round in 0..=options.rounds.rounds {
        let start = Instant::now();
        let mut resolver = resolver(&files, options)?;
        let mut reading = Duration::ZERO;
        let tree = run(resolver.as_mut(), |request| {
            let start = Instant::now();
            let answer = documents
                .entry(request.clone())
                .or_insert_with(|| answer(&options.registry, request))
                .clone();
            reading += start.elapsed();
            answer
        });
        nodes = tree.nodes.len();
        // The first round reads from the disk and does not count.
        if round > 0 {
            durations.push(start.elapsed().saturating_sub(reading));
        }
    }
    Ok(format!(
        "resolve {}: {nodes} nodes from {} documents: {}",
        options.project.display(),
        documents.len(),
        Latencies::new(durations),
    ))
}

fn resolver(files: &Files, options: &ResolveOptions) -> Result<Box<dyn Resolver>, Failure> {
    let cutoff = options.cutoff.as_deref().map(str::parse).transpose();
    let cutoff = cutoff.map_err(|_| "the cut-off is no RFC 3339 time")?;
    let named = options.manifest.clone();
    let manifest = named.or_else(|| {
        MANIFESTS
            .iter()
            .find(|name| files.contains_key(**name))
            .map(|name| (*name).to_owned())
    });
    let manifest = manifest.ok_or("the project has no manifest; name one with --manifest")?;
    if manifest.ends_with("Cargo.toml") {
        let options = cargo::Options {
            cutoff,
            ..cargo::Options::default()
        };
        let folder = manifest.rsplit_once('/').map_or("", |(folder, _)| folder);
        return Ok(Box::new(cargo::CargoResolver::new(files, folder, &options)));
    }
    let settings = pypi::Settings {
        cutoff,
        ..pypi::Settings::default()
    };
    Ok(Box::new(pypi::PypiResolver::new(files, &manifest, settings)))
}

/// Every file of the project that a resolver may look at.
fn project(root: &Path) -> Result<Files, Failure> {
    let mut files = Files::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(root)?.to_string_lossy().into_owned();
                files.insert(relative, fs::read(&path)?.into());
            }
        }
    }
    Ok(files)
}

/// A document of the recorded registry.
fn answer(registry: &Path, request: &Request) -> Answer {
    let path = match request {
        Request::Package { name, .. } if registry.join("simple").is_dir() => format!("simple/{name}.json"),
        Request::Package { name, .. } => ecosystems::cargo::index_path(name),
        Request::Release { name, version, .. } => format!("metadata/{name}-{version}.json"),
    };
    let Ok(bytes) = fs::read(registry.join(path)) else {
        return Answer::Absent;
    };
    match request {
        Request::Package { .. } => Answer::Found(bytes.into()),
        Request::Release { .. } => Answer::Found(headers(&bytes).into()),
    }
}

/// Recorded metadata as the headers that it was made of.
fn headers(recorded: &[u8]) -> Vec<u8> {
    let recorded: serde_json::Value = serde_json::from_slice(recorded).unwrap_or_default();
    let mut text = String::new();
    for (key, name) in [
        ("requires_dist", "Requires-Dist"),
        ("provides_extra", "Provides-Extra"),
    ] {
        let values = recorded.get(key).and_then(serde_json::Value::as_array);
        for value in values.into_iter().flatten().filter_map(serde_json::Value::as_str) {
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
            text.push('\n');
        }
    }
    text.into_bytes()
}
