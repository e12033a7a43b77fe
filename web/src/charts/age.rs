//! Age of open findings: one bar a bucket, divided by severity.

use super::{coordinate, percent_of};
use crate::html::{Builder, Html, escape};
use crate::parts::{BANDS, SeverityCounts, class};
use crate::text;

/// Open findings of one age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgeBucket {
    /// `8–30 days`.
    pub label: String,
    pub counts: SeverityCounts,
}

/// The bars on one common scale, the number at the end of each.
#[must_use]
pub fn age_bars(buckets: &[AgeBucket]) -> Html {
    let longest = buckets
        .iter()
        .map(|bucket| bucket.counts.total())
        .max()
        .unwrap_or(0);
    let mut html = Builder::default();
    html.put(format_args!("<ul class=\"hbars\">"));
    for bucket in buckets {
        html.put(format_args!(
            "<li><span>{}</span><svg role=\"img\" aria-label=\"{}\">",
            escape(&bucket.label),
            bucket.counts.words()
        ));
        let mut from: u64 = 0;
        for band in BANDS {
            let value = bucket.counts.of(band);
            if value > 0 {
                html.put(format_args!(
                    "<rect class=\"bar {}\" x=\"{}%\" width=\"{}%\" height=\"14\"/>",
                    class(band),
                    coordinate(percent_of(from, longest)),
                    coordinate(percent_of(value, longest))
                ));
            }
            from = from.saturating_add(value);
        }
        html.put(format_args!(
            "</svg><b class=\"num\">{}</b></li>",
            text::number(from)
        ));
    }
    html.put(format_args!("</ul>"));
    html.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bucket_fills_the_width() {
        let bucket = |label: &str, counts| AgeBucket {
            label: label.to_owned(),
            counts,
        };
        let html = age_bars(&[
            bucket("Under 7 days", SeverityCounts::new(2, 2, 0, 0, 0)),
            bucket("Over 90 days", SeverityCounts::new(0, 1, 0, 0, 0)),
        ]);
        assert!(html.as_str().contains("class=\"bar h\" x=\"50%\" width=\"50%\""));
        assert!(html.as_str().contains("class=\"bar h\" x=\"0%\" width=\"25%\""));
    }
}
