//! What of a policy nothing has called for in a while.

use axum::Json;
use axum::extract::State;
use clock::{DAY_MS, Timestamp};
use policy::{Policy, Seen};
use serde::{Deserialize, Serialize};
use store::{policies, verdicts};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::extract::{Path, Query};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

/// Verdicts that one answer looks at.
const MOST: i64 = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UnusedQuery {
    /// How far to look back: 30 days when absent, at most 365.
    days: Option<i64>,
}

/// Parts of a policy that nothing called for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnusedParts)]
pub(super) struct UnusedView {
    /// Verdicts by this policy, or by one that extends it, that were looked at.
    verdicts: usize,
    /// From when on.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Whether all verdicts since then were looked at; else only the newest ones, and more may be in use than is said.
    whole: bool,
    /// Empty when there were no verdicts: nothing is known then.
    items: Vec<UnusedPart>,
}

#[derive(Debug, Serialize, ToSchema)]
struct UnusedPart {
    /// A JSON pointer into the policy.
    place: String,
    /// The entry, or the rule.
    entry: String,
}

/// Entries and rules of a policy that matched nothing in a while
///
/// Entries of lists that no component met, and rules that are switched on and never spoke, over the verdicts of the last
/// days. Unused waivers are listed by each verdict and by `GET /v1/waivers`.
#[utoipa::path(
    get, path = "/v1/policies/{name}/unused", tag = "policies",
    params(("name" = String, Path), UnusedQuery),
    responses(
        (status = 200, body = UnusedView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn unused(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<UnusedQuery>,
) -> Result<Json<UnusedView>, Problem> {
    caller.require(store::tokens::Action::Read)?;
    let days = query.days.unwrap_or(30);
    if !(1..=365).contains(&days) {
        return Err(Problem::bad_parameter("days", "must be from 1 to 365"));
    }
    let since = Timestamp::from_millis(service.now().millis() - days * DAY_MS);
    let mut session = service.database.read().await?;
    let policy = match policies::by_name(&mut session, &name).await? {
        Some(stored) => stored.policy()?,
        None if name == policies::DEFAULT => Policy::default(),
        None => return Err(Problem::not_found("such policy")),
    };
    let recent = verdicts::recent(&mut session, MOST).await?;
    let whole = i64::try_from(recent.len()).is_ok_and(|count| count < MOST)
        || recent.last().is_some_and(|(_, given)| *given < since.millis());
    let mut seen = Seen::default();
    let mut looked_at = 0;
    for (id, given) in recent {
        if given < since.millis() {
            break;
        }
        let report = verdicts::report(&mut session, id).await?.report;
        let by = &report.verdict.policy;
        if by.id == name || by.extends.iter().any(|ancestor| ancestor.id == name) {
            looked_at += 1;
            note(&mut seen, &report);
        }
    }
    let items = match looked_at {
        0 => Vec::new(),
        _ => policy::unused(&policy, &seen),
    };
    Ok(Json(UnusedView {
        verdicts: looked_at,
        since,
        whole,
        items: items
            .into_iter()
            .map(|unused| UnusedPart {
                place: unused.place,
                entry: unused.entry,
            })
            .collect(),
    }))
}

fn note(seen: &mut Seen, report: &audit::Report) {
    for component in &report.components {
        seen.licenses.extend(component.license.clone());
        seen.purls.extend(component.purl.clone());
    }
    for violation in &report.verdict.violations {
        seen.rules.insert(violation.rule.clone());
        let is_misconfiguration = violation.check == policy::Check::Misconfig;
        seen.misconfigurations
            .extend(violation.facts.get("id").filter(|_| is_misconfiguration).cloned());
    }
}
