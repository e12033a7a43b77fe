//! Which index files will probably be wanted: found before any search, so that there are few searches.
//!
//! Every dependency is followed to the candidate that would be tried first. What is left out that way, or asked for in
//! vain, changes nothing: the search says itself what it lacks.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::features::{Asked, enable};
use super::summary::{Dependency, Name};
use super::world::{Offer, SummaryId, World};

/// More packages with features than any tree has.
const MAX_SEEN: usize = 100_000;

/// A dependency of a package, with the features that are asked of it.
type Step = (SummaryId, Arc<Dependency>, Arc<BTreeSet<Name>>);

/// What was followed so far.
#[derive(Debug, Default)]
pub(super) struct Foresight {
    has_begun: bool,
    seen: HashSet<(SummaryId, Arc<BTreeSet<Name>>, bool)>,
    /// Dependencies whose index file is not there yet.
    waiting: Vec<Step>,
}

impl Foresight {
    /// Goes on as far as the index files permit; those that are missing are in the world's needs.
    pub fn look(&mut self, world: &mut World<'_>, members: &[SummaryId]) {
        let mut steps = std::mem::take(&mut self.waiting);
        if !self.has_begun {
            self.has_begun = true;
            for member in members {
                follow(world, *member, &Asked::Everything, &mut steps);
            }
        }
        while let Some((parent, dependency, features)) = steps.pop() {
            let candidates = match world.offer(parent, &dependency) {
                Offer::Pending => {
                    self.waiting.push((parent, dependency, features));
                    continue;
                }
                Offer::Candidates(candidates) => candidates,
                Offer::Unresolved(_) => continue,
            };
            let Some(first) = candidates.first().copied() else {
                continue;
            };
            let seen = (first, Arc::clone(&features), dependency.default_features);
            if self.seen.len() < MAX_SEEN && self.seen.insert(seen) {
                let asked = Asked::Features {
                    features,
                    default_features: dependency.default_features,
                };
                follow(world, first, &asked, &mut steps);
            }
        }
    }
}

fn follow(world: &mut World<'_>, package: SummaryId, asked: &Asked, steps: &mut Vec<Step>) {
    world.read(package);
    let default = world.names.intern("default");
    let Ok(enabled) = enable(&world.summaries[package], asked, default) else {
        return;
    };
    let found = enabled.dependencies.into_iter();
    steps.extend(found.map(|(dependency, features)| (package, dependency, features)));
}
