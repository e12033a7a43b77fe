//! Fixed input, fixed bytes: what each chart draws, to be read in a review.

use advisories::Severity;
use policy::Outcome;

use super::*;
use crate::html::Html;
use crate::parts::SeverityCounts;

/// One element a line, so that a difference shows where it is.
fn check(name: &str, html: &Html) {
    insta::assert_snapshot!(name, html.as_str().replace("><", ">\n<"));
}

fn trend() -> Trend {
    let day = |critical, high, low| Some(SeverityCounts::new(critical, high, 0, low, 0));
    let days = vec![day(1, 2, 3), day(1, 2, 3), None, day(0, 4, 3), day(2, 4, 1)];
    Trend {
        first_day: 20_679,
        days,
        marks: vec![Mark {
            day: 20_682,
            label: "v1.0".to_owned(),
        }],
    }
}

#[test]
fn stacked_area_of_five_days() {
    check("stacked_area", &stacked_area(&trend(), "t"));
}

#[test]
fn panel_of_five_days() {
    check("panel", &panel(&trend(), Severity::High));
}

#[test]
fn bars_of_every_kind() {
    let counts = SeverityCounts::new(2, 9, 18, 8, 1);
    check("severity_bar", &severity_bar(&counts, 76));
    check("deadline_bar", &deadline_bar(120, "over"));
    check("usage_bar", &usage_bar(12, 61));
    check(
        "age_bars",
        &age_bars(&[AgeBucket {
            label: "8–30 days".to_owned(),
            counts,
        }]),
    );
    let share = |value, name, class| Share { value, name, class };
    check(
        "share_bar",
        &share_bar(&[
            share(199, "fresh", "s-pass"),
            share(6, "ageing", "s-warn"),
            share(9, "stale", "s-fail"),
        ]),
    );
}

#[test]
fn weeks_and_their_table() {
    let week = |last_day, new, fixed, partial| Week {
        last_day,
        new,
        fixed,
        partial,
    };
    let weeks = [week(20_685, 12, 0, false), week(20_692, 5, 2, true)];
    check("week_bars", &week_bars(&weeks));
    check("week_table", &week_table(&weeks));
}

#[test]
fn dots_and_strip() {
    let row = TimeToFix {
        severity: Severity::High,
        target_days: 30,
        fixed: 40,
        p50_days: 17,
        p90_days: 44,
        in_time_percent: Some(74),
        past_due_now: 52,
    };
    check("dot_range", &dot_range(&row, 220));
    let build = |number, outcome| StripBuild { number, outcome };
    let builds = [
        build(1, Outcome::Pass),
        build(2, Outcome::Warn),
        build(3, Outcome::Fail),
        build(4, Outcome::Indeterminate),
    ];
    check("gate_strip", &gate_strip(&builds));
}
