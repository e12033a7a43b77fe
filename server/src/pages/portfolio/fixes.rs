//! How long fixing takes, and how much of it was in time.

use advisories::Severity;
use clock::Timestamp;
use store::db::Session;
use store::deadlines;
use store::portfolio::{self, FIXES_WINDOW_DAYS, FixGroup, OpenGroup, Selection};
use web::charts::TimeToFix;
use web::views::portfolio::Portfolio;

use crate::pages::numbers::sum;
use crate::place::unsigned;
use crate::problem::Problem;

/// The severities that have a day to be fixed by.
const TIMED: [Severity; 4] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
];

/// Fills what the portfolio says of fixes.
pub(super) async fn fill(
    session: &mut Session,
    selection: &Selection,
    view: &mut Portfolio,
    open: &[OpenGroup],
    since: Timestamp,
    now: Timestamp,
) -> Result<(), Problem> {
    let fixes = portfolio::fixes(session, selection, now).await?;
    let (recent, earlier): (Vec<FixGroup>, Vec<FixGroup>) = fixes.into_iter().partition(|group| group.recent);
    let past_due = sum(open, None, |group| group.past_due);
    view.in_time_percent = in_time_percent(&recent, past_due);
    let quarter_ago = now.plus_days(-FIXES_WINDOW_DAYS);
    if since <= quarter_ago {
        let past_due = portfolio::past_due_at(session, selection, quarter_ago).await?;
        view.in_time_percent_before = in_time_percent(&earlier, past_due);
    }
    view.time_to_fix = TIMED
        .into_iter()
        .filter_map(|severity| time_to_fix(severity, &recent, open))
        .collect();
    Ok(())
}

fn time_to_fix(severity: Severity, fixes: &[FixGroup], open: &[OpenGroup]) -> Option<TimeToFix> {
    let mine: Vec<FixGroup> = fixes
        .iter()
        .filter(|group| group.level() == severity)
        .copied()
        .collect();
    let past_due_now = sum(open, Some(severity), |group| group.past_due);
    Some(TimeToFix {
        severity,
        target_days: unsigned(deadlines::days(severity)?),
        fixed: unsigned(mine.iter().map(|group| group.findings).sum()),
        p50_days: portfolio::percentile_days(&mine, 500).unwrap_or(0),
        p90_days: portfolio::percentile_days(&mine, 900).unwrap_or(0),
        in_time_percent: in_time_percent(&mine, past_due_now),
        past_due_now,
    })
}

/// Of those that were fixed and had a day to be fixed by, and of those still open past theirs: how many were in
/// time. Without the latter, a team would look better by never fixing. `None` when nothing was due.
fn in_time_percent(fixes: &[FixGroup], past_due: u64) -> Option<u64> {
    let due: i64 = fixes.iter().map(|group| group.due).sum();
    let in_time: i64 = fixes.iter().map(|group| group.in_time).sum();
    web::text::whole_percent(unsigned(in_time), unsigned(due).saturating_add(past_due))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_fixing_does_not_look_better() {
        let group = FixGroup {
            severity: 5,
            recent: true,
            days: 3,
            findings: 4,
            due: 4,
            in_time: 3,
        };
        assert_eq!(in_time_percent(&[group], 0), Some(75));
        assert_eq!(in_time_percent(&[group], 4), Some(37));
        assert_eq!(in_time_percent(&[], 2), Some(0));
        assert_eq!(in_time_percent(&[], 0), None);
    }
}
