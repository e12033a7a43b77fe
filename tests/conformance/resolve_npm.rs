//! What npm made of real projects from a recorded registry, and what we make of them: every place, every edge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ecosystems::npm::resolve::{Environment, Options, Packument, Project, Resolution, Resolver, parse_time};
use ecosystems::npm::{Mode, Range};
use ecosystems::resolve::{Answer, Request, run};
use ecosystems::tree::{EdgeKind, NodeKind, Tree};
use serde_json::Value;

use super::data;
use super::recorded::{self, Registry, Shuffle};

/// The tool that made the truth.
fn environment() -> Environment {
    Environment {
        node: "20.20.2".to_owned(),
        npm: "11.19.1".to_owned(),
        before: None,
    }
}

fn options() -> Options {
    Options {
        environment: environment(),
        ..Options::default()
    }
}

/// The options of a run by its name in the oracle.
fn options_of(run: &str) -> Options {
    let mut options = options();
    match run {
        "now" => {}
        "legacy" => options.legacy_peer_deps = true,
        "force" => options.force = true,
        other => {
            let date = other
                .strip_prefix("before-")
                .unwrap_or_else(|| panic!("an unknown run: {other}"));
            options.environment.before = parse_time(date);
        }
    }
    options
}

/// The recorded registry, unpacked once for all tests.
fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| recorded::registry("npm"))
}

fn project(case: &Path) -> Project {
    Project::of(&recorded::project(case, |name| name == "package.json"), "")
}

fn answer(registry: &Registry, request: &Request) -> Answer {
    let file = format!("{}.json", request.name().replace('/', "%2f"));
    registry
        .get(&file)
        .map_or(Answer::Absent, |bytes| Answer::Found(bytes.clone()))
}

fn resolve(registry: &Registry, project: &Project, options: Options) -> Resolution {
    let mut resolver = Resolver::new(project, options).expect("a readable project");
    let _ = run(&mut resolver, |request| answer(registry, request));
    resolver.resolution().expect("a tree").clone()
}

/// The runs of a case that ended with a lockfile.
fn runs(case: &Path) -> Vec<String> {
    let expected = case.join("expected");
    let files = std::fs::read_dir(expected).expect("the expected results are there");
    let names = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
    let mut runs: Vec<_> = names
        .filter_map(|name| Some(name.strip_suffix(".graph.json")?.to_owned()))
        .collect();
    runs.sort();
    runs
}

/// What npm made: the lockfile, and which of its entries come out of archives, which are not opened here.
struct Truth {
    lock: Value,
    graph: Value,
    bundlers: Vec<String>,
}

impl Truth {
    fn read(case: &Path, run: &str) -> Self {
        let file = |end: &str| data::json(&case.join("expected").join(format!("{run}.{end}.json")));
        let lock = file("package-lock");
        let has_bundle = |entry: &Value| {
            entry["bundleDependencies"]
                .as_array()
                .is_some_and(|list| !list.is_empty())
        };
        let packages = lock["packages"].as_object().expect("packages");
        let bundlers = packages
            .iter()
            .filter(|(location, entry)| !location.is_empty() && has_bundle(entry));
        let bundlers = bundlers
            .map(|(location, _)| format!("{location}/node_modules/"))
            .collect();
        Self {
            graph: file("graph"),
            bundlers,
            lock,
        }
    }

    /// Whether an edge can be told without opening archives.
    fn counts_edge(&self, from: &str, to: &str) -> bool {
        let opens = self
            .bundlers
            .iter()
            .any(|bundler| bundler.strip_suffix("/node_modules/") == Some(from));
        !opens && self.counts(from) && self.counts(to)
    }

    fn counts(&self, location: &str) -> bool {
        !self.bundlers.iter().any(|bundler| location.starts_with(bundler))
    }

    fn packages(&self) -> impl Iterator<Item = (&str, &Value)> {
        let packages = self.lock["packages"].as_object().expect("packages");
        packages
            .iter()
            .map(|(location, entry)| (location.as_str(), entry))
            .filter(|(location, _)| self.counts(location))
    }

    /// `place name@version flags` of every package.
    fn places(&self) -> BTreeSet<String> {
        let of = |(location, entry): (&str, &Value)| {
            let installed = location.rsplit_once("node_modules/").map_or("", |(_, name)| name);
            let name = if installed.is_empty() {
                ""
            } else {
                entry["name"].as_str().unwrap_or(installed)
            };
            let flag = |key: &str| entry[key].as_bool().unwrap_or_default();
            let flags = [flag("dev"), flag("optional") || flag("devOptional"), flag("peer")];
            place(location, name, entry["version"].as_str(), flags)
        };
        self.packages()
            .filter(|(_, entry)| entry["link"] != true)
            .map(of)
            .collect()
    }

    fn links(&self) -> BTreeSet<String> {
        let links = self.packages().filter(|(_, entry)| entry["link"] == true);
        links
            .map(|(location, entry)| {
                format!("{location} → {}", entry["resolved"].as_str().unwrap_or_default())
            })
            .collect()
    }

    fn edges(&self) -> BTreeSet<String> {
        let edges = self.graph["edges"].as_array().expect("edges");
        let text = |edge: &Value, index: usize| edge[index].as_str().expect("a text").to_owned();
        let edges = edges
            .iter()
            .map(|edge| (text(edge, 0), text(edge, 1), text(edge, 3)));
        let edges = edges.filter(|(from, to, _)| self.counts_edge(from, to));
        edges
            .map(|(from, to, kind)| format!("{from} → {to} {kind}"))
            .collect()
    }
}

fn place(location: &str, name: &str, version: Option<&str>, flags: [bool; 3]) -> String {
    let words = ["dev", "optional", "peer"].iter().zip(flags);
    let words: String = words
        .filter(|(_, set)| *set)
        .map(|(word, _)| format!(" {word}"))
        .collect();
    format!("{location} {name}@{}{words}", version.unwrap_or("?"))
}

fn places(truth: &Truth, tree: &Tree) -> BTreeSet<String> {
    let nodes = tree.nodes.iter();
    nodes
        .filter(|node| truth.counts(node.location.as_deref().unwrap_or_default()))
        .map(|node| {
            let location = node
                .location
                .as_deref()
                .expect("every package of npm has a place");
            let name = if node.kind == NodeKind::Package {
                node.name.as_str()
            } else {
                ""
            };
            let flags = [node.flags.dev, node.flags.optional, node.flags.peer];
            place(location, name, node.version.as_deref(), flags)
        })
        .collect()
}

fn edges(truth: &Truth, tree: &Tree) -> BTreeSet<String> {
    let location = |node: usize| tree.nodes[node].location.as_deref().unwrap_or_default();
    let real = tree.edges.iter().filter(|edge| edge.kind != EdgeKind::Member);
    let real = real.filter(|edge| truth.counts_edge(location(edge.from), location(edge.to)));
    real.map(|edge| {
        format!(
            "{} → {} {}",
            location(edge.from),
            location(edge.to),
            kind(edge.kind)
        )
    })
    .collect()
}

fn kind(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Normal | EdgeKind::Build => "prod",
        EdgeKind::Dev => "dev",
        EdgeKind::Optional => "optional",
        EdgeKind::Peer => "peer",
        EdgeKind::PeerOptional => "peerOptional",
        EdgeKind::Member => "workspace",
    }
}

/// What differs, as lines to read.
fn differences(expected: &BTreeSet<String>, actual: &BTreeSet<String>) -> Vec<String> {
    let missing = expected.difference(actual).map(|line| format!("missing: {line}"));
    let extra = actual.difference(expected).map(|line| format!("extra: {line}"));
    missing.chain(extra).collect()
}

fn check(truth: &Truth, resolution: &Resolution) -> Vec<String> {
    let links = resolution
        .links
        .iter()
        .map(|link| format!("{} → {}", link.location, link.target))
        .collect();
    let mut found = differences(&truth.places(), &places(truth, &resolution.tree));
    found.extend(differences(&truth.links(), &links));
    found.extend(differences(&truth.edges(), &edges(truth, &resolution.tree)));
    found
}

#[test]
fn every_place_and_edge_is_the_one_that_npm_chose() {
    let registry = registry();
    let mut failures = BTreeMap::new();
    let mut count = 0;
    for case in recorded::cases("npm") {
        for run in runs(&case) {
            let resolution = resolve(registry, &project(&case), options_of(&run));
            let found = check(&Truth::read(&case, &run), &resolution);
            count += 1;
            if !found.is_empty() {
                let shown: Vec<_> = found.iter().take(10).collect();
                failures.insert(
                    format!("{} {run}", recorded::name(&case)),
                    format!("{} lines, {shown:#?}", found.len()),
                );
            }
        }
    }
    assert!(count >= 10, "only {count} runs were compared");
    assert!(failures.is_empty(), "{failures:#?}");
}

fn case(name: &str) -> PathBuf {
    let cases = recorded::cases("npm").into_iter();
    cases
        .into_iter()
        .find(|case| recorded::name(case) == name)
        .expect("the case is there")
}

/// The codes in a list of notices, with where they are.
fn codes(notices: &[inventory::Notice]) -> Vec<(&str, &str)> {
    notices
        .iter()
        .map(|notice| (notice.code.as_str(), notice.place.as_str()))
        .collect()
}

#[test]
fn where_npm_gives_up_the_tree_goes_on_and_says_why() {
    let registry = registry();
    let of = |name: &str| resolve(registry, &project(&case(name)), options());

    let missing = of("juice-shop");
    assert_eq!(
        codes(&missing.tree.gaps),
        [("version_missing", "/devDependencies/cypress")]
    );
    assert!(
        missing.tree.gaps[0].text.contains("cypress"),
        "{:?}",
        missing.tree.gaps
    );
    assert!(missing.tree.nodes.len() > 1000);

    let archive = of("electron-react-boilerplate");
    let gaps = codes(&archive.tree.gaps);
    assert!(
        gaps.iter()
            .any(|(code, _)| *code == "git_dependency" || *code == "remote_archive"),
        "{gaps:?}"
    );
    assert!(archive.tree.nodes.len() > 1000);

    let conflict = of("synth-peer-conflict");
    assert!(
        codes(&conflict.tree.notices).contains(&("peer_conflict", "node_modules/@testing-library/react")),
        "{:?}",
        conflict.tree.notices
    );
    assert_eq!(conflict.tree.gaps, []);
    let truth = Truth::read(&case("synth-peer-conflict"), "force");
    assert_eq!(
        check(&truth, &conflict),
        Vec::<String>::new(),
        "the tree is the one of --force"
    );
}

#[test]
fn the_order_in_which_documents_come_does_not_show() {
    let registry = registry();
    let project = project(&case("sandworm-audit"));
    let plain = resolve(registry, &project, options()).tree;
    for seed in 1..=20 {
        let mut resolver = Resolver::new(&project, options()).expect("a readable project");
        let tree = recorded::run_shuffled(&mut resolver, &mut Shuffle::new(seed), |request| {
            answer(registry, request)
        });
        assert!(tree == plain, "seed {seed} gives another tree");
        assert_eq!(format!("{tree:?}"), format!("{plain:?}"), "seed {seed}");
    }
}

#[test]
fn every_requirement_is_satisfied_or_said_to_be_overruled() {
    let registry = registry();
    let loose = Mode {
        loose: true,
        include_prerelease: false,
    };
    for case in recorded::cases("npm") {
        let project = project(&case);
        if project.manifests[""].contains("\"overrides\"") {
            continue;
        }
        let tree = resolve(registry, &project, options()).tree;
        let overruled: BTreeSet<&str> = tree
            .notices
            .iter()
            .filter(|notice| notice.code == "peer_overruled")
            .map(|notice| notice.place.as_str())
            .collect();
        for edge in &tree.edges {
            let wanted = edge.requirement.as_deref().unwrap_or("*");
            let wanted = wanted.strip_prefix("npm:").map_or(wanted, |alias| {
                alias[1..].split_once('@').map_or("*", |(_, spec)| spec)
            });
            let (Ok(range), Some(version)) = (
                Range::parse(wanted, loose),
                tree.nodes[edge.to].version.as_deref(),
            ) else {
                continue;
            };
            let from = tree.nodes[edge.from].location.as_deref().unwrap_or_default();
            let is_any = matches!(wanted, "*" | "");
            let is_said =
                overruled.contains(from) || tree.notices.iter().any(|notice| notice.code == "peer_conflict");
            assert!(
                is_any || range.satisfied_by(version) || is_said,
                "{}: {from} asks for {wanted} and gets {version}",
                recorded::name(&case)
            );
        }
    }
}

#[test]
fn what_is_not_brought_is_a_gap_and_no_end() {
    let project = project(&case("express"));
    let mut resolver = Resolver::new(&project, options()).expect("a readable project");
    let tree = run(&mut resolver, |_| {
        Answer::Failed("the network is down".to_owned())
    });
    assert!(
        tree.gaps.len() > 20 && tree.gaps.iter().all(|gap| gap.code == "registry_unread"),
        "{:?}",
        tree.gaps
    );
    assert!(tree.nodes.iter().skip(1).all(|node| node.version.is_none()));
}

#[test]
fn what_a_cache_keeps_of_documents_gives_the_same_tree() {
    let registry = registry();
    let project = project(&case("nest-starter"));
    let mut resolver = Resolver::new(&project, options()).expect("a readable project");
    let (mut whole, mut kept) = (0, 0);
    let tree = run(&mut resolver, |request| match answer(registry, request) {
        Answer::Found(bytes) => {
            whole += bytes.len();
            let reduced = Packument::read(bytes).expect("a packument").reduce().into_bytes();
            kept += reduced.len();
            Answer::Found(reduced.into())
        }
        other => other,
    });
    assert!(tree == resolve(registry, &project, options()).tree);
    assert!(kept <= whole, "{kept} bytes are kept of {whole}");
}
