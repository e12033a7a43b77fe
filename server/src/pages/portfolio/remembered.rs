//! The portfolio as it was computed last: over a million findings that takes seconds, which not every look at it
//! should cost.

use std::collections::HashMap;
use std::future::Future;
use std::time::{Duration, Instant};

use clock::Timestamp;
use tokio::sync::Mutex;
use web::views::portfolio::Portfolio;

use crate::problem::Problem;

/// Different filters that are kept in mind.
const MOST: usize = 64;
/// Only what took so long is remembered, and for so long; all else is computed anew for everybody.
const SLOW: Duration = Duration::from_millis(500);
const GOOD_FOR_MS: i64 = 5 * 60_000;

/// What a portfolio was asked for: team, tag, days.
pub(crate) type Asked = (Option<String>, Option<String>, u32);

/// Computed portfolios. One is computed at a time, so that a crowd does not stop the database.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<HashMap<Asked, Entry>>);

#[derive(Debug)]
struct Entry {
    view: Portfolio,
    at: Timestamp,
}

impl Remembered {
    /// The portfolio as it is remembered, or as `compute` finds it.
    pub(crate) async fn or_compute(
        &self,
        asked: Asked,
        now: Timestamp,
        compute: impl Future<Output = Result<Portfolio, Problem>>,
    ) -> Result<Portfolio, Problem> {
        let mut entries = self.0.lock().await;
        if let Some(entry) = entries.get(&asked).filter(|entry| is_good(entry.at, now)) {
            return Ok(Portfolio {
                computed_at: Some(entry.at),
                ..entry.view.clone()
            });
        }
        let began = Instant::now();
        let view = compute.await?;
        if began.elapsed() >= SLOW {
            remember(&mut entries, asked, view.clone(), now);
        }
        Ok(view)
    }
}

fn is_good(at: Timestamp, now: Timestamp) -> bool {
    (0..GOOD_FOR_MS).contains(&now.since(at))
}

fn remember(entries: &mut HashMap<Asked, Entry>, asked: Asked, view: Portfolio, at: Timestamp) {
    make_room(entries);
    entries.insert(asked, Entry { view, at });
}

fn make_room(entries: &mut HashMap<Asked, Entry>) {
    if entries.len() < MOST {
        return;
    }
    let oldest = entries.iter().min_by_key(|(_, entry)| entry.at);
    if let Some(asked) = oldest.map(|(asked, _)| asked.clone()) {
        entries.remove(&asked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_608_000_000);

    fn asked(days: u32) -> Asked {
        (None, None, days)
    }

    fn portfolio(projects: u64) -> Portfolio {
        Portfolio {
            projects,
            ..Portfolio::default()
        }
    }

    async fn look(remembered: &Remembered, days: u32, now: Timestamp) -> Portfolio {
        let compute = async { Ok(portfolio(20)) };
        remembered.or_compute(asked(days), now, compute).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_slow_is_shown_again_for_a_while_and_says_how_old_it_is() {
        let remembered = Remembered::default();
        remember(&mut *remembered.0.lock().await, asked(90), portfolio(10), NOW);
        let again = look(&remembered, 90, NOW.plus_millis(GOOD_FOR_MS - 1)).await;
        assert_eq!((again.projects, again.computed_at), (10, Some(NOW)));
        assert_eq!(look(&remembered, 30, NOW).await.projects, 20, "another filter");
        assert_eq!(
            look(&remembered, 90, NOW.plus_millis(GOOD_FOR_MS)).await.projects,
            20
        );
        assert_eq!(
            look(&remembered, 90, NOW.plus_millis(-1)).await.projects,
            20,
            "a clock set back"
        );
    }

    #[test]
    fn there_is_room_for_so_many() {
        let mut entries = HashMap::new();
        for days in 0..100 {
            let at = NOW.plus_millis(i64::from(days));
            remember(&mut entries, asked(days), portfolio(1), at);
        }
        assert_eq!(entries.len(), MOST);
        assert!(entries.contains_key(&asked(99)) && !entries.contains_key(&asked(0)));
    }
}
