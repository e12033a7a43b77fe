//! Audits the state of every tracked ref again once a day: feeds grow old, deadlines and waivers run out.

use store::builds;
use store::jobs::{self, Lane};
use store::wake::Event;

use crate::{JobError, Parts};

/// Builds per transaction.
const PAGE: i64 = 500;

pub(super) async fn run(parts: &Parts) -> Result<(), JobError> {
    let mut after = 0;
    loop {
        let now = parts.clock.now();
        let mut tx = parts.database.begin().await?;
        let current = builds::current_page(&mut tx, after, PAGE).await?;
        jobs::enqueue_audit(&mut tx, &current, Lane::Sweep, now).await?;
        tx.commit().await?;
        match current.last() {
            Some(last) => after = *last,
            None => break,
        }
    }
    parts.wake.send(Event::Job).await;
    Ok(())
}
