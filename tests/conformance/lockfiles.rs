//! Lockfiles of real projects, of one project in every format, and broken ones.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ecosystems::lockfile::{Alone, Format};
use ecosystems::tree::{NodeKind, Tree};
use inventory::{Component, ComponentKind, Inventory, Scope};
use serde_json::Value;

use crate::data;

type Packages = BTreeSet<(String, String)>;

fn full_name(component: &Component) -> String {
    match &component.group {
        Some(group) => format!("{group}/{}", component.name),
        None => component.name.clone(),
    }
}

fn ecosystem_of(lockfile: &str) -> &'static str {
    Format::of(lockfile)
        .unwrap_or_else(|| panic!("{lockfile} is no lockfile"))
        .ecosystem
}

fn normal(ecosystem: &str, name: &str) -> String {
    ecosystems::by_name(ecosystem)
        .expect("an ecosystem")
        .normalize(name)
        .into_owned()
}

/// The packages of one lockfile of a project: its own, those for development, and all others.
fn packages(inventory: &Inventory, lockfile: &str) -> [Packages; 3] {
    let ecosystem = ecosystem_of(lockfile);
    let mut found = [const { Packages::new() }; 3];
    for component in &inventory.components {
        let of_this = component
            .installation
            .as_ref()
            .is_some_and(|found| found.manifest == lockfile);
        let Some(version) = component.version.clone().filter(|_| of_this) else {
            continue;
        };
        let kind = match (component.kind, component.scope) {
            (ComponentKind::Application, _) => 0,
            (_, Scope::Dev) => 1,
            _ => 2,
        };
        found[kind].insert((normal(ecosystem, &full_name(component)), version));
    }
    found
}

/// Syft leaves development out of some formats, and the project itself out of some; what it lists must be there, and
/// nothing else but those two.
#[test]
fn every_project_has_the_packages_that_syft_lists() {
    let folder = data::unpacked().join("expected/syft-inventory");
    let (mut projects, mut count, mut differences) = (0, 0, Vec::new());
    for file in fs::read_dir(folder).expect("the lists of Syft") {
        let expected = data::json(&file.expect("a file").path());
        let (project, lockfile) = (text(&expected, "project"), text(&expected, "lockfile"));
        let collection = data::collection(&data::unpacked().join("projects").join(project));
        let (inventory, _) = sources::inventory(&collection, project);
        let [own, dev, rest] = packages(&inventory, lockfile);
        let theirs = syft(&expected, lockfile);
        count += theirs.len();
        projects += 1;
        let less: Vec<_> = theirs
            .iter()
            .filter(|found| ![&own, &dev, &rest].iter().any(|ours| ours.contains(found)))
            .collect();
        let more: Vec<_> = rest.difference(&theirs).collect();
        if !(less.is_empty() && more.is_empty()) && project != "k8s-goat-internal-api" {
            differences.push(format!(
                "{project} {lockfile}: only here {more:?}, only there {less:?}"
            ));
        }
        // Syft does not look into what version 1 nests.
        if project == "k8s-goat-internal-api" {
            assert_eq!((less.len(), more.len()), (0, 6), "{more:?}");
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(projects, 46);
    assert!(count > 15_000, "{count} packages are compared");
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key}"))
}

fn syft(expected: &Value, lockfile: &str) -> Packages {
    let ecosystem = ecosystem_of(lockfile);
    let list = expected["packages"].as_array().expect("a list");
    list.iter()
        .map(|package| {
            (
                package[1].as_str().expect("a name"),
                package[2].as_str().expect("a version"),
            )
        })
        // Members of a workspace, which it names by their folders or gives no version.
        .filter(|(name, version)| *version != "UNKNOWN" && !name.starts_with("workspaces/"))
        .map(|(name, version)| (normal(ecosystem, name), version.to_owned()))
        .collect()
}

/// A project of `resolve/lockfiles`: the lockfile under its usual name, and the manifests beside it.
fn locked(folder: &str, file: &str, name: &str, manifests: &[&str]) -> Inventory {
    let folder = data::unpacked().join("resolve/lockfiles").join(folder);
    let mut collector = sources::Collector::new(sources::Limits::default());
    let read = |file: &str| fs::read(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    collector.keep(name.to_owned(), read(file));
    for manifest in manifests {
        collector.keep((*manifest).to_owned(), read(manifest));
    }
    let (inventory, notices) = sources::inventory(&collector.finish(), "x");
    assert!(inventory.gaps.is_empty(), "{file}: {notices:?}");
    inventory
}

/// What the project itself names, with its scope.
fn direct(inventory: &Inventory) -> BTreeSet<String> {
    let edges = inventory
        .edges
        .iter()
        .filter(|(from, _)| Some(*from) == inventory.root);
    edges
        .map(|(_, to)| {
            let component = &inventory.components[*to as usize];
            let version = component.version.as_deref().unwrap_or_default();
            format!("{}@{version} {:?}", full_name(component), component.scope)
        })
        .collect()
}

#[test]
fn one_manifest_locked_by_every_tool_of_npm_is_one_tree() {
    let expected: BTreeSet<String> = [
        "@emotion/react@11.11.4 Required",
        "esbuild@0.21.5 Dev",
        "express@4.19.2 Required",
        "fsevents@2.3.3 Optional",
        "lodash@3.10.1 Required",
        "react-dom@18.2.0 Required",
        "react@18.2.0 Required",
        "semver@7.6.0 Dev",
    ]
    .map(str::to_owned)
    .into();
    let files = [
        "npm-v1.package-lock.json",
        "npm-v2.package-lock.json",
        "npm-v3.package-lock.json",
        "pnpm7.pnpm-lock.yaml",
        "pnpm8.pnpm-lock.yaml",
        "pnpm9.pnpm-lock.yaml",
        "pnpm10.pnpm-lock.yaml",
        "yarn1.yarn.lock",
        "berry.yarn.lock",
        "bun.bun.lock",
    ];
    let mut transitive = BTreeMap::new();
    for file in files {
        let name = file.split_once('.').expect("TOOL.NAME").1;
        let inventory = locked("js", file, name, &["package.json"]);
        assert_eq!(direct(&inventory), expected, "{file}");
        let [_, dev, rest] = packages(&inventory, name);
        let alias = inventory
            .components
            .iter()
            .find_map(|component| component.installation.as_ref()?.alias.clone());
        assert_eq!(alias.as_deref(), Some("lodash3"), "{file}");
        transitive.insert(file, (dev.len(), rest.len()));
    }
    // yarn 4 lists what would build fsevents, besides.
    let berry = transitive.remove("berry.yarn.lock").expect("it was read");
    assert_eq!(berry.0, 27);
    assert!(
        transitive.values().all(|counts| *counts == (27, 134)),
        "{transitive:?}"
    );
}

#[test]
fn one_manifest_locked_by_every_tool_of_python_is_one_tree() {
    let files = [
        ("uv.lock", "uv.lock", "pyproject.toml"),
        ("poetry.lock", "poetry.lock", "pyproject.toml"),
        ("pylock.uv.toml", "pylock.toml", "pyproject.toml"),
        ("uv.requirements-hashes.txt", "requirements.txt", "pyproject.toml"),
    ];
    let mut found = BTreeMap::new();
    for (file, name, manifest) in files {
        let inventory = locked("py", file, name, &[manifest]);
        let [_, dev, rest] = packages(&inventory, name);
        found.insert(file, dev.union(&rest).cloned().collect::<Packages>());
        let hashed = inventory
            .iter()
            .all(|(_, component)| !component.hashes.is_empty());
        assert!(hashed, "{file} has a hash of every package");
    }
    let all: Vec<_> = found.values().collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{found:?}");
    assert_eq!(all[0].len(), 25);
    let flask = "flask@3.0.3 Required".to_owned();
    assert!(direct(&locked("py", "Pipfile.lock", "Pipfile.lock", &["Pipfile"])).contains(&flask));
}

/// The kind of lockfile that a folder of samples holds.
const SAMPLES: [(&str, &str); 11] = [
    ("bunlock", "bun.lock"),
    ("cargolock", "Cargo.lock"),
    ("packagelockjson", "package-lock.json"),
    ("pdmlock", "pdm.lock"),
    ("pipfilelock", "Pipfile.lock"),
    ("pnpmlock", "pnpm-lock.yaml"),
    ("poetrylock", "poetry.lock"),
    ("pylock", "pylock.toml"),
    ("requirements", "requirements.txt"),
    ("uvlock", "uv.lock"),
    ("yarnlock", "yarn.lock"),
];

fn samples(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            found.extend(samples(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read_sample(path: &Path, name: &str) -> Result<Tree, String> {
    let bytes = fs::read(path).expect("a readable file");
    let format = Format::of(name).expect("a kind of lockfile");
    format.read(&bytes, &Alone).map_err(|error| error.to_string())
}

#[test]
fn what_is_no_lockfile_is_refused_with_its_place_and_all_else_is_read() {
    let mut refused = Vec::new();
    let mut count = 0;
    for (folder, name) in SAMPLES {
        for path in samples(&data::unpacked().join("lockfiles").join(folder)) {
            count += 1;
            match read_sample(&path, name) {
                Ok(tree) => check_tree(&path, &tree),
                Err(error) => {
                    let file = path.file_name().expect("a name").to_string_lossy().into_owned();
                    refused.push(format!("{folder}/{file}: {error}"));
                }
            }
        }
    }
    assert!(count > 110, "{count} samples");
    insta::assert_snapshot!(refused.join("\n"));
}

/// What every tree holds to, whatever it was read from.
fn check_tree(path: &Path, tree: &Tree) {
    let whose = path.display();
    let roots = tree
        .nodes
        .iter()
        .filter(|node| node.kind == NodeKind::Root)
        .count();
    assert_eq!(roots, 1, "{whose}: one project");
    for edge in &tree.edges {
        assert!(
            edge.from < tree.nodes.len() && edge.to < tree.nodes.len(),
            "{whose}: {edge:?}"
        );
    }
    for node in &tree.nodes {
        assert!(
            node.kind != NodeKind::Package || !node.name.is_empty(),
            "{whose}: {node:?}"
        );
    }
}

/// Tools' own fixtures, cut off, cut out and with bytes replaced: nothing panics, and what is left is a tree.
#[test]
fn damaged_lockfiles_never_panic() {
    for (folder, name) in SAMPLES {
        let format = Format::of(name).expect("a kind of lockfile");
        for path in samples(&data::unpacked().join("lockfiles").join(folder)) {
            let bytes = fs::read(&path).expect("a readable file");
            let bytes = &bytes[..bytes.len().min(4_000)];
            let step = (bytes.len() / 40).max(1);
            for at in (0..bytes.len()).step_by(step) {
                let mut hole = bytes.to_vec();
                hole.drain(at..(at + 7).min(bytes.len()));
                let mut flipped = bytes.to_vec();
                flipped[at] ^= 0x15;
                for damaged in [&bytes[..at], &hole, &flipped] {
                    if let Ok(tree) = format.read(damaged, &Alone) {
                        check_tree(&path, &tree);
                    }
                }
            }
        }
    }
}
