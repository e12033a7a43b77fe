//! Webhooks: where news is sent, and every message with what became of it.

mod deliveries;

use clock::Timestamp;

use crate::Error;
use crate::db::{List, Session, Tx, statements};
use crate::news::Kind;
use crate::secret;

pub(crate) use deliveries::STATEMENTS as DELIVERY_STATEMENTS;
pub use deliveries::{
    Attempt, Delivery, DeliveryState, NewDelivery, attempted, bury, by_id, by_uuid as delivery,
    create as deliver, page as deliveries, prune, replay,
};

/// Every secret begins with this.
const PREFIX: &str = "plbw_";
/// More webhooks than anybody looks after.
pub const MOST: i64 = 200;

statements! {
    CREATE = "INSERT INTO webhook (uuid, name, url, shape, secret, events, project_id, private, enabled, revision,
            created_by, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $11) RETURNING *";
    BY_UUID = "SELECT * FROM webhook WHERE uuid = $1";
    BY_ID = "SELECT * FROM webhook WHERE id = $1";
    ALL = "SELECT * FROM webhook ORDER BY name, id LIMIT $1";
    COUNT = "SELECT COUNT(*) FROM webhook";
    /// Only who has seen the last revision may change it.
    UPDATE = "UPDATE webhook SET name = $3, url = $4, shape = $5, events = $6, project_id = $7, private = $8, enabled = $9,
            updated_at = $10, revision = revision + 1
        WHERE id = $1 AND revision = $2 RETURNING *";
    RENEW = "UPDATE webhook SET secret = $2, updated_at = $3 WHERE id = $1";
    DELETE = "DELETE FROM webhook WHERE id = $1";
}

/// How a message looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Our own JSON, signed.
    Signed,
    /// As Slack and Mattermost take it.
    Slack,
    /// As Teams takes it: an adaptive card.
    Teams,
    /// A letter to people; the address is theirs.
    Mail,
}

impl Shape {
    pub const ALL: [Self; 4] = [Self::Signed, Self::Slack, Self::Teams, Self::Mail];

    /// The stable word, as in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Mail => "mail",
        }
    }

    /// Reads back what [`Shape::word`] wrote.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.word() == word)
    }
}

/// A webhook as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Webhook {
    pub id: i64,
    pub uuid: String,
    pub name: String,
    /// Some services put a secret into it.
    pub url: String,
    /// A [`Shape`]'s word.
    pub shape: String,
    pub secret: String,
    /// A JSON list; see [`Webhook::kinds`].
    pub events: String,
    /// The only project that it hears of; `None` for all.
    pub project_id: Option<i64>,
    /// Whether an administrator allowed its host to be a private address.
    pub private: bool,
    pub enabled: bool,
    pub revision: i64,
    pub created_by: String,
    pub created_at: i64,
    pub updated_at: i64,
}

impl Webhook {
    /// What it is told of.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        serde_json::from_str(&self.events).unwrap_or_default()
    }

    /// How its messages look; one that we do not know looks like ours.
    #[must_use]
    pub fn shape(&self) -> Shape {
        Shape::of(&self.shape).unwrap_or(Shape::Signed)
    }

    /// Whether it is told of this.
    #[must_use]
    pub fn hears(&self, kind: Kind, project: Option<i64>) -> bool {
        let concerned = self.project_id.is_none() || self.project_id == project;
        self.enabled && concerned && self.kinds().contains(&kind)
    }
}

/// Everything about a webhook that people decide.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub name: String,
    pub url: String,
    pub shape: Shape,
    pub kinds: Vec<Kind>,
    pub project_id: Option<i64>,
    pub private: bool,
    pub enabled: bool,
}

/// Makes a webhook; its secret is in the row.
pub async fn create(tx: &mut Tx, wanted: &Wanted, author: &str, now: Timestamp) -> Result<Webhook, Error> {
    tx.query(&CREATE)
        .bind(crate::new_uuid())
        .bind(wanted.name.as_str())
        .bind(wanted.url.as_str())
        .bind(wanted.shape.word())
        .bind(secret::fresh(PREFIX))
        .bind(List::of(&wanted.kinds))
        .bind(wanted.project_id)
        .bind(wanted.private)
        .bind(wanted.enabled)
        .bind(author)
        .bind(now.millis())
        .one()
        .await
}

/// Changes a webhook that is still at this revision; `None` when somebody else was quicker.
pub async fn update(
    tx: &mut Tx,
    webhook: &Webhook,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Option<Webhook>, Error> {
    tx.query(&UPDATE)
        .bind(webhook.id)
        .bind(webhook.revision)
        .bind(wanted.name.as_str())
        .bind(wanted.url.as_str())
        .bind(wanted.shape.word())
        .bind(List::of(&wanted.kinds))
        .bind(wanted.project_id)
        .bind(wanted.private)
        .bind(wanted.enabled)
        .bind(now.millis())
        .optional()
        .await
}

/// Gives it another secret, and answers it.
pub async fn renew_secret(tx: &mut Tx, webhook: i64, now: Timestamp) -> Result<String, Error> {
    let secret = secret::fresh(PREFIX);
    tx.query(&RENEW)
        .bind(webhook)
        .bind(secret.as_str())
        .bind(now.millis())
        .run()
        .await?;
    Ok(secret)
}

/// The webhook with this public id.
pub async fn by_uuid(session: &mut Session, uuid: &str) -> Result<Option<Webhook>, Error> {
    session.query(&BY_UUID).bind(uuid).optional().await
}

pub async fn find(session: &mut Session, id: i64) -> Result<Option<Webhook>, Error> {
    session.query(&BY_ID).bind(id).optional().await
}

/// All webhooks by name: never more than [`MOST`].
pub async fn all(session: &mut Session) -> Result<Vec<Webhook>, Error> {
    session.query(&ALL).bind(MOST).all().await
}

pub async fn count(session: &mut Session) -> Result<i64, Error> {
    session.query(&COUNT).value().await
}

/// Takes it away, with its messages.
pub async fn delete(tx: &mut Tx, webhook: i64) -> Result<(), Error> {
    tx.query(&DELETE).bind(webhook).run().await?;
    Ok(())
}
