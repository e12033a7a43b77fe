//! The licenses of all components in use, by what the default policy says of them.

use store::db::Session;
use store::findings::list::Narrowing;
use store::portfolio::Selection;
use web::views::portfolio::LicenseShares;

use crate::place::unsigned;
use crate::problem::Problem;
use crate::queries::licenses::{Decision, Summary, Tally};

/// The same count as on the page of licenses; `None` when no component is known.
pub(super) async fn load(
    session: &mut Session,
    selection: &Selection,
) -> Result<Option<LicenseShares>, Problem> {
    let narrowing = Narrowing {
        team: selection.team.clone(),
        tag: selection.tag.clone(),
        project: None,
    };
    let summary = Summary::narrowed(session, &narrowing).await?;
    Ok(summary.tally().as_ref().map(shares))
}

fn shares(tally: &Tally) -> LicenseShares {
    let count = |decision| tally.get(&decision).copied().map_or(0, unsigned);
    LicenseShares {
        allowed: count(Decision::Allowed),
        review: count(Decision::Review),
        unknown: count(Decision::Unknown),
        denied: count(Decision::Denied),
    }
}
