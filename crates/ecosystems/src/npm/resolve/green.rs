//! The way to green: what to change so that a package that is affected goes, found by resolving again.
//!
//! First, whether refreshing the lockfile will do: every requirement that leads to the package may be satisfied by a
//! version that is not affected. Else the nearest direct dependency is tried in higher versions, the lowest first, until
//! the whole tree has lost the finding and gained none.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::pick::{Picker, Versions};
use super::project::{Change, Project};
use super::resolver::Resolver;
use super::spec::{LOOSE, Spec};
use super::world::Document;
use super::{Options, Packument};
use crate::npm::{Npm, parse_version};
use crate::resolve::{Answer, Request};
use crate::semver::Version;
use crate::tree::{EdgeKind, NodeId, NodeKind, Tree};
use crate::{Ecosystem, Step};

/// The ids of what is known against a version of a package. What cannot be determined counts as known.
pub type Findings<'a> = &'a dyn Fn(&str, &str) -> BTreeSet<String>;

/// How many trees are resolved for one way.
const MAX_TRIES: usize = 40;

/// What to do about a package that is affected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// The lockfile is older than need be: no manifest must change.
    Refresh {
        /// The package to refresh.
        name: String,
        /// `npm update NAME`; empty when that could not be pasted safely.
        command: String,
    },
    /// A direct dependency must be in another version.
    Upgrade(Upgrade),
    /// No version of a direct dependency that was tried removes it without bringing something else.
    None {
        /// How many versions were tried.
        tried: usize,
    },
}

/// A direct dependency in a higher version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The folder of the manifest that requires it; empty for the project itself.
    pub folder: String,
    pub name: String,
    pub from: String,
    /// The lowest version whose tree is green as far as this finding goes.
    pub to: String,
    /// How big the step is.
    pub step: Option<Step>,
    /// `npm install NAME@VERSION`; empty when that could not be pasted safely.
    pub command: String,
    /// Findings that go besides.
    pub clears: BTreeSet<String>,
}

/// What the search does next.
#[derive(Debug)]
pub enum Advance {
    Needs(BTreeSet<Request>),
    Done(Way),
}

/// A search for the way to green of one package in one tree. It has no I/O: documents are brought as they are to a
/// resolver.
pub struct WayToGreen<'a> {
    project: &'a Project,
    options: Options,
    tree: &'a Tree,
    target: NodeId,
    documents: BTreeMap<String, Document>,
    directs: VecDeque<Direct>,
    refreshed: bool,
    trying: Option<(Upgrade, Resolver)>,
    tried: usize,
}

/// A direct dependency through which the package comes in.
struct Direct {
    folder: String,
    /// The name that it is required by, which for an alias is not its own.
    installed: String,
    node: NodeId,
    requirement: String,
    /// The next package on the way to the affected one, and what asks for it now; `None` when it is that itself.
    next: Option<(String, String)>,
    candidates: Option<VecDeque<String>>,
}

impl<'a> WayToGreen<'a> {
    /// Looks for the way to green of a node of a tree, which is the project's own, from a lockfile or resolved.
    #[must_use]
    pub fn new(project: &'a Project, options: Options, tree: &'a Tree, target: NodeId) -> Self {
        Self {
            project,
            options,
            tree,
            target,
            documents: BTreeMap::new(),
            directs: directs(tree, target),
            refreshed: false,
            trying: None,
            tried: 0,
        }
    }

    /// Brings a document.
    pub fn supply(&mut self, request: &Request, answer: Answer) {
        let document = match answer {
            Answer::Found(bytes) => match Packument::read(bytes) {
                Ok(packument) => Document::Found(packument),
                Err(error) => Document::Unread(error.to_string()),
            },
            Answer::Absent => Document::Missing,
            Answer::Failed(why) => Document::Unread(why),
        };
        self.documents
            .entry(request.name().to_owned())
            .or_insert(document);
    }

    /// Goes on as far as the documents permit.
    pub fn advance(&mut self, findings: Findings<'_>) -> Advance {
        loop {
            if !self.refreshed {
                match self.refresh(findings) {
                    Err(wanted) => return needs([wanted]),
                    Ok(Some(way)) => return Advance::Done(way),
                    Ok(None) => self.refreshed = true,
                }
            }
            match self.try_next(findings) {
                Err(wanted) => return needs(wanted),
                Ok(Some(way)) => return Advance::Done(way),
                Ok(None) => {}
            }
        }
    }

    fn name(&self) -> &str {
        &self.tree.nodes[self.target].name
    }

    /// What is known against the affected package, in any version that the tree has.
    fn known(&self, tree: &Tree, findings: Findings<'_>) -> BTreeSet<String> {
        let nodes = tree.nodes.iter().filter(|node| node.name == self.name());
        nodes
            .filter_map(|node| Some(findings(&node.name, node.version.as_deref()?)))
            .flatten()
            .collect()
    }

    /// Whether every requirement of the package is satisfied by a version that is not affected.
    fn refresh(&self, findings: Findings<'_>) -> Result<Option<Way>, String> {
        let name = self.name().to_owned();
        let Some(document) = self.documents.get(&name) else {
            return Err(name);
        };
        let Document::Found(packument) = document else {
            return Ok(None);
        };
        let versions = Versions::new(packument, &self.options.environment);
        let mut picker = Picker::new(self.options.environment.clone());
        let known = self.known(self.tree, findings);
        let into = self
            .tree
            .edges
            .iter()
            .filter(|edge| edge.to == self.target)
            .collect::<Vec<_>>();
        let clears = |edge: &&crate::tree::Edge, picker: &mut Picker| {
            let Some(requirement) = edge.requirement.as_deref() else {
                return false;
            };
            let spec = Spec::parse(requirement);
            let asked = spec.in_registry(&name).map(|(_, spec)| spec.clone());
            let picked = asked.and_then(|spec| picker.pick(packument, &versions, &spec));
            picked.is_some_and(|version| findings(&name, &version).is_disjoint(&known))
        };
        if into.is_empty() || known.is_empty() || !into.iter().all(|edge| clears(edge, &mut picker)) {
            return Ok(None);
        }
        let command = if Npm.upgrade_command(&name, "1.0.0").is_empty() {
            String::new()
        } else {
            format!("npm update {name}")
        };
        Ok(Some(Way::Refresh { name, command }))
    }

    /// Goes on with the version that is being tried, or with the next one.
    fn try_next(&mut self, findings: Findings<'_>) -> Result<Option<Way>, Vec<String>> {
        if let Some((upgrade, mut resolver)) = self.trying.take() {
            let Some(resolution) = resolver.resolution() else {
                let missing = self.feed(&mut resolver);
                self.trying = Some((upgrade, resolver));
                return if missing.is_empty() {
                    Ok(None)
                } else {
                    Err(missing)
                };
            };
            let clears = self.compare(&resolution.tree, findings);
            return Ok(clears.map(|clears| Way::Upgrade(Upgrade { clears, ..upgrade })));
        }
        let Some(mut direct) = self.directs.pop_front().filter(|_| self.tried < MAX_TRIES) else {
            return Ok(Some(Way::None { tried: self.tried }));
        };
        if direct.candidates.is_none() {
            match self.candidates(&direct, findings) {
                Ok(found) => direct.candidates = Some(found),
                Err(wanted) => {
                    self.directs.push_front(direct);
                    return Err(vec![wanted]);
                }
            }
        }
        let version = direct.candidates.as_mut().and_then(VecDeque::pop_front);
        if let Some(version) = version {
            self.start(&direct, version);
            self.directs.push_front(direct);
        }
        Ok(None)
    }

    /// Gives a resolver what is there; the answer is what is not.
    fn feed(&self, resolver: &mut Resolver) -> Vec<String> {
        let mut missing = Vec::new();
        for name in resolver.wanted().clone() {
            match self.documents.get(&name) {
                Some(document) => resolver.give(&name, document.clone()),
                None => missing.push(name),
            }
        }
        missing
    }

    /// The versions above the present one that could help, the lowest first.
    fn candidates(&self, direct: &Direct, findings: Findings<'_>) -> Result<VecDeque<String>, String> {
        let node = &self.tree.nodes[direct.node];
        let Some(document) = self.documents.get(&node.name) else {
            return Err(node.name.clone());
        };
        let present = node
            .version
            .as_deref()
            .and_then(|version| parse_version(version, LOOSE));
        let (Document::Found(packument), Some(present)) = (document, present) else {
            return Ok(VecDeque::new());
        };
        let mut versions: Vec<(Version, &str)> = packument
            .versions()
            .filter_map(|text| Some((parse_version(text, LOOSE)?, text)))
            .filter(|(version, _)| {
                *version > present && (!version.is_prerelease() || present.is_prerelease())
            })
            .collect();
        versions.sort();
        let known = self.known(self.tree, findings);
        let could_help = |version: &str| {
            if packument.deprecated(version).is_some() {
                return false;
            }
            match &direct.next {
                None => findings(&node.name, version).is_disjoint(&known),
                Some((name, asked)) => packument
                    .fields(version)
                    .is_some_and(|fields| fields.requirement(name) != Some(asked.as_str())),
            }
        };
        let helpful = versions.into_iter().filter(|(_, version)| could_help(version));
        Ok(helpful.map(|(_, version)| version.to_owned()).collect())
    }

    fn start(&mut self, direct: &Direct, version: String) {
        let node = &self.tree.nodes[direct.node];
        let mut project = self.project.clone();
        let plain = requirement_like(&direct.requirement, &version);
        let requirement = if direct.installed == node.name {
            plain
        } else {
            format!("npm:{}@{plain}", node.name)
        };
        project.changes.push(Change {
            folder: direct.folder.clone(),
            name: direct.installed.clone(),
            requirement,
        });
        self.tried += 1;
        let Ok(resolver) = Resolver::new(&project, self.options.clone()) else {
            return;
        };
        let from = node.version.clone().unwrap_or_default();
        let upgrade = Upgrade {
            folder: direct.folder.clone(),
            name: node.name.clone(),
            step: Npm.step(&from, &version),
            command: Npm.upgrade_command(&node.name, &version),
            from,
            to: version,
            clears: BTreeSet::new(),
        };
        self.trying = Some((upgrade, resolver));
    }

    /// What else a new tree clears; `None` when it keeps the finding, brings a new one, or is worse resolved.
    fn compare(&self, new: &Tree, findings: Findings<'_>) -> Option<BTreeSet<String>> {
        let all = |tree: &Tree| -> BTreeSet<String> {
            let nodes = tree.nodes.iter().filter(|node| node.kind == NodeKind::Package);
            nodes
                .filter_map(|node| Some(findings(&node.name, node.version.as_deref()?)))
                .flatten()
                .collect()
        };
        let conflicts = |tree: &Tree| {
            tree.notices
                .iter()
                .filter(|notice| notice.code == "peer_conflict")
                .count()
        };
        let known = self.known(self.tree, findings);
        let (before, after) = (all(self.tree), all(new));
        let is_worse = new.gaps.len() > self.tree.gaps.len() || conflicts(new) > conflicts(self.tree);
        let cleared = known.is_disjoint(&self.known(new, findings));
        (cleared && !is_worse && after.is_subset(&before))
            .then(|| before.difference(&after).cloned().collect())
    }
}

fn needs(names: impl IntoIterator<Item = String>) -> Advance {
    Advance::Needs(names.into_iter().map(Request::package).collect())
}

/// A requirement of the same kind for another version: exact, `~` or `^`.
fn requirement_like(old: &str, version: &str) -> String {
    let old = old
        .rsplit_once('@')
        .filter(|_| old.starts_with("npm:"))
        .map_or(old, |(_, spec)| spec)
        .trim();
    match Spec::parse(old) {
        Spec::Version(..) => version.to_owned(),
        _ if old.starts_with('~') => format!("~{version}"),
        _ => format!("^{version}"),
    }
}

/// The direct dependencies through which a node comes in, the nearest to it first.
fn directs(tree: &Tree, target: NodeId) -> VecDeque<Direct> {
    let mut into: HashMap<NodeId, Vec<&crate::tree::Edge>> = HashMap::new();
    for edge in tree.edges.iter().filter(|edge| edge.kind != EdgeKind::Member) {
        into.entry(edge.to).or_default().push(edge);
    }
    let mut next: HashMap<NodeId, Option<&crate::tree::Edge>> = HashMap::from([(target, None)]);
    let mut queue = VecDeque::from([target]);
    let mut found = VecDeque::new();
    while let Some(node) = queue.pop_front() {
        for edge in into.get(&node).into_iter().flatten().copied() {
            let from = &tree.nodes[edge.from];
            if from.kind == NodeKind::Package {
                if let Entry::Vacant(place) = next.entry(edge.from) {
                    place.insert(Some(edge));
                    queue.push_back(edge.from);
                }
                continue;
            }
            let installed = |node: NodeId| {
                tree.nodes[node]
                    .alias
                    .clone()
                    .unwrap_or_else(|| tree.nodes[node].name.clone())
            };
            let way = next.get(&node).copied().flatten();
            found.push_back(Direct {
                folder: from.location.clone().unwrap_or_default(),
                installed: installed(node),
                node,
                requirement: edge.requirement.clone().unwrap_or_default(),
                next: way.and_then(|edge| Some((installed(edge.to), edge.requirement.clone()?))),
                candidates: None,
            });
        }
    }
    found
}
