//! Projects.

use utoipa_axum::router::OpenApiRouter;

use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
}
