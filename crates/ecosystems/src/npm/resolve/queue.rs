//! What is looked at next: the outermost first, and in the collation's order of paths.

use std::collections::BTreeSet;

use super::graph::NodeId;

#[derive(Default)]
pub struct Queue(BTreeSet<(usize, Box<[u8]>, NodeId)>);

impl Queue {
    /// Adds a node, unless it waits already.
    pub fn push(&mut self, depth: usize, key: Box<[u8]>, node: NodeId) {
        self.0.insert((depth, key, node));
    }

    pub fn pop(&mut self) -> Option<NodeId> {
        self.0.pop_first().map(|(_, _, node)| node)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
