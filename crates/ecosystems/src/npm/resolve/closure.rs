//! Foreseeing which packages a resolution will ask the registry about.
//!
//! Every dependency is followed as if nothing else were in the tree. What the tree will be like is not known then,
//! but which documents it needs nearly always is; what is missed, the resolution itself asks for.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::manifest::{Declaration, Kind, ManifestId};
use super::names::Name;
use super::paths;
use super::spec::Spec;
use super::specs::SpecId;
use super::world::{Picked, World};

/// Which dependencies of a package are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Reach {
    All,
    /// The package is an optional peer that is tried out, but not installed.
    Peers,
}

type Request = (Name, SpecId, Reach);

#[derive(Default)]
pub struct Closure {
    pending: Vec<Request>,
    /// Requests that wait for a document.
    parked: HashMap<Name, Vec<Request>>,
    seen: HashSet<Request>,
    expanded: HashSet<(ManifestId, Reach)>,
    /// Members by name, whose own version is taken when it will do.
    members: HashMap<Name, ManifestId>,
}

impl Closure {
    pub fn new(world: &World, root: ManifestId, members: HashMap<Name, ManifestId>) -> Self {
        let mut this = Self {
            members,
            ..Self::default()
        };
        this.expand_local(world, "", root);
        let folders: Vec<_> = this.members.values().copied().collect();
        for (path, manifest) in &world.locals {
            if folders.contains(manifest) {
                this.expand_local(world, path, *manifest);
            }
        }
        for (name, spec) in world.overrides.asked_for() {
            this.request((name, spec, Reach::All));
        }
        this
    }

    fn expand_local(&mut self, world: &World, path: &str, manifest: ManifestId) {
        if !self.expanded.insert((manifest, Reach::All)) {
            return;
        }
        for declaration in world.manifest(manifest).with_dev.clone() {
            if let Spec::Directory(text) = &**world.specs.get(declaration.spec) {
                let folder = paths::join(path, text);
                if let Some(linked) = world.locals.get(&folder) {
                    self.expand_local(world, &folder, *linked);
                }
                continue;
            }
            self.declare(declaration, Reach::All);
        }
    }

    fn declare(&mut self, declaration: Declaration, reach: Reach) {
        let below = match declaration.kind {
            Kind::PeerOptional => Reach::Peers,
            Kind::Peer => reach,
            _ if reach == Reach::Peers => return,
            _ => Reach::All,
        };
        self.request((declaration.name, declaration.spec, below));
    }

    fn request(&mut self, request: Request) {
        if self.seen.insert(request) {
            self.pending.push(request);
        }
    }

    /// Follows what can be followed. The answer is which documents are wanted beside those that were before.
    pub fn walk(&mut self, world: &mut World) -> BTreeSet<String> {
        let mut wanted = BTreeSet::new();
        while let Some(request) = self.pending.pop() {
            let (name, spec, reach) = request;
            if self
                .members
                .get(&name)
                .is_some_and(|member| world.satisfies(*member, spec) == Some(true))
            {
                continue;
            }
            match world.pick(name, spec) {
                Picked::Found(manifest) => self.expand(world, manifest, reach),
                Picked::Failed(_) => {}
                Picked::Wanted(document) => {
                    let waiting = self.parked.entry(document).or_default();
                    if waiting.is_empty() {
                        wanted.insert(world.names.text(document).to_string());
                    }
                    waiting.push(request);
                }
            }
        }
        wanted
    }

    fn expand(&mut self, world: &World, id: ManifestId, reach: Reach) {
        if !self.expanded.insert((id, reach)) {
            return;
        }
        let manifest = world.manifest(id);
        for declaration in &manifest.dependencies {
            if !manifest.bundled.contains(&declaration.name) {
                self.declare(*declaration, reach);
            }
        }
    }

    /// Takes up what waited for a document.
    pub fn supplied(&mut self, name: Name) {
        self.pending.extend(self.parked.remove(&name).unwrap_or_default());
    }
}
