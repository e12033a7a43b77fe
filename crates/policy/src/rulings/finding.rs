//! Findings: vulnerabilities, malware and what is said about packages.

use advisories::{Class, Severity};
use clock::Timestamp;

use super::Ruling;
use crate::{Action, Check, Finding, Informational, Policy, Relationship, Threshold, UnknownSeverity};

/// A finding with what the comparison with the baseline and the clock say of it.
#[derive(Clone, Copy)]
pub(crate) struct Matter<'a> {
    pub finding: &'a Finding,
    /// Whether the baseline does not have it; `None` without a baseline.
    pub new: Option<bool>,
    pub now: Timestamp,
}

/// What the policy says of a finding; `None` when it is only listed.
pub(crate) fn rule(policy: &Policy, matter: Matter<'_>) -> Option<Ruling> {
    let finding = matter.finding;
    match finding.class {
        Class::Malicious => malicious(policy, finding),
        Class::Vulnerability => vulnerability(policy, matter),
        Class::Unsound => informational(policy, &policy.unsound, "unsound", finding),
        Class::Unmaintained => informational(policy, &policy.unmaintained, "unmaintained", finding),
        Class::Notice => informational(policy, &policy.notice, "notice", finding),
    }
}

/// The end of the period of grace, when the policy grants one for the severity and the first sight is known.
pub(crate) fn due(policy: &Policy, finding: &Finding) -> Option<Timestamp> {
    if finding.class != Class::Vulnerability || !is_in_reach(policy, finding) {
        return None;
    }
    let days = policy.vulnerability.grace_days.get(&level(policy, finding)?)?;
    Some(finding.first_seen?.plus_days(i64::from(*days)))
}

fn malicious(policy: &Policy, finding: &Finding) -> Option<Ruling> {
    let reason = format!(
        "{} is malware according to {}.",
        package(finding),
        finding.canonical
    );
    Ruling::new("malicious", Check::Malicious, policy.malicious.action, reason).unless_ignored()
}

fn informational(
    policy: &Policy,
    section: &Informational,
    rule: &'static str,
    finding: &Finding,
) -> Option<Ruling> {
    let judged = policy.vulnerability.judges(finding.component.scope);
    if !judged || !section.relationship.contains(finding.component.direct) {
        return None;
    }
    let what = if rule == "notice" {
        "the subject of a notice"
    } else {
        rule
    };
    let reason = format!(
        "{} is {what} according to {}.",
        package(finding),
        finding.canonical
    );
    Ruling::new(rule, Check::Unmaintained, section.action, reason).unless_ignored()
}

/// The strictest of the rules about exploitation, probability and severity; the first of equals.
fn vulnerability(policy: &Policy, matter: Matter<'_>) -> Option<Ruling> {
    let finding = matter.finding;
    if !is_in_reach(policy, finding) {
        return None;
    }
    let softened = [epss(policy, finding), severity(policy, finding)]
        .into_iter()
        .flatten()
        .map(|ruling| soften(policy, matter, ruling));
    let rulings = exploited(policy, finding).into_iter().chain(softened);
    let rulings = rulings.map(|ruling| unless_known_before(policy, matter, ruling));
    rulings.reduce(|strictest, ruling| {
        if ruling.action > strictest.action {
            ruling
        } else {
            strictest
        }
    })
}

/// Whether the policy judges the finding's component at all.
pub(crate) fn is_in_reach(policy: &Policy, finding: &Finding) -> bool {
    let section = &policy.vulnerability;
    let related = section
        .relationship
        .iter()
        .any(|relationship| match relationship {
            Relationship::Direct => finding.component.direct != Some(false),
            Relationship::Transitive => finding.component.direct != Some(true),
        });
    related && section.judges(finding.component.scope)
}

fn exploited(policy: &Policy, finding: &Finding) -> Option<Ruling> {
    if finding.kev != Some(true) {
        return None;
    }
    let reason = format!("{} is known to be exploited.", in_words(finding));
    Ruling::new(
        "vulnerability.kev",
        Check::Vulnerability,
        policy.vulnerability.kev,
        reason,
    )
    .unless_ignored()
}

fn epss(policy: &Policy, finding: &Finding) -> Option<Ruling> {
    let limit = policy.vulnerability.min_epss?;
    let epss = finding.epss.filter(|epss| *epss >= limit)?;
    let reason = format!(
        "{} will be exploited within 30 days with a probability of {:.1} %, at or above the limit of {:.1} %.",
        in_words(finding),
        epss * 100.0,
        limit * 100.0
    );
    Some(Ruling::new(
        "vulnerability.min_epss",
        Check::Vulnerability,
        Action::Fail,
        reason,
    ))
}

fn severity(policy: &Policy, finding: &Finding) -> Option<Ruling> {
    let section = &policy.vulnerability;
    let Some(level) = level(policy, finding) else {
        return unrated(section.unknown_severity, finding);
    };
    let (rule, action, limit) = if level >= section.fail_at {
        ("vulnerability.fail_at", Action::Fail, section.fail_at)
    } else if level >= section.warn_at {
        ("vulnerability.warn_at", Action::Warn, section.warn_at)
    } else {
        return None;
    };
    let reason = format!(
        "{} is {}, at or above the limit `{}`{}.",
        in_words(finding),
        rating(finding, level),
        limit.name(),
        fix(finding)
    );
    Some(Ruling::new(rule, Check::Vulnerability, action, reason))
}

/// The severity as it is judged; `None` for what is harmless, and for what is unrated and not judged as rated.
fn level(policy: &Policy, finding: &Finding) -> Option<Threshold> {
    match (finding.severity.level, policy.vulnerability.unknown_severity) {
        (Severity::Unknown, UnknownSeverity::AsLow) => Some(Threshold::Low),
        (Severity::Unknown, UnknownSeverity::AsMedium) => Some(Threshold::Medium),
        (Severity::Unknown, UnknownSeverity::AsHigh) => Some(Threshold::High),
        (Severity::Unknown, UnknownSeverity::AsCritical) => Some(Threshold::Critical),
        (level, _) => Threshold::of(level),
    }
}

fn unrated(how: UnknownSeverity, finding: &Finding) -> Option<Ruling> {
    let action = match how {
        UnknownSeverity::Warn => Action::Warn,
        UnknownSeverity::Fail => Action::Fail,
        _ => return None,
    };
    if finding.severity.level != Severity::Unknown {
        return None;
    }
    let reason = format!(
        "{} has no severity that anybody published{}.",
        in_words(finding),
        fix(finding)
    );
    Some(Ruling::new(
        "vulnerability.unknown_severity",
        Check::Vulnerability,
        action,
        reason,
    ))
}

/// A failure that the policy lets pass for now: nothing fixes it, or its period of grace is not over.
fn soften(policy: &Policy, matter: Matter<'_>, ruling: Ruling) -> Ruling {
    let finding = matter.finding;
    if ruling.action != Action::Fail {
        return ruling;
    }
    if policy.vulnerability.only_fixable && finding.fix.version.is_none() {
        return warned(ruling, "vulnerability.only_fixable", "Only what has a fix fails.");
    }
    match due(policy, finding) {
        Some(due) if matter.now < due => {
            let note = format!("It is due on {}.", due.date());
            warned(ruling, "vulnerability.grace_days", &note)
        }
        _ => ruling,
    }
}

fn unless_known_before(policy: &Policy, matter: Matter<'_>, ruling: Ruling) -> Ruling {
    let old = policy.vulnerability.only_new && matter.new == Some(false);
    if old && ruling.action == Action::Fail {
        return warned(
            ruling,
            "vulnerability.only_new",
            "The baseline has it too, and only new findings fail.",
        );
    }
    ruling
}

fn warned(ruling: Ruling, rule: &'static str, note: &str) -> Ruling {
    let reason = format!("{} {note}", ruling.reason);
    Ruling {
        rule,
        action: Action::Warn,
        reason,
        ..ruling
    }
}

fn in_words(finding: &Finding) -> String {
    format!("{} in {}", finding.canonical, package(finding))
}

fn package(finding: &Finding) -> String {
    let component = &finding.component;
    if component.version.is_empty() {
        return component.name.clone();
    }
    format!("{} {}", component.name, component.version)
}

fn rating(finding: &Finding, level: Threshold) -> String {
    match (finding.severity.level, finding.severity.score) {
        (Severity::Unknown, _) => format!("not rated and judged as {}", level.name()),
        (_, Some(score)) => format!("{} ({score:.1})", level.name()),
        (_, None) => level.name().to_owned(),
    }
}

fn fix(finding: &Finding) -> String {
    match &finding.fix.version {
        Some(version) => format!(", and {version} fixes it"),
        None => ", and no version is known to fix it".to_owned(),
    }
}
