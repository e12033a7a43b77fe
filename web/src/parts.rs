//! The small marks that every page uses: glyph, word and colour together, never colour alone (ux.md §6, §7).

use advisories::Severity;
use policy::Outcome;

use crate::html::{Builder, Html, escape};
use crate::text;

/// Bands in the order of urgency, as lists and charts show them; `None` is no band of its own on a page.
pub const BANDS: [Severity; 5] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
    Severity::Unknown,
];

/// How many findings (or components) there are in each band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeverityCounts {
    pub critical: u64,
    pub high: u64,
    pub medium: u64,
    pub low: u64,
    pub unknown: u64,
}

impl SeverityCounts {
    /// In the order of [`BANDS`].
    #[must_use]
    pub const fn new(critical: u64, high: u64, medium: u64, low: u64, unknown: u64) -> Self {
        Self {
            critical,
            high,
            medium,
            low,
            unknown,
        }
    }

    #[must_use]
    pub const fn of(&self, band: Severity) -> u64 {
        match band {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Unknown => self.unknown,
            Severity::None => 0,
        }
    }

    #[must_use]
    pub fn total(&self) -> u64 {
        BANDS
            .iter()
            .fold(0, |sum, band| sum.saturating_add(self.of(*band)))
    }

    /// `2 critical, 9 high, 18 medium, 8 low`; the unknown ones are named only where there are some.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words: Vec<String> = Vec::with_capacity(BANDS.len());
        for band in BANDS {
            if band != Severity::Unknown || self.unknown > 0 {
                words.push(format!(
                    "{} {}",
                    text::number(self.of(band)),
                    word(band).to_lowercase()
                ));
            }
        }
        words.join(", ")
    }
}

/// The word of a band.
#[must_use]
pub const fn word(level: Severity) -> &'static str {
    match level {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::None => "None",
        Severity::Unknown => "Unknown",
    }
}

/// The class in the style sheet that gives a band its colour.
#[must_use]
pub const fn class(level: Severity) -> &'static str {
    match level {
        Severity::Critical => "c",
        Severity::High => "h",
        Severity::Medium => "m",
        Severity::Low => "l",
        Severity::None | Severity::Unknown => "u",
    }
}

/// The outline of a band's glyph in a 12 × 12 box: diamond, triangle, square, disc, ring.
const fn glyph_path(level: Severity) -> &'static str {
    match level {
        Severity::Critical => "M6 0l6 6-6 6-6-6z",
        Severity::High => "M6 .8 12 11.2H0z",
        Severity::Medium => "M1 1h10v10H1z",
        Severity::Low => "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1z",
        Severity::None | Severity::Unknown => {
            "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1zM6 3a3 3 0 1 0 0 6 3 3 0 0 0 0-6z"
        }
    }
}

/// The glyph of a band alone; it takes its colour from the class of whatever stands around it.
#[must_use]
pub fn glyph(level: Severity) -> Html {
    let path = glyph_path(level);
    Html::from_trusted(format!(
        "<svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><path d=\"{path}\"/></svg>"
    ))
}

/// The glyph for use inside a chart, 9 px wide, its top left corner at `x`, `y`.
pub(crate) fn glyph_at(level: Severity, x: i64, y: i64) -> Html {
    let (path, class) = (glyph_path(level), class(level));
    Html::from_trusted(format!(
        "<svg x=\"{x}\" y=\"{y}\" width=\"9\" height=\"9\" viewBox=\"0 0 12 12\"><path class=\"sw {class}\" d=\"{path}\"/></svg>"
    ))
}

/// Glyph and word of a band.
#[must_use]
pub fn severity(level: Severity) -> Html {
    let (class, glyph, word) = (class(level), glyph(level), word(level));
    Html::from_trusted(format!("<span class=\"sev {class}\">{glyph}{word}</span>"))
}

/// One of the icons whose shapes stand in `templates/icons.html`.
#[must_use]
pub fn icon(name: &str) -> Html {
    let name = escape(name);
    Html::from_trusted(format!(
        "<svg class=\"i\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><use href=\"#i-{name}\"/></svg>"
    ))
}

/// What an outcome is called, drawn as and coloured with.
pub struct OutcomeStyle {
    /// In a list: `Fail`.
    pub word: &'static str,
    /// As a sentence about the gate: `Gate failed`.
    pub headline: &'static str,
    pub class: &'static str,
    pub icon: &'static str,
}

/// The look of each outcome.
#[must_use]
pub const fn outcome_style(outcome: Outcome) -> OutcomeStyle {
    let (word, headline, class, icon) = match outcome {
        Outcome::Pass => ("Pass", "Gate passed", "pass", "ok"),
        Outcome::Warn => ("Warn", "Gate passed with warnings", "warn", "warn"),
        Outcome::Fail => ("Fail", "Gate failed", "fail", "stop"),
        Outcome::Indeterminate => (
            "Undecided",
            "Gate undecided: not everything could be checked",
            "open",
            "ask",
        ),
        Outcome::Pending => ("Pending", "Checking this build", "open", "clock"),
    };
    OutcomeStyle {
        word,
        headline,
        class,
        icon,
    }
}

/// Icon and word of an outcome.
#[must_use]
pub fn outcome(outcome: Outcome) -> Html {
    let style = outcome_style(outcome);
    let (class, word, icon) = (style.class, style.word, icon(style.icon));
    Html::from_trusted(format!("<span class=\"verd {class}\">{icon}{word}</span>"))
}

/// An outcome, or the words for a project that has sent nothing yet.
#[must_use]
pub fn outcome_or_none(found: Option<Outcome>) -> Html {
    found.map_or_else(
        || {
            Html::from_trusted(format!(
                "<span class=\"verd open\">{}No build yet</span>",
                icon("ask")
            ))
        },
        outcome,
    )
}

/// The icon of a rule's outcome, with its word for those who do not see it.
#[must_use]
pub fn rule_icon(outcome: Outcome) -> Html {
    let (label, class, icon) = match outcome {
        Outcome::Pass => ("Passes", "pass", "ok"),
        Outcome::Warn => ("Warns", "warn", "warn"),
        Outcome::Fail => ("Fails", "fail", "x"),
        Outcome::Indeterminate | Outcome::Pending => ("Not decided", "open", "ask"),
    };
    Html::from_trusted(format!(
        "<svg class=\"i r-{class}\" viewBox=\"0 0 16 16\" role=\"img\" aria-label=\"{label}\"><use href=\"#i-{icon}\"/></svg>"
    ))
}

/// A status word in a pill; `class` is `pass`, `fail`, `warn`, `line` or empty.
#[must_use]
pub fn pill(words: &str, class: &str) -> Html {
    let mut html = Builder::default();
    html.put(format_args!("<span class=\"pill {class}\">"));
    html.text(words);
    html.put(format_args!("</span>"));
    html.finish()
}

/// How much of something was really looked at. It stands beside every count that could be zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Components that were fully checked.
    pub checked: u64,
    /// All components, without the product itself.
    pub components: u64,
}

impl Coverage {
    /// Whether every component was checked; of nothing, nothing was.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.components > 0 && self.checked >= self.components
    }

    /// `all 412 components checked`, `409 of 412 components checked`, `no components to check`.
    #[must_use]
    pub fn words(&self) -> String {
        let all = text::plural(self.components, "component");
        if self.components == 0 {
            "no components to check".to_owned()
        } else if self.is_complete() {
            format!("all {all} checked")
        } else {
            format!("{} of {all} checked", text::number(self.checked))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_never_calls_nothing_complete() {
        for (checked, components, words, complete) in [
            (0, 0, "no components to check", false),
            (0, 412, "0 of 412 components checked", false),
            (409, 412, "409 of 412 components checked", false),
            (412, 412, "all 412 components checked", true),
        ] {
            let coverage = Coverage { checked, components };
            assert_eq!(
                (coverage.words().as_str(), coverage.is_complete()),
                (words, complete)
            );
        }
    }

    #[test]
    fn counts_are_said_in_the_order_of_urgency() {
        assert_eq!(
            SeverityCounts::new(2, 9, 18, 8, 0).words(),
            "2 critical, 9 high, 18 medium, 8 low"
        );
        assert!(SeverityCounts::new(0, 0, 0, 0, 3).words().ends_with("3 unknown"));
        assert_eq!(SeverityCounts::new(1, 2, 3, 4, 5).total(), 15);
    }

    #[test]
    fn every_icon_that_is_used_is_drawn() {
        let drawn = include_str!("../templates/icons.html");
        for outcome in [
            Outcome::Pass,
            Outcome::Warn,
            Outcome::Fail,
            Outcome::Indeterminate,
            Outcome::Pending,
        ] {
            let id = format!("id=\"i-{}\"", outcome_style(outcome).icon);
            assert!(drawn.contains(&id), "{id}");
        }
    }
}
