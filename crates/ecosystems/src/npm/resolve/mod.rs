//! The tree that `npm install` would make of a project without a lockfile, package by package and place by place.
//!
//! Nothing here reads or waits: [`Resolver`] is a step machine as [`crate::resolve`] describes. What documents it is
//! given decides the tree; the order in which it is given them does not.
//!
//! The rules are those of npm 11 with an empty `node_modules` (`docs/resolution.md` tells them). Where npm gives up,
//! this goes on and says so in the tree's notices and gaps.

mod build;
mod can_place;
mod closure;
mod collate;
mod edges;
mod exchange;
mod fast;
mod fields;
mod flags;
mod graph;
mod green;
mod issues;
mod json;
mod manifest;
mod moves;
mod names;
mod options;
mod output;
mod overrides;
mod packument;
mod paths;
mod peers;
mod pick;
mod place;
mod project;
mod queue;
mod reduce;
mod reload;
mod replace;
mod resolver;
mod sets;
mod spec;
mod specs;
mod time;
mod workspaces;
mod world;

pub use green::{Advance, Findings, Upgrade, Way, WayToGreen};
pub use options::{InstallStrategy, Options};
pub use output::{InstalledLink, Resolution};
pub use packument::{Packument, UnreadablePackument};
pub use pick::Environment;
pub use project::{Change, Project, UnreadableProject};
pub use resolver::{Resolver, resolve};
pub use time::parse as parse_time;
pub use world::Document;

use graph::EdgeId;
use manifest::ManifestId;
use names::Name;

/// The most packages that a tree may have.
pub const MAX_NODES: usize = 20_000;

/// A folder of the project that its `workspaces` name.
struct Workspace {
    name: String,
    path: String,
    manifest: ManifestId,
}

/// What has come up while a tree was built.
enum Issue {
    /// A peer that is not satisfied, and stays so.
    Overruled(EdgeId),
    /// A dependency on a folder that is not there.
    NoFolder(Name, String),
}
