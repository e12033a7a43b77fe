//! What registries know of a version: deprecated, yanked, scripts, age. Documents seldom carry it, and what is not known
//! is said where the policy would fail on it.

use clock::Timestamp;

use super::license::{examples, label};
use super::{Ruling, counted};
use crate::{Action, Check, Informational, Policy, Subject, SubjectComponent};

const DAY_MS: i64 = 86_400_000;

/// What is judged of a component, with the fact, which may not be known.
struct Question {
    rule: &'static str,
    unknown_rule: &'static str,
    check: Check,
    action: Action,
    /// What a component is when the answer is yes: `deprecated by its maintainers`.
    yes: &'static str,
    /// What cannot be told: `deprecated`.
    open: &'static str,
    ask: fn(&SubjectComponent<'_>, &Subject<'_>, &Policy) -> Option<bool>,
}

/// Every ruling about one kind of fact, and how many components could not be told.
pub(crate) fn rules<'a>(
    policy: &'a Policy,
    subject: &'a Subject<'a>,
) -> Vec<(Ruling, Option<&'a SubjectComponent<'a>>)> {
    questions(policy)
        .iter()
        .filter(|question| question.action > Action::Ignore)
        .flat_map(|question| answers(policy, subject, question))
        .collect()
}

fn questions(policy: &Policy) -> [Question; 5] {
    let source = &policy.source;
    let young = if source.min_age_days == 0 {
        Action::Ignore
    } else {
        source.young
    };
    [
        Question {
            rule: "deprecated",
            unknown_rule: "deprecated.unknown",
            check: Check::Unmaintained,
            action: policy.deprecated.action,
            yes: "deprecated by its maintainers",
            open: "deprecated",
            ask: |component, _, policy| among(&policy.deprecated, component, component.facts.deprecated),
        },
        Question {
            rule: "yanked",
            unknown_rule: "yanked.unknown",
            check: Check::Unmaintained,
            action: policy.yanked.action,
            yes: "a version that was taken back",
            open: "taken back",
            ask: |component, _, policy| among(&policy.yanked, component, component.facts.yanked),
        },
        Question {
            rule: "source.install_scripts",
            unknown_rule: "source.install_scripts.unknown",
            check: Check::Source,
            action: source.install_scripts,
            yes: "not among the packages that may run code of their own when they are installed",
            open: "running code when they are installed",
            ask: |component, _, policy| {
                let allowed = || is_any(&policy.source.install_scripts_allow, component);
                component.facts.install_script.map(|runs| runs && !allowed())
            },
        },
        Question {
            rule: "source.no_repository",
            unknown_rule: "source.no_repository.unknown",
            check: Check::Source,
            action: source.no_repository,
            yes: "published without the address of its source code",
            open: "published without the address of its source code",
            ask: |component, _, _| component.facts.repository.map(|named| !named),
        },
        Question {
            rule: "source.min_age_days",
            unknown_rule: "source.min_age_days.unknown",
            check: Check::Source,
            action: young,
            yes: "younger than the policy wants versions to be",
            open: "younger than the policy allows",
            ask: |component, subject, policy| {
                let published: Timestamp = component.facts.published.as_deref()?.parse().ok()?;
                let least = i64::from(policy.source.min_age_days).saturating_mul(DAY_MS);
                Some(subject.now.since(published) < least)
            },
        },
    ]
}

/// A fact of a component that the section does not judge is settled: no.
fn among(section: &Informational, component: &SubjectComponent<'_>, fact: Option<bool>) -> Option<bool> {
    if section.relationship.contains(component.direct) {
        fact
    } else {
        Some(false)
    }
}

pub(super) fn is_any(patterns: &[crate::PurlPattern], component: &SubjectComponent<'_>) -> bool {
    let purl = component.purl.and_then(|purl| purl.parse().ok());
    purl.is_some_and(|purl| patterns.iter().any(|pattern| pattern.matches(&purl)))
}

fn answers<'a>(
    policy: &'a Policy,
    subject: &'a Subject<'a>,
    question: &Question,
) -> Vec<(Ruling, Option<&'a SubjectComponent<'a>>)> {
    let mut rulings = Vec::new();
    let mut open: Vec<&SubjectComponent<'_>> = Vec::new();
    for component in judged(policy, subject) {
        match (question.ask)(component, subject, policy) {
            Some(true) => {
                let reason = format!("{} is {}.", label(component), question.yes);
                let ruling = Ruling::new(question.rule, question.check, question.action, reason);
                rulings.push((ruling, Some(component)));
            }
            Some(false) => {}
            None => open.push(component),
        }
    }
    // A policy that would fail on the answer cannot pass without one; where it would only warn, silence is no news.
    if question.action >= Action::Indeterminate && !open.is_empty() {
        let reason = format!(
            "Whether {} of {} {} {} is not known: the document does not say.",
            open.len(),
            counted(subject.component_total, "component"),
            if open.len() == 1 { "is" } else { "are" },
            question.open
        );
        let ruling = Ruling::new(
            question.unknown_rule,
            question.check,
            Action::Indeterminate,
            reason,
        );
        let ruling = ruling
            .with_fact("count", open.len().to_string())
            .with_fact("components", examples(&open));
        rulings.push((ruling, None));
    }
    rulings
}

/// Own code has no registry, and what does not ship is judged no more than elsewhere.
fn judged<'a>(
    policy: &'a Policy,
    subject: &'a Subject<'a>,
) -> impl Iterator<Item = &'a SubjectComponent<'a>> {
    subject
        .components
        .iter()
        .filter(|component| !matches!(component.source, inventory::Source::Path(_)))
        .filter(|component| policy.vulnerability.judges(component.scope))
}
