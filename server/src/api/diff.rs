//! What changed between two builds.

use audit::Difference;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::builds::BuildView;
use crate::auth::Caller;
use crate::extract::{Path, Query, project};
use crate::problem::{Problem, ProblemDocument};
use crate::queries::builds;
use crate::queries::comparison::{Comparison, Side};
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
        Some(text) => builds::named(&mut session, &project, text).await?,
        None => builds::newest(&mut session, &project, &project.default_ref).await?,
    };
    let from = match &query.from {
        Some(text) => builds::named(&mut session, &project, text).await?,
        None => builds::before(&mut session, &to).await?,
    };
    let found = Comparison::load(&service, &mut session, from, to).await?;
    let view = |side: Side| BuildView::new(&project, &side.reference.name, side.build);
    Ok(Json(DiffAnswer {
        from: view(found.from),
        to: view(found.to),
        difference: found.difference,
    }))
}
