//! Time to fix: a dot where half are done, a bar to where nine tenths are, a line at the target.

use advisories::Severity;

use super::{coordinate, percent_of};
use crate::html::Html;
use crate::text;

/// How long fixes of one severity took. Days are whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeToFix {
    pub severity: Severity,
    /// The service level: fixed within so many days.
    pub target_days: u64,
    /// Findings fixed in the window; below five no percentile is shown.
    pub fixed: u64,
    pub p50_days: u64,
    pub p90_days: u64,
    /// Of those fixed in the window and those past due: how many were in time, in whole percent.
    pub in_time_percent: Option<u64>,
    pub past_due_now: u64,
}

impl TimeToFix {
    /// Below five fixes a percentile is an anecdote.
    #[must_use]
    pub const fn is_enough(&self) -> bool {
        self.fixed >= 5
    }
}

/// One row's drawing; `longest_days` is the right edge of the common scale.
#[must_use]
pub fn dot_range(row: &TimeToFix, longest_days: u64) -> Html {
    let at = |days: u64| coordinate(percent_of(days, longest_days).clamp(1.5, 98.5));
    let target = at(row.target_days);
    let words = if row.is_enough() {
        format!(
            "Half within {}, nine tenths within {}, target {}",
            text::plural(row.p50_days, "day"),
            text::plural(row.p90_days, "day"),
            text::plural(row.target_days, "day")
        )
    } else {
        format!(
            "{} fixed in this time, too few for percentiles",
            text::number(row.fixed)
        )
    };
    let marks = if row.is_enough() {
        format!(
            "<rect class=\"bar2\" x=\"0\" y=\"6\" width=\"{}%\" height=\"6\" rx=\"3\"/><circle class=\"dot50\" cx=\"{}%\" cy=\"9\" r=\"5\"/>",
            at(row.p90_days),
            at(row.p50_days)
        )
    } else {
        String::new()
    };
    Html::from_trusted(format!(
        "<svg height=\"18\" role=\"img\" aria-label=\"{words}\"><line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"9\" y2=\"9\"/>{marks}<line class=\"target\" x1=\"{target}%\" x2=\"{target}%\" y1=\"0\" y2=\"18\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fixed: u64) -> TimeToFix {
        TimeToFix {
            severity: Severity::High,
            target_days: 30,
            fixed,
            p50_days: 17,
            p90_days: 44,
            in_time_percent: Some(74),
            past_due_now: 52,
        }
    }

    #[test]
    fn the_drawing_says_what_it_shows() {
        let html = dot_range(&row(40), 220);
        assert!(
            html.as_str()
                .contains("Half within 17 days, nine tenths within 44 days, target 30 days")
        );
        assert!(html.as_str().contains("class=\"dot50\" cx=\"7.73%\""));
    }

    #[test]
    fn too_few_fixes_give_no_percentile() {
        let html = dot_range(&row(2), 220);
        assert!(html.as_str().contains("2 fixed in this time, too few") && !html.as_str().contains("dot50"));
    }
}
