//! The outcome of a search as a tree.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use inventory::{Hash, Level, Notice};

use super::super::metadata::Trust;
use super::inputs::{Inputs, RootScope};
use super::search::Search;
use super::universe::{CandidateId, IdentId, PYTHON, RequirementId, Universe, What, Wishes};
use crate::tree::{Edge, EdgeKind, Flags, Node, NodeId, NodeKind, Tree};

/// A requirement of the project with what it amounts to.
#[derive(Clone, Debug)]
pub(super) struct RootWishes {
    pub place: String,
    pub scope: RootScope,
    pub wishes: Vec<RequirementId>,
}

pub(super) fn tree(universe: &mut Universe, search: &Search, roots: &[RootWishes], inputs: &Inputs) -> Tree {
    let mut report = Report {
        pins: search.pins().iter().copied().collect(),
        universe,
        nodes: BTreeMap::new(),
        tree: Tree::new("PyPI", "resolved as pip would"),
    };
    let reached = report.reached(roots);
    report.add_nodes(&reached, inputs);
    report.add_edges(&reached, roots);
    let mut tree = report.tree;
    tree.gaps.extend(inputs.gaps.iter().cloned());
    set_flags(&mut tree);
    tree.settle();
    tree
}

struct Report<'a> {
    pins: HashMap<IdentId, CandidateId>,
    universe: &'a mut Universe,
    /// By project.
    nodes: BTreeMap<String, NodeId>,
    tree: Tree,
}

impl Report<'_> {
    /// The pins that the project's wishes lead to; others are left from choices that were changed.
    fn reached(&mut self, roots: &[RootWishes]) -> Vec<(IdentId, CandidateId)> {
        let mut waiting: Vec<IdentId> = roots
            .iter()
            .flat_map(|root| root.wishes.iter().map(|wish| self.universe.wishes[*wish].ident))
            .collect();
        let mut seen = HashSet::new();
        let mut reached = Vec::new();
        while let Some(ident) = waiting.pop() {
            let Some(candidate) = self.pins.get(&ident).copied().filter(|_| seen.insert(ident)) else {
                continue;
            };
            if self.universe.name(ident).project == PYTHON {
                continue;
            }
            reached.push((ident, candidate));
            let wishes = self.wishes(candidate);
            waiting.extend(wishes.iter().map(|wish| self.universe.wishes[*wish].ident));
        }
        let order = |ident: &IdentId| self.universe.name(*ident).clone();
        reached.sort_by_key(|(ident, _)| order(ident));
        reached
    }

    fn wishes(&mut self, candidate: CandidateId) -> Vec<RequirementId> {
        match self.universe.wishes_of(candidate) {
            Ok(Wishes::Known(wishes)) => wishes.to_vec(),
            _ => Vec::new(),
        }
    }

    fn add_nodes(&mut self, reached: &[(IdentId, CandidateId)], inputs: &Inputs) {
        let own = inputs.project.clone().unwrap_or_default();
        self.tree.add(Node {
            kind: NodeKind::Root,
            name: own.name,
            version: own.version,
            license: own.license,
            source: inventory::Source::Path(".".to_owned()),
            location: Some(String::new()),
            ..Node::default()
        });
        for (ident, candidate) in reached {
            let project = self.universe.name(*ident).project.clone();
            if !self.nodes.contains_key(&project) {
                let node = self.node(&project, *candidate);
                let id = self.tree.add(node);
                self.nodes.insert(project, id);
            }
        }
    }

    fn node(&mut self, project: &str, candidate: CandidateId) -> Node {
        if let What::Opaque(what) = &self.universe.candidates[candidate].what {
            let what = what.clone();
            return self.opaque(project, &what);
        }
        let metadata = self.universe.metadata(candidate).cloned();
        let Some(release) = self.universe.release(candidate).cloned() else {
            return Node::default();
        };
        let trust = metadata
            .as_ref()
            .map(|metadata| metadata.trust)
            .unwrap_or_default();
        let unfetched = metadata
            .as_ref()
            .is_some_and(|metadata| !metadata.dynamic.is_empty() && trust == Trust::Unknown);
        let place = format!("{project} {}", release.text);
        match trust {
            Trust::Static => {}
            Trust::LeftFromBuild => self.gap(
                "incomplete_metadata",
                &place,
                format!(
                    "what `{project}` {} needs is only known from an earlier build and may be incomplete",
                    release.text
                ),
            ),
            Trust::Unknown if unfetched => self.gap(
                "not_fetched",
                &place,
                format!(
                    "the metadata of `{project}` {} could not be fetched; what it needs is not known",
                    release.text
                ),
            ),
            Trust::Unknown => self.gap(
                "incomplete_metadata",
                &place,
                format!(
                    "only building `{project}` {} would tell what it needs, which is not done",
                    release.text
                ),
            ),
        }
        let hashes = release.sha256.iter().map(|value| Hash {
            algorithm: "SHA-256".to_owned(),
            value: value.clone(),
        });
        let only_source = release.files.iter().all(|file| !file.name.ends_with(".whl"));
        Node {
            name: project.to_owned(),
            version: Some(release.text.clone()),
            hashes: hashes.collect(),
            license: metadata.and_then(|metadata| metadata.license.clone()),
            // A source distribution runs its own code to be installed, a wheel none.
            install_script: Some(only_source),
            yanked: Some(release.yanked),
            ..Node::default()
        }
    }

    /// Something at a URL, or of an index that could not be asked.
    fn opaque(&mut self, project: &str, what: &str) -> Node {
        let (code, text, source) = match what.strip_prefix("git+") {
            Some(url) => (
                "git_dependency",
                format!(
                    "`{project}` comes from the repository {url}; neither it nor what it needs was looked into"
                ),
                inventory::Source::Git(url.to_owned()),
            ),
            None if what.contains("://") => (
                "url_dependency",
                format!("`{project}` comes from {what}; neither it nor what it needs was looked into"),
                inventory::Source::Url(what.to_owned()),
            ),
            None => (
                "not_fetched",
                format!("the page of `{project}` could not be read: {what}"),
                inventory::Source::Registry,
            ),
        };
        self.gap(code, project, text);
        Node {
            name: project.to_owned(),
            source,
            ..Node::default()
        }
    }

    fn add_edges(&mut self, reached: &[(IdentId, CandidateId)], roots: &[RootWishes]) {
        for root in roots {
            let kind = match root.scope {
                RootScope::Always => EdgeKind::Normal,
                RootScope::Extra => EdgeKind::Optional,
                RootScope::Group => EdgeKind::Dev,
            };
            for wish in &root.wishes {
                let to = self.add_edge(0, *wish, kind);
                if let Some(to) = to.filter(|to| self.tree.nodes[*to].place.is_empty()) {
                    self.tree.nodes[to].place.clone_from(&root.place);
                }
            }
        }
        for (ident, candidate) in reached {
            let project = self.universe.name(*ident).project.clone();
            let Some(from) = self.nodes.get(&project).copied() else {
                continue;
            };
            for wish in self.wishes(*candidate) {
                self.add_edge(from, wish, EdgeKind::Normal);
            }
        }
    }

    fn add_edge(&mut self, from: NodeId, wish: RequirementId, kind: EdgeKind) -> Option<NodeId> {
        let wish = &self.universe.wishes[wish];
        let to = *self.nodes.get(&self.universe.name(wish.ident).project)?;
        let is_own_base = wish.text.is_empty() && wish.marker.is_none();
        if from == to && is_own_base {
            return Some(to);
        }
        if from != to {
            self.tree.edges.push(Edge {
                from,
                to,
                kind,
                requirement: Some(wish.text.clone()),
                condition: wish.marker.clone(),
            });
        }
        Some(to)
    }

    fn gap(&mut self, code: &str, place: &str, text: String) {
        self.tree.gaps.push(Notice {
            code: code.to_owned(),
            level: Level::Warn,
            place: place.to_owned(),
            text,
        });
    }
}

/// Tells what only development or an extra of the project needs.
fn set_flags(tree: &mut Tree) {
    let shipped = reached(tree, EdgeKind::Dev);
    let needed = reached(tree, EdgeKind::Optional);
    for (id, node) in tree.nodes.iter_mut().enumerate().skip(1) {
        node.flags = Flags {
            dev: !shipped.contains(&id),
            optional: !needed.contains(&id),
            ..Flags::default()
        };
    }
}

fn reached(tree: &Tree, without: EdgeKind) -> BTreeSet<NodeId> {
    let mut next = HashMap::<NodeId, Vec<NodeId>>::new();
    for edge in tree.edges.iter().filter(|edge| edge.kind != without) {
        next.entry(edge.from).or_default().push(edge.to);
    }
    let mut seen = BTreeSet::from([0]);
    let mut waiting = vec![0];
    while let Some(node) = waiting.pop() {
        for to in next.get(&node).into_iter().flatten() {
            if seen.insert(*to) {
                waiting.push(*to);
            }
        }
    }
    seen
}
