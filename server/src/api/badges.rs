//! Badges: the verdict of a project as a small picture, for whoever has the key of that badge.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use policy::Outcome;
use serde::{Deserialize, Serialize};
use store::{badges, builds, projects};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::decisions::badges as decide;
use crate::extract::Path;
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;
use crate::verdicts;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(renew, revoke))
        .routes(routes!(badge))
        .route("/badges/{team}/{file}", get(of_team))
}

/// A key that reads the badge of one project and nothing else.
#[derive(Debug, Serialize, ToSchema)]
struct BadgeKey {
    /// Shown once.
    key: String,
    /// The path of the badge, with the key.
    path: String,
}

/// Make the key of a project's badge; a former one is worth nothing any more
#[utoipa::path(
    post, path = "/v1/projects/{project}/badge-key", tag = "projects",
    params(("project" = String, Path, description = "`team/name`, percent-encoded, or the id")),
    responses(
        (status = 201, body = BadgeKey),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn renew(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<BadgeKey>), Problem> {
    let (found, key) = decide::renew(&service, &caller, &name).await?;
    let path = format!("/badges/{}.svg?key={key}", found.name);
    Ok((StatusCode::CREATED, Json(BadgeKey { key, path })))
}

/// Take the key of a project's badge back
#[utoipa::path(
    delete, path = "/v1/projects/{project}/badge-key", tag = "projects",
    params(("project" = String, Path, description = "`team/name`, percent-encoded, or the id")),
    responses(
        (status = 204),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn revoke(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    decide::revoke(&service, &caller, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize)]
struct BadgeQuery {
    #[serde(default)]
    key: String,
    #[serde(rename = "ref")]
    reference: Option<String>,
}

/// The verdict of a project's newest finished build, as a picture
///
/// For a project of a team the path is `/badges/TEAM/NAME.svg`. It takes the badge's own key, which opens nothing else;
/// without it there is no such badge.
#[utoipa::path(
    get, path = "/badges/{file}", tag = "projects",
    params(
        ("file" = String, Path, description = "`NAME.svg`"),
        ("key" = String, Query, description = "The key of this badge"),
        ("ref" = Option<String>, Query, description = "The default ref when absent"),
    ),
    responses(
        (status = 200, body = String, content_type = "image/svg+xml"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn badge(
    State(service): State<Service>,
    Path(file): Path<String>,
    Query(query): Query<BadgeQuery>,
) -> Result<Response, Problem> {
    picture(&service, &file, &query).await
}

async fn of_team(
    State(service): State<Service>,
    Path((team, file)): Path<(String, String)>,
    Query(query): Query<BadgeQuery>,
) -> Result<Response, Problem> {
    picture(&service, &format!("{team}/{file}"), &query).await
}

async fn picture(service: &Service, file: &str, query: &BadgeQuery) -> Result<Response, Problem> {
    let none = || Problem::not_found("such badge");
    let name = file.strip_suffix(".svg").ok_or_else(none)?;
    let mut session = service.database.read().await?;
    let found = projects::find(&mut session, name).await?.ok_or_else(none)?;
    if !badges::opens(&mut session, found.id, &query.key).await? {
        return Err(none());
    }
    let wanted = query.reference.as_deref().unwrap_or(&found.default_ref);
    let reference = projects::reference(&mut session, found.id, wanted).await?;
    let outcome = match reference {
        None => None,
        Some(reference) => match builds::newest(&mut session, found.id, &reference.name).await? {
            None => None,
            Some(build) => {
                let verdict = verdicts::of_build(service, &mut session, &found, &reference, &build).await?;
                Some(verdict.verdict)
            }
        },
    };
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        // Pages that show it keep copies; a stale green one must not live long.
        (header::CACHE_CONTROL, "no-cache, max-age=0"),
    ];
    Ok((headers, web::badge::svg(words(outcome))).into_response())
}

/// The words of the badge: those of the pages.
fn words(outcome: Option<Outcome>) -> web::badge::Mark {
    use web::badge::Mark;
    match outcome {
        Some(Outcome::Pass) => Mark::Passed,
        Some(Outcome::Warn) => Mark::Warned,
        Some(Outcome::Fail) => Mark::Failed,
        Some(Outcome::Indeterminate) => Mark::Indeterminate,
        Some(Outcome::Pending) => Mark::Pending,
        None => Mark::NoBuild,
    }
}
