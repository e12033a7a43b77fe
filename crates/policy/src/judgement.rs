//! The pure function that every surface shows: policy and subject in, judgement out.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use advisories::{Class, Severity};
use clock::Timestamp;

use crate::notices;
use crate::rulings::license::{LicenseRules, LicenseRuling};
use crate::rulings::{Ruling, finding, integrity, license, meta, misconfig, registry, source};
use crate::vex::Deciding;
use crate::waiving::{Matter, Waiving};
use crate::{
    Action, AppliedStatement, Cause, Check, CheckOutcome, Counts, Finding, FindingDecision, Outcome, Policy,
    Subject, SubjectComponent, VerdictNotice, Violation, Waiver, Waivers,
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
    /// Statements about exploitability that were applied.
    pub vex: Vec<AppliedStatement>,
    pub notices: Vec<VerdictNotice>,
    /// What was decided about findings, by [`Finding::id`](crate::Finding).
    pub decisions: BTreeMap<String, FindingDecision>,
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
    bench.judge_registry_facts();
    bench.judge_integrity();
    bench.judge_misconfigurations();
    bench.judge_meta();
    bench.finish()
}

/// The judgement while it grows.
struct Bench<'a> {
    policy: &'a Policy,
    subject: &'a Subject<'a>,
    waiving: Waiving<'a>,
    deciding: Deciding<'a>,
    /// Findings that the baseline does not have; `None` without a baseline.
    new: Option<HashSet<String>>,
    /// Causes of findings that are new.
    causes: Vec<Option<Cause>>,
    vex: Vec<AppliedStatement>,
    decisions: BTreeMap<String, FindingDecision>,
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
            waiving: Waiving::new(&policy.waivers, subject),
            deciding: Deciding::new(&policy.vex, subject.statements, subject.product),
            new: subject
                .baseline
                .map(|baseline| baseline.new_ones(subject.findings)),
            causes: Vec::new(),
            vex: Vec::new(),
            decisions: BTreeMap::new(),
            counts: Counts::default(),
            violations: Vec::new(),
            due: BTreeMap::new(),
            kev_open: 0,
        }
    }

    fn judge_findings(&mut self) {
        for finding in self.subject.findings {
            let new = self.new.as_ref().map(|new| new.contains(&finding.id));
            let seen = finding::Matter {
                finding,
                new,
                now: self.subject.now,
            };
            let ruling = finding::rule(self.policy, seen);
            let due = finding::due(self.policy, finding);
            self.due.extend(due.map(|due| (finding.id.clone(), due)));
            if self.is_settled(finding, ruling.as_ref()) {
                continue;
            }
            self.count(finding, new);
            self.note_unknown_exploitation(finding, ruling.as_ref());
            let shown = || Finding {
                due,
                decision: self.decisions.get(&finding.id).cloned(),
                ..finding.clone()
            };
            let opened = ruling.map(|ruling| violation(ruling, Some(shown()), None));
            self.violations.extend(opened);
        }
    }

    /// Whether a waiver or, without one, a statement keeps the finding from counting. Others are only noted.
    fn is_settled(&mut self, finding: &'a Finding, ruling: Option<&Ruling>) -> bool {
        let matter = Matter {
            rule: ruling.map(|ruling| ruling.rule),
            finding: Some(finding),
            purl: Some(finding.component.purl.as_str()),
            license: None,
            ways: None,
        };
        if let Some(waiver) = self.waiving.waives(matter) {
            self.counts.waived += 1;
            self.decisions.insert(finding.id.clone(), waived(waiver));
            return true;
        }
        let Some(stated) = self.deciding.decides(finding) else {
            return false;
        };
        self.vex.push(stated.applied(finding));
        self.decisions.insert(finding.id.clone(), stated.decision());
        self.counts.not_affected += usize::from(stated.suppresses());
        stated.suppresses()
    }

    fn count(&mut self, finding: &Finding, new: Option<bool>) {
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
        if new.unwrap_or(unseen) {
            counts.new += 1;
            self.causes.push(finding.cause);
        }
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
            for ruling in rules.marks(component) {
                self.open(ruling, component);
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

    fn judge_registry_facts(&mut self) {
        for (ruling, component) in registry::rules(self.policy, self.subject) {
            match component {
                Some(component) => self.open(ruling, component),
                None => self.violations.push(violation(ruling, None, None)),
            }
        }
    }

    fn judge_misconfigurations(&mut self) {
        for found in self.subject.misconfigurations.unwrap_or_default() {
            let Some(ruling) = misconfig::rule(self.policy, found) else {
                continue;
            };
            let waived = self.waiving.waives(Matter {
                rule: Some(ruling.rule),
                finding: None,
                purl: None,
                license: None,
                ways: None,
            });
            if waived.is_some() {
                self.counts.waived += 1;
            } else {
                self.violations.push(violation(ruling, None, None));
            }
        }
    }

    /// Not knowing enough cannot be waived; the policy says how much must be known.
    fn judge_meta(&mut self) {
        let kev = (self.kev_open > 0).then(|| meta::kev_missing(self.kev_open));
        let rulings = meta::rules(self.policy, self.subject).into_iter().chain(kev);
        self.violations
            .extend(rulings.map(|ruling| violation(ruling, None, None)));
    }

    fn is_waived(&mut self, rule: &str, license: Option<&str>, component: &SubjectComponent<'a>) -> bool {
        let waived = self.waiving.waives(Matter {
            rule: Some(rule),
            finding: None,
            purl: component.purl,
            license,
            ways: component.ways,
        });
        self.counts.waived += usize::from(waived.is_some());
        waived.is_some()
    }

    fn open(&mut self, ruling: Ruling, component: &SubjectComponent<'a>) {
        let license = ruling.facts.get("license").map(String::as_str);
        if !self.is_waived(ruling.rule, license, component) {
            self.violations.push(violation(ruling, None, component.purl));
        }
    }

    fn finish(mut self) -> Judgement {
        self.violations.sort_by_cached_key(order);
        self.vex
            .sort_by(|a, b| (&a.finding, &a.id).cmp(&(&b.finding, &b.id)));
        let checks = checks(self.policy, self.subject, &self.violations);
        let waived = self.waiving.finish();
        self.counts.expired_waivers = waived.waivers.expired.len();
        let notices = notices::of(self.policy, self.subject, &waived, &self.causes);
        Judgement {
            outcome: worst(checks.iter().map(|check| check.verdict)),
            checks,
            counts: self.counts,
            violations: self.violations,
            notices,
            waivers: waived.waivers,
            vex: self.vex,
            decisions: self.decisions,
            due: self.due,
        }
    }
}

fn waived(waiver: &Waiver) -> FindingDecision {
    FindingDecision {
        state: waiver.status.into(),
        source: format!("waiver:{}", waiver.id),
        justification: waiver.justification,
        reason: waiver.reason.clone(),
        until: waiver.expires_on,
        at: waiver.created_at,
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

fn checks(policy: &Policy, subject: &Subject<'_>, violations: &[Violation]) -> Vec<CheckOutcome> {
    let made = [
        Check::Vulnerability,
        Check::Malicious,
        Check::Unmaintained,
        Check::License,
        Check::Source,
        Check::Integrity,
        Check::Meta,
        Check::Misconfig,
    ];
    let is_made = |check: &Check| match check {
        Check::Integrity => policy.integrity.missing != Action::Ignore,
        Check::Misconfig => subject.misconfigurations.is_some(),
        _ => true,
    };
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
