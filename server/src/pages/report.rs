//! The report for managers: the portfolio, and how people answer what is found.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use store::portfolio::{self, FIXES_WINDOW_DAYS, Selection};
use web::charts::Week;
use web::views::report::{Answers, Report};

use super::page;
use super::portfolio::{Asked, overview_of};
use crate::auth::Visitor;
use crate::extract::Query;
use crate::place::unsigned;
use crate::problem::Problem;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/report", get(report))
}

async fn report(
    State(service): State<Service>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let now = service.now();
    let (overview, selection) = overview_of(&service, &asked, now).await?;
    let is_checked = overview.trend.latest().is_some();
    let answers = if is_checked {
        answers(&service, &selection, &overview.weeks, now).await?
    } else {
        Answers::default()
    };
    let view = Report {
        team: selection.team,
        tag: selection.tag,
        overview,
        answers,
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn answers(
    service: &Service,
    selection: &Selection,
    weeks: &[Week],
    now: Timestamp,
) -> Result<Answers, Problem> {
    let since = now.plus_days(-FIXES_WINDOW_DAYS);
    let mut session = service.database.read().await?;
    let begun = portfolio::begun(&mut session, selection, since).await?;
    let exposures = portfolio::exposures(&mut session, selection, since).await?;
    let decided = portfolio::hours_to_decide(&mut session, selection, since).await?;
    Ok(Answers {
        new: weeks.iter().map(|week| week.new).sum(),
        fixed: weeks.iter().map(|week| week.fixed).sum(),
        hours_to_decide: portfolio::median(&decided),
        decisions: u64::try_from(decided.len()).unwrap_or(u64::MAX),
        reopened_percent: begun.again_percent(),
        begun: unsigned(begun.new_ones).saturating_add(unsigned(begun.again)),
        exposure_days: Some(portfolio::exposure_days(&exposures, since, now)),
    })
}
