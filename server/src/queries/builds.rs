//! Which build is meant.

use store::builds::{self, Build};
use store::db::Session;
use store::projects::Project;

use crate::problem::Problem;

/// The build that a caller names: its id, its number, or the newest of a ref.
pub(crate) async fn named(session: &mut Session, project: &Project, text: &str) -> Result<Build, Problem> {
    let found = if uuid::Uuid::try_parse(text).is_ok() {
        builds::by_uuid(session, text).await?
    } else if let Ok(number) = text.parse::<i64>() {
        builds::by_number(session, project.id, number).await?
    } else {
        return newest(session, project, text).await;
    };
    found
        .filter(|build| build.project_id == project.id)
        .ok_or_else(|| Problem::not_found("such build"))
}

/// The newest finished build of a ref.
pub(crate) async fn newest(
    session: &mut Session,
    project: &Project,
    reference: &str,
) -> Result<Build, Problem> {
    builds::newest(session, project.id, reference)
        .await?
        .ok_or_else(|| Problem::not_found("finished build of this ref"))
}

/// The finished build before this one, of the same ref.
pub(crate) async fn before(session: &mut Session, to: &Build) -> Result<Build, Problem> {
    builds::previous(session, to.reference_id, to.number)
        .await?
        .ok_or_else(|| Problem::not_found("finished build before this one"))
}

/// The verdict of a build that has one.
pub(crate) fn judged(build: &Build) -> Result<i64, Problem> {
    build.verdict_id.ok_or_else(|| {
        Problem::conflict(match &build.error {
            Some(error) => format!("The build failed: {error}"),
            None => "The build has no verdict yet; add wait=60 to wait for it.".to_owned(),
        })
    })
}
