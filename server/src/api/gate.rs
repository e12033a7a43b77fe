//! May this go out?

use std::sync::Arc;

use audit::Context;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use policy::{RefName, Verdict};
use serde::Deserialize;
use store::builds::{self, Build};
use store::db::Session;
use store::policies::{self, EffectivePolicy};
use store::projects::{self, Project, Reference};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::builds::reference_of;
use crate::auth::Caller;
use crate::decisions::Decisions;
use crate::documents::{self, on_reader};
use crate::extract::{Path, Query, project};
use crate::judging::{Case, Judged};
use crate::problem::{Fault, Problem, ProblemDocument};
use crate::state::Service;
use crate::verdicts::{self, Http};
use crate::waiting::Waiting;
use crate::{knowledge, names};

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(gate))
        .routes(routes!(stateless))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GateQuery {
    /// The project's default ref when neither this nor `version` is given.
    #[serde(rename = "ref")]
    reference: Option<String>,
    /// The newest finished build of this version, on whichever ref.
    version: Option<String>,
    /// What the same build would be told under this policy.
    policy: Option<String>,
    /// What the same build would be told against this baseline: `previous`, `default`, `release:last`, `branch:NAME` or
    /// `build:ID`.
    baseline: Option<String>,
    /// Seconds to wait for a build that is still being worked on, at most 60.
    #[serde(default)]
    wait: u64,
    /// `json`, `text`, `table`, `markdown`, `sarif`, `junit`, `github`, `gitlab` or `csv`; else what `Accept` names.
    format: Option<String>,
    /// `strict`: a verdict that is no pass is an HTTP error, too.
    #[serde(default)]
    #[param(inline)]
    http: Http,
}

/// The verdict of a project's newest build
///
/// Without `wait`, the newest finished build speaks. With it, the newest build does: `pending` when it is not finished
/// in time. When the newest build failed, the answer is `indeterminate`, not what held before.
#[utoipa::path(
    get, path = "/v1/projects/{project}/gate", tag = "gate",
    params(("project" = String, Path, description = "Name (`team%2Fname`) or id"), GateQuery),
    responses(
        (status = 200, body = Object, description = "Schema `gate/1`, or the format that was asked for"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn gate(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<GateQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rendering = verdicts::rendering(query.format.as_deref(), &headers)?;
    if let Some(baseline) = &query.baseline {
        names::baseline(baseline).map_err(|why| Problem::bad_parameter("baseline", why))?;
    }
    let waiting = Waiting::begin(&service, query.wait);
    let mut session = service.database.read().await?;
    let project = project(&mut session, &caller, &name).await?;
    let build = asked_for(&mut session, &project, &query).await?;
    drop(session);
    let build = if query.wait > 0 {
        waiting.until_finished(&service, build).await?
    } else {
        build
    };
    let mut session = service.database.read().await?;
    let reference = projects::reference_by_id(&mut session, build.reference_id).await?;
    let asks_otherwise = query.policy.is_some() || query.baseline.is_some();
    let verdict = if asks_otherwise && build.verdict_id.is_some() {
        drop(session);
        judged_otherwise(&service, &project, &reference, &build, &query).await?
    } else {
        verdicts::of_build(&service, &mut session, &project, &reference, &build).await?
    };
    Ok(verdicts::response(&verdict, rendering, query.http, &headers))
}

/// The build that speaks for what the query names.
async fn asked_for(session: &mut Session, project: &Project, query: &GateQuery) -> Result<Build, Problem> {
    let none = || Problem::not_found("build of this ref or version");
    if let Some(version) = &query.version {
        return builds::newest_version(session, project.id, version)
            .await?
            .ok_or_else(none);
    }
    let name = query.reference.as_ref().unwrap_or(&project.default_ref);
    let reference = reference_of(session, project, name).await?;
    let newest = builds::newest_any(session, project.id, &reference.name)
        .await?
        .ok_or_else(none)?;
    if query.wait > 0 || newest.is_finished() {
        return Ok(newest);
    }
    let finished = builds::newest(session, project.id, &reference.name).await?;
    Ok(finished.unwrap_or(newest))
}

pub(super) async fn named_policy(session: &mut Session, name: &str) -> Result<EffectivePolicy, Problem> {
    if let Some(stored) = policies::by_name(session, name).await? {
        return Ok(policies::judged_by(session, &stored).await?);
    }
    if name == policies::DEFAULT {
        return Ok(policies::default(session).await?);
    }
    Err(Problem::invalid(
        format!("There is no policy named `{name}`."),
        vec![Fault::parameter("policy", "no such policy")],
    ))
}

/// What a build is told under another policy or against another baseline, with what is known today.
async fn judged_otherwise(
    service: &Service,
    project: &Project,
    reference: &Reference,
    build: &Build,
    query: &GateQuery,
) -> Result<Verdict, Problem> {
    let now = service.now();
    let mut session = service.database.read().await?;
    let policy = match &query.policy {
        Some(name) => named_policy(&mut session, name).await?,
        None => policies::effective(&mut session, project, build.policy.as_deref()).await?,
    };
    let asked = query.baseline.as_deref();
    let subject = Judged {
        project,
        reference,
        build,
    };
    let case = Case::load(&mut session, &subject, policy, asked, now).await?;
    drop(session);
    on_reader(service, move || Ok(case.judge())).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatelessQuery {
    /// The name of a policy; the project's own, or the default, when absent.
    policy: Option<String>,
    /// A project whose policy, decisions and name stand in the verdict.
    project: Option<String>,
    /// The branch, for waivers that name refs.
    #[serde(rename = "ref")]
    reference: Option<String>,
    /// `json`, `text`, `table`, `markdown`, `sarif`, `junit`, `github`, `gitlab` or `csv`; else what `Accept` names.
    format: Option<String>,
    /// `strict`: a verdict that is no pass is an HTTP error, too.
    #[serde(default)]
    #[param(inline)]
    http: Http,
}

/// The verdict of a document, without storing anything
#[utoipa::path(
    post, path = "/v1/gate", tag = "gate",
    params(StatelessQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "CycloneDX as JSON, XML or Protobuf, SPDX 2 as JSON, tag-value, YAML, XML or RDF/XML, SPDX 3 as JSON-LD; in an envelope or not"),
    responses(
        (status = 200, body = Object, description = "Schema `gate/1`, or the format that was asked for"),
        (status = 413, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn stateless(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<StatelessQuery>,
    request: Request,
) -> Result<Response, Problem> {
    caller.require_any()?;
    let headers = request.headers().clone();
    let rendering = verdicts::rendering(query.format.as_deref(), &headers)?;
    let mut session = service.database.read().await?;
    let (name, policy, decisions) = judge_of(&mut session, &caller, &query).await?;
    drop(session);
    let document = documents::of_request(&service, request).await?;
    let read = documents::read(&service, document).await?;
    let inventory = Arc::new(read.inventory);
    let knowledge = knowledge::of_document(&service, Arc::clone(&inventory), &decisions).await?;
    let context = Context {
        project: name,
        reference: RefName {
            branch: query.reference.clone().unwrap_or_default(),
            ..RefName::default()
        },
        policy_extends: policy.extends,
        sbom_sha256: read.digest,
        policy_id: policy.name,
        policy_revision: policy.revision,
        now: service.now(),
        ..Context::default()
    };
    on_reader(&service, move || {
        let waivers = &decisions.waivers;
        let report = audit::audit(&inventory, &knowledge, &policy.policy, waivers, &context);
        Ok(verdicts::response(
            &report.verdict,
            rendering,
            query.http,
            &headers,
        ))
    })
    .await
}

/// The name in the verdict, the policy that it is given by, and what was decided for the project.
async fn judge_of(
    session: &mut Session,
    caller: &Caller,
    query: &StatelessQuery,
) -> Result<(String, EffectivePolicy, Decisions), Problem> {
    let found = match &query.project {
        Some(name) => Some(project(session, caller, name).await?),
        None => None,
    };
    let policy = match (&query.policy, &found) {
        (Some(policy), _) => named_policy(session, policy).await?,
        (None, Some(project)) => policies::effective(session, project, None).await?,
        (None, None) => policies::default(session).await?,
    };
    let decisions = match &found {
        Some(project) => Decisions::of(session, project).await?,
        None => Decisions::default(),
    };
    Ok((
        found.map_or_else(String::new, |project| project.name),
        policy,
        decisions,
    ))
}
