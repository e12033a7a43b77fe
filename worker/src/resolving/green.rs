//! Ways to green: what to change so that an affected package goes, found by resolving again.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use advisories::{Entry, Installed, match_package};
use audit::Way;
use ecosystems::Ecosystem;
use ecosystems::npm::Npm;
use ecosystems::npm::resolve::{Advance, Options, Project, Way as Found, WayToGreen};
use ecosystems::resolve::{Answer, Assumptions, Files, Request};
use ecosystems::tree::Tree;
use fetch::registries::Registries;
use store::db::Database;
use store::matches;
use store::packages::{self, Identity};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::JobError;

/// How many packages of one source are looked at.
const MOST_PACKAGES: usize = 20;

/// A project of npm with what resolving it again takes.
#[derive(Clone, Debug)]
pub struct Grown {
    project: Project,
    options: Options,
    tree: Tree,
}

/// A package that is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    pub purl: String,
    /// The whole name, with its scope.
    pub name: String,
    pub version: String,
}

impl Grown {
    /// The project in a folder, which has this tree.
    pub(super) fn new(files: &Files, folder: &str, assumptions: &Assumptions, tree: Tree) -> Self {
        let mut options = assumptions.npm();
        let settings = match folder {
            "" => ".npmrc".to_owned(),
            folder => format!("{folder}/.npmrc"),
        };
        if let Some(text) = files.get(&settings) {
            options.apply_npmrc(&String::from_utf8_lossy(text));
        }
        Self {
            project: Project::of(files, folder),
            options,
            tree,
        }
    }
}

/// Looks for ways to green, for each package in the first project that has it; what there was no time for is not in
/// the answer.
///
/// # Errors
/// When the store fails.
pub async fn ways(
    grown: Vec<Grown>,
    affected: Vec<Affected>,
    registries: Registries,
    database: Database,
    patience: Duration,
) -> Result<HashMap<String, Way>, JobError> {
    let handle = Handle::current();
    // Resolving again and again computes a lot, so it has a thread of its own, which waits for the network itself.
    let searching = tokio::task::spawn_blocking(move || {
        let mut search = Search {
            known: Known::new(handle.clone(), database),
            handle,
            registries,
            answers: HashMap::new(),
            end: Instant::now() + patience,
        };
        let mut ways = HashMap::new();
        for package in affected.into_iter().take(MOST_PACKAGES) {
            if let Some(way) = search.way(&grown, &package)? {
                ways.insert(package.purl, way);
            }
        }
        Ok(ways)
    });
    searching.await?
}

struct Search {
    handle: Handle,
    registries: Registries,
    known: Known,
    /// What was asked for one package serves the next.
    answers: HashMap<Request, Answer>,
    end: Instant,
}

impl Search {
    fn way(&mut self, grown: &[Grown], package: &Affected) -> Result<Option<Way>, JobError> {
        let position =
            |grown: &Grown| {
                grown.tree.nodes.iter().position(|node| {
                    node.name == package.name && node.version.as_ref() == Some(&package.version)
                })
            };
        let Some((grown, target)) = grown.iter().find_map(|one| Some((one, position(one)?))) else {
            return Ok(None);
        };
        let names = grown.tree.nodes.iter().map(|node| node.name.clone());
        self.known.learn(names.collect())?;
        let mut search = WayToGreen::new(&grown.project, grown.options.clone(), &grown.tree, target);
        loop {
            let known = &self.known;
            let requests = match search.advance(&|name, version| known.against(name, version)) {
                Advance::Done(found) => return Ok(Some(way_of(found))),
                Advance::Needs(requests) => requests,
            };
            if Instant::now() >= self.end {
                return Ok(None);
            }
            self.ask(&requests)?;
            for request in requests {
                let answer = self.answers.get(&request).cloned();
                let answer = answer.unwrap_or_else(|| Answer::Failed("it was not asked for".to_owned()));
                search.supply(&request, answer);
            }
        }
    }

    /// Has answers to all requests, and the advisories about what they speak of.
    fn ask(&mut self, requests: &BTreeSet<Request>) -> Result<(), JobError> {
        self.known
            .learn(requests.iter().map(|request| request.name().to_owned()).collect())?;
        let new = requests
            .iter()
            .filter(|request| !self.answers.contains_key(*request));
        let new: Vec<Request> = new.cloned().collect();
        let registries = self.registries.clone();
        let end = self.end;
        let answers = self.handle.block_on(async move {
            let mut running = JoinSet::new();
            for request in new {
                let registries = registries.clone();
                running.spawn(async move {
                    let answer = super::answer("npm", &request, &registries, end).await;
                    (request, answer)
                });
            }
            running.join_all().await
        });
        self.answers.extend(answers);
        Ok(())
    }
}

fn way_of(found: Found) -> Way {
    match found {
        Found::Refresh { command, .. } => Way::Refresh { command },
        Found::Upgrade(upgrade) => Way::Upgrade {
            name: upgrade.name,
            from: upgrade.from,
            to: upgrade.to,
            command: upgrade.command,
        },
        Found::None { tried } => Way::None { tried },
    }
}

/// What the stored advisories say about packages that a tree may come to have.
struct Known {
    handle: Handle,
    database: Database,
    learned: HashSet<String>,
    entries: HashMap<String, Vec<Entry>>,
    /// By name and version.
    told: RefCell<HashMap<(String, String), BTreeSet<String>>>,
}

impl Known {
    fn new(handle: Handle, database: Database) -> Self {
        Self {
            handle,
            database,
            learned: HashSet::new(),
            entries: HashMap::new(),
            told: RefCell::default(),
        }
    }

    /// Reads what is said about these packages, once.
    fn learn(&mut self, names: BTreeSet<String>) -> Result<(), JobError> {
        let new = names.into_iter().filter(|name| self.learned.insert(name.clone()));
        let identities: Vec<Identity> = new.map(|name| identity(&name)).collect();
        if identities.is_empty() {
            return Ok(());
        }
        let database = self.database.clone();
        let read = async {
            let mut session = database.read().await?;
            let ids = packages::ids(&mut session, &identities).await?;
            let wanted: Vec<i64> = ids.values().copied().collect();
            let entries = matches::entries(&mut session, &wanted).await?;
            Ok::<_, store::Error>((ids, entries))
        };
        let (ids, mut entries) = self.handle.block_on(read)?;
        for identity in &identities {
            let found = ids.get(&identity.subject_key()).and_then(|id| entries.remove(id));
            self.entries
                .insert(identity.subject.clone(), found.unwrap_or_default());
        }
        Ok(())
    }

    /// The ids of what is known against a version; what cannot be determined counts as known.
    fn against(&self, name: &str, version: &str) -> BTreeSet<String> {
        let key = (Npm.normalize(name).into_owned(), version.to_owned());
        if let Some(told) = self.told.borrow().get(&key) {
            return told.clone();
        }
        let entries = self.entries.get(&key.0).map(Vec::as_slice).unwrap_or_default();
        let installed = Installed {
            version,
            ..Installed::default()
        };
        let result = match_package("npm", entries, &installed).unwrap_or_default();
        let affected = result.affected.iter().map(|group| group.canonical.clone());
        let undetermined = result.undetermined.iter().map(|group| group.canonical.clone());
        let told: BTreeSet<String> = affected.chain(undetermined).collect();
        self.told.borrow_mut().insert(key, told.clone());
        told
    }
}

/// A package of npm, whichever version.
fn identity(name: &str) -> Identity {
    let subject = Npm.normalize(name).into_owned();
    Identity {
        ecosystem: Npm.name().to_owned(),
        name: subject.clone(),
        version: String::new(),
        text: String::new(),
        subject,
        subject_version: String::new(),
        release: None,
        module: None,
    }
}
