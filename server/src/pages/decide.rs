//! The forms of a finding: a decision, a comment.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use policy::{DecisionState, Finding as Facts, Justification};
use serde::Deserialize;
use store::tokens::Action;
use web::layout::{Flash, FlashKind};
use web::links;
use web::views::finding::{DecideForm, Decided, justification_words};

use super::see_other;
use super::waivers::{day, who};
use crate::auth::{Access, Pairs, SignedForm, may};
use crate::decisions::triage::{self, Decision, Reach, Verdict, Versions, pattern, proposed_days};
use crate::extract::Path;
use crate::problem::Problem;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/findings/{id}/decision", post(decide))
        .route("/findings/{id}/comment", post(comment))
}

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct DecisionForm {
    #[serde(default)]
    state: String,
    #[serde(default)]
    justification: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    versions: String,
    #[serde(default)]
    these_paths: Option<String>,
}

impl DecisionForm {
    /// The decision about many findings: for each within its own project, up to its own fix.
    pub(super) fn of(fields: &Pairs) -> Self {
        let field = |name: &str| fields.one(name).to_owned();
        Self {
            state: field("state"),
            justification: field("justification"),
            reason: field("reason"),
            until: field("until"),
            ..Self::default()
        }
    }
}

async fn decide(
    State(service): State<Service>,
    Path(id): Path<String>,
    form: SignedForm<DecisionForm>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    let mut session = service.database.read().await?;
    let detail = crate::queries::findings::one(&mut session, &visitor, &id).await?;
    drop(session);
    let done = match decision(&fields) {
        Ok(decision) => triage::decide(&service, &visitor, &detail.listed, &decision).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(decided) => {
            let waits = decided.waiver.is_some_and(|waiver| waiver.state == "pending");
            let text = if waits {
                "Kept. It waits for the approval of a second person."
            } else {
                "Kept. The builds that it concerns are judged again."
            };
            let flash = Flash {
                kind: FlashKind::Done,
                text: text.to_owned(),
            };
            Ok(see_other(&service.settings, &links::finding(&id), Some(&flash)))
        }
        Err(problem) if problem.status.is_client_error() => {
            super::finding::refused(&service, &visitor, detail, &fields, &problem).await
        }
        Err(problem) => Err(problem),
    }
}

pub(super) fn decision(form: &DecisionForm) -> Result<Decision, Problem> {
    let verdict = match form.state.as_str() {
        "affected" => Verdict::Affected,
        "in_triage" => Verdict::InTriage,
        "not_affected" => Verdict::NotAffected,
        "false_positive" => Verdict::FalsePositive,
        "accepted_risk" => Verdict::AcceptedRisk,
        "fix_pending" => Verdict::FixPending,
        "open" => Verdict::Open,
        _ => {
            return Err(Problem::invalid(
                "Choose what is true.",
                vec![fault("/state", "Choose what is true.")],
            ));
        }
    };
    let tolerated = matches!(verdict, Verdict::AcceptedRisk | Verdict::FixPending);
    Ok(Decision {
        verdict,
        justification: justification(&form.justification),
        reason: form.reason.clone(),
        ticket: None,
        expires_on: if tolerated { day(&form.until)? } else { None },
        reach: if form.scope == "everywhere" {
            Reach::Everywhere
        } else {
            Reach::Project
        },
        versions: match form.versions.as_str() {
            "exact" => Versions::Exact,
            "all" => Versions::All,
            _ => Versions::Affected,
        },
        these_paths: form.these_paths.is_some(),
        origin: "page",
    })
}

fn fault(place: &str, detail: &str) -> crate::problem::Fault {
    crate::problem::Fault::at(place, detail)
}

fn justification(word: &str) -> Option<Justification> {
    inventory::statements::Justification::read(word).map(Justification::from)
}

/// The form as it is first shown, or as it was sent.
pub(super) fn form(
    access: &Access,
    project: i64,
    facts: &Facts,
    now: clock::Timestamp,
    sent: Option<(&DecisionForm, &Problem)>,
) -> Option<DecideForm> {
    if !may(access, Action::Triage, Some(project)) {
        return None;
    }
    let until = policy::Day::of(now.plus_days(proposed_days(facts.severity.level)));
    let patterns = [
        ("affected", Versions::Affected),
        ("exact", Versions::Exact),
        ("all", Versions::All),
    ];
    let empty = DecideForm {
        until: until.to_string(),
        versions: "affected".to_owned(),
        patterns: patterns
            .map(|(word, versions)| (word.to_owned(), pattern(facts, versions)))
            .to_vec(),
        ..DecideForm::default()
    };
    let Some((form, problem)) = sent else {
        return Some(empty);
    };
    Some(DecideForm {
        errors: errors(problem),
        state: form.state.clone(),
        justification: form.justification.clone(),
        reason: form.reason.clone(),
        until: form.until.clone(),
        everywhere: form.scope == "everywhere",
        versions: form.versions.clone(),
        these_paths: form.these_paths.is_some(),
        ..empty
    })
}

/// Each error with the id of its field.
fn errors(problem: &Problem) -> Vec<(String, String)> {
    if problem.errors.is_empty() {
        return vec![("state".to_owned(), problem.detail.clone())];
    }
    let field = |fault: &crate::problem::Fault| match fault.pointer.as_deref() {
        Some("/expires_on") => "until",
        Some("/reason") => "reason",
        Some("/justification") => "justification",
        Some("/purl") => "versions",
        _ => "state",
    };
    problem
        .errors
        .iter()
        .map(|fault| (field(fault).to_owned(), web::text::capitalized(&fault.detail)))
        .collect()
}

/// What holds of the finding today.
pub(super) fn decided(facts: &Facts) -> Option<Decided> {
    let decision = facts.decision.as_ref()?;
    let until = decision
        .until
        .map(|day| format!(" until {day}"))
        .unwrap_or_default();
    let words = match decision.state {
        DecisionState::AcceptedRisk => "tolerated",
        DecisionState::FixPending => "tolerated, a fix is on its way",
        DecisionState::NotAffected => "not affected",
        DecisionState::FalsePositive => "false positive",
        DecisionState::Fixed => "fixed",
        DecisionState::Affected => "affected, will be fixed",
        DecisionState::UnderInvestigation => "in triage",
    };
    let (kind, name) = decision.source.split_once(':').unwrap_or(("", &decision.source));
    Some(Decided {
        words: format!("{words}{until}"),
        justification: decision
            .justification
            .map(|why| justification_words(why).to_owned()),
        reason: decision.reason.clone(),
        who: match kind {
            "vex" if name == "sbom" => "the SBOM itself (VEX)".to_owned(),
            "vex" => format!("{name} (VEX)"),
            "triage" => who(name),
            _ => "a waiver".to_owned(),
        },
        waiver: (kind == "waiver").then(|| name.to_owned()),
        at: decision.at,
    })
}

#[derive(Debug, Deserialize)]
struct CommentForm {
    #[serde(default)]
    text: String,
}

async fn comment(
    State(service): State<Service>,
    Path(id): Path<String>,
    form: SignedForm<CommentForm>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    let mut session = service.database.read().await?;
    let detail = crate::queries::findings::one(&mut session, &visitor, &id).await?;
    drop(session);
    let said = triage::comment(&service, &visitor, &detail.listed, &fields.text).await;
    let flash = match said {
        Ok(()) => Flash {
            kind: FlashKind::Done,
            text: "Your comment stands in the history.".to_owned(),
        },
        Err(problem) if problem.status.is_client_error() => Flash {
            kind: FlashKind::Failed,
            text: problem.in_words(),
        },
        Err(problem) => return Err(problem),
    };
    Ok(see_other(&service.settings, &links::finding(&id), Some(&flash)))
}
