//! A resolution in steps: which documents are wanted, what they say, and the tree in the end.

use std::collections::{BTreeSet, HashMap, HashSet};

use inventory::Notice;

use super::build::Shape;
use super::closure::Closure;
use super::manifest::{ManifestId, Peers};
use super::names::Name;
use super::project::{Project, UnreadableProject};
use super::world::{Document, World};
use super::{Options, Resolution, Workspace, output};

/// How often the registry is asked for what had not been foreseen; more than a few rounds is unheard of.
const MAX_ROUNDS: usize = 64;

/// A resolution that waits for documents.
pub struct Resolver {
    world: World,
    options: Options,
    root: ManifestId,
    members: Vec<Workspace>,
    closure: Closure,
    asked: HashSet<String>,
    notices: Vec<Notice>,
    gaps: Vec<Notice>,
    rounds: usize,
}

impl Resolver {
    /// Begins to resolve a project.
    ///
    /// # Errors
    /// When its own manifest is missing or malformed.
    pub fn new(project: &Project, options: Options) -> Result<Self, UnreadableProject> {
        let peers = if options.legacy_peer_deps { Peers::Ignored } else { Peers::Count };
        let mut world = World::new(options.environment.clone(), peers);
        let loaded = project.load(&mut world)?;
        let members: HashMap<Name, ManifestId> =
            loaded.members.iter().map(|member| (world.names.intern(&member.name), member.manifest)).collect();
        let closure = Closure::new(&world, loaded.root, members);
        Ok(Self {
            world,
            options,
            root: loaded.root,
            members: loaded.members,
            closure,
            asked: HashSet::new(),
            notices: loaded.notices,
            gaps: loaded.gaps,
            rounds: 0,
        })
    }

    /// The names of packages whose documents are wanted and have not been named before, in alphabetical order.
    ///
    /// Asking again after every [`Resolver::supply`] names more, until nothing is wanted and nothing is outstanding.
    pub fn wanted(&mut self) -> Vec<String> {
        let wanted = self.closure.walk(&mut self.world);
        wanted.into_iter().filter(|name| self.asked.insert(name.clone())).collect()
    }

    /// Brings what the registry has said of a name. What has been brought before stays.
    pub fn supply(&mut self, name: &str, document: Document) {
        let id = self.world.names.intern(name);
        self.asked.insert(name.to_owned());
        if !self.world.knows(id) {
            self.world.add_document(name, document);
        }
        self.closure.supplied(id);
    }

    /// Builds the tree. A document that was wanted and not brought counts as unread.
    ///
    /// # Errors
    /// The names of packages whose documents turned out to be wanted as well. Bring them and finish again.
    pub fn finish(&mut self) -> Result<Resolution, Vec<String>> {
        let early = self.wanted();
        if !early.is_empty() && self.rounds < MAX_ROUNDS {
            self.rounds += 1;
            return Err(early);
        }
        self.give_up_waiting();
        let (shape, wanted) = self.build();
        if wanted.is_empty() || self.rounds >= MAX_ROUNDS {
            return Ok(shape);
        }
        self.rounds += 1;
        let wanted: Vec<String> = wanted.into_iter().filter(|name| self.asked.insert(name.clone())).collect();
        if wanted.is_empty() { Ok(shape) } else { Err(wanted) }
    }

    fn give_up_waiting(&mut self) {
        loop {
            let waiting: Vec<Name> = self.closure.waiting().collect();
            if waiting.is_empty() {
                break;
            }
            for name in waiting {
                let text = self.world.names.text(name).to_string();
                self.supply(&text, Document::Unread("it was not fetched".to_owned()));
            }
            self.closure.walk(&mut self.world);
        }
    }

    fn build(&mut self) -> (Resolution, BTreeSet<String>) {
        self.world.wanted.borrow_mut().clear();
        let project = Shape {
            root: self.root,
            members: &self.members,
        };
        let mut resolution = output::resolve(&mut self.world, &self.options, &project);
        resolution.tree.notices.splice(0..0, self.notices.iter().cloned());
        resolution.tree.gaps.splice(0..0, self.gaps.iter().cloned());
        let wanted = self.world.wanted.take();
        (resolution, wanted)
    }
}

/// Resolves a project at once, with documents from a function that has them at hand.
///
/// # Errors
/// When the project's own manifest is missing or malformed.
pub fn resolve(
    project: &Project,
    options: Options,
    mut document: impl FnMut(&str) -> Document,
) -> Result<Resolution, UnreadableProject> {
    let mut resolver = Resolver::new(project, options)?;
    loop {
        let mut wanted = resolver.wanted();
        if wanted.is_empty() {
            match resolver.finish() {
                Ok(resolution) => return Ok(resolution),
                Err(more) => wanted = more,
            }
        }
        for name in wanted {
            let found = document(&name);
            resolver.supply(&name, found);
        }
    }
}
