//! Tokens: all of them, another one, and the end of one.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use clock::Timestamp;
use store::projects;
use store::tokens::{self, Action, Token};
use web::views::settings::tokens::{Standing, TokenForm, TokenRow, Tokens, action_boxes};

use super::super::page;
use super::super::waivers::who;
use super::{done, faults};
use crate::auth::{Pairs, SignedForm, Visitor};
use crate::decisions::tokens::{self as decide, Asked, DEFAULT_DAYS};
use crate::extract::{Fields, Paging, Path};
use crate::problem::Problem;
use crate::state::Service;

/// A token that ends within so many days is said to end soon.
const ENDING_DAYS: i64 = 14;

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/settings/tokens", get(list).post(create))
        .route("/settings/tokens/{id}/revoke", post(revoke))
}

async fn list(
    State(service): State<Service>,
    visitor: Visitor,
    mut fields: Fields,
) -> Result<Response, Problem> {
    visitor.require(Action::Admin)?;
    let paging = Paging::<i64>::new(fields.one("cursor")?.as_deref(), fields.number("limit")?)?;
    fields.finish()?;
    let view = view(&service, &paging, first_form()).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

fn first_form() -> TokenForm {
    TokenForm {
        actions: action_boxes(&[]),
        days: DEFAULT_DAYS.to_string(),
        ..TokenForm::default()
    }
}

async fn view(service: &Service, paging: &Paging<i64>, form: TokenForm) -> Result<Tokens, Problem> {
    let now = service.now();
    let mut session = service.database.read().await?;
    let mut rows = tokens::list(&mut session, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |token| token.id);
    let ids: Vec<i64> = rows.iter().filter_map(|token| token.project_id).collect();
    let names = projects::names(&mut session, &ids).await?;
    let row = |token: Token| {
        let project = token.project_id.and_then(|id| names.get(&id).cloned());
        row(token, project, now)
    };
    Ok(Tokens {
        rows: rows.into_iter().map(row).collect(),
        next: next.map(|next| format!("/settings/tokens?cursor={next}")),
        form,
        ..Tokens::default()
    })
}

fn row(token: Token, project: Option<String>, now: Timestamp) -> TokenRow {
    let words: Vec<&str> = token.action_list().into_iter().map(Action::word).collect();
    TokenRow {
        standing: standing(&token, now),
        actions: words.join(", "),
        by: who(&token.created_by),
        created_at: Timestamp::from_millis(token.created_at),
        expires_at: token.expires_at.map(Timestamp::from_millis),
        used_at: token.last_used_at.map(Timestamp::from_millis),
        id: token.uuid,
        name: token.name,
        prefix: token.prefix,
        project,
    }
}

fn standing(token: &Token, now: Timestamp) -> Standing {
    let soon = now.plus_days(ENDING_DAYS).millis();
    if token.revoked_at.is_some() {
        Standing::Revoked
    } else if !token.is_good(now) {
        Standing::Expired
    } else if token.expires_at.is_some_and(|expiry| expiry < soon) {
        Standing::Ending
    } else {
        Standing::Good
    }
}

/// The token is shown on the answer itself and nowhere after.
async fn create(State(service): State<Service>, form: SignedForm<Pairs>) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    visitor.require(Action::Admin)?;
    let chosen = fields.many("action");
    let asked = Asked {
        name: fields.one("name").to_owned(),
        project: fields.given("project"),
        actions: chosen.iter().filter_map(|word| Action::from_word(word)).collect(),
        days: fields.one("days").parse().unwrap_or(0),
    };
    let paging = Paging::<i64>::new(None, None)?;
    let made = decide::create(&service, &visitor, &asked).await;
    let view = match made {
        Ok(made) => Tokens {
            fresh: Some((made.token.name, made.text)),
            ..view(&service, &paging, first_form()).await?
        },
        Err(problem) => {
            let form = TokenForm {
                name: asked.name,
                project: asked.project.unwrap_or_default(),
                actions: action_boxes(&chosen),
                days: fields.one("days").to_owned(),
            };
            Tokens {
                faults: faults(problem, field)?,
                ..view(&service, &paging, form).await?
            }
        }
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

fn field(pointer: &str) -> &'static str {
    match pointer {
        "/name" => "name",
        "/actions" => "actions",
        "/expires_in_days" => "days",
        // A project that is not there is a problem without a place.
        _ => "project",
    }
}

async fn revoke(
    State(service): State<Service>,
    Path(id): Path<String>,
    form: SignedForm<Pairs>,
) -> Result<Response, Problem> {
    let name = decide::revoke(&service, &form.visitor, &id, None).await?;
    let text = format!("The token {name} is ended: it lets nobody in any more.");
    Ok(done(&service, "/settings/tokens", text))
}
