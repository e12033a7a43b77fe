//! Advisory feeds and jobs: is what we know fresh, and what does it mean where it is not?

use clock::Timestamp;

use super::rows::sample_now;
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::{parts, text};

page!("feeds.html", Feeds);

/// All feeds and the state of the queue.
#[derive(Clone, Debug, Default)]
pub struct Feeds {
    pub feeds: Vec<FeedRow>,
    pub jobs: Jobs,
    /// Whether the reader may ask for a fetch now.
    pub may_sync: bool,
}

/// One feed.
#[derive(Clone, Debug)]
pub struct FeedRow {
    pub name: String,
    /// `None` before it was loaded for the first time.
    pub records: Option<u64>,
    pub revision: Option<String>,
    pub fetched_at: Option<Timestamp>,
    /// How often it is read, in words.
    pub schedule: String,
    /// Fewer records than this are refused.
    pub floor: u64,
    /// Whether there is a source that could be asked now.
    pub may_fetch: bool,
    pub health: FeedHealth,
    /// What else is to be said: why the first fetch failed, which records were left out.
    pub note: Option<String>,
}

/// How a feed is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedHealth {
    Fresh,
    /// Older than twice its interval.
    Late,
    Failing {
        since: Timestamp,
        error: String,
        next_try: Option<Timestamp>,
    },
    NeverLoaded,
}

/// Jobs by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Jobs {
    pub waiting: u64,
    pub running: u64,
    pub dead: u64,
}

impl FeedRow {
    pub(crate) fn health(&self) -> Html {
        match &self.health {
            FeedHealth::Fresh => state("pass", "ok", "Fresh"),
            FeedHealth::Late => state("warn", "warn", "Late"),
            FeedHealth::Failing { .. } => state("fail", "stop", "Failing"),
            FeedHealth::NeverLoaded => state("open", "ask", "Not loaded yet"),
        }
    }

    /// What the state means for findings, where it means something.
    pub(crate) fn meaning(&self, now: &Timestamp) -> Option<String> {
        match &self.health {
            FeedHealth::Fresh => self.note.clone(),
            FeedHealth::Late => Some("Findings published since then may be missing.".to_owned()),
            FeedHealth::NeverLoaded => {
                let why = self
                    .note
                    .as_ref()
                    .map(|note| format!("{note}. "))
                    .unwrap_or_default();
                Some(format!(
                    "{why}Nothing that only this feed knows is checked. It is not counted as clean."
                ))
            }
            FeedHealth::Failing {
                since,
                error,
                next_try,
            } => {
                let next = next_try
                    .map(|at| format!(" Next try {}.", text::ago(at, *now)))
                    .unwrap_or_default();
                Some(format!(
                    "{error}. Findings published since {} may be missing.{next}",
                    text::long_day(since.day())
                ))
            }
        }
    }
}

fn state(class: &str, icon: &str, word: &str) -> Html {
    Html::from_trusted(format!(
        "<span class=\"verd {class}\">{}{word}</span>",
        parts::icon(icon)
    ))
}

impl Feeds {
    fn frame(&self) -> Frame {
        Frame::new("Feeds", Section::Feeds, "/v1/feeds")
    }

    /// The answer first.
    pub(crate) fn lede(&self) -> String {
        let total = self.feeds.len();
        let fresh = self
            .feeds
            .iter()
            .filter(|feed| feed.health == FeedHealth::Fresh)
            .count();
        match (total, fresh) {
            (0, _) => "No feed is configured: nothing can be checked.".to_owned(),
            (total, fresh) if total == fresh => format!("All {total} feeds are fresh."),
            (total, fresh) => format!("{fresh} of {total} feeds are fresh."),
        }
    }

    #[must_use]
    pub fn sample() -> Self {
        let feed = |name: &str, records, minutes: i64, health| FeedRow {
            name: name.to_owned(),
            records: Some(records),
            revision: Some("bf5c0d2".to_owned()),
            fetched_at: Some(sample_now().plus_millis(-minutes * 60_000)),
            schedule: "every 1 h".to_owned(),
            floor: records / 20 * 19,
            may_fetch: true,
            health,
            note: None,
        };
        let failing = FeedHealth::Failing {
            since: sample_now().plus_days(-1),
            error: "The server answered 503".to_owned(),
            next_try: Some(sample_now().plus_millis(30 * 60_000)),
        };
        Self {
            feeds: vec![
                feed("OSV npm", 212_301, 4, FeedHealth::Fresh),
                feed("RustSec", 1_206, 38, FeedHealth::Fresh),
                feed("OSV PyPI", 18_402, 300, FeedHealth::Late),
                feed("EPSS", 301_220, 2_000, failing),
                FeedRow {
                    records: None,
                    revision: None,
                    fetched_at: None,
                    ..feed("KEV", 0, 0, FeedHealth::NeverLoaded)
                },
            ],
            jobs: Jobs {
                waiting: 0,
                running: 2,
                dead: 1,
            },
            may_sync: true,
        }
    }

    #[must_use]
    pub fn sample_empty() -> Self {
        Self::default()
    }
}
