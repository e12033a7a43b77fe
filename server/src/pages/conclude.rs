//! Setting the license of a package.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use clock::Timestamp;
use serde::Deserialize;
use store::db::Session;
use store::tokens::Action;
use store::{conclusions, projects};
use web::layout::{Flash, FlashKind};
use web::links;
use web::views::conclude::{Conclude, Earlier};

use super::waivers::who;
use super::{local, page, see_other};
use crate::auth::{SignedForm, Visitor};
use crate::decisions::licenses::{self as decide, Concluded};
use crate::extract::{Fields, Path, project};
use crate::place::Place;
use crate::problem::Problem;
use crate::queries::licenses::judged;
use crate::state::Service;

/// Earlier conclusions that are looked through for this package.
const MOST_EARLIER: i64 = 500;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/licenses/conclude", get(show).post(save))
        .route("/licenses/conclusions/{id}/delete", post(take_back))
}

async fn show(
    State(service): State<Service>,
    visitor: Visitor,
    mut fields: Fields,
) -> Result<Response, Problem> {
    let purl = fields
        .one("purl")?
        .ok_or_else(|| Problem::bad_parameter("purl", "says which package"))?;
    let within = fields.one("project")?;
    fields.finish()?;
    let mut session = service.database.read().await?;
    let view = Conclude {
        pattern: purl.split(['?', '#']).next().unwrap_or(&purl).to_owned(),
        everywhere: true,
        ..view(&mut session, &visitor, &purl, within).await?
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn view(
    session: &mut Session,
    visitor: &Visitor,
    purl: &str,
    within: Option<String>,
) -> Result<Conclude, Problem> {
    let stated = match &within {
        Some(name) => {
            let found = project(session, visitor, name).await?;
            visitor.require_on(Action::Triage, &found)?;
            stated(session, visitor, name, purl).await?
        }
        None => {
            visitor.require(Action::Triage)?;
            None
        }
    };
    Ok(Conclude {
        purl: purl.to_owned(),
        stated,
        project: within,
        earlier: earlier(session, visitor, purl).await?,
        ..Conclude::default()
    })
}

/// What is judged as the license of the component in the project today.
async fn stated(
    session: &mut Session,
    visitor: &Visitor,
    name: &str,
    purl: &str,
) -> Result<Option<String>, Problem> {
    let place = Place::load(session, visitor, name, None).await?;
    let components = judged(session, &place).await?.unwrap_or_default();
    let found = components
        .into_iter()
        .find(|component| component.status.purl.as_deref() == Some(purl));
    Ok(found.and_then(|component| component.status.license))
}

/// What was concluded about versions of the same package.
async fn earlier(session: &mut Session, visitor: &Visitor, purl: &str) -> Result<Vec<Earlier>, Problem> {
    let package = |purl: &str| {
        let bare = purl.split(['?', '#']).next().unwrap_or(purl);
        let at = bare
            .rfind('@')
            .filter(|at| bare.get(..*at).is_some_and(|front| !front.ends_with('/')));
        bare.get(..at.unwrap_or(bare.len())).unwrap_or(bare).to_owned()
    };
    let wanted = package(purl);
    let rows = conclusions::page(session, visitor.project, None, MOST_EARLIER).await?;
    let rows: Vec<_> = rows
        .into_iter()
        .filter(|row| package(&row.purl) == wanted)
        .collect();
    let ids: Vec<i64> = rows.iter().filter_map(|row| row.project_id).collect();
    let names = projects::names(session, &ids).await?;
    let shown = rows.into_iter().map(|row| Earlier {
        project: row.project_id.and_then(|id| names.get(&id).cloned()),
        id: row.uuid,
        purl: row.purl,
        license: row.license,
        reason: row.reason,
        author: who(&row.author),
        at: Timestamp::from_millis(row.created_at),
    });
    Ok(shown.collect())
}

#[derive(Debug, Deserialize)]
struct ConcludeForm {
    /// The component that the reader came from.
    of: String,
    #[serde(default)]
    project: Option<String>,
    #[serde(default)]
    purl: String,
    #[serde(default)]
    license: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    scope: String,
}

async fn save(State(service): State<Service>, form: SignedForm<ConcludeForm>) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    let everywhere = fields.scope == "everywhere";
    let concluded = Concluded {
        purl: &fields.purl,
        license: &fields.license,
        reason: &fields.reason,
        project: fields.project.as_deref().filter(|_| !everywhere),
    };
    match decide::conclude(&service, &visitor, &concluded).await {
        Ok(stored) => {
            let back = match &fields.project {
                Some(project) => format!("{}/licenses", links::project(project)),
                None => "/licenses".to_owned(),
            };
            let flash = Flash {
                kind: FlashKind::Done,
                text: format!(
                    "{} counts as {}. What holds it is judged again.",
                    stored.purl, stored.license
                ),
            };
            Ok(see_other(&service.settings, &back, Some(&flash)))
        }
        Err(problem) if problem.status.is_client_error() && !problem.errors.is_empty() => {
            let mut session = service.database.read().await?;
            let of = fields.of.clone();
            let view = Conclude {
                pattern: fields.purl,
                license: fields.license,
                reason: fields.reason,
                everywhere,
                errors: errors(&problem),
                ..view(&mut session, &visitor, &of, fields.project).await?
            };
            let mut response = page(&service.settings, view.render(&visitor.shell));
            *response.status_mut() = problem.status;
            Ok(response)
        }
        Err(problem) => Err(problem),
    }
}

/// Each error with the id of its field.
fn errors(problem: &Problem) -> Vec<(String, String)> {
    let field = |fault: &crate::problem::Fault| {
        let pointer = fault.pointer.as_deref().unwrap_or("/license");
        pointer.trim_start_matches('/').to_owned()
    };
    problem
        .errors
        .iter()
        .map(|fault| (field(fault), fault.detail.clone()))
        .collect()
}

#[derive(Debug, Deserialize)]
struct BackForm {
    #[serde(default)]
    back: String,
}

async fn take_back(
    State(service): State<Service>,
    Path(id): Path<String>,
    form: SignedForm<BackForm>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    decide::take_back(&service, &visitor, &id).await?;
    let flash = Flash {
        kind: FlashKind::Done,
        text: "It no longer counts. What holds the package is judged again.".to_owned(),
    };
    Ok(see_other(&service.settings, local(&fields.back), Some(&flash)))
}
