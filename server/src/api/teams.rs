//! Policies of teams: those of their projects which have none of their own.

use axum::Json;
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use store::audit_log::{self, Entry};
use store::policies::{self, teams};
use store::tokens::Action;
use store::waivers::rejudge;
use store::wake::Event;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{Path, Payload};
use crate::problem::{Fault, Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(put))
}

/// A team with its policy.
#[derive(Debug, Serialize, ToSchema)]
struct TeamPolicy {
    team: String,
    /// `None` for a team whose projects are judged by `default`.
    policy: Option<String>,
}

/// The policy that a team gets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TeamBody {
    /// `null` takes it away.
    policy: Option<String>,
}

/// Teams with a policy of their own
#[utoipa::path(
    get, path = "/v1/teams/policies", tag = "policies",
    responses(
        (status = 200, body = Vec<TeamPolicy>),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn all(State(service): State<Service>, caller: Caller) -> Result<Json<Vec<TeamPolicy>>, Problem> {
    caller.require(Action::Read)?;
    let mut session = service.database.read().await?;
    let rows = teams::all(&mut session).await?.into_iter();
    Ok(Json(
        rows.map(|(team, policy)| TeamPolicy {
            team,
            policy: Some(policy),
        })
        .collect(),
    ))
}

/// Give a team a policy, or take it away
///
/// It judges the team's projects that name none themselves.
#[utoipa::path(
    put, path = "/v1/teams/{team}/policy", tag = "policies",
    params(("team" = String, Path)),
    request_body = TeamBody,
    responses(
        (status = 200, body = TeamPolicy),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn put(
    State(service): State<Service>,
    caller: Caller,
    Path(team): Path<String>,
    request: Request,
) -> Result<Json<TeamPolicy>, Problem> {
    caller.require(Action::Admin)?;
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let body: TeamBody = payload.json()?;
    crate::names::plain(&team).map_err(|why| Problem::bad_parameter("team", why))?;
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let id = match &body.policy {
        None => None,
        Some(name) => {
            let stored = policies::by_name(&mut tx, name).await?;
            let missing = || Fault::at("/policy", format!("there is no policy named `{name}`"));
            let found =
                stored.ok_or_else(|| Problem::invalid("The policy is not there.", vec![missing()]))?;
            Some(found.id)
        }
    };
    teams::set(&mut tx, &team, id).await?;
    rejudge::everything(&mut tx, now).await?;
    let detail = body.policy.clone().unwrap_or_default();
    let entry = Entry {
        actor: &caller.actor,
        action: "team.policy",
        object: &team,
        detail: &detail,
    };
    audit_log::append(&mut tx, &entry, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(Json(TeamPolicy {
        team,
        policy: body.policy,
    }))
}
