//! All routes in one router.

use axum::Router;

use crate::problem::Problem;
use crate::state::Service;
use crate::{api, layers, pages};

/// The whole service.
pub fn router(service: Service) -> Router {
    let (api, document) = api::routes().split_for_parts();
    let routes = api
        .merge(api::openapi::route(&document))
        .merge(pages::routes())
        .fallback(async || Problem::not_found("such path"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed());
    layers::around(routes, &service).with_state(service)
}

/// The OpenAPI document of the API, as `/openapi.json` serves it.
#[must_use]
pub fn openapi() -> String {
    api::openapi::text(&api::routes().into_openapi())
}
