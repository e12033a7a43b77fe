//! Signing in with a link that works once.

use crate::layout::{Frame, Section};

page!("login.html", Login);

/// The page before a session. Opening a link does not use it up, so that previews of messages cannot: its button does.
#[derive(Clone, Debug, Default)]
pub struct Login {
    /// The secret of the link that was opened; `None` when somebody came without one.
    pub once: Option<String>,
    pub error: Option<String>,
    /// Where to go afterwards: a path of ours.
    pub next: String,
    /// The label of the single sign-on, where there is one.
    pub single_sign_on: Option<String>,
}

impl Login {
    fn frame(&self) -> Frame {
        let error = if self.error.is_some() { "Error: " } else { "" };
        Frame::bare(format!("{error}Sign in"), Section::Elsewhere)
    }

    /// Without a link.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            next: "/".to_owned(),
            single_sign_on: Some("Sign in with Keycloak".to_owned()),
            ..Self::default()
        }
    }

    /// With a link.
    #[must_use]
    pub fn sample_link() -> Self {
        Self {
            once: Some("c0ffee".to_owned()),
            single_sign_on: None,
            ..Self::sample()
        }
    }

    /// With a link that was used before.
    #[must_use]
    pub fn sample_error() -> Self {
        Self {
            error: Some("This link was used before, or is too old.".to_owned()),
            single_sign_on: None,
            ..Self::sample()
        }
    }
}
