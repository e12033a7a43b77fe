//! Webhooks: all of them, one of them with its messages, and everything that can be done to it.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use clock::Timestamp;
use store::db::Session;
use store::news::Kind;
use store::projects;
use store::tokens::Action;
use store::webhooks::{self as stored, Delivery, DeliveryState, Webhook as Stored};
use web::views::settings::Faults;
use web::views::settings::webhook::{Delivered, DeliveryRow, Webhook};
use web::views::settings::webhooks::{WebhookForm, WebhookRow, Webhooks, event_words, shape_words};

use super::super::page;
use super::{done, faults, not_done};
use crate::auth::{Access, Pairs, SignedForm, Visitor};
use crate::decisions::webhooks::{self as decide, Asked, host};
use crate::extract::{Fields, Paging, Path};
use crate::place::unsigned;
use crate::problem::Problem;
use crate::state::Service;

/// Messages on one page.
const PAGE: i64 = 20;

pub(super) fn routes() -> Router<Service> {
    Router::new()
        .route("/settings/webhooks", get(list).post(create))
        .route("/settings/webhooks/{id}", get(one).post(change))
        .route("/settings/webhooks/{id}/test", post(test))
        .route("/settings/webhooks/{id}/secret", post(renew_secret))
        .route("/settings/webhooks/{id}/delete", post(delete))
        .route("/settings/webhooks/{id}/replay", post(replay))
}

async fn list(State(service): State<Service>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.require(Action::Admin)?;
    let first = [Kind::GateFailed, Kind::KnownExploited, Kind::FeedLate];
    let first = first.map(|kind| kind.word().to_owned());
    let view = all(&service, WebhookForm::new("signed", &first), Faults::default()).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn all(service: &Service, form: WebhookForm, faults: Faults) -> Result<Webhooks, Problem> {
    let mut session = service.database.read().await?;
    let hooks = stored::all(&mut session).await?;
    let ids: Vec<i64> = hooks.iter().filter_map(|hook| hook.project_id).collect();
    let names = projects::names(&mut session, &ids).await?;
    let rows = hooks.iter().map(|hook| {
        let project = hook.project_id.and_then(|id| names.get(&id).cloned());
        row(hook, project)
    });
    Ok(Webhooks {
        rows: rows.collect(),
        form,
        faults,
    })
}

fn row(hook: &Stored, project: Option<String>) -> WebhookRow {
    WebhookRow {
        id: hook.uuid.clone(),
        name: hook.name.clone(),
        host: host(&hook.url).to_owned(),
        shape: shape_words(&hook.shape),
        project,
        events: hook
            .kinds()
            .into_iter()
            .map(|kind| event_words(kind.word()))
            .collect(),
        enabled: hook.enabled,
        private: hook.private,
    }
}

/// What a form asks for; the form of a new webhook has no switch.
fn asked(fields: &Pairs, enabled: bool) -> Asked {
    Asked {
        name: fields.one("name").to_owned(),
        url: fields.one("url").to_owned(),
        shape: fields.one("shape").to_owned(),
        events: fields.many("event"),
        project: fields.given("project"),
        private: fields.is_ticked("private"),
        enabled,
    }
}

fn form(asked: &Asked) -> WebhookForm {
    WebhookForm {
        name: asked.name.clone(),
        url: asked.url.clone(),
        project: asked.project.clone().unwrap_or_default(),
        private: asked.private,
        enabled: asked.enabled,
        ..WebhookForm::new(&asked.shape, &asked.events)
    }
}

fn field(pointer: &str) -> &'static str {
    match pointer {
        "/url" => "url",
        "/shape" => "shape",
        "/events" => "events",
        "/project" => "project",
        _ => "name",
    }
}

/// The secret is shown on the answer itself and nowhere after.
async fn create(State(service): State<Service>, sent: SignedForm<Pairs>) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = sent;
    let asked = asked(&fields, true);
    let html = match decide::create(&service, &visitor, &asked).await {
        Ok(made) => {
            let secret = made.secret.clone();
            let view = Webhook {
                fresh_secret: Some(secret),
                ..of(&service, &visitor, &made.uuid, None).await?
            };
            view.render(&visitor.shell)
        }
        Err(problem) => {
            let faults = faults(problem, field)?;
            all(&service, form(&asked), faults).await?.render(&visitor.shell)
        }
    };
    Ok(page(&service.settings, html))
}

async fn one(
    State(service): State<Service>,
    visitor: Visitor,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Result<Response, Problem> {
    let cursor = fields.one("cursor")?;
    fields.finish()?;
    let paging = Paging::<i64>::new(cursor.as_deref(), Some(PAGE))?;
    let view = of(&service, &visitor, &id, Some(paging)).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// The page of one webhook, at the newest messages where nothing else is asked.
async fn of(
    service: &Service,
    access: &Access,
    id: &str,
    paging: Option<Paging<i64>>,
) -> Result<Webhook, Problem> {
    let paging = match paging {
        Some(paging) => paging,
        None => Paging::<i64>::new(None, Some(PAGE))?,
    };
    let mut session = service.database.read().await?;
    let hook = decide::find(&mut session, access, id).await?;
    let project = project_of(&mut session, &hook).await?;
    let mut rows = stored::deliveries(&mut session, hook.id, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |row| row.id);
    let row = row(&hook, project.clone());
    let events: Vec<String> = hook
        .kinds()
        .into_iter()
        .map(|kind| kind.word().to_owned())
        .collect();
    Ok(Webhook {
        next: next.map(|next| format!("/settings/webhooks/{}?cursor={next}", hook.uuid)),
        form: WebhookForm {
            name: hook.name.clone(),
            url: hook.url.clone(),
            project: project.unwrap_or_default(),
            private: hook.private,
            enabled: hook.enabled,
            ..WebhookForm::new(&hook.shape, &events)
        },
        revision: hook.revision,
        row,
        faults: Faults::default(),
        fresh_secret: None,
        deliveries: rows.into_iter().map(delivery).collect(),
    })
}

async fn project_of(session: &mut Session, hook: &Stored) -> Result<Option<String>, Problem> {
    let ids: Vec<i64> = hook.project_id.into_iter().collect();
    Ok(projects::names(session, &ids).await?.into_values().next())
}

fn delivery(row: Delivery) -> DeliveryRow {
    let state = if row.is_waiting() {
        Delivered::Waiting(Timestamp::from_millis(row.due_at))
    } else if row.state == DeliveryState::Delivered.word() {
        Delivered::Yes
    } else {
        Delivered::GivenUp
    };
    DeliveryRow {
        id: row.uuid,
        summary: row.summary,
        at: Timestamp::from_millis(row.created_at),
        state,
        attempts: unsigned(row.attempts),
        status: row.status,
        error: row.error,
        took_ms: row.took_ms,
        body: row.body,
    }
}

fn page_of(id: &str) -> String {
    format!("/settings/webhooks/{}", web::links::segment(id))
}

async fn change(
    State(service): State<Service>,
    Path(id): Path<String>,
    sent: SignedForm<Pairs>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = sent;
    let asked = asked(&fields, fields.is_ticked("enabled"));
    let revision = fields.one("revision").parse().unwrap_or(0);
    match decide::change(&service, &visitor, &id, revision, &asked).await {
        Ok(changed) => Ok(done(
            &service,
            &page_of(&id),
            format!("The webhook {} is changed.", changed.name),
        )),
        Err(problem) if problem.slug == "invalid" => {
            let view = Webhook {
                form: form(&asked),
                faults: faults(problem, field)?,
                ..of(&service, &visitor, &id, None).await?
            };
            Ok(page(&service.settings, view.render(&visitor.shell)))
        }
        Err(problem) => not_done(&service, &page_of(&id), problem),
    }
}

async fn test(
    State(service): State<Service>,
    Path(id): Path<String>,
    sent: SignedForm<Pairs>,
) -> Result<Response, Problem> {
    match decide::test(&service, &sent.visitor, &id).await {
        Ok(()) => {
            let text = "A trial is on its way; look again in a moment.".to_owned();
            Ok(done(&service, &page_of(&id), text))
        }
        Err(problem) => not_done(&service, &page_of(&id), problem),
    }
}

async fn renew_secret(
    State(service): State<Service>,
    Path(id): Path<String>,
    sent: SignedForm<Pairs>,
) -> Result<Response, Problem> {
    let visitor = sent.visitor;
    let (_, secret) = decide::renew_secret(&service, &visitor, &id).await?;
    let view = Webhook {
        fresh_secret: Some(secret),
        ..of(&service, &visitor, &id, None).await?
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn delete(
    State(service): State<Service>,
    Path(id): Path<String>,
    sent: SignedForm<Pairs>,
) -> Result<Response, Problem> {
    decide::delete(&service, &sent.visitor, &id).await?;
    Ok(done(
        &service,
        "/settings/webhooks",
        "The webhook is deleted.".to_owned(),
    ))
}

async fn replay(
    State(service): State<Service>,
    Path(id): Path<String>,
    sent: SignedForm<Pairs>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = sent;
    match decide::replay(&service, &visitor, &id, fields.one("delivery")).await {
        Ok(()) => {
            let text = "The message is sent again; look again in a moment.".to_owned();
            Ok(done(&service, &page_of(&id), text))
        }
        Err(problem) => not_done(&service, &page_of(&id), problem),
    }
}
