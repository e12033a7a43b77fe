//! When to try again, and after how long.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime};

use crate::Error;

/// How patiently failures that may pass are tried again.
#[derive(Clone, Debug)]
pub struct Retry {
    /// How often a request is sent at most, the first time included.
    pub attempts: u32,
    /// The longest wait before the second attempt; it doubles with each further one.
    pub first: Duration,
    /// The longest wait before any attempt.
    pub longest: Duration,
    /// A server that asks for more than this with `Retry-After` is not waited for: the error carries its wish.
    pub patience: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 4,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(20),
            patience: Duration::from_secs(60),
        }
    }
}

impl Retry {
    /// The wait after the `attempt`th failure (counted from 1); `None` gives up.
    ///
    /// `chance` in `0..=1` spreads many clients that failed together ("full jitter").
    pub(crate) fn wait(&self, attempt: u32, failure: &Error, chance: f64) -> Option<Duration> {
        if attempt >= self.attempts || !failure.is_transient() {
            return None;
        }
        if let Error::Status {
            retry_after: Some(wished),
            ..
        } = failure
        {
            return (*wished <= self.patience).then_some(*wished);
        }
        let doubled = self.first.saturating_mul(1 << (attempt - 1).min(16));
        Some(doubled.min(self.longest).mul_f64(chance))
    }
}

/// A number in `0..=1`. The standard library's hash seed is random enough to spread load, and costs no dependency.
pub(crate) fn chance() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(bits >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

/// Reads `Retry-After`: seconds, or a date that is compared with `now`.
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = httpdate::parse_http_date(value.trim()).ok()?;
    Some(moment.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, retry_after: Option<u64>) -> Error {
        let retry_after = retry_after.map(Duration::from_secs);
        Error::Status {
            target: "feed".into(),
            status,
            retry_after,
        }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_then_end() {
        let retry = Retry {
            attempts: 9,
            first: Duration::from_secs(1),
            ..Retry::default()
        };
        let waits: Vec<_> = (1..=9).map(|n| retry.wait(n, &status(503, None), 1.0)).collect();
        let seconds = [1, 2, 4, 8, 16, 20, 20, 20].map(|n| Some(Duration::from_secs(n)));
        assert_eq!(waits[..8], seconds);
        assert_eq!(waits[8], None, "the ninth failure is the last");
    }

    #[test]
    fn a_server_s_wish_is_honoured_within_patience() {
        let retry = Retry::default();
        assert_eq!(
            retry.wait(1, &status(429, Some(7)), 0.0),
            Some(Duration::from_secs(7))
        );
        assert_eq!(retry.wait(1, &status(429, Some(3600)), 0.0), None);
    }

    #[test]
    fn lasting_failures_are_not_tried_again() {
        assert_eq!(Retry::default().wait(1, &status(404, None), 1.0), None);
    }

    #[test]
    fn retry_after_reads_seconds_and_dates() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:50:07 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon", now), None);
    }

    #[test]
    fn chance_stays_within_its_bounds() {
        assert!(
            (0..1000)
                .map(|_| chance())
                .all(|value| (0.0..=1.0).contains(&value))
        );
    }
}
