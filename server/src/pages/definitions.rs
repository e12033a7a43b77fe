//! How each number is computed.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use web::views::definitions::Definitions;

use super::page;
use crate::auth::Visitor;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/metrics/definitions", get(definitions))
}

async fn definitions(State(service): State<Service>, visitor: Visitor) -> Response {
    page(&service.settings, Definitions.render(&visitor.shell))
}
