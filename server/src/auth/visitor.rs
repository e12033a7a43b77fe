//! Who looks at pages: a signed-in browser.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest, Sha256};
use store::sessions;
use web::layout::Shell;

use super::{Access, read_cookie, session_name};
use crate::pages::shell;
use crate::problem::Problem;
use crate::state::Service;

/// The visitor of a page, with what stands around it; dereferences to what they may do.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    access: Access,
    pub shell: Shell,
    /// The session's secret, to end it by.
    pub secret: String,
}

/// Why there is no visitor.
#[derive(Debug)]
pub(crate) enum Turned {
    /// Nobody is signed in: to the login page, and from there back.
    ToLogin(String),
    Away(Problem),
}

impl Deref for Visitor {
    type Target = Access;

    fn deref(&self) -> &Access {
        &self.access
    }
}

impl From<store::Error> for Turned {
    fn from(error: store::Error) -> Self {
        Self::Away(error.into())
    }
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        match self {
            Self::ToLogin(here) => {
                Redirect::to(&format!("/login?next={}", web::links::segment(&here))).into_response()
            }
            Self::Away(problem) => problem.into_response(),
        }
    }
}

impl FromRequestParts<Service> for Visitor {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Turned> {
        let here = shell::here(&parts.uri);
        let secret = read_cookie(&parts.headers, session_name(&service.settings))
            .ok_or_else(|| Turned::ToLogin(here.clone()))?
            .to_owned();
        let now = service.now();
        let mut session = service.database.read().await?;
        let found = sessions::find(&mut session, &secret, now)
            .await?
            .ok_or(Turned::ToLogin(here))?;
        let mut shell = shell::load(&mut session, &parts.headers, &parts.uri, now).await?;
        shell.user = Some(web::layout::User {
            name: found.actor.clone(),
        });
        shell.csrf = form_secret(&secret);
        Ok(Self {
            access: Access::signed_in(&found.actor),
            shell,
            secret,
        })
    }
}

/// What every form of this session carries: nobody can make it without the session's secret.
fn form_secret(session: &str) -> String {
    hex::encode(Sha256::digest(format!("form:{session}")))
}
