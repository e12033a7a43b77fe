//! One decision about many findings, from the boxes of a list.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use web::layout::{Flash, FlashKind};
use web::text;

use super::decide::{DecisionForm, decision};
use super::{local, see_other};
use crate::auth::{Access, Pairs, SignedForm};
use crate::decisions::triage::{self, Decision};
use crate::problem::Problem;
use crate::state::Service;

/// More than a page of any list shows.
const MOST: usize = 200;
/// Letters of the answer.
const LONGEST: usize = 600;
/// Reasons of refusals that are said.
const REASONS: usize = 2;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/findings/triage", post(many))
}

async fn many(State(service): State<Service>, form: SignedForm<Pairs>) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    let ids = fields.many("finding");
    let back = fields.given("back");
    let back = local(back.as_deref().unwrap_or("/findings")).to_owned();
    let flash = match decision(&DecisionForm::of(&fields)) {
        _ if ids.is_empty() => failed("Nothing is selected: tick the boxes of the findings first."),
        _ if ids.len() > MOST => failed(&format!("At most {MOST} findings are decided about at once.")),
        Ok(decision) => decide(&service, &visitor, &ids, &decision).await?,
        Err(problem) => failed(&problem.in_words()),
    };
    Ok(see_other(&service.settings, &back, Some(&flash)))
}

/// What is said travels in a cookie, which is small.
fn failed(text: &str) -> Flash {
    Flash {
        kind: FlashKind::Failed,
        text: text.chars().take(LONGEST).collect(),
    }
}

/// Each is decided about for itself, as if it were the only one.
async fn decide(
    service: &Service,
    access: &Access,
    ids: &[String],
    decision: &Decision,
) -> Result<Flash, Problem> {
    let mut decided = 0_u64;
    let mut refused: Vec<String> = Vec::new();
    for id in ids {
        match one(service, access, id, decision).await {
            Ok(()) => decided += 1,
            Err(problem) if problem.status.is_client_error() => refused.push(problem.in_words()),
            Err(problem) => return Err(problem),
        }
    }
    let said = format!("Decided about {}.", text::plural(decided, "finding"));
    if refused.is_empty() {
        return Ok(Flash {
            kind: FlashKind::Done,
            text: said,
        });
    }
    let count = text::plural(u64::try_from(refused.len()).unwrap_or(u64::MAX), "finding");
    refused.sort_unstable();
    refused.dedup();
    refused.truncate(REASONS);
    Ok(failed(&format!(
        "{said} Not about {count}: {}",
        refused.join(" ")
    )))
}

async fn one(service: &Service, access: &Access, id: &str, decision: &Decision) -> Result<(), Problem> {
    let mut session = service.database.read().await?;
    let detail = crate::queries::findings::one(&mut session, access, id).await?;
    drop(session);
    triage::decide(service, access, &detail.listed, decision)
        .await
        .map(|_| ())
}
