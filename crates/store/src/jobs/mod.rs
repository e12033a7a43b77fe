//! The queue: leases, retries with backoff, dead letters, lanes.

mod kinds;

use clock::Timestamp;

use crate::Error;
use crate::db::{Session, Tx, statements};

pub(crate) use kinds::STATEMENTS as KIND_STATEMENTS;
pub use kinds::{
    AUDIT, AuditJob, DELIVER, DeliverJob, FEED, FeedJob, NOTIFY, PRUNE, REFRESH, REMATCH, RESOLVE,
    RematchJob, ResolveJob, WAY, WayJob, enqueue_audit, enqueue_chore, enqueue_deliver, enqueue_feed,
    enqueue_notify, enqueue_rematch, enqueue_resolve, enqueue_way, feed_is_pending,
};

/// A job that failed this often is dead: a person must look.
pub const MAX_ATTEMPTS: i64 = 8;

const FIRST_RETRY_MS: i64 = 2_000;
const LONGEST_RETRY_MS: i64 = 15 * 60_000;

statements! {
    ENQUEUE = "INSERT INTO job (kind, lane, payload, unique_key, state, attempt, due_at, created_at)
        VALUES ($1, $2, $3, $4, 'queued', 0, $5, $6)
        ON CONFLICT (unique_key) WHERE state = 'queued' DO NOTHING";
    /// Takes the oldest job that is due.
    CLAIM = "UPDATE job SET state = 'running', lease_until = $1, worker = $2, attempt = attempt + 1
        WHERE id IN (
            SELECT id FROM job
            WHERE state = 'queued' AND lane = $3 AND due_at <= $4
            ORDER BY due_at, id
            LIMIT 1
            {skip_locked}
        )
        RETURNING id, kind, payload, attempt";
    DUE = "SELECT id FROM job WHERE state = 'queued' AND lane = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT 1";
    ANY_SILENT = "SELECT id FROM job WHERE state = 'running' AND lease_until < $1 LIMIT 1";
    /// Keeps a lease alive; touches nothing when the job was taken away.
    RENEW = "UPDATE job SET lease_until = $3 WHERE id = $1 AND worker = $2 AND state = 'running'";
    FINISH = "UPDATE job SET state = 'done', lease_until = NULL, error = NULL, finished_at = $3
        WHERE id = $1 AND worker = $2 AND state = 'running'";
    RETRY = "UPDATE job SET state = 'queued', lease_until = NULL, worker = NULL, error = $3, due_at = $4
        WHERE id = $1 AND worker = $2 AND state = 'running'
          AND NOT EXISTS (SELECT 1 FROM job twin WHERE twin.unique_key = job.unique_key AND twin.state = 'queued')";
    BURY = "UPDATE job SET state = 'dead', lease_until = NULL, error = $3, finished_at = $4
        WHERE id = $1 AND worker = $2 AND state = 'running'";
    /// Jobs whose worker went silent.
    SILENT = "SELECT id, attempt FROM job WHERE state = 'running' AND lease_until < $1
        ORDER BY id LIMIT 100 {skip_locked}";
    TAKE_AWAY = "UPDATE job SET worker = $2 WHERE id = $1 AND state = 'running'";
    COUNTS = "SELECT state, COUNT(*) FROM job WHERE state <> 'done' GROUP BY state";
    DEAD = "SELECT id, kind, payload, attempt, COALESCE(error, '') AS error, created_at FROM job
        WHERE state = 'dead' ORDER BY id DESC LIMIT $1";
    FORGET = "DELETE FROM job WHERE state = 'done' AND finished_at < $1";
    REVIVE = "UPDATE job SET state = 'queued', attempt = 0, due_at = $2, finished_at = NULL
        WHERE id = $1 AND state = 'dead'
          AND NOT EXISTS (SELECT 1 FROM job twin WHERE twin.unique_key = job.unique_key AND twin.state = 'queued')";
}

/// Which workers take a job, so that sweeps never hold up a person who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Somebody waits for it.
    Interactive,
    /// Reading sources, which somebody waits for, too, but which takes longer.
    Resolve,
    /// Reading feeds.
    Feeds,
    /// Everything that may take its time.
    Sweep,
    /// Telling people: it waits for others' services, and nothing of ours waits for it.
    Notices,
}

impl Lane {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Resolve => "resolve",
            Self::Feeds => "feeds",
            Self::Sweep => "sweep",
            Self::Notices => "notices",
        }
    }
}

/// A job to be done.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    pub kind: &'a str,
    pub lane: Lane,
    /// JSON that the job of this kind reads.
    pub payload: String,
    /// Two queued jobs with one key are one job.
    pub unique_key: String,
    pub due_at: Timestamp,
}

/// A job that a worker holds.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Job {
    pub id: i64,
    pub kind: String,
    pub payload: String,
    /// 1 at the first try.
    pub attempt: i64,
}

/// A job that nobody will try again by itself.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeadJob {
    pub id: i64,
    pub kind: String,
    pub payload: String,
    pub attempt: i64,
    pub error: String,
    pub created_at: i64,
}

/// Puts a job in the queue, in the transaction that makes it necessary.
pub async fn enqueue(tx: &mut Tx, job: &NewJob<'_>, now: Timestamp) -> Result<(), Error> {
    tx.query(&ENQUEUE)
        .bind(job.kind)
        .bind(job.lane.word())
        .bind(job.payload.as_str())
        .bind(job.unique_key.as_str())
        .bind(job.due_at.millis())
        .bind(now.millis())
        .run()
        .await?;
    Ok(())
}

/// Whether a lane has work: a look that holds up no writer.
pub async fn any_due(session: &mut Session, lane: Lane, now: Timestamp) -> Result<bool, Error> {
    let found: Option<(i64,)> = session
        .query(&DUE)
        .bind(lane.word())
        .bind(now.millis())
        .optional()
        .await?;
    Ok(found.is_some())
}

/// Whether a worker went silent.
pub async fn any_silent(session: &mut Session, now: Timestamp) -> Result<bool, Error> {
    let found: Option<(i64,)> = session.query(&ANY_SILENT).bind(now.millis()).optional().await?;
    Ok(found.is_some())
}

/// Takes the next due job of a lane for `lease_ms` milliseconds.
pub async fn claim(
    tx: &mut Tx,
    lane: Lane,
    worker: &str,
    now: Timestamp,
    lease_ms: i64,
) -> Result<Option<Job>, Error> {
    tx.query(&CLAIM)
        .bind(now.plus_millis(lease_ms).millis())
        .bind(worker)
        .bind(lane.word())
        .bind(now.millis())
        .optional()
        .await
}

/// Prolongs a lease; `false` when the job is no longer this worker's.
pub async fn renew(tx: &mut Tx, job: i64, worker: &str, until: Timestamp) -> Result<bool, Error> {
    Ok(tx
        .query(&RENEW)
        .bind(job)
        .bind(worker)
        .bind(until.millis())
        .run()
        .await?
        == 1)
}

/// Settles a job as done; `false` when the job is no longer this worker's.
pub async fn finish(tx: &mut Tx, job: i64, worker: &str, now: Timestamp) -> Result<bool, Error> {
    Ok(tx
        .query(&FINISH)
        .bind(job)
        .bind(worker)
        .bind(now.millis())
        .run()
        .await?
        == 1)
}

/// What became of a job that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failed {
    WillRetry,
    Dead,
}

/// Puts a failed job back with backoff, or buries it: at once when trying again cannot help.
pub async fn fail(
    tx: &mut Tx,
    job: i64,
    attempt: i64,
    worker: &str,
    error: &str,
    may_retry: bool,
    now: Timestamp,
) -> Result<Failed, Error> {
    if may_retry && attempt < MAX_ATTEMPTS {
        let due = now.plus_millis(backoff(attempt));
        let touched = tx
            .query(&RETRY)
            .bind(job)
            .bind(worker)
            .bind(error)
            .bind(due.millis())
            .run()
            .await?;
        if touched == 0 {
            // A queued twin will do the work.
            finish(tx, job, worker, now).await?;
        }
        return Ok(Failed::WillRetry);
    }
    tx.query(&BURY)
        .bind(job)
        .bind(worker)
        .bind(error)
        .bind(now.millis())
        .run()
        .await?;
    Ok(Failed::Dead)
}

/// Doubles with every attempt, up to a quarter of an hour.
fn backoff(attempt: i64) -> i64 {
    let doublings = u32::try_from(attempt.clamp(1, 16) - 1).unwrap_or(0);
    (FIRST_RETRY_MS << doublings).min(LONGEST_RETRY_MS)
}

/// Puts jobs back whose worker died; answers how many.
pub async fn reclaim(tx: &mut Tx, worker: &str, now: Timestamp) -> Result<usize, Error> {
    let silent: Vec<(i64, i64)> = tx.query(&SILENT).bind(now.millis()).all().await?;
    for (id, attempt) in &silent {
        tx.query(&TAKE_AWAY).bind(*id).bind(worker).run().await?;
        fail(tx, *id, *attempt, worker, "its worker went silent", true, now).await?;
    }
    Ok(silent.len())
}

/// How many jobs are in each state that is not done.
pub async fn counts(session: &mut Session) -> Result<Vec<(String, i64)>, Error> {
    session.query(&COUNTS).all().await
}

pub async fn dead(session: &mut Session, limit: i64) -> Result<Vec<DeadJob>, Error> {
    session.query(&DEAD).bind(limit).all().await
}

/// Gives a dead job another life; `false` when there is no such job.
pub async fn revive(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool, Error> {
    Ok(tx.query(&REVIVE).bind(id).bind(now.millis()).run().await? == 1)
}

/// Forgets jobs that were done before a moment.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64, Error> {
    tx.query(&FORGET).bind(before.millis()).run().await
}
