//! What is known of the open findings, day by day.

use crate::parts::{BANDS, SeverityCounts};
use crate::text;

/// The open findings at the end of each day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    /// The first day, counted from the epoch, UTC.
    pub first_day: i64,
    /// One entry a day; `None` where nothing was known, which is not zero.
    pub days: Vec<Option<SeverityCounts>>,
    /// Releases and waves of advisories; the newest four are drawn.
    pub marks: Vec<Mark>,
}

/// A day worth a dotted line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Counted from the epoch, UTC.
    pub day: i64,
    pub label: String,
}

impl Trend {
    /// The last day for which anything is known.
    #[must_use]
    pub fn latest(&self) -> Option<SeverityCounts> {
        self.days.iter().rev().find_map(|day| *day)
    }

    /// The first day for which anything is known.
    #[must_use]
    pub fn earliest(&self) -> Option<SeverityCounts> {
        self.days.iter().find_map(|day| *day)
    }

    pub(super) fn day(&self, offset: usize) -> i64 {
        self.first_day
            .saturating_add(i64::try_from(offset).unwrap_or(i64::MAX))
    }

    pub(super) fn peak(&self) -> Option<(usize, u64)> {
        let totals = self
            .days
            .iter()
            .enumerate()
            .filter_map(|(at, day)| Some((at, (*day)?.total())));
        totals.max_by_key(|(at, total)| (*total, std::cmp::Reverse(*at)))
    }

    /// Stretches of days without a gap, as `start..end`.
    pub(super) fn runs(&self) -> Vec<std::ops::Range<usize>> {
        let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
        for (at, _) in self.days.iter().enumerate().filter(|(_, day)| day.is_some()) {
            match runs.last_mut() {
                Some(run) if run.end == at => run.end = at + 1,
                _ => runs.push(at..at + 1),
            }
        }
        runs
    }

    pub(super) fn gaps(&self) -> Vec<std::ops::Range<usize>> {
        let mut gaps = Vec::new();
        let mut from = 0;
        for run in self.runs() {
            if run.start > from {
                gaps.push(from..run.start);
            }
            from = run.end;
        }
        if from < self.days.len() {
            gaps.push(from..self.days.len());
        }
        gaps
    }

    /// The sums of the bands up to and including each band: what the upper edges of the stack are.
    pub(super) fn stacked(&self, bands: usize) -> Vec<u64> {
        let sum = |counts: SeverityCounts| BANDS.iter().take(bands).map(|band| counts.of(*band)).sum();
        self.days.iter().map(|day| day.map_or(0, sum)).collect()
    }

    pub(super) fn has_unknown(&self) -> bool {
        self.days.iter().flatten().any(|counts| counts.unknown > 0)
    }

    /// Start, peak and now, in words.
    #[must_use]
    pub fn words(&self) -> String {
        let (Some(first), Some(last), Some((at, peak))) = (self.earliest(), self.latest(), self.peak())
        else {
            return "No build has been checked in this time.".to_owned();
        };
        format!(
            "From {} to {}, with a peak of {} on {}. Now: {}.",
            text::number(first.total()),
            text::number(last.total()),
            text::number(peak),
            text::long_day(self.day(at)),
            last.words()
        )
    }
}
