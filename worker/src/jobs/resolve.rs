//! One source read: fetched or opened, looked through, turned into the components of its build. An audit follows.

use std::io::Cursor;
use std::time::Duration;

use fetch::git::{GitLimits, Repository, Stage, snapshot};
use fetch::{Client, Url};
use inventory::{Inventory, Notice};
use sources::{Collection, Limits, archive};
use store::builds::{self, Build};
use store::inventories::{self, PreparedInventory};
use store::jobs::{self, Lane, ResolveJob};
use store::sources::{self as stored, Origin, Progress, Read};
use store::wake::Event;

use super::Held;
use crate::{JobError, Parts};

/// Between two looks at how far a fetch is.
const GLANCE: Duration = Duration::from_millis(500);

pub(super) async fn run(parts: &Parts, held: &Held, job: ResolveJob) -> Result<(), JobError> {
    let found = builds::find(&mut parts.database.read().await?, job.build).await?;
    let Some((origin, build)) = found.and_then(|build| Some((build.source()?, build))) else {
        return finish(parts, held).await;
    };
    if build.is_finished() || build.is_read() {
        return finish(parts, held).await;
    }
    match collect(parts, &build, &origin).await {
        Ok(collected) => {
            stand(parts, &build, "discover", None).await?;
            let name = name_of(&origin, &build);
            let read = tokio::task::spawn_blocking(move || read(collected, &name)).await??;
            settle(parts, held, &build, read).await
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

/// Opens what was sent. Blocks.
fn open(origin: &Origin, bytes: Vec<u8>) -> Result<Collection, String> {
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
    let (tell, told) = tokio::sync::watch::channel(None);
    let limits = GitLimits::default();
    let reading = snapshot(&client, &repository, &limits, |stage| {
        // Nobody listens only when the job is given up.
        let _ = tell.send(progress(stage));
    });
    tokio::pin!(reading);
    let mut shown = None;
    let outcome = loop {
        tokio::select! {
            outcome = &mut reading => break outcome,
            () = tokio::time::sleep(GLANCE) => {
                let now = *told.borrow();
                if now != shown {
                    shown = now;
                    stand(parts, build, "fetch", now).await?;
                }
            }
        }
    };
    match outcome {
        Ok(found) => Ok(Collected {
            collection: found.collection,
            commit: Some(found.commit),
        }),
        Err(error) if error.is_transient() => Err(Refused::Job(error.into())),
        Err(error) => Err(Refused::Source(error.to_string())),
    }
}

const fn progress(stage: Stage) -> Option<Progress> {
    match stage {
        Stage::Refs => Some(Progress { done: 0, total: 3 }),
        Stage::Folders => Some(Progress { done: 1, total: 3 }),
        Stage::Files(_) => Some(Progress { done: 2, total: 3 }),
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

fn read(collected: Collected, name: &str) -> Result<Ready, JobError> {
    let (inventory, notices) = sources::inventory(&collected.collection, name);
    Ok(Ready {
        prepared: PreparedInventory::new(&inventory)?,
        inventory,
        notices,
        commit: collected.commit,
    })
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
    progress: Option<Progress>,
) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    stored::stand(&mut tx, build.id, stage, progress).await?;
    tx.commit().await?;
    Ok(())
}

/// The build is gone, or somebody else has read it.
async fn finish(parts: &Parts, held: &Held) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    held.finish(&mut tx, parts.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
