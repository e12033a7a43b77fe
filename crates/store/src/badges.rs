//! Keys that read the badge of one project and nothing else, so that they may stand in a README.

use clock::Timestamp;

use crate::Error;
use crate::db::{Session, Tx, statements};
use crate::secret;

/// Every badge key begins with this.
const PREFIX: &str = "plbb_";

statements! {
    SET = "INSERT INTO badge_key (project_id, hash, created_by, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (project_id) DO UPDATE SET hash = excluded.hash, created_by = excluded.created_by,
            created_at = excluded.created_at";
    HASH = "SELECT hash FROM badge_key WHERE project_id = $1";
    ABOUT = "SELECT created_by, created_at FROM badge_key WHERE project_id = $1";
    DELETE = "DELETE FROM badge_key WHERE project_id = $1";
}

/// Makes a new key, which is shown once; the former one is worth nothing any more.
pub async fn renew(tx: &mut Tx, project: i64, author: &str, now: Timestamp) -> Result<String, Error> {
    let key = secret::fresh(PREFIX);
    tx.query(&SET)
        .bind(project)
        .bind(secret::hash(&key))
        .bind(author)
        .bind(now.millis())
        .run()
        .await?;
    Ok(key)
}

/// Whether a key is the one of the project.
pub async fn opens(session: &mut Session, project: i64, key: &str) -> Result<bool, Error> {
    let hash: Option<(String,)> = session.query(&HASH).bind(project).optional().await?;
    Ok(hash.is_some_and(|(hash,)| hash == secret::hash(key)))
}

/// Who made the key of a project, and when; `None` where there is no key.
pub async fn about(session: &mut Session, project: i64) -> Result<Option<(String, i64)>, Error> {
    session.query(&ABOUT).bind(project).optional().await
}

/// Takes the key back.
pub async fn revoke(tx: &mut Tx, project: i64) -> Result<(), Error> {
    tx.query(&DELETE).bind(project).run().await?;
    Ok(())
}
