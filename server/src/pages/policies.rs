//! Policies: the list, one with its editor, and a draft that is tried.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use clock::Timestamp;
use policy::{Draft, Notation, Policy as Document};
use serde::Deserialize;
use serde_json::Value;
use store::db::Session;
use store::policies::{self, StoredPolicy, teams};
use store::tokens::Action;
use web::layout::{Flash, FlashKind};
use web::links;
use web::views::policies::{Policies, PolicyRow};
use web::views::policy::{Fault, Policy, Simulation, TrialRow};

use super::waivers::who;
use super::{page, see_other};
use crate::auth::{SignedForm, Visitor, may};
use crate::decisions::policies::{Save, chain, effective, save};
use crate::decisions::simulation::{self, PROJECTS, Tried};
use crate::extract::{Fields, Path};
use crate::names;
use crate::place::unsigned;
use crate::problem::Problem;
use crate::state::Service;

/// Policies that the page lists.
const MOST_POLICIES: i64 = 200;
/// Revisions that the page of one lists.
const MOST_REVISIONS: i64 = 50;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/policies", get(list))
        .route("/policies/new", get(fresh))
        .route("/policies/{name}", get(one).post(keep))
        .route("/policies/{name}/try", post(attempt).get(back))
}

async fn list(State(service): State<Service>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.require_any()?;
    let mut session = service.database.read().await?;
    let stored = policies::page(&mut session, None, MOST_POLICIES).await?;
    let mut rows: Vec<PolicyRow> = stored.iter().map(row).collect();
    if !rows.iter().any(|row| row.name == policies::DEFAULT) {
        rows.insert(0, built_in());
    }
    let view = Policies {
        rows,
        teams: teams::all(&mut session).await?,
        may_edit: may(&visitor, Action::Admin, None),
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

fn row(stored: &StoredPolicy) -> PolicyRow {
    PolicyRow {
        name: stored.name.clone(),
        revision: unsigned(stored.revision),
        extends: stored.extends.clone(),
        reason: stored.reason.clone(),
        author: who(&stored.author),
        changed_at: Some(Timestamp::from_millis(stored.created_at)),
    }
}

fn built_in() -> PolicyRow {
    PolicyRow {
        name: policies::DEFAULT.to_owned(),
        revision: 0,
        extends: None,
        reason: "What holds until a policy named default is saved".to_owned(),
        author: "Plumbline".to_owned(),
        changed_at: None,
    }
}

/// From the form that asks for a name to the page of that name.
async fn fresh(visitor: Visitor, mut fields: Fields) -> Result<Response, Problem> {
    visitor.require(Action::Admin)?;
    let name = fields.one("name")?.unwrap_or_default();
    fields.finish()?;
    let name = name.trim();
    names::plain(name).map_err(|why| Problem::bad_parameter("name", why))?;
    Ok(Redirect::to(&links::policy(name)).into_response())
}

/// A reader who comes back to the address of a trial.
async fn back(_: Visitor, Path(name): Path<String>) -> Response {
    Redirect::to(&links::policy(&name)).into_response()
}

async fn one(
    State(service): State<Service>,
    visitor: Visitor,
    Path(name): Path<String>,
    mut fields: Fields,
) -> Result<Response, Problem> {
    visitor.require_any()?;
    names::plain(&name).map_err(|_| Problem::not_found("such policy"))?;
    let revision = fields.number("revision")?;
    fields.finish()?;
    let mut session = service.database.read().await?;
    let stored = match revision.filter(|revision| *revision > 0) {
        Some(revision) => {
            let stored = policies::revision(&mut session, &name, revision).await?;
            Some(stored.ok_or_else(|| Problem::not_found("such revision"))?)
        }
        None => policies::by_name(&mut session, &name).await?,
    };
    let view = view(&mut session, &visitor, &name, stored.as_ref()).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// The page of a name, whether it is stored or not.
async fn view(
    session: &mut Session,
    visitor: &Visitor,
    name: &str,
    stored: Option<&StoredPolicy>,
) -> Result<Policy, Problem> {
    let may_edit = may(visitor, Action::Admin, None);
    if stored.is_none() && name != policies::DEFAULT && !may_edit {
        return Err(Problem::not_found("such policy"));
    }
    let judging = match stored {
        Some(stored) => Some(policies::judged_by(session, stored).await?.policy),
        None if name == policies::DEFAULT => Some(Document::default()),
        None => None,
    };
    let revisions = policies::revisions(session, name, None, MOST_REVISIONS).await?;
    let newest = match policies::by_name(session, name).await? {
        Some(newest) => Some(row(&newest)),
        None if name == policies::DEFAULT => Some(built_in()),
        None => None,
    };
    Ok(Policy {
        row: newest,
        name: name.to_owned(),
        text: stored.map_or_else(|| starter(name), written),
        reason: String::new(),
        errors: Vec::new(),
        rules: judging.as_ref().map(rules).unwrap_or_default(),
        digest: judging.as_ref().map(Document::digest).unwrap_or_default(),
        revisions: revisions.iter().map(row).collect(),
        trial: None,
        may_edit,
    })
}

/// The text as its author wrote it; the whole document where only that was kept.
fn written(stored: &StoredPolicy) -> String {
    if let Some(source) = &stored.source {
        return source.clone();
    }
    let value: Option<Value> = serde_json::from_str(&stored.document).ok();
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    pretty.unwrap_or_else(|| stored.document.clone())
}

/// What stands in the editor of a policy that is not there yet.
fn starter(name: &str) -> String {
    if name == policies::DEFAULT {
        return "# Leave out what should stay at its default.\n\n[vulnerability]\nfail_at = \"high\"\n"
            .to_owned();
    }
    "# Keys that differ from the policy of the organisation.\nextends = \"organisation\"\n\n[vulnerability]\nfail_at = \"critical\"\n".to_owned()
}

/// Section, key and value of everything that a policy says.
fn rules(policy: &Document) -> Vec<(String, String, String)> {
    let Ok(Value::Object(sections)) = serde_json::to_value(policy) else {
        return Vec::new();
    };
    let mut rules = Vec::new();
    for (section, keys) in sections {
        if let Value::Object(keys) = keys {
            for (key, value) in keys {
                rules.push((section.clone(), key, shown(&value)));
            }
        }
    }
    rules
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(keys) if keys.is_empty() => "none".to_owned(),
        Value::Object(keys) => {
            let pairs = keys.iter().map(|(key, value)| format!("{key} {}", shown(value)));
            pairs.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[derive(Debug, Deserialize)]
struct PolicyForm {
    #[serde(default)]
    text: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    seen: i64,
}

async fn keep(
    State(service): State<Service>,
    Path(name): Path<String>,
    form: SignedForm<PolicyForm>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    let text = plain_lines(&fields.text);
    let asked = Save {
        name: &name,
        text: &text,
        notation: Notation::of(&text),
        reason: &fields.reason,
        seen: fields.seen,
    };
    match save(&service, &visitor, &asked).await {
        Ok(stored) => {
            let flash = Flash {
                kind: FlashKind::Done,
                text: format!(
                    "Saved as revision {}. Projects under it are judged again.",
                    stored.revision
                ),
            };
            Ok(see_other(&service.settings, &links::policy(&name), Some(&flash)))
        }
        Err(problem) if problem.status.is_client_error() => {
            shown_again(&service, &visitor, &name, &fields, &text, &problem).await
        }
        Err(problem) => Err(problem),
    }
}

/// Browsers send line ends as two characters.
fn plain_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

async fn shown_again(
    service: &Service,
    visitor: &Visitor,
    name: &str,
    form: &PolicyForm,
    text: &str,
    problem: &Problem,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let stored = policies::by_name(&mut session, name).await?;
    let view = Policy {
        text: text.to_owned(),
        reason: form.reason.clone(),
        errors: faults(problem),
        ..view(&mut session, visitor, name, stored.as_ref()).await?
    };
    let mut response = page(&service.settings, view.render(&visitor.shell));
    *response.status_mut() = problem.status;
    Ok(response)
}

fn faults(problem: &Problem) -> Vec<Fault> {
    if problem.errors.is_empty() {
        return vec![Fault {
            place: String::new(),
            message: problem.detail.clone(),
        }];
    }
    let fault = |fault: &crate::problem::Fault| Fault {
        place: fault
            .pointer
            .clone()
            .or_else(|| fault.line.clone())
            .or_else(|| fault.parameter.clone())
            .unwrap_or_default(),
        message: fault.detail.clone(),
    };
    problem.errors.iter().map(fault).collect()
}

async fn attempt(
    State(service): State<Service>,
    Path(name): Path<String>,
    form: SignedForm<PolicyForm>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    names::plain(&name).map_err(|_| Problem::not_found("such policy"))?;
    let text = plain_lines(&fields.text);
    let tried = match tried(&service, &name, &text).await {
        Ok(tried) => tried,
        Err(problem) if problem.status.is_client_error() => {
            return shown_again(&service, &visitor, &name, &fields, &text, &problem).await;
        }
        Err(problem) => return Err(problem),
    };
    let simulation = simulation::simulate(&service, &visitor, &tried, &[], PROJECTS).await?;
    let mut session = service.database.read().await?;
    let stored = policies::by_name(&mut session, &name).await?;
    let view = Policy {
        text,
        reason: fields.reason,
        rules: rules(&tried.policy),
        digest: tried.policy.digest(),
        trial: Some(trial(simulation)),
        ..view(&mut session, &visitor, &name, stored.as_ref()).await?
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn tried(service: &Service, name: &str, text: &str) -> Result<Tried, Problem> {
    let draft =
        Draft::read(text, Notation::of(text)).map_err(|error| crate::api::policies::invalid(&error))?;
    let mut session = service.database.read().await?;
    let chain = chain(&mut session, name, &draft).await?;
    Ok(Tried {
        policy: effective(&mut session, name, &draft).await?,
        extends: chain.iter().map(policies::Ancestor::reference).collect(),
        name: name.to_owned(),
        revision: 0,
    })
}

fn trial(simulation: simulation::Simulation) -> Simulation {
    use policy::Outcome;
    let bad = |outcome| matches!(outcome, Outcome::Fail | Outcome::Indeterminate);
    let green = simulation
        .trials
        .iter()
        .filter(|trial| bad(trial.now) && !bad(trial.then))
        .count();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Simulation {
        turn_red: count(simulation.turning(Outcome::Fail)),
        turn_green: count(green),
        more: simulation.more,
        rows: simulation
            .trials
            .into_iter()
            .map(|trial| TrialRow {
                project: trial.project,
                build: unsigned(trial.build),
                now: trial.now,
                then: trial.then,
                reasons: trial.reasons,
            })
            .collect(),
    }
}
