//! Small worlds, each with one thing that Cargo decides in its own way.

use std::collections::BTreeMap;

use super::*;
use crate::resolve::run;
use crate::tree::{EdgeKind, NodeKind};

/// Index lines: `a 1.0.0 -> b ^1, c? ^1 +x` with marks after `|`.
///
/// `?` is an optional dependency, `+x` asks for a feature, `-d` leaves the default out. Marks: `yanked`, `rust=1.80`,
/// `links=z`, `at=DATE`, `feature:NAME=value,value`.
fn index(text: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::<String, String>::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (line, marks) = line.split_once('|').unwrap_or((line, ""));
        let (release, needs) = line.split_once("->").unwrap_or((line, ""));
        let (name, version) = release.trim().split_once(' ').expect("a name and a version");
        let needs: Vec<_> = needs
            .split(',')
            .map(str::trim)
            .filter(|need| !need.is_empty())
            .map(need)
            .collect();
        let mut release = serde_json::json!({"name": name, "vers": version, "deps": needs, "features": {}, "yanked": false, "cksum": "00"});
        for mark in marks.split_whitespace() {
            let (key, value) = mark.split_once('=').unwrap_or((mark, ""));
            match key {
                "yanked" => release["yanked"] = true.into(),
                "rust" => release["rust_version"] = value.into(),
                "links" => release["links"] = value.into(),
                "at" => release["pubtime"] = format!("{value}T00:00:00Z").into(),
                key => {
                    let feature = key.strip_prefix("feature:").expect("a mark");
                    let values: Vec<_> = value.split(',').filter(|value| !value.is_empty()).collect();
                    release["features"][feature] = values.into();
                }
            }
        }
        let file = files.entry(name.to_owned()).or_default();
        file.push_str(&format!("{release}\n"));
    }
    files
}

fn need(text: &str) -> serde_json::Value {
    let mut words = text.split(' ');
    let name = words.next().expect("a name");
    let requirement = words.next().expect("a requirement");
    let options: Vec<_> = words.collect();
    let features: Vec<_> = options
        .iter()
        .filter_map(|option| option.strip_prefix('+'))
        .collect();
    serde_json::json!({
        "name": name.trim_end_matches('?'),
        "req": requirement,
        "features": features,
        "optional": name.ends_with('?'),
        "default_features": !options.contains(&"-d"),
        "kind": "normal",
    })
}

fn tree(world: &str, files: &[(&str, &str)], options: &Options) -> Tree {
    let index = index(world);
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().into()))
        .collect();
    let mut resolver = CargoResolver::new(&files, "", options);
    run(&mut resolver, |request| match index.get(request.name()) {
        Some(text) => Answer::Found(text.as_bytes().into()),
        None => Answer::Absent,
    })
}

/// What is locked beside the project, and the codes of the gaps.
fn locked(world: &str, manifest: &str) -> String {
    let manifest = format!("[package]\nname = \"own\"\nversion = \"1.0.0\"\nedition = \"2021\"\n{manifest}");
    shown(&tree(world, &[("Cargo.toml", &manifest)], &Options::default()))
}

fn shown(tree: &Tree) -> String {
    let packages = tree.nodes.iter().filter(|node| node.kind == NodeKind::Package);
    let mut parts: Vec<_> = packages
        .map(|node| format!("{} {}", node.name, node.version.as_deref().unwrap_or("?")))
        .collect();
    parts.extend(tree.gaps.iter().map(|gap| gap.code.clone()));
    parts.join(", ")
}

#[test]
fn small_worlds_are_decided_as_cargo_decides_them() {
    for (what, world, manifest, expected) in [
        (
            "the newest that is compatible",
            "a 1.0.0\na 1.2.0\na 2.0.0",
            "[dependencies]\na = \"1\"",
            "a 1.2.0",
        ),
        (
            "zero versions are compatible in their minor",
            "a 0.1.9\na 0.2.0",
            "[dependencies]\na = \"0.1\"",
            "a 0.1.9",
        ),
        (
            "pre-releases have to be named",
            "a 1.0.0\na 1.1.0-rc.1",
            "[dependencies]\na = \"1\"",
            "a 1.0.0",
        ),
        (
            "one version in a range",
            "a 1.0.0 -> c =1.1.0\nb 1.0.0 -> c ^1\nc 1.1.0\nc 1.2.0",
            "[dependencies]\na = \"1\"\nb = \"1\"",
            "a 1.0.0, b 1.0.0, c 1.1.0",
        ),
        (
            "several in several ranges",
            "a 1.0.0 -> c ^1\nc 1.0.0\nc 2.0.0",
            "[dependencies]\na = \"1\"\nc = \"2\"",
            "a 1.0.0, c 1.0.0, c 2.0.0",
        ),
        (
            "an optional dependency by its own feature",
            "a 1.0.0 -> b? ^1\nb 1.0.0",
            "[dependencies]\na = { version = \"1\", features = [\"b\"] }",
            "a 1.0.0, b 1.0.0",
        ),
        (
            "an optional dependency that nobody wants",
            "a 1.0.0 -> b? ^1\nb 1.0.0",
            "[dependencies]\na = \"1\"",
            "a 1.0.0",
        ),
        (
            "a hidden one has no feature of its name",
            "a 1.0.0 -> b? ^1 | feature:x=dep:b\na 0.9.0",
            "[dependencies]\na = { version = \"1\", features = [\"b\"] }",
            "a ?, unsatisfiable",
        ),
        (
            "a weak feature locks the dependency all the same",
            "a 1.0.0 -> b? ^1 | feature:x=b?/y\nb 1.0.0 | feature:y=",
            "[dependencies]\na = { version = \"1\", features = [\"x\"] }",
            "a 1.0.0, b 1.0.0",
        ),
        (
            "default features unless left out",
            "a 1.0.0 -> b? ^1 | feature:default=b\nb 1.0.0",
            "[dependencies]\na = { version = \"1\", default-features = false }",
            "a 1.0.0",
        ),
        (
            "an older version that has the feature",
            "a 1.1.0\na 1.0.0 | feature:x=",
            "[dependencies]\na = { version = \"1\", features = [\"x\"] }",
            "a 1.0.0",
        ),
        (
            "withdrawn versions are passed over",
            "a 1.0.0\na 1.1.0 | yanked",
            "[dependencies]\na = \"1\"",
            "a 1.0.0",
        ),
        (
            "only withdrawn ones",
            "a 1.0.0 | yanked\na 1.1.0 | yanked",
            "[dependencies]\na = \"1\"",
            "a 1.1.0, yanked_only",
        ),
        (
            "an older parent before a withdrawn child",
            "a 1.1.0 -> b ^2\na 1.0.0 -> b ^1\nb 1.0.0\nb 2.0.0 | yanked",
            "[dependencies]\na = \"1\"",
            "a 1.0.0, b 1.0.0",
        ),
        (
            "a native library once",
            "a 1.1.0 | links=z\na 1.0.0\nb 1.0.0 | links=z",
            "[dependencies]\na = \"1\"\nb = \"1\"",
            "a 1.0.0, b 1.0.0",
        ),
        (
            "nothing of that name",
            "",
            "[dependencies]\na = \"1\"",
            "a ?, unsatisfiable",
        ),
        (
            "the rest of what cannot be",
            "a 1.0.0 -> b ^2, c ^1\nb 1.0.0\nc 1.0.0",
            "[dependencies]\na = \"1\"",
            "a 1.0.0, c 1.0.0, b ?, unsatisfiable",
        ),
        (
            "a repository",
            "",
            "[dependencies]\na = { git = \"https://example.org/a\" }",
            "a ?, git_dependency",
        ),
        (
            "another name",
            "a 1.0.0",
            "[dependencies]\nx = { package = \"a\", version = \"1\" }",
            "a 1.0.0",
        ),
        (
            "no requirement",
            "",
            "[dependencies]\na = \"one\"",
            "requirement_invalid",
        ),
        (
            "a path that leads out",
            "",
            "[dependencies]\na = { path = \"../a\" }",
            "a ?, path_outside",
        ),
        (
            "a path to nothing",
            "",
            "[dependencies]\na = { path = \"a\" }",
            "a ?, path_missing",
        ),
    ] {
        assert_eq!(locked(world, manifest), expected, "{what}");
    }
}

#[test]
fn compilers_are_a_preference() {
    let world = "a 1.0.0\na 1.1.0 | rust=1.70\na 1.2.0 | rust=1.90";
    for (resolver, rust, expected) in [
        ("3", "1.75", "a 1.1.0"),
        ("3", "1.60", "a 1.0.0"),
        ("2", "1.75", "a 1.2.0"),
    ] {
        let manifest =
            format!("rust-version = \"{rust}\"\nresolver = \"{resolver}\"\n[dependencies]\na = \"1\"");
        assert_eq!(locked(world, &manifest), expected, "{resolver} {rust}");
    }
    let only_new = "resolver = \"3\"\nrust-version = \"1.60\"\n[dependencies]\na = \"=1.2.0\"";
    assert_eq!(locked(world, only_new), "a 1.2.0", "nothing else would do");
}

#[test]
fn releases_after_the_cut_off_do_not_exist() {
    let world = "a 1.0.0 | at=2024-01-01\na 1.1.0 | at=2025-01-01\na 1.2.0";
    let manifest = "[package]\nname = \"own\"\n[dependencies]\na = \"<1.2\"\n";
    let options = Options {
        cutoff: Some("2024-06-01T00:00:00Z".parse().unwrap()),
        ..Options::default()
    };
    let tree = tree(world, &[("Cargo.toml", manifest)], &options);
    assert_eq!(shown(&tree), "a 1.0.0");
    assert!(
        tree.environment
            .contains(&("cutoff".to_owned(), "2024-06-01T00:00:00Z".to_owned()))
    );
}

#[test]
fn a_workspace_has_its_members_and_what_they_inherit() {
    let root = "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"crates/not\"]\nresolver = \"2\"\n[workspace.package]\nversion = \"3.0.0\"\nlicense = \"MIT\"\n[workspace.dependencies]\na = { version = \"1\", default-features = false }\n[patch.crates-io]\nb = { path = \"patched\" }\n";
    let one = "[package]\nname = \"one\"\nversion.workspace = true\nlicense.workspace = true\n[dependencies]\na = { workspace = true, features = [\"x\"] }\ntwo = { path = \"../../side/two\" }\n[dev-dependencies]\nd = \"1\"\n[target.'cfg(windows)'.dependencies]\nw = \"1\"\n";
    let two = "[package]\nname = \"two\"\nversion = \"0.1.0\"\n[dependencies]\nb = \"1\"\n[dev-dependencies]\ne = \"1\"\n";
    let patched = "[package]\nname = \"b\"\nversion = \"1.5.0\"\n[dev-dependencies]\nnever = \"1\"\n";
    let files = [
        ("Cargo.toml", root),
        ("crates/one/Cargo.toml", one),
        ("crates/not/Cargo.toml", "[package]\nname = \"not\"\n"),
        ("side/two/Cargo.toml", two),
        ("patched/Cargo.toml", patched),
    ];
    let world =
        "a 1.0.0 -> c? ^1 | feature:default=c feature:x=\nb 1.9.0\nc 1.0.0\nd 1.0.0\ne 1.0.0\nw 1.0.0";
    let tree = tree(world, &files, &Options::default());
    assert_eq!(tree.gaps, []);
    let members: Vec<_> = tree
        .nodes
        .iter()
        .filter(|node| node.kind == NodeKind::Member)
        .collect();
    let names: Vec<_> = members
        .iter()
        .map(|node| (node.name.as_str(), node.version.as_deref()))
        .collect();
    assert_eq!(names, [("one", Some("3.0.0")), ("two", Some("0.1.0"))]);
    assert_eq!(members[0].license.as_deref(), Some("MIT"));
    assert_eq!(shown(&tree), "a 1.0.0, b 1.5.0, d 1.0.0, e 1.0.0, w 1.0.0");
    let node = |name: &str| tree.nodes.iter().find(|node| node.name == name).unwrap();
    assert!(node("d").flags.dev && !node("a").flags.dev);
    assert_eq!(node("w").condition.as_deref(), Some("cfg(windows)"));
    assert_eq!(tree.nodes[0].kind, NodeKind::Root);
    let inner = tree
        .edges
        .iter()
        .filter(|edge| edge.kind == EdgeKind::Member)
        .count();
    assert_eq!(inner, 2);
}

#[test]
fn what_is_no_manifest_is_said() {
    let codes = |files: &[(&str, &str)]| {
        let tree = tree("", files, &Options::default());
        tree.gaps.into_iter().map(|gap| gap.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&[]), ["manifest_missing"]);
    assert_eq!(codes(&[("Cargo.toml", "[package\n")]), ["manifest_invalid"]);
    assert_eq!(
        codes(&[("Cargo.toml", "[workspace]\nmembers = [\"a\", \"../b\"]\n")]),
        ["member_missing", "path_outside"]
    );
    assert_eq!(
        codes(&[(
            "Cargo.toml",
            "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\n"
        )]),
        ["inheritance_missing"]
    );
}
