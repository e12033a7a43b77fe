//! How many statements something runs: what pages are held to.

use std::cell::Cell;

tokio::task_local! {
    static RUN: Cell<u64>;
}

/// Counts a statement, where somebody wants to know.
pub(super) fn one() {
    // Nobody counts: that is the usual case.
    let _ = RUN.try_with(|run| run.set(run.get() + 1));
}

/// Runs `future`, and tells how many statements it ran; those of tasks that it spawns are not among them.
pub async fn counted<F: Future>(future: F) -> (F::Output, u64) {
    RUN.scope(Cell::new(0), async {
        let output = future.await;
        (output, RUN.with(Cell::get))
    })
    .await
}
