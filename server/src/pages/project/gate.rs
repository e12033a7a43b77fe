//! The verdict of a build as a card.

use audit::{Report, Upgrade};
use policy::Outcome;
use store::builds::Build;
use web::views::gate::{GateCard, Step};

use crate::pages::numbers::{coverage, outcome_in};
use crate::place::unsigned;

/// Steps that the card shows; what they clear is most of it.
const MOST_STEPS: usize = 5;

/// The stored verdict of `build`; where there is none, what the build waits for or why it was given up.
/// `newest` is the newest build of the branch, which may be another one that is not checked yet.
pub(in crate::pages) fn card(build: &Build, report: Option<&Report>, newest: Option<&Build>) -> GateCard {
    let mut card = match report {
        Some(report) => GateCard::from_verdict(&report.verdict, steps(&report.upgrades)),
        None => without_verdict(build),
    };
    card.notices.extend(
        newest
            .filter(|newest| newest.number > build.number)
            .and_then(later),
    );
    card
}

fn steps(upgrades: &[Upgrade]) -> Vec<Step> {
    upgrades.iter().take(MOST_STEPS).map(step).collect()
}

fn step(upgrade: &Upgrade) -> Step {
    let count = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
    let mut step = Step::upgrade(
        &upgrade.name,
        upgrade.to.as_deref(),
        count(upgrade.clears.len()),
        count(upgrade.clears_critical),
        upgrade.command.clone(),
    );
    if let (None, Some(fixed)) = (&upgrade.to, &upgrade.fixed) {
        step.title = format!("Refresh {} {} to {fixed} or later", upgrade.name, upgrade.from);
        if let Some(via) = upgrade.via.first() {
            step.detail = format!("{}; it comes with {}", step.detail, web::views::rows::spaced(via));
        }
    }
    step
}

fn without_verdict(build: &Build) -> GateCard {
    let outcome = outcome_in(&build.status, None);
    let sentence = match outcome {
        Outcome::Pending => "The verdict stands here as soon as the build is checked.",
        _ => "The build could not be checked, so there is no verdict. CI gets exit code 3.",
    };
    GateCard {
        outcome,
        sentence: sentence.to_owned(),
        policy: String::new(),
        policy_revision: 0,
        rules: Vec::new(),
        steps: Vec::new(),
        coverage: coverage(build),
        notices: build.error.iter().cloned().collect(),
    }
}

/// What is to be said of a build that came after the one that is shown.
fn later(newest: &Build) -> Option<String> {
    let number = web::text::number(unsigned(newest.number));
    match newest.status.as_str() {
        "queued" | "running" => Some(format!(
            "Build {number} is being checked; what is shown is from before."
        )),
        "failed" => Some(format!(
            "Build {number} could not be checked; what is shown is from before."
        )),
        _ => None,
    }
}
