//! The badge of a project: its verdict as a small picture that stands alone, with literal colours.

use std::fmt::Write as _;

/// What the badge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Passed,
    /// Passed, with something that a person should know.
    Warned,
    Failed,
    /// Not everything could be checked.
    Indeterminate,
    Pending,
    /// Nothing was sent yet.
    NoBuild,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Self; 6] = [
        Self::Passed,
        Self::Warned,
        Self::Failed,
        Self::Indeterminate,
        Self::Pending,
        Self::NoBuild,
    ];

    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "passed, warnings",
            Self::Failed => "failed",
            Self::Indeterminate => "indeterminate",
            Self::Pending => "pending",
            Self::NoBuild => "no build",
        }
    }

    /// White text on each has a contrast of at least 4.5 to 1.
    const fn colour(self) -> &'static str {
        match self {
            Self::Passed => "#18713f",
            Self::Warned => "#8a5300",
            Self::Failed => "#a5122f",
            Self::Indeterminate | Self::Pending | Self::NoBuild => "#5b6270",
        }
    }
}

/// Width of a letter at 11 px, on the average, in tenths of a pixel; the text is fitted to its box, whatever the font.
const LETTER: usize = 66;
const LABEL: &str = "gate";

/// The picture.
#[must_use]
pub fn svg(mark: Mark) -> String {
    let words = mark.words();
    let width = |text: &str| text.len() * LETTER / 10 + 12;
    let (left, right) = (width(LABEL), width(words));
    let whole = left + right;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"20\" role=\"img\" aria-label=\"{LABEL}: {words}\">\
         <title>{LABEL}: {words}</title><rect width=\"{whole}\" height=\"20\" rx=\"4\" fill=\"#2b303a\"/>\
         <path d=\"M{left} 0h{}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H{left}z\" fill=\"{}\"/>\
         <g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">",
        right.saturating_sub(4),
        mark.colour()
    );
    for (at, text, room) in [(6, LABEL, left - 12), (left + 6, words, right - 12)] {
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "<text x=\"{at}\" y=\"14\" textLength=\"{room}\" lengthAdjust=\"spacingAndGlyphs\">{text}</text>"
        );
    }
    out.push_str("</g></svg>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_badge_says_its_verdict_in_words_beside_the_colour() {
        for mark in Mark::ALL {
            let picture = svg(mark);
            assert!(
                picture.contains(&format!("<title>gate: {}</title>", mark.words())),
                "{picture}"
            );
            assert!(picture.contains(mark.colour()));
            assert!(!picture.contains("style=") && !picture.contains("<script"));
        }
    }
}
