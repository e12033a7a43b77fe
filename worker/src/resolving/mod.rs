//! Resolving a manifest: the one who asks registries for what a resolver wants.
//!
//! The resolvers in `ecosystems` decide and never wait; `fetch` asks and never stores; the store keeps what was
//! answered. Here they meet.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clock::Timestamp;
use ecosystems::cargo::resolve::CargoResolver;
use ecosystems::pypi::resolve::PypiResolver;
use ecosystems::resolve::{Answer, Files, Request, Resolver, Step};
use ecosystems::tree::Tree;
use fetch::Validator;
use fetch::registries::{Cache, Kept, Later, Registries};
use store::db::Database;
use store::registry::{self, Document};
use tokio::task::JoinSet;

use crate::JobError;

/// How long one resolution may ask registries; what is not answered by then is a gap.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// What is kept of registries in the store.
#[derive(Clone, Debug)]
pub struct StoredAnswers(pub Database);

impl StoredAnswers {
    async fn find(&self, key: &str) -> Result<Option<Document>, store::Error> {
        registry::find(&mut self.0.read().await?, key).await
    }

    async fn keep(&self, key: &str, document: &Document) -> Result<(), store::Error> {
        let mut tx = self.0.begin().await?;
        registry::put(&mut tx, key, document).await?;
        tx.commit().await
    }
}

impl Cache for StoredAnswers {
    fn get<'a>(&'a self, key: &'a str) -> Later<'a, Option<Kept>> {
        Box::pin(async move {
            let found = self.find(key).await.unwrap_or_else(|error| {
                tracing::warn!(key, "a kept answer could not be read: {error}");
                None
            });
            found.map(|document| Kept {
                fetched_at: document.fetched_at,
                content: document.content,
                validator: Validator {
                    etag: document.etag,
                    last_modified: document.last_modified,
                },
            })
        })
    }

    fn put<'a>(&'a self, key: &'a str, kept: &'a Kept) -> Later<'a, ()> {
        Box::pin(async move {
            let document = Document {
                fetched_at: kept.fetched_at,
                content: kept.content.clone(),
                etag: kept.validator.etag.clone(),
                last_modified: kept.validator.last_modified.clone(),
            };
            if let Err(error) = self.keep(key, &document).await {
                tracing::warn!(key, "an answer could not be kept: {error}");
            }
        })
    }
}

/// A resolver for the manifest at `path`; `None` when no resolver is for such a file.
#[must_use]
pub fn resolver_for(
    files: &Files,
    path: &str,
    cutoff: Option<Timestamp>,
) -> Option<(&'static str, Box<dyn Resolver>)> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_requirements = name.ends_with(".in") || (name.contains("requirements") && name.ends_with(".txt"));
    match name {
        "Cargo.toml" => {
            let options = ecosystems::cargo::resolve::Options {
                cutoff,
                ..Default::default()
            };
            Some(("crates.io", Box::new(CargoResolver::new(files, folder, &options))))
        }
        name if matches!(name, "pyproject.toml" | "setup.cfg" | "setup.py") || is_requirements => {
            let settings = ecosystems::pypi::resolve::Settings {
                cutoff,
                ..Default::default()
            };
            Some(("PyPI", Box::new(PypiResolver::new(files, path, settings))))
        }
        _ => None,
    }
}

/// How far a resolution is: documents that came, of those that were asked for so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub asked: usize,
}

/// Drives a resolver to its end. Requests run side by side; the tree does not depend on their order.
///
/// # Errors
/// When the resolver's own thread cannot be run; registries that fail are gaps of the tree.
pub async fn resolve(
    ecosystem: &'static str,
    mut resolver: Box<dyn Resolver>,
    registries: &Registries,
    patience: Duration,
    mut tell: impl FnMut(Progress),
) -> Result<Tree, JobError> {
    let end = Instant::now() + patience;
    let mut progress = Progress::default();
    loop {
        // A search can take a while, and threads that serve others must not wait for it.
        let (back, step) = tokio::task::spawn_blocking(move || {
            let step = resolver.advance();
            (resolver, step)
        })
        .await?;
        resolver = back;
        let requests = match step {
            Step::Done(tree) => return Ok(*tree),
            Step::Needs(requests) => requests,
        };
        progress.asked += requests.len();
        tell(progress);
        let mut running = JoinSet::new();
        for request in requests {
            let registries = registries.clone();
            running.spawn(async move {
                let answer = answer(ecosystem, &request, &registries, end).await;
                (request, answer)
            });
        }
        while let Some(done) = running.join_next().await {
            let (request, answer) = done?;
            resolver.supply(request, answer);
            progress.done += 1;
            tell(progress);
        }
    }
}

async fn answer(ecosystem: &str, request: &Request, registries: &Registries, end: Instant) -> Answer {
    let left = end.saturating_duration_since(Instant::now());
    let asked = tokio::time::timeout(left, registries.answer(ecosystem, request));
    asked
        .await
        .unwrap_or_else(|_| Answer::Failed("the time for this resolution was up".to_owned()))
}

/// Fills in the licenses that registries' documents leave out: Cargo's index states none.
pub async fn fill_licenses(tree: &mut Tree, registries: &Registries, patience: Duration) {
    if tree.ecosystem != "crates.io" {
        return;
    }
    let mut running = JoinSet::new();
    for (position, node) in tree.nodes.iter().enumerate() {
        let is_registry = node.source == inventory::Source::Registry && node.license.is_none();
        let Some(version) = node.version.clone().filter(|_| is_registry) else {
            continue;
        };
        let (registries, name) = (registries.clone(), node.name.clone());
        running.spawn(async move { (position, registries.crate_license(&name, &version).await) });
    }
    let filling = async {
        while let Some(done) = running.join_next().await {
            if let Ok((position, license)) = done {
                tree.nodes[position].license = license;
            }
        }
    };
    if tokio::time::timeout(patience, filling).await.is_err() {
        tracing::warn!("not every license could be read in time");
    }
}

/// Registries whose answers the store keeps.
#[must_use]
pub fn registries(
    client: &fetch::Client,
    settings: fetch::registries::Settings,
    database: Database,
    clock: Arc<dyn clock::Clock>,
) -> Registries {
    Registries::new(client, settings, Arc::new(StoredAnswers(database)), clock)
}
