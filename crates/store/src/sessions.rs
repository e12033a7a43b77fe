//! Browser sessions, and the login links that become one, once.

use clock::Timestamp;

use crate::Error;
use crate::db::{Session, Tx, statements};
use crate::secret;

/// How long a login link can be used.
const LINK_MS: i64 = clock::DAY_MS;
/// How long a browser stays signed in.
pub const SESSION_MS: i64 = 7 * clock::DAY_MS;

statements! {
    CREATE = "INSERT INTO session (hash, kind, actor, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
    /// Whoever deletes the row has used the link; nobody else can.
    USE_LINK = "DELETE FROM session WHERE hash = $1 AND kind = 'link' AND expires_at > $2 RETURNING actor";
    FIND = "SELECT actor, created_at, expires_at FROM session
        WHERE hash = $1 AND kind = 'session' AND expires_at > $2";
    ANY = "SELECT COUNT(*) FROM (SELECT 1 FROM session WHERE kind = 'session' LIMIT 1) AS bounded";
    END = "DELETE FROM session WHERE hash = $1 AND kind = 'session'";
    /// One row a person: browsers that are signed in, and links that were not used yet.
    PEOPLE = "SELECT actor, SUM(CASE WHEN kind = 'session' THEN 1 ELSE 0 END) AS browsers,
            SUM(CASE WHEN kind = 'link' THEN 1 ELSE 0 END) AS links,
            MAX(CASE WHEN kind = 'session' THEN created_at END) AS signed_in_at, MAX(expires_at) AS until
        FROM session WHERE expires_at > $1 GROUP BY actor ORDER BY actor LIMIT $2";
    END_ALL = "DELETE FROM session WHERE actor = $1";
    PRUNE = "DELETE FROM session WHERE expires_at <= $1";
}

/// Somebody who is signed in.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SignedIn {
    pub actor: String,
    pub created_at: i64,
    pub expires_at: i64,
}

/// Makes a link that signs `actor` in once, within a day; gives its secret.
pub async fn create_link(tx: &mut Tx, actor: &str, now: Timestamp) -> Result<String, Error> {
    create(tx, "link", actor, now, LINK_MS).await
}

/// Uses a link up: gives the secret of the new session, or `None` when the link is wrong, used or too old.
pub async fn redeem(tx: &mut Tx, link: &str, now: Timestamp) -> Result<Option<String>, Error> {
    let used: Option<(String,)> = tx
        .query(&USE_LINK)
        .bind(secret::hash(link))
        .bind(now.millis())
        .optional()
        .await?;
    match used {
        Some((actor,)) => create(tx, "session", &actor, now, SESSION_MS).await.map(Some),
        None => Ok(None),
    }
}

async fn create(tx: &mut Tx, kind: &str, actor: &str, now: Timestamp, life: i64) -> Result<String, Error> {
    let text = secret::fresh("");
    tx.query(&CREATE)
        .bind(secret::hash(&text))
        .bind(kind)
        .bind(actor)
        .bind(now.millis())
        .bind(now.plus_millis(life).millis())
        .run()
        .await?;
    Ok(text)
}

/// Who is signed in with this secret.
pub async fn find(session: &mut Session, text: &str, now: Timestamp) -> Result<Option<SignedIn>, Error> {
    session
        .query(&FIND)
        .bind(secret::hash(text))
        .bind(now.millis())
        .optional()
        .await
}

/// Whether anybody is, or lately was, signed in.
pub async fn any(session: &mut Session) -> Result<bool, Error> {
    Ok(session.query(&ANY).value::<i64>().await? > 0)
}

/// Signs a browser out.
pub async fn end(tx: &mut Tx, text: &str) -> Result<(), Error> {
    tx.query(&END).bind(secret::hash(text)).run().await?;
    Ok(())
}

/// Forgets sessions and links that are over; answers how many.
pub async fn prune(tx: &mut Tx, now: Timestamp) -> Result<u64, Error> {
    tx.query(&PRUNE).bind(now.millis()).run().await
}

/// A person who is signed in, or may be with a link.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Person {
    pub actor: String,
    pub browsers: i64,
    /// Links that were not used yet.
    pub links: i64,
    /// The last time; `None` for somebody who has a link only.
    pub signed_in_at: Option<i64>,
    pub until: i64,
}

/// Everybody who is signed in, or may be with a link, by name.
pub async fn people(session: &mut Session, limit: i64, now: Timestamp) -> Result<Vec<Person>, Error> {
    session.query(&PEOPLE).bind(now.millis()).bind(limit).all().await
}

/// Signs a person out everywhere, and takes back links that were not used; answers how many of both.
pub async fn end_all(tx: &mut Tx, actor: &str) -> Result<u64, Error> {
    tx.query(&END_ALL).bind(actor).run().await
}
