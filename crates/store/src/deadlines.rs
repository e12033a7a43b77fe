//! By when an open finding should be fixed, where the policy sets no time of its own (ux.md §5, "SLA due").

use advisories::Severity;
use clock::Timestamp;

/// The days that a severity is given; `None` for those that nobody has to fix by a day.
#[must_use]
pub const fn days(severity: Severity) -> Option<i64> {
    match severity {
        Severity::Critical => Some(7),
        Severity::High => Some(30),
        Severity::Medium => Some(90),
        Severity::Low => Some(180),
        Severity::None | Severity::Unknown => None,
    }
}

/// When a finding is due: as the policy says, else by its severity, counted from the first sight of it.
#[must_use]
pub fn due(policy: Option<Timestamp>, severity: Severity, first_seen: Timestamp) -> Option<Timestamp> {
    policy.or_else(|| days(severity).map(|days| first_seen.plus_days(days)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_policy_says_goes_before_the_severity() {
        let seen = Timestamp::from_millis(1_700_000_000_000);
        let policy = Some(seen.plus_days(3));
        for (policy, severity, days) in [
            (None, Severity::Critical, Some(7)),
            (None, Severity::High, Some(30)),
            (None, Severity::Medium, Some(90)),
            (None, Severity::Low, Some(180)),
            (None, Severity::Unknown, None),
            (policy, Severity::Critical, Some(3)),
            (policy, Severity::Unknown, Some(3)),
        ] {
            assert_eq!(
                due(policy, severity, seen),
                days.map(|days| seen.plus_days(days)),
                "{severity:?}"
            );
        }
    }
}
