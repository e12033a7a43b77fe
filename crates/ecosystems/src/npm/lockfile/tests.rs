use std::collections::BTreeMap;

use inventory::Source;

use crate::lockfile::{Alone, Format};
use crate::tree::{EdgeKind, Node, NodeKind, Tree};

fn read(name: &str, text: &str, beside: &[(&str, &str)]) -> Tree {
    let files: BTreeMap<String, String> = beside
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    Format::of(name).unwrap().read(text.as_bytes(), &files).unwrap()
}

fn node<'a>(tree: &'a Tree, name: &str, version: &str) -> &'a Node {
    let fits = |node: &&Node| node.name == name && node.version.as_deref().unwrap_or_default() == version;
    tree.nodes
        .iter()
        .find(fits)
        .unwrap_or_else(|| panic!("no {name}@{version} in {:?}", tree.nodes))
}

/// `from > to` by name and version, in the tree's order.
fn edges(tree: &Tree) -> Vec<String> {
    let name = |id: usize| {
        let node = &tree.nodes[id];
        format!("{}@{}", node.name, node.version.as_deref().unwrap_or_default())
    };
    tree.edges
        .iter()
        .map(|edge| format!("{} > {}", name(edge.from), name(edge.to)))
        .collect()
}

#[test]
fn a_nested_package_is_found_by_who_stands_next_to_it() {
    let text = r#"{"lockfileVersion": 3, "packages": {
        "": {"name": "r", "dependencies": {"a": "1", "b": "1"}},
        "node_modules/a": {"version": "1.0.0", "dependencies": {"b": "2"}},
        "node_modules/a/node_modules/b": {"version": "2.0.0", "dependencies": {"c": "1"}},
        "node_modules/b": {"version": "1.0.0"},
        "node_modules/c": {"version": "1.0.0", "os": ["darwin"], "cpu": ["x64", "arm64"], "optional": true}
    }}"#;
    let tree = read("package-lock.json", text, &[]);
    assert_eq!(
        edges(&tree),
        [
            "r@ > a@1.0.0",
            "r@ > b@1.0.0",
            "a@1.0.0 > b@2.0.0",
            "b@2.0.0 > c@1.0.0"
        ]
    );
    assert_eq!(
        node(&tree, "c", "1.0.0").condition.as_deref(),
        Some("os: darwin, cpu: x64 arm64")
    );
    assert_eq!(tree.gaps, []);
}

#[test]
fn version_1_and_version_3_are_one_tree() {
    let old = r#"{"name": "r", "lockfileVersion": 1, "requires": true, "dependencies": {
        "a": {"version": "1.0.0", "integrity": "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "requires": {"b": "2"},
              "dependencies": {"b": {"version": "2.0.0", "bundled": true}}},
        "b": {"version": "npm:real@1.0.0", "dev": true},
        "g": {"version": "git+ssh://git@example.org/g.git#1234"}
    }}"#;
    let manifest = r#"{"name": "r", "version": "1.2.3", "dependencies": {"a": "1", "g": "x/g"}, "devDependencies": {"b": "npm:real@1"}}"#;
    let tree = read("package-lock.json", old, &[("package.json", manifest)]);
    assert_eq!(
        edges(&tree),
        [
            "r@1.2.3 > a@1.0.0",
            "r@1.2.3 > real@1.0.0",
            "r@1.2.3 > g@",
            "a@1.0.0 > b@2.0.0"
        ]
    );
    let real = node(&tree, "real", "1.0.0");
    assert_eq!((real.alias.as_deref(), real.flags.dev), (Some("b"), true));
    assert!(node(&tree, "b", "2.0.0").flags.bundled);
    assert!(matches!(node(&tree, "g", "").source, Source::Git(_)));
    assert_eq!(node(&tree, "a", "1.0.0").hashes[0].algorithm, "SHA-1");
}

#[test]
fn what_a_lockfile_leaves_out_is_a_gap_unless_it_is_optional() {
    let text = r#"{"lockfileVersion": 3, "packages": {
        "": {"name": "r", "dependencies": {"a": "1"}, "optionalDependencies": {"o": "1"}, "peerDependencies": {"p": "1"}},
        "node_modules/x": 7,
        "node_modules/l": {"link": true, "resolved": "gone"}
    }}"#;
    let tree = read("package-lock.json", text, &[]);
    let gaps: Vec<_> = tree
        .gaps
        .iter()
        .map(|gap| (gap.code.as_str(), gap.place.as_str()))
        .collect();
    assert_eq!(
        gaps,
        [
            ("unreadable_entry", "/packages/node_modules~1x"),
            ("dangling_link", "/packages/node_modules~1l"),
            ("missing_dependency", "/packages/"),
        ]
    );
}

#[test]
fn workspaces_of_yarn_are_found_below_their_globs() {
    let text = "# yarn lockfile v1\n\na@^1, a@^1.2:\n  version \"1.2.0\"\n  dependencies:\n    b \"^2\"\n\nb@^2:\n  version \"2.0.0\"\n  resolved \"https://registry.yarnpkg.com/b/-/b-2.0.0.tgz#da39a3ee5e6b4b0d3255bfef95601890afd80709\"\n";
    let beside = [
        (
            "package.json",
            r#"{"name": "r", "workspaces": {"packages": ["packages/*"]}, "devDependencies": {"m": "1.0.0"}}"#,
        ),
        (
            "packages/m/package.json",
            r#"{"name": "m", "version": "1.0.0", "dependencies": {"a": "^1.2"}}"#,
        ),
        (
            "elsewhere/n/package.json",
            r#"{"name": "n", "dependencies": {"zzz": "^1"}}"#,
        ),
        ("node_modules/packages/package.json", r#"{"name": "q"}"#),
    ];
    let tree = read("yarn.lock", text, &beside);
    let own: Vec<_> = tree.own_nodes().map(|id| tree.nodes[id].name.as_str()).collect();
    assert_eq!(own, ["r", "m"]);
    assert_eq!(
        edges(&tree),
        [
            "r@ > m@1.0.0",
            "r@ > m@1.0.0",
            "m@1.0.0 > a@1.2.0",
            "a@1.2.0 > b@2.0.0"
        ]
    );
    assert_eq!(
        node(&tree, "b", "2.0.0").hashes[0].value,
        "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    );
    assert!(tree.gaps.is_empty(), "{:?}", tree.gaps);
    assert!(!node(&tree, "a", "1.2.0").flags.dev, "a member needs it");
}

#[test]
fn a_resolution_of_yarn_is_followed_by_name() {
    let text = "# yarn lockfile v1\n\na@^1:\n  version \"1.0.0\"\n  dependencies:\n    b \"~3\"\n\nb@2, b@^2:\n  version \"2.0.0\"\n\nb@1:\n  version \"1.0.0\"\n";
    let tree = read(
        "yarn.lock",
        text,
        &[("package.json", r#"{"dependencies": {"a": "^1", "b": ">=2"}}"#)],
    );
    assert_eq!(edges(&tree), ["@ > a@1.0.0", "@ > b@2.0.0"]);
    assert_eq!(
        tree.gaps[0].text,
        "`a` needs `b` (~3), which is not in the lockfile"
    );
}

#[test]
fn peers_and_members_of_pnpm_are_linked() {
    let text = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      m: {specifier: 'workspace:*', version: 'link:packages/m'}\n  packages/m:\n    dependencies:\n      p: {specifier: ^1, version: 1.0.0(q@2.0.0)}\n    devDependencies:\n      out: {specifier: 'link:../../../out', version: 'link:../../../out'}\npackages:\n  p@1.0.0:\n    resolution: {integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=}\n    deprecated: too old\n  q@2.0.0:\n    resolution: {tarball: 'https://example.org/q.tgz'}\nsnapshots:\n  p@1.0.0(q@2.0.0):\n    dependencies: {q: 2.0.0}\n  q@2.0.0: {}\n";
    let tree = read(
        "pnpm-lock.yaml",
        text,
        &[(
            "packages/m/package.json",
            r#"{"name": "@s/m", "version": "3.0.0"}"#,
        )],
    );
    assert_eq!(
        edges(&tree),
        [
            "@ > @s/m@3.0.0",
            "@ > @s/m@3.0.0",
            "@s/m@3.0.0 > p@1.0.0",
            "p@1.0.0 > q@2.0.0"
        ]
    );
    assert_eq!(node(&tree, "p", "1.0.0").deprecated.as_deref(), Some("too old"));
    assert!(matches!(node(&tree, "q", "2.0.0").source, Source::Url(_)));
    assert_eq!(tree.gaps, []);
    let error = Format::of("pnpm-lock.yaml")
        .unwrap()
        .read(b"lockfileVersion: '12.0'\n", &Alone)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "/lockfileVersion: version 12.0 of this format is not known"
    );
}

#[test]
fn bun_finds_what_stands_below_a_package_first() {
    let text = r#"{ "lockfileVersion": 1, "workspaces": {
        "": { "name": "r", "dependencies": { "@s/a": "1" } },
        "packages/m": { "name": "m", "dependencies": { "b": "2" }, },
      }, "packages": {
        "@s/a": ["@s/a@1.0.0", "", { "dependencies": { "b": "^1" }, "peerDependencies": { "p": "*" }, "optionalPeers": ["p"] }, "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="],
        "@s/a/b": ["b@1.0.0", "", {}, ""],
        "b": ["b@2.0.0", "", { "os": "linux" }, ""],
        "m": ["m@workspace:packages/m"],
      } }"#;
    let tree = read("bun.lock", text, &[]);
    assert_eq!(
        edges(&tree),
        [
            "r@ > m@",
            "r@ > @s/a@1.0.0",
            "m@ > b@2.0.0",
            "@s/a@1.0.0 > b@1.0.0"
        ]
    );
    assert_eq!(node(&tree, "b", "2.0.0").condition.as_deref(), Some("os: linux"));
    assert_eq!(tree.gaps, []);
}

#[test]
fn berry_takes_kinds_from_manifests_and_patches_for_what_they_patch() {
    let text = "__metadata:\n  version: 8\n\n\"r@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"r@workspace:.\"\n  dependencies:\n    a: \"patch:a@npm%3A1.0.0#~/.yarn/patches/a.patch\"\n    t: \"npm:^1\"\n  languageName: unknown\n  linkType: soft\n\n\"a@npm:1.0.0\":\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0\"\n\n\"a@patch:a@npm%3A1.0.0#~/.yarn/patches/a.patch\":\n  version: 1.0.0\n  resolution: \"a@patch:a@npm%3A1.0.0#~/.yarn/patches/a.patch::version=1.0.0&hash=1\"\n\n\"t@npm:^1\":\n  version: 1.5.0\n  resolution: \"t@npm:1.5.0\"\n  conditions: os=darwin\n";
    let tree = read(
        "yarn.lock",
        text,
        &[(
            "package.json",
            r#"{"name": "r", "version": "4.0.0", "devDependencies": {"t": "^1"}}"#,
        )],
    );
    let root = &tree.nodes[0];
    assert_eq!(
        (root.kind, root.version.as_deref()),
        (NodeKind::Root, Some("4.0.0"))
    );
    let kinds: Vec<_> = tree.edges.iter().map(|edge| edge.kind).collect();
    assert_eq!(kinds, [EdgeKind::Normal, EdgeKind::Dev]);
    assert!(
        tree.nodes
            .iter()
            .filter(|node| node.name == "a")
            .all(|node| node.source == Source::Registry)
    );
    assert_eq!(node(&tree, "t", "1.5.0").condition.as_deref(), Some("os=darwin"));
}
