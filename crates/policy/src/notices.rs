//! What a reader of a verdict should know beside its violations.

use inventory::Level;

use crate::rulings::{counted, popular};
use crate::{Cause, Policy, Subject, VerdictNotice, waiving};

/// Names that look like popular ones are told up to here.
const MOST_NAMES: usize = 10;

/// `causes` are those of the findings that are new.
pub(crate) fn of(
    policy: &Policy,
    subject: &Subject<'_>,
    waived: &waiving::Outcome,
    causes: &[Option<Cause>],
) -> Vec<VerdictNotice> {
    let mut notices = Vec::new();
    if policy.vulnerability.only_new && subject.baseline.is_none() {
        let text = "There is no baseline, so every finding counts as new.".to_owned();
        notices.push(notice("no_baseline", Level::Warn, text));
    }
    notices.extend(new_findings(causes));
    about_waivers(&mut notices, waived);
    if policy.source.typosquat {
        about_names(&mut notices, subject);
    }
    // Where the policy judges it, its rule says so.
    if policy.source.no_repository.is_ignore() {
        no_repository(&mut notices, subject);
    }
    notices
}

fn notice(code: &str, level: Level, text: String) -> VerdictNotice {
    VerdictNotice {
        code: code.to_owned(),
        level,
        text,
    }
}

/// Whether it was the code that changed, or what the world knows of it.
fn new_findings(causes: &[Option<Cause>]) -> Option<VerdictNotice> {
    let known: Vec<Cause> = causes.iter().copied().flatten().collect();
    let told: Vec<Cause> = known
        .into_iter()
        .filter(|cause| *cause != Cause::FirstScan)
        .collect();
    if told.is_empty() {
        return None;
    }
    let advisories = told.iter().filter(|cause| cause.is_advisory()).count();
    let ended = told
        .iter()
        .filter(|cause| **cause == Cause::DecisionEnded)
        .count();
    let code = told.len() - advisories - ended;
    let text = match (advisories, code, ended) {
        (advisories, 0, 0) => format!(
            "{}: your code did not change, an advisory did.",
            counted(advisories, "new finding")
        ),
        (0, code, 0) => format!(
            "{} came with components that changed.",
            counted(code, "new finding")
        ),
        (0, 0, ended) => format!(
            "{} opened because a decision about it ended.",
            counted(ended, "finding")
        ),
        (advisories, code, ended) => format!(
            "{}: {advisories} because an advisory changed and your code did not, {code} with components that changed, {ended} because a decision ended.",
            counted(told.len(), "new finding")
        ),
    };
    Some(notice("new_findings", Level::Info, text))
}

fn about_waivers(notices: &mut Vec<VerdictNotice>, waived: &waiving::Outcome) {
    for stale in &waived.waivers.stale {
        let text = format!(
            "Waiver {} no longer holds: severity, fix, exploitation or license changed.",
            stale.id
        );
        notices.push(notice("waiver_stale", Level::Warn, text));
    }
    for unapproved in &waived.waivers.unapproved {
        let text = format!(
            "Waiver {} waits for the approval of a second person.",
            unapproved.id
        );
        notices.push(notice("waiver_unapproved", Level::Warn, text));
    }
    for (id, last) in &waived.expiring {
        let text = format!("Waiver {id} ends after {last}.");
        notices.push(notice("waiver_expiring", Level::Warn, text));
    }
    let unused = waived.waivers.unused.len();
    if unused > 0 {
        let text = format!(
            "{} for this project and ref matched nothing.",
            counted(unused, "waiver")
        );
        notices.push(notice("waiver_unused", Level::Info, text));
    }
}

fn about_names(notices: &mut Vec<VerdictNotice>, subject: &Subject<'_>) {
    let near = subject
        .components
        .iter()
        .filter_map(|component| Some((component.name, popular::looks_like(component)?)));
    let mut near: Vec<(&str, &str)> = near.collect();
    near.sort_unstable();
    near.dedup();
    for (name, popular) in near.into_iter().take(MOST_NAMES) {
        let text = format!(
            "The name {name} is one letter away from {popular}, which is widely used. Is it the one that is meant?"
        );
        notices.push(notice("typosquat", Level::Info, text));
    }
}

fn no_repository(notices: &mut Vec<VerdictNotice>, subject: &Subject<'_>) {
    let without = subject
        .components
        .iter()
        .filter(|component| component.facts.repository == Some(false))
        .count();
    if without > 0 {
        let verb = if without == 1 { "names" } else { "name" };
        let text = format!("{} {verb} no source repository.", counted(without, "component"));
        notices.push(notice("no_repository", Level::Info, text));
    }
}
