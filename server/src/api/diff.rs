//! What changed between two builds.

use audit::{Difference, diff};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::builds::{self, Build};
use store::db::Session;
use store::projects::{self, Project};
use store::verdicts;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::builds::{BuildView, judged};
use crate::auth::Caller;
use crate::documents::on_reader;
use crate::extract::{Path, Query, project};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(compare))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DiffQuery {
    /// A build's id or number, or a ref; the build before `to` when absent.
    from: Option<String>,
    /// A build's id or number, or a ref; the default ref when absent.
    to: Option<String>,
}

/// Two builds and what differs between them.
#[derive(Debug, Serialize, ToSchema)]
struct DiffAnswer {
    from: BuildView,
    to: BuildView,
    /// `{added, removed, changed, introduced, fixed, unknown, licenses}`; findings that opened carry their cause,
    /// findings that closed their reason.
    #[schema(value_type = Object)]
    difference: Difference,
}

/// What changed between two builds: components, findings with cause, licenses
#[utoipa::path(
    get, path = "/v1/projects/{project}/diff", tag = "builds",
    params(("project" = String, Path, description = "Name (`team%2Fname`) or id"), DiffQuery),
    responses(
        (status = 200, body = DiffAnswer),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn compare(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<DiffQuery>,
) -> Result<Json<DiffAnswer>, Problem> {
    let mut session = service.database.read().await?;
    let project = project(&mut session, &caller, &name).await?;
    let to = match &query.to {
        Some(text) => named(&mut session, &project, text).await?,
        None => newest(&mut session, &project, &project.default_ref).await?,
    };
    let from = match &query.from {
        Some(text) => named(&mut session, &project, text).await?,
        None => before(&mut session, &to).await?,
    };
    let before = verdicts::report(&mut session, judged(&from)?).await?.report;
    let after = verdicts::report(&mut session, judged(&to)?).await?.report;
    let from = view(&mut session, &project, from).await?;
    let to = view(&mut session, &project, to).await?;
    drop(session);
    let difference = on_reader(&service, move || Ok(diff(&before, &after))).await?;
    Ok(Json(DiffAnswer { from, to, difference }))
}

/// The build that a caller names: its id, its number, or the newest of a ref.
async fn named(session: &mut Session, project: &Project, text: &str) -> Result<Build, Problem> {
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

async fn newest(session: &mut Session, project: &Project, reference: &str) -> Result<Build, Problem> {
    builds::newest(session, project.id, reference)
        .await?
        .ok_or_else(|| Problem::not_found("finished build of this ref"))
}

async fn before(session: &mut Session, to: &Build) -> Result<Build, Problem> {
    builds::previous(session, to.reference_id, to.number)
        .await?
        .ok_or_else(|| Problem::not_found("finished build before this one"))
}

async fn view(session: &mut Session, project: &Project, build: Build) -> Result<BuildView, Problem> {
    let reference = projects::reference_by_id(session, build.reference_id).await?;
    Ok(BuildView::new(project, &reference.name, build))
}
