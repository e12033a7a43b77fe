//! Axes: round steps from zero, and the days that deserve a label.

use super::units;
use crate::text;

/// Ticks of an axis that starts at 0: four to six of them, 1-2-5 steps.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ticks {
    pub step: u64,
    /// The last tick, at or above the largest value.
    pub top: u64,
}

impl Ticks {
    pub(super) fn up_to(max: u64) -> Self {
        let step = step_for(max);
        let top = max.div_ceil(step).max(1).saturating_mul(step);
        Self {
            step,
            top: top.max(step.saturating_mul(3)),
        }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = u64> {
        let step = self.step;
        (0..=self.top / self.step).map(move |index| index * step)
    }
}

fn step_for(max: u64) -> u64 {
    let mut magnitude: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = magnitude.saturating_mul(factor);
            if max.div_ceil(step) <= 5 {
                return step;
            }
        }
        magnitude = magnitude.saturating_mul(10);
    }
}

/// A day on the x-axis that carries a label.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DayLabel {
    /// Days from the left edge.
    pub offset: usize,
    pub text: String,
    /// Left out where there is little room.
    pub minor: bool,
}

/// The 1st and 15th of each month; of a long stretch only every first.
pub(super) fn day_labels(first_day: i64, days: usize) -> Vec<DayLabel> {
    let long = days > 120;
    let label = |offset: usize| {
        let day = first_day.saturating_add(i64::try_from(offset).unwrap_or(i64::MAX));
        let (_, month, of_month) = text::civil(day);
        let wanted = of_month == 1 || (of_month == 15 && !long);
        let minor = of_month != 1 || (long && month % 3 != 1);
        wanted.then(|| DayLabel {
            offset,
            text: text::short_day(day),
            minor,
        })
    };
    (0..days).filter_map(label).collect()
}

/// How a label at this share of the width has to be anchored so that it stays inside.
pub(super) fn anchor(offset: usize, days: usize) -> &'static str {
    let share = units(offset) / units(days.max(1));
    match share {
        ..0.03 => "start",
        0.97.. => "end",
        _ => "middle",
    }
}

/// Moves labels apart so that no two are nearer than `gap`, within `low..=high`; keeps their order.
///
/// `wanted` is sorted from the top of the picture (small y) to its bottom.
pub(super) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut placed: Vec<f64> = Vec::with_capacity(wanted.len());
    for y in wanted {
        let least = placed.last().map_or(low, |last| last + gap);
        placed.push(y.max(least));
    }
    let mut limit = high;
    for y in placed.iter_mut().rev() {
        *y = y.min(limit);
        limit = *y - gap;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_few_and_reach_the_largest_value() {
        for (max, step, top) in [
            (0, 1, 3),
            (1, 1, 3),
            (5, 1, 5),
            (6, 2, 6),
            (43, 10, 50),
            (67, 20, 80),
            (1_054, 500, 1_500),
            (1_900, 500, 2_000),
        ] {
            assert_eq!(Ticks::up_to(max), Ticks { step, top }, "{max}");
            let count = Ticks::up_to(max).values().count();
            assert!((3..=6).contains(&count), "{max}: {count} ticks");
        }
        assert!(Ticks::up_to(u64::MAX / 2).top > 0);
    }

    #[test]
    fn labels_stand_at_the_first_and_the_fifteenth() {
        let first = "2026-08-25".parse::<clock::Timestamp>().unwrap().day();
        let texts: Vec<_> = day_labels(first, 91)
            .into_iter()
            .map(|label| label.text)
            .collect();
        assert_eq!(texts, ["1 Sep", "15 Sep", "1 Oct", "15 Oct", "1 Nov", "15 Nov"]);
        assert_eq!(day_labels(first, 365).len(), 12);
    }

    #[test]
    fn labels_keep_their_distance_and_stay_inside() {
        let placed = spread(&[100.0, 101.0, 102.0, 240.0], 17.0, 10.0, 242.0);
        assert!(
            placed.windows(2).all(|pair| pair[1] - pair[0] >= 16.99),
            "{placed:?}"
        );
        let crowded = spread(&[240.0, 241.0, 242.0], 17.0, 10.0, 242.0);
        assert_eq!(crowded, [208.0, 225.0, 242.0]);
    }
}
