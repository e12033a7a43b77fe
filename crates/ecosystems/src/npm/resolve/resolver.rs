//! A resolution in steps: which documents are wanted, what they say, and the tree in the end.

use std::collections::{BTreeSet, HashMap};

use inventory::{Level, Notice};

use super::build::Shape;
use super::closure::Closure;
use super::manifest::{ManifestId, Peers};
use super::names::Name;
use super::packument::Packument;
use super::project::{Project, UnreadableProject, below};
use super::world::{Document, World};
use super::{Options, Resolution, Workspace, output};
use crate::lockfile::json::notice;
use crate::resolve::{self, Answer, Files, Request, Step};

/// How often the registry is asked for what had not been foreseen; more than a few rounds is unheard of.
const MAX_ROUNDS: usize = 64;

/// A resolution that waits for documents.
pub struct Resolver {
    world: World,
    options: Options,
    root: ManifestId,
    members: Vec<Workspace>,
    closure: Closure,
    /// What was asked for and has not come.
    outstanding: BTreeSet<String>,
    notices: Vec<Notice>,
    gaps: Vec<Notice>,
    rounds: usize,
    done: Option<Resolution>,
}

impl Resolver {
    /// Begins to resolve a project.
    ///
    /// # Errors
    /// When its own manifest is missing or malformed.
    pub fn new(project: &Project, options: Options) -> Result<Self, UnreadableProject> {
        let peers = if options.legacy_peer_deps {
            Peers::Ignored
        } else {
            Peers::Count
        };
        let mut world = World::new(options.environment.clone(), peers);
        let loaded = project.load(&mut world)?;
        let members = loaded.members.iter();
        let members: HashMap<Name, ManifestId> = members
            .map(|member| (world.names.intern(&member.name), member.manifest))
            .collect();
        let closure = Closure::new(&world, loaded.root, members);
        Ok(Self {
            world,
            options,
            root: loaded.root,
            members: loaded.members,
            closure,
            outstanding: BTreeSet::new(),
            notices: loaded.notices,
            gaps: loaded.gaps,
            rounds: 0,
            done: None,
        })
    }

    /// Begins to resolve the project in a folder of a repository, with what its `.npmrc` says of trees.
    ///
    /// # Errors
    /// As [`Resolver::new`].
    pub fn of(files: &Files, folder: &str, mut options: Options) -> Result<Self, UnreadableProject> {
        let settings = files
            .iter()
            .find(|(path, _)| below(folder, path) == Some(".npmrc"));
        let ignored = settings.map(|(_, text)| options.apply_npmrc(&String::from_utf8_lossy(text)));
        let mut this = Self::new(&Project::of(files, folder), options)?;
        if let Some(ignored) = ignored.filter(|ignored| !ignored.is_empty()) {
            let text = format!(
                "these settings of the project were not applied: {}",
                ignored.join(", ")
            );
            this.notices
                .push(notice("settings_ignored", Level::Info, ".npmrc", text));
        }
        Ok(this)
    }

    /// The names of the packages whose documents are wanted and have not come yet.
    ///
    /// What has come may make more wanted at once, so that it pays to ask after every [`Resolver::give`].
    pub fn wanted(&mut self) -> &BTreeSet<String> {
        let wanted = self.closure.walk(&mut self.world);
        self.outstanding.extend(wanted);
        &self.outstanding
    }

    /// Brings what the registry has said of a name. What has been brought before stays.
    pub fn give(&mut self, name: &str, document: Document) {
        let id = self.world.names.intern(name);
        if !self.world.knows(id) {
            self.world.add_document(name, document);
        }
        self.outstanding.remove(name);
        self.closure.supplied(id);
    }

    /// Goes on as far as what was brought permits; `None` when more is wanted.
    pub fn resolution(&mut self) -> Option<&Resolution> {
        if self.done.is_none() && self.wanted().is_empty() {
            let (resolution, wanted) = self.build();
            self.rounds += 1;
            if wanted.is_empty() || self.rounds >= MAX_ROUNDS {
                self.done = Some(resolution);
            }
            self.outstanding.extend(wanted);
        }
        self.done.as_ref()
    }

    fn build(&mut self) -> (Resolution, BTreeSet<String>) {
        let project = Shape {
            root: self.root,
            members: &self.members,
        };
        let mut resolution = output::resolve(&mut self.world, &self.options, &project);
        resolution.tree.notices.splice(0..0, self.notices.iter().cloned());
        resolution.tree.gaps.splice(0..0, self.gaps.iter().cloned());
        (resolution, self.world.wanted.take())
    }
}

impl resolve::Resolver for Resolver {
    fn supply(&mut self, request: Request, answer: Answer) {
        let Request::Package { name, registry: None } = request else {
            return;
        };
        let document = match answer {
            Answer::Found(bytes) => match Packument::read(bytes) {
                Ok(packument) => Document::Found(packument),
                Err(error) => Document::Unread(error.to_string()),
            },
            Answer::Absent => Document::Missing,
            Answer::Failed(why) => Document::Unread(why),
        };
        self.give(&name, document);
    }

    fn advance(&mut self) -> Step {
        if let Some(resolution) = self.resolution() {
            return Step::Done(Box::new(resolution.tree.clone()));
        }
        Step::Needs(self.outstanding.iter().map(Request::package).collect())
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
        if let Some(resolution) = resolver.resolution() {
            return Ok(resolution.clone());
        }
        for name in resolver.outstanding.clone() {
            let found = document(&name);
            resolver.give(&name, found);
        }
    }
}
