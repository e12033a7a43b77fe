//! News: written in the transaction of what it tells of, handed out afterwards, at least once.
//!
//! Nothing is written while nobody listens, so that whoever sets up the first webhook is not told of the past.

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::db::{List, Session, Tx, statements};
use crate::jobs;

statements! {
    LISTENED = "SELECT COUNT(*) FROM (SELECT 1 FROM webhook WHERE enabled LIMIT 1) AS bounded";
    ADD = "INSERT INTO outbox (kind, topic, project_id, body, created_at) VALUES ($1, $2, $3, $4, $5)";
    WAITING = "SELECT id, topic, project_id, body, created_at FROM outbox WHERE told_at IS NULL ORDER BY id LIMIT $1";
    TOLD = "UPDATE outbox SET told_at = $2
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json})) AND told_at IS NULL";
    PRUNE = "DELETE FROM outbox WHERE told_at < $1";
}

/// How long further news of a wave is waited for after the last, …
pub const QUIET_MS: i64 = 30_000;
/// … and at most after the first.
pub const LONGEST_MS: i64 = 10 * 60_000;

/// What news is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// The gate of a tracked branch turned red.
    #[serde(rename = "gate.failed")]
    GateFailed,
    /// A finding is, or has become, one that is known to be exploited.
    #[serde(rename = "finding.known_exploited")]
    KnownExploited,
    /// Something was found in a component that somebody watches.
    #[serde(rename = "component.watched")]
    Watched,
    /// A waiver ends soon.
    #[serde(rename = "waiver.ending")]
    WaiverEnding,
    /// A feed is older than it should be.
    #[serde(rename = "feed.late")]
    FeedLate,
    /// Somebody tried a webhook out.
    #[serde(rename = "webhook.test")]
    Test,
}

impl Kind {
    /// Those that a webhook may be told of.
    pub const ALL: [Self; 5] = [
        Self::GateFailed,
        Self::KnownExploited,
        Self::Watched,
        Self::WaiverEnding,
        Self::FeedLate,
    ];

    /// The stable word, as in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::GateFailed => "gate.failed",
            Self::KnownExploited => "finding.known_exploited",
            Self::Watched => "component.watched",
            Self::WaiverEnding => "waiver.ending",
            Self::FeedLate => "feed.late",
            Self::Test => "webhook.test",
        }
    }

    /// Reads back what [`Kind::word`] wrote, except of a trial.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What is told in one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topic {
    /// What one upload brought: told at once.
    Build(String),
    /// What an advisory, or whatever else changed, did to many projects: gathered for a while.
    Wave(String),
    Waivers,
    Feeds,
    /// A trial of one webhook, by its public id.
    Test(String),
}

impl Topic {
    fn text(&self) -> String {
        match self {
            Self::Build(uuid) => format!("build:{uuid}"),
            Self::Wave(cause) => format!("wave:{cause}"),
            Self::Waivers => "waivers".to_owned(),
            Self::Feeds => "feeds".to_owned(),
            Self::Test(uuid) => format!("test:{uuid}"),
        }
    }

    /// The webhook that a trial is of.
    #[must_use]
    pub fn tried(text: &str) -> Option<&str> {
        text.strip_prefix("test:")
    }

    /// Whether more of the kind may follow within moments.
    #[must_use]
    pub fn is_gathered(text: &str) -> bool {
        text.starts_with("wave:")
    }
}

/// One piece of news, as its row holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    pub event: Kind,
    pub at: Timestamp,
    /// Its name; absent where it is about no single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The number of the build.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<i64>,
    /// One sentence.
    pub title: String,
    /// What else is to be said, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// The path of the page about it.
    pub path: String,
}

/// News with its place.
#[derive(Clone, Debug)]
pub struct Told {
    pub topic: Topic,
    pub project_id: Option<i64>,
    pub news: News,
}

/// News that waits.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Waiting {
    pub id: i64,
    pub topic: String,
    pub project_id: Option<i64>,
    pub body: String,
    pub created_at: i64,
}

impl Waiting {
    /// The news.
    ///
    /// # Errors
    /// When what is stored is damaged.
    pub fn news(&self) -> Result<News, Error> {
        serde_json::from_str(&self.body).map_err(|error| Error::corrupt("outbox", &error))
    }
}

/// Whether anybody listens.
pub async fn is_listened_to(session: &mut Session) -> Result<bool, Error> {
    Ok(session.query(&LISTENED).value::<i64>().await? > 0)
}

/// Writes news, and asks for it to be handed out; nothing where nobody listens.
pub async fn add(tx: &mut Tx, told: &[Told], now: Timestamp) -> Result<(), Error> {
    if told.is_empty() || !is_listened_to(tx).await? {
        return Ok(());
    }
    let (mut at_once, mut later) = (false, false);
    for one in told {
        let topic = one.topic.text();
        if Topic::is_gathered(&topic) {
            later = true;
        } else {
            at_once = true;
        }
        // Strings, numbers and lists always have a JSON form.
        let body = serde_json::to_string(&one.news).unwrap_or_default();
        tx.query(&ADD)
            .bind(one.news.event.word())
            .bind(topic)
            .bind(one.project_id)
            .bind(body)
            .bind(now.millis())
            .run()
            .await?;
    }
    if at_once {
        jobs::enqueue_notify(tx, now, now).await?;
    }
    if later {
        jobs::enqueue_notify(tx, now.plus_millis(QUIET_MS), now).await?;
    }
    Ok(())
}

/// News that nobody was told yet, oldest first.
pub async fn waiting(session: &mut Session, limit: i64) -> Result<Vec<Waiting>, Error> {
    session.query(&WAITING).bind(limit).all().await
}

/// Notes that these were handed to every webhook that wants them.
pub async fn told(tx: &mut Tx, ids: &[i64], now: Timestamp) -> Result<(), Error> {
    tx.query(&TOLD)
        .bind(List::of(ids))
        .bind(now.millis())
        .run()
        .await?;
    Ok(())
}

/// Forgets news that was told before a moment.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64, Error> {
    tx.query(&PRUNE).bind(before.millis()).run().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_word_in_json_and_in_the_store() {
        for kind in Kind::ALL {
            assert_eq!(
                serde_json::to_string(&kind).unwrap(),
                format!("\"{}\"", kind.word())
            );
            assert_eq!(Kind::of(kind.word()), Some(kind));
        }
        assert_eq!(Kind::of(Kind::Test.word()), None);
    }
}
