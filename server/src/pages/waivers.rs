//! Waivers: the shelves, and one of them with what can be done to it.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use policy::{Day, WaiverStatus};
use serde::Deserialize;
use store::db::Session;
use store::tokens::Action;
use store::waivers::{self, Filter, StoredWaiver, Use, UseSummary, WaiverState};
use web::layout::{Flash, FlashKind};
use web::links;
use web::views::finding::justification_words;
use web::views::list::Exports;
use web::views::waiver::{Forms, UseRow, Waiver};
use web::views::waivers::{Standing, WaiverRow, Waivers, shelves};

use super::{page, see_other};
use crate::api::waivers::shelf;
use crate::auth::{Access, SignedForm, Visitor, may};
use crate::decisions::waivers::{self as decide, Edit};
use crate::extract::{Fields, Paging, Path};
use crate::place::unsigned;
use crate::problem::Problem;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/waivers", get(list))
        .route("/waivers/{id}", get(one).post(change))
}

async fn list(
    State(service): State<Service>,
    visitor: Visitor,
    mut fields: Fields,
) -> Result<Response, Problem> {
    let echo = fields.clone();
    let state = fields.one("state")?.filter(|state| !state.is_empty());
    let filter = Filter {
        shelf: shelf(state.as_deref())?,
        project: visitor.project,
        text: fields.one("q")?,
    };
    let paging = Paging::<i64>::new(fields.one("cursor")?.as_deref(), fields.number("limit")?)?;
    fields.finish()?;
    let today = Day::of(service.now());
    let mut session = service.database.read().await?;
    let mut rows = waivers::page(&mut session, &filter, today, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |row| row.id);
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let uses = waivers::uses(&mut session, &ids).await?;
    let shown = rows.iter().map(|stored| {
        let uses = uses.get(&stored.id).map(Vec::as_slice).unwrap_or_default();
        row(stored, uses, today)
    });
    let view = Waivers {
        shelves: shelves(state.as_deref().unwrap_or("active")),
        query: filter.text.clone().unwrap_or_default(),
        rows: shown.collect::<Result<_, _>>()?,
        next: next.map(|next| format!("/waivers?{}", echo.with_cursor(Some(&next)))),
        exports: Exports {
            json: match echo.with_cursor(None) {
                query if query.is_empty() => "/v1/waivers".to_owned(),
                query => format!("/v1/waivers?{query}"),
            },
            csv: None,
        },
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// A waiver as lists show it.
fn row(stored: &StoredWaiver, uses: &[Use], today: Day) -> Result<WaiverRow, store::Error> {
    let waiver = stored.waiver()?;
    let summary = UseSummary::of(uses);
    let named = [&waiver.vulnerability, &waiver.license, &waiver.rule];
    let what: Vec<&str> = named.into_iter().flatten().map(String::as_str).collect();
    Ok(WaiverRow {
        id: stored.uuid.clone(),
        what: what.join(", "),
        purl: waiver.purl,
        projects: waiver.projects,
        status: status_words(waiver.status).to_owned(),
        reason: waiver.reason,
        until: waiver.expires_on.map(|day| day.to_string()),
        days_left: waiver.expires_on.map(|day| day.days_since(today)),
        standing: standing(stored, today),
        by: who(&stored.requested_by),
        approved_by: stored
            .decided_by
            .as_deref()
            .filter(|_| stored.state == WaiverState::Active.word())
            .map(who),
        covers: (summary.references > 0).then(|| unsigned(summary.matters)),
        stale: summary.stale,
    })
}

pub(super) const fn status_words(status: WaiverStatus) -> &'static str {
    match status {
        WaiverStatus::AcceptedRisk => "accepted risk",
        WaiverStatus::NotAffected => "not affected",
        WaiverStatus::FalsePositive => "false positive",
        WaiverStatus::FixPending => "fix pending",
    }
}

fn standing(stored: &StoredWaiver, today: Day) -> Standing {
    match WaiverState::of(&stored.state) {
        Some(WaiverState::Active) if stored.is_over(today) => Standing::Expired,
        Some(WaiverState::Active) if stored.is_ending(today) => Standing::Ending,
        Some(WaiverState::Active) => Standing::Active,
        Some(WaiverState::Pending) => Standing::Pending,
        Some(WaiverState::Rejected) => Standing::Rejected,
        Some(WaiverState::Revoked) | None => Standing::Revoked,
    }
}

/// `user:mara` as people say it.
pub(super) fn who(actor: &str) -> String {
    match actor.split_once(':') {
        Some(("user", name)) => name.to_owned(),
        Some(("token", name)) => format!("the token {name}"),
        _ => actor.to_owned(),
    }
}

async fn one(
    State(service): State<Service>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let stored = decide::find(&mut session, &visitor, &id).await?;
    let view = view(&service, &mut session, &visitor, &stored, None).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn view(
    service: &Service,
    session: &mut Session,
    access: &Access,
    stored: &StoredWaiver,
    failed: Option<(&WaiverForm, &Problem)>,
) -> Result<Waiver, Problem> {
    let today = Day::of(service.now());
    let uses = waivers::uses(session, &[stored.id])
        .await?
        .remove(&stored.id)
        .unwrap_or_default();
    let row = row(stored, &uses, today)?;
    let waiver = stored.waiver()?;
    let mut forms = forms(access, stored, &row);
    if let Some((form, problem)) = failed {
        forms.error = Some(problem.in_words());
        if form.act == "change" {
            forms.reason.clone_from(&form.reason);
            forms.until.clone_from(&form.until);
        }
    }
    Ok(Waiver {
        refs: waiver.refs,
        paths: waiver.paths,
        justification: waiver
            .justification
            .map(|why| justification_words(why).to_owned()),
        ticket: waiver.ticket,
        decided_on: Some(stored.decided_on.clone()).filter(|on| !on.is_empty()),
        decided_by: stored.decided_by.as_deref().map(who),
        decided_because: stored.decided_because.clone(),
        created_at: Timestamp::from_millis(stored.created_at),
        origin: match stored.origin.as_str() {
            "page" => "a page",
            "file" => "a file in the repository",
            _ => "the API",
        },
        uses: uses.into_iter().map(use_row).collect(),
        forms: may(access, Action::Triage, access.project).then_some(forms),
        row,
    })
}

fn forms(access: &Access, stored: &StoredWaiver, row: &WaiverRow) -> Forms {
    let own = stored.requested_by == access.actor;
    Forms {
        revision: stored.revision,
        error: None,
        may_approve: !own,
        why_not: own.then(|| "You asked for it: somebody else must approve.".to_owned()),
        reason: row.reason.clone(),
        until: row.until.clone().unwrap_or_default(),
    }
}

fn use_row(used: Use) -> UseRow {
    let words = match used.outcome.as_str() {
        "applied" => format!("covers {}", used.matters),
        "unused" => "matched nothing".to_owned(),
        "stale" if used.matters > 0 => format!(
            "covers {}; something else changed and is open again",
            used.matters
        ),
        "stale" => "something changed: open again".to_owned(),
        "expired" => "over: what it covered is open again".to_owned(),
        _ => "waits for a second person".to_owned(),
    };
    UseRow {
        project: used.project,
        reference: used.reference,
        words,
        at: Timestamp::from_millis(used.at),
    }
}

#[derive(Debug, Deserialize)]
struct WaiverForm {
    /// `approve`, `reject`, `change` or `revoke`.
    act: String,
    revision: i64,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    because: String,
}

async fn change(
    State(service): State<Service>,
    Path(id): Path<String>,
    form: SignedForm<WaiverForm>,
) -> Result<Response, Problem> {
    let SignedForm { visitor, fields } = form;
    let mut session = service.database.read().await?;
    let stored = decide::find(&mut session, &visitor, &id).await?;
    drop(session);
    let done = match edit(&fields, &stored) {
        Ok(edit) => decide::change(&service, &visitor, &stored, edit).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(_) => {
            let text = match fields.act.as_str() {
                "approve" => "The waiver holds now.",
                "reject" => "The waiver is rejected.",
                "revoke" => "The waiver has ended; what it covered is judged again.",
                _ => "The waiver is changed.",
            };
            let flash = Flash {
                kind: FlashKind::Done,
                text: text.to_owned(),
            };
            Ok(see_other(&service.settings, &links::waiver(&id), Some(&flash)))
        }
        Err(problem) if problem.status.is_client_error() => {
            let mut session = service.database.read().await?;
            let view = view(
                &service,
                &mut session,
                &visitor,
                &stored,
                Some((&fields, &problem)),
            )
            .await?;
            let mut response = page(&service.settings, view.render(&visitor.shell));
            *response.status_mut() = problem.status;
            Ok(response)
        }
        Err(problem) => Err(problem),
    }
}

fn edit(form: &WaiverForm, stored: &StoredWaiver) -> Result<Edit, Problem> {
    if form.revision != stored.revision {
        return Err(Problem::precondition_failed(
            "Somebody else has changed the waiver since you opened this page.",
        ));
    }
    let state = match form.act.as_str() {
        "approve" => Some(WaiverState::Active),
        "reject" => Some(WaiverState::Rejected),
        "revoke" => Some(WaiverState::Revoked),
        _ => None,
    };
    let because = Some(form.because.trim().to_owned()).filter(|why| !why.is_empty());
    if state == Some(WaiverState::Rejected) && because.is_none() {
        return Err(Problem::invalid("Say why it is rejected.", Vec::new()));
    }
    if state.is_some() {
        return Ok(Edit {
            state,
            because,
            ..Edit::default()
        });
    }
    Ok(Edit {
        reason: Some(form.reason.clone()),
        expires_on: day(&form.until)?,
        ..Edit::default()
    })
}

/// The day of a form; an empty field is none.
pub(super) fn day(text: &str) -> Result<Option<Day>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error: policy::InvalidDay| {
        let fault = crate::problem::Fault::at("/expires_on", error.to_string());
        Problem::invalid("The date is not understood.", vec![fault])
    })
}
