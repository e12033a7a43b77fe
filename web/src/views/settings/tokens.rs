//! API tokens: who made each, what it may do, until when, and when it was used last.

use clock::Timestamp;

use super::super::list::{Choice, Empty};
use super::super::rows::sample_now;
use super::{Faults, Tab, tabs};
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::parts;

page!("settings_tokens.html", Tokens);

/// The list of tokens, and the form for another one.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    pub rows: Vec<TokenRow>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Name and text of the token that was just made: shown on this answer only.
    pub fresh: Option<(String, String)>,
    pub form: TokenForm,
    pub faults: Faults,
}

/// The form as it was sent, or as it is first shown.
#[derive(Clone, Debug, Default)]
pub struct TokenForm {
    pub name: String,
    pub project: String,
    pub actions: Vec<Choice>,
    pub days: String,
}

/// One token, without its text.
#[derive(Clone, Debug)]
pub struct TokenRow {
    pub id: String,
    pub name: String,
    pub prefix: String,
    /// The only project that it is good for.
    pub project: Option<String>,
    /// In words: `read, upload`.
    pub actions: String,
    pub by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub used_at: Option<Timestamp>,
    pub standing: Standing,
}

/// Whether a token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Good,
    /// Ends within two weeks.
    Ending,
    Expired,
    Revoked,
}

impl Standing {
    pub(crate) fn pill(self) -> Html {
        match self {
            Self::Good => parts::pill("Good", "pass"),
            Self::Ending => parts::pill("Ends soon", "warn"),
            Self::Expired => parts::pill("Expired", "line"),
            Self::Revoked => parts::pill("Revoked", "line"),
        }
    }

    pub(crate) fn is_good(self) -> bool {
        matches!(self, Self::Good | Self::Ending)
    }
}

/// The boxes of the form, with those that are ticked.
#[must_use]
pub fn action_boxes(chosen: &[String]) -> Vec<Choice> {
    [
        ("read", "Read everything"),
        ("upload", "Send builds"),
        ("triage", "Decide about findings"),
        ("admin", "Everything, settings included"),
    ]
    .map(|(value, label)| Choice::new(value, label, chosen.iter().any(|word| word == value)))
    .to_vec()
}

impl Tokens {
    fn frame(&self) -> Frame {
        Frame::new(
            format!("{}Tokens", self.faults.mark()),
            Section::Elsewhere,
            "/v1/tokens",
        )
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn tabs(&self) -> Vec<Tab> {
        tabs("tokens")
    }

    #[expect(clippy::unused_self, reason = "templates reach data through the view")]
    pub(crate) fn empty(&self) -> Empty {
        Empty::new(
            "No token was made yet",
            "A token lets a program send builds and read verdicts. Make one for each CI project, so that each can be ended alone.",
        )
    }

    #[must_use]
    pub fn sample() -> Self {
        let now = sample_now();
        let row = |name: &str, project: Option<&str>, days: i64, standing| TokenRow {
            id: "0193f0aa-0000-7000-8000-000000000009".to_owned(),
            name: name.to_owned(),
            prefix: "plb_4f2c9ab1".to_owned(),
            project: project.map(str::to_owned),
            actions: "read, upload".to_owned(),
            by: "Mara Kettunen".to_owned(),
            created_at: now.plus_days(-40),
            expires_at: Some(now.plus_days(days)),
            used_at: (days > 0).then(|| now.plus_millis(-7_200_000)),
            standing,
        };
        Self {
            rows: vec![
                row("ci-payments", Some("platform/payments-api"), 50, Standing::Good),
                row("ci-shop", Some("shop"), 9, Standing::Ending),
                row("export", None, -4, Standing::Expired),
                row("old", None, 50, Standing::Revoked),
            ],
            next: Some("/settings/tokens?cursor=x".to_owned()),
            fresh: None,
            form: TokenForm {
                actions: action_boxes(&["upload".to_owned()]),
                days: "90".to_owned(),
                ..TokenForm::default()
            },
            faults: Faults::default(),
        }
    }

    /// Right after one was made.
    #[must_use]
    pub fn sample_fresh() -> Self {
        Self {
            fresh: Some(("ci-shop".to_owned(), "plb_EXAMPLE_not_a_real_token".to_owned())),
            ..Self::sample()
        }
    }

    /// The form was refused, and there is no token yet.
    #[must_use]
    pub fn sample_error() -> Self {
        Self {
            rows: Vec::new(),
            next: None,
            faults: Faults::sample("days", "Must be from 1 to 3650."),
            ..Self::sample()
        }
    }
}
