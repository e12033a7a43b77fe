//! The audit log, for those who look into it.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use store::audit_log::{self, StoredEntry, Verified};
use store::tokens::Action;
use web::views::audit::{Audit, Chain, EntryRow};
use web::views::list::{Choice, Exports, Pager};

use super::page;
use crate::auth::Visitor;
use crate::extract::Fields;
use crate::problem::Problem;
use crate::queries::audit_log::AuditQuery;
use crate::state::Service;

/// Entries whose chain every view of the page follows; all of them only when somebody asks.
const LOOKED_AT: i64 = 200;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/audit", get(list))
}

async fn list(
    State(service): State<Service>,
    visitor: Visitor,
    mut fields: Fields,
) -> Result<Response, Problem> {
    visitor.require(Action::Admin)?;
    let echo = fields.clone();
    let (from, until) = (fields.clone().one("from")?, fields.clone().one("until")?);
    let all = match fields.one("check")?.as_deref() {
        None => false,
        Some("all") => true,
        Some(_) => return Err(Problem::bad_parameter("check", "may be all")),
    };
    let query = AuditQuery::read(&mut fields)?;
    fields.finish()?;
    let mut session = service.database.read().await?;
    let (rows, next) = query.page(&mut session).await?;
    let actions = audit_log::actions(&mut session).await?;
    let verified = if all {
        audit_log::verify(&mut session).await?
    } else {
        audit_log::verify_newest(&mut session, LOOKED_AT).await?
    };
    let chosen = query.filter.action.clone().unwrap_or_default();
    let link = |cursor: Option<&str>| match echo.with_cursor(cursor) {
        query if query.is_empty() => "/audit".to_owned(),
        query => format!("/audit?{query}"),
    };
    let view = Audit {
        actor: query.filter.actor.clone().unwrap_or_default(),
        actions: choices(&actions, &chosen),
        object: query.filter.object.clone().unwrap_or_default(),
        from: from.unwrap_or_default(),
        until: until.unwrap_or_default(),
        pager: Pager {
            shown: u64::try_from(rows.len()).unwrap_or(u64::MAX),
            first: query.paging.after.is_some().then(|| link(None)),
            next: next.as_deref().map(|next| link(Some(next))),
            ..Pager::default()
        },
        rows: rows.into_iter().map(row).collect(),
        exports: Exports::of("/v1/audit-log", &data_query(&echo)),
        chain: Some(chain(verified, all)),
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// The query without what only the page knows.
fn data_query(echo: &Fields) -> String {
    let query = echo.with_cursor(None);
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("check="))
        .collect();
    kept.join("&")
}

fn choices(actions: &[String], chosen: &str) -> Vec<Choice> {
    let any = Choice::new("", "Any action", chosen.is_empty());
    let each = actions
        .iter()
        .map(|action| Choice::new(action, action, action == chosen));
    std::iter::once(any).chain(each).collect()
}

fn row(entry: StoredEntry) -> EntryRow {
    EntryRow {
        at: Timestamp::from_millis(entry.at),
        actor: entry.actor,
        action: entry.action,
        object: entry.object,
        detail: entry.detail,
        hash: entry.hash,
    }
}

fn chain(verified: Verified, all: bool) -> Chain {
    match verified {
        Verified::Whole { entries, head } => Chain::Whole {
            entries,
            // A look at the newest that saw fewer than it may has seen all.
            all: all || i64::try_from(entries).unwrap_or(i64::MAX) < LOOKED_AT,
            head,
        },
        Verified::Broken { entry } => Chain::Broken { entry },
        Verified::CutShort => Chain::CutShort,
    }
}
