//! Trying a policy before it is kept.

use axum::Json;
use axum::extract::{Request, State};
use policy::{Draft, Outcome};
use serde::{Deserialize, Serialize};
use store::verdicts::outcome_word;
use utoipa::{IntoParams, ToSchema};

use super::{invalid, text};
use crate::auth::Caller;
use crate::decisions::policies::{chain, effective};
use crate::decisions::simulation::{self, MOST_PROJECTS, PROJECTS, Simulation, Trial, Tried};
use crate::extract::{Path, Payload, Query};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SimulateQuery {
    /// Names of projects, joined by commas; the most urgent ones when absent.
    projects: Option<String>,
    /// How many projects at most: 50 when absent, at most 200.
    limit: Option<i64>,
}

/// What a policy would change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Simulation)]
pub(super) struct SimulationView {
    /// SHA-256 of the tried document with every default and what it inherits.
    sha256: String,
    /// Projects that were tried.
    tried: usize,
    /// Projects that would fail and do not today.
    turn_red: usize,
    /// Projects that would no longer fail, or no longer be indeterminate.
    turn_green: usize,
    /// Not all projects were tried: there are more, or the time was over.
    more: bool,
    /// What turns first.
    items: Vec<TrialView>,
}

/// What it says of one project.
#[derive(Debug, Serialize, ToSchema)]
struct TrialView {
    project: String,
    #[serde(rename = "ref")]
    reference: String,
    /// The number of the build.
    build: i64,
    /// What holds today.
    now: &'static str,
    /// What the policy would say.
    then: &'static str,
    /// What it says that is not said today, or no longer says.
    reasons: Vec<String>,
}

impl From<Trial> for TrialView {
    fn from(trial: Trial) -> Self {
        Self {
            project: trial.project,
            reference: trial.reference,
            build: trial.build,
            now: outcome_word(trial.now),
            then: outcome_word(trial.then),
            reasons: trial.reasons,
        }
    }
}

impl SimulationView {
    fn new(sha256: String, simulation: Simulation) -> Self {
        let green = |trial: &&Trial| {
            let bad = |outcome| matches!(outcome, Outcome::Fail | Outcome::Indeterminate);
            bad(trial.now) && !bad(trial.then)
        };
        Self {
            sha256,
            tried: simulation.trials.len(),
            turn_red: simulation.turning(Outcome::Fail),
            turn_green: simulation.trials.iter().filter(green).count(),
            more: simulation.more,
            items: simulation.trials.into_iter().map(TrialView::from).collect(),
        }
    }
}

/// Try a policy on the builds that are there, without keeping it
///
/// The body is a policy as for storing one; nothing is stored. Each project's newest build of its default ref is judged by
/// it with what is known today.
#[utoipa::path(
    post, path = "/v1/policies/{name}/simulate", tag = "policies",
    params(("name" = String, Path), SimulateQuery),
    request_body(content = Object, description = "docs/policies.md says what it may hold"),
    responses(
        (status = 200, body = SimulationView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn simulate(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<SimulateQuery>,
    request: Request,
) -> Result<Json<SimulationView>, Problem> {
    caller.require_any()?;
    let limit = query.limit.unwrap_or(PROJECTS);
    if !(1..=MOST_PROJECTS).contains(&limit) {
        return Err(Problem::bad_parameter(
            "limit",
            format!("must be from 1 to {MOST_PROJECTS}"),
        ));
    }
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let (text, notation) = text(&payload)?;
    let draft = Draft::read(text, notation).map_err(|error| invalid(&error))?;
    let mut session = service.database.read().await?;
    let tried = Tried {
        policy: effective(&mut session, &name, &draft).await?,
        extends: chain(&mut session, &name, &draft)
            .await?
            .iter()
            .map(store::policies::Ancestor::reference)
            .collect(),
        name,
        revision: 0,
    };
    drop(session);
    let named: Vec<String> = query
        .projects
        .iter()
        .flat_map(|names| names.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    if named.len() > usize::try_from(MOST_PROJECTS).unwrap_or(usize::MAX) {
        return Err(Problem::bad_parameter(
            "projects",
            format!("at most {MOST_PROJECTS}"),
        ));
    }
    let simulation = simulation::simulate(&service, &caller, &tried, &named, limit).await?;
    Ok(Json(SimulationView::new(tried.policy.digest(), simulation)))
}
