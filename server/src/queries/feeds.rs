//! How the feeds are: is what we know fresh?

use clock::Timestamp;
use store::feeds::{Feed, Kind};

/// How a feed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    Fresh,
    Late,
    /// The last try failed; what was fetched before still counts, and ages.
    Failing,
    /// It was never fetched whole: nothing that only it knows is checked.
    NeverLoaded,
}

impl Health {
    pub fn of(feed: &Feed, now: Timestamp) -> Self {
        let Some(synced) = feed.synced_at else {
            return Self::NeverLoaded;
        };
        if feed.kind == Kind::Written.word() {
            return Self::Fresh;
        }
        let tried_since = feed.attempted_at.is_some_and(|tried| tried > synced);
        if tried_since && feed.error.is_some() {
            return Self::Failing;
        }
        if feed.is_late(now) {
            return Self::Late;
        }
        Self::Fresh
    }

    /// The word in the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Late => "late",
            Self::Failing => "failing",
            Self::NeverLoaded => "never_loaded",
        }
    }
}

#[cfg(test)]
mod tests {
    use clock::DAY_MS;

    use super::*;

    #[test]
    fn a_feed_is_fresh_until_it_fails_or_ages() {
        let now = Timestamp::from_millis(100 * DAY_MS);
        let ago = |hours: i64| Some(now.plus_millis(-hours * 3_600_000).millis());
        let hourly = Some(3_600_000);
        let weekly = Some(7 * DAY_MS);
        for (synced_at, attempted_at, error, every_ms, expect) in [
            (None, None, None, None, Health::NeverLoaded),
            (None, ago(1), Some("503"), None, Health::NeverLoaded),
            (ago(1), ago(1), None, hourly, Health::Fresh),
            (ago(1), ago(1), Some("1 record was left out"), None, Health::Fresh),
            (ago(30), ago(30), None, None, Health::Late),
            (ago(4), ago(4), None, hourly, Health::Late),
            (ago(30), ago(30), None, weekly, Health::Fresh),
            (ago(3), ago(1), Some("503"), None, Health::Failing),
        ] {
            let feed = Feed {
                id: 1,
                name: "osv:npm".to_owned(),
                ecosystem: "npm".to_owned(),
                source: String::new(),
                revision: String::new(),
                records: 0,
                synced_at,
                attempted_at,
                newest_at: None,
                error: error.map(str::to_owned),
                validator: String::new(),
                kind: String::new(),
                every_ms,
                least: 0,
                late_since: None,
            };
            assert_eq!(Health::of(&feed, now), expect, "{feed:?}");
        }
    }
}
