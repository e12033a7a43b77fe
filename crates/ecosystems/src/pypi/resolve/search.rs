//! The search: resolvelib's, with pip's preferences about what to decide next.
//!
//! Each round pins one ident to the first candidate whose own wishes leave something to choose for every ident.
//! Where that fails, states are taken back until one whose pin had to do with the conflict; at first hopefully,
//! jumping further than is safe, and safely when that leads nowhere.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::universe::{CandidateId, IdentId, PYTHON, Pending, RequirementId, Universe, WishKind, Wishes};

/// What pip allows; its bounds on hopeful jumps are a share of it.
const PIPS_ROUNDS: usize = 200_000;
/// What is allowed here: the hardest real resolutions take some hundreds.
const MAX_ROUNDS: usize = 20_000;
/// The share of rounds for which hopeful jumps are tried.
const HOPEFUL_SHARE: usize = 10;
/// Conflicts after which an ident is decided early.
const PROMOTED_AFTER: usize = 5;

/// A wish and who has it; `None`: the project itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Cause {
    pub wish: RequirementId,
    pub parent: Option<CandidateId>,
}

/// All that is known about one ident.
#[derive(Clone, Debug)]
struct Criterion {
    candidates: Arc<[CandidateId]>,
    information: Vec<Cause>,
    incompatible: Vec<CandidateId>,
}

type Criteria = HashMap<IdentId, Arc<Criterion>>;

#[derive(Clone, Debug, Default)]
struct State {
    /// In the order of pinning.
    pins: Vec<(IdentId, CandidateId)>,
    criteria: Criteria,
    causes: Vec<Cause>,
}

impl State {
    fn pin_of(&self, ident: IdentId) -> Option<CandidateId> {
        let mut pins = self.pins.iter();
        pins.find(|(pinned, _)| *pinned == ident)
            .map(|(_, candidate)| *candidate)
    }
}

/// How the search ended.
#[derive(Debug)]
pub(super) enum End {
    Found,
    /// These cannot all be met.
    Impossible(Vec<Cause>),
    TooDeep,
}

/// Why a step stopped.
enum Stop {
    Pending,
    /// The ident of this criterion has nothing left to choose from.
    Conflict(Vec<Cause>),
}

impl From<Pending> for Stop {
    fn from(Pending: Pending) -> Self {
        Self::Pending
    }
}

/// No way back is left; the conflict.
struct DeadEnd(Vec<Cause>);

#[derive(Debug, Default)]
pub(super) struct Search {
    roots: Vec<RequirementId>,
    /// The position of idents among what the project itself asks for.
    order: HashMap<IdentId, usize>,
    added: usize,
    states: Vec<State>,
    pub rounds: usize,
    /// The ident that the current round decides, once chosen.
    chosen: Option<IdentId>,
    hopeful: bool,
    saved: Option<Vec<State>>,
    hopeful_since: Option<usize>,
    conflicts: HashMap<IdentId, usize>,
    promoted: BTreeSet<IdentId>,
}

impl Search {
    /// A search for the project's own wishes; `order` says as which of them an ident was asked for.
    pub fn new(roots: Vec<RequirementId>, order: HashMap<IdentId, usize>) -> Self {
        Self {
            roots,
            order,
            hopeful: true,
            states: vec![State::default()],
            ..Self::default()
        }
    }

    /// What is pinned, in order.
    pub fn pins(&self) -> &[(IdentId, CandidateId)] {
        self.states.last().map_or(&[], |state| &state.pins)
    }

    /// Goes on until the end, or until something is pending.
    pub fn run(&mut self, universe: &mut Universe) -> Result<End, Pending> {
        if let Some(end) = self.add_roots(universe)? {
            return Ok(end);
        }
        while self.rounds < MAX_ROUNDS {
            if let Some(end) = self.round(universe)? {
                return Ok(end);
            }
        }
        Ok(End::TooDeep)
    }

    fn add_roots(&mut self, universe: &mut Universe) -> Result<Option<End>, Pending> {
        while let Some(wish) = self.roots.get(self.added).copied() {
            let mut criteria = self.state().criteria.clone();
            match add(universe, &mut criteria, wish, None) {
                Ok(()) => self.state_mut().criteria = criteria,
                Err(Stop::Pending) => return Err(Pending),
                Err(Stop::Conflict(causes)) => return Ok(Some(End::Impossible(causes))),
            }
            self.added += 1;
            if self.added == self.roots.len() {
                // The first pin has to have something to be taken back to.
                self.push_state();
            }
        }
        if self.roots.is_empty() {
            return Ok(Some(End::Found));
        }
        Ok(None)
    }

    fn state(&self) -> &State {
        self.states.last().expect("there is always the first state")
    }

    fn state_mut(&mut self) -> &mut State {
        self.states.last_mut().expect("there is always the first state")
    }

    fn push_state(&mut self) {
        let next = self.state().clone();
        self.states.push(next);
    }

    fn round(&mut self, universe: &mut Universe) -> Result<Option<End>, Pending> {
        if self.chosen.is_none() {
            if self.has_hoped_long_enough() {
                self.roll_back();
                self.rounds += 1;
                return Ok(None);
            }
            let unsatisfied = self.unsatisfied(universe);
            if unsatisfied.is_empty() {
                return Ok(Some(End::Found));
            }
            self.chosen = Some(self.choose(universe, unsatisfied));
        }
        let Some(ident) = self.chosen else {
            return Ok(None);
        };
        let outcome = self.pin(universe, ident)?;
        self.chosen = None;
        self.rounds += 1;
        match outcome {
            None => Ok(None),
            Some(causes) => Ok(self.recover(universe, causes)),
        }
    }

    fn has_hoped_long_enough(&mut self) -> bool {
        if !self.hopeful || self.saved.is_none() {
            return false;
        }
        let since = *self.hopeful_since.get_or_insert(self.rounds);
        self.rounds - since >= (PIPS_ROUNDS - since) / HOPEFUL_SHARE
    }

    fn unsatisfied(&self, universe: &Universe) -> Vec<IdentId> {
        let state = self.state();
        let idents = state.criteria.iter();
        let unsatisfied =
            idents.filter(|(ident, criterion)| !is_satisfied(universe, state, **ident, criterion));
        let mut unsatisfied: Vec<_> = unsatisfied.map(|(ident, _)| *ident).collect();
        unsatisfied.sort_unstable();
        unsatisfied
    }

    /// The ident that is decided next.
    fn choose(&mut self, universe: &Universe, unsatisfied: Vec<IdentId>) -> IdentId {
        let narrowed = match unsatisfied.as_slice() {
            [only] => return *only,
            _ => self.narrow(universe, unsatisfied),
        };
        let mut best = narrowed[0];
        for ident in narrowed.into_iter().skip(1) {
            if self.preference(universe, ident) < self.preference(universe, best) {
                best = ident;
            }
        }
        best
    }

    /// What a conflict was about comes first, then what was in the way too often.
    fn narrow(&mut self, universe: &Universe, unsatisfied: Vec<IdentId>) -> Vec<IdentId> {
        let state = self.states.last().expect("there is always the first state");
        let mut involved = BTreeSet::new();
        for cause in &state.causes {
            let own = universe.wishes[cause.wish].ident;
            let parent = cause.parent.map(|parent| universe.candidates[parent].ident);
            for ident in [Some(own), parent].into_iter().flatten() {
                involved.insert(ident);
                if state.pin_of(ident).is_none() {
                    let count = self.conflicts.entry(ident).or_default();
                    *count += 1;
                    if *count >= PROMOTED_AFTER {
                        self.promoted.insert(ident);
                    }
                }
            }
        }
        let python = unsatisfied
            .iter()
            .find(|ident| universe.name(**ident).project == PYTHON);
        if let Some(python) = python {
            return vec![*python];
        }
        let among = |set: &BTreeSet<IdentId>| -> Vec<IdentId> {
            unsatisfied
                .iter()
                .copied()
                .filter(|ident| set.contains(ident))
                .collect()
        };
        let (causes, promoted) = (among(&involved), among(&self.promoted));
        match (causes.is_empty(), promoted.is_empty()) {
            (false, _) => causes,
            (true, false) => promoted,
            (true, true) => unsatisfied,
        }
    }

    /// Less is decided earlier.
    fn preference(
        &self,
        universe: &Universe,
        ident: IdentId,
    ) -> (bool, bool, bool, bool, usize, bool, String) {
        let criterion = self.state().criteria.get(&ident);
        let information = criterion
            .map(|criterion| criterion.information.as_slice())
            .unwrap_or_default();
        let (mut direct, mut pinned, mut bounded, mut any) = (false, false, false, false);
        for cause in information {
            match &universe.wishes[cause.wish].kind {
                WishKind::Exactly(_) => direct = true,
                WishKind::Python(_) => {}
                WishKind::Specifier { clauses, .. } => {
                    pinned |= clauses.pinned;
                    bounded |= clauses.bounded_above;
                    any |= clauses.any;
                }
            }
        }
        let order = self.order.get(&ident).copied().unwrap_or(usize::MAX);
        let name = universe.name(ident);
        let name = match name.extras.as_slice() {
            [] => name.project.clone(),
            extras => format!("{}[{}]", name.project, extras.join(",")),
        };
        let promoted = self.promoted.contains(&ident);
        (!promoted, !direct, !pinned, !bounded, order, !any, name)
    }

    /// Pins the first candidate that works; `Some`: none does, for these causes.
    fn pin(&mut self, universe: &mut Universe, ident: IdentId) -> Result<Option<Vec<Cause>>, Pending> {
        let Some(criterion) = self.state().criteria.get(&ident).cloned() else {
            return Ok(None);
        };
        let mut causes = Vec::new();
        for candidate in criterion.candidates.iter().copied() {
            let mut criteria = self.state().criteria.clone();
            match require_all(universe, &mut criteria, candidate) {
                Ok(false) => {}
                Ok(true) => {
                    self.accept(universe, ident, candidate, criteria);
                    return Ok(None);
                }
                Err(Stop::Pending) => return Err(Pending),
                Err(Stop::Conflict(conflict)) => causes.extend(conflict),
            }
        }
        if causes.is_empty() {
            // Every candidate turned out to be broken.
            causes.clone_from(&criterion.information);
        }
        let mut seen = BTreeSet::new();
        causes.retain(|cause| seen.insert(*cause));
        Ok(Some(causes))
    }

    fn accept(&mut self, universe: &Universe, ident: IdentId, candidate: CandidateId, criteria: Criteria) {
        let before = self.state();
        let satisfied: BTreeSet<IdentId> = before
            .criteria
            .iter()
            .filter(|(ident, criterion)| is_satisfied(universe, before, **ident, criterion))
            .map(|(ident, _)| *ident)
            .collect();
        let state = self.state_mut();
        state.criteria = criteria;
        state.pins.retain(|(pinned, _)| *pinned != ident);
        state.pins.push((ident, candidate));
        let state = self.state();
        let broken: BTreeSet<IdentId> = satisfied
            .into_iter()
            .filter(|ident| {
                let criterion = state.criteria.get(ident);
                criterion.is_some_and(|criterion| !is_satisfied(universe, state, *ident, criterion))
            })
            .collect();
        if !broken.is_empty() {
            self.forget_wishes_of(universe, &broken);
        }
        self.push_state();
    }

    /// What is to be pinned anew has no say for now.
    fn forget_wishes_of(&mut self, universe: &Universe, idents: &BTreeSet<IdentId>) {
        let is_from = |cause: &Cause| {
            cause
                .parent
                .is_some_and(|parent| idents.contains(&universe.candidates[parent].ident))
        };
        for criterion in self.state_mut().criteria.values_mut() {
            if criterion.information.iter().any(is_from) {
                let mut changed = Criterion::clone(criterion);
                changed.information.retain(|cause| !is_from(cause));
                *criterion = Arc::new(changed);
            }
        }
    }

    /// Takes pins back after a conflict; `Some`: there is nothing left to try.
    fn recover(&mut self, universe: &mut Universe, causes: Vec<Cause>) -> Option<End> {
        let jumped = self.jump_back(universe, &causes);
        let can_roll_back = self.hopeful && self.saved.is_some();
        match jumped {
            Ok(true) => {
                self.state_mut().causes = causes;
                None
            }
            Ok(false) | Err(_) if can_roll_back => {
                self.roll_back();
                None
            }
            Ok(false) => Some(End::Impossible(causes)),
            Err(DeadEnd(causes)) => Some(End::Impossible(causes)),
        }
    }

    fn roll_back(&mut self) {
        self.hopeful = false;
        if let Some(saved) = self.saved.take() {
            self.states = saved;
        }
    }

    /// Takes states back until one whose pin had a part in the conflict, and forbids that pin.
    fn jump_back(&mut self, universe: &mut Universe, causes: &[Cause]) -> Result<bool, DeadEnd> {
        let dead_end = || DeadEnd(causes.to_vec());
        let involved: BTreeSet<IdentId> = causes
            .iter()
            .flat_map(|cause| {
                let parent = cause.parent.map(|parent| universe.candidates[parent].ident);
                [Some(universe.wishes[cause.wish].ident), parent]
            })
            .flatten()
            .collect();
        while self.states.len() >= 3 {
            self.states.pop();
            let (broken, ident, candidate) = loop {
                let mut broken = self.states.pop().ok_or_else(dead_end)?;
                let (ident, candidate) = broken.pins.pop().ok_or_else(dead_end)?;
                let is_involved = involved.contains(&ident);
                if !self.hopeful && !is_involved {
                    break (broken, ident, candidate);
                }
                if self.hopeful && self.saved.is_none() && !is_involved {
                    self.saved = Some(self.states.clone());
                }
                if requires_any(universe, candidate, &involved) || broken.pins.is_empty() {
                    break (broken, ident, candidate);
                }
                if self.states.len() <= 1 {
                    return Err(dead_end());
                }
            };
            let mut incompatible: Vec<(IdentId, Vec<CandidateId>)> = broken
                .criteria
                .iter()
                .map(|(ident, criterion)| (*ident, criterion.incompatible.clone()))
                .collect();
            incompatible.sort_unstable();
            incompatible.push((ident, vec![candidate]));
            if self.states.is_empty() {
                return Err(dead_end());
            }
            self.push_state();
            if self.forbid(universe, incompatible) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Applies what was found incompatible; whether everything has candidates left.
    fn forbid(&mut self, universe: &mut Universe, incompatible: Vec<(IdentId, Vec<CandidateId>)>) -> bool {
        for (ident, mut forbidden) in incompatible {
            if forbidden.is_empty() {
                continue;
            }
            let Some(criterion) = self.state().criteria.get(&ident).cloned() else {
                continue;
            };
            forbidden.extend(criterion.incompatible.iter().copied());
            let wishes = criterion.information.iter().map(|cause| cause.wish).collect();
            let base = base_wishes(universe, &self.state().criteria, ident);
            // Nothing can be pending: every page involved was read before it was pinned.
            let candidates = universe.find(ident, wishes, base, forbidden.clone());
            let candidates = candidates.unwrap_or_else(|Pending| Vec::new().into());
            if candidates.is_empty() {
                return false;
            }
            let changed = Criterion {
                candidates,
                information: criterion.information.clone(),
                incompatible: forbidden,
            };
            self.state_mut().criteria.insert(ident, Arc::new(changed));
        }
        true
    }

    /// The best candidates of all that is not decided yet.
    pub fn undecided(&self, universe: &Universe) -> Vec<CandidateId> {
        let state = self.state();
        let unsatisfied = self.unsatisfied(universe);
        let criteria = unsatisfied.iter().filter_map(|ident| state.criteria.get(ident));
        criteria
            .filter_map(|criterion| criterion.candidates.first().copied())
            .collect()
    }

    /// The project's own wishes that have not been looked at.
    pub fn roots_ahead(&self) -> &[RequirementId] {
        self.roots.get(self.added..).unwrap_or_default()
    }
}

fn is_satisfied(universe: &Universe, state: &State, ident: IdentId, criterion: &Criterion) -> bool {
    let Some(pin) = state.pin_of(ident) else {
        return false;
    };
    criterion
        .information
        .iter()
        .all(|cause| universe.satisfies(cause.wish, pin))
}

/// Adds all wishes of a candidate; `false`: its metadata is broken and pip passes over it.
fn require_all(
    universe: &mut Universe,
    criteria: &mut Criteria,
    candidate: CandidateId,
) -> Result<bool, Stop> {
    let Wishes::Known(wishes) = universe.wishes_of(candidate)? else {
        return Ok(false);
    };
    for wish in wishes.iter() {
        add(universe, criteria, *wish, Some(candidate))?;
    }
    Ok(true)
}

fn add(
    universe: &mut Universe,
    criteria: &mut Criteria,
    wish: RequirementId,
    parent: Option<CandidateId>,
) -> Result<(), Stop> {
    let ident = universe.wishes[wish].ident;
    let known = criteria.get(&ident);
    let mut information = known.map(|known| known.information.clone()).unwrap_or_default();
    let incompatible = known.map(|known| known.incompatible.clone()).unwrap_or_default();
    information.push(Cause { wish, parent });
    let wishes = information.iter().map(|cause| cause.wish).collect();
    let base = base_wishes(universe, criteria, ident);
    let candidates = universe.find(ident, wishes, base, incompatible.clone())?;
    if candidates.is_empty() {
        return Err(Stop::Conflict(information));
    }
    let criterion = Criterion {
        candidates,
        information,
        incompatible,
    };
    criteria.insert(ident, Arc::new(criterion));
    Ok(())
}

/// What is wished of the project itself, for an ident with extras.
fn base_wishes(universe: &mut Universe, criteria: &Criteria, ident: IdentId) -> Vec<RequirementId> {
    if universe.name(ident).extras.is_empty() {
        return Vec::new();
    }
    let base = universe.base_of(ident);
    let information = criteria.get(&base).map(|criterion| criterion.information.iter());
    information
        .into_iter()
        .flatten()
        .map(|cause| cause.wish)
        .collect()
}

/// Whether a pinned candidate requires one of these.
fn requires_any(universe: &mut Universe, candidate: CandidateId, idents: &BTreeSet<IdentId>) -> bool {
    match universe.wishes_of(candidate) {
        Ok(Wishes::Known(wishes)) => wishes
            .iter()
            .any(|wish| idents.contains(&universe.wishes[*wish].ident)),
        _ => false,
    }
}
