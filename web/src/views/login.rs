//! Signing in.

use crate::layout::{Frame, Section};

page!("login.html", Login);

/// The form as it was last sent, without the password.
#[derive(Clone, Debug, Default)]
pub struct Login {
    pub name: String,
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

    #[must_use]
    pub fn sample() -> Self {
        Self {
            next: "/".to_owned(),
            single_sign_on: Some("Sign in with Keycloak".to_owned()),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn sample_error() -> Self {
        let error = Some("The name or the password is wrong.".to_owned());
        Self {
            name: "mara".to_owned(),
            error,
            single_sign_on: None,
            ..Self::sample()
        }
    }
}
