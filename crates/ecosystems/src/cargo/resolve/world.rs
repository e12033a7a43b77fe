//! The facts of one resolution: what the project and the registries offer for a dependency.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ::semver::Version;

use super::Options;
use super::index::Index;
use super::summary::{Dependency, Name, Names, Requirements, Source, Summary};
use super::workspace::{Need, Origin, Workspace};
use crate::resolve::Request;

/// The position of a summary in this resolution.
pub(super) type SummaryId = usize;

/// Index files that were supplied, by registry and name in lower case.
pub(super) type Shelf = HashMap<(Option<String>, String), Shelved>;

/// What is known of one index file.
#[derive(Debug)]
pub(super) enum Shelved {
    File(Index),
    Absent,
    Failed(String),
}

/// What was given up so that the rest can be resolved, found in earlier attempts.
#[derive(Debug, Default)]
pub(super) struct Relaxed {
    /// Requirements that may be met by a withdrawn release: package and requirement.
    pub yanked: BTreeSet<(String, String)>,
    /// Requirements that are left open: package, requirement, and the package that asks.
    pub dropped: BTreeMap<Open, String>,
}

/// A requirement and who has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Open {
    pub parent: String,
    pub parent_version: String,
    pub package: String,
    pub requirement: String,
}

/// Why a dependency has no candidates to speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    Git {
        url: String,
        reference: Option<String>,
    },
    Outside(String),
    PathMissing(String),
    PathMismatch(String),
    NotFetched(String),
    /// Given up after the whole resolution failed with it; why.
    Dropped(String),
}

/// Candidates of a dependency.
pub(super) enum Offer {
    Candidates(Arc<[SummaryId]>),
    /// The document is not there yet; it was noted in [`World::needs`].
    Pending,
    Unresolved(Unresolved),
}

/// What was read of releases, so that a search that begins anew need not read them again.
#[derive(Debug, Default)]
pub(super) struct Memory {
    names: Names,
    summaries: Vec<Summary>,
    broken: Vec<Need>,
    locals: HashMap<String, SummaryId>,
    releases: HashMap<(Source, Name, usize), Option<SummaryId>>,
    requirements: Requirements,
}

impl Memory {
    /// Whether nothing was read yet.
    pub fn is_fresh(&self) -> bool {
        self.summaries.is_empty()
    }
}

pub(super) struct World<'a> {
    workspace: &'a Workspace,
    shelf: &'a Shelf,
    relaxed: &'a Relaxed,
    options: &'a Options,
    pub names: Names,
    pub summaries: Vec<Summary>,
    pub needs: BTreeSet<Request>,
    /// Requirements of the project that no version can meet because they are no requirements.
    pub broken: Vec<Need>,
    locals: HashMap<String, SummaryId>,
    releases: HashMap<(Source, Name, usize), Option<SummaryId>>,
    requirements: Requirements,
    /// By origin, package and the wording of the requirement.
    offers: HashMap<(Origin, Name, Name), Arc<[SummaryId]>>,
    /// The compilers of the members, when old compilers are considered.
    compilers: Vec<Version>,
}

impl<'a> World<'a> {
    pub fn new(
        workspace: &'a Workspace,
        shelf: &'a Shelf,
        relaxed: &'a Relaxed,
        options: &'a Options,
        compilers: Vec<Version>,
        memory: Memory,
    ) -> Self {
        let is_fresh = memory.is_fresh();
        let mut world = Self {
            workspace,
            shelf,
            relaxed,
            options,
            names: memory.names,
            summaries: memory.summaries,
            needs: BTreeSet::new(),
            broken: memory.broken,
            locals: memory.locals,
            releases: memory.releases,
            requirements: memory.requirements,
            offers: HashMap::new(),
            compilers,
        };
        let unread = workspace.locals.iter().filter(|_| is_fresh);
        for (folder, local) in unread {
            let (summary, broken) = Summary::of_local(local, folder, &mut world.names);
            world.summaries.push(summary);
            world.locals.insert(folder.clone(), world.summaries.len() - 1);
            world.broken.extend(broken);
        }
        world
    }

    /// What was read, for the next search.
    pub fn into_memory(self) -> Memory {
        Memory {
            names: self.names,
            summaries: self.summaries,
            broken: self.broken,
            locals: self.locals,
            releases: self.releases,
            requirements: self.requirements,
        }
    }

    /// The package in a folder of the project.
    pub fn local(&self, folder: &str) -> Option<SummaryId> {
        self.locals.get(folder).copied()
    }

    /// What may meet a dependency of `parent`, the preferred first.
    pub fn offer(&mut self, parent: SummaryId, dependency: &Dependency) -> Offer {
        let dropped = &self.relaxed.dropped;
        if !dropped.is_empty()
            && let Some(why) = dropped.get(&self.open(parent, dependency))
        {
            return Offer::Unresolved(Unresolved::Dropped(why.clone()));
        }
        match &dependency.origin {
            Origin::Path(folder) => self.in_folder(folder, dependency),
            Origin::Outside(path) => Offer::Unresolved(Unresolved::Outside(path.clone())),
            Origin::Git { url, reference } => self.in_git(url, reference.as_ref(), dependency),
            Origin::Default | Origin::Registry(_) => self.in_registry(dependency),
        }
    }

    /// Reads a release that was chosen and only glanced at so far.
    pub fn read(&mut self, id: SummaryId) {
        self.summaries[id].read(&mut self.names, &mut self.requirements);
    }

    /// The requirement as earlier attempts remember it.
    pub fn open(&self, parent: SummaryId, dependency: &Dependency) -> Open {
        let summary = &self.summaries[parent];
        Open {
            parent: self.names.text(summary.name).to_owned(),
            parent_version: summary.version.to_string(),
            package: self.names.text(dependency.package).to_owned(),
            requirement: dependency.text.clone(),
        }
    }

    fn in_folder(&self, folder: &str, dependency: &Dependency) -> Offer {
        let Some(id) = self.local(folder) else {
            return Offer::Unresolved(Unresolved::PathMissing(folder.to_owned()));
        };
        let summary = &self.summaries[id];
        if summary.name != dependency.package || !dependency.accepts(&summary.version) {
            return Offer::Unresolved(Unresolved::PathMismatch(folder.to_owned()));
        }
        Offer::Candidates([id].into())
    }

    fn in_git(&self, url: &str, reference: Option<&String>, dependency: &Dependency) -> Offer {
        let origin = Origin::Git {
            url: url.to_owned(),
            reference: None,
        };
        let patches = self.patches(&origin, dependency);
        if patches.is_empty() {
            return Offer::Unresolved(Unresolved::Git {
                url: url.to_owned(),
                reference: reference.cloned(),
            });
        }
        Offer::Candidates(patches.into())
    }

    /// The packages of the project that stand in for what `origin` has.
    fn patches(&self, origin: &Origin, dependency: &Dependency) -> Vec<SummaryId> {
        let patches = self.workspace.patches.iter();
        let patches = patches.filter(|patch| patch.of == *origin);
        let ids = patches.filter_map(|patch| {
            let id = self.local(&patch.folder)?;
            let summary = &self.summaries[id];
            let named = self.names.text(summary.name) == patch.package && summary.name == dependency.package;
            (named && dependency.accepts(&summary.version)).then_some(id)
        });
        ids.collect()
    }

    fn in_registry(&mut self, dependency: &Dependency) -> Offer {
        let key = (dependency.origin.clone(), dependency.package, dependency.wording);
        if let Some(known) = self.offers.get(&key) {
            return Offer::Candidates(Arc::clone(known));
        }
        let name = self.names.text(dependency.package).to_owned();
        let registry = match &dependency.origin {
            Origin::Registry(registry) => Some(registry.clone()),
            _ => None,
        };
        let shelf = self.shelf;
        let mut candidates = self.patches(&dependency.origin, dependency);
        match shelf.get(&(registry.clone(), name.to_lowercase())) {
            None => {
                let name = name.to_lowercase();
                self.needs.insert(Request::Package { name, registry });
                return Offer::Pending;
            }
            Some(Shelved::Failed(why)) if candidates.is_empty() => {
                return Offer::Unresolved(Unresolved::NotFetched(why.clone()));
            }
            Some(Shelved::Failed(_) | Shelved::Absent) => {}
            Some(Shelved::File(index)) => self.releases(index, registry, dependency, &mut candidates),
        }
        self.prefer(&mut candidates);
        let candidates: Arc<[SummaryId]> = candidates.into();
        self.offers.insert(key, Arc::clone(&candidates));
        Offer::Candidates(candidates)
    }

    /// Adds the releases that meet the dependency; a patch of the same version has taken their place.
    fn releases(
        &mut self,
        index: &Index,
        registry: Option<String>,
        dependency: &Dependency,
        candidates: &mut Vec<SummaryId>,
    ) {
        let patched: Vec<Version> = candidates
            .iter()
            .map(|id| self.summaries[*id].version.clone())
            .collect();
        let source = registry.map_or(Source::Default, |name| Source::Registry(name.into()));
        let may_be_yanked = self.may_be_yanked(dependency);
        for (number, line) in index.lines.iter().enumerate() {
            if !dependency.accepts(&line.version) || patched.contains(&line.version) {
                continue;
            }
            let key = (source.clone(), dependency.package, number);
            let known = self.releases.get(&key).copied();
            let id = known.unwrap_or_else(|| {
                let (names, requirements) = (&mut self.names, &mut self.requirements);
                let with_time = self.options.cutoff.is_some();
                let read = Summary::of_release(index, line, &source, with_time, names, requirements);
                let id = read.map(|summary| {
                    self.summaries.push(summary);
                    self.summaries.len() - 1
                });
                self.releases.insert(key, id);
                id
            });
            candidates.extend(id.filter(|id| self.is_available(*id, dependency, may_be_yanked)));
        }
    }

    fn may_be_yanked(&self, dependency: &Dependency) -> bool {
        let name = self.names.text(dependency.package).to_owned();
        self.relaxed.yanked.contains(&(name, dependency.text.clone()))
    }

    /// Whether there are releases that would do, had they not been withdrawn.
    pub fn has_yanked(&mut self, dependency: &Dependency) -> bool {
        if self.may_be_yanked(dependency) {
            return false;
        }
        let wanted: Vec<_> = self
            .summaries
            .iter()
            .filter(|summary| {
                summary.yanked
                    && summary.name == dependency.package
                    && dependency.accepts(&summary.version)
                    && self.is_old_enough(summary)
            })
            .collect();
        !wanted.is_empty()
    }

    fn is_available(&self, id: SummaryId, dependency: &Dependency, may_be_yanked: bool) -> bool {
        let summary = &self.summaries[id];
        summary.name == dependency.package
            && (may_be_yanked || !summary.yanked)
            && self.is_old_enough(summary)
    }

    /// What has no time of publication was there always.
    fn is_old_enough(&self, summary: &Summary) -> bool {
        let (Some(cutoff), Some(published)) = (self.options.cutoff, summary.published) else {
            return true;
        };
        published <= cutoff
    }

    /// Patches first, then what most of the members' compilers can build, then the newest.
    fn prefer(&self, candidates: &mut [SummaryId]) {
        let is_patch = |id: &SummaryId| matches!(self.summaries[*id].source, Source::Path(_));
        candidates.sort_by(|a, b| {
            is_patch(b)
                .cmp(&is_patch(a))
                .then_with(|| self.compatible(*b).cmp(&self.compatible(*a)))
                .then_with(|| self.summaries[*b].version.cmp(&self.summaries[*a].version))
        });
    }

    fn compatible(&self, id: SummaryId) -> usize {
        match &self.summaries[id].rust_version {
            None => self.compilers.len(),
            Some(needed) => {
                let fit = self.compilers.iter().filter(|compiler| needed.matches(compiler));
                fit.count()
            }
        }
    }
}
