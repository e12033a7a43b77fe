//! One job a file. A job may run twice; what it writes, it writes in one transaction with its own end.

mod audit;
mod deliver;
pub mod feed;
mod notify;
mod prune;
mod refresh;
pub mod rematch;
mod resolve;
mod way;

use clock::Timestamp;
use serde::de::DeserializeOwned;
use store::db::Tx;
use store::jobs::{self, AuditJob, DeliverJob, Job, ResolveJob};
use store::{builds, sources, webhooks};

use crate::{JobError, Parts};

/// A job that this process holds under a lease.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) id: i64,
    pub(crate) worker: String,
}

impl Held {
    /// Settles the job in the transaction that holds its result.
    pub(crate) async fn finish(&self, tx: &mut Tx, now: Timestamp) -> Result<(), JobError> {
        if jobs::finish(tx, self.id, &self.worker, now).await? {
            Ok(())
        } else {
            Err(JobError::LeaseLost)
        }
    }
}

/// Does a job and settles it.
pub(crate) async fn run(parts: &Parts, held: &Held, job: &Job) -> Result<(), JobError> {
    match job.kind.as_str() {
        // An audit ends in the transaction that stores its verdict.
        jobs::AUDIT => return audit::run(parts, held, payload(job)?).await,
        jobs::RESOLVE => return resolve::run(parts, held, payload(job)?).await,
        jobs::WAY => return way::run(parts, held, payload(job)?).await,
        jobs::NOTIFY => return notify::run(parts, held).await,
        jobs::DELIVER => return deliver::run(parts, held, payload(job)?).await,
        jobs::REMATCH => rematch::run(parts, payload(job)?).await?,
        jobs::FEED => feed::run(parts, payload(job)?).await?,
        jobs::REFRESH => refresh::run(parts).await?,
        jobs::PRUNE => prune::run(parts).await?,
        other => return Err(JobError::Hopeless(format!("`{other}` is no kind of job"))),
    }
    let mut tx = parts.database.begin().await?;
    held.finish(&mut tx, parts.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a job that has nothing to do: its build is gone, or somebody else was quicker.
pub(crate) async fn finish(parts: &Parts, held: &Held) -> Result<(), JobError> {
    let mut tx = parts.database.begin().await?;
    held.finish(&mut tx, parts.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells those who wait that a dead job will not bring its result; answers the public id of the build.
pub(crate) async fn give_up(
    tx: &mut Tx,
    job: &Job,
    error: &str,
    now: Timestamp,
) -> Result<Option<String>, JobError> {
    let (build, told) = match job.kind.as_str() {
        jobs::AUDIT => (
            payload::<AuditJob>(job)?.build,
            "the audit failed; the operators' log says why",
        ),
        jobs::RESOLVE => (
            payload::<ResolveJob>(job)?.build,
            "it could not be read; the operators' log says why",
        ),
        jobs::DELIVER => {
            let told = "it could not be sent; the operators' log says why";
            webhooks::bury(tx, payload::<DeliverJob>(job)?.delivery, told, now).await?;
            return Ok(None);
        }
        _ => return Ok(None),
    };
    let Some(build) = builds::find(tx, build).await? else {
        return Ok(None);
    };
    tracing::error!(build = build.uuid, kind = job.kind, error, "a build was given up");
    builds::fail(tx, build.id, told, now).await?;
    sources::forget_token(tx, build.id).await?;
    Ok(Some(build.uuid))
}

fn payload<T: DeserializeOwned>(job: &Job) -> Result<T, JobError> {
    serde_json::from_str(&job.payload)
        .map_err(|error| JobError::Hopeless(format!("the payload of job {} cannot be read: {error}", job.id)))
}
