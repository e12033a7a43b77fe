//! Resolving manifests: the one who asks registries for what resolvers want.
//!
//! The resolvers in `ecosystems` decide and never wait; `fetch` asks and never stores; the store keeps what was
//! answered. Here they meet: [`resolve`] drives one resolver, [`read`] a whole source.

mod green;
mod kept;
mod source;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ecosystems::npm::resolve::Packument;
use ecosystems::resolve::{Answer, Request, Resolver, Step};
use ecosystems::tree::Tree;
use fetch::registries::{Cache, Registries};
use tokio::task::JoinSet;

use crate::JobError;

pub use green::{Affected, Grown, ways};
pub use kept::{MemoryAnswers, StoredAnswers};
pub use source::{Reading, Stage, What, read};

/// How long one resolution may ask registries; what is not answered by then is a gap.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// How far a resolution is: documents that came, of those that were asked for so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub asked: usize,
}

/// Drives a resolver to its end. Requests run side by side; the tree does not depend on their order.
///
/// # Errors
/// When the resolver's own thread stops, or it asks for what it was given; registries that fail are gaps of the tree.
pub async fn resolve(
    ecosystem: &'static str,
    mut resolver: Box<dyn Resolver>,
    registries: &Registries,
    patience: Duration,
    mut tell: impl FnMut(Progress),
) -> Result<Tree, JobError> {
    let end = Instant::now() + patience;
    let mut progress = Progress::default();
    let mut asked = HashSet::new();
    let mut answers: Vec<(Request, Answer)> = Vec::new();
    loop {
        // Reading documents and searching take a while, and threads that serve others must not wait for it.
        let (back, step) = tokio::task::spawn_blocking(move || {
            for (request, answer) in answers {
                resolver.supply(request, answer);
            }
            let step = resolver.advance();
            (resolver, step)
        })
        .await?;
        resolver = back;
        let requests = match step {
            Step::Done(tree) => return Ok(*tree),
            Step::Needs(requests) => requests,
        };
        if !requests.iter().any(|request| !asked.contains(request)) {
            return Err(JobError::Other(format!(
                "a resolver of {ecosystem} asks for nothing new"
            )));
        }
        progress.asked += requests.len();
        tell(progress);
        answers = Vec::with_capacity(requests.len());
        let mut running = JoinSet::new();
        for request in requests {
            asked.insert(request.clone());
            let registries = registries.clone();
            running.spawn(async move {
                let answer = answer(ecosystem, &request, &registries, end).await;
                (request, answer)
            });
        }
        while let Some(done) = running.join_next().await {
            answers.push(done?);
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
        let is_package = node.kind == ecosystems::tree::NodeKind::Package;
        let is_registry = is_package && node.source == inventory::Source::Registry && node.license.is_none();
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

/// Registries whose answers are kept; packuments are kept without what no resolver reads.
#[must_use]
pub fn registries(
    client: &fetch::Client,
    settings: fetch::registries::Settings,
    cache: Arc<dyn Cache>,
    clock: Arc<dyn clock::Clock>,
) -> Registries {
    Registries::new(client, settings, cache, clock).reducing_packuments(|bytes| {
        let packument = Packument::read(bytes).ok()?;
        Some(packument.reduce().into_bytes())
    })
}
