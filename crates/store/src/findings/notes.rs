//! What people said and decided about a finding, row by row.

use clock::Timestamp;

use crate::Error;
use crate::db::{Session, Tx, statements};

statements! {
    ADD = "INSERT INTO finding_note (finding_id, at, actor, kind, text) VALUES ($1, $2, $3, $4, $5)";
    OF_FINDING = "SELECT at, actor, kind, text FROM finding_note WHERE finding_id = $1 ORDER BY id LIMIT 500";
}

/// One row of what was said.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Note {
    pub at: i64,
    /// `user:NAME` or `token:NAME`.
    pub actor: String,
    /// `comment` or `decision`.
    pub kind: String,
    pub text: String,
}

/// Adds a row.
pub async fn add(
    tx: &mut Tx,
    finding: i64,
    actor: &str,
    kind: &str,
    text: &str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.query(&ADD)
        .bind(finding)
        .bind(now.millis())
        .bind(actor)
        .bind(kind)
        .bind(text)
        .run()
        .await?;
    Ok(())
}

/// What was said of a finding, oldest first.
pub async fn of_finding(session: &mut Session, finding: i64) -> Result<Vec<Note>, Error> {
    session.query(&OF_FINDING).bind(finding).all().await
}
