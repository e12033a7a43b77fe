//! Packages about which something has changed: their stored versions are matched again.

use store::jobs::RematchJob;
use store::matches;
use store::wake::Event;

use crate::{JobError, Parts, matching};

/// Matches the stale versions of some packages. What was matched in the meantime is not matched again.
///
/// # Errors
/// When the database fails; another try goes on where this one stopped.
pub async fn run(parts: &Parts, job: RematchJob) -> Result<(), JobError> {
    let stale = matches::stale_of_packages(&mut parts.database.read().await?, &job.packages).await?;
    let done = matching::bring_up_to_date(&parts.database, stale, parts.clock.now()).await?;
    tracing::info!(
        packages = job.packages.len(),
        versions = done.versions,
        changed = done.changed,
        builds = done.builds,
        "packages were matched again"
    );
    if done.builds > 0 {
        parts.wake.send(Event::Job).await;
    }
    Ok(())
}
