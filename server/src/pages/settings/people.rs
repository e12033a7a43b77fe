//! People: who is signed in, another link, and the end of somebody's sessions.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use clock::Timestamp;
use store::audit_log::{self, Entry};
use store::sessions::{self, Person};
use store::tokens::Action;
use web::views::settings::Faults;
use web::views::settings::people::{People, PersonRow};

use super::super::page;
use super::super::start::host;
use super::{done, sentence};
use crate::auth::{Pairs, SignedForm, Visitor};
use crate::names;
use crate::place::unsigned;
use crate::problem::Problem;
use crate::state::Service;

/// People on the page: more than a service without accounts of its own is for.
const MOST: i64 = 500;

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/settings/people", get(list).post(invite))
        .route("/settings/people/sign-out", post(sign_out))
}

async fn list(State(service): State<Service>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.require(Action::Admin)?;
    let view = view(&service, &visitor).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn view(service: &Service, visitor: &Visitor) -> Result<People, Problem> {
    let mut session = service.database.read().await?;
    let people = sessions::people(&mut session, MOST, service.now()).await?;
    let you = visitor.shell.user.as_ref().map(|user| user.name.as_str());
    let row = |person: Person| PersonRow {
        is_you: you == Some(person.actor.as_str()),
        name: person.actor,
        browsers: unsigned(person.browsers),
        links: unsigned(person.links),
        signed_in_at: person.signed_in_at.map(Timestamp::from_millis),
        until: Timestamp::from_millis(person.until),
    };
    Ok(People {
        rows: people.into_iter().map(row).collect(),
        ..People::default()
    })
}

/// The link is shown on the answer itself and nowhere after.
async fn invite(
    State(service): State<Service>,
    headers: HeaderMap,
    form: SignedForm<Pairs>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    visitor.require(Action::Admin)?;
    let name = fields.one("name").to_owned();
    if let Err(why) = names::plain(&name) {
        let view = People {
            faults: Faults(vec![("name".to_owned(), sentence(&why))]),
            name,
            ..view(&service, &visitor).await?
        };
        return Ok(page(&service.settings, view.render(&visitor.shell)));
    }
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let once = sessions::create_link(&mut tx, &name, now).await?;
    let entry = Entry {
        actor: &visitor.actor,
        action: "session.link",
        object: &format!("user:{name}"),
        detail: "",
    };
    audit_log::append(&mut tx, &entry, now).await?;
    tx.commit().await?;
    let address = format!("{}/login?once={once}", host(&service, &headers));
    let view = People {
        fresh: Some((name, address)),
        ..view(&service, &visitor).await?
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn sign_out(State(service): State<Service>, form: SignedForm<Pairs>) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    visitor.require(Action::Admin)?;
    let name = fields.one("name");
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let ended = sessions::end_all(&mut tx, name).await?;
    if ended == 0 {
        return Err(Problem::not_found("such person"));
    }
    let entry = Entry {
        actor: &visitor.actor,
        action: "session.end",
        object: &format!("user:{name}"),
        detail: &format!("{ended} sessions and links"),
    };
    audit_log::append(&mut tx, &entry, now).await?;
    tx.commit().await?;
    let text = format!("{name} is signed out everywhere.");
    Ok(done(&service, "/settings/people", text))
}
