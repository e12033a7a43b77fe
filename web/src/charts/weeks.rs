//! New and fixed findings by week, above and below one line.

use super::{coordinate, percent_of, units};
use crate::html::{Builder, Html, escape};
use crate::text;

/// One ISO week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its last day (a Sunday), counted from the epoch, UTC.
    pub last_day: i64,
    pub new: u64,
    pub fixed: u64,
    /// The week is not over.
    pub partial: bool,
}

const TOP: f64 = 6.0;
const ROOM: f64 = 104.0;

/// The bars, with a sentence and a title for each week.
#[must_use]
pub fn week_bars(weeks: &[Week]) -> Html {
    let most = |value: fn(&Week) -> u64| weeks.iter().map(value).max().unwrap_or(0);
    let (up, down) = (most(|week| week.new), most(|week| week.fixed));
    let unit = ROOM / 100.0;
    let whole = up.saturating_add(down).max(1);
    let line = TOP + percent_of(up, whole) * unit;
    let ahead = weeks.iter().filter(|week| week.fixed > week.new).count();
    let mut html = Builder::default();
    html.put(format_args!(
        "<svg height=\"118\" role=\"img\" aria-label=\"New findings above the line, fixed below, for {}. Fixed outran new in {ahead} of them.\">",
        escape(&text::plural(u64::try_from(weeks.len()).unwrap_or(0), "week"))
    ));
    for (index, week) in weeks.iter().enumerate() {
        let slot = 100.0 / units(weeks.len());
        let (x, width) = (coordinate(slot * (units(index) + 0.18)), coordinate(slot * 0.64));
        let partial = if week.partial { " part" } else { "" };
        let so_far = if week.partial { " so far" } else { "" };
        html.put(format_args!(
            "<g><title>Week to {}: {} new, {} fixed{so_far}</title>",
            text::short_day(week.last_day),
            text::number(week.new),
            text::number(week.fixed)
        ));
        let (above, below) = (bar(week.new, whole, unit), bar(week.fixed, whole, unit));
        if above > 0.0 {
            html.put(format_args!("<rect class=\"b-new{partial}\" x=\"{x}%\" y=\"{}\" width=\"{width}%\" height=\"{}\" rx=\"1.5\"/>", coordinate(line - 1.0 - above), coordinate(above)));
        }
        if below > 0.0 {
            html.put(format_args!("<rect class=\"b-fix{partial}\" x=\"{x}%\" y=\"{}\" width=\"{width}%\" height=\"{}\" rx=\"1.5\"/>", coordinate(line + 1.0), coordinate(below)));
        }
        html.put(format_args!("</g>"));
    }
    let line = coordinate(line);
    html.put(format_args!(
        "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{line}\" y2=\"{line}\"/></svg>"
    ));
    html.finish()
}

/// What is there is seen: a single finding among thousands still gets two pixels.
fn bar(value: u64, whole: u64, unit: f64) -> f64 {
    if value == 0 {
        0.0
    } else {
        (percent_of(value, whole) * unit).max(2.0)
    }
}

/// The same numbers as a table.
#[must_use]
pub fn week_table(weeks: &[Week]) -> Html {
    let mut html = Builder::default();
    html.put(format_args!("<details class=\"as-table\"><summary>Show as table</summary><table><caption>New and fixed by week</caption><thead><tr><th scope=\"col\">Week to</th><th scope=\"col\">New</th><th scope=\"col\">Fixed</th></tr></thead><tbody>"));
    for week in weeks {
        let so_far = if week.partial { ", so far" } else { "" };
        html.put(format_args!(
            "<tr><th scope=\"row\">{}{so_far}</th><td>{}</td><td>{}</td></tr>",
            text::long_day(week.last_day),
            text::number(week.new),
            text::number(week.fixed)
        ));
    }
    html.put(format_args!("</tbody></table></details>"));
    html.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_share_one_scale_and_the_unfinished_week_says_so() {
        let week = |last_day, new, fixed, partial| Week {
            last_day,
            new,
            fixed,
            partial,
        };
        let weeks = [
            week(20_004, 12, 0, false),
            week(20_011, 0, 4, false),
            week(20_018, 5, 2, true),
        ];
        let html = week_bars(&weeks);
        assert_eq!(html.as_str().matches("class=\"b-new").count(), 2);
        assert_eq!(html.as_str().matches("class=\"b-fix").count(), 2);
        assert!(html.as_str().contains("5 new, 2 fixed so far") && html.as_str().contains("b-new part"));
        assert!(week_table(&weeks).as_str().contains("<td>12</td><td>0</td>"));
        assert!(week_bars(&[]).as_str().contains("0 weeks"));
    }
}
