//! Who changed what, when: append-only, each entry's hash covering the one before.

use clock::Timestamp;
use sha2::{Digest, Sha256};

use crate::Error;
use crate::db::{Session, Tx, statements};

const VERIFY_STEP: i64 = 1_000;

statements! {
    HEAD = "SELECT hash FROM audit_log_head WHERE id = 1 {for_update}";
    HEAD_READ = "SELECT hash FROM audit_log_head WHERE id = 1";
    APPEND = "INSERT INTO audit_log (at, actor, action, object, detail, previous, hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    MOVE_HEAD = "UPDATE audit_log_head SET hash = $1 WHERE id = 1";
    ONWARD = "SELECT * FROM audit_log WHERE id > $1 ORDER BY id LIMIT $2";
    PAGE = "SELECT * FROM audit_log WHERE (CAST($1 AS BIGINT) IS NULL OR id < $1) ORDER BY id DESC LIMIT $2";
    /// By what narrows most and has an index: an object, else a person, else an action.
    OF_OBJECT = "SELECT * FROM audit_log WHERE (CAST($1 AS BIGINT) IS NULL OR id < $1)
          AND object = $3 AND (CAST($4 AS TEXT) IS NULL OR actor = $4) AND (CAST($5 AS TEXT) IS NULL OR action = $5)
          AND at >= $6 AND at < $7
        ORDER BY id DESC LIMIT $2";
    OF_ACTOR = "SELECT * FROM audit_log WHERE (CAST($1 AS BIGINT) IS NULL OR id < $1)
          AND actor = $3 AND (CAST($4 AS TEXT) IS NULL OR action = $4) AND at >= $5 AND at < $6
        ORDER BY id DESC LIMIT $2";
    OF_ACTION = "SELECT * FROM audit_log WHERE (CAST($1 AS BIGINT) IS NULL OR id < $1)
          AND action = $3 AND at >= $4 AND at < $5
        ORDER BY id DESC LIMIT $2";
    BETWEEN = "SELECT * FROM audit_log WHERE (CAST($1 AS BIGINT) IS NULL OR id < $1)
          AND at >= $3 AND at < $4
        ORDER BY id DESC LIMIT $2";
    ACTIONS = "SELECT DISTINCT action FROM audit_log ORDER BY action LIMIT 200";
}

/// One thing that somebody did.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// `token:NAME`, `user:NAME`, `system`.
    pub actor: &'a str,
    /// `project.create`, `build.upload`, `policy.put`, …
    pub action: &'a str,
    /// What it was done to: a name or a public id.
    pub object: &'a str,
    /// What a reader wants to know beyond that: JSON or a sentence; may be empty.
    pub detail: &'a str,
}

/// An entry as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredEntry {
    pub id: i64,
    pub at: i64,
    pub actor: String,
    pub action: String,
    pub object: String,
    pub detail: String,
    /// The hash of the entry before; empty for the first.
    pub previous: String,
    pub hash: String,
}

/// What a check of the whole chain says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// Every entry is as it was written. Whoever keeps `head` elsewhere can tell later whether the end was cut.
    Whole { entries: u64, head: String },
    /// The first entry that is not what was written, or whose predecessor is missing.
    Broken { entry: i64 },
    /// The newest entries are missing.
    CutShort,
}

/// Appends an entry in the transaction of the change itself. Call it last: until the commit, others who append
/// wait.
pub async fn append(tx: &mut Tx, entry: &Entry<'_>, now: Timestamp) -> Result<(), Error> {
    let previous: String = tx.query(&HEAD).value().await?;
    let hash = chain(&previous, now.millis(), entry);
    tx.query(&APPEND)
        .bind(now.millis())
        .bind(entry.actor)
        .bind(entry.action)
        .bind(entry.object)
        .bind(entry.detail)
        .bind(previous.as_str())
        .bind(hash.as_str())
        .run()
        .await?;
    tx.query(&MOVE_HEAD).bind(hash.as_str()).run().await?;
    Ok(())
}

/// Every field goes in behind its length, so that nothing can move from one field to the next unseen.
fn chain(previous: &str, at: i64, entry: &Entry<'_>) -> String {
    let at = at.to_string();
    let mut hasher = Sha256::new();
    for field in [
        previous,
        &at,
        entry.actor,
        entry.action,
        entry.object,
        entry.detail,
    ] {
        hasher.update(field.len().to_string());
        hasher.update(":");
        hasher.update(field);
    }
    hex::encode(hasher.finalize())
}

/// A page of entries, newest first; `before` is the last id seen.
pub async fn page(session: &mut Session, before: Option<i64>, limit: i64) -> Result<Vec<StoredEntry>, Error> {
    session.query(&PAGE).bind(before).bind(limit).all().await
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub actor: Option<String>,
    pub action: Option<String>,
    pub object: Option<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// A page of the entries that fit, newest first; `before` is the last id seen.
pub async fn filtered(
    session: &mut Session,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<StoredEntry>, Error> {
    let (from, until) = (
        filter.from.map_or(i64::MIN, Timestamp::millis),
        filter.until.map_or(i64::MAX, Timestamp::millis),
    );
    let (actor, action) = (filter.actor.as_deref(), filter.action.as_deref());
    let query = match (filter.object.as_deref(), actor, action) {
        (Some(object), ..) => {
            let query = session.query(&OF_OBJECT).bind(before).bind(limit);
            query.bind(object).bind(actor).bind(action)
        }
        (None, Some(actor), _) => {
            let query = session.query(&OF_ACTOR).bind(before).bind(limit);
            query.bind(actor).bind(action)
        }
        (None, None, Some(action)) => session.query(&OF_ACTION).bind(before).bind(limit).bind(action),
        (None, None, None) => session.query(&BETWEEN).bind(before).bind(limit),
    };
    query.bind(from).bind(until).all().await
}

/// Every action that was ever done, by name.
pub async fn actions(session: &mut Session) -> Result<Vec<String>, Error> {
    session.query(&ACTIONS).column().await
}

/// Follows the chain back from its end over at most so many entries: a quick look, where [`verify`] is the whole.
///
/// `entries` of the answer are those that were looked at.
pub async fn verify_newest(session: &mut Session, most: i64) -> Result<Verified, Error> {
    let head: String = session.query(&HEAD_READ).value().await?;
    let newest = page(session, None, most).await?;
    // What was appended between the two reads is newer than the head that was read.
    let begin = newest.iter().position(|entry| entry.hash == head);
    let Some(begin) = begin else {
        return Ok(if newest.is_empty() && head.is_empty() {
            Verified::Whole { entries: 0, head }
        } else {
            Verified::CutShort
        });
    };
    let seen = newest.get(begin..).unwrap_or_default();
    Ok(match chained(seen) {
        Some(entry) => Verified::Broken { entry },
        None => Verified::Whole {
            entries: u64::try_from(seen.len()).unwrap_or(u64::MAX),
            head,
        },
    })
}

/// The first entry, from the newest, that is not what was written or does not follow its predecessor.
fn chained(newest_first: &[StoredEntry]) -> Option<i64> {
    let altered = newest_first.iter().find(|entry| entry.hash != entry.recomputed());
    let torn = newest_first
        .windows(2)
        .find(|pair| matches!(pair, [later, earlier] if later.previous != earlier.hash));
    let torn = torn.and_then(|pair| pair.first());
    altered.or(torn).map(|entry| entry.id)
}

/// Follows the chain from its first entry to its end.
pub async fn verify(session: &mut Session) -> Result<Verified, Error> {
    // The head is read first: what is appended meanwhile only makes the chain longer.
    let head: String = session.query(&HEAD_READ).value().await?;
    let (mut last, mut hash, mut entries, mut met) = (0, String::new(), 0, head.is_empty());
    loop {
        let step: Vec<StoredEntry> = session.query(&ONWARD).bind(last).bind(VERIFY_STEP).all().await?;
        for entry in &step {
            if entry.previous != hash || entry.hash != entry.recomputed() {
                return Ok(Verified::Broken { entry: entry.id });
            }
            (last, entries) = (entry.id, entries + 1);
            hash.clone_from(&entry.hash);
            met |= hash == head;
        }
        if step.is_empty() {
            break;
        }
    }
    Ok(if met {
        Verified::Whole { entries, head: hash }
    } else {
        Verified::CutShort
    })
}

impl StoredEntry {
    fn recomputed(&self) -> String {
        let entry = Entry {
            actor: &self.actor,
            action: &self.action,
            object: &self.object,
            detail: &self.detail,
        };
        chain(&self.previous, self.at, &entry)
    }
}
