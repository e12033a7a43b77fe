//! One source read: fetched or opened, looked through, turned into the components of its build. An audit follows.

use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use ecosystems::resolve::Assumptions;
use fetch::git::{GitLimits, Repository, Stage, snapshot};
use fetch::registries::Registries;
use fetch::{Client, Url};
use inventory::{Inventory, Notice};
use sources::{Collection, Limits, archive};
use store::builds::{self, Build};
use store::inventories::{self, PreparedInventory};
use store::jobs::{self, Lane, ResolveJob};
use store::sources::{self as stored, Origin, Progress, Read};
use store::wake::Event;
use tokio::sync::watch;

use super::Held;
use crate::resolving::{self, Reading, StoredAnswers, What};
use crate::{JobError, Parts};

/// Between two looks at how far a fetch is.
const GLANCE: Duration = Duration::from_millis(500);

pub(super) async fn run(parts: &Parts, held: &Held, job: ResolveJob) -> Result<(), JobError> {
    let found = builds::find(&mut parts.database.read().await?, job.build).await?;
    let Some((origin, build)) = found.and_then(|build| Some((build.source()?, build))) else {
        return super::finish(parts, held).await;
    };
    if build.is_finished() || build.is_read() {
        return super::finish(parts, held).await;
    }
    match collect(parts, &build, &origin).await {
        Ok(collected) => {
            let ready = read(parts, &build, &origin, collected, &job.assumptions).await?;
            settle(parts, held, &build, ready).await
        }
        Err(Refused::Source(why)) => refuse(parts, held, &build, &why).await,
        Err(Refused::Job(error)) => Err(error),
    }
}

/// Why there is nothing to read.
enum Refused {
    /// The source itself; its sender can mend it.
    Source(String),
    Job(JobError),
}

impl From<JobError> for Refused {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

impl From<store::Error> for Refused {
    fn from(error: store::Error) -> Self {
        Self::Job(error.into())
    }
}

/// The files of a source, and the commit of a repository.
struct Collected {
    collection: Collection,
    commit: Option<String>,
}

impl From<Collection> for Collected {
    fn from(collection: Collection) -> Self {
        Self {
            collection,
            commit: None,
        }
    }
}

async fn collect(parts: &Parts, build: &Build, origin: &Origin) -> Result<Collected, Refused> {
    if let Origin::Repository { url, reference } = origin {
        return fetch(parts, build, url, reference.as_deref()).await;
    }
    let documents = parts.documents.clone();
    let digest = build.document_digest.clone();
    let origin = origin.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let bytes = documents.get(&digest).map_err(JobError::from)?;
        let bytes =
            bytes.ok_or_else(|| JobError::Hopeless(format!("the document {digest} is not kept any more")))?;
        Ok::<_, JobError>(open(&origin, bytes))
    });
    opened
        .await
        .map_err(JobError::from)??
        .map(Collected::from)
        .map_err(Refused::Source)
}

/// Opens what was sent; what is wrong with it is said in words. Blocks.
pub(super) fn open(origin: &Origin, bytes: Vec<u8>) -> Result<Collection, String> {
    match origin {
        Origin::File { name } => Ok(Collection::single(name, bytes)),
        _ => archive::read(Cursor::new(bytes), &Limits::default()).map_err(|error| error.to_string()),
    }
}

async fn fetch(
    parts: &Parts,
    build: &Build,
    url: &str,
    reference: Option<&str>,
) -> Result<Collected, Refused> {
    stand(parts, build, "fetch", None).await?;
    let url = Url::parse(url).map_err(|error| Refused::Source(format!("the address is no URL: {error}")))?;
    let mut network = parts.settings.network.clone();
    network
        .private
        .extend(parts.settings.source_hosts.iter().cloned());
    let client = Client::new(network).map_err(JobError::from)?;
    if url.scheme() != "https" && !client.is_named(&url) {
        return Err(Refused::Source("only https addresses are fetched".to_owned()));
    }
    let repository = Repository {
        token: stored::token(&mut parts.database.read().await?, build.id).await?,
        reference: reference.map(str::to_owned),
        url,
    };
    let (tell, told) = watch::channel(Standing::new("fetch", None));
    let limits = GitLimits::default();
    let reading = snapshot(&client, &repository, &limits, |stage| {
        // Nobody listens only when the job is given up.
        let _ = tell.send(Standing::new("fetch", Some(steps(stage))));
    });
    let outcome = watched(parts, build, told, reading).await?;
    match outcome {
        Ok(found) => Ok(Collected {
            collection: found.collection,
            commit: Some(found.commit),
        }),
        Err(error) if error.is_transient() => Err(Refused::Job(error.into())),
        Err(error) => Err(Refused::Source(error.to_string())),
    }
}

fn steps(stage: Stage) -> Progress {
    let done = match stage {
        Stage::Refs => 0,
        Stage::Folders => 1,
        Stage::Files(_) => 2,
    };
    Progress {
        done,
        total: 3,
        what: None,
    }
}

/// What the root is called where no project says so itself.
fn name_of(origin: &Origin, build: &Build) -> String {
    let last = |text: &str| {
        let text = text.trim_end_matches('/').trim_end_matches(".git");
        text.rsplit('/').next().unwrap_or(text).to_owned()
    };
    match origin {
        Origin::Repository { url, .. } => last(url),
        Origin::Archive { name: Some(name) } => last(name),
        Origin::File { .. } | Origin::Archive { name: None } => format!("build {}", build.number),
    }
}

/// A source as it was read and made ready for the database.
struct Ready {
    inventory: Inventory,
    notices: Vec<Notice>,
    prepared: PreparedInventory,
    commit: Option<String>,
}

async fn read(
    parts: &Parts,
    build: &Build,
    origin: &Origin,
    collected: Collected,
    assumptions: &Assumptions,
) -> Result<Ready, JobError> {
    let registries = registries(parts)?;
    let name = name_of(origin, build);
    let Collected { collection, commit } = collected;
    let (tell, told) = watch::channel(Standing::new("discover", None));
    stand(parts, build, "discover", None).await?;
    let what = What::All(&name);
    let reading = resolving::read(collection, what, &registries, assumptions, |stage| {
        let _ = tell.send(Standing::from(stage));
    });
    let Reading {
        inventory, notices, ..
    } = watched(parts, build, told, reading).await??;
    let prepared = tokio::task::spawn_blocking(move || {
        PreparedInventory::new(&inventory).map(|prepared| (inventory, prepared))
    });
    let (inventory, prepared) = prepared.await??;
    Ok(Ready {
        inventory,
        notices,
        prepared,
        commit,
    })
}

/// The registries of the configuration, and what the store keeps of them.
pub(super) fn registries(parts: &Parts) -> Result<Registries, JobError> {
    let client = Client::new(parts.settings.network.clone())?;
    let cache = Arc::new(StoredAnswers(parts.database.clone()));
    let settings = parts.settings.registries.clone();
    Ok(resolving::registries(
        &client,
        settings,
        cache,
        Arc::clone(&parts.clock),
    ))
}

/// Where a reading stands, as the build shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Standing {
    stage: &'static str,
    progress: Option<Progress>,
}

impl Standing {
    const fn new(stage: &'static str, progress: Option<Progress>) -> Self {
        Self { stage, progress }
    }
}

impl From<resolving::Stage> for Standing {
    fn from(stage: resolving::Stage) -> Self {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        match stage {
            resolving::Stage::Discover => Self::new("discover", None),
            resolving::Stage::Resolve {
                path,
                number,
                of,
                documents,
            } => Self::new(
                "resolve",
                Some(Progress {
                    done: count(documents.done),
                    total: count(documents.asked),
                    what: Some(format!("{path} ({number} of {of})")),
                }),
            ),
        }
    }
}

/// Waits for something and says meanwhile how far it is.
async fn watched<T>(
    parts: &Parts,
    build: &Build,
    told: watch::Receiver<Standing>,
    doing: impl Future<Output = T>,
) -> Result<T, JobError> {
    tokio::pin!(doing);
    let mut shown = None;
    loop {
        tokio::select! {
            outcome = &mut doing => return Ok(outcome),
            () = tokio::time::sleep(GLANCE) => {
                let now = told.borrow().clone();
                if shown.as_ref() != Some(&now) {
                    stand(parts, build, now.stage, now.progress.as_ref()).await?;
                    shown = Some(now);
                }
            }
        }
    }
}

/// One transaction: the components, the build, its audit, the job's end.
async fn settle(parts: &Parts, held: &Held, build: &Build, ready: Ready) -> Result<(), JobError> {
    let now = parts.clock.now();
    let mut tx = parts.database.begin().await?;
    let read = Read {
        inventory_id: inventories::intern(&mut tx, &ready.prepared).await?,
        format: ready.inventory.format,
        tools: ready.inventory.tools,
        notices: serde_json::to_string(&ready.notices).unwrap_or_else(|_| "[]".to_owned()),
        components: ready.prepared.components(),
        commit_id: ready.commit,
    };
    stored::settle(&mut tx, build.id, &read).await?;
    jobs::enqueue_audit(&mut tx, &[build.id], Lane::Interactive, now).await?;
    held.finish(&mut tx, now).await?;
    tx.commit().await?;
    parts.wake.send(Event::Job).await;
    Ok(())
}

/// The build ends with a reason that its sender can act on.
async fn refuse(parts: &Parts, held: &Held, build: &Build, why: &str) -> Result<(), JobError> {
    tracing::info!(build = build.uuid, why, "a source could not be read");
    let now = parts.clock.now();
    let mut tx = parts.database.begin().await?;
    builds::fail(&mut tx, build.id, why, now).await?;
    stored::forget_token(&mut tx, build.id).await?;
    held.finish(&mut tx, now).await?;
    tx.commit().await?;
    parts.wake.send(Event::Build(build.uuid.clone())).await;
    Ok(())
}

async fn stand(
    parts: &Parts,
    build: &Build,
    stage: &str,
    progress: Option<&Progress>,
) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    stored::stand(&mut tx, build.id, stage, progress).await?;
    tx.commit().await?;
    Ok(())
}
