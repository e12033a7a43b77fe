//! All projects.

use axum::Router;

use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
}
