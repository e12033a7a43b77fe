//! Pages below a project: its name may hold slashes (`team/name`), which stay slashes in their addresses.

use axum::Router;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::routing::MethodRouter;

use crate::problem::Problem;
use crate::state::Service;

/// What begins the names of path variables that are parts of a project's name.
const PART: &str = "project";

/// The paths of projects without a team and with one.
const PROJECTS: [&str; 2] = ["/projects/{project1}", "/projects/{project1}/{project2}"];

/// Serves a page below every project; `suffix` begins with a slash, or is empty for the project itself.
pub(crate) fn below_project(suffix: &str, handlers: &MethodRouter<Service>) -> Router<Service> {
    PROJECTS.iter().fold(Router::new(), |router, project| {
        router.route(&format!("{project}{suffix}"), handlers.clone())
    })
}

/// The whole name of the project in the path, percent-decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProjectName(pub String);

impl FromRequestParts<Service> for ProjectName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let variables = RawPathParams::from_request_parts(parts, service)
            .await
            .map_err(|_| Problem::not_found("such project"))?;
        let parts: Vec<&str> = variables
            .iter()
            .filter(|(name, _)| name.starts_with(PART))
            .map(|(_, value)| value)
            .collect();
        Ok(Self(parts.join("/")))
    }
}
