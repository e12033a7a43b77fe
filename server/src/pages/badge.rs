//! The badge of a project, and the key that lets others see it.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use store::badges;
use store::tokens::Action;
use web::layout::{Flash, FlashKind};
use web::views::badge::Badge;

use super::start::host;
use super::waivers::who;
use super::{below_project, page, see_other};
use crate::auth::{Access, Pairs, SignedForm, Visitor, may};
use crate::decisions::badges as decide;
use crate::extract::ProjectName;
use crate::place::Place;
use crate::problem::Problem;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    below_project("/badge", &get(show).post(change))
}

async fn show(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let view = view(&service, &visitor, &name, &headers).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn view(service: &Service, access: &Access, name: &str, headers: &HeaderMap) -> Result<Badge, Problem> {
    let mut session = service.database.read().await?;
    let place = Place::load(&mut session, access, name, None).await?;
    let made = badges::about(&mut session, place.project.id).await?;
    Ok(Badge {
        header: place.header(&mut session).await?,
        host: host(service, headers),
        made: made.map(|(by, at)| (who(&by), Timestamp::from_millis(at))),
        fresh: None,
        may_change: may(access, Action::Admin, Some(place.project.id)),
    })
}

/// A key is shown on the answer itself and nowhere after.
async fn change(
    State(service): State<Service>,
    ProjectName(name): ProjectName,
    headers: HeaderMap,
    form: SignedForm<Pairs>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    if fields.one("act") == "revoke" {
        decide::revoke(&service, &visitor, &name).await?;
        let flash = Flash {
            kind: FlashKind::Done,
            text: "The key is taken back: the badge is seen by nobody.".to_owned(),
        };
        let to = format!("{}/badge", web::links::project(&name));
        return Ok(see_other(&service.settings, &to, Some(&flash)));
    }
    let (_, key) = decide::renew(&service, &visitor, &name).await?;
    let view = Badge {
        fresh: Some(key),
        ..view(&service, &visitor, &name, &headers).await?
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}
