//! One sentence that says what made a verdict differ from the one before.

use policy::{Cause, Outcome};
use store::findings::{Change, CloseReason};

use super::inputs::Inputs;

/// Ids named before the rest is counted.
const NAMED: usize = 3;

pub(super) fn sentence(inputs: &Inputs, change: &Change, outcome: Outcome) -> String {
    let Some(before) = &inputs.before else {
        return "First audit of this ref".to_owned();
    };
    let mut parts: Vec<String> = Vec::new();
    let published = opened_by(change, &[Cause::AdvisoryPublished, Cause::AdvisoryChanged]);
    let brought = opened_by(
        change,
        &[Cause::ComponentAdded, Cause::VersionChanged, Cause::FirstScan],
    );
    if !published.is_empty() {
        let spoke = format!("advisories spoke of {}", named(&published));
        parts.push(if brought.is_empty() {
            format!("your code did not change: {spoke}")
        } else {
            spoke
        });
    }
    if !brought.is_empty() {
        parts.push(format!("components brought {}", named(&brought)));
    }
    let ended = opened_by(change, &[Cause::DecisionEnded]);
    if !ended.is_empty() {
        parts.push(format!("decisions about {} ended", named(&ended)));
    }
    push_count(
        &mut parts,
        closed_by(change, &[CloseReason::Fixed, CloseReason::Removed]),
        "fixed or removed",
    );
    push_count(
        &mut parts,
        closed_by(
            change,
            &[
                CloseReason::NotAffected,
                CloseReason::FalsePositive,
                CloseReason::SaidFixed,
            ],
        ),
        "decided not to affect the product",
    );
    push_count(
        &mut parts,
        closed_by(change, &[CloseReason::Retracted]),
        "retracted by their advisories",
    );
    push_count(&mut parts, change.rescored.len(), "rated differently");
    if parts.is_empty() && before.verdict.verdict != outcome {
        parts.push("the policy, a waiver, the feeds' age or the coverage changed".to_owned());
    }
    if parts.is_empty() {
        return "No finding changed".to_owned();
    }
    let mut text = parts.join("; ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

fn opened_by<'a>(change: &'a Change, causes: &[Cause]) -> Vec<&'a str> {
    change
        .opened
        .iter()
        .filter(|current| causes.contains(&current.cause))
        .map(|current| current.finding.canonical.as_str())
        .collect()
}

fn closed_by(change: &Change, reasons: &[CloseReason]) -> usize {
    change
        .closed
        .iter()
        .filter(|gone| reasons.contains(&gone.reason))
        .count()
}

fn push_count(parts: &mut Vec<String>, count: usize, what: &str) {
    match count {
        0 => {}
        1 => parts.push(format!("1 finding {what}")),
        more => parts.push(format!("{more} findings {what}")),
    }
}

fn named(ids: &[&str]) -> String {
    let mut distinct: Vec<&str> = Vec::new();
    for id in ids {
        if !distinct.contains(id) {
            distinct.push(id);
        }
    }
    let more = distinct.len().saturating_sub(NAMED);
    distinct.truncate(NAMED);
    let text = distinct.join(", ");
    if more == 0 {
        text
    } else {
        format!("{text} and {more} more")
    }
}
