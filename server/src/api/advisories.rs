//! Which projects an advisory touches, now and ever.

use utoipa_axum::router::OpenApiRouter;

use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
}
