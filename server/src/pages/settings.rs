//! Settings: for administrators only.

mod about;
mod people;
mod sla;
mod tokens;
mod webhooks;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use web::layout::{Flash, FlashKind};
use web::views::settings::Faults;

use super::see_other;
use crate::problem::Problem;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/settings", get(first))
        .merge(about::routes())
        .merge(people::routes())
        .merge(sla::routes())
        .merge(tokens::routes())
        .merge(webhooks::routes())
}

async fn first(State(service): State<Service>) -> Response {
    see_other(&service.settings, "/settings/tokens", None)
}

/// To a page of the settings, which says that it was done.
fn done(service: &Service, to: &str, text: String) -> Response {
    let flash = Flash {
        kind: FlashKind::Done,
        text,
    };
    see_other(&service.settings, to, Some(&flash))
}

/// To a page of the settings, which says why it was not done; what is our defect stays a problem.
fn not_done(service: &Service, to: &str, problem: Problem) -> Result<Response, Problem> {
    if !problem.status.is_client_error() || problem.slug == "not-found" || problem.slug == "forbidden" {
        return Err(problem);
    }
    let flash = Flash {
        kind: FlashKind::Failed,
        text: problem.in_words(),
    };
    Ok(see_other(&service.settings, to, Some(&flash)))
}

/// What is wrong with a form, by the ids of its fields; `field` names the field of a JSON pointer. A problem that no
/// form can mend stays one.
fn faults(problem: Problem, field: fn(&str) -> &'static str) -> Result<Faults, Problem> {
    if !problem.status.is_client_error() || problem.slug == "forbidden" {
        return Err(problem);
    }
    if problem.errors.is_empty() {
        return Ok(Faults(vec![(field("").to_owned(), problem.detail)]));
    }
    let each = problem.errors.iter().map(|fault| {
        let pointer = fault.pointer.as_deref().unwrap_or_default();
        (field(pointer).to_owned(), sentence(&fault.detail))
    });
    Ok(Faults(each.collect()))
}

fn sentence(text: &str) -> String {
    format!("{}.", web::text::capitalized(text.trim_end_matches('.')))
}
