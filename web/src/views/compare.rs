//! Two builds of one project side by side: verdicts, findings with cause, components, licenses.

use clock::Timestamp;
use policy::{Cause, Outcome};

use super::header::ProjectHeader;
use super::list::{Choice, Note, Tile, Tone};
use super::rows::{FindingRow, sample_now, sample_rows};
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::{links, parts, text};

page!("compare.html", Compare);

/// The page that compares two builds.
#[derive(Clone, Debug)]
pub struct Compare {
    pub header: ProjectHeader,
    pub from: Side,
    pub to: Side,
    /// Builds to choose from, newest first, for each side.
    pub from_choices: Vec<Choice>,
    pub to_choices: Vec<Choice>,
    pub opened: Vec<Opened>,
    pub closed: Vec<Closed>,
    /// Findings of the first build about which the second cannot tell.
    pub unknown: Vec<Closed>,
    /// Findings that both have.
    pub unchanged: u64,
    pub added: Cut<Version>,
    pub removed: Cut<Version>,
    pub changed: Cut<Changed>,
    pub licenses: Cut<LicenseChange>,
}

/// One of the two builds.
#[derive(Clone, Debug)]
pub struct Side {
    pub number: u64,
    pub id: String,
    pub reference: String,
    pub at: Timestamp,
    pub outcome: Outcome,
}

impl Side {
    pub(crate) fn verdict(&self) -> Html {
        parts::outcome(self.outcome)
    }
}

/// A list of which the page shows the first.
#[derive(Clone, Debug)]
pub struct Cut<T> {
    pub shown: Vec<T>,
    pub total: u64,
}

impl<T> Cut<T> {
    const EMPTY: Self = Self {
        shown: Vec::new(),
        total: 0,
    };

    pub(crate) fn rest(&self) -> u64 {
        let shown = u64::try_from(self.shown.len()).unwrap_or(u64::MAX);
        self.total.saturating_sub(shown)
    }
}

/// A finding that only the second build has.
#[derive(Clone, Debug)]
pub struct Opened {
    pub row: FindingRow,
    /// `None` when it cannot be told.
    pub cause: Option<Cause>,
}

impl Opened {
    pub(crate) fn why(&self) -> &'static str {
        self.cause.map_or(
            "the component was there before, but was not checked",
            super::rows::cause_words,
        )
    }
}

/// A finding that the second build does not have.
#[derive(Clone, Debug)]
pub struct Closed {
    pub row: FindingRow,
    /// Why, in words.
    pub why: String,
}

/// One version of a package.
#[derive(Clone, Debug)]
pub struct Version {
    pub name: String,
    pub version: String,
    /// Empty when the document gives none.
    pub purl: String,
}

/// A package with other versions than before.
#[derive(Clone, Debug)]
pub struct Changed {
    pub name: String,
    pub from: String,
    pub to: String,
    /// `patch`, `minor`, `major`, `down`; empty when it cannot be told.
    pub step: String,
}

/// A package whose licenses are others than before.
#[derive(Clone, Debug)]
pub struct LicenseChange {
    pub name: String,
    pub before: String,
    pub after: String,
}

impl Compare {
    fn frame(&self) -> Frame {
        let (from, to) = (links::segment(&self.from.id), links::segment(&self.to.id));
        Frame::new(
            format!("Compare · {}", self.header.short_name()),
            Section::Projects,
            format!(
                "{}/diff?from={from}&to={to}",
                links::api_project(&self.header.name)
            ),
        )
    }

    pub(crate) fn action(&self) -> String {
        format!("{}/compare", links::project(&self.header.name))
    }

    /// The other way round.
    pub(crate) fn swapped(&self) -> String {
        links::compare(&self.header.name, self.to.number, self.from.number)
    }

    /// The whole difference in two sentences.
    pub(crate) fn sentence(&self) -> String {
        let gate = if self.from.outcome == self.to.outcome {
            format!("The gate says {} for both.", word(self.to.outcome).to_lowercase())
        } else {
            format!(
                "The gate went from {} to {}.",
                word(self.from.outcome).to_lowercase(),
                word(self.to.outcome).to_lowercase()
            )
        };
        format!("{gate} {}", self.causes())
    }

    /// Whether the code or the world changed.
    fn causes(&self) -> String {
        let all = self.opened.len();
        let by_advisory = self
            .opened
            .iter()
            .filter(|opened| {
                matches!(
                    opened.cause,
                    Some(Cause::AdvisoryPublished | Cause::AdvisoryChanged)
                )
            })
            .count();
        let count = |value: usize| text::plural(u64::try_from(value).unwrap_or(u64::MAX), "new finding");
        match (all, by_advisory) {
            (0, _) => "There is no new finding.".to_owned(),
            (all, by_advisory) if all == by_advisory => format!(
                "{} came with advisories; your code did not change for them.",
                count(all)
            ),
            (all, 0) => format!("{} came with what was built in.", count(all)),
            (all, by_advisory) => format!("{}, {by_advisory} of them by advisories alone.", count(all)),
        }
    }

    pub(crate) fn tiles(&self) -> Vec<Tile> {
        let length = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        let (opened, closed) = (length(self.opened.len()), length(self.closed.len()));
        let note = |strong: String, tone, rest: String| Note { strong, tone, rest };
        let tile = |label, definition, value: String, note| Tile {
            label,
            definition,
            value: Some(value),
            unit: String::new(),
            note,
        };
        vec![
            tile(
                "New findings",
                "new-and-fixed",
                text::number(opened),
                note(
                    String::new(),
                    Tone::Plain,
                    format!("{} in both", text::number(self.unchanged)),
                ),
            ),
            tile(
                "Gone findings",
                "new-and-fixed",
                text::number(closed),
                match length(self.unknown.len()) {
                    0 => note(
                        String::new(),
                        Tone::Plain,
                        "fixed, removed or withdrawn".to_owned(),
                    ),
                    unknown => note(
                        format!("{} more", text::number(unknown)),
                        Tone::Worse,
                        "no longer checked".to_owned(),
                    ),
                },
            ),
            tile(
                "Components",
                "coverage",
                format!("+{} −{}", self.added.total, self.removed.total),
                note(
                    String::new(),
                    Tone::Plain,
                    format!("{} with other versions", text::number(self.changed.total)),
                ),
            ),
            tile(
                "Licenses changed",
                "coverage",
                text::number(self.licenses.total),
                note(
                    String::new(),
                    Tone::Plain,
                    "of packages in both builds".to_owned(),
                ),
            ),
        ]
    }

    #[must_use]
    pub fn sample() -> Self {
        let side = |number, id: &str, outcome, hours: i64| Side {
            number,
            id: id.to_owned(),
            reference: "main".to_owned(),
            at: sample_now().plus_millis(-hours * 3_600_000),
            outcome,
        };
        let rows = sample_rows();
        let choices = |chosen: &str| {
            ["1842", "1841", "1833"]
                .map(|number| Choice::new(number, &format!("#{number} main"), number == chosen))
                .to_vec()
        };
        let version = |name: &str, version: &str| Version {
            name: name.to_owned(),
            version: version.to_owned(),
            purl: format!("pkg:npm/{name}@{version}"),
        };
        let cut = |shown: Vec<Version>| Cut {
            total: u64::try_from(shown.len()).unwrap_or(0),
            shown,
        };
        Self {
            header: ProjectHeader::sample(),
            from: side(1833, "0193f0aa-0000-7d02-9a55-6f2f3b1c0d11", Outcome::Pass, 74),
            to: side(1842, "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d11", Outcome::Fail, 2),
            from_choices: choices("1833"),
            to_choices: choices("1842"),
            opened: rows
                .iter()
                .take(2)
                .zip([Some(Cause::AdvisoryPublished), Some(Cause::ComponentAdded)])
                .map(|(row, cause)| Opened {
                    row: row.clone(),
                    cause,
                })
                .collect(),
            closed: rows
                .iter()
                .skip(2)
                .take(1)
                .map(|row| Closed {
                    row: row.clone(),
                    why: "its version changed".to_owned(),
                })
                .collect(),
            unknown: Vec::new(),
            unchanged: 36,
            added: cut(vec![version("jsdom", "21.1.1"), version("vitest", "1.6.0")]),
            removed: cut(vec![version("jest", "29.7.0")]),
            changed: Cut {
                shown: vec![Changed {
                    name: "express".to_owned(),
                    from: "4.17.0".to_owned(),
                    to: "4.17.1".to_owned(),
                    step: "patch".to_owned(),
                }],
                total: 5,
            },
            licenses: Cut {
                shown: vec![LicenseChange {
                    name: "mupdf".to_owned(),
                    before: "none stated".to_owned(),
                    after: "AGPL-3.0-or-later".to_owned(),
                }],
                total: 1,
            },
        }
    }

    /// Two builds that say the same.
    #[must_use]
    pub fn sample_same() -> Self {
        let whole = Self::sample();
        Self {
            from: Side {
                outcome: whole.to.outcome,
                ..whole.from
            },
            opened: Vec::new(),
            closed: Vec::new(),
            added: Cut::EMPTY,
            removed: Cut::EMPTY,
            changed: Cut::EMPTY,
            licenses: Cut::EMPTY,
            ..whole
        }
    }
}

const fn word(outcome: Outcome) -> &'static str {
    parts::outcome_style(outcome).word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_who_changed() {
        let sample = Compare::sample();
        assert_eq!(
            sample.sentence(),
            "The gate went from pass to fail. 2 new findings, 1 of them by advisories alone."
        );
        let only = Compare {
            opened: sample.opened.iter().take(1).cloned().collect(),
            ..sample
        };
        assert!(
            only.sentence()
                .ends_with("1 new finding came with advisories; your code did not change for them.")
        );
        assert_eq!(
            Compare::sample_same().sentence(),
            "The gate says fail for both. There is no new finding."
        );
    }
}
