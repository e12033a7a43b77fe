//! The demo's clock: stepped through the history, then running on from its end.

use std::sync::OnceLock;
use std::time::Instant;

use clock::{Clock, SteppedClock, Timestamp};

/// A clock that is moved by hand until it is let go.
#[derive(Debug)]
pub(crate) struct ReplayClock {
    stepped: SteppedClock,
    running_since: OnceLock<Instant>,
}

impl ReplayClock {
    pub(crate) const fn at(moment: Timestamp) -> Self {
        Self {
            stepped: SteppedClock::at(moment),
            running_since: OnceLock::new(),
        }
    }

    pub(super) fn set(&self, moment: Timestamp) {
        self.stepped.set(moment);
    }

    /// From now on the clock runs like any other; letting it go twice changes nothing.
    pub(crate) fn let_go(&self) {
        self.running_since.get_or_init(Instant::now);
    }
}

impl Clock for ReplayClock {
    fn now(&self) -> Timestamp {
        let run = self
            .running_since
            .get()
            .map_or(0, |since| since.elapsed().as_millis());
        self.stepped
            .now()
            .plus_millis(i64::try_from(run).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_still_until_it_is_let_go() {
        let clock = ReplayClock::at(Timestamp::from_millis(1_000));
        assert_eq!(clock.now().millis(), 1_000);
        clock.set(Timestamp::from_millis(5_000));
        assert_eq!(clock.now().millis(), 5_000);
        clock.let_go();
        let then = clock.now();
        assert!(then.millis() >= 5_000);
        clock.let_go();
        assert!(clock.now() >= then);
    }
}
