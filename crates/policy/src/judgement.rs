//! The pure function that every surface shows: policy and subject in, judgement out.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use advisories::{Class, Severity};
use clock::Timestamp;
use inventory::Level;

use crate::rulings::license::{LicenseRules, LicenseRuling};
use crate::rulings::{Ruling, counted, finding, integrity, license, meta, source};
use crate::waiving::{self, Matter, Waiving};
use crate::{
    Action, Check, CheckOutcome, Counts, Finding, Outcome, Policy, Subject, SubjectComponent, VerdictNotice,
    Violation, Waivers,
};

/// What a policy says of a subject: the parts of a [`Verdict`](crate::Verdict) that rules decide.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub outcome: Outcome,
    /// One entry per check that the policy makes, in the order of [`Check`](crate::Check).
    pub checks: Vec<CheckOutcome>,
    pub counts: Counts,
    /// Worst first.
    pub violations: Vec<Violation>,
    pub waivers: Waivers,
    pub notices: Vec<VerdictNotice>,
    /// When findings with a period of grace are due, by [`Finding::id`](crate::Finding).
    pub due: BTreeMap<String, Timestamp>,
}

/// Judges a subject. Equal inputs give equal outputs, byte for byte; the order of inputs does not matter.
#[must_use]
pub fn judge(policy: &Policy, subject: &Subject<'_>) -> Judgement {
    let mut bench = Bench::new(policy, subject);
    bench.judge_findings();
    bench.judge_licenses();
    bench.judge_sources();
    bench.judge_integrity();
    bench.judge_meta();
    bench.finish()
}

/// The judgement while it grows.
struct Bench<'a> {
    policy: &'a Policy,
    subject: &'a Subject<'a>,
    waiving: Waiving<'a>,
    counts: Counts,
    violations: Vec<Violation>,
    due: BTreeMap<String, Timestamp>,
    /// Judged vulnerabilities that the catalogue of exploited ones could have made worse.
    kev_open: usize,
}

impl<'a> Bench<'a> {
    fn new(policy: &'a Policy, subject: &'a Subject<'a>) -> Self {
        Self {
            policy,
            subject,
            waiving: Waiving::new(subject),
            counts: Counts::default(),
            violations: Vec::new(),
            due: BTreeMap::new(),
            kev_open: 0,
        }
    }

    fn judge_findings(&mut self) {
        for finding in self.subject.findings {
            let ruling = finding::rule(self.policy, self.subject, finding);
            let due = finding::due(self.policy, finding);
            self.due.extend(due.map(|due| (finding.id.clone(), due)));
            let matter = Matter {
                rule: ruling.as_ref().map(|ruling| ruling.rule),
                finding: Some(finding),
                purl: Some(finding.component.purl.as_str()),
                license: None,
            };
            if self.waiving.waives(matter) {
                self.counts.waived += 1;
                continue;
            }
            self.count(finding);
            self.note_unknown_exploitation(finding, ruling.as_ref());
            let shown = || Finding {
                due,
                ..finding.clone()
            };
            self.violations
                .extend(ruling.map(|ruling| violation(ruling, Some(shown()), None)));
        }
    }

    fn count(&mut self, finding: &Finding) {
        let counts = &mut self.counts;
        let bucket = match (finding.class, finding.severity.level) {
            (Class::Malicious, _) => &mut counts.malicious,
            (Class::Unsound | Class::Unmaintained | Class::Notice, _) => &mut counts.informational,
            (Class::Vulnerability, Severity::Critical) => &mut counts.critical,
            (Class::Vulnerability, Severity::High) => &mut counts.high,
            (Class::Vulnerability, Severity::Medium) => &mut counts.medium,
            (Class::Vulnerability, Severity::Low | Severity::None) => &mut counts.low,
            (Class::Vulnerability, Severity::Unknown) => &mut counts.unknown,
        };
        *bucket += 1;
        // Without a baseline, new is what nobody saw before this very evaluation.
        let unseen = finding.first_seen.is_none_or(|seen| seen >= self.subject.now);
        let new = finding::is_new(self.subject, finding).unwrap_or(unseen);
        counts.new += usize::from(new);
    }

    fn note_unknown_exploitation(&mut self, finding: &Finding, ruling: Option<&Ruling>) {
        let judged = finding.class == Class::Vulnerability && finding::is_in_reach(self.policy, finding);
        let action = ruling.map_or(Action::Ignore, |ruling| ruling.action);
        let open = !self.subject.kev_loaded && judged && action < self.policy.vulnerability.kev;
        self.kev_open += usize::from(open);
    }

    fn judge_licenses(&mut self) {
        let mut rules = LicenseRules::new(self.policy);
        let mut missing = Vec::new();
        for component in self.subject.components {
            match rules.rule(component) {
                LicenseRuling::Fine => {}
                LicenseRuling::Missing => missing.push(component),
                LicenseRuling::Matched(ruling) => self.open(ruling, component),
            }
        }
        if self.policy.license.missing != licenses::Permission::Allow {
            missing.retain(|component| !self.is_waived("license.missing", None, component));
        }
        let ruling = license::missing(self.policy, &missing, self.subject.component_total);
        self.violations
            .extend(ruling.map(|ruling| violation(ruling, None, None)));
    }

    fn judge_sources(&mut self) {
        for component in self.subject.components {
            if let Some(ruling) = source::rule(self.policy, component) {
                self.open(ruling, component);
            }
        }
    }

    fn judge_integrity(&mut self) {
        if self.policy.integrity.missing == Action::Ignore {
            return;
        }
        let lacking = self
            .subject
            .components
            .iter()
            .filter(|component| integrity::lacks_hash(component));
        let mut lacking: Vec<_> = lacking.collect();
        lacking.retain(|component| !self.is_waived("integrity.missing", None, component));
        let ruling = integrity::missing(self.policy, &lacking, self.subject.component_total);
        self.violations
            .extend(ruling.map(|ruling| violation(ruling, None, None)));
    }

    /// Not knowing enough cannot be waived; the policy says how much must be known.
    fn judge_meta(&mut self) {
        let kev = (self.kev_open > 0).then(|| meta::kev_missing(self.kev_open));
        let rulings = meta::rules(self.policy, self.subject).into_iter().chain(kev);
        self.violations
            .extend(rulings.map(|ruling| violation(ruling, None, None)));
    }

    fn is_waived(&mut self, rule: &str, license: Option<&str>, component: &SubjectComponent<'_>) -> bool {
        let waived = self.waiving.waives(Matter {
            rule: Some(rule),
            finding: None,
            purl: component.purl,
            license,
        });
        self.counts.waived += usize::from(waived);
        waived
    }

    fn open(&mut self, ruling: Ruling, component: &SubjectComponent<'_>) {
        let license = ruling.facts.get("license").map(String::as_str);
        if !self.is_waived(ruling.rule, license, component) {
            self.violations.push(violation(ruling, None, component.purl));
        }
    }

    fn finish(mut self) -> Judgement {
        self.violations.sort_by_cached_key(order);
        let checks = checks(self.policy, &self.violations);
        let waived = self.waiving.finish();
        self.counts.expired_waivers = waived.waivers.expired.len();
        Judgement {
            outcome: worst(checks.iter().map(|check| check.verdict)),
            checks,
            counts: self.counts,
            violations: self.violations,
            notices: notices(self.policy, self.subject, &waived),
            waivers: waived.waivers,
            due: self.due,
        }
    }
}

fn violation(ruling: Ruling, finding: Option<Finding>, purl: Option<&str>) -> Violation {
    Violation {
        rule: ruling.rule.to_owned(),
        check: ruling.check,
        action: ruling.action,
        reason: ruling.reason,
        finding,
        purl: purl.map(str::to_owned),
        facts: ruling.facts,
    }
}

/// Worst first: action, check, severity; then names, so that there is one order only.
fn order(violation: &Violation) -> impl Ord + use<> {
    let finding = violation.finding.as_ref();
    (
        Reverse(violation.action),
        violation.check,
        Reverse(finding.map(|finding| finding.severity.level)),
        finding.map(|finding| {
            (
                finding.canonical.clone(),
                finding.component.purl.clone(),
                finding.id.clone(),
            )
        }),
        violation.purl.clone(),
        violation.rule.clone(),
        violation.reason.clone(),
    )
}

fn checks(policy: &Policy, violations: &[Violation]) -> Vec<CheckOutcome> {
    let made = [
        Check::Vulnerability,
        Check::Malicious,
        Check::Unmaintained,
        Check::License,
        Check::Source,
        Check::Integrity,
        Check::Meta,
    ];
    let is_made = |check: &Check| *check != Check::Integrity || policy.integrity.missing != Action::Ignore;
    let outcome = |check| {
        let matched = violations
            .iter()
            .filter(move |violation| violation.check == check);
        CheckOutcome {
            check,
            verdict: worst(matched.map(|violation| violation.action.outcome())),
        }
    };
    made.into_iter().filter(is_made).map(outcome).collect()
}

/// The precedence of outcomes: fail, indeterminate, warn, pass.
fn worst(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Pass => 0,
        Outcome::Warn => 1,
        Outcome::Pending => 2,
        Outcome::Indeterminate => 3,
        Outcome::Fail => 4,
    };
    outcomes.max_by_key(rank).unwrap_or(Outcome::Pass)
}

fn notices(policy: &Policy, subject: &Subject<'_>, waived: &waiving::Outcome) -> Vec<VerdictNotice> {
    let notice = |code: &str, level, text| VerdictNotice {
        code: code.to_owned(),
        level,
        text,
    };
    let mut notices = Vec::new();
    if policy.vulnerability.only_new && subject.baseline.is_none() {
        let text = "There is no baseline, so every finding counts as new.".to_owned();
        notices.push(notice("no_baseline", Level::Warn, text));
    }
    for id in &waived.stale {
        let text = format!("Waiver {id} no longer holds: severity, fix, exploitation or license changed.");
        notices.push(notice("waiver_stale", Level::Warn, text));
    }
    for (id, last) in &waived.expiring {
        notices.push(notice(
            "waiver_expiring",
            Level::Warn,
            format!("Waiver {id} ends after {last}."),
        ));
    }
    let unused = waived.waivers.unused.len();
    if unused > 0 {
        let text = format!(
            "{} for this project and ref matched nothing.",
            counted(unused, "waiver")
        );
        notices.push(notice("waiver_unused", Level::Info, text));
    }
    notices
}
