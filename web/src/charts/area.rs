//! Open findings over time: a stacked area of steps, the critical ones on the base line.

use advisories::Severity;

use super::scale::{DayLabel, Ticks, anchor, day_labels, spread};
use super::trend::{Mark, Trend};
use super::{coordinate, units};
use crate::html::{Builder, Html, escape};
use crate::parts::{BANDS, SeverityCounts, class, glyph_at, word};
use crate::text;

const TOP: f64 = 28.0;
const BOTTOM: f64 = 270.0;
const HEIGHT: u32 = 292;
const MARKS: usize = 4;
/// A table with more rows than this helps nobody; the JSON has them all.
const TABLE_ROWS: usize = 60;
/// More hover targets than this would triple the size of the page.
const TIPS: usize = 92;

/// The chart with its labels, its words and its table. `id` must be unique on the page.
#[must_use]
pub fn stacked_area(trend: &Trend, id: &str) -> Html {
    let ticks = Ticks::up_to(trend.peak().map_or(0, |(_, total)| total));
    let mut html = Builder::default();
    html.put(format_args!("<div class=\"chart\">"));
    axis(&mut html, &ticks);
    plot(&mut html, trend, &ticks, id);
    edge_labels(&mut html, trend, &ticks);
    html.put(format_args!("</div>"));
    html.html(&trend_table(trend));
    html.finish()
}

#[expect(clippy::cast_precision_loss, reason = "counts of findings are far below 2^52")]
fn y_of(value: u64, ticks: &Ticks) -> f64 {
    BOTTOM - (BOTTOM - TOP) * value as f64 / ticks.top as f64
}

fn axis(html: &mut Builder, ticks: &Ticks) {
    html.put(format_args!("<svg height=\"{HEIGHT}\" aria-hidden=\"true\">"));
    for value in ticks.values() {
        let y = coordinate(y_of(value, ticks) + 4.0);
        html.put(format_args!(
            "<text x=\"100%\" dx=\"-8\" y=\"{y}\" text-anchor=\"end\">{}</text>",
            text::number(value)
        ));
    }
    html.put(format_args!("</svg>"));
}

fn plot(html: &mut Builder, trend: &Trend, ticks: &Ticks, id: &str) {
    html.put(format_args!(
        "<svg height=\"{HEIGHT}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">Open findings by severity, {} days</title><desc id=\"{id}-d\">",
        trend.days.len()
    ));
    html.text(&trend.words());
    html.put(format_args!("</desc>"));
    for value in ticks.values() {
        let class = if value == 0 { "axis" } else { "gridl" };
        let y = coordinate(y_of(value, ticks));
        html.put(format_args!(
            "<line class=\"{class}\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>"
        ));
    }
    bands(html, trend, ticks);
    gaps(html, trend, id, TOP, BOTTOM - TOP);
    marks(html, trend);
    for label in day_labels(trend.first_day, trend.days.len()) {
        x_label(html, &label, trend.days.len());
    }
    tips(html, trend);
    html.put(format_args!("</svg>"));
}

fn bands(html: &mut Builder, trend: &Trend, ticks: &Ticks) {
    let shown = if trend.has_unknown() {
        BANDS.len()
    } else {
        BANDS.len() - 1
    };
    let top = ticks.top;
    html.put(format_args!(
        "<svg y=\"{TOP}\" width=\"100%\" height=\"{}\" viewBox=\"0 0 {} {top}\" preserveAspectRatio=\"none\" overflow=\"visible\">",
        BOTTOM - TOP,
        trend.days.len().max(1)
    ));
    let edges: Vec<Vec<u64>> = (0..=shown).map(|count| trend.stacked(count)).collect();
    for (band, pair) in BANDS.iter().zip(edges.windows(2)) {
        if let [lower, upper] = pair {
            let path: String = trend
                .runs()
                .iter()
                .map(|run| band_path(lower, upper, run, top))
                .collect();
            html.put(format_args!(
                "<path class=\"band {}\" d=\"{path}\"/>",
                class(*band)
            ));
        }
    }
    for (band, upper) in BANDS.iter().zip(edges.iter().skip(1)).rev() {
        let path: String = trend
            .runs()
            .iter()
            .map(|run| edge_path(upper, run, top))
            .collect();
        html.put(format_args!(
            "<path class=\"edge {}\" d=\"{path}\"/>",
            class(*band)
        ));
    }
    html.put(format_args!("</svg>"));
}

/// The upper edge of a run as steps: a count holds until the day on which it changes.
pub(super) fn edge_path(values: &[u64], run: &std::ops::Range<usize>, top: u64) -> String {
    let value = |at: usize| values.get(at).copied().unwrap_or(0);
    let mut path = format!("M{} {}", run.start, top.saturating_sub(value(run.start)));
    for at in run.start + 1..run.end {
        if value(at) != value(at - 1) {
            path.push_str(&format!("H{at}V{}", top.saturating_sub(value(at))));
        }
    }
    path.push_str(&format!("H{}", run.end));
    path
}

/// The closed shape between two edges of a run.
pub(super) fn band_path(lower: &[u64], upper: &[u64], run: &std::ops::Range<usize>, top: u64) -> String {
    let value = |at: usize| lower.get(at).copied().unwrap_or(0);
    let mut path = edge_path(upper, run, top);
    path.push_str(&format!(
        "V{}",
        top.saturating_sub(value(run.end.saturating_sub(1)))
    ));
    for at in (run.start + 1..run.end).rev() {
        if value(at) != value(at - 1) {
            path.push_str(&format!("H{at}V{}", top.saturating_sub(value(at - 1))));
        }
    }
    path.push_str(&format!("H{}Z", run.start));
    path
}

/// Days without data are hatched: no data is not zero.
pub(super) fn gaps(html: &mut Builder, trend: &Trend, id: &str, top: f64, height: f64) {
    let gaps = trend.gaps();
    if gaps.is_empty() {
        return;
    }
    html.put(format_args!(
        "<defs><pattern id=\"{id}-h\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><line class=\"hatch\" x1=\"0\" x2=\"0\" y1=\"0\" y2=\"6\"/></pattern></defs>"
    ));
    let words = if trend.latest().is_some() {
        "no build"
    } else {
        "not checked yet"
    };
    let days = units(trend.days.len().max(1));
    for gap in gaps {
        let (x, width) = (units(gap.start) * 100.0 / days, units(gap.len()) * 100.0 / days);
        let (left, wide, middle) = (coordinate(x), coordinate(width), coordinate(x + width / 2.0));
        html.put(format_args!(
            "<rect x=\"{left}%\" y=\"{top}\" width=\"{wide}%\" height=\"{height}\" fill=\"url(#{id}-h)\"/>"
        ));
        if width >= 10.0 {
            let y = coordinate(top + height / 2.0);
            html.put(format_args!(
                "<text class=\"gap\" x=\"{middle}%\" y=\"{y}\" text-anchor=\"middle\">{words}</text>"
            ));
        }
    }
}

fn marks(html: &mut Builder, trend: &Trend) {
    let days = trend.days.len();
    let inside = |mark: &&Mark| mark.day >= trend.first_day && mark.day < trend.day(days);
    let shown: Vec<&Mark> = trend.marks.iter().filter(inside).collect();
    let mut free_from = 0;
    for mark in shown.iter().skip(shown.len().saturating_sub(MARKS)) {
        let offset = usize::try_from(mark.day - trend.first_day).unwrap_or(0);
        let x = coordinate(units(offset) * 100.0 / units(days.max(1)));
        html.put(format_args!(
            "<line class=\"ev\" x1=\"{x}%\" x2=\"{x}%\" y1=\"16\" y2=\"{BOTTOM}\"/>"
        ));
        // A label needs about a sixth of the width; one that would run into its neighbour is left to the table.
        if offset >= free_from {
            let anchor = anchor(offset, days);
            html.put(format_args!(
                "<text class=\"ev-t\" x=\"{x}%\" y=\"11\" text-anchor=\"{anchor}\">{}</text>",
                escape(&mark.label)
            ));
            free_from = offset + days / 6;
        }
    }
}

fn x_label(html: &mut Builder, label: &DayLabel, days: usize) {
    let x = coordinate(units(label.offset) * 100.0 / units(days.max(1)));
    let minor = if label.minor { " class=\"minor\"" } else { "" };
    let anchor = anchor(label.offset, days);
    html.put(format_args!(
        "<line class=\"axis\" x1=\"{x}%\" x2=\"{x}%\" y1=\"{BOTTOM}\" y2=\"{}\"/><text{minor} x=\"{x}%\" y=\"288\" text-anchor=\"{anchor}\">{}</text>",
        BOTTOM + 4.0,
        label.text
    ));
}

fn tips(html: &mut Builder, trend: &Trend) {
    let days = trend.days.len();
    let stride = days.div_ceil(TIPS).max(1);
    for (at, counts) in trend.days.iter().enumerate().step_by(stride) {
        let x = units(at) * 100.0 / units(days);
        tip(
            html,
            x,
            units(stride) * 100.0 / units(days),
            &text::long_day(trend.day(at)),
            *counts,
        );
    }
}

/// One hover target and its box; the box changes sides where it would leave the plot.
fn tip(html: &mut Builder, x: f64, width: f64, title: &str, counts: Option<SeverityCounts>) {
    let (left, wide) = (coordinate(x), coordinate(width));
    let shift = if x > 62.0 { -136 } else { 12 };
    html.put(format_args!(
        "<g class=\"d\"><rect class=\"hit\" x=\"{left}%\" y=\"{TOP}\" width=\"{wide}%\" height=\"{}\"/><line class=\"x\" x1=\"{left}%\" x2=\"{left}%\" y1=\"{TOP}\" y2=\"{BOTTOM}\"/><svg class=\"tip\" x=\"{left}%\" y=\"34\" width=\"1\" height=\"1\" overflow=\"visible\">",
        BOTTOM - TOP
    ));
    let bands: Vec<Severity> = BANDS
        .into_iter()
        .filter(|band| *band != Severity::Unknown || counts.is_some_and(|c| c.unknown > 0))
        .collect();
    let lines = if counts.is_some() { bands.len() } else { 1 };
    html.put(format_args!("<rect x=\"{shift}\" width=\"124\" height=\"{}\" rx=\"6\"/><text y=\"18\"><tspan class=\"b\" x=\"{}\">{title}</tspan>", 30 + 15 * lines, shift + 10));
    match counts {
        None => html.put(format_args!(
            "<tspan x=\"{}\" dy=\"16\">no build</tspan>",
            shift + 10
        )),
        Some(counts) => {
            for band in bands {
                html.put(format_args!(
                    "<tspan x=\"{}\" dy=\"15\">{}</tspan><tspan x=\"{}\" text-anchor=\"end\">{}</tspan>",
                    shift + 10,
                    word(band),
                    shift + 114,
                    text::number(counts.of(band))
                ));
            }
        }
    }
    html.put(format_args!("</text></svg></g>"));
}

/// Name and number of each band, at the height where the band ends.
fn edge_labels(html: &mut Builder, trend: &Trend, ticks: &Ticks) {
    html.put(format_args!("<svg height=\"{HEIGHT}\" aria-hidden=\"true\">"));
    if let Some(counts) = trend.latest() {
        let shown: Vec<Severity> = BANDS
            .into_iter()
            .filter(|band| *band != Severity::Unknown || counts.unknown > 0)
            .rev()
            .collect();
        let mut below: u64 = counts.total();
        let mut wanted = Vec::with_capacity(shown.len());
        for band in &shown {
            let value = counts.of(*band);
            wanted.push(y_of(below.saturating_sub(value / 2), ticks));
            below = below.saturating_sub(value);
        }
        for (band, y) in shown.iter().zip(spread(&wanted, 17.0, TOP, BOTTOM - 2.0)) {
            let glyph = glyph_at(*band, 10, rounded(y) - 5);
            let y = coordinate(y + 4.0);
            html.html(&glyph);
            html.put(format_args!("<text class=\"end-l\" x=\"25\" y=\"{y}\">{}</text><text class=\"end-l\" x=\"100%\" y=\"{y}\" text-anchor=\"end\">{}</text>", word(*band), text::number(counts.of(*band))));
        }
    }
    html.put(format_args!("</svg>"));
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a y-coordinate within the chart's 292 px"
)]
fn rounded(y: f64) -> i64 {
    y.round() as i64
}

/// The days on which something changed; between two rows every count holds.
#[must_use]
pub fn trend_table(trend: &Trend) -> Html {
    let mut html = Builder::default();
    let changed = |at: &usize| *at == 0 || trend.days.get(*at) != trend.days.get(at.wrapping_sub(1));
    let rows: Vec<usize> = (0..trend.days.len()).filter(changed).collect();
    let left_out = rows.len().saturating_sub(TABLE_ROWS);
    html.put(format_args!("<details class=\"as-table\"><summary>Show as table</summary><div class=\"tbl\" tabindex=\"0\" role=\"region\" aria-label=\"Open findings by day\"><table><caption>Days on which a count changed{}</caption><thead><tr><th scope=\"col\">Day</th>", if left_out > 0 { ", the newest" } else { "" }));
    for band in BANDS {
        html.put(format_args!("<th scope=\"col\">{}</th>", word(band)));
    }
    html.put(format_args!("<th scope=\"col\">All</th></tr></thead><tbody>"));
    for at in rows.into_iter().skip(left_out) {
        html.put(format_args!(
            "<tr><th scope=\"row\">{}</th>",
            text::long_day(trend.day(at))
        ));
        match trend.days.get(at).copied().flatten() {
            None => html.put(format_args!("<td colspan=\"6\">no build</td>")),
            Some(counts) => {
                for band in BANDS {
                    html.put(format_args!("<td>{}</td>", text::number(counts.of(band))));
                }
                html.put(format_args!("<td>{}</td>", text::number(counts.total())));
            }
        }
        html.put(format_args!("</tr>"));
    }
    html.put(format_args!("</tbody></table></div></details>"));
    html.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(critical: u64, high: u64) -> Option<SeverityCounts> {
        Some(SeverityCounts::new(critical, high, 0, 0, 0))
    }

    #[test]
    fn a_count_holds_until_the_day_it_changes() {
        assert_eq!(edge_path(&[2, 2, 5, 5], &(0..4), 10), "M0 8H2V5H4");
        assert_eq!(
            band_path(&[0, 0, 1, 1], &[2, 2, 5, 5], &(0..4), 10),
            "M0 8H2V5H4V9H2V10H0Z"
        );
    }

    #[test]
    fn days_without_a_build_are_a_gap_and_not_zero() {
        let trend = Trend {
            first_day: 20_000,
            days: vec![counts(1, 1), None, None, counts(2, 0)],
            marks: vec![],
        };
        assert_eq!(trend.runs(), [0..1, 3..4]);
        assert_eq!(trend.gaps().as_slice(), std::slice::from_ref(&(1..3)));
        let html = stacked_area(&trend, "t");
        assert!(html.as_str().contains(">no build</text>") && html.as_str().contains("class=\"hatch\""));
        assert!(html.as_str().contains("<td colspan=\"6\">no build</td>"));
    }

    #[test]
    fn nothing_known_is_said_in_words() {
        let trend = Trend {
            first_day: 20_000,
            days: vec![None; 30],
            marks: vec![],
        };
        assert!(
            stacked_area(&trend, "t")
                .as_str()
                .contains("No build has been checked in this time.")
        );
        assert_eq!(trend.latest(), None);
    }

    #[test]
    fn the_words_name_start_peak_and_now() {
        let trend = Trend {
            first_day: 20_000,
            days: vec![counts(1, 1), counts(4, 3), counts(2, 1)],
            marks: vec![],
        };
        assert_eq!(
            trend.words(),
            "From 2 to 3, with a peak of 7 on 5 Oct 2024. Now: 2 critical, 1 high, 0 medium, 0 low."
        );
    }

    #[test]
    fn marks_outside_the_picture_are_left_out_and_labels_are_escaped() {
        let mark = |day, label: &str| Mark {
            day,
            label: label.to_owned(),
        };
        let trend = Trend {
            first_day: 20_000,
            days: vec![counts(1, 0); 30],
            marks: vec![
                mark(19_999, "before"),
                mark(20_010, "<v1>"),
                mark(20_030, "after"),
            ],
        };
        let html = stacked_area(&trend, "t");
        assert_eq!(html.as_str().matches("class=\"ev\"").count(), 1);
        assert!(html.as_str().contains("&lt;v1&gt;"));
    }
}
