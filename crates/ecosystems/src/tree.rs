//! The dependency tree of one project, as a lockfile has it or as a resolver finds it.
//!
//! Lockfile readers and resolvers of every ecosystem give this one shape. It is richer than an inventory: an
//! edge keeps its requirement and its kind, a node the place that it is installed at.

mod classify;

use inventory::{Hash, Notice, Source};

/// The position of a node in [`Tree::nodes`].
pub type NodeId = usize;

/// The most nodes that a tree may have; a reader or resolver that would exceed it stops with a gap.
pub const MAX_NODES: usize = 500_000;

/// The most edges that a tree may have.
pub const MAX_EDGES: usize = 5_000_000;

/// What is installed, and who asked for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// What was read or done: `package-lock.json v3`, `Cargo.lock v4`, `resolved as npm 11 would`.
    pub format: String,
    /// The ecosystem's OSV name, as [`crate::Ecosystem::name`] gives it.
    pub ecosystem: &'static str,
    pub nodes: Vec<Node>,
    /// Sorted and without duplicates after [`Tree::settle`].
    pub edges: Vec<Edge>,
    /// What a resolution assumed, sorted by key: `python_full_version`, `os`, `node`, `cutoff`. Empty for a lockfile.
    pub environment: Vec<(String, String)>,
    /// What a person should know and what takes nothing away from the tree.
    pub notices: Vec<Notice>,
    /// What could not be read or resolved. Not empty: the tree is partial, and what is missing is *not checked*.
    pub gaps: Vec<Notice>,
}

/// One package at one place of the tree, or one of the project's own members.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub kind: NodeKind,
    /// The package's real name, as its registry spells it (for an alias: the name of what it stands for).
    pub name: String,
    /// The name it is required and installed under, when that is another than `name`.
    pub alias: Option<String>,
    /// Absent: not resolved, or a member that has none.
    pub version: Option<String>,
    pub source: Source,
    /// Hashes of the package's archive, as the lockfile or the registry states them.
    pub hashes: Vec<Hash>,
    pub flags: Flags,
    /// On which platform or under which condition it is installed, as a person reads it: `os: darwin, cpu: arm64`,
    /// `sys_platform == 'win32'`, `cfg(windows)`. Absent: everywhere.
    pub condition: Option<String>,
    /// Where it is put, for ecosystems in which that tells nodes apart (`node_modules/a/node_modules/b`); for a
    /// member its folder relative to the project's root, which itself is the empty text.
    pub location: Option<String>,
    /// The license as the lockfile or the registry states it.
    pub license: Option<String>,
    /// Whether installing it runs a script of its own; `None` when nothing says so.
    pub install_script: Option<bool>,
    /// The reason of its deprecation, when it is deprecated.
    pub deprecated: Option<String>,
    /// Whether the registry has withdrawn (yanked) the version; `None` when nothing says so.
    pub yanked: Option<bool>,
    /// Where the file speaks of it: a JSON pointer (`/packages/node_modules~1a`) or `line 12`.
    pub place: String,
}

/// What a node stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKind {
    /// The project itself.
    Root,
    /// A member of the project's workspace.
    Member,
    /// A dependency.
    #[default]
    Package,
}

/// How a node is needed, by all the ways that lead to it. All `false` is an ordinary dependency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// Only development needs it.
    pub dev: bool,
    /// The tree works without it: every way to it goes through an optional edge.
    pub optional: bool,
    /// Only peer requirements brought it in.
    pub peer: bool,
    /// It lies inside its parent's archive.
    pub bundled: bool,
}

/// `from` requires `to`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    pub from: NodeId,
    pub to: NodeId,
    pub kind: EdgeKind,
    /// The version requirement or reference as written by `from`; absent when the source does not tell.
    pub requirement: Option<String>,
    /// A marker or platform under which the edge exists; absent: always.
    pub condition: Option<String>,
}

/// Why one package requires another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeKind {
    #[default]
    Normal,
    /// Needed to build (Cargo's `build-dependencies`); as shipped code it counts like a normal one.
    Build,
    Dev,
    Optional,
    Peer,
    PeerOptional,
    /// The root holds the member; says nothing about a dependency.
    Member,
}

impl Tree {
    /// A tree of nothing yet.
    #[must_use]
    pub fn new(ecosystem: &'static str, format: impl Into<String>) -> Self {
        Self {
            format: format.into(),
            ecosystem,
            ..Self::default()
        }
    }

    /// Adds a node and says where it stands.
    pub fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Adds an edge without a requirement.
    pub fn link(&mut self, from: NodeId, to: NodeId, kind: EdgeKind) {
        self.edges.push(Edge {
            from,
            to,
            kind,
            requirement: None,
            condition: None,
        });
    }

    /// Puts edges and environment in their one order and drops duplicates, so that equal trees are equal bytes.
    /// Nodes keep their order.
    pub fn settle(&mut self) {
        self.edges.sort();
        self.edges.dedup();
        self.environment.sort();
    }
}
