//! What a set of durations says.

use std::fmt;
use std::time::Duration;

/// Durations in ascending order.
pub struct Latencies(Vec<Duration>);

impl Latencies {
    pub fn new(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self(durations)
    }

    /// The nearest-rank percentile: the smallest duration that at least `percent` of all do not exceed.
    pub fn percentile(&self, percent: usize) -> Option<Duration> {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied()
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n {}", self.0.len())?;
        for (name, percent) in [("min", 0), ("p50", 50), ("p95", 95), ("max", 100)] {
            if let Some(duration) = self.percentile(percent) {
                write!(f, "  {name} {:.1} ms", duration.as_secs_f64() * 1_000.0)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let latencies = Latencies::new((1..=20).rev().map(Duration::from_millis).collect());
        let check =
            |percent, expect| assert_eq!(latencies.percentile(percent), Some(Duration::from_millis(expect)));
        check(0, 1);
        check(50, 10);
        check(95, 19);
        check(100, 20);
        assert_eq!(Latencies::new(Vec::new()).percentile(50), None);
        assert_eq!(
            latencies.to_string(),
            "n 20  min 1.0 ms  p50 10.0 ms  p95 19.0 ms  max 20.0 ms"
        );
    }
}
