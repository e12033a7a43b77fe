//! GitLab's code quality report: a JSON array of issues with stable fingerprints.

use std::collections::HashMap;

use advisories::Severity;
use policy::Action;
use serde::Serialize;

use super::items::{Item, Subject};
use super::{Style, pretty};

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(super) fn render(subject: &Subject<'_>, style: &Style<'_>) -> String {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let issues: Vec<Issue> = subject
        .items
        .iter()
        .map(|item| issue(item, style.artifact(), &mut seen))
        .collect();
    pretty(&issues)
}

fn issue(item: &Item<'_>, artifact: &str, seen: &mut HashMap<String, usize>) -> Issue {
    Issue {
        description: item.message(),
        check_name: match item.finding {
            Some(finding) => finding.canonical.clone(),
            None => item.rule.to_owned(),
        },
        fingerprint: unique(item.fingerprint(), seen),
        severity: severity(item),
        location: Location {
            path: artifact.to_owned(),
            lines: Lines { begin: 1 },
        },
    }
}

/// GitLab drops issues whose fingerprint it has seen: a second version of one package gets a number.
fn unique(fingerprint: String, seen: &mut HashMap<String, usize>) -> String {
    let count = seen.entry(fingerprint.clone()).or_default();
    *count += 1;
    match *count {
        1 => fingerprint,
        number => format!("{fingerprint}-{number}"),
    }
}

fn severity(item: &Item<'_>) -> &'static str {
    match (item.finding.map(|finding| finding.severity.level), item.action) {
        (Some(Severity::Critical), _) => "blocker",
        (Some(Severity::High), _) => "critical",
        (Some(Severity::Medium | Severity::Unknown), _) | (None, Action::Fail | Action::Indeterminate) => {
            "major"
        }
        (Some(Severity::Low), _) | (None, Action::Warn) => "minor",
        (Some(Severity::None), _) | (None, Action::Ignore) => "info",
    }
}
