//! The API, one subject a file. The documented handlers make the OpenAPI document.

mod advisories;
mod audit_log;
mod builds;
mod components;
mod diff;
mod exports;
pub(crate) mod feeds;
mod findings;
mod gate;
mod health;
mod licenses;
mod metrics;
pub(crate) mod openapi;
mod osv;
mod policies;
mod projects;
mod tokens;
mod vulns;
mod whoami;

use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::state::Service;

pub(crate) use tokens::make as make_token;

/// Every route for programs.
pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::with_openapi(openapi::About::openapi())
        .merge(advisories::routes())
        .merge(audit_log::routes())
        .merge(builds::routes())
        .merge(components::routes())
        .merge(diff::routes())
        .merge(exports::routes())
        .merge(feeds::routes())
        .merge(findings::routes())
        .merge(gate::routes())
        .merge(health::routes())
        .merge(licenses::routes())
        .merge(metrics::routes())
        .merge(osv::routes())
        .merge(policies::routes())
        .merge(projects::routes())
        .merge(tokens::routes())
        .merge(vulns::routes())
        .merge(whoami::routes())
}
