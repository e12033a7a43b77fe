//! Where news is sent.

use super::super::list::{Choice, Empty};
use super::{Faults, Tab, tabs};
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::{links, parts};

page!("settings_webhooks.html", Webhooks);

/// All webhooks, and the form for another one.
#[derive(Clone, Debug, Default)]
pub struct Webhooks {
    pub rows: Vec<WebhookRow>,
    pub form: WebhookForm,
    pub faults: Faults,
}

/// One webhook.
#[derive(Clone, Debug)]
pub struct WebhookRow {
    pub id: String,
    pub name: String,
    /// Some services put a secret into the rest of the address.
    pub host: String,
    /// In words: `Signed JSON`.
    pub shape: &'static str,
    pub project: Option<String>,
    /// What it is told of, in words.
    pub events: Vec<&'static str>,
    pub enabled: bool,
    pub private: bool,
}

impl WebhookRow {
    pub(crate) fn href(&self) -> String {
        format!("/settings/webhooks/{}", links::segment(&self.id))
    }

    pub(crate) fn state(&self) -> Html {
        if self.enabled {
            parts::pill("On", "pass")
        } else {
            parts::pill("Off", "line")
        }
    }
}

/// The form as it was sent, or as it is first shown.
#[derive(Clone, Debug, Default)]
pub struct WebhookForm {
    pub name: String,
    pub url: String,
    pub shapes: Vec<Choice>,
    pub events: Vec<Choice>,
    pub project: String,
    pub private: bool,
    pub enabled: bool,
}

impl WebhookForm {
    /// With these ticked.
    #[must_use]
    pub fn new(shape: &str, events: &[String]) -> Self {
        Self {
            shapes: SHAPES
                .map(|(value, label)| Choice::new(value, label, value == shape))
                .to_vec(),
            events: EVENTS
                .map(|(value, label)| Choice::new(value, label, events.iter().any(|word| word == value)))
                .to_vec(),
            enabled: true,
            ..Self::default()
        }
    }
}

const SHAPES: [(&str, &str); 4] = [
    ("signed", "Signed JSON, for programs"),
    ("slack", "Slack or Mattermost"),
    ("teams", "Microsoft Teams"),
    ("mail", "Mail, to the addresses above"),
];

const EVENTS: [(&str, &str); 5] = [
    ("gate.failed", "The gate of a tracked branch turned red"),
    ("finding.known_exploited", "A finding is known to be exploited"),
    ("component.watched", "Something was found in a watched component"),
    ("waiver.ending", "A waiver ends within 14 days"),
    ("feed.late", "An advisory feed is late"),
];

/// How a word of the API is said to people.
#[must_use]
pub fn event_words(word: &str) -> &'static str {
    let found = EVENTS.into_iter().find(|(value, _)| *value == word);
    found.map_or("a trial", |(_, label)| label)
}

/// How a word of the API is said to people.
#[must_use]
pub fn shape_words(word: &str) -> &'static str {
    let found = SHAPES.into_iter().find(|(value, _)| *value == word);
    found.map_or("Signed JSON", |(_, label)| label)
}

impl Webhooks {
    fn frame(&self) -> Frame {
        Frame::new(
            format!("{}Webhooks", self.faults.mark()),
            Section::Elsewhere,
            "/v1/webhooks",
        )
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn tabs(&self) -> Vec<Tab> {
        tabs("webhooks")
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn empty(&self) -> Empty {
        Empty::new(
            "Nobody is told anything yet",
            "A webhook carries news into a chat or another program: one message for what belongs together, never one a finding.",
        )
    }

    #[must_use]
    pub fn sample() -> Self {
        let row = |name: &str, shape: &str, events: &[&str], enabled: bool| WebhookRow {
            id: "0193f0aa-0000-7000-8000-00000000000b".to_owned(),
            name: name.to_owned(),
            host: "hooks.example.org".to_owned(),
            shape: shape_words(shape),
            project: (!enabled).then(|| "shop".to_owned()),
            events: events.iter().map(|word| event_words(word)).collect(),
            enabled,
            private: !enabled,
        };
        Self {
            rows: vec![
                row(
                    "security-channel",
                    "slack",
                    &["gate.failed", "finding.known_exploited"],
                    true,
                ),
                row("tickets", "signed", &["gate.failed"], false),
            ],
            form: WebhookForm::new("signed", &["gate.failed".to_owned()]),
            faults: Faults::default(),
        }
    }

    #[must_use]
    pub fn sample_error() -> Self {
        Self {
            rows: Vec::new(),
            faults: Faults::sample("url", "Must be an http or https address."),
            ..Self::sample()
        }
    }
}
