//! Claim, keep the lease, settle; one loop per lane so that sweeps never hold up a person who waits.

use std::time::Duration;

use store::jobs::{self, Failed, Job, Lane};
use store::wake::Event;
use tokio::sync::broadcast::Receiver;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::jobs::Held;
use crate::{JobError, Parts, schedule};

const LEASE_MS: i64 = 60_000;
const RENEW_EVERY: Duration = Duration::from_secs(20);
/// What is lost when a wake-up is: at most this long.
const POLL: Duration = Duration::from_secs(1);
/// Leases of silent workers are looked for this often.
const RECLAIM_EVERY: Duration = Duration::from_secs(5);
/// A database that refuses is left alone for a moment.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// How many loops work on each lane.
const LOOPS: [(Lane, usize); 5] = [
    (Lane::Interactive, 2),
    (Lane::Resolve, 2),
    (Lane::Feeds, 1),
    (Lane::Sweep, 1),
    (Lane::Notices, 2),
];

/// How many jobs are done at a time when all that is due is to be done: one computes while another writes.
const HANDS: usize = 3;

/// Does the jobs of one database.
#[derive(Clone)]
pub struct Worker {
    parts: Parts,
    name: String,
}

/// What [`Worker::work_off`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkedOff {
    pub done: usize,
    /// The errors of jobs that failed; those that may be tried again are queued for later.
    pub failed: Vec<String>,
}

impl Worker {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            name: format!("worker-{}", store::new_uuid()),
        }
    }

    /// Works until `shutdown` is cancelled; jobs at hand are finished first.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut loops = JoinSet::new();
        for (lane, count) in LOOPS {
            for _ in 0..count {
                loops.spawn(self.clone().work(lane, shutdown.clone()));
            }
        }
        loops.spawn(self.clone().reclaim(shutdown.clone()));
        loops.spawn(schedule::run(self.parts.clone(), shutdown.clone()));
        while let Some(ended) = loops.join_next().await {
            if let Err(error) = ended {
                // The process goes on with fewer loops; leases bring its job back.
                tracing::error!(error = %error, "a loop of the worker stopped");
            }
        }
    }

    /// Looks once at what is to be done without anybody asking, as the schedule does every half minute; answers whether
    /// anything was asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_schedule(&self) -> Result<bool, JobError> {
        schedule::look(&self.parts).await
    }

    /// Does everything that is due now, and what follows from it.
    ///
    /// # Errors
    /// When the queue cannot be read or written. A job that fails is told in the answer.
    pub async fn work_off(&self) -> Result<WorkedOff, JobError> {
        let mut worked = WorkedOff::default();
        loop {
            let mut busy = false;
            for (lane, _) in LOOPS {
                let mut hands = JoinSet::new();
                for _ in 0..HANDS {
                    hands.spawn(self.clone().drain(lane));
                }
                while let Some(drained) = hands.join_next().await {
                    let drained = drained??;
                    busy |= drained != WorkedOff::default();
                    worked.done += drained.done;
                    worked.failed.extend(drained.failed);
                }
            }
            if !busy {
                return Ok(worked);
            }
        }
    }

    /// Does the jobs of a lane until none is due.
    async fn drain(self, lane: Lane) -> Result<WorkedOff, JobError> {
        let mut worked = WorkedOff::default();
        while let Some(job) = self.claim(lane).await? {
            match self.perform(&job).await? {
                Ok(()) => worked.done += 1,
                Err(error) => worked.failed.push(format!("{}: {error}", job.kind)),
            }
        }
        Ok(worked)
    }

    async fn work(self, lane: Lane, shutdown: CancellationToken) {
        let mut events = self.parts.wake.subscribe();
        while !shutdown.is_cancelled() {
            match self.next(lane).await {
                Ok(true) => {}
                Ok(false) => {
                    tokio::select! {
                        () = shutdown.cancelled() => return,
                        () = woken(&mut events) => {}
                    }
                }
                Err(error) => {
                    tracing::error!(lane = lane.word(), error = %error.chain(), "the queue could not be served");
                    tokio::select! {
                        () = shutdown.cancelled() => return,
                        () = tokio::time::sleep(AFTER_FAILURE) => {}
                    }
                }
            }
        }
    }

    /// Does one job; `false` when none is due.
    async fn next(&self, lane: Lane) -> Result<bool, JobError> {
        let Some(job) = self.claim(lane).await? else {
            return Ok(false);
        };
        // Errors of the job itself are settled and logged there.
        let _ = self.perform(&job).await?;
        Ok(true)
    }

    async fn claim(&self, lane: Lane) -> Result<Option<Job>, JobError> {
        let now = self.parts.clock.now();
        // A reader finds out without holding up the writer.
        if !jobs::any_due(&mut self.parts.database.read().await?, lane, now).await? {
            return Ok(None);
        }
        let mut tx = self.parts.database.begin().await?;
        let job = jobs::claim(&mut tx, lane, &self.name, now, LEASE_MS).await?;
        tx.commit().await?;
        Ok(job)
    }

    /// Runs a job under its lease and settles it.
    async fn perform(&self, job: &Job) -> Result<Result<(), String>, JobError> {
        let started = std::time::Instant::now();
        let held = Held {
            id: job.id,
            worker: self.name.clone(),
        };
        let outcome = tokio::select! {
            outcome = crate::jobs::run(&self.parts, &held, job) => outcome,
            lost = self.keep_lease(&held) => Err(lost),
        };
        let seconds = started.elapsed().as_secs_f64();
        metrics::histogram!("plumbline_job_seconds", "kind" => job.kind.clone()).record(seconds);
        match outcome {
            Ok(()) => {
                metrics::counter!("plumbline_jobs_total", "kind" => job.kind.clone(), "outcome" => "done")
                    .increment(1);
                tracing::debug!(kind = job.kind, job = job.id, seconds, "job done");
                Ok(Ok(()))
            }
            // Whoever holds the job now settles it.
            Err(JobError::LeaseLost) => {
                tracing::warn!(
                    kind = job.kind,
                    job = job.id,
                    "a lease was lost; nothing was written"
                );
                Ok(Err(JobError::LeaseLost.to_string()))
            }
            Err(error) => Ok(Err(self.settle_failure(job, &error).await?)),
        }
    }

    /// Ends only when the lease is lost.
    async fn keep_lease(&self, held: &Held) -> JobError {
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            let until = self.parts.clock.now().plus_millis(LEASE_MS);
            match self.renew(held, until).await {
                Ok(true) => {}
                Ok(false) => return JobError::LeaseLost,
                // The lease is longer than one failed renewal.
                Err(error) => tracing::warn!(job = held.id, error = %error, "a lease could not be renewed"),
            }
        }
    }

    async fn renew(&self, held: &Held, until: clock::Timestamp) -> Result<bool, store::Error> {
        let mut tx = self.parts.database.begin().await?;
        let ours = jobs::renew(&mut tx, held.id, &held.worker, until).await?;
        tx.commit().await?;
        Ok(ours)
    }

    async fn settle_failure(&self, job: &Job, error: &JobError) -> Result<String, JobError> {
        let text = error.chain();
        let now = self.parts.clock.now();
        let mut tx = self.parts.database.begin().await?;
        let failed = jobs::fail(
            &mut tx,
            job.id,
            job.attempt,
            &self.name,
            &text,
            error.may_retry(),
            now,
        )
        .await?;
        let told = match failed {
            Failed::Dead => crate::jobs::give_up(&mut tx, job, &text, now).await?,
            Failed::WillRetry => None,
        };
        tx.commit().await?;
        if let Some(build) = told {
            self.parts.wake.send(Event::Build(build)).await;
        }
        metrics::counter!("plumbline_jobs_total", "kind" => job.kind.clone(), "outcome" => "failed")
            .increment(1);
        tracing::error!(
            kind = job.kind,
            job = job.id,
            attempt = job.attempt,
            dead = failed == Failed::Dead,
            error = text,
            "job failed"
        );
        Ok(text)
    }

    async fn reclaim(self, shutdown: CancellationToken) {
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(RECLAIM_EVERY) => {}
            }
            match self.reclaim_once().await {
                Ok(0) => {}
                Ok(count) => {
                    tracing::warn!(count, "jobs of silent workers were put back");
                    self.parts.wake.send(Event::Job).await;
                }
                Err(error) => tracing::warn!(error = %error, "silent workers could not be looked for"),
            }
        }
    }

    async fn reclaim_once(&self) -> Result<usize, store::Error> {
        let now = self.parts.clock.now();
        if !jobs::any_silent(&mut self.parts.database.read().await?, now).await? {
            return Ok(0);
        }
        let mut tx = self.parts.database.begin().await?;
        let count = jobs::reclaim(&mut tx, &self.name, now).await?;
        tx.commit().await?;
        Ok(count)
    }
}

/// Returns when there may be work: a wake-up, or the poll underneath.
async fn woken(events: &mut Receiver<Event>) {
    let job = async {
        loop {
            match events.recv().await {
                Ok(Event::Build(_)) => {}
                // One who lagged behind just looks.
                Ok(Event::Job) | Err(_) => return,
            }
        }
    };
    // Either way the caller looks at the queue.
    let _ = tokio::time::timeout(POLL, job).await;
}
