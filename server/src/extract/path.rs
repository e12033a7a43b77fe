//! What the path names.

use axum::extract::FromRequestParts;
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
