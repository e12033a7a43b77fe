//! Help.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use web::views::help::Help;

use super::page;
use crate::auth::Visitor;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/help", get(help))
}

async fn help(State(service): State<Service>, visitor: Visitor) -> Response {
    page(&service.settings, Help.render(&visitor.shell))
}
