//! Lengths of time as people write them: `90s`, `15m`, `6h`, `30d`.

use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// Longer than anything sensible, short enough to be added to any date.
const LONGEST_S: u64 = 3_660 * 86_400;

/// A length of time of at least a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval(u64);

/// The text is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time such as 90s, 15m, 6h or 30d, from a second to ten years")]
pub(crate) struct NotAnInterval(String);

impl Interval {
    pub(crate) const fn duration(self) -> Duration {
        Duration::from_secs(self.0)
    }

    pub(crate) fn millis(self) -> i64 {
        i64::try_from(self.0.saturating_mul(1000)).unwrap_or(i64::MAX)
    }
}

impl FromStr for Interval {
    type Err = NotAnInterval;

    fn from_str(text: &str) -> Result<Self, NotAnInterval> {
        read(text)
            .filter(|seconds| (1..=LONGEST_S).contains(seconds))
            .map(Self)
            .ok_or_else(|| NotAnInterval(text.chars().take(40).collect()))
    }
}

fn read(text: &str) -> Option<u64> {
    let unit = text.chars().next_back()?;
    let count = text.strip_suffix(unit)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    count.parse::<u64>().ok()?.checked_mul(seconds)
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_number_and_a_unit() {
        for (text, seconds) in [("1s", 1), ("15m", 900), ("6h", 21_600), ("90d", 7_776_000)] {
            assert_eq!(
                text.parse::<Interval>().unwrap().duration().as_secs(),
                seconds,
                "{text}"
            );
        }
        for text in [
            "",
            "0s",
            "15",
            "m",
            "1.5h",
            "-1h",
            "1 h",
            "1w",
            "99999d",
            "1é",
            "99999999999999999999d",
        ] {
            assert!(text.parse::<Interval>().is_err(), "{text}");
        }
    }
}
