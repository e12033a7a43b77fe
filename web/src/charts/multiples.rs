//! One severity of the portfolio on its own scale: in a common stack 44 criticals among 1,900 are a hairline.

use advisories::Severity;

use super::area::{band_path, edge_path, gaps};
use super::scale::Ticks;
use super::{Trend, coordinate, units};
use crate::html::{Builder, Html};
use crate::parts::{class, severity, word};
use crate::text;

const HEIGHT: u32 = 84;

/// One panel: the band's name, its number now, the change since the first day, and the steps between.
#[must_use]
pub fn panel(trend: &Trend, band: Severity) -> Html {
    let values: Vec<u64> = trend
        .days
        .iter()
        .map(|day| day.map_or(0, |counts| counts.of(band)))
        .collect();
    let known = |counts: Option<crate::parts::SeverityCounts>| counts.map(|counts| counts.of(band));
    let mut html = Builder::default();
    html.put(format_args!("<figure class=\"mult\"><figcaption>"));
    html.html(&severity(band));
    match (known(trend.earliest()), known(trend.latest())) {
        (Some(first), Some(last)) => {
            caption(&mut html, first, last);
            steps(&mut html, trend, band, &values, first, last);
        }
        _ => html.put(format_args!(
            "<span class=\"muted\">not checked yet</span></figcaption>"
        )),
    }
    html.put(format_args!("</figure>"));
    html.finish()
}

fn caption(html: &mut Builder, first: u64, last: u64) {
    let difference = i64::try_from(last).unwrap_or(i64::MAX) - i64::try_from(first).unwrap_or(i64::MAX);
    let tone = match difference {
        0 => "muted",
        1.. => "up",
        _ => "down",
    };
    html.put(format_args!(
        "<b class=\"num\">{}</b><span class=\"{tone} num\">{}</span></figcaption>",
        text::number(last),
        text::change(difference)
    ));
}

fn steps(html: &mut Builder, trend: &Trend, band: Severity, values: &[u64], first: u64, last: u64) {
    let highest = values.iter().copied().max().unwrap_or(0);
    let top = Ticks::up_to(highest).top;
    let (days, class) = (trend.days.len(), class(band));
    html.put(format_args!(
        "<svg height=\"102\" role=\"img\" aria-label=\"{}: from {} to {} in {days} days, highest {}\"><line class=\"gridl\" x1=\"0\" x2=\"100%\" y1=\"1\" y2=\"1\"/><line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{HEIGHT}\" y2=\"{HEIGHT}\"/><text x=\"100%\" y=\"-4\" text-anchor=\"end\">{}</text>",
        word(band), text::number(first), text::number(last), text::number(highest), text::number(top)
    ));
    html.put(format_args!("<svg width=\"100%\" height=\"{HEIGHT}\" viewBox=\"0 0 {days} {top}\" preserveAspectRatio=\"none\" overflow=\"visible\">"));
    let floor = vec![0; days];
    let runs = trend.runs();
    let area: String = runs
        .iter()
        .map(|run| band_path(&floor, values, run, top))
        .collect();
    let edge: String = runs.iter().map(|run| edge_path(values, run, top)).collect();
    html.put(format_args!(
        "<path class=\"band {class}\" d=\"{area}\"/><path class=\"edge {class}\" d=\"{edge}\"/></svg>"
    ));
    gaps(html, trend, &format!("panel-{class}"), 0.0, f64::from(HEIGHT));
    for mark in trend
        .marks
        .iter()
        .filter(|mark| mark.day >= trend.first_day && mark.day < trend.day(days))
        .take(4)
    {
        let offset = usize::try_from(mark.day - trend.first_day).unwrap_or(0);
        let x = coordinate(units(offset) * 100.0 / units(days.max(1)));
        html.put(format_args!(
            "<line class=\"ev\" x1=\"{x}%\" x2=\"{x}%\" y1=\"0\" y2=\"{HEIGHT}\"/>"
        ));
    }
    html.put(format_args!(
        "<text x=\"0\" y=\"98\">{}</text><text x=\"100%\" y=\"98\" text-anchor=\"end\">{}</text></svg>",
        text::short_day(trend.first_day),
        text::short_day(trend.day(days.saturating_sub(1)))
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parts::SeverityCounts;

    #[test]
    fn a_panel_says_its_numbers_in_words() {
        let day = |critical| Some(SeverityCounts::new(critical, 0, 0, 0, 0));
        let trend = Trend {
            first_day: 20_000,
            days: vec![day(61), day(67), day(44)],
            marks: vec![],
        };
        let html = panel(&trend, Severity::Critical);
        assert!(
            html.as_str()
                .contains("aria-label=\"Critical: from 61 to 44 in 3 days, highest 67\"")
        );
        assert!(html.as_str().contains("17 fewer"));
    }

    #[test]
    fn a_panel_of_nothing_is_not_checked_rather_than_zero() {
        let trend = Trend {
            first_day: 20_000,
            days: vec![None; 3],
            marks: vec![],
        };
        let html = panel(&trend, Severity::High);
        assert!(html.as_str().contains("not checked yet") && !html.as_str().contains(">0<"));
    }
}
