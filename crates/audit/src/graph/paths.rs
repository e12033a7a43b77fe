//! Shortest simple paths, and the direct dependencies that bring a component.
//!
//! Paths are searched backwards from the component, best first, with the exact distance to the nearest top
//! as the estimate: the first paths out of the queue are the shortest, and almost no work is wasted.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use inventory::ComponentId;

use super::{Graph, UNREACHED};

/// How many paths a finding shows.
pub const PATHS_SHOWN: usize = 10;

/// A longer way is counted but not listed: nobody reads it, and a hostile chain must not fill the report.
const LONGEST_SHOWN: u32 = 200;

/// Steps of one search for paths. Ten paths of twenty nodes take a few hundred; the bound is for graphs
/// that are mostly cycles, where fewer than ten paths may be found within it.
const SEARCH_STEPS: usize = 5_000;

/// Direct dependencies that are named for one component.
const VIA_SHOWN: usize = 10;

/// Edges that one search for direct dependencies looks at; only of a component with thousands of ancestors
/// may a direct dependency far away go unnamed.
const VIA_STEPS: usize = 5_000;

/// A partial path: a node, and the rest of the way to the component.
struct Partial {
    node: ComponentId,
    /// The position of the next node towards the component.
    onward: Option<usize>,
    length: u32,
}

/// What may be done next, ordered by the length that the whole path would have; of equal ones the newest
/// is done first, which ends a path before it begins the next.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    whole: u32,
    age: Reverse<usize>,
    partial: usize,
    /// Put this dependent in front of the partial path; `None` when the path is whole.
    choice: Option<usize>,
}

struct Search<'g> {
    graph: &'g Graph,
    partials: Vec<Partial>,
    queue: BinaryHeap<Reverse<Step>>,
    found: Vec<Vec<ComponentId>>,
    pushed: usize,
}

pub(super) fn shortest(graph: &Graph, component: ComponentId) -> Vec<Vec<ComponentId>> {
    if graph.distance(component) > LONGEST_SHOWN {
        return Vec::new();
    }
    let mut search = Search {
        graph,
        partials: Vec::new(),
        queue: BinaryHeap::new(),
        found: Vec::new(),
        pushed: 0,
    };
    search.extend(component, None, 0);
    for _ in 0..SEARCH_STEPS {
        let Some(Reverse(step)) = search.queue.pop() else {
            break;
        };
        match step.choice {
            Some(choice) => search.take(step.partial, choice),
            None => search.emit(step.partial),
        }
        if search.found.len() >= PATHS_SHOWN {
            break;
        }
    }
    search.found
}

impl Search<'_> {
    /// Puts `node` in front of a partial path.
    fn extend(&mut self, node: ComponentId, onward: Option<usize>, length: u32) {
        let partial = self.partials.len();
        self.partials.push(Partial { node, onward, length });
        if self.graph.is_top(node) {
            self.push(length, partial, None);
        }
        self.offer(partial, 0);
    }

    /// Queues the `choice`-th dependent of a partial path, if there is one that leads to a top.
    fn offer(&mut self, partial: usize, choice: usize) {
        let Some(Partial { node, length, .. }) = self.partials.get(partial) else {
            return;
        };
        if let Some(&dependent) = self.graph.dependents(*node).get(choice)
            && self.graph.distance(dependent) != UNREACHED
        {
            let whole = length + 1 + self.graph.distance(dependent);
            if whole <= LONGEST_SHOWN {
                self.push(whole, partial, Some(choice));
            }
        }
    }

    fn push(&mut self, whole: u32, partial: usize, choice: Option<usize>) {
        self.pushed += 1;
        self.queue.push(Reverse(Step {
            whole,
            age: Reverse(self.pushed),
            partial,
            choice,
        }));
    }

    fn take(&mut self, partial: usize, choice: usize) {
        self.offer(partial, choice + 1);
        let Some(Partial { node, length, .. }) = self.partials.get(partial) else {
            return;
        };
        let length = *length + 1;
        if let Some(&dependent) = self.graph.dependents(*node).get(choice)
            && !self.way(partial).any(|on_the_way| on_the_way == dependent)
        {
            self.extend(dependent, Some(partial), length);
        }
    }

    fn emit(&mut self, partial: usize) {
        let path = self.way(partial).collect();
        self.found.push(path);
    }

    /// The nodes of a partial path, from its front to the component.
    fn way(&self, partial: usize) -> impl Iterator<Item = ComponentId> + '_ {
        let first = self.partials.get(partial);
        std::iter::successors(first, |partial| {
            partial.onward.and_then(|next| self.partials.get(next))
        })
        .map(|partial| partial.node)
    }
}

pub(super) fn via(graph: &Graph, component: ComponentId) -> Vec<ComponentId> {
    let mut found = Vec::new();
    let mut seen = vec![false; graph.distance.len()];
    first_time(&mut seen, component);
    let mut queue = VecDeque::from([component]);
    let mut steps = 0;
    while let Some(node) = queue.pop_front() {
        for &dependent in graph.dependents(node) {
            steps += 1;
            if steps > VIA_STEPS || found.len() >= VIA_SHOWN {
                return found;
            }
            if graph.distance(dependent) == UNREACHED || !first_time(&mut seen, dependent) {
                continue;
            }
            if graph.direct(dependent) == Some(true) && !graph.is_grouping(dependent) {
                found.push(dependent);
            }
            queue.push_back(dependent);
        }
    }
    found
}

/// Marks a node; whether it was not marked before.
fn first_time(seen: &mut [bool], node: ComponentId) -> bool {
    seen.get_mut(node as usize)
        .is_some_and(|seen| !std::mem::replace(seen, true))
}
