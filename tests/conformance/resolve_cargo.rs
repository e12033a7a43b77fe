//! Cargo's own answers for real workspaces, and ours, from the registry as it was recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use clock::Timestamp;
use ecosystems::cargo::resolve::{CargoResolver, Options};
use ecosystems::resolve::{Answer, Files, Request, run};
use ecosystems::tree::Tree;

use super::recorded::{self, Registry, Shuffle};

/// The moment at which the oracle was asked.
const NOW: &str = "2026-11-23T21:46:00Z";

fn is_manifest(name: &str) -> bool {
    matches!(
        name,
        "Cargo.toml" | "rust-toolchain" | "rust-toolchain.toml" | "config.toml"
    )
}

/// Where the sparse index has a crate's file.
fn answer(registry: &Registry, request: &Request) -> Answer {
    let path = ecosystems::cargo::index_path(request.name());
    registry
        .get(&path)
        .map_or(Answer::Absent, |bytes| Answer::Found(bytes.clone()))
}

fn options(cutoff: &str) -> Options {
    Options {
        cutoff: Some(cutoff.parse::<Timestamp>().expect("a moment")),
        ..Options::default()
    }
}

fn resolve(files: &Files, cutoff: &str, registry: &Registry) -> Tree {
    let mut resolver = CargoResolver::new(files, "", &options(cutoff));
    run(&mut resolver, |request| answer(registry, request))
}

/// Ids and edges of a `Cargo.lock`.
fn locked(path: &Path) -> (Vec<String>, Vec<String>) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let table: toml::Table = text.parse().expect("a lockfile");
    let packages: Vec<(String, String, Vec<String>)> = table["package"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| {
            let text = |key: &str| package[key].as_str().expect("a text").to_owned();
            let dependencies = package.get("dependencies").and_then(toml::Value::as_array);
            let dependencies = dependencies.into_iter().flatten().filter_map(toml::Value::as_str);
            (
                text("name"),
                text("version"),
                dependencies.map(str::to_owned).collect(),
            )
        })
        .collect();
    let mut versions = BTreeMap::<&str, Vec<&str>>::new();
    for (name, version, _) in &packages {
        versions.entry(name).or_default().push(version);
    }
    let edges: BTreeSet<_> = packages
        .iter()
        .flat_map(|(name, version, dependencies)| {
            dependencies
                .iter()
                .map(|dependency| {
                    let mut words = dependency.split(' ');
                    let to = words.next().unwrap_or_default();
                    let at = words.next().unwrap_or_else(|| versions[to][0]);
                    format!("{name} {version} → {to} {at}")
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let ids: BTreeSet<_> = packages
        .iter()
        .map(|(name, version, _)| format!("{name} {version}"))
        .collect();
    (ids.into_iter().collect(), edges.into_iter().collect())
}

/// The lockfiles that Cargo wrote for a case, each with the moment that it was asked for.
fn expectations(case: &Path) -> Vec<(String, std::path::PathBuf)> {
    let folder = case.join("expected");
    let names = fs::read_dir(&folder).expect("expectations").flatten();
    names
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let stem = name.strip_suffix(".Cargo.lock")?;
            let moment = match stem.strip_prefix("publish-time-") {
                Some(date) => format!("{date}T00:00:00Z"),
                None => NOW.to_owned(),
            };
            Some((moment, folder.join(&name)))
        })
        .collect()
}

#[test]
fn every_workspace_resolves_as_cargo_resolves_it() {
    let registry = recorded::registry("cargo");
    let cases = recorded::cases("cargo");
    assert!(cases.len() >= 9, "the oracle's cases are there");
    let mut wrong = Vec::new();
    let mut compared = 0;
    for case in &cases {
        let files = recorded::project(case, is_manifest);
        for (moment, lockfile) in expectations(case) {
            let tree = resolve(&files, &moment, &registry);
            let (ids, edges) = recorded::ids_and_edges(&tree);
            let (want_ids, want_edges) = locked(&lockfile);
            let mut differences = recorded::difference("id", &want_ids, &ids);
            differences.extend(recorded::difference("edge", &want_edges, &edges));
            // What the tool never asked for at the oracle's moment was not recorded for earlier ones.
            let unrecorded = |line: &String| {
                let name = line.split(' ').rev().nth(1).unwrap_or_default();
                moment != NOW && !registry.contains_key(&ecosystems::cargo::index_path(name))
            };
            differences.retain(|line| !unrecorded(line));
            let gaps = tree.gaps.iter().filter(|_| moment == NOW);
            differences.extend(gaps.map(|gap| format!("gap {}: {}", gap.code, gap.text)));
            compared += 1;
            if !differences.is_empty() {
                wrong.push(format!(
                    "{} at {moment}:\n    {}",
                    recorded::name(case),
                    differences.join("\n    ")
                ));
            }
        }
    }
    assert!(compared >= 8, "{compared} lockfiles compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Cargo refuses these: a dependency of theirs has been withdrawn since.
#[test]
fn where_cargo_refuses_the_rest_is_resolved_and_the_reason_named() {
    let registry = recorded::registry("cargo");
    let refused: Vec<_> = recorded::cases("cargo")
        .into_iter()
        .filter(|case| expectations(case).is_empty())
        .collect();
    assert!(refused.len() >= 2, "{refused:?}");
    for case in refused {
        let said = fs::read_to_string(case.join("expected/now.stderr.txt")).expect("what Cargo said");
        assert!(said.contains("is yanked"), "{said}");
        let tree = resolve(&recorded::project(&case, is_manifest), NOW, &registry);
        let (yanked, others): (Vec<_>, Vec<_>) = tree.gaps.iter().partition(|gap| gap.code == "yanked_only");
        let [gap] = yanked.as_slice() else {
            panic!("{}: {:#?}", case.display(), tree.gaps);
        };
        assert!(
            gap.text.contains("bisync") && gap.place.contains("gix-protocol"),
            "{gap:?}"
        );
        // What Cargo never came to ask for was not recorded.
        for gap in others {
            let name = gap.text.split(['`', ' ']).nth(1).expect("a name");
            let recorded = registry.contains_key(&ecosystems::cargo::index_path(name));
            assert!(
                gap.code == "unsatisfiable" && !recorded,
                "{}: {gap:?}",
                case.display()
            );
        }
        assert!(tree.nodes.len() > 150, "{} nodes", tree.nodes.len());
        let chosen = tree
            .nodes
            .iter()
            .find(|node| node.name == "bisync")
            .expect("bisync");
        assert_eq!(
            (chosen.version.as_deref(), chosen.yanked),
            (Some("0.3.1"), Some(true)),
            "the highest of the withdrawn"
        );
    }
}

#[test]
fn the_tree_does_not_depend_on_the_order_of_documents() {
    let registry = recorded::registry("cargo");
    for case in recorded::cases("cargo")
        .iter()
        .filter(|case| !case.ends_with("cargo"))
    {
        let files = recorded::project(case, is_manifest);
        let expected = format!("{:?}", resolve(&files, NOW, &registry));
        for seed in 0..3 {
            let mut resolver = CargoResolver::new(&files, "", &options(NOW));
            let mut shuffle = Shuffle::new(seed);
            let tree =
                recorded::run_shuffled(&mut resolver, &mut shuffle, |request| answer(&registry, request));
            assert!(
                format!("{tree:?}") == expected,
                "{} with seed {seed}",
                case.display()
            );
        }
    }
}
