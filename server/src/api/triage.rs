//! What people decide about findings, one by one and many at a time.

use axum::Json;
use axum::extract::{Request, State};
use policy::{Day, Justification};
use serde::{Deserialize, Serialize};
use store::findings::detail;
use store::tokens::Action;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::waivers::WaiverView;
use crate::auth::{Access, Caller, may};
use crate::decisions::triage::{self, Decision, Reach, Verdict, Versions};
use crate::extract::{Path, Payload};
use crate::problem::{Fault, Problem, ProblemDocument};
use crate::state::Service;

/// Findings that one request decides about.
const MOST_FINDINGS: usize = 500;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(one))
        .routes(routes!(comment))
        .routes(routes!(many))
}

/// A decision.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecisionBody {
    /// What is true. `not_affected`, `false_positive`, `accepted_risk` and `fix_pending` make a waiver; `affected` and
    /// `in_triage` are noted; `open` takes back what was decided.
    #[schema(inline)]
    state: Verdict,
    /// One of the five of OpenVEX, for `not_affected`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    justification: Option<Justification>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    ticket: Option<String>,
    /// The last day, for `accepted_risk` and `fix_pending`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    expires_on: Option<Day>,
    /// `project` (default) or `everywhere`.
    #[serde(default)]
    #[schema(inline)]
    scope: Reach,
    /// `affected` (default): up to the fix, or to the end of the line of versions; `exact`; `all`.
    #[serde(default)]
    #[schema(inline)]
    versions: Versions,
    /// Only for the ways to the package that are known today; a new one re-opens.
    #[serde(default)]
    these_paths: bool,
}

impl DecisionBody {
    fn decision(self) -> Decision {
        Decision {
            verdict: self.state,
            justification: self.justification,
            reason: self.reason,
            ticket: self.ticket,
            expires_on: self.expires_on,
            reach: self.scope,
            versions: self.versions,
            these_paths: self.these_paths,
            origin: "api",
        }
    }
}

/// What came of a decision.
#[derive(Debug, Serialize, ToSchema)]
struct DecidedView {
    finding: String,
    /// The waiver that was made, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<WaiverView>,
}

/// Decide about a finding
#[utoipa::path(
    post, path = "/v1/findings/{id}/triage", tag = "findings",
    params(("id" = String, Path)),
    request_body = DecisionBody,
    responses(
        (status = 200, body = DecidedView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<DecidedView>, Problem> {
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let body: DecisionBody = payload.json()?;
    Ok(Json(decide(&service, &caller, &id, &body.decision()).await?))
}

async fn decide(
    service: &Service,
    access: &Access,
    id: &str,
    decision: &Decision,
) -> Result<DecidedView, Problem> {
    let mut session = service.database.read().await?;
    let listed = detail::by_uuid(&mut session, id)
        .await?
        .filter(|listed| may(access, Action::Read, Some(listed.finding.project_id)))
        .ok_or_else(|| Problem::not_found("such finding"))?;
    drop(session);
    let decided = triage::decide(service, access, &listed, decision).await?;
    let today = Day::of(service.now());
    let waiver = decided
        .waiver
        .as_ref()
        .map(|stored| WaiverView::new(stored, &[], today));
    Ok(DecidedView {
        finding: listed.finding.uuid,
        waiver: waiver.transpose()?,
    })
}

/// A comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CommentBody {
    text: String,
}

/// Say something about a finding
#[utoipa::path(
    post, path = "/v1/findings/{id}/comments", tag = "findings",
    params(("id" = String, Path)),
    request_body = CommentBody,
    responses(
        (status = 204),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn comment(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    request: Request,
) -> Result<axum::http::StatusCode, Problem> {
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let body: CommentBody = payload.json()?;
    let mut session = service.database.read().await?;
    let found = crate::queries::findings::one(&mut session, &caller, &id).await?;
    drop(session);
    triage::comment(&service, &caller, &found.listed, &body.text).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// One decision about many findings.
#[derive(Debug, Deserialize)]
struct ManyBody {
    /// Public ids, at most 500.
    findings: Vec<String>,
    #[serde(flatten)]
    decision: serde_json::Map<String, serde_json::Value>,
}

/// What came of each.
#[derive(Debug, Default, Serialize, ToSchema)]
struct ManyView {
    decided: Vec<DecidedView>,
    refused: Vec<Refused>,
}

/// A finding about which nothing was decided.
#[derive(Debug, Serialize, ToSchema)]
struct Refused {
    finding: String,
    why: String,
}

/// Decide about many findings at once
///
/// Each is decided about for itself: what the caller may not do for one does not keep the others back, and the answer says
/// what became of each.
#[utoipa::path(
    post, path = "/v1/triage", tag = "findings",
    request_body(content = Object, description = "`findings`, a list of at most 500 ids, with the keys of a decision"),
    responses(
        (status = 200, body = ManyView),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn many(
    State(service): State<Service>,
    caller: Caller,
    request: Request,
) -> Result<Json<ManyView>, Problem> {
    caller.require_any()?;
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let body: ManyBody = payload.json()?;
    let decision: DecisionBody = serde_json::from_value(body.decision.into()).map_err(|error| {
        Problem::invalid(
            "The decision is not understood.",
            vec![Fault::at("", error.to_string())],
        )
    })?;
    let decision = decision.decision();
    if body.findings.is_empty() || body.findings.len() > MOST_FINDINGS {
        let fault = Fault::at("/findings", format!("must have 1 to {MOST_FINDINGS} ids"));
        return Err(Problem::invalid(
            "The decision is about no findings, or too many.",
            vec![fault],
        ));
    }
    let mut view = ManyView::default();
    for id in body.findings {
        match decide(&service, &caller, &id, &decision).await {
            Ok(decided) => view.decided.push(decided),
            Err(problem) => view.refused.push(Refused {
                why: problem.in_words(),
                finding: id,
            }),
        }
    }
    Ok(Json(view))
}
