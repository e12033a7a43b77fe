//! Who calls the API: a token, or a signed-in browser that only reads.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clock::Timestamp;
use store::tokens::{self, Token};
use store::{db, sessions};

use super::{Access, cookies};
use crate::problem::Problem;
use crate::state::Service;

/// The caller of an API request; dereferences to what they may do.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    access: Access,
    /// The token that was shown, where it was one.
    pub token: Option<Token>,
}

impl Deref for Caller {
    type Target = Access;

    fn deref(&self) -> &Access {
        &self.access
    }
}

impl FromRequestParts<Service> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let mut session = service.database.read().await?;
        let now = service.now();
        if let Some(text) = shown_token(&parts.headers)? {
            return by_token(service, &mut session, &text, now).await;
        }
        by_session(service, &mut session, parts, now)
            .await?
            .ok_or_else(|| {
                Problem::unauthenticated(
                    "Send a token: `Authorization: Bearer plb_…`, or `X-Api-Key: plb_…`.",
                )
            })
    }
}

/// The token in the headers, if there is one.
fn shown_token(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let malformed = || Problem::unauthenticated("The Authorization header is not `Bearer plb_…`.");
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let value = value.to_str().map_err(|_| malformed())?;
        let (scheme, token) = value.split_once(' ').ok_or_else(malformed)?;
        if scheme.eq_ignore_ascii_case("basic") {
            return password(token.trim()).map(Some).ok_or_else(malformed);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(malformed());
        }
        return Ok(Some(token.trim().to_owned()));
    }
    match headers.get("x-api-key").map(|value| value.to_str()) {
        Some(Ok(token)) => Ok(Some(token.trim().to_owned())),
        Some(Err(_)) => Err(malformed()),
        None => Ok(None),
    }
}

/// The password of Basic credentials (RFC 7617). Clients that know nothing of tokens, such as those of the OSV API,
/// send one when it stands in the address: `https://token:plb_…@HOST`.
fn password(credentials: &str) -> Option<String> {
    let decoded = STANDARD.decode(credentials).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    decoded.split_once(':').map(|(_, password)| password.to_owned())
}

async fn by_token(
    service: &Service,
    session: &mut db::Session,
    text: &str,
    now: Timestamp,
) -> Result<Caller, Problem> {
    let token = tokens::find_by_secret(session, text)
        .await?
        .filter(|token| token.is_good(now))
        .ok_or_else(|| Problem::unauthenticated("The token is unknown, revoked or expired."))?;
    if token.needs_touch(now) {
        tokio::spawn(touch(service.clone(), token.id, now));
    }
    Ok(Caller {
        access: Access::of_token(&token),
        token: Some(token),
    })
}

/// Beside the request: nobody waits for it, and losing it costs only a date.
async fn touch(service: Service, token: i64, now: Timestamp) {
    let touched = async {
        let mut tx = service.database.begin().await?;
        tokens::touch(&mut tx, token, now).await?;
        tx.commit().await
    };
    if let Err(error) = touched.await {
        tracing::debug!(error = %error, token, "the use of a token was not written down");
    }
}

/// Pages link to their data as JSON, so a session may read. It may not write: that takes a form with its secret.
async fn by_session(
    service: &Service,
    session: &mut db::Session,
    parts: &Parts,
    now: Timestamp,
) -> Result<Option<Caller>, Problem> {
    if parts.method != Method::GET && parts.method != Method::HEAD {
        return Ok(None);
    }
    let name = cookies::session_name(&service.settings);
    let Some(text) = cookies::read_cookie(&parts.headers, name) else {
        return Ok(None);
    };
    Ok(sessions::find(session, text, now).await?.map(|found| Caller {
        access: Access::signed_in(&found.actor),
        token: None,
    }))
}
