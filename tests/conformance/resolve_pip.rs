//! pip's own answers for real projects, and ours, from the index as it was recorded.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use clock::Timestamp;
use ecosystems::pypi::environment::{Environment, PythonVersion};
use ecosystems::pypi::resolve::{PypiResolver, Settings};
use ecosystems::resolve::{Answer, Files, Request, run};
use ecosystems::tree::{NodeKind, Tree};
use serde_json::Value;

use super::data;
use super::recorded::{self, Registry, Shuffle};

/// The moment at which the oracle was asked.
const NOW: &str = "2026-11-23T21:51:00Z";
/// What pip was given.
const INPUT: &str = "requirements.flat.in";

/// A page, or the metadata that was recorded for a release, as the headers that it had.
fn answer(registry: &Registry, request: &Request) -> Answer {
    match request {
        Request::Package { name, .. } => registry
            .get(&format!("simple/{name}.json"))
            .map_or(Answer::Absent, |bytes| Answer::Found(bytes.clone())),
        Request::Release { name, version, .. } => registry
            .get(&format!("metadata/{name}-{version}.json"))
            .map_or(Answer::Absent, |bytes| Answer::Found(headers(bytes).into())),
    }
}

fn headers(recorded: &[u8]) -> Vec<u8> {
    let recorded: Value = serde_json::from_slice(recorded).expect("recorded metadata");
    let mut text = String::new();
    for (key, name) in [
        ("requires_dist", "Requires-Dist"),
        ("provides_extra", "Provides-Extra"),
    ] {
        for value in recorded[key]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    match recorded["trust"].as_str() {
        Some("none") => text.push_str("X-Plumbline-Trust: unknown\n"),
        Some(_) => text.push_str("X-Plumbline-Trust: build\n"),
        None => {}
    }
    text.into_bytes()
}

fn files(case: &Path) -> Files {
    let project = recorded::project(case, |_| true).into_iter();
    let mut files: Files = project
        .map(|(path, bytes)| (format!("project/{path}"), bytes))
        .collect();
    let input = fs::read(case.join(INPUT)).expect("what pip was given");
    files.insert(INPUT.to_owned(), input.into());
    files
}

fn settings(python: &str, cutoff: &str) -> Settings {
    Settings {
        environment: Some(Environment {
            python: PythonVersion::parse(python).expect("a version of Python"),
            ..Environment::default()
        }),
        cutoff: Some(cutoff.parse::<Timestamp>().expect("a moment")),
        ..Settings::default()
    }
}

fn resolve(case: &Path, settings: Settings, registry: &Registry) -> Tree {
    let mut resolver = PypiResolver::new(&files(case), INPUT, settings);
    run(&mut resolver, |request| answer(registry, request))
}

/// `name==version` of everything that would be installed, and `name → name` of every edge.
fn outcome(tree: &Tree) -> (Vec<String>, Vec<String>) {
    let packages = tree.nodes.iter().filter(|node| node.kind == NodeKind::Package);
    let ids: BTreeSet<_> = packages
        .map(|node| format!("{}=={}", node.name, node.version.as_deref().unwrap_or("?")))
        .collect();
    let edges = tree.edges.iter().filter(|edge| edge.from != 0);
    let edges: BTreeSet<_> = edges
        .map(|edge| format!("{} → {}", tree.nodes[edge.from].name, tree.nodes[edge.to].name))
        .collect();
    (ids.into_iter().collect(), edges.into_iter().collect())
}

/// What pip reported.
fn reported(graph: &Value) -> (Vec<String>, Vec<String>) {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let nodes = graph["nodes"].as_array().expect("nodes").iter();
    let ids: BTreeSet<_> = nodes
        .map(|node| format!("{}=={}", text(&node["name"]), text(&node["version"])))
        .collect();
    let edges = graph["edges"].as_array().expect("edges").iter();
    let edges: BTreeSet<_> = edges
        .map(|edge| format!("{} → {}", text(&edge[0]), text(&edge[1])))
        .collect();
    (ids.into_iter().collect(), edges.into_iter().collect())
}

/// What uv pinned.
fn pinned(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("what uv wrote");
    let lines = text
        .lines()
        .filter(|line| line.contains("==") && !line.trim_start().starts_with('#'));
    let pins: BTreeSet<_> = lines
        .map(|line| line.split_whitespace().next().expect("a pin").to_owned())
        .collect();
    pins.into_iter().collect()
}

/// What a gap in a package's metadata may have hidden: what is missing, and nothing else, is not held against us.
fn without_hidden(tree: &Tree, differences: Vec<String>) -> Vec<String> {
    let has_hole = tree.gaps.iter().any(|gap| gap.code == "incomplete_metadata");
    let is_missing = |line: &String| line.starts_with("id missing") || line.starts_with("edge missing");
    differences
        .into_iter()
        .filter(|line| !(has_hole && is_missing(line)))
        .collect()
}

#[test]
fn every_project_resolves_as_pip_resolves_it() {
    let registry = recorded::registry("pip");
    let mut wrong = Vec::new();
    let mut compared = 0;
    for case in recorded::cases("pip") {
        let path = case.join("expected/now.pip.graph.json");
        if !path.exists() {
            continue;
        }
        let graph = data::json(&path);
        let python = graph["environment"]["python_full_version"]
            .as_str()
            .expect("a version");
        let tree = resolve(&case, settings(python, NOW), &registry);
        let (ids, edges) = outcome(&tree);
        let (want_ids, want_edges) = reported(&graph);
        let mut differences = recorded::difference("id", &want_ids, &ids);
        differences.extend(recorded::difference("edge", &want_edges, &edges));
        let mut differences = without_hidden(&tree, differences);
        let gaps = tree.gaps.iter().filter(|gap| gap.code != "incomplete_metadata");
        differences.extend(gaps.map(|gap| format!("gap {}: {}", gap.code, gap.text)));
        compared += 1;
        if !differences.is_empty() {
            wrong.push(format!(
                "{}:\n    {}",
                recorded::name(&case),
                differences.join("\n    ")
            ));
        }
    }
    assert!(compared >= 8, "{compared} projects compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// pip was not asked about these, so what they need was recorded in part: what is there agrees with uv.
#[test]
fn another_interpreter_and_an_earlier_moment_give_what_uv_gives() {
    let registry = recorded::registry("pip");
    for (case, expected, python, moment, at_least) in [
        ("fastapi-template", "now.uv.txt", "3.14.0", NOW, 50),
        (
            "flask",
            "before-2026-09-01.uv.txt",
            "3.11.0",
            "2026-09-01T00:00:00Z",
            35,
        ),
    ] {
        let case = data::unpacked().join("resolve/pip").join(case);
        let tree = resolve(&case, settings(python, moment), &registry);
        let (ids, _) = outcome(&tree);
        assert!(
            ids.len() > at_least,
            "{} packages of {}",
            ids.len(),
            case.display()
        );
        let differences = recorded::difference("id", &pinned(&case.join("expected").join(expected)), &ids);
        let extra: Vec<_> = differences
            .into_iter()
            .filter(|line| line.contains("extra:"))
            .collect();
        assert!(extra.is_empty(), "{}:\n{}", case.display(), extra.join("\n"));
    }
}

/// A package of which only a build would tell the dependencies is named, and its are left out.
#[test]
fn what_only_a_build_would_tell_is_a_gap() {
    let registry = recorded::registry("pip");
    let case = data::unpacked().join("resolve/pip/httpie");
    let tree = resolve(&case, settings("3.11.7", NOW), &registry);
    let gaps: Vec<_> = tree
        .gaps
        .iter()
        .map(|gap| (gap.code.as_str(), gap.place.as_str()))
        .collect();
    assert_eq!(gaps, [("incomplete_metadata", "flasgger 0.9.7.1")]);
}

#[test]
fn where_pip_refuses_the_rest_is_resolved_and_the_conflict_named() {
    let registry = recorded::registry("pip");
    for (case, words, at_least) in [
        ("black", ["sphinx==9.1.0", "Python"], 30),
        ("synth-unsat", ["django", "djangorestframework"], 3),
    ] {
        let case = data::unpacked().join("resolve/pip").join(case);
        let tree = resolve(&case, settings("3.11.7", NOW), &registry);
        let named = tree.gaps.iter().filter(|gap| gap.code == "unsatisfiable");
        let named: Vec<_> = named
            .filter(|gap| words.iter().all(|word| gap.text.contains(word)))
            .collect();
        assert_eq!(named.len(), 1, "{}: {:#?}", case.display(), tree.gaps);
        assert!(tree.nodes.len() > at_least, "{} nodes", tree.nodes.len());
    }
}

#[test]
fn the_tree_does_not_depend_on_the_order_of_documents() {
    let registry = recorded::registry("pip");
    for case in recorded::cases("pip") {
        let expected = format!("{:?}", resolve(&case, settings("3.11.7", NOW), &registry));
        for seed in 0..3 {
            let mut resolver = PypiResolver::new(&files(&case), INPUT, settings("3.11.7", NOW));
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
