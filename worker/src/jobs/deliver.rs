//! Sends one message to one webhook, and writes down what came of it.

use std::time::{Duration, Instant, UNIX_EPOCH};

use clock::Timestamp;
use fetch::mail::Letter;
use fetch::{Call, Client, Method, Retry, Url};
use store::jobs::DeliverJob;
use store::webhooks::{self, Attempt, Delivery, DeliveryState, Shape, Webhook};

use super::Held;
use super::notify::signature;
use crate::{JobError, Parts};

/// The longest that a receiver is waited for; far below the lease of a job.
const PATIENCE: Duration = Duration::from_secs(15);
/// What is read of an answer.
const MOST_ANSWERED: u64 = 64 << 10;
/// Letters of an answer that are kept.
const MOST_KEPT: usize = 300;

pub(super) async fn run(parts: &Parts, held: &Held, job: DeliverJob) -> Result<(), JobError> {
    let mut session = parts.database.read().await?;
    let delivery = webhooks::by_id(&mut session, job.delivery).await?;
    let delivery = delivery.filter(Delivery::is_waiting);
    let hook = match &delivery {
        Some(delivery) => webhooks::find(&mut session, delivery.webhook_id).await?,
        None => None,
    };
    drop(session);
    let attempt = match (&delivery, &hook) {
        (Some(delivery), Some(hook)) if hook.enabled => Some(send(parts, hook, delivery).await),
        (Some(_), Some(_)) => Some(refused("the webhook is switched off".to_owned())),
        _ => None,
    };
    let now = parts.clock.now();
    let mut tx = parts.database.begin().await?;
    if let (Some(delivery), Some(attempt)) = (&delivery, &attempt) {
        let state = webhooks::attempted(&mut tx, delivery, attempt, now).await?;
        log(delivery, attempt, state);
    }
    held.finish(&mut tx, now).await?;
    tx.commit().await?;
    Ok(())
}

fn log(delivery: &Delivery, attempt: &Attempt, state: DeliveryState) {
    metrics::counter!("plumbline_webhook_attempts_total", "state" => state.word()).increment(1);
    match (&attempt.error, state) {
        (None, _) => tracing::debug!(delivery = delivery.uuid, "a webhook took its message"),
        (Some(error), DeliveryState::Dead) => {
            tracing::error!(
                delivery = delivery.uuid,
                error,
                "a message to a webhook was given up"
            );
        }
        (Some(error), _) => tracing::warn!(
            delivery = delivery.uuid,
            error,
            "a webhook did not take its message"
        ),
    }
}

/// A failure that nothing but a person mends.
fn refused(error: String) -> Attempt {
    Attempt {
        status: None,
        error: Some(error),
        took_ms: 0,
        may_retry: false,
    }
}

async fn send(parts: &Parts, hook: &Webhook, delivery: &Delivery) -> Attempt {
    if hook.shape() == Shape::Mail {
        return send_letter(parts, hook, delivery).await;
    }
    let Ok(url) = Url::parse(&hook.url) else {
        return refused("its address is no URL".to_owned());
    };
    let client = match client(parts, hook, &url) {
        Ok(client) => client,
        Err(error) => return refused(error.to_string()),
    };
    let call = call(hook, delivery, url, parts.clock.now());
    let started = Instant::now();
    let answer = client.call(&call).await;
    let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    match answer {
        Ok(answer) => Attempt {
            status: Some(answer.status),
            error: said_no(answer.status, &answer.body),
            took_ms,
            may_retry: true,
        },
        Err(error) => Attempt {
            status: None,
            may_retry: !matches!(error, fetch::Error::Refused { .. }),
            error: Some(without_path(&error, hook)),
            took_ms,
        },
    }
}

async fn send_letter(parts: &Parts, hook: &Webhook, delivery: &Delivery) -> Attempt {
    let Some(server) = &parts.settings.mail else {
        return refused("no mail server is configured; see [mail] in the settings".to_owned());
    };
    let millis = u64::try_from(parts.clock.now().millis()).unwrap_or(0);
    let letter = Letter {
        to: &hook.url,
        subject: &delivery.summary,
        text: &delivery.body,
        id: &delivery.uuid,
        at: UNIX_EPOCH + Duration::from_millis(millis),
    };
    let started = Instant::now();
    let sent = server.send(&letter).await;
    let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    Attempt {
        status: sent.is_ok().then_some(250),
        may_retry: sent.as_ref().err().is_none_or(|error| error.may_retry),
        error: sent.err().map(|error| error.what),
        took_ms,
    }
}

/// Speaks to a private address only where an administrator allowed it for this webhook. Redirects are not followed.
fn client(parts: &Parts, hook: &Webhook, url: &Url) -> Result<Client, fetch::Error> {
    let mut network = parts.settings.network.clone();
    network.total_timeout = PATIENCE;
    network.bearer = None;
    network.retry = Retry {
        attempts: 1,
        ..Retry::default()
    };
    // What the operator allowed for feeds is not thereby allowed for webhooks.
    network.private.clear();
    let client = Client::new(network)?;
    Ok(if hook.private {
        client.allowing(url)
    } else {
        client
    })
}

fn call(hook: &Webhook, delivery: &Delivery, url: Url, now: Timestamp) -> Call {
    let seconds = now.millis().div_euclid(1_000);
    let header = |name: &str, value: String| (name.to_owned(), value);
    Call {
        method: Method::Post,
        url,
        headers: vec![
            header("content-type", "application/json".to_owned()),
            header("plumbline-delivery", delivery.uuid.clone()),
            header(
                "plumbline-signature",
                signature::header(&hook.secret, seconds, &delivery.body),
            ),
        ],
        body: delivery.body.clone().into_bytes(),
        limit: MOST_ANSWERED,
        timeout: Some(PATIENCE),
    }
}

fn said_no(status: u16, body: &[u8]) -> Option<String> {
    if (200..300).contains(&status) {
        return None;
    }
    let text: String = String::from_utf8_lossy(body)
        .chars()
        .filter(|letter| !letter.is_control())
        .take(MOST_KEPT)
        .collect();
    Some(if text.trim().is_empty() {
        format!("it answered with status {status}")
    } else {
        format!("it answered with status {status}: {}", text.trim())
    })
}

/// Chat services put their secret into the path, and what is kept of an error is shown to people.
fn without_path(error: &fetch::Error, hook: &Webhook) -> String {
    let text = error.to_string();
    let Some(origin) = Url::parse(&hook.url)
        .ok()
        .map(|url| url.origin().ascii_serialization())
    else {
        return text;
    };
    match text.find(&origin) {
        Some(at) => {
            let rest = text.get(at..).unwrap_or_default();
            let end = rest.find(": ").unwrap_or(rest.len());
            let (before, after) = (
                text.get(..at).unwrap_or_default(),
                rest.get(end..).unwrap_or_default(),
            );
            format!("{before}{origin}{after}")
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_no_success_is_told_with_its_beginning() {
        assert_eq!(said_no(204, b""), None);
        assert_eq!(said_no(500, b" \n").unwrap(), "it answered with status 500");
        let long = said_no(404, "no such hook ".repeat(100).as_bytes()).unwrap();
        assert!(
            long.starts_with("it answered with status 404: no such hook") && long.len() < 400,
            "{long}"
        );
    }
}
