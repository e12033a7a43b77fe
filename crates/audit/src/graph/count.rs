//! Counting paths in time linear in the graph.
//!
//! Cycles are folded: inside a strongly connected component there is at least one simple path from where one
//! enters to where one leaves, and no simple path enters it twice. So the number of edge sequences *between*
//! components is a lower bound of the number of simple paths, and exact when no cycle lies on the way.

use inventory::ComponentId;

use super::Adjacency;

/// Where counting stops: `1000000` is to be read as "a million or more".
pub const PATH_COUNT_LIMIT: u64 = 1_000_000;

const UNVISITED: u32 = u32::MAX;

pub(super) fn paths(
    successors: &Adjacency,
    tops: &[ComponentId],
    root: Option<ComponentId>,
    size: usize,
) -> Vec<u64> {
    let (cycle, order) = Tarjan::run(successors, tops, root, size);
    let cycle_of = |node: ComponentId| cycle.get(node as usize).copied().unwrap_or(UNVISITED);
    let mut ways = vec![0u64; size];
    for &top in tops {
        add(&mut ways, cycle_of(top), 1);
    }
    // Tarjan closes a component after everything that it leads to: backwards is a topological order.
    for &node in order.iter().rev() {
        let own = cycle_of(node);
        let here = ways.get(own as usize).copied().unwrap_or_default();
        for &next in successors.of(node) {
            if cycle_of(next) != own {
                add(&mut ways, cycle_of(next), here);
            }
        }
    }
    cycle
        .iter()
        .map(|&own| ways.get(own as usize).copied().unwrap_or_default())
        .collect()
}

fn add(ways: &mut [u64], cycle: u32, more: u64) {
    if let Some(count) = ways.get_mut(cycle as usize) {
        *count = count.saturating_add(more).min(PATH_COUNT_LIMIT);
    }
}

/// Tarjan's strongly connected components with an explicit stack.
struct Tarjan<'g> {
    successors: &'g Adjacency,
    root: Option<ComponentId>,
    index: Vec<u32>,
    low: Vec<u32>,
    /// The component's number, in the order of closing; unvisited nodes have none.
    cycle: Vec<u32>,
    open: Vec<ComponentId>,
    /// Nodes grouped by component, in the order of closing.
    closed: Vec<ComponentId>,
    visited: u32,
    cycles: u32,
}

impl<'g> Tarjan<'g> {
    /// The component of each node that the tops lead to, and those nodes, what is led to first.
    fn run(
        successors: &'g Adjacency,
        tops: &[ComponentId],
        root: Option<ComponentId>,
        size: usize,
    ) -> (Vec<u32>, Vec<ComponentId>) {
        let mut search = Self {
            successors,
            root,
            index: vec![UNVISITED; size],
            low: vec![UNVISITED; size],
            cycle: vec![UNVISITED; size],
            open: Vec::new(),
            closed: Vec::with_capacity(size),
            visited: 0,
            cycles: 0,
        };
        for &top in tops {
            if at(&search.index, top) == UNVISITED && Some(top) != root {
                search.visit(top);
            }
        }
        (search.cycle, search.closed)
    }

    fn visit(&mut self, start: ComponentId) {
        let mut calls = vec![(start, 0usize)];
        self.enter(start);
        while let Some((node, position)) = calls.last_mut() {
            let node = *node;
            let Some(&next) = self.successors.of(node).get(*position) else {
                calls.pop();
                self.leave(node);
                if let Some(&(caller, _)) = calls.last() {
                    self.lower(caller, at(&self.low, node));
                }
                continue;
            };
            *position += 1;
            if Some(next) == self.root {
                continue;
            }
            if at(&self.index, next) == UNVISITED {
                self.enter(next);
                calls.push((next, 0));
            } else if at(&self.cycle, next) == UNVISITED {
                self.lower(node, at(&self.index, next));
            }
        }
    }

    fn enter(&mut self, node: ComponentId) {
        set(&mut self.index, node, self.visited);
        set(&mut self.low, node, self.visited);
        self.visited += 1;
        self.open.push(node);
    }

    /// Closes the component of which `node` was the first node seen, if it was.
    fn leave(&mut self, node: ComponentId) {
        if at(&self.low, node) != at(&self.index, node) {
            return;
        }
        while let Some(member) = self.open.pop() {
            set(&mut self.cycle, member, self.cycles);
            self.closed.push(member);
            if member == node {
                break;
            }
        }
        self.cycles += 1;
    }

    fn lower(&mut self, node: ComponentId, to: u32) {
        if to < at(&self.low, node) {
            set(&mut self.low, node, to);
        }
    }
}

fn at(values: &[u32], node: ComponentId) -> u32 {
    values.get(node as usize).copied().unwrap_or(UNVISITED)
}

fn set(values: &mut [u32], node: ComponentId, value: u32) {
    if let Some(slot) = values.get_mut(node as usize) {
        *slot = value;
    }
}
