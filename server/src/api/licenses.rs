//! Licenses in use, and what the policy says of each.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::csv;
use crate::extract::{Fields, Path};
use crate::place::Place;
use crate::problem::{Problem, ProblemDocument};
use crate::queries::licenses::{Decision, LicenseLine, Summary, judged};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(everywhere))
        .routes(routes!(everywhere_csv))
        .routes(routes!(of_project))
        .routes(routes!(of_project_csv))
}

/// All licenses in use, worst first.
#[derive(Debug, Serialize, ToSchema)]
struct Licenses {
    /// Components by decision; absent when no component was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    tally: Option<Tally>,
    items: Vec<LicenseItem>,
    /// Counting stopped at its bound: there are more than are counted.
    at_least: bool,
}

/// Components by decision.
#[derive(Debug, Serialize, ToSchema)]
struct Tally {
    denied: i64,
    review: i64,
    unknown: i64,
    allowed: i64,
}

/// One license.
#[derive(Debug, Serialize, ToSchema)]
struct LicenseItem {
    /// An effective SPDX expression; absent when nothing is stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    /// `denied`, `review`, `unknown` or `allowed`.
    decision: &'static str,
    /// Which rule decided.
    why: String,
    /// Distinct component versions under it.
    components: i64,
}

impl From<LicenseLine> for LicenseItem {
    fn from(line: LicenseLine) -> Self {
        Self {
            license: Some(line.license).filter(|license| !license.is_empty()),
            decision: line.judged.decision.word(),
            why: line.judged.why,
            components: line.components,
        }
    }
}

impl From<Summary> for Licenses {
    fn from(summary: Summary) -> Self {
        let tally = summary.tally().map(|tally| {
            let count = |decision| tally.get(&decision).copied().unwrap_or(0);
            Tally {
                denied: count(Decision::Denied),
                review: count(Decision::Review),
                unknown: count(Decision::Unknown),
                allowed: count(Decision::Allowed),
            }
        });
        Self {
            tally,
            at_least: summary.at_least,
            items: summary.lines.into_iter().map(LicenseItem::from).collect(),
        }
    }
}

fn file(summary: Summary) -> Response {
    let lines = summary.lines.into_iter().map(|line| {
        let item = LicenseItem::from(line);
        [
            csv::known(item.license),
            item.decision.to_owned(),
            item.why,
            item.components.to_string(),
        ]
    });
    csv::file(
        "licenses",
        ["license", "decision", "why", "components"],
        lines,
        None,
    )
}

/// Licenses over the tracked refs of all projects, by the default policy
#[utoipa::path(
    get, path = "/v1/licenses", tag = "components",
    responses(
        (status = 200, body = Licenses),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn everywhere(
    State(service): State<Service>,
    caller: Caller,
    fields: Fields,
) -> Result<Json<Licenses>, Problem> {
    fields.finish()?;
    let mut session = service.database.read().await?;
    Ok(Json(Summary::everywhere(&mut session, &caller).await?.into()))
}

/// The same licenses as comma-separated values
#[utoipa::path(
    get, path = "/v1/licenses.csv", tag = "components",
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn everywhere_csv(
    State(service): State<Service>,
    caller: Caller,
    fields: Fields,
) -> Result<Response, Problem> {
    fields.finish()?;
    let mut session = service.database.read().await?;
    Ok(file(Summary::everywhere(&mut session, &caller).await?))
}

async fn summary(
    service: &Service,
    caller: &Caller,
    project: &str,
    mut fields: Fields,
) -> Result<Summary, Problem> {
    let reference = fields.one("ref")?;
    fields.finish()?;
    let mut session = service.database.read().await?;
    let place = Place::load(&mut session, caller, project, reference.as_deref()).await?;
    let judged = judged(&mut session, &place).await?;
    Ok(judged.map(|judged| Summary::of(&judged)).unwrap_or_default())
}

/// Licenses of the build that is the state of a ref, as its verdict judged them
#[utoipa::path(
    get, path = "/v1/projects/{project}/licenses", tag = "components",
    params(
        ("project" = String, Path, description = "`team/name`, percent-encoded, or the id"),
        ("ref" = Option<String>, Query, description = "The default branch when not given"),
    ),
    responses(
        (status = 200, body = Licenses),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn of_project(
    State(service): State<Service>,
    caller: Caller,
    Path(project): Path<String>,
    fields: Fields,
) -> Result<Json<Licenses>, Problem> {
    Ok(Json(summary(&service, &caller, &project, fields).await?.into()))
}

/// The same licenses as comma-separated values
#[utoipa::path(
    get, path = "/v1/projects/{project}/licenses.csv", tag = "components",
    params(("project" = String, Path, description = "`team/name`, percent-encoded, or the id")),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn of_project_csv(
    State(service): State<Service>,
    caller: Caller,
    Path(project): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    Ok(file(summary(&service, &caller, &project, fields).await?))
}
