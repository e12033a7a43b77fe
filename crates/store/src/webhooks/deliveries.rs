//! Messages to webhooks: each is tried until it was taken or given up, and can be sent again.

use clock::Timestamp;

use crate::Error;
use crate::db::{Session, Tx, statements};
use crate::jobs;

/// A message that failed so often is given up: for about a day and a half.
pub const MAX_ATTEMPTS: i64 = 12;
/// Minutes until the next attempt, by the number of those made.
const WAITS: [i64; 11] = [1, 2, 5, 15, 30, 60, 120, 240, 480, 480, 480];

statements! {
    CREATE = "INSERT INTO webhook_delivery (uuid, webhook_id, summary, body, state, attempts, created_at, due_at)
        VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $5) RETURNING *";
    BY_UUID = "SELECT * FROM webhook_delivery WHERE uuid = $1";
    BY_ID = "SELECT * FROM webhook_delivery WHERE id = $1";
    PAGE = "SELECT * FROM webhook_delivery
        WHERE webhook_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR id < $2) ORDER BY id DESC LIMIT $3";
    ATTEMPTED = "UPDATE webhook_delivery
        SET attempts = attempts + 1, state = $2, status = $3, error = $4, took_ms = $5, due_at = $6, settled_at = $7
        WHERE id = $1 AND state = 'waiting'";
    REPLAY = "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, due_at = $2, settled_at = NULL
        WHERE id = $1 AND state <> 'waiting'";
    BURY = "UPDATE webhook_delivery SET state = 'dead', error = $2, settled_at = $3 WHERE id = $1 AND state = 'waiting'";
    PRUNE = "DELETE FROM webhook_delivery WHERE settled_at < $1";
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    Waiting,
    Delivered,
    /// Given up; a person may send it again.
    Dead,
}

impl DeliveryState {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// A message to one webhook.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Delivery {
    pub id: i64,
    pub uuid: String,
    pub webhook_id: i64,
    pub summary: String,
    pub body: String,
    /// A [`DeliveryState`]'s word.
    pub state: String,
    pub attempts: i64,
    /// What the last attempt was answered.
    pub status: Option<i64>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    pub took_ms: Option<i64>,
    pub created_at: i64,
    /// When it is tried again, or was tried last.
    pub due_at: i64,
    pub settled_at: Option<i64>,
}

impl Delivery {
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.state == DeliveryState::Waiting.word()
    }
}

/// A message that is to be sent.
#[derive(Clone, Debug)]
pub struct NewDelivery<'a> {
    pub uuid: &'a str,
    pub webhook: i64,
    pub summary: &'a str,
    pub body: &'a str,
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub status: Option<u16>,
    /// Why it failed; `None` when it was taken.
    pub error: Option<String>,
    pub took_ms: i64,
    /// Whether another attempt could help.
    pub may_retry: bool,
}

/// Writes a message down, and asks for it to be sent.
pub async fn create(tx: &mut Tx, new: &NewDelivery<'_>, now: Timestamp) -> Result<Delivery, Error> {
    let delivery: Delivery = tx
        .query(&CREATE)
        .bind(new.uuid)
        .bind(new.webhook)
        .bind(new.summary)
        .bind(new.body)
        .bind(now.millis())
        .one()
        .await?;
    jobs::enqueue_deliver(tx, delivery.id, now, now).await?;
    Ok(delivery)
}

/// The message with this public id.
pub async fn by_uuid(session: &mut Session, uuid: &str) -> Result<Option<Delivery>, Error> {
    session.query(&BY_UUID).bind(uuid).optional().await
}

pub async fn by_id(session: &mut Session, id: i64) -> Result<Option<Delivery>, Error> {
    session.query(&BY_ID).bind(id).optional().await
}

/// A page of the messages of a webhook, newest first.
pub async fn page(
    session: &mut Session,
    webhook: i64,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Delivery>, Error> {
    session
        .query(&PAGE)
        .bind(webhook)
        .bind(before)
        .bind(limit)
        .all()
        .await
}

/// Writes down what came of an attempt, and asks for the next one where there is one.
pub async fn attempted(
    tx: &mut Tx,
    delivery: &Delivery,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<DeliveryState, Error> {
    let state = match &attempt.error {
        None => DeliveryState::Delivered,
        Some(_) if attempt.may_retry && delivery.attempts + 1 < MAX_ATTEMPTS => DeliveryState::Waiting,
        Some(_) => DeliveryState::Dead,
    };
    let due = match state {
        DeliveryState::Waiting => now.plus_millis(wait_ms(delivery.attempts)),
        DeliveryState::Delivered | DeliveryState::Dead => now,
    };
    tx.query(&ATTEMPTED)
        .bind(delivery.id)
        .bind(state.word())
        .bind(attempt.status.map(i64::from))
        .bind(attempt.error.as_deref())
        .bind(attempt.took_ms)
        .bind(due.millis())
        .bind((state != DeliveryState::Waiting).then_some(now.millis()))
        .run()
        .await?;
    if state == DeliveryState::Waiting {
        jobs::enqueue_deliver(tx, delivery.id, due, now).await?;
    }
    Ok(state)
}

/// Until the next attempt, after so many that were made before the last one.
fn wait_ms(attempts: i64) -> i64 {
    let made = usize::try_from(attempts).unwrap_or(0);
    let minutes = WAITS.get(made).or(WAITS.last()).copied().unwrap_or(1);
    minutes * 60_000
}

/// Sends a message again that was taken or given up; `false` when it waits anyway.
pub async fn replay(tx: &mut Tx, delivery: i64, now: Timestamp) -> Result<bool, Error> {
    let touched = tx.query(&REPLAY).bind(delivery).bind(now.millis()).run().await?;
    if touched == 0 {
        return Ok(false);
    }
    jobs::enqueue_deliver(tx, delivery, now, now).await?;
    Ok(true)
}

/// Gives a message up whose job died, so that a person sees it and can send it again.
pub async fn bury(tx: &mut Tx, delivery: i64, why: &str, now: Timestamp) -> Result<(), Error> {
    tx.query(&BURY)
        .bind(delivery)
        .bind(why)
        .bind(now.millis())
        .run()
        .await?;
    Ok(())
}

/// Forgets messages that were settled before a moment.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64, Error> {
    tx.query(&PRUNE).bind(before.millis()).run().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_may_be_down_for_a_day_and_nothing_is_tried_for_ever() {
        let waits: i64 = (0..MAX_ATTEMPTS - 1).map(wait_ms).sum();
        assert!((clock::DAY_MS..2 * clock::DAY_MS).contains(&waits), "{waits}");
        assert_eq!(wait_ms(0), 60_000);
        assert_eq!(wait_ms(i64::MAX), 480 * 60_000);
    }
}
