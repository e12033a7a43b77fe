//! The table of deadlines: ours, and those of policies.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use policy::Threshold;
use store::deadlines;
use store::policies::{self, StoredPolicy};
use store::tokens::Action;
use web::parts::BANDS;
use web::views::settings::sla::{PolicyTimes, Sla};

use super::super::page;
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::state::Service;

/// Policies that are looked at.
const MOST: i64 = 200;

pub(super) fn routes() -> Router<Service> {
    Router::new().route("/settings/sla", get(show))
}

async fn show(State(service): State<Service>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.require(Action::Admin)?;
    let mut session = service.database.read().await?;
    let stored = policies::page(&mut session, None, MOST).await?;
    let times = stored.iter().map(times).collect::<Result<Vec<_>, _>>()?;
    let view = Sla {
        defaults: BANDS.map(|band| (band, deadlines::days(band))).to_vec(),
        policies: times.into_iter().flatten().collect(),
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// The times that a policy sets, if it sets any.
fn times(stored: &StoredPolicy) -> Result<Option<PolicyTimes>, store::Error> {
    let grace = stored.policy()?.vulnerability.grace_days;
    let bands = [
        Threshold::Critical,
        Threshold::High,
        Threshold::Medium,
        Threshold::Low,
    ];
    let days = bands.map(|band| grace.get(&band).copied());
    Ok(days.iter().any(Option::is_some).then(|| PolicyTimes {
        policy: stored.name.clone(),
        days,
    }))
}
