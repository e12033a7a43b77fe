//! What package registries answered: reduced, compressed, for a while.

use clock::Timestamp;

use crate::Error;
use crate::db::{Session, Tx, statements};
use crate::packed;

/// Answers older than this are forgotten; a resolution asks anew long before.
const KEPT_DAYS: i64 = 30;
/// How many answers are kept at most; the longest unasked go first.
const MOST: i64 = 200_000;
/// The largest answer that is kept, in bytes before compression.
const LARGEST: usize = 32 << 20;

statements! {
    FIND = "SELECT fetched_at, etag, last_modified, content FROM registry_document WHERE key = $1";
    PUT = "INSERT INTO registry_document (key, fetched_at, etag, last_modified, content)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (key) DO UPDATE SET
            fetched_at = excluded.fetched_at,
            etag = excluded.etag,
            last_modified = excluded.last_modified,
            content = excluded.content";
    PRUNE_OLD = "DELETE FROM registry_document WHERE fetched_at < $1";
    PRUNE_MANY = "DELETE FROM registry_document WHERE key IN
        (SELECT key FROM registry_document ORDER BY fetched_at LIMIT $1)";
    COUNT = "SELECT COUNT(*) FROM registry_document";
}

/// One answer of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub fetched_at: Timestamp,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// `None`: there was no such thing.
    pub content: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    fetched_at: i64,
    etag: Option<String>,
    last_modified: Option<String>,
    content: Option<Vec<u8>>,
}

/// The answer that is kept under a key.
pub async fn find(session: &mut Session, key: &str) -> Result<Option<Document>, Error> {
    let row: Option<Row> = session.query(&FIND).bind(key).optional().await?;
    let Some(row) = row else { return Ok(None) };
    let content = match row.content {
        Some(packed) => Some(packed::unpack_bytes("registry document", &packed)?),
        None => None,
    };
    Ok(Some(Document {
        fetched_at: Timestamp::from_millis(row.fetched_at),
        etag: row.etag,
        last_modified: row.last_modified,
        content,
    }))
}

/// Keeps an answer in place of an earlier one; one that is too large is not kept.
pub async fn put(tx: &mut Tx, key: &str, document: &Document) -> Result<(), Error> {
    if document
        .content
        .as_ref()
        .is_some_and(|content| content.len() > LARGEST)
    {
        return Ok(());
    }
    let content = match &document.content {
        Some(content) => {
            let packed = packed::compress(content);
            Some(packed.map_err(|error| Error::corrupt("registry document", &error))?)
        }
        None => None,
    };
    tx.query(&PUT)
        .bind(key)
        .bind(document.fetched_at.millis())
        .bind(document.etag.as_deref())
        .bind(document.last_modified.as_deref())
        .bind(content)
        .run()
        .await?;
    Ok(())
}

/// Forgets answers that are old or too many; answers how many.
pub async fn prune(tx: &mut Tx, now: Timestamp) -> Result<u64, Error> {
    let old = now.plus_days(-KEPT_DAYS).millis();
    let forgotten = tx.query(&PRUNE_OLD).bind(old).run().await?;
    let count: i64 = tx.query(&COUNT).value().await?;
    if count <= MOST {
        return Ok(forgotten);
    }
    Ok(forgotten + tx.query(&PRUNE_MANY).bind(count - MOST).run().await?)
}
