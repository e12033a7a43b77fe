//! What every format lists: one item for each finding or other objection.

use std::collections::BTreeMap;

use policy::{Action, AppliedWaiver, Check, Finding, Outcome, Verdict, Violation};

use super::Document;
use crate::findings::short_id;
use crate::{ComponentStatus, Upgrade};

/// What is rendered, in the terms that formats share.
pub(super) struct Subject<'a> {
    pub verdict: &'a Verdict,
    pub items: Vec<Item<'a>>,
    pub upgrades: &'a [Upgrade],
    /// What the build is made of; empty for a verdict, which does not list it.
    pub components: &'a [ComponentStatus],
}

/// One line of output.
pub(super) struct Item<'a> {
    /// The rule's stable name; `finding` for findings that no rule objects to.
    pub rule: &'a str,
    pub check: Check,
    pub action: Action,
    /// One sentence for people; from outside in parts.
    pub reason: String,
    pub finding: Option<&'a Finding>,
    pub purl: Option<&'a str>,
    pub waiver: Option<&'a AppliedWaiver>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(document: Document<'a>) -> Self {
        let (verdict, mut items, upgrades, components) = match document {
            Document::Verdict(verdict) => (verdict, violations(verdict), &[][..], &[][..]),
            Document::Report(report) => (
                &report.verdict,
                everything(&report.verdict, &report.findings),
                report.upgrades.as_slice(),
                report.components.as_slice(),
            ),
        };
        let explained = items.iter().any(|item| item.action == Action::Indeterminate);
        items.splice(0..0, unfinished(verdict).filter(|_| !explained));
        Self {
            verdict,
            items,
            upgrades,
            components,
        }
    }
}

/// A verdict that is not finished and that no violation explains is an item itself, so that no list of
/// nothing stands for it.
fn unfinished(verdict: &Verdict) -> Option<Item<'_>> {
    let (rule, reason) = match verdict.verdict {
        Outcome::Indeterminate => (
            "verdict.indeterminate",
            format!(
                "not everything could be checked: {} of {} components are undetermined",
                verdict.build.undetermined, verdict.build.components
            ),
        ),
        Outcome::Pending => ("verdict.pending", "the build is still being checked".to_owned()),
        Outcome::Pass | Outcome::Warn | Outcome::Fail => return None,
    };
    Some(Item {
        rule,
        check: Check::Meta,
        action: Action::Indeterminate,
        reason,
        finding: None,
        purl: None,
        waiver: None,
    })
}

fn violations(verdict: &Verdict) -> Vec<Item<'_>> {
    verdict.violations.iter().map(violation_item).collect()
}

fn violation_item(violation: &Violation) -> Item<'_> {
    Item {
        rule: &violation.rule,
        check: violation.check,
        action: violation.action,
        reason: violation.reason.clone(),
        finding: violation.finding.as_ref(),
        purl: violation.purl.as_deref(),
        waiver: None,
    }
}

/// Every finding, with the worst that the policy says of it, then the violations that are no findings.
fn everything<'a>(verdict: &'a Verdict, findings: &'a [Finding]) -> Vec<Item<'a>> {
    let mut worst: BTreeMap<&str, &Violation> = BTreeMap::new();
    for violation in &verdict.violations {
        if let Some(finding) = &violation.finding {
            let known = worst.entry(&finding.id).or_insert(violation);
            if violation.action > known.action {
                *known = violation;
            }
        }
    }
    let waived: BTreeMap<&str, &AppliedWaiver> = verdict
        .waivers
        .applied
        .iter()
        .filter_map(|waiver| Some((waiver.finding.as_deref()?, waiver)))
        .collect();
    let findings = findings
        .iter()
        .map(|finding| match worst.get(finding.id.as_str()) {
            Some(violation) => violation_item(violation),
            None => quiet_item(finding, waived.get(finding.id.as_str()).copied()),
        });
    let others = verdict
        .violations
        .iter()
        .filter(|violation| violation.finding.is_none())
        .map(violation_item);
    findings.chain(others).collect()
}

/// A finding that no rule objects to.
fn quiet_item<'a>(finding: &'a Finding, waiver: Option<&'a AppliedWaiver>) -> Item<'a> {
    Item {
        rule: "finding",
        check: Check::Vulnerability,
        action: Action::Ignore,
        reason: match waiver {
            Some(waiver) => format!("waived: {}", waiver.reason),
            None => "no rule of the policy objects".to_owned(),
        },
        finding: Some(finding),
        purl: None,
        waiver,
    }
}

impl<'a> Item<'a> {
    /// `critical`, `high`, …; the rule's action for what has no severity.
    pub(super) fn severity(&self) -> &'static str {
        match self.finding {
            Some(finding) => severity_word(finding.severity.level),
            None => action_word(self.action),
        }
    }

    /// The advisory's id, or the rule.
    pub(super) fn id(&self) -> &'a str {
        self.finding
            .map_or(self.rule, |finding| finding.canonical.as_str())
    }

    /// `name@version` of a finding, the package URL of another violation, else nothing.
    pub(super) fn package(&self) -> String {
        match self.finding {
            Some(finding) => component_label(finding),
            None => self.purl.unwrap_or_default().to_owned(),
        }
    }

    /// One sentence that says what is wrong and where.
    pub(super) fn message(&self) -> String {
        let package = self.package();
        match self.finding {
            Some(finding) if finding.summary.is_empty() => {
                format!("{package} is affected by {}", finding.canonical)
            }
            Some(finding) => format!(
                "{package} is affected by {}: {}",
                finding.canonical, finding.summary
            ),
            None if package.is_empty() => self.reason.clone(),
            None => format!("{package}: {}", self.reason),
        }
    }

    /// What to do, as far as it is known.
    pub(super) fn advice(&self) -> Option<String> {
        let finding = self.finding?;
        let name = &finding.component.name;
        Some(match (&finding.fix.version, &finding.fix.via) {
            (Some(version), Some(via)) => format!("fixed in {name} {version}; {via} brings it in"),
            (Some(version), None) => format!("fixed in {name} {version}"),
            (None, _) => "no fixed version is known".to_owned(),
        })
    }

    /// The same for the same objection to the same package, whatever its version or path.
    pub(super) fn fingerprint(&self) -> String {
        let place = match self.finding {
            Some(finding) => match finding.component.purl.parse() {
                Ok(purl) => crate::package_purl(&purl),
                Err(_) => finding.component.name.clone(),
            },
            None => self.purl.unwrap_or_default().to_owned(),
        };
        short_id("", &format!("{} {} {place}", self.rule_class(), self.id()))
    }

    /// Findings keep their fingerprint when another rule objects.
    fn rule_class(&self) -> &str {
        if self.finding.is_some() {
            "finding"
        } else {
            self.rule
        }
    }
}

/// `name@version`.
pub(super) fn component_label(finding: &Finding) -> String {
    let component = &finding.component;
    if component.version.is_empty() {
        component.name.clone()
    } else {
        format!("{}@{}", component.name, component.version)
    }
}

pub(crate) fn severity_word(level: advisories::Severity) -> &'static str {
    use advisories::Severity::{Critical, High, Low, Medium, None, Unknown};
    match level {
        Critical => "critical",
        High => "high",
        Medium => "medium",
        Low => "low",
        None => "none",
        Unknown => "unknown",
    }
}

pub(super) fn action_word(action: Action) -> &'static str {
    match action {
        Action::Fail => "fail",
        Action::Indeterminate => "indeterminate",
        Action::Warn => "warn",
        Action::Ignore => "ignore",
    }
}

pub(super) fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Warn => "warn",
        Outcome::Fail => "fail",
        Outcome::Indeterminate => "indeterminate",
        Outcome::Pending => "pending",
    }
}

pub(super) fn check_word(check: Check) -> &'static str {
    match check {
        Check::Vulnerability => "vulnerability",
        Check::Malicious => "malicious",
        Check::Unmaintained => "unmaintained",
        Check::License => "license",
        Check::Source => "source",
        Check::Integrity => "integrity",
        Check::Meta => "meta",
        Check::Misconfig => "misconfig",
    }
}

/// What the verdict means, in one sentence.
pub(super) fn headline(verdict: &Verdict) -> String {
    let said = match verdict.verdict {
        Outcome::Pass => "Gate passed",
        Outcome::Warn => "Gate passed with warnings",
        Outcome::Fail => "Gate failed",
        Outcome::Indeterminate => "Gate undecided: not everything could be checked",
        Outcome::Pending => "Gate pending: the build is still being checked",
    };
    let branch = &verdict.reference.branch;
    match (verdict.project.as_str(), branch.as_str()) {
        ("", _) => said.to_owned(),
        (project, "") => format!("{said}: {project}"),
        (project, branch) => format!("{said}: {project} ({branch})"),
    }
}

/// `412 components, 409 checked, 3 undetermined`.
pub(super) fn coverage(verdict: &Verdict) -> String {
    let build = &verdict.build;
    format!(
        "{} components, {} checked, {} undetermined",
        build.components, build.evaluated, build.undetermined
    )
}

/// The counts that are not zero, worst first: `1 critical, 2 medium`; `no open findings` when all are.
pub(super) fn tally(verdict: &Verdict) -> String {
    let counts = &verdict.counts;
    let shown: Vec<String> = [
        (counts.malicious, "malicious"),
        (counts.critical, "critical"),
        (counts.high, "high"),
        (counts.medium, "medium"),
        (counts.low, "low"),
        (counts.unknown, "of unknown severity"),
        (counts.informational, "informational"),
        (counts.waived, "waived"),
        (counts.expired_waivers, "expired waivers"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    if shown.is_empty() {
        "no open findings among what was checked".to_owned()
    } else {
        shown.join(", ")
    }
}
