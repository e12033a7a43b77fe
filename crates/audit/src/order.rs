//! Worst first, the same on every machine.

use std::cmp::{Ordering, Reverse};
use std::ops::Range;

use advisories::{Class, Severity};
use policy::Finding;

/// Compares two findings by urgency: class (malicious first), severity, known exploitation, step of the probability
/// of exploitation, score; then by directness, name, version and id, so that no two orders are possible.
#[must_use]
pub fn worst_first(a: &Finding, b: &Finding) -> Ordering {
    urgency(a)
        .cmp(&urgency(b))
        .then_with(|| probability(b).cmp(&probability(a)))
        .then_with(|| descending(a.severity.score, b.severity.score))
        .then_with(|| place(a).cmp(&place(b)))
}

/// The order of [`worst_first`] as one number, the greater the worse, for a database to sort by: class, severity,
/// known exploitation, step of the probability of exploitation ([`advisories::epss::step`]), score to a tenth.
#[must_use]
pub fn rank(finding: &Finding) -> i64 {
    let score = finding
        .severity
        .score
        .map_or(0, |score| 1 + steps(score / 10.0, 100.0));
    let exploited = finding.kev == Some(true);
    ranks(finding.class, finding.severity.level, exploited).start + probability(finding) * SCORES + score
}

/// Values that a score and a probability of exploitation can take in a rank; 0 is for none.
const SCORES: i64 = 102;
const PROBABILITIES: i64 = advisories::epss::STEPS + 1;

/// Where a rank holds the step of the probability: it is `rank / WIDTH % STEPS`, 0 for none.
pub const RANK_PROBABILITY_WIDTH: i64 = SCORES;
pub const RANK_PROBABILITIES: i64 = PROBABILITIES;

/// The ranks of all findings of one class and severity that are, or are not, known to be exploited.
#[must_use]
pub fn ranks(class: Class, severity: Severity, exploited: bool) -> Range<i64> {
    let class = match class {
        Class::Malicious => 4,
        Class::Vulnerability => 3,
        Class::Unsound => 2,
        Class::Unmaintained => 1,
        Class::Notice => 0,
    };
    let block = (class * 6 + severity as i64) * 2 + i64::from(exploited);
    let width = PROBABILITIES * SCORES;
    block * width..(block + 1) * width
}

fn probability(finding: &Finding) -> i64 {
    finding.epss.map_or(0, advisories::epss::step)
}

/// A share from 0 to 1 as a whole number of steps.
fn steps(share: f64, of: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to 0..=100 before")]
    let steps = (share.clamp(0.0, 1.0) * of).round() as i64;
    steps
}

fn urgency(finding: &Finding) -> impl Ord + use<> {
    (
        finding.class,
        Reverse(finding.severity.level),
        Reverse(finding.kev == Some(true)),
    )
}

fn place(finding: &Finding) -> impl Ord + '_ {
    let component = &finding.component;
    (
        Reverse(component.direct == Some(true)),
        &component.name,
        &component.version,
        &component.purl,
        &finding.canonical,
        &finding.id,
    )
}

/// The greater first, what is unknown last.
fn descending(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use advisories::Severity;

    use super::*;

    /// The first finding of the sample in every combination of what both orders look at.
    fn combinations() -> Vec<Finding> {
        let sample = crate::sample::report().findings.remove(0);
        let classes = [
            Class::Malicious,
            Class::Vulnerability,
            Class::Unsound,
            Class::Notice,
        ];
        let levels = [
            Severity::Unknown,
            Severity::Low,
            Severity::High,
            Severity::Critical,
        ];
        let shares = [None, Some(0.0), Some(0.5), Some(1.0)];
        let mut all = Vec::new();
        for class in classes {
            for level in levels {
                for kev in [None, Some(false), Some(true)] {
                    for share in shares {
                        for score in shares {
                            let mut finding = sample.clone();
                            finding.class = class;
                            finding.severity.level = level;
                            finding.kev = kev;
                            finding.epss = share;
                            finding.severity.score = score.map(|share| share * 10.0);
                            all.push(finding);
                        }
                    }
                }
            }
        }
        all
    }

    #[test]
    fn the_number_orders_as_the_comparison_does() {
        let mut all = combinations();
        all.sort_by(worst_first);
        let ranks: Vec<i64> = all.iter().map(rank).collect();
        assert!(ranks.is_sorted_by(|a, b| a >= b));
        let distinct: std::collections::BTreeSet<i64> = ranks.into_iter().collect();
        assert_eq!(
            distinct.len(),
            4 * 4 * 2 * 4 * 4,
            "not known to be exploited ranks as not exploited"
        );
    }
}
