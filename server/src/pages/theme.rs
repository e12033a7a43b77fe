//! Colours, and signing out: the two forms of the account menu.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use store::sessions;
use web::layout::Theme;

use super::{local, see_other};
use crate::auth::{self, SignedForm, THEME};
use crate::problem::Problem;
use crate::state::Service;

const YEAR_S: i64 = 365 * 86_400;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/theme", post(theme))
        .route("/logout", post(logout))
}

#[derive(Deserialize)]
struct Choice {
    theme: String,
    #[serde(default)]
    back: String,
}

async fn theme(State(service): State<Service>, form: SignedForm<Choice>) -> Response {
    let theme = Theme::from_name(&form.fields.theme);
    let mut response = see_other(&service.settings, local(&form.fields.back), None);
    if let Some(cookie) = auth::cookie(&service.settings, THEME, theme.name(), YEAR_S) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[derive(Deserialize)]
struct Nothing {}

async fn logout(State(service): State<Service>, form: SignedForm<Nothing>) -> Result<Response, Problem> {
    let mut tx = service.database.begin().await?;
    sessions::end(&mut tx, &form.visitor.secret).await?;
    tx.commit().await?;
    let mut response = see_other(&service.settings, "/login", None);
    if let Some(gone) = auth::clear(&service.settings, auth::session_name(&service.settings)) {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    Ok(response)
}
