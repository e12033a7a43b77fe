//! Small registries and what npm made of them; `stories.txt` says how to read them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod green;
mod registry;

use ecosystems::npm::resolve::{Environment, Options, Project, Resolution, resolve};
use ecosystems::tree::NodeKind;
use registry::Registry;

const STORIES: &str = include_str!("stories.txt");

struct Story<'a> {
    title: &'a str,
    registry: Registry,
    project: &'a str,
    is_refused: bool,
    tree: Vec<&'a str>,
}

impl<'a> Story<'a> {
    fn read(text: &'a str) -> Self {
        let (title, body) = text.split_once('\n').unwrap();
        let (registry, expected) = body.split_once("-- ").unwrap();
        let mut lines = expected.lines().filter(|line| !line.is_empty());
        let project = lines.next().unwrap();
        let lines: Vec<_> = lines.collect();
        Self {
            title,
            registry: Registry::read(registry),
            project,
            is_refused: lines.first() == Some(&"ERESOLVE"),
            tree: lines.into_iter().filter(|line| *line != "ERESOLVE").collect(),
        }
    }
}

pub fn options() -> Options {
    let environment = Environment {
        node: "20.20.2".to_owned(),
        npm: "11.19.1".to_owned(),
        before: None,
    };
    Options {
        environment,
        ..Options::default()
    }
}

/// A line for each place, as in `stories.txt`.
fn lines(resolution: &Resolution) -> Vec<String> {
    let nodes = resolution
        .tree
        .nodes
        .iter()
        .filter(|node| node.kind == NodeKind::Package);
    let places = nodes.map(|node| {
        let location = node.location.as_deref().unwrap();
        let flags = [
            (node.flags.dev, " dev"),
            (node.flags.optional, " optional"),
            (node.flags.peer, " peer"),
        ];
        let flags: String = flags
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, word)| *word)
            .collect();
        format!(
            "{location} {}@{}{flags}",
            node.name,
            node.version.as_deref().unwrap_or("?")
        )
    });
    let links = resolution
        .links
        .iter()
        .map(|link| format!("{} → {}", link.location, link.target));
    let mut lines: Vec<_> = places.chain(links).collect();
    lines.sort();
    lines
}

#[test]
fn the_tree_is_the_one_that_npm_made() {
    let stories: Vec<_> = STORIES.split("\n== ").skip(1).map(Story::read).collect();
    assert!(stories.len() > 10);
    for story in stories {
        let resolution = resolve(&Project::single(story.project), options(), |name| {
            story.registry.document(name)
        })
        .unwrap();
        // npm tells what is both for development and optional apart from what is optional.
        let mut expected: Vec<_> = story
            .tree
            .iter()
            .map(|line| line.replace(" devOptional", " optional"))
            .collect();
        expected.sort();
        assert_eq!(lines(&resolution), expected, "{}", story.title);
        let refused = resolution
            .tree
            .notices
            .iter()
            .any(|notice| notice.code == "peer_conflict");
        assert_eq!(
            refused, story.is_refused,
            "{}: {:?}",
            story.title, resolution.tree.notices
        );
    }
}

#[test]
fn what_lies_in_an_archive_is_known_by_name_alone() {
    let registry = Registry::read("a@1.0.0 x@1 y@1 bundle:x\nx@1.0.0\ny@1.0.0 x@1\n");
    let project = Project::single(r#"{"dependencies": {"a": "1"}}"#);
    let resolution = resolve(&project, options(), |name| registry.document(name)).unwrap();
    assert_eq!(
        lines(&resolution),
        [
            "node_modules/a a@1.0.0",
            "node_modules/a/node_modules/x x@?",
            "node_modules/x x@1.0.0",
            "node_modules/y y@1.0.0"
        ]
    );
    let inner = resolution
        .tree
        .nodes
        .iter()
        .find(|node| node.version.is_none() && node.kind == NodeKind::Package)
        .unwrap();
    assert!(inner.flags.bundled);
    assert_eq!(resolution.tree.gaps.len(), 1);
    assert_eq!(resolution.tree.gaps[0].code, "bundle_unread");
}

#[test]
fn members_and_folders_are_reached_through_links() {
    let registry = Registry::read("x@1.0.0\nx@2.0.0\n");
    let mut project = Project::single(
        r#"{"workspaces": ["packages/*"], "dependencies": {"tool": "file:./tool", "x": "1"}}"#,
    );
    let mut add = |path: &str, text: &str| project.manifests.insert(path.to_owned(), text.to_owned());
    add(
        "packages/m",
        r#"{"name": "@s/m", "version": "1.0.0", "dependencies": {"n": "^1.0.0", "x": "2"}}"#,
    );
    add(
        "packages/n",
        r#"{"name": "n", "version": "1.1.0", "devDependencies": {"x": "1"}}"#,
    );
    add(
        "tool",
        r#"{"name": "tool", "dependencies": {"x": "*", "gone": "file:../nowhere"}}"#,
    );
    let resolution = resolve(&project, options(), |name| registry.document(name)).unwrap();
    assert_eq!(
        lines(&resolution),
        [
            "node_modules/@s/m → packages/m",
            "node_modules/gone → nowhere",
            "node_modules/n → packages/n",
            "node_modules/tool → tool",
            "node_modules/x x@1.0.0",
            "packages/m/node_modules/x x@2.0.0",
        ]
    );
    let tree = &resolution.tree;
    let edges: Vec<_> = tree
        .edges
        .iter()
        .map(|edge| format!("{} → {}", tree.nodes[edge.from].name, tree.nodes[edge.to].name))
        .collect();
    assert!(edges.contains(&"@s/m → n".to_owned()), "{edges:?}");
    assert_eq!(tree.gaps.len(), 1, "{:?}", tree.gaps);
    assert_eq!(
        (tree.gaps[0].code.as_str(), tree.gaps[0].place.as_str()),
        ("folder_missing", "nowhere")
    );
}

#[test]
fn a_registry_of_endless_nesting_comes_to_an_end() {
    let mut text = String::new();
    for version in 1..3000 {
        let next = version + 1;
        text.push_str(&format!(
            "a@{version}.0.0 b@{version}\nb@{version}.0.0 a@{next}\n"
        ));
    }
    let registry = Registry::read(&text);
    let project = Project::single(r#"{"dependencies": {"a": "1"}}"#);
    let resolution = resolve(&project, options(), |name| registry.document(name)).unwrap();
    assert!(
        resolution.tree.gaps.iter().any(|gap| gap.code == "too_large"),
        "{:?}",
        resolution.tree.gaps.len()
    );
    assert!(resolution.tree.nodes.len() > 400);
}
