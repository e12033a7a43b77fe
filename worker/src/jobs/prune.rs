//! Forgets what need not be kept, so that nothing grows without bound.

use clock::Timestamp;
use store::{jobs, news, verdicts, webhooks};

use crate::{JobError, Parts};

/// Jobs that were done are kept for operators this long.
const JOBS_DAYS: i64 = 7;
/// Verdicts that neither hold nor were the first of their build are kept this long.
const SUPERSEDED_VERDICTS_DAYS: i64 = 90;
/// News and messages that were settled are kept for those who look into them this long.
const MESSAGES_DAYS: i64 = 30;

pub(super) async fn run(parts: &Parts) -> Result<(), JobError> {
    let now: Timestamp = parts.clock.now();
    let mut tx = parts.database.begin().await?;
    let jobs = jobs::prune(&mut tx, now.plus_days(-JOBS_DAYS)).await?;
    let verdicts = verdicts::prune(&mut tx, now.plus_days(-SUPERSEDED_VERDICTS_DAYS)).await?;
    store::sessions::prune(&mut tx, now).await?;
    news::prune(&mut tx, now.plus_days(-MESSAGES_DAYS)).await?;
    webhooks::prune(&mut tx, now.plus_days(-MESSAGES_DAYS)).await?;
    let registry_documents = store::registry::prune(&mut tx, now).await?;
    tx.commit().await?;
    tracing::info!(jobs, verdicts, registry_documents, "old rows were forgotten");
    Ok(())
}
