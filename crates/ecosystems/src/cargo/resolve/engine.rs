//! The search: activate packages one after the other, and go back where that fails.
//!
//! The order is Cargo's: of all packages that were activated, the one whose next dependency has the fewest
//! candidates goes on, the oldest first among equals; a dependency takes the first candidate that fits what is
//! active. That order, not just the constraints, decides which versions a lockfile holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ::semver::Version;

use super::conflict::{Conflicts, Impossible, Reason};
use super::features::{Asked, MissingFeature, enable};
use super::summary::{Dependency, Name, Source};
use super::world::{Offer, SummaryId, Unresolved, World};

/// More activations than any resolution needs; the hardest real ones take some thousands.
const MAX_ACTIVATIONS: usize = 400_000;

/// What may be active once: a name of a source in one range of compatible versions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Slot {
    name: Name,
    source: Source,
    range: Range,
}

/// Versions that Cargo holds for compatible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Range {
    Major(u64),
    Minor(u64),
    Patch(u64),
}

impl Range {
    fn of(version: &Version) -> Self {
        match (version.major, version.minor) {
            (0, 0) => Self::Patch(version.patch),
            (0, minor) => Self::Minor(minor),
            (major, _) => Self::Major(major),
        }
    }
}

/// A dependency on its way to be met.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub dependency: Arc<Dependency>,
    pub candidates: Arc<[SummaryId]>,
    pub features: Arc<BTreeSet<Name>>,
}

/// An activated package with those of its dependencies that still wait.
#[derive(Clone, Debug)]
struct Frame {
    parent: SummaryId,
    wanted: Arc<[Wanted]>,
    next: usize,
}

impl Frame {
    /// How few candidates the next dependency has.
    fn constraint(&self) -> usize {
        self.wanted
            .get(self.next)
            .map_or(0, |wanted| wanted.candidates.len())
    }
}

/// The candidates not yet tried, one of them set aside to know whether there is another.
#[derive(Clone, Debug)]
struct Remaining {
    candidates: Arc<[SummaryId]>,
    next: usize,
    aside: Option<SummaryId>,
}

/// A point to come back to.
#[derive(Debug)]
struct Fork {
    age: usize,
    time: usize,
    trail: usize,
    edges: usize,
    parent: SummaryId,
    wanted: Wanted,
    remaining: Remaining,
    conflicts: Conflicts,
}

/// How to undo one change.
#[derive(Debug)]
enum Undo {
    Activated(Slot),
    Linked(Name),
    Enabled(SummaryId, Vec<Name>),
    Queued((usize, usize)),
    Unqueued((usize, usize), Frame),
}

/// `parent` requires `child`.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub parent: SummaryId,
    pub child: SummaryId,
    pub dependency: Arc<Dependency>,
}

/// A dependency that the search ended with.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub parent: SummaryId,
    pub dependency: Arc<Dependency>,
    pub conflicts: Vec<(SummaryId, Reason)>,
}

/// How the search ended.
#[derive(Debug)]
pub(super) enum End {
    Found,
    Failed(Failure),
    TooDeep,
}

/// The search and what it has reached.
pub(super) struct Engine<'w, 'a> {
    pub world: &'w mut World<'a>,
    active: HashMap<Slot, (SummaryId, usize)>,
    enabled: HashMap<SummaryId, HashSet<Name>>,
    links: HashMap<Name, SummaryId>,
    pub edges: Vec<Link>,
    /// Dependencies that nothing can be found for, of packages that may or may not have stayed active.
    pub unresolved: Vec<(SummaryId, Arc<Dependency>, Unresolved)>,
    /// Dependencies without a single candidate, as they were met.
    pub empty: Vec<(SummaryId, Arc<Dependency>)>,
    /// Members that could not be activated beside another with the same `links`.
    pub clashes: Vec<(SummaryId, Name)>,
    queue: BTreeMap<(usize, usize), Frame>,
    forks: Vec<Fork>,
    trail: Vec<Undo>,
    age: usize,
    time: usize,
    /// Activations in all, those undone included.
    steps: usize,
    impossible: Impossible,
    default: Name,
}

impl<'w, 'a> Engine<'w, 'a> {
    pub fn new(world: &'w mut World<'a>) -> Self {
        let default = world.names.intern("default");
        Self {
            world,
            active: HashMap::new(),
            enabled: HashMap::new(),
            links: HashMap::new(),
            edges: Vec::new(),
            unresolved: Vec::new(),
            empty: Vec::new(),
            clashes: Vec::new(),
            queue: BTreeMap::new(),
            forks: Vec::new(),
            trail: Vec::new(),
            age: 0,
            time: 0,
            steps: 0,
            impossible: Impossible::default(),
            default,
        }
    }

    /// Resolves the members.
    pub fn run(&mut self, members: &[SummaryId]) -> End {
        for member in members {
            match self.activate(None, *member, &Asked::Everything) {
                Ok(Some(frame)) => self.push(frame),
                Ok(None) => {}
                Err((_, Reason::Links(name))) => self.clashes.push((*member, name)),
                Err(_) => {}
            }
        }
        while let Some((parent, wanted)) = self.pop() {
            if self.steps > MAX_ACTIVATIONS {
                return End::TooDeep;
            }
            if let Err(failure) = self.meet(parent, wanted) {
                return End::Failed(failure);
            }
        }
        End::Found
    }

    /// Every package that is active, in no order.
    pub fn activated(&self) -> HashSet<SummaryId> {
        self.active.values().map(|(id, _)| *id).collect()
    }

    /// Activates a candidate for a dependency, after going back as far as it takes.
    fn meet(&mut self, mut parent: SummaryId, mut wanted: Wanted) -> Result<(), Failure> {
        let mut remaining = Remaining {
            candidates: Arc::clone(&wanted.candidates),
            next: 0,
            aside: None,
        };
        let mut conflicts = Conflicts::default();
        let mut went_back = false;
        loop {
            let next = self.next_candidate(&mut remaining, &mut conflicts);
            let (candidate, has_another) = match next {
                Some(next) => next,
                None => {
                    if !went_back {
                        self.impossible.remember(&wanted.dependency, &conflicts);
                    }
                    let failure = || Failure {
                        parent,
                        dependency: Arc::clone(&wanted.dependency),
                        conflicts: conflicts.iter().collect(),
                    };
                    let fork = self.go_back(parent, went_back, &conflicts).ok_or_else(failure)?;
                    (parent, wanted) = (fork.parent, fork.wanted);
                    (remaining, conflicts) = (fork.remaining, fork.conflicts);
                    went_back = true;
                    // A fork is only made where another candidate was seen; should it be gone, go back further.
                    match self.next_candidate(&mut remaining, &mut conflicts) {
                        Some(next) => next,
                        None => continue,
                    }
                }
            };
            let fork = Fork {
                age: self.age,
                time: self.time,
                trail: self.trail.len(),
                edges: self.edges.len(),
                parent,
                wanted: wanted.clone(),
                remaining: remaining.clone(),
                conflicts: conflicts.clone(),
            };
            let asked = Asked::Features {
                features: Arc::clone(&wanted.features),
                default_features: wanted.dependency.default_features,
            };
            match self.activate(Some((parent, &wanted.dependency)), candidate, &asked) {
                Ok(frame) => {
                    if let Some(known) = frame.as_ref().and_then(|frame| self.known_to_fail(frame)) {
                        let others: Vec<_> = known.iter().filter(|(id, _)| *id != candidate).collect();
                        for (id, reason) in others {
                            conflicts.insert(id, reason);
                        }
                        self.undo_to(&fork);
                        continue;
                    }
                    if let Some(frame) = frame {
                        self.push(frame);
                    }
                    if has_another {
                        self.forks.push(fork);
                    }
                    return Ok(());
                }
                Err((id, reason)) => {
                    conflicts.insert(id, reason);
                    self.undo_to(&fork);
                }
            }
            if self.steps > MAX_ACTIVATIONS {
                return Ok(());
            }
        }
    }

    /// Why one of a package's dependencies cannot be met, as far as that was found out before.
    fn known_to_fail(&self, frame: &Frame) -> Option<&Conflicts> {
        let is_active = |id| self.age_of(id).is_some();
        let mut wanted = frame.wanted.iter();
        wanted.find_map(|wanted| self.impossible.reason(&wanted.dependency, is_active))
    }

    /// The next candidate that fits what is active, and whether there is one after it.
    fn next_candidate(
        &self,
        remaining: &mut Remaining,
        conflicts: &mut Conflicts,
    ) -> Option<(SummaryId, bool)> {
        while let Some(candidate) = remaining.candidates.get(remaining.next).copied() {
            remaining.next += 1;
            if let Some((id, reason)) = self.conflict(candidate) {
                conflicts.insert_first(id, reason);
                continue;
            }
            if let Some(found) = remaining.aside.replace(candidate) {
                return Some((found, true));
            }
        }
        remaining.aside.take().map(|found| (found, false))
    }

    /// What stands in a candidate's way.
    fn conflict(&self, candidate: SummaryId) -> Option<(SummaryId, Reason)> {
        let summary = &self.world.summaries[candidate];
        if let Some(links) = summary.links
            && let Some(holder) = self.links.get(&links)
            && *holder != candidate
        {
            return Some((*holder, Reason::Links(links)));
        }
        let (active, _) = self.active.get(&self.slot(candidate))?;
        (*active != candidate).then_some((*active, Reason::Version))
    }

    fn slot(&self, id: SummaryId) -> Slot {
        let summary = &self.world.summaries[id];
        Slot {
            name: summary.name,
            source: summary.source.clone(),
            range: Range::of(&summary.version),
        }
    }

    /// Makes a package active and gives its dependencies, or `None` when it already is with all that is asked.
    fn activate(
        &mut self,
        by: Option<(SummaryId, &Arc<Dependency>)>,
        candidate: SummaryId,
        asked: &Asked,
    ) -> Result<Option<Frame>, (SummaryId, Reason)> {
        self.age += 1;
        self.steps += 1;
        if let Some((parent, dependency)) = by {
            self.edges.push(Link {
                parent,
                child: candidate,
                dependency: Arc::clone(dependency),
            });
        }
        if self.flag(by, candidate, asked)? {
            return Ok(None);
        }
        let parent = by.map_or(candidate, |(parent, _)| parent);
        let missing = |MissingFeature(name)| (parent, Reason::Feature(name));
        self.world.read(candidate);
        let enabled = enable(&self.world.summaries[candidate], asked, self.default).map_err(missing)?;
        self.remember(candidate, &enabled.features);
        let wanted = enabled.dependencies.into_iter();
        let mut wanted: Vec<Wanted> = wanted
            .filter_map(|(dependency, features)| self.wanted(candidate, dependency, features))
            .collect();
        wanted.sort_by_key(|wanted| wanted.candidates.len());
        Ok(Some(Frame {
            parent: candidate,
            wanted: wanted.into(),
            next: 0,
        }))
    }

    /// The candidates of a dependency; `None` when there is nothing to search, now or ever.
    fn wanted(
        &mut self,
        parent: SummaryId,
        dependency: Arc<Dependency>,
        features: Arc<BTreeSet<Name>>,
    ) -> Option<Wanted> {
        match self.world.offer(parent, &dependency) {
            Offer::Pending => None,
            Offer::Unresolved(why) => {
                self.unresolved.push((parent, dependency, why));
                None
            }
            Offer::Candidates(candidates) => {
                if candidates.is_empty() {
                    self.empty.push((parent, Arc::clone(&dependency)));
                }
                Some(Wanted {
                    dependency,
                    candidates,
                    features,
                })
            }
        }
    }

    /// Marks a package as active; whether it was so already, with at least the features that are asked.
    fn flag(
        &mut self,
        by: Option<(SummaryId, &Arc<Dependency>)>,
        candidate: SummaryId,
        asked: &Asked,
    ) -> Result<bool, (SummaryId, Reason)> {
        let slot = self.slot(candidate);
        if self.active.contains_key(&slot) {
            return Ok(self.has_all(candidate, asked));
        }
        if let Some(links) = self.world.summaries[candidate].links {
            if let Some(holder) = self.links.get(&links) {
                return Err((*holder, Reason::Links(links)));
            }
            self.links.insert(links, candidate);
            self.trail.push(Undo::Linked(links));
        }
        self.occupy(slot.clone(), candidate);
        let patched = by.and_then(|(_, dependency)| patched_source(dependency, &slot.source));
        if let Some(source) = patched {
            // A patch fills the place of what it replaces as well.
            let slot = Slot { source, ..slot };
            if let Some((other, _)) = self.active.get(&slot) {
                return Err((*other, Reason::Version));
            }
            self.occupy(slot, candidate);
        }
        Ok(false)
    }

    fn occupy(&mut self, slot: Slot, candidate: SummaryId) {
        self.active.insert(slot.clone(), (candidate, self.age));
        self.trail.push(Undo::Activated(slot));
    }

    fn has_all(&self, candidate: SummaryId, asked: &Asked) -> bool {
        let Asked::Features {
            features,
            default_features,
        } = asked
        else {
            return false;
        };
        let has_default = self.world.summaries[candidate]
            .features
            .contains_key(&self.default);
        let enabled = self.enabled.get(&candidate);
        let has = |name: &Name| enabled.is_some_and(|enabled| enabled.contains(name));
        features.iter().all(has) && (!default_features || !has_default || has(&self.default))
    }

    fn remember(&mut self, candidate: SummaryId, features: &HashSet<Name>) {
        let enabled = self.enabled.entry(candidate).or_default();
        let added: Vec<_> = features
            .iter()
            .filter(|name| enabled.insert(**name))
            .copied()
            .collect();
        if !added.is_empty() {
            self.trail.push(Undo::Enabled(candidate, added));
        }
    }

    fn push(&mut self, frame: Frame) {
        let key = (frame.constraint(), self.time);
        self.time += 1;
        self.queue.insert(key, frame);
        self.trail.push(Undo::Queued(key));
    }

    /// Takes the next dependency of the most constrained package.
    fn pop(&mut self) -> Option<(SummaryId, Wanted)> {
        while let Some((key, frame)) = self.queue.pop_first() {
            self.trail.push(Undo::Unqueued(key, frame.clone()));
            if let Some(wanted) = frame.wanted.get(frame.next).cloned() {
                let parent = frame.parent;
                let frame = Frame {
                    next: frame.next + 1,
                    ..frame
                };
                let key = (frame.constraint(), key.1);
                self.queue.insert(key, frame);
                self.trail.push(Undo::Queued(key));
                return Some((parent, wanted));
            }
        }
        None
    }

    /// Goes back to the last point at which not everything that stood in the way was active yet.
    fn go_back(&mut self, parent: SummaryId, went_back: bool, conflicts: &Conflicts) -> Option<Fork> {
        // After one return it is not known how the conflicts hang together, so it goes step by step.
        let age = if went_back {
            None
        } else {
            self.age_of_conflict(parent, conflicts)
        };
        loop {
            let fork = self.forks.pop()?;
            if age.is_none_or(|age| fork.age < age) {
                self.undo_to(&fork);
                return Some(fork);
            }
        }
    }

    /// The age at which the last of those involved became active; `None` when one of them is not.
    fn age_of_conflict(&self, parent: SummaryId, conflicts: &Conflicts) -> Option<usize> {
        let mut latest = self.age_of(parent)?;
        for (id, _) in conflicts.iter() {
            latest = latest.max(self.age_of(id)?);
        }
        Some(latest)
    }

    fn age_of(&self, id: SummaryId) -> Option<usize> {
        let (active, age) = self.active.get(&self.slot(id))?;
        (*active == id).then_some(*age)
    }

    fn undo_to(&mut self, fork: &Fork) {
        while self.trail.len() > fork.trail {
            let Some(step) = self.trail.pop() else { break };
            self.undo(step);
        }
        self.edges.truncate(fork.edges);
        (self.age, self.time) = (fork.age, fork.time);
    }

    fn undo(&mut self, step: Undo) {
        match step {
            Undo::Activated(slot) => {
                self.active.remove(&slot);
            }
            Undo::Linked(name) => {
                self.links.remove(&name);
            }
            Undo::Enabled(id, names) => {
                if let Some(enabled) = self.enabled.get_mut(&id) {
                    names.iter().for_each(|name| {
                        enabled.remove(name);
                    });
                }
            }
            Undo::Queued(key) => {
                self.queue.remove(&key);
            }
            Undo::Unqueued(key, frame) => {
                self.queue.insert(key, frame);
            }
        }
    }
}

/// The source that a dependency names, when what is activated for it comes from another.
fn patched_source(dependency: &Dependency, source: &Source) -> Option<Source> {
    use super::workspace::Origin;
    let named = match &dependency.origin {
        Origin::Default => Source::Default,
        Origin::Registry(name) => Source::Registry(name.as_str().into()),
        Origin::Git { url, .. } => Source::Git(url.as_str().into()),
        Origin::Path(_) | Origin::Outside(_) => return None,
    };
    (named != *source).then_some(named)
}
