//! How components hang together: who is direct, how one is reached, in how many ways.
//!
//! Everything here is iterative and bounded, so that a hostile document of 500,000 components costs time
//! in proportion to its size and never the stack.

mod build;
mod count;
mod paths;

use inventory::{ComponentId, Inventory};

pub use count::PATH_COUNT_LIMIT;
pub use paths::PATHS_SHOWN;

/// Distance of a node that cannot be reached.
const UNREACHED: u32 = u32::MAX;

/// The dependency graph of one inventory, without its root.
///
/// The *tops* are what the product itself names: the successors of the root. A document without a root, or
/// whose root names nothing, has as tops the components that need others and that nobody needs.
///
/// A grouping component (a lockfile, an operating system, a file: no purl and no package) is transparent:
/// what a top grouping names is direct too, as Trivy's documents put one between image and packages. So is what a
/// member of a source tree names, for a member is the product's own code.
#[derive(Debug)]
pub struct Graph {
    successors: Adjacency,
    /// Nearest to the tops first.
    predecessors: Adjacency,
    is_top: Vec<bool>,
    is_grouping: Vec<bool>,
    direct: Vec<Option<bool>>,
    /// Steps from the nearest top; [`UNREACHED`] when there is no way.
    distance: Vec<u32>,
    path_counts: Vec<u64>,
}

/// Neighbours of every node in one allocation: those of `n` are `targets[starts[n]..starts[n + 1]]`.
#[derive(Debug, Default)]
struct Adjacency {
    starts: Vec<usize>,
    targets: Vec<ComponentId>,
}

impl Adjacency {
    fn of(&self, node: ComponentId) -> &[ComponentId] {
        let node = node as usize;
        match (self.starts.get(node), self.starts.get(node + 1)) {
            (Some(&start), Some(&end)) => self.targets.get(start..end).unwrap_or_default(),
            _ => &[],
        }
    }
}

impl Graph {
    /// Reads the edges of an inventory; edges to components that do not exist are left out.
    #[must_use]
    pub fn new(inventory: &Inventory) -> Self {
        build::graph(inventory)
    }

    /// Whether the product itself names the component; `None` when the document does not tell.
    ///
    /// It does not tell when it has no graph, when nothing leads to the component, and, without a root,
    /// of everything that another component needs (the product may name it as well).
    #[must_use]
    pub fn direct(&self, component: ComponentId) -> Option<bool> {
        self.direct.get(component as usize).copied().flatten()
    }

    /// What the component depends on.
    #[must_use]
    pub fn dependencies(&self, component: ComponentId) -> &[ComponentId] {
        self.successors.of(component)
    }

    /// What depends on the component, nearest to the product first; the root is left out.
    #[must_use]
    pub fn dependents(&self, component: ComponentId) -> &[ComponentId] {
        self.predecessors.of(component)
    }

    /// The number of simple paths from the product to the component, at most [`PATH_COUNT_LIMIT`].
    ///
    /// Exact where no cycle lies on the way; a cycle counts as one way through, so that with cycles this is
    /// a lower bound (counting simple paths exactly takes exponential time).
    #[must_use]
    pub fn path_count(&self, component: ComponentId) -> u64 {
        self.path_counts
            .get(component as usize)
            .copied()
            .unwrap_or_default()
    }

    /// The shortest distinct simple paths, each from a top to the component, at most [`PATHS_SHOWN`].
    #[must_use]
    pub fn shortest_paths(&self, component: ComponentId) -> Vec<Vec<ComponentId>> {
        paths::shortest(self, component)
    }

    /// The direct dependencies through which a component comes, nearest first; bounded in number and work.
    #[must_use]
    pub fn via(&self, component: ComponentId) -> Vec<ComponentId> {
        paths::via(self, component)
    }

    fn distance(&self, node: ComponentId) -> u32 {
        self.distance.get(node as usize).copied().unwrap_or(UNREACHED)
    }

    fn is_grouping(&self, node: ComponentId) -> bool {
        self.is_grouping.get(node as usize).copied().unwrap_or_default()
    }

    fn is_top(&self, node: ComponentId) -> bool {
        self.is_top.get(node as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
