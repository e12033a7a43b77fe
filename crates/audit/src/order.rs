//! Worst first, the same on every machine.

use std::cmp::{Ordering, Reverse};

use policy::Finding;

/// Compares two findings by urgency: class (malicious first), severity, known exploitation, probability of
/// exploitation, score; then by directness, name, version and id, so that no two orders are possible.
#[must_use]
pub fn worst_first(a: &Finding, b: &Finding) -> Ordering {
    urgency(a)
        .cmp(&urgency(b))
        .then_with(|| descending(a.epss, b.epss))
        .then_with(|| descending(a.severity.score, b.severity.score))
        .then_with(|| place(a).cmp(&place(b)))
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
