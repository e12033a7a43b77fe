//! API tokens: what a program may do, for how long, and on which project.

use clock::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Error;
use crate::db::{List, Session, Tx, statements};
use crate::secret;

/// Every token begins with this.
pub const PREFIX: &str = "plb_";
/// How much of a token people get to see again.
const SHOWN: usize = 12;
/// A token's last use is written down at most this often.
const TOUCH_MS: i64 = 10 * 60_000;

statements! {
    CREATE = "INSERT INTO token (uuid, name, hash, prefix, project_id, actions, created_by, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        RETURNING *";
    BY_HASH = "SELECT * FROM token WHERE hash = $1";
    BY_UUID = "SELECT * FROM token WHERE uuid = $1";
    PAGE = "SELECT * FROM token
        WHERE (CAST($1 AS BIGINT) IS NULL OR id < $1)
        ORDER BY id DESC LIMIT $2";
    REVOKE = "UPDATE token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    TOUCH = "UPDATE token SET last_used_at = $2 WHERE id = $1";
}

/// What a token allows. Each includes reading; `Admin` includes everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Read,
    Upload,
    Triage,
    Admin,
}

impl Action {
    pub const ALL: [Self; 4] = [Self::Read, Self::Upload, Self::Triage, Self::Admin];

    /// The stable word, as in JSON and on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Upload => "upload",
            Self::Triage => "triage",
            Self::Admin => "admin",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

/// A token as it is stored: everything but the token.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Token {
    pub id: i64,
    pub uuid: String,
    pub name: String,
    /// The first characters, by which people recognise it.
    pub prefix: String,
    /// The only project that it is good for; `None` for all of them.
    pub project_id: Option<i64>,
    /// A JSON list; see [`Token::action_list`].
    pub actions: String,
    pub created_by: String,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub revoked_at: Option<i64>,
    pub last_used_at: Option<i64>,
}

impl Token {
    #[must_use]
    pub fn action_list(&self) -> Vec<Action> {
        serde_json::from_str(&self.actions).unwrap_or_default()
    }

    /// Neither revoked nor expired.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expiry| now.millis() < expiry)
    }

    /// Whether its last use was long enough ago to be written down again.
    #[must_use]
    pub fn needs_touch(&self, now: Timestamp) -> bool {
        self.last_used_at
            .is_none_or(|used| now.millis().saturating_sub(used) >= TOUCH_MS)
    }
}

/// What is given when a token is made.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    pub name: &'a str,
    pub project_id: Option<i64>,
    pub actions: &'a [Action],
    pub created_by: &'a str,
    pub expires_at: Option<Timestamp>,
}

/// Makes a token; the text is returned here and can never be had again.
pub async fn create(tx: &mut Tx, new: &NewToken<'_>, now: Timestamp) -> Result<(Token, String), Error> {
    let text = secret::fresh(PREFIX);
    let token = tx
        .query(&CREATE)
        .bind(Uuid::now_v7().to_string())
        .bind(new.name)
        .bind(secret::hash(&text))
        .bind(text.get(..SHOWN).unwrap_or_default())
        .bind(new.project_id)
        .bind(List::of(new.actions))
        .bind(new.created_by)
        .bind(now.millis())
        .bind(new.expires_at.map(Timestamp::millis))
        .one()
        .await?;
    Ok((token, text))
}

/// The token with this text, good or not; see [`Token::is_good`].
pub async fn find_by_secret(session: &mut Session, text: &str) -> Result<Option<Token>, Error> {
    session.query(&BY_HASH).bind(secret::hash(text)).optional().await
}

pub async fn by_uuid(session: &mut Session, uuid: &str) -> Result<Option<Token>, Error> {
    session.query(&BY_UUID).bind(uuid).optional().await
}

/// A page of tokens, newest first; `before` is the last id seen.
pub async fn list(session: &mut Session, before: Option<i64>, limit: i64) -> Result<Vec<Token>, Error> {
    session.query(&PAGE).bind(before).bind(limit).all().await
}

/// Ends a token; `false` when it was revoked before.
pub async fn revoke(tx: &mut Tx, id: i64, now: Timestamp) -> Result<bool, Error> {
    Ok(tx.query(&REVOKE).bind(id).bind(now.millis()).run().await? == 1)
}

/// Writes down that a token was used.
pub async fn touch(tx: &mut Tx, id: i64, now: Timestamp) -> Result<(), Error> {
    tx.query(&TOUCH).bind(id).bind(now.millis()).run().await?;
    Ok(())
}
