//! Asking for new verdicts where a decision changed.

use clock::Timestamp;

use super::{StoredWaiver, builds_of_projects, builds_with, projects};
use crate::Error;
use crate::db::Tx;
use crate::jobs::{self, Lane, NewJob};

/// Asks for new verdicts of the states of refs that a waiver can concern.
pub async fn enqueue(tx: &mut Tx, waiver: &StoredWaiver, now: Timestamp) -> Result<(), Error> {
    if !waiver.everywhere {
        let named = projects(tx, &[waiver.id])
            .await?
            .remove(&waiver.id)
            .unwrap_or_default();
        return of_projects(tx, &named, now).await;
    }
    match &waiver.vulnerability {
        Some(id) => of_vulnerability(tx, id, now).await,
        None => everything(tx, now).await,
    }
}

/// Asks for new verdicts of the states of all refs of these projects.
pub async fn of_projects(tx: &mut Tx, projects: &[i64], now: Timestamp) -> Result<(), Error> {
    let builds = builds_of_projects(tx, projects).await?;
    jobs::enqueue_audit(tx, &builds, Lane::Interactive, now).await
}

/// Asks for new verdicts of the states of refs in which a vulnerability was ever found.
pub async fn of_vulnerability(tx: &mut Tx, id: &str, now: Timestamp) -> Result<(), Error> {
    let builds = builds_with(tx, id).await?;
    jobs::enqueue_audit(tx, &builds, Lane::Sweep, now).await
}

/// Asks for new verdicts of the states of all tracked refs.
pub async fn everything(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    let job = NewJob {
        kind: jobs::REFRESH,
        lane: Lane::Sweep,
        payload: "{}".to_owned(),
        // Apart from the daily refresh, which may be waiting for its hour.
        unique_key: "refresh:policy".to_owned(),
        due_at: now,
    };
    jobs::enqueue(tx, &job, now).await
}
