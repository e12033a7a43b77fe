//! What `pip install` would install.
//!
//! [`PypiResolver`] reads the requirements of a project and searches as pip does, from pages of the simple API
//! and static metadata alone: nothing is ever built, for building is running code. What only a build would tell
//! is a gap in the tree. Where pip would refuse, as little as possible is given up, named, and the rest resolved.

mod facts;
mod inputs;
mod poetry;
mod pyproject;
mod report;
mod requirements;
mod search;
mod setup;
#[cfg(test)]
mod tests;
mod universe;

use std::collections::HashMap;

use clock::Timestamp;
use inventory::{Level, Notice};

pub use self::inputs::Selection;
use self::inputs::{Inputs, Reader};
use self::report::RootWishes;
use self::search::{Cause, End, Search};
use self::universe::{PYTHON, Universe, WishKind};
use super::SpecifierSet;
use super::environment::{Environment, PythonVersion};
use super::marker::Variables;
use crate::resolve::{Answer, Files, Request, Resolver, Step};
use crate::tree::Tree;

/// How often a resolution that fails is tried again with less.
const MAX_RELAXATIONS: usize = 64;
/// How many documents are asked for at once beyond those that are needed.
const FORESIGHT: usize = 256;

/// What a resolution assumes.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The interpreter; without one, what the project says decides.
    pub environment: Option<Environment>,
    /// Files uploaded after this moment do not exist yet.
    pub cutoff: Option<Timestamp>,
    /// The project's own extras that take part.
    pub extras: Selection,
    /// The groups of development that take part.
    pub groups: Selection,
    /// Addresses of the indexes that are asked. A list that names another one is not followed there.
    pub indexes: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            environment: None,
            cutoff: None,
            extras: Selection::All,
            groups: Selection::All,
            indexes: Vec::new(),
        }
    }
}

/// What the search goes by.
#[derive(Clone, Debug)]
struct Options {
    environment: Environment,
    variables: Variables,
    cutoff: Option<Timestamp>,
}

/// A resolution of one manifest.
#[derive(Debug)]
pub struct PypiResolver {
    inputs: Inputs,
    options: Options,
    universe: Universe,
    search: Search,
    roots: Vec<RootWishes>,
    /// Positions of the project's requirements that were given up.
    given_up: Vec<usize>,
    relaxations: usize,
    gaps: Vec<Notice>,
}

impl PypiResolver {
    /// A resolution of the manifest at `path`: `pyproject.toml`, `setup.cfg`, or a file of requirements.
    ///
    /// `files` are the project's; `.python-version` and `runtime.txt` beside the manifest are considered.
    #[must_use]
    pub fn new(files: &Files, path: &str, settings: Settings) -> Self {
        let reader = Reader {
            indexes: &settings.indexes,
            ..Reader::new(files, &settings.extras, &settings.groups)
        };
        let inputs = reader.read(path);
        let environment = settings
            .environment
            .unwrap_or_else(|| environment(files, path, &inputs));
        let options = Options {
            variables: environment.variables(),
            environment,
            cutoff: settings.cutoff,
        };
        let mut resolver = Self {
            universe: Universe::new(options.clone(), &inputs),
            inputs,
            options,
            search: Search::default(),
            roots: Vec::new(),
            given_up: Vec::new(),
            relaxations: 0,
            gaps: Vec::new(),
        };
        resolver.begin();
        resolver
    }

    /// Starts the search for what is left of the project's requirements.
    fn begin(&mut self) {
        self.universe.forget_derived();
        self.roots.clear();
        let mut order = HashMap::new();
        for (position, root) in self.inputs.roots.iter().enumerate() {
            if self.given_up.contains(&position) {
                continue;
            }
            let wishes = self.universe.wish_for(&root.requirement, &[]);
            if let Some(first) = wishes.first() {
                let ident = self.universe.wishes[*first].ident;
                order.entry(ident).or_insert(position);
            }
            self.roots.push(RootWishes {
                place: root.place.clone(),
                scope: root.scope,
                wishes,
            });
        }
        // Those with extras come last, when what binds their project is known.
        let mut wishes: Vec<_> = self.roots.iter().flat_map(|root| root.wishes.clone()).collect();
        wishes.sort_by_key(|wish| {
            let ident = self.universe.wishes[*wish].ident;
            !self.universe.name(ident).extras.is_empty()
        });
        self.search = Search::new(wishes, order);
    }

    /// Everything that is wanted now and, probably, soon.
    fn needs(&mut self) -> Step {
        let undecided = self.search.undecided(&self.universe);
        self.universe.foresee(
            undecided
                .get(..undecided.len().min(FORESIGHT))
                .unwrap_or_default(),
        );
        let ahead = self.search.roots_ahead().to_vec();
        for wish in ahead {
            let ident = self.universe.wishes[wish].ident;
            let project = self.universe.name(ident).project.clone();
            let is_specifier = matches!(self.universe.wishes[wish].kind, WishKind::Specifier { .. });
            if is_specifier && project != PYTHON && self.universe.page(&project).is_none() {
                self.universe.needs.insert(Request::package(project));
            }
        }
        Step::Needs(std::mem::take(&mut self.universe.needs))
    }

    /// Gives up one requirement of a conflict: one that a package has, else the last of the project's own.
    fn relax(&mut self, causes: &[Cause]) {
        self.relaxations += 1;
        let own_only = causes.iter().all(|cause| cause.parent.is_none());
        let last = causes
            .iter()
            .rev()
            .find(|cause| own_only || cause.parent.is_some());
        let Some(last) = last.copied() else { return };
        let text = self.conflict(causes);
        let wish = self.universe.wishes[last.wish].clone();
        let target = self.universe.name(wish.ident).project.clone();
        match last.parent {
            Some(parent) => {
                let parent = self.universe.candidates[parent].ident;
                let parent = self.universe.name(parent).project.clone();
                self.gap("unsatisfiable", &parent, text);
                self.universe.dropped.insert((parent, target));
            }
            None => {
                let mut positions = (0..self.inputs.roots.len()).filter(|at| !self.given_up.contains(at));
                let position = self
                    .roots
                    .iter()
                    .position(|root| root.wishes.contains(&last.wish));
                let position = position.and_then(|nth| positions.nth(nth));
                let Some(position) = position else { return };
                let place = self.inputs.roots[position].place.clone();
                self.gap("unsatisfiable", &place, text);
                self.given_up.push(position);
            }
        }
    }

    /// The conflict as a sentence.
    fn conflict(&self, causes: &[Cause]) -> String {
        let describe = |cause: &Cause| {
            let wish = &self.universe.wishes[cause.wish];
            let project = &self.universe.name(wish.ident).project;
            let what = if project == PYTHON { "Python" } else { project };
            let by = match cause.parent {
                Some(parent) => {
                    let ident = self.universe.candidates[parent].ident;
                    let version = self.universe.release(parent).map(|release| release.text.clone());
                    format!(
                        "{} {}",
                        self.universe.name(ident).project,
                        version.unwrap_or_default()
                    )
                }
                None => "the project".to_owned(),
            };
            format!("{by} requires {what}{}", wish.text)
        };
        let mut described: Vec<_> = causes.iter().map(describe).collect();
        described.dedup();
        described.truncate(6);
        if let [only] = described.as_slice() {
            let cause = &causes[0];
            let ident = self.universe.wishes[cause.wish].ident;
            let constraint = self.universe.constrained.get(&self.universe.name(ident).project);
            let why = match (self.universe.other_python(cause.wish), constraint) {
                (Some(other), _) => format!("{other}, and it is {}", self.options.environment.python),
                (None, Some(constraint)) => format!("a constraint allows {constraint} alone"),
                (None, None) => "no version does".to_owned(),
            };
            return format!("{only}, which cannot be met: {why}");
        }
        format!("these cannot be met together: {}", described.join("; "))
    }

    fn gap(&mut self, code: &str, place: &str, text: String) {
        self.gaps.push(Notice {
            code: code.to_owned(),
            level: Level::Warn,
            place: place.to_owned(),
            text,
        });
    }

    fn finish(&mut self) -> Tree {
        let mut tree = report::tree(&mut self.universe, &self.search, &self.roots, &self.inputs);
        tree.gaps.append(&mut self.gaps.clone());
        tree.environment = self.options.environment.describe();
        if let Some(cutoff) = self.options.cutoff {
            tree.environment.push(("cutoff".to_owned(), cutoff.to_string()));
        }
        tree.environment.sort();
        tree
    }
}

impl Resolver for PypiResolver {
    fn supply(&mut self, request: Request, answer: Answer) {
        self.universe.supply(request, answer);
    }

    fn advance(&mut self) -> Step {
        loop {
            let Ok(end) = self.search.run(&mut self.universe) else {
                return self.needs();
            };
            match end {
                End::Impossible(causes) if self.relaxations < MAX_RELAXATIONS => {
                    self.relax(&causes);
                    self.begin();
                    continue;
                }
                End::Found => {}
                End::Impossible(_) | End::TooDeep => {
                    let text = "the resolution is partial: it did not come to an end within its bounds";
                    self.gap("too_deep", "", text.to_owned());
                }
            }
            return Step::Done(Box::new(self.finish()));
        }
    }
}

/// The interpreter that the project names, or the usual one that it admits.
fn environment(files: &Files, path: &str, inputs: &Inputs) -> Environment {
    let folder = inputs::folder(path);
    let beside = |name: &str| {
        let path = inputs::join(folder, name)?;
        let text = String::from_utf8_lossy(files.get(&path)?).into_owned();
        PythonVersion::parse(text.lines().next()?)
    };
    let named = [".python-version", "runtime.txt"]
        .iter()
        .find_map(|name| beside(name));
    let required = || {
        let requires = SpecifierSet::parse(inputs.requires_python.as_deref()?).ok()?;
        Some(PythonVersion::for_requirement(&requires))
    };
    Environment {
        python: named.or_else(required).unwrap_or(PythonVersion::DEFAULT),
        ..Environment::default()
    }
}
