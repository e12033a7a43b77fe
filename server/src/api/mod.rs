//! The API, one subject a file. The documented handlers make the OpenAPI document.

mod advisories;
mod attribution;
mod audit_log;
pub(crate) mod badges;
mod builds;
mod bundle;
mod components;
mod conclusions;
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
pub(crate) mod policies;
mod projects;
mod teams;
mod tokens;
mod triage;
mod vex;
mod vulns;
pub(crate) mod waivers;
mod webhooks;
mod whoami;
mod written;

use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;

use crate::state::Service;

/// Every route for programs.
pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::with_openapi(openapi::About::openapi())
        .merge(advisories::routes())
        .merge(attribution::routes())
        .merge(audit_log::routes())
        .merge(badges::routes())
        .merge(builds::routes())
        .merge(bundle::routes())
        .merge(components::routes())
        .merge(conclusions::routes())
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
        .merge(teams::routes())
        .merge(tokens::routes())
        .merge(triage::routes())
        .merge(vex::routes())
        .merge(vulns::routes())
        .merge(waivers::routes())
        .merge(webhooks::routes())
        .merge(whoami::routes())
        .merge(written::routes())
}
