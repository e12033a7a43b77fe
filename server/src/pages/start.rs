//! The first upload, step by step: a project, a token, a snippet.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use store::builds;
use store::db::{Session, Tx};
use store::projects::{self, NewProject, Project};
use store::tokens::{Action, NewToken};
use web::views::list::Choice;
use web::views::start::Start;

use super::page;
use crate::auth::{SignedForm, Visitor};
use crate::decisions::tokens::make as make_token;
use crate::extract::Query;
use crate::names;
use crate::problem::Problem;
use crate::state::Service;

const TOKEN_VARIABLE: &str = "PLUMBLINE_TOKEN";
/// How long the token in a CI system is good for.
const TOKEN_DAYS: i64 = 365;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/start", get(show))
        .route("/start/token", post(token))
}

#[derive(Deserialize)]
struct StartQuery {
    #[serde(default)]
    project: String,
}

async fn show(
    State(service): State<Service>,
    visitor: Visitor,
    Query(query): Query<StartQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let view = view(&service, &mut session, &headers, query.project.trim()).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// The page for this project; a name that cannot be one is said to be wrong.
async fn view(
    service: &Service,
    session: &mut Session,
    headers: &HeaderMap,
    project: &str,
) -> Result<Start, Problem> {
    let error = match names::project(project) {
        Err(why) if !project.is_empty() => Some(sentence(&why)),
        _ => None,
    };
    let known = projects::find(session, project).await?;
    let newest = match &known {
        Some(project) => builds::page(session, project.id, None, None, 1).await?,
        None => Vec::new(),
    };
    let teams = projects::teams(session).await?;
    Ok(Start {
        host: host(service, headers),
        project: if error.is_none() {
            project.to_owned()
        } else {
            String::new()
        },
        teams: teams.iter().map(|team| Choice::new(team, team, false)).collect(),
        fresh_token: None,
        token_variable: TOKEN_VARIABLE.to_owned(),
        error,
        arrived: newest.first().and_then(|build| u64::try_from(build.number).ok()),
    })
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(letters).chain(['.']).collect()
}

/// Where people reach the service: as the operator says, else as this browser did.
pub(super) fn host(service: &Service, headers: &HeaderMap) -> String {
    if let Some(url) = &service.settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let scheme = if service.settings.secure_cookies {
        "https"
    } else {
        "http"
    };
    format!("{scheme}://{}", host.unwrap_or("localhost"))
}

#[derive(Deserialize)]
struct TokenForm {
    project: String,
}

/// Makes the project where it is new, and a token that may upload to it and nothing else. It is shown on the answer
/// itself and nowhere after.
async fn token(
    State(service): State<Service>,
    headers: HeaderMap,
    form: SignedForm<TokenForm>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    let name = fields.project.trim();
    names::project(name).map_err(|why| Problem::invalid(sentence(&why), Vec::new()))?;
    let mut tx = service.database.begin().await?;
    let text = token_for(&service, &mut tx, &visitor, name).await?;
    tx.commit().await?;
    let mut session = service.database.read().await?;
    let view = Start {
        fresh_token: Some(text),
        ..view(&service, &mut session, &headers, name).await?
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn token_for(service: &Service, tx: &mut Tx, visitor: &Visitor, name: &str) -> Result<String, Problem> {
    let now = service.now();
    let project = ensure(tx, name, now).await?;
    visitor.require_on(Action::Admin, &project)?;
    let label = format!("ci-{}", name.replace('/', "-"));
    let new = NewToken {
        name: &label,
        project_id: Some(project.id),
        actions: &[Action::Read, Action::Upload],
        created_by: &visitor.actor,
        expires_at: Some(now.plus_days(TOKEN_DAYS)),
    };
    let (_, text) = make_token(tx, visitor, &new, now).await?;
    Ok(text)
}

async fn ensure(tx: &mut Tx, name: &str, now: clock::Timestamp) -> Result<Project, Problem> {
    if let Some(project) = projects::find(tx, name).await? {
        return Ok(project);
    }
    let new = NewProject {
        name: name.to_owned(),
        default_ref: "main".to_owned(),
        ..NewProject::default()
    };
    projects::create(tx, &new, now)
        .await?
        .ok_or_else(|| Problem::conflict("Somebody else has just made it; try again."))
}
