//! Signing in: a link is looked at with GET and used with POST.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use store::audit_log::{self, Entry};
use store::sessions;
use web::layout::Shell;
use web::views::login::Login;

use super::{local, page, shell};
use crate::auth::{self, Visitor};
use crate::extract::{Payload, Query};
use crate::problem::Problem;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/login", get(show).post(redeem))
}

#[derive(Deserialize)]
struct LinkQuery {
    once: Option<String>,
    next: Option<String>,
}

/// Whoever is signed in already and brings no link goes on.
async fn show(
    State(service): State<Service>,
    visitor: Result<Visitor, auth::Turned>,
    Query(query): Query<LinkQuery>,
    uri: Uri,
    headers: axum::http::HeaderMap,
) -> Response {
    let next = local(query.next.as_deref().unwrap_or("/")).to_owned();
    if query.once.is_none() && visitor.is_ok() {
        return Redirect::to(&next).into_response();
    }
    let view = Login {
        once: query.once.filter(|once| !once.is_empty()),
        next,
        ..Login::default()
    };
    let shell = shell::stranger(&headers, &uri, service.now());
    page(&service.settings, view.render(&shell))
}

#[derive(Deserialize)]
struct LinkForm {
    once: String,
    #[serde(default)]
    next: String,
}

async fn redeem(State(service): State<Service>, request: Request) -> Result<Response, Problem> {
    let shell = shell::stranger(request.headers(), request.uri(), service.now());
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let form: LinkForm = auth::fields(&payload).await?;
    match session_for(&service, &form.once).await? {
        Some(secret) => Ok(signed_in(&service, &secret, local(&form.next))),
        None => Ok(refused(&service, &shell, &form.next)),
    }
}

/// Uses the link up; the secret of the new session, when the link is good.
async fn session_for(service: &Service, once: &str) -> Result<Option<String>, Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let Some(secret) = sessions::redeem(&mut tx, once, now).await? else {
        return Ok(None);
    };
    if let Some(found) = sessions::find(&mut tx, &secret, now).await? {
        let entry = Entry {
            actor: &format!("user:{}", found.actor),
            action: "session.begin",
            object: &found.actor,
            detail: "",
        };
        audit_log::append(&mut tx, &entry, now).await?;
    }
    tx.commit().await?;
    Ok(Some(secret))
}

fn signed_in(service: &Service, secret: &str, next: &str) -> Response {
    let settings = &service.settings;
    let mut response = Redirect::to(next).into_response();
    let seconds = sessions::SESSION_MS / 1_000;
    if let Some(cookie) = auth::cookie(settings, auth::session_name(settings), secret, seconds) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn refused(service: &Service, shell: &Shell, next: &str) -> Response {
    let view = Login {
        error: Some("This link was used before, or is too old. Ask for a new one.".to_owned()),
        next: local(next).to_owned(),
        ..Login::default()
    };
    let mut response = page(&service.settings, view.render(shell));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}
