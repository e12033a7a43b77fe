//! The way to green, with findings that are written down.

use std::collections::BTreeSet;

use ecosystems::npm::resolve::{Advance, Project, Way, WayToGreen, resolve};
use ecosystems::resolve::Answer;
use ecosystems::tree::Tree;

use super::options;
use super::registry::Registry;

/// Searches for the way of the node with this name, given what is known against `name@version`.
fn search(registry: &Registry, project: &Project, tree: &Tree, name: &str, known: &[(&str, &str)]) -> Way {
    let target = tree.nodes.iter().position(|node| node.name == name).unwrap();
    let findings = |name: &str, version: &str| -> BTreeSet<String> {
        let package = format!("{name}@{version}");
        known
            .iter()
            .filter(|(affected, _)| *affected == package)
            .map(|(_, id)| (*id).to_owned())
            .collect()
    };
    let mut search = WayToGreen::new(project, options(), tree, target);
    for _ in 0..1000 {
        match search.advance(&findings) {
            Advance::Done(way) => return way,
            Advance::Needs(requests) => {
                for request in requests {
                    let bytes = registry.bytes(request.name());
                    search.supply(
                        &request,
                        bytes.map_or(Answer::Absent, |bytes| Answer::Found(bytes.into())),
                    );
                }
            }
        }
    }
    panic!("the search does not end");
}

fn tree(registry: &Registry, project: &Project) -> Tree {
    resolve(project, options(), |name| registry.document(name))
        .unwrap()
        .tree
}

const REGISTRY: &str = "x@1.0.0\nx@1.0.1\nx@2.0.0\n\
    a@1.0.0 x@1.0.0\na@1.1.0 x@1.0.0\na@1.2.0 x@^1.0.1\na@2.0.0 x@2\n";

#[test]
fn the_lowest_version_that_clears_the_finding_is_the_way() {
    let registry = Registry::read(REGISTRY);
    let project = Project::single(r#"{"dependencies": {"a": "1.0.0"}}"#);
    let way = search(
        &registry,
        &project,
        &tree(&registry, &project),
        "x",
        &[("x@1.0.0", "BAD")],
    );
    let Way::Upgrade(upgrade) = way else {
        panic!("{way:?}")
    };
    assert_eq!(
        (upgrade.name.as_str(), upgrade.from.as_str(), upgrade.to.as_str()),
        ("a", "1.0.0", "1.2.0")
    );
    assert_eq!(upgrade.command, "npm install a@1.2.0");
    assert_eq!(upgrade.clears, BTreeSet::from(["BAD".to_owned()]));
}

#[test]
fn a_version_that_brings_another_finding_is_not_the_way() {
    let registry = Registry::read(REGISTRY);
    let project = Project::single(r#"{"dependencies": {"a": "1.0.0"}}"#);
    let known = [("x@1.0.0", "BAD"), ("a@1.2.0", "WORSE")];
    let way = search(&registry, &project, &tree(&registry, &project), "x", &known);
    let Way::Upgrade(upgrade) = way else {
        panic!("{way:?}")
    };
    assert_eq!(upgrade.to, "2.0.0");
    let all = [("x@1.0.0", "BAD"), ("x@1.0.1", "BAD"), ("x@2.0.0", "BAD")];
    let way = search(&registry, &project, &tree(&registry, &project), "x", &all);
    assert!(matches!(way, Way::None { tried } if tried > 0), "{way:?}");
}

#[test]
fn a_refresh_of_the_lockfile_is_said_first() {
    let older = Registry::read("x@1.0.0\na@1.0.0 x@^1\n");
    let project = Project::single(r#"{"dependencies": {"a": "1"}}"#);
    let locked = tree(&older, &project);
    let registry = Registry::read("x@1.0.0\nx@1.0.1\na@1.0.0 x@^1\n");
    let way = search(&registry, &project, &locked, "x", &[("x@1.0.0", "BAD")]);
    assert_eq!(
        way,
        Way::Refresh {
            name: "x".to_owned(),
            command: "npm update x".to_owned()
        }
    );
}

#[test]
fn a_direct_dependency_of_a_member_is_changed_where_it_is_required() {
    let registry = Registry::read("x@1.0.0\nx@2.0.0\n");
    let mut project = Project::single(r#"{"workspaces": ["m"]}"#);
    let member = r#"{"name": "m", "version": "1.0.0", "dependencies": {"x": "~1.0.0"}}"#;
    project.manifests.insert("m".to_owned(), member.to_owned());
    let way = search(
        &registry,
        &project,
        &tree(&registry, &project),
        "x",
        &[("x@1.0.0", "BAD")],
    );
    let Way::Upgrade(upgrade) = way else {
        panic!("{way:?}")
    };
    assert_eq!((upgrade.folder.as_str(), upgrade.to.as_str()), ("m", "2.0.0"));
}
