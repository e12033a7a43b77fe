//! Small worlds, each with one thing that pip decides in its own way.

use std::collections::BTreeMap;

use super::*;
use crate::pypi::environment::System;
use crate::resolve::run;

/// A world: `a 1.0 -> b>=2, c` is a release with what it requires; marks after `|` say more of it.
///
/// Marks: `yanked`, `python=SPECIFIER`, `sdist` (no wheel), `wheel=TAGS` (only that wheel), `extra=NAME` (what
/// follows as `NAME: requirement` in the list), `broken` (metadata that cannot be read).
struct World {
    pages: BTreeMap<String, Vec<serde_json::Value>>,
    metadata: BTreeMap<(String, String), String>,
}

impl World {
    fn of(text: &str) -> Self {
        let mut world = Self {
            pages: BTreeMap::new(),
            metadata: BTreeMap::new(),
        };
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .for_each(|line| world.add(line));
        world
    }

    fn add(&mut self, line: &str) {
        let (line, marks) = line.split_once('|').unwrap_or((line, ""));
        let (release, requires) = line.split_once("->").unwrap_or((line, ""));
        let (name, version) = release.trim().split_once(' ').expect("a name and a version");
        let mut metadata = String::new();
        let (mut yanked, mut python, mut files) = (false, None, Vec::new());
        for mark in marks.split_whitespace() {
            match mark.split_once('=') {
                None if mark == "yanked" => yanked = true,
                None if mark == "sdist" => files.push(format!("{name}-{version}.tar.gz")),
                None if mark == "broken" => metadata.push_str("Requires-Dist: !\n"),
                Some(("python", specifier)) => python = Some(specifier.to_owned()),
                Some(("wheel", tags)) => files.push(format!("{name}-{version}-{tags}.whl")),
                Some(("extra", extra)) => metadata.push_str(&format!("Provides-Extra: {extra}\n")),
                _ => panic!("no mark: {mark}"),
            }
        }
        if files.is_empty() {
            files.push(format!("{name}-{version}-py3-none-any.whl"));
        }
        for requirement in requires.split('&').map(str::trim).filter(|text| !text.is_empty()) {
            metadata.push_str(&format!("Requires-Dist: {requirement}\n"));
        }
        let page = self.pages.entry(name.to_owned()).or_default();
        page.extend(
            files.iter().map(
                |file| serde_json::json!({"filename": file, "yanked": yanked, "requires-python": python}),
            ),
        );
        self.metadata
            .insert((name.to_owned(), version.to_owned()), metadata);
    }

    fn answer(&self, request: &Request) -> Answer {
        let found = match request {
            Request::Package { name, .. } => self
                .pages
                .get(name)
                .map(|files| serde_json::json!({ "files": files }).to_string()),
            Request::Release { name, version, .. } => {
                self.metadata.get(&(name.clone(), version.clone())).cloned()
            }
        };
        found.map_or(Answer::Absent, |text| Answer::Found(text.into_bytes().into()))
    }
}

/// Everything with its version, and the codes of the gaps.
fn resolve(world: &str, requirements: &str) -> String {
    let world = World::of(world);
    let files = Files::from([(
        "requirements.in".to_owned(),
        requirements.replace(';', "\n").as_bytes().into(),
    )]);
    let settings = Settings {
        environment: Some(Environment {
            python: PythonVersion::new(3, 11, 7),
            system: System::Glibc(2, 36),
            machine: "x86_64".to_owned(),
        }),
        ..Settings::default()
    };
    let mut resolver = PypiResolver::new(&files, "requirements.in", settings);
    let tree = run(&mut resolver, |request| world.answer(request));
    let nodes = tree.nodes.iter().skip(1);
    let mut parts: Vec<_> = nodes
        .map(|node| format!("{} {}", node.name, node.version.as_deref().unwrap_or("?")))
        .collect();
    parts.extend(tree.gaps.iter().map(|gap| gap.code.clone()));
    parts.join(", ")
}

#[test]
fn small_worlds_are_decided_as_pip_decides_them() {
    for (what, world, requirements, expected) in [
        ("the newest wins", "a 1.0\na 2.0", "a", "a 2.0"),
        (
            "a pre-release only when nothing else is left",
            "a 1.0\na 2.0a1",
            "a",
            "a 1.0",
        ),
        (
            "a pre-release when nothing else is left",
            "a 2.0a1\na 2.0a2",
            "a",
            "a 2.0a2",
        ),
        (
            "a pre-release that is asked for",
            "a 1.0\na 2.0rc1",
            "a>=2.0rc1",
            "a 2.0rc1",
        ),
        (
            "a specifier that names one admits all",
            "a 0.9\na 1.0\na 2.0a1",
            "a>=1.0a1",
            "a 2.0a1",
        ),
        (
            "a pre-release that another asks for",
            "a 1.0 -> b>=2.0a1\nb 1.0\nb 2.0a2",
            "a",
            "a 1.0, b 2.0a2",
        ),
        (
            "below a release lies none of its pre-releases",
            "a 1.0\na 2.0a1",
            "a<2.0,>=1.0a1",
            "a 1.0",
        ),
        (
            "a post-release is more than its release",
            "a 1.0\na 1.0.post1",
            "a==1.0",
            "a 1.0",
        ),
        (
            "above a release lie not its post-releases",
            "a 1.0.post1\na 0.9",
            "a>1.0",
            "unsatisfiable",
        ),
        (
            "at least a release is its post-release",
            "a 1.0.post1",
            "a>=1.0",
            "a 1.0.post1",
        ),
        (
            "a local label meets its public version",
            "a 1.2.3+foo\na 1.2.2",
            "a==1.2.3",
            "a 1.2.3+foo",
        ),
        (
            "a withdrawn version is passed over",
            "a 1.0\na 2.0 | yanked",
            "a",
            "a 1.0",
        ),
        (
            "a withdrawn version is no way out",
            "a 1.0 | yanked",
            "a",
            "unsatisfiable",
        ),
        (
            "a withdrawn version that is pinned",
            "a 1.0 | yanked",
            "a==1.0",
            "a 1.0",
        ),
        (
            "a pin that others meet takes none withdrawn",
            "a 1.0\na 1.1 | yanked",
            "a==1.*",
            "a 1.0",
        ),
        (
            "another interpreter",
            "a 1.0\na 2.0 | python=>=3.12",
            "a",
            "a 1.0",
        ),
        (
            "no version for this interpreter",
            "a 2.0 | python=>=3.12",
            "a",
            "unsatisfiable",
        ),
        (
            "a wheel for another system",
            "a 1.0\na 2.0 | wheel=cp311-cp311-win_amd64",
            "a",
            "a 1.0",
        ),
        (
            "a source distribution runs anywhere",
            "a 2.0 | wheel=cp39-cp39-win_amd64 sdist",
            "a",
            "a 2.0",
        ),
        (
            "broken metadata is passed over",
            "a 1.0\na 2.0 | broken",
            "a",
            "a 1.0",
        ),
        (
            "an extra",
            "a 1.0 -> b ; extra == 'x' & c | extra=x\nb 1.0\nc 1.0",
            "a[x]",
            "a 1.0, b 1.0, c 1.0",
        ),
        (
            "an extra that is not asked for",
            "a 1.0 -> b ; extra == 'x' | extra=x\nb 1.0",
            "a",
            "a 1.0",
        ),
        ("an extra that is not there", "a 1.0", "a[y]", "a 1.0"),
        (
            "extras agree on one version",
            "a 1.0 -> b==1.0 ; extra == 'x' | extra=x\na 2.0 -> b==2.0 ; extra == 'x' | extra=x\nb 1.0\nb 2.0",
            "a[x];b<2",
            "a 1.0, b 1.0",
        ),
        (
            "a marker that does not hold",
            "a 1.0 -> b ; sys_platform == 'win32'",
            "a",
            "a 1.0",
        ),
        (
            "going back",
            "a 1.0\na 2.0 -> b==1.0\nb 1.0\nb 2.0\nc 1.0 -> b==2.0",
            "a;c",
            "a 1.0, b 2.0, c 1.0",
        ),
        (
            "a requirement on nothing",
            "a 1.0 -> b",
            "a",
            "a 1.0, unsatisfiable",
        ),
        (
            "two that cannot be",
            "a 1.0\na 2.0",
            "a<2;a>=2",
            "a 1.0, unsatisfiable",
        ),
        ("a circle", "a 1.0 -> b\nb 1.0 -> a", "a", "a 1.0, b 1.0"),
        (
            "something at a URL",
            "a 1.0 -> b>=5",
            "a;b @ https://example.org/b.zip",
            "a 1.0, b ?, url_dependency",
        ),
        (
            "a repository",
            "",
            "git+https://example.org/b.git#egg=b",
            "b ?, git_dependency",
        ),
        (
            "an index that a file names",
            "a 1.0",
            "--index-url https://example.org;a",
            "a 1.0, index_ignored",
        ),
    ] {
        assert_eq!(resolve(world, requirements), expected, "{what}");
    }
}

#[test]
fn constraints_bind_what_others_ask_for() {
    let world = World::of("a 1.0 -> b\nb 1.0\nb 2.0\nc 1.0");
    let files = Files::from([
        (
            "requirements/base.in".to_owned(),
            b"-c ../constraints.txt\n-r more.in\n".as_slice().into(),
        ),
        (
            "requirements/more.in".to_owned(),
            b"a  # why\n-r base.in\n".as_slice().into(),
        ),
        ("constraints.txt".to_owned(), b"b<2\nc==1.0\n".as_slice().into()),
    ]);
    let mut resolver = PypiResolver::new(&files, "requirements/base.in", Settings::default());
    let tree = run(&mut resolver, |request| world.answer(request));
    let names: Vec<_> = tree
        .nodes
        .iter()
        .skip(1)
        .map(|node| (node.name.as_str(), node.version.as_deref()))
        .collect();
    assert_eq!(
        names,
        [("a", Some("1.0")), ("b", Some("1.0"))],
        "c is constrained, not required"
    );
    assert_eq!(tree.gaps, []);
    assert_eq!(tree.nodes[1].place, "requirements/more.in: line 1");
}

#[test]
fn every_kind_of_manifest_is_understood() {
    let pyproject = r#"
[project]
name = "own"
version = "2.0"
license = "MIT"
requires-python = ">=3.9,<3.11"
dependencies = ["a>=1", "own[x]"]
[project.optional-dependencies]
x = ["b"]
all = ["own[x]"]
[dependency-groups]
dev = ["c", { include-group = "lint" }]
lint = ["d"]
"#;
    let poetry = "[tool.poetry]\nname = \"own\"\n[tool.poetry.dependencies]\npython = \"^3.9\"\na = \"^1.0\"\nb = { version = \"*\", extras = [\"x\"] }\n[tool.poetry.group.dev.dependencies]\nc = \"*\"\nd = { git = \"https://example.org/d.git\" }\n";
    let setup = "[metadata]\nname = own\n[options]\ninstall_requires =\n    a>=1\n    # note\n    b\n[options.extras_require]\ndev =\n    c\n    d ; python_version > '3'\n";
    let world = World::of("a 1.0\nb 1.0\nc 1.0\nd 1.0");
    for (file, text, expected, gaps) in [
        ("pyproject.toml", pyproject, "a b c* d*", 0),
        ("pyproject.toml", poetry, "a b c* d*", 1),
        ("setup.cfg", setup, "a b c~ d~", 0),
    ] {
        let files = Files::from([(format!("sub/{file}"), text.as_bytes().into())]);
        let mut resolver = PypiResolver::new(&files, &format!("sub/{file}"), Settings::default());
        let tree = run(&mut resolver, |request| world.answer(request));
        let nodes = tree.nodes.iter().skip(1).map(|node| {
            let mark = match (node.flags.dev, node.flags.optional) {
                (true, _) => "*",
                (false, true) => "~",
                (false, false) => "",
            };
            format!("{}{mark}", node.name)
        });
        assert_eq!(nodes.collect::<Vec<_>>().join(" "), expected, "{text}");
        assert_eq!(tree.gaps.len(), gaps, "{:?}", tree.gaps);
        assert_eq!(tree.nodes[0].name, "own");
    }
}

#[test]
fn what_running_code_would_tell_is_said() {
    let files = Files::from([("setup.py".to_owned(), b"setup()".as_slice().into())]);
    let mut resolver = PypiResolver::new(&files, "setup.py", Settings::default());
    let tree = run(&mut resolver, |_| Answer::Absent);
    assert_eq!(tree.gaps[0].code, "dynamic_metadata");
    let Step::Done(again) = resolver.advance() else {
        panic!("it is done");
    };
    assert_eq!(tree, *again, "asking again changes nothing");
}
