//! Horizontal bars: findings by severity, shares of a whole, time used until a deadline.

use super::{coordinate, percent_of};
use crate::html::{Builder, Html, escape};
use crate::parts::{BANDS, SeverityCounts, class};
use crate::text;

/// The width of the seam between two parts, in percent.
const SEAM: f64 = 0.6;

/// A bar of severities, as long as its total is among `longest` (the largest total of the list).
#[must_use]
pub fn severity_bar(counts: &SeverityCounts, longest: u64) -> Html {
    let mut html = Builder::default();
    html.put(format_args!(
        "<svg class=\"mini\" role=\"img\" aria-label=\"{}\">",
        counts.words()
    ));
    let mut from: u64 = 0;
    for band in BANDS {
        let value = counts.of(band);
        let width = (percent_of(value, longest) - SEAM).max(0.5);
        if value > 0 {
            html.put(format_args!(
                "<rect class=\"{}\" x=\"{}%\" width=\"{}%\" height=\"8\"/>",
                class(band),
                coordinate(percent_of(from, longest)),
                coordinate(width)
            ));
        }
        from = from.saturating_add(value);
    }
    html.put(format_args!("</svg>"));
    html.finish()
}

/// One part of a whole: `9 stale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub value: u64,
    pub name: &'static str,
    /// `s-pass`, `s-warn`, `s-fail` or `u-bar`.
    pub class: &'static str,
}

/// A bar that is the whole, divided. What is there is seen, however small its share.
#[must_use]
pub fn share_bar(shares: &[Share]) -> Html {
    let whole: u64 = shares.iter().map(|share| share.value).sum();
    let words: Vec<String> = shares
        .iter()
        .map(|share| format!("{} {}", text::number(share.value), share.name))
        .collect();
    let mut html = Builder::default();
    html.put(format_args!(
        "<svg class=\"cov\" height=\"12\" role=\"img\" aria-label=\"{}\">",
        escape(&words.join(", "))
    ));
    let mut from: u64 = 0;
    for share in shares.iter().filter(|share| share.value > 0) {
        let seam = if from.saturating_add(share.value) < whole {
            0.4
        } else {
            0.0
        };
        let width = (percent_of(share.value, whole) - seam).max(0.5);
        html.put(format_args!(
            "<rect class=\"{}\" x=\"{}%\" width=\"{}%\" height=\"12\"/>",
            share.class,
            coordinate(percent_of(from, whole).min(99.5)),
            coordinate(width)
        ));
        from = from.saturating_add(share.value);
    }
    html.put(format_args!("</svg>"));
    html.finish()
}

/// How much of the time until a deadline is used: `class` is empty, `soon` or `over`.
#[must_use]
pub fn deadline_bar(used_percent: u64, class: &str) -> Html {
    let used = used_percent.min(100);
    Html::from_trusted(format!(
        "<svg aria-hidden=\"true\"><rect class=\"t\" width=\"100%\" height=\"4\"/><rect class=\"v {class}\" width=\"{used}%\" height=\"4\"/></svg>"
    ))
}

/// A plain bar, as long as `value` is of `most`; the number stands beside it.
#[must_use]
pub fn usage_bar(value: u64, most: u64) -> Html {
    let width = coordinate(percent_of(value, most));
    Html::from_trusted(format!(
        "<svg class=\"use\" aria-hidden=\"true\"><rect class=\"b-new\" width=\"{width}%\" height=\"8\" rx=\"2\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_its_numbers_and_shows_even_the_smallest_part() {
        let html = severity_bar(&SeverityCounts::new(1, 0, 9_999, 0, 0), 10_000);
        assert!(
            html.as_str()
                .contains("aria-label=\"1 critical, 0 high, 9,999 medium, 0 low\"")
        );
        assert_eq!(html.as_str().matches("<rect").count(), 2);
        assert!(html.as_str().contains("class=\"c\" x=\"0%\" width=\"0.5%\""));
    }

    #[test]
    fn nothing_draws_no_bar() {
        assert_eq!(
            severity_bar(&SeverityCounts::default(), 0)
                .as_str()
                .matches("<rect")
                .count(),
            0
        );
        let none = Share {
            value: 0,
            name: "stale",
            class: "s-fail",
        };
        assert!(
            share_bar(&[none])
                .as_str()
                .contains("aria-label=\"0 stale\"></svg>")
        );
    }
}
