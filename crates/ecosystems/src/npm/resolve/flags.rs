//! Why each package of the tree is needed: a flag stays when every way to the package has it.

use super::fast::{FastMap, FastSet};
use super::graph::{Builder, NodeId};
use super::manifest::Kind;

/// What all ways to a package have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// No way leads to it.
    pub extraneous: bool,
    pub dev: bool,
    pub optional: bool,
    /// Each way is for development or through an optional edge, but not all are the same.
    pub dev_optional: bool,
    pub peer: bool,
}

impl Reach {
    const ALL: Self = Self {
        extraneous: true,
        dev: true,
        optional: true,
        dev_optional: true,
        peer: true,
    };
    const NONE: Self = Self {
        extraneous: false,
        dev: false,
        optional: false,
        dev_optional: false,
        peer: false,
    };

    fn and(self, other: Self) -> Self {
        Self {
            extraneous: self.extraneous && other.extraneous,
            dev: self.dev && other.dev,
            optional: self.optional && other.optional,
            dev_optional: self.dev_optional && other.dev_optional,
            peer: self.peer && other.peer,
        }
    }

    /// What a dependency is reached by through an edge from here.
    fn along(self, kind: Kind) -> Self {
        let (dev, optional) = (kind == Kind::Dev, kind.is_optional());
        Self {
            extraneous: self.extraneous || kind == Kind::PeerOptional,
            dev: self.dev || dev,
            optional: self.optional || optional,
            dev_optional: self.dev_optional || self.dev || self.optional || dev || optional,
            peer: self.peer || kind.is_peer(),
        }
    }
}

impl Builder<'_> {
    /// The flags of everything that can be reached from the project.
    pub fn reach(&self) -> FastMap<NodeId, Reach> {
        let mut reach: FastMap<NodeId, Reach> = FastMap::default();
        let mut seen: FastSet<NodeId> = FastSet::default();
        reach.insert(self.ideal, Reach::NONE);
        let mut stack = vec![self.ideal];
        while let Some(node) = stack.pop() {
            seen.insert(node);
            let own = reach.get(&node).copied().unwrap_or(Reach::ALL);
            if let Some(link) = &self.node(node).link {
                if let Some(target) = link.target
                    && (lower(&mut reach, target, own) || !seen.contains(&target))
                {
                    stack.push(target);
                }
                continue;
            }
            for edge in &self.node(node).edges_out {
                let edge = self.edge(*edge);
                if let Some(to) = edge.to
                    && lower(&mut reach, to, own.along(edge.kind))
                {
                    stack.push(to);
                }
            }
        }
        for (node, reach) in &mut reach {
            reach.dev_optional &= *node != self.ideal && !reach.dev && !reach.optional;
        }
        reach
    }
}

/// Takes away the flags that another way does not have; `true` when any went.
fn lower(reach: &mut FastMap<NodeId, Reach>, node: NodeId, way: Reach) -> bool {
    let known = reach.entry(node).or_insert(Reach::ALL);
    let both = known.and(way);
    let changed = both != *known;
    *known = both;
    changed
}
