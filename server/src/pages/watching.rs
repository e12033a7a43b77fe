//! Watching a component, and what is watched.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use store::components::{self, Search};
use store::tokens::Action;
use store::watches::{self, Watched};
use web::layout::{Flash, FlashKind};
use web::views::watching::{WatchedRow, Watching};

use super::{local, page, see_other};
use crate::auth::{Pairs, SignedForm, Visitor, may};
use crate::place::unsigned;
use crate::problem::Problem;
use crate::queries::components::package_purl;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/watching", get(list).post(change))
}

async fn list(State(service): State<Service>, visitor: Visitor) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let rows = watches::of_actor(&mut session, &visitor.actor).await?;
    let view = Watching {
        rows: rows.into_iter().map(row).collect(),
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

fn row(watched: Watched) -> WatchedRow {
    WatchedRow {
        purl: package_purl(&watched.identity),
        name: watched.name,
        ecosystem: watched.ecosystem,
        open: unsigned(watched.open_findings),
        since: Timestamp::from_millis(watched.created_at),
    }
}

async fn change(State(service): State<Service>, form: SignedForm<Pairs>) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    if !may(&visitor, Action::Read, visitor.project) {
        return Err(Problem::forbidden("Only who may read anything may watch it."));
    }
    let purl = fields.one("purl");
    let missing = || Problem::not_found("such component");
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let (ecosystem, name) = Search::package_of(purl).ok_or_else(missing)?;
    let package = components::package(&mut tx, &ecosystem, &name)
        .await?
        .ok_or_else(missing)?;
    let flash = if fields.one("act") == "unwatch" {
        watches::remove(&mut tx, &visitor.actor, package).await?;
        done(format!("You watch {name} no more."))
    } else if watches::add(&mut tx, &visitor.actor, package, now).await? {
        done(format!(
            "You watch {name}: webhooks that hear of watched components tell of it."
        ))
    } else {
        Flash {
            kind: FlashKind::Failed,
            text: format!("You watch {} components already.", watches::MOST),
        }
    };
    tx.commit().await?;
    let back = match fields.given("back") {
        Some(back) => local(&back).to_owned(),
        None => web::links::component(purl),
    };
    Ok(see_other(&service.settings, &back, Some(&flash)))
}

fn done(text: String) -> Flash {
    Flash {
        kind: FlashKind::Done,
        text,
    }
}
