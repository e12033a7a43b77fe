//! VEX documents of a project: given with a form, listed, taken back.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use clock::Timestamp;
use policy::DecisionState;
use serde::Deserialize;
use store::statements::{self, VexDocument};
use store::tokens::Action;
use web::layout::{Flash, FlashKind};
use web::views::vex::{Applied, DocumentRow, Given, Ignored, Vex};

use super::waivers::who;
use super::{below_project, page, see_other};
use crate::auth::{Access, Pairs, SignedForm, Visitor, may};
use crate::decisions::vex::{VexReport, forget, import};
use crate::documents;
use crate::extract::{Paging, Path, ProjectName, Query, project};
use crate::place::{Place, unsigned};
use crate::problem::Problem;
use crate::state::Service;

/// Lines of a report on the page.
const MOST_LINES: usize = 200;

pub(crate) fn routes() -> Router<Service> {
    below_project("/vex", &get(list).post(give)).merge(below_project("/vex/{id}/delete", &post(delete)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    /// Links between pages of the project carry it; documents hold for all refs.
    #[serde(rename = "ref")]
    reference: Option<String>,
    cursor: Option<String>,
}

async fn list(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let view = view(&service, &visitor, &name, &asked).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn view(service: &Service, access: &Access, name: &str, asked: &Asked) -> Result<Vex, Problem> {
    let paging = Paging::<i64>::new(asked.cursor.as_deref(), None)?;
    let mut session = service.database.read().await?;
    let place = Place::load(&mut session, access, name, asked.reference.as_deref()).await?;
    let mut rows = statements::documents(&mut session, place.project.id, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |row| row.id);
    let header = place.header(&mut session).await?;
    let below = format!("{}/vex", web::links::project(&header.name));
    Ok(Vex {
        header,
        rows: rows.into_iter().map(row).collect(),
        next: next.map(|next| format!("{below}?cursor={next}")),
        may_give: may(access, Action::Triage, Some(place.project.id)),
        ..Vex::default()
    })
}

fn row(document: VexDocument) -> DocumentRow {
    DocumentRow {
        id: document.uuid,
        format: document.format,
        identifier: document.identifier,
        author: document.author,
        statements: unsigned(document.statements),
        by: who(&document.actor),
        at: Timestamp::from_millis(document.created_at),
    }
}

async fn give(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    request: Request,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let found = project(&mut session, &visitor, &name).await?;
    visitor.require_on(Action::Triage, &found)?;
    drop(session);
    let given = match documents::of_form(&service, request).await {
        Ok((document, form)) => {
            visitor.check(form.field("csrf"))?;
            import(&service, &visitor, &found, document.bytes.to_vec()).await
        }
        Err(problem) => Err(problem),
    };
    let view = view(&service, &visitor, &name, &Asked::default()).await?;
    let view = match given {
        Ok(report) => Vex {
            report: Some(shown(report)),
            ..view
        },
        Err(problem) if problem.status.is_client_error() && problem.slug != "forbidden" => Vex {
            error: Some(problem.in_words()),
            ..view
        },
        Err(problem) => return Err(problem),
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

fn shown(report: VexReport) -> Given {
    let count = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
    let over = |lines: usize| lines.saturating_sub(MOST_LINES);
    let cut = over(report.applied.len()) + over(report.ignored.len());
    Given {
        format: report.format,
        author: report.author,
        statements: count(report.statements),
        more: count(report.more.unwrap_or(0) + cut),
        applied: report
            .applied
            .into_iter()
            .take(MOST_LINES)
            .map(|line| Applied {
                vulnerability: line.vulnerability,
                state: state_words(line.state).to_owned(),
                findings: count(line.findings.len()),
                suppresses: line.suppresses,
            })
            .collect(),
        ignored: report
            .ignored
            .into_iter()
            .take(MOST_LINES)
            .map(|line| Ignored {
                place: line.statement,
                vulnerability: line.vulnerability,
                why: line.why,
                kept: line.kept,
            })
            .collect(),
    }
}

const fn state_words(state: DecisionState) -> &'static str {
    match state {
        DecisionState::AcceptedRisk => "tolerated",
        DecisionState::FixPending => "a fix is on its way",
        DecisionState::NotAffected => "not affected",
        DecisionState::FalsePositive => "false positive",
        DecisionState::Fixed => "fixed",
        DecisionState::Affected => "affected",
        DecisionState::UnderInvestigation => "being looked into",
    }
}

/// The other part of the path.
#[derive(Deserialize)]
struct Document {
    id: String,
}

async fn delete(
    State(service): State<Service>,
    ProjectName(name): ProjectName,
    Path(Document { id }): Path<Document>,
    form: SignedForm<Pairs>,
) -> Result<Response, Problem> {
    forget(&service, &form.visitor, &id).await?;
    let flash = Flash {
        kind: FlashKind::Done,
        text: "The document is taken back; its statements no longer count.".to_owned(),
    };
    let to = format!("{}/vex", web::links::project(&name));
    Ok(see_other(&service.settings, &to, Some(&flash)))
}
