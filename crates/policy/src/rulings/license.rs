//! Licenses of components.

use std::collections::HashMap;
use std::rc::Rc;

use inventory::{LicenseSource, Purl};
use licenses::{Evaluation, Expression, Ground, Permission, Reading, Rules, Stated, read_all};

use super::{Ruling, counted, license_marks};
use crate::{Action, Check, LicensePolicy, Policy, ScopeName, SubjectComponent};

/// The lists of a policy, ready to be asked, with a memory: thousands of components share a dozen licenses.
pub(crate) struct LicenseRules<'a> {
    policy: &'a LicensePolicy,
    rules: Rules,
    known: HashMap<Vec<&'a str>, Rc<Read>>,
}

/// A set of claims, understood and evaluated.
struct Read {
    reading: Reading,
    evaluation: Option<Evaluation>,
}

/// What was found out about one component.
pub(crate) enum LicenseRuling {
    Fine,
    /// Nothing is stated.
    Missing,
    Matched(Ruling),
}

impl<'a> LicenseRules<'a> {
    pub(crate) fn new(policy: &'a Policy) -> Self {
        let section = &policy.license;
        Self {
            policy: section,
            rules: section.rules(),
            known: HashMap::new(),
        }
    }

    pub(crate) fn rule(&mut self, component: &SubjectComponent<'a>) -> LicenseRuling {
        if ScopeName::of(component.scope) == ScopeName::Dev && !self.policy.include_dev {
            return LicenseRuling::Fine;
        }
        let read = self.read(component);
        let ruling = match (&read.reading.stated, &read.evaluation) {
            (Stated::NoData, _) => return LicenseRuling::Missing,
            (Stated::Unlicensed, _) => self.unlicensed(component),
            (Stated::File(path), _) => self.file(component, path),
            (Stated::Expression(expression), Some(evaluation)) => {
                self.judged(component, expression, evaluation)
            }
            (Stated::Expression(_), None) => None,
        };
        ruling.map_or(LicenseRuling::Fine, LicenseRuling::Matched)
    }

    /// What else the policy wants to hear of the license.
    pub(crate) fn marks(&mut self, component: &SubjectComponent<'a>) -> Vec<Ruling> {
        let section = self.policy;
        let asked = [
            section.not_osi_approved,
            section.deprecated_id,
            section.uncategorized,
            section.involved,
        ];
        let skipped = ScopeName::of(component.scope) == ScopeName::Dev && !section.include_dev;
        if skipped || asked.iter().all(Action::is_ignore) {
            return Vec::new();
        }
        let read = self.read(component);
        let Some(expression) = read.reading.expression() else {
            return Vec::new();
        };
        let is_concluded = |source| {
            let mut claims = component.licenses.iter();
            claims.any(|claim| claim.source == source)
        };
        let source = if is_concluded(LicenseSource::Concluded) {
            LicenseSource::Concluded
        } else {
            LicenseSource::Declared
        };
        let claims = component.licenses.iter().filter(|claim| claim.source == source);
        let texts: Vec<&str> = claims.map(|claim| claim.text.as_str()).collect();
        license_marks::rules(section, component, expression, &texts)
    }

    /// Concluded claims outweigh declared ones; the claims of one source apply together.
    fn read(&mut self, component: &SubjectComponent<'a>) -> Rc<Read> {
        let concluded = self.claims(component, LicenseSource::Concluded);
        if concluded.reading.stated == Stated::NoData {
            return self.claims(component, LicenseSource::Declared);
        }
        concluded
    }

    fn claims(&mut self, component: &SubjectComponent<'a>, source: LicenseSource) -> Rc<Read> {
        let claims = component.licenses.iter().filter(|claim| claim.source == source);
        let texts: Vec<&'a str> = claims.map(|claim| claim.text.as_str()).collect();
        let rules = &self.rules;
        let known = self.known.entry(texts).or_insert_with_key(|texts| {
            let reading = read_all(texts.iter().copied());
            let evaluation = reading.expression().map(|expression| rules.evaluate(expression));
            Rc::new(Read { reading, evaluation })
        });
        Rc::clone(known)
    }

    fn unlicensed(&self, component: &SubjectComponent<'_>) -> Option<Ruling> {
        let reason = format!("{} grants no rights at all (UNLICENSED).", label(component));
        let ruling = Ruling::new(
            "license.unlicensed",
            Check::License,
            self.policy.unlicensed,
            reason,
        );
        ruling.with_fact("license", "UNLICENSED").unless_ignored()
    }

    fn file(&self, component: &SubjectComponent<'_>, path: &str) -> Option<Ruling> {
        let reason = format!(
            "{} names only a file with its license, {path}, which was not read.",
            label(component)
        );
        let ruling = Ruling::new(
            "license.unknown",
            Check::License,
            action(self.policy.unknown),
            reason,
        );
        ruling
            .with_fact("license", format!("SEE LICENSE IN {path}"))
            .unless_ignored()
    }

    fn judged(
        &self,
        component: &SubjectComponent<'_>,
        expression: &Expression,
        evaluation: &Evaluation,
    ) -> Option<Ruling> {
        if evaluation.permission == Permission::Allow {
            return None;
        }
        let evaluation = self.with_exceptions(component, expression, evaluation.clone());
        let rule = match (evaluation.permission, evaluation.ground) {
            (Permission::Allow, _) => return None,
            (_, Ground::Unknown) => "license.unknown",
            (_, Ground::Unlisted) => "license.allow",
            (Permission::Deny, Ground::Listed) => "license.deny",
            (Permission::Review, Ground::Listed) => "license.review",
        };
        let verb = if evaluation.permission == Permission::Deny {
            "is denied"
        } else {
            "needs a review"
        };
        let reason = format!(
            "The license of {}, {expression}, {verb}: {}.",
            label(component),
            evaluation.because
        );
        let ruling = Ruling::new(rule, Check::License, action(evaluation.permission), reason);
        let elected = evaluation.elected.to_string();
        ruling
            .with_fact("license", expression.to_string())
            .with_fact("elected", elected)
            .unless_ignored()
    }

    /// The evaluation with the licenses that are accepted for this very package.
    fn with_exceptions(
        &self,
        component: &SubjectComponent<'_>,
        expression: &Expression,
        plain: Evaluation,
    ) -> Evaluation {
        let Some(purl) = component.purl.filter(|_| !self.policy.exceptions.is_empty()) else {
            return plain;
        };
        let Ok(purl) = purl.parse::<Purl>() else {
            return plain;
        };
        let matching = self
            .policy
            .exceptions
            .iter()
            .filter(|exception| exception.purl.matches(&purl));
        let accepted: Vec<_> = matching.map(|exception| &exception.license).collect();
        if accepted.is_empty() {
            return plain;
        }
        self.rules.accepting(accepted).evaluate(expression)
    }
}

/// One ruling for all components without a statement: a lockfile has none for any of them.
pub(crate) fn missing(policy: &Policy, missing: &[&SubjectComponent<'_>], total: usize) -> Option<Ruling> {
    if missing.is_empty() {
        return None;
    }
    let reason = format!(
        "{} of {} state{} no license.",
        missing.len(),
        counted(total, "component"),
        if missing.len() == 1 { "s" } else { "" }
    );
    let ruling = Ruling::new(
        "license.missing",
        Check::License,
        action(policy.license.missing),
        reason,
    );
    ruling
        .with_fact("count", missing.len().to_string())
        .with_fact("components", examples(missing))
        .unless_ignored()
}

pub(super) fn examples(components: &[&SubjectComponent<'_>]) -> String {
    let mut labels: Vec<String> = components.iter().map(|component| label(component)).collect();
    labels.sort();
    labels.truncate(10);
    labels.join(", ")
}

pub(super) fn label(component: &SubjectComponent<'_>) -> String {
    match component.version {
        Some(version) => format!("{} {version}", component.name),
        None => component.name.to_owned(),
    }
}

fn action(permission: Permission) -> Action {
    match permission {
        Permission::Allow => Action::Ignore,
        Permission::Review => Action::Warn,
        Permission::Deny => Action::Fail,
    }
}
