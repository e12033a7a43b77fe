//! What the path names.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use store::db::Session;
use store::projects::{self, Project};
use store::tokens::Action;

use crate::auth::Access;
use crate::problem::Problem;

/// The variables of the path, percent-decoded.
#[derive(Clone, Debug)]
pub(crate) struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(path)) => Ok(Self(path)),
            Err(_) => Err(Problem::not_found("such thing")),
        }
    }
}

/// The name of the project that a page is below: of `/projects/{name}/…` or `/projects/{team}/{name}/…`.
#[derive(Clone, Debug)]
pub(crate) struct ProjectName(pub String);

impl<S: Send + Sync> FromRequestParts<S> for ProjectName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found("such project"))?;
        let part = |wanted| {
            path.iter()
                .find_map(|(key, value)| (key == wanted).then_some(value))
        };
        let name = part("name").ok_or_else(|| Problem::not_found("such project"))?;
        Ok(Self(match part("team") {
            Some(team) => format!("{team}/{name}"),
            None => name.to_owned(),
        }))
    }
}

/// The project of this name (`team/name`) or public id, if the caller may see it.
pub(crate) async fn project(session: &mut Session, access: &Access, name: &str) -> Result<Project, Problem> {
    project_for(session, access, Action::Read, name).await
}

/// The project, if the caller may do this to it.
pub(crate) async fn project_for(
    session: &mut Session,
    access: &Access,
    action: Action,
    name: &str,
) -> Result<Project, Problem> {
    let project = projects::find(session, name)
        .await?
        .ok_or_else(|| Problem::not_found("such project"))?;
    access.require_on(action, &project)?;
    Ok(project)
}
