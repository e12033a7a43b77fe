//! Charts as SVG, drawn on the server (ux.md §6).
//!
//! The plot has no view box and its x-coordinates are percentages, so that it reflows from 1,440 to 320 px while
//! its text keeps its size. Colours come from classes. Every chart says its content in words and offers a table.

mod age;
mod area;
mod bars;
mod dots;
mod multiples;
mod scale;
mod strip;
mod trend;
mod weeks;

pub use age::{AgeBucket, age_bars};
pub use area::{stacked_area, trend_table};
pub use bars::{Share, deadline_bar, severity_bar, share_bar, usage_bar};
pub use dots::{TimeToFix, dot_range};
pub use multiples::panel;
pub use strip::{StripBuild, gate_strip};
pub use trend::{Mark, Trend};
pub use weeks::{Week, week_bars, week_table};

/// A coordinate with at most two decimals and no trailing zeros: what is finer than that nobody sees.
fn coordinate(value: f64) -> String {
    let text = format!("{value:.2}");
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    if trimmed == "-0" {
        "0".to_owned()
    } else {
        trimmed.to_owned()
    }
}

/// `part` of `whole` in percent; nothing of nothing is 0.
#[expect(clippy::cast_precision_loss, reason = "counts of findings are far below 2^52")]
fn percent_of(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 * 100.0 / whole as f64
    }
}

/// A position among days or builds as a number for geometry.
#[expect(
    clippy::cast_precision_loss,
    reason = "positions in a chart are far below 2^52"
)]
const fn units(value: usize) -> f64 {
    value as f64
}

#[cfg(test)]
mod golden;
