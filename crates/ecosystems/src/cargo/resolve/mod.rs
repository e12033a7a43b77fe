//! What `cargo generate-lockfile` would lock.
//!
//! [`CargoResolver`] reads the manifests of a project and searches as Cargo does: every member with all its
//! features, development dependencies and targets. It asks for index files until it has all that the search
//! touches, and starts the search anew each time, so that the outcome is that of one search with everything at
//! hand. Where Cargo would refuse, it takes back as little as possible, says so, and gives the rest.

mod conflict;
mod engine;
mod features;
mod foresight;
mod index;
mod manifest;
mod paths;
mod report;
mod summary;
#[cfg(test)]
mod tests;
mod workspace;
mod world;

use std::collections::BTreeMap;

use ::semver::Version;
use clock::Timestamp;

use self::engine::{End, Engine, Failure};
use self::foresight::Foresight;
use self::index::Index;
use self::workspace::Workspace;
use self::world::{Memory, Relaxed, Shelf, Shelved, World};
use crate::resolve::{Answer, Files, Request, Resolver, Step};
use crate::tree::Tree;

/// How often a resolution that fails is tried again with less.
const MAX_RELAXATIONS: usize = 64;
/// More packages than any project asks an index for.
const MAX_DOCUMENTS: usize = 20_000;

/// What a resolution assumes.
#[derive(Clone, Debug)]
pub struct Options {
    /// Releases after this moment do not exist yet.
    pub cutoff: Option<Timestamp>,
    /// The compiler, for members that do not say which they need.
    pub rustc: Version,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cutoff: None,
            rustc: Version::new(1, 95, 0),
        }
    }
}

/// A resolution of one workspace.
#[derive(Debug)]
pub struct CargoResolver {
    workspace: Workspace,
    options: Options,
    /// The compilers that versions should be built with; none: it does not matter.
    compilers: Vec<Version>,
    shelf: Shelf,
    relaxed: Relaxed,
    memory: Memory,
    foresight: Foresight,
    /// Whether a search has had all that it wanted; the next one begins with nothing read and counts.
    is_settled: bool,
    is_full: bool,
}

impl CargoResolver {
    /// A resolution of the workspace or package whose `Cargo.toml` lies in `folder` (empty: the files' root).
    ///
    /// `files` are the manifests of the project; `rust-toolchain` files and `.cargo/config.toml` are considered
    /// where they are among them.
    #[must_use]
    pub fn new(files: &Files, folder: &str, options: &Options) -> Self {
        let workspace = Workspace::read(files, folder.trim_matches('/'));
        let rustc = toolchain(files, &workspace.folder).unwrap_or_else(|| options.rustc.clone());
        let options = Options {
            rustc,
            ..options.clone()
        };
        let compilers = compilers(files, &workspace, &options.rustc);
        Self {
            workspace,
            options,
            compilers,
            shelf: Shelf::new(),
            relaxed: Relaxed::default(),
            memory: Memory::default(),
            foresight: Foresight::default(),
            is_settled: false,
            is_full: false,
        }
    }

    /// One search with what is there; `None` when it was given less to do and is to be tried again.
    fn attempt(&mut self) -> Option<Step> {
        let memory = std::mem::take(&mut self.memory);
        let was_fresh = memory.is_fresh() && self.is_settled;
        let mut world = World::new(
            &self.workspace,
            &self.shelf,
            &self.relaxed,
            &self.options,
            self.compilers.clone(),
            memory,
        );
        let members: Vec<_> = self
            .workspace
            .members
            .iter()
            .filter_map(|folder| world.local(folder))
            .collect();
        if !self.is_settled && !self.is_full {
            self.foresight.look(&mut world, &members);
            if !world.needs.is_empty() {
                let needs = std::mem::take(&mut world.needs);
                self.memory = world.into_memory();
                return Some(Step::Needs(needs));
            }
        }
        let mut engine = Engine::new(&mut world);
        let end = engine.run(&members);
        if !engine.world.needs.is_empty() && !self.is_full {
            let needs = std::mem::take(&mut engine.world.needs);
            self.memory = world.into_memory();
            return Some(Step::Needs(needs));
        }
        if !was_fresh {
            // Everything is at hand: the search that counts begins with nothing read, so that not even the order
            // of names depends on the order in which documents came.
            self.is_settled = true;
            return None;
        }
        let is_last = self.relaxed.yanked.len() + self.relaxed.dropped.len() >= MAX_RELAXATIONS;
        match end {
            End::Failed(failure) if !is_last => {
                let relaxation = relaxation(&mut engine, &failure);
                self.relax(relaxation);
                None
            }
            end => {
                let tree = report::tree(&engine, &self.workspace, &self.relaxed);
                Some(Step::Done(Box::new(self.finish(tree, &end))))
            }
        }
    }

    fn relax(&mut self, relaxation: Relaxation) {
        match relaxation {
            Relaxation::Yanked(package, requirement) => {
                self.relaxed.yanked.insert((package, requirement));
            }
            Relaxation::Drop(open, why) => {
                self.relaxed.dropped.insert(open, why);
            }
        }
    }

    fn finish(&self, mut tree: Tree, end: &End) -> Tree {
        tree.format = "resolved as Cargo would".to_owned();
        let mut environment = BTreeMap::from([("resolver", self.workspace.resolver.clone())]);
        if let Some(cutoff) = self.options.cutoff {
            environment.insert("cutoff", cutoff.to_string());
        }
        if !self.compilers.is_empty() {
            let mut versions: Vec<_> = self.compilers.iter().map(Version::to_string).collect();
            versions.sort();
            versions.dedup();
            environment.insert("rust_version", versions.join(", "));
        }
        tree.environment = environment
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        let unfinished = match end {
            End::Found if !self.is_full => None,
            End::Found => Some("it needs more packages than are asked for"),
            End::TooDeep => Some("the search did not come to an end within its bounds"),
            End::Failed(_) => Some("too many requirements cannot be met"),
        };
        if let Some(why) = unfinished {
            tree.gaps.push(inventory::Notice {
                code: "too_deep".to_owned(),
                level: inventory::Level::Warn,
                place: paths::manifest(&self.workspace.folder),
                text: format!("the resolution is partial: {why}"),
            });
        }
        tree
    }
}

impl Resolver for CargoResolver {
    fn supply(&mut self, request: Request, answer: Answer) {
        let Request::Package { name, registry } = request else {
            return;
        };
        if self.shelf.len() >= MAX_DOCUMENTS {
            self.is_full = true;
            return;
        }
        let shelved = match answer {
            Answer::Found(bytes) => Shelved::File(Index::read(bytes)),
            Answer::Absent => Shelved::Absent,
            Answer::Failed(why) => Shelved::Failed(why),
        };
        self.shelf
            .entry((registry, name.to_lowercase()))
            .or_insert(shelved);
    }

    fn advance(&mut self) -> Step {
        loop {
            if let Some(step) = self.attempt() {
                return step;
            }
        }
    }
}

/// What is given up after a search has failed.
enum Relaxation {
    /// Withdrawn releases may meet this requirement.
    Yanked(String, String),
    /// The requirement stays open, for this reason.
    Drop(world::Open, String),
}

/// The least to give up: a requirement that only withdrawn releases meet, else one that nothing meets, both as
/// they were met on the preferred way; else the one that the search ended with.
fn relaxation(engine: &mut Engine<'_, '_>, failure: &Failure) -> Relaxation {
    let empty = engine.empty.clone();
    let yanked = empty
        .iter()
        .find(|(_, dependency)| engine.world.has_yanked(dependency));
    if let Some((_, dependency)) = yanked {
        let package = engine.world.names.text(dependency.package).to_owned();
        return Relaxation::Yanked(package, dependency.text.clone());
    }
    let (parent, dependency) = match empty.first() {
        Some((parent, dependency)) => (*parent, dependency),
        None => (failure.parent, &failure.dependency),
    };
    let why = report::reason(engine.world, failure, empty.is_empty());
    Relaxation::Drop(engine.world.open(parent, dependency), why)
}

/// The compilers of the members, when the resolver prefers what they can build.
fn compilers(files: &Files, workspace: &Workspace, rustc: &Version) -> Vec<Version> {
    let prefers = match configured(files, &workspace.folder).as_deref() {
        Some("fallback") => true,
        Some(_) => false,
        None => workspace.resolver == "3",
    };
    if !prefers {
        return Vec::new();
    }
    let members = workspace.members.iter();
    let declared: Vec<_> = members
        .filter_map(|folder| partial(workspace.locals.get(folder)?.rust_version.as_deref()?))
        .collect();
    if declared.is_empty() {
        return vec![rustc.clone()];
    }
    declared
}

/// `resolver.incompatible-rust-versions` of the project's own configuration.
fn configured(files: &Files, folder: &str) -> Option<String> {
    let path = paths::join(folder, ".cargo/config.toml")?;
    let table: toml::Table = std::str::from_utf8(files.get(&path)?).ok()?.parse().ok()?;
    let resolver = table.get("resolver")?.as_table()?;
    Some(resolver.get("incompatible-rust-versions")?.as_str()?.to_owned())
}

/// The compiler that a `rust-toolchain` file names by number.
fn toolchain(files: &Files, folder: &str) -> Option<Version> {
    let read = |name: &str| {
        let bytes = files.get(&paths::join(folder, name)?)?;
        std::str::from_utf8(bytes).ok()
    };
    let channel = |text: &str| -> Option<String> {
        let table: toml::Table = text.parse().ok()?;
        let toolchain = table.get("toolchain")?.as_table()?;
        Some(toolchain.get("channel")?.as_str()?.to_owned())
    };
    if let Some(channel) = read("rust-toolchain.toml").and_then(channel) {
        return partial(&channel);
    }
    let text = read("rust-toolchain")?;
    partial(&channel(text).unwrap_or_else(|| text.trim().to_owned()))
}

/// A version of which the last numbers may be missing.
fn partial(text: &str) -> Option<Version> {
    let numbers = text.trim().split('-').next()?.split('.');
    let numbers = numbers
        .map(|number| number.parse().ok())
        .collect::<Option<Vec<u64>>>()?;
    let number = |index: usize| numbers.get(index).copied().unwrap_or(0);
    (!numbers.is_empty()).then(|| Version::new(number(0), number(1), number(2)))
}
