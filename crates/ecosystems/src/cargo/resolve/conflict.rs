//! Why a dependency could not be met.

use std::collections::HashMap;

use super::summary::{Dependency, Name};
use super::workspace::Origin;
use super::world::SummaryId;

/// More ways in which one dependency can fail than are worth remembering.
const MAX_REASONS: usize = 256;

/// What stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// A compatible, but other version is active.
    Version,
    /// Another package links the same native library.
    Links(Name),
    /// The package has no such feature.
    Feature(Name),
}

/// The packages that stand in the way of a dependency.
#[derive(Clone, Debug, Default)]
pub(super) struct Conflicts(Vec<(SummaryId, Reason)>);

impl Conflicts {
    /// The last reason of a package counts.
    pub fn insert(&mut self, id: SummaryId, reason: Reason) {
        match self.0.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => *known = reason,
            None => self.0.push((id, reason)),
        }
    }

    /// The first reason of a package counts.
    pub fn insert_first(&mut self, id: SummaryId, reason: Reason) {
        if !self.0.iter().any(|(known, _)| *known == id) {
            self.0.push((id, reason));
        }
    }

    fn ids(&self) -> impl Iterator<Item = SummaryId> + '_ {
        self.0.iter().map(|(id, _)| *id)
    }

    pub fn iter(&self) -> impl Iterator<Item = (SummaryId, Reason)> + '_ {
        self.0.iter().copied()
    }
}

/// What was found to be impossible before, so that no package with such a dependency is tried in vain.
///
/// It saves work and changes nothing else: a dependency fails whenever all that stood in its way is active.
#[derive(Debug, Default)]
pub(super) struct Impossible(HashMap<Key, Vec<Conflicts>>);

/// Dependencies that ask for the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    package: Name,
    origin: Origin,
    requirement: String,
    features: Vec<Name>,
    default_features: bool,
}

impl Key {
    fn of(dependency: &Dependency) -> Self {
        Self {
            package: dependency.package,
            origin: dependency.origin.clone(),
            requirement: dependency.text.clone(),
            features: dependency.features.clone(),
            default_features: dependency.default_features,
        }
    }
}

impl Impossible {
    pub fn remember(&mut self, dependency: &Dependency, conflicts: &Conflicts) {
        let known = self.0.entry(Key::of(dependency)).or_default();
        let is_new = !known.iter().any(|other| other.ids().eq(conflicts.ids()));
        if is_new && known.len() < MAX_REASONS {
            known.push(conflicts.clone());
        }
    }

    /// Why the dependency cannot be met, when everything that once stood in its way is active.
    pub fn reason(
        &self,
        dependency: &Dependency,
        is_active: impl Fn(SummaryId) -> bool,
    ) -> Option<&Conflicts> {
        if self.0.is_empty() {
            return None;
        }
        let known = self.0.get(&Key::of(dependency))?;
        known.iter().find(|conflicts| conflicts.ids().all(&is_active))
    }
}
