//! One webhook: what it is told of, and every message with what became of it.

use clock::Timestamp;

use super::super::rows::sample_now;
use super::webhooks::{WebhookForm, WebhookRow, Webhooks};
use super::{Faults, Tab, tabs};
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::{links, parts};

page!("settings_webhook.html", Webhook);

/// The page of one webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    pub row: WebhookRow,
    pub revision: i64,
    pub form: WebhookForm,
    pub faults: Faults,
    /// What messages are signed with: shown right after it was made, and never again.
    pub fresh_secret: Option<String>,
    /// Newest first.
    pub deliveries: Vec<DeliveryRow>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// One message.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    pub id: String,
    pub summary: String,
    pub at: Timestamp,
    pub state: Delivered,
    pub attempts: u64,
    /// Of the last attempt.
    pub status: Option<i64>,
    pub error: Option<String>,
    pub took_ms: Option<i64>,
    /// As it is sent.
    pub body: String,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is tried at this moment.
    Waiting(Timestamp),
    Yes,
    GivenUp,
}

impl DeliveryRow {
    pub(crate) fn pill(&self) -> Html {
        match self.state {
            Delivered::Waiting(_) if self.attempts == 0 => parts::pill("Waiting", "line"),
            Delivered::Waiting(_) => parts::pill("Trying again", "warn"),
            Delivered::Yes => parts::pill("Taken", "pass"),
            Delivered::GivenUp => parts::pill("Given up", "fail"),
        }
    }

    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        match self.state {
            Delivered::Waiting(at) if self.attempts > 0 => Some(at),
            _ => None,
        }
    }

    pub(crate) fn is_settled(&self) -> bool {
        !matches!(self.state, Delivered::Waiting(_))
    }

    /// `status 503 after 1.2 s`.
    pub(crate) fn answer(&self) -> Option<String> {
        let took = self
            .took_ms
            .map(|ms| format!(" after {ms} ms"))
            .unwrap_or_default();
        match (&self.error, self.status) {
            // What was never sent took no time.
            (Some(error), None) => Some(error.clone()),
            (Some(error), Some(_)) => Some(format!("{error}{took}")),
            (None, Some(status)) => Some(format!("status {status}{took}")),
            (None, None) => None,
        }
    }
}

impl Webhook {
    fn frame(&self) -> Frame {
        Frame::new(
            format!("{}Webhook {}", self.faults.mark(), self.row.name),
            Section::Elsewhere,
            format!("/v1/webhooks/{}/deliveries", links::segment(&self.row.id)),
        )
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn tabs(&self) -> Vec<Tab> {
        tabs("webhooks")
    }

    #[must_use]
    pub fn sample() -> Self {
        let now = sample_now();
        let row = |summary: &str, state, attempts, status, error: Option<&str>| DeliveryRow {
            id: "0193f0aa-0000-7000-8000-00000000000c".to_owned(),
            summary: summary.to_owned(),
            at: now.plus_millis(-7_200_000),
            state,
            attempts,
            status,
            error: error.map(str::to_owned),
            took_ms: Some(240),
            body: "{\"id\":\"u1\",\"summary\":\"The gate of shop turned red on main\"}".to_owned(),
        };
        let red = "The gate of shop turned red on main";
        let down = Some("it answered with status 503: down for maintenance");
        Self {
            row: Webhooks::sample().rows.remove(0),
            revision: 2,
            form: WebhookForm {
                name: "security-channel".to_owned(),
                url: "https://hooks.example.org/services/T0/B1".to_owned(),
                ..WebhookForm::new("slack", &["gate.failed".to_owned()])
            },
            faults: Faults::default(),
            fresh_secret: None,
            deliveries: vec![
                row(
                    red,
                    Delivered::Waiting(now.plus_millis(900_000)),
                    3,
                    Some(503),
                    down,
                ),
                row(
                    "CVE-2026-1: new findings that are known to be exploited in 37 projects",
                    Delivered::Yes,
                    1,
                    Some(200),
                    None,
                ),
                row(
                    red,
                    Delivered::GivenUp,
                    12,
                    None,
                    Some("no complete answer within the time limit"),
                ),
                row("A trial", Delivered::Waiting(now), 0, None, None),
            ],
            next: Some("/settings/webhooks/u?cursor=x".to_owned()),
        }
    }

    /// Right after it was made: nothing was sent yet.
    #[must_use]
    pub fn sample_fresh() -> Self {
        Self {
            fresh_secret: Some("plbw_EXAMPLE_not_a_real_secret".to_owned()),
            deliveries: Vec::new(),
            next: None,
            ..Self::sample()
        }
    }
}
