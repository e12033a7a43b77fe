//! GitLab's dependency scanning report, schema 15: vulnerabilities with where they are, and the files with what they
//! bring in. Other objections of the policy are messages of the scan.

use std::collections::{BTreeMap, HashMap};

use advisories::Severity;
use policy::{Finding, Outcome, Verdict};
use serde::Serialize;

use super::items::{Item, Subject, component_label, outcome_word};
use super::{Style, pretty};
use crate::ComponentStatus;

/// The schema that the report keeps.
const SCHEMA: &str = "15.0.7";

/// What the schema allows, in characters.
const LONGEST_NAME: usize = 255;
const LONGEST_SOLUTION: usize = 7_000;
const LONGEST_DESCRIPTION: usize = 100_000;

/// Objections that are no vulnerability are told up to here.
const MESSAGES: usize = 500;

#[derive(Serialize)]
struct Report<'a> {
    version: &'static str,
    scan: Scan,
    vulnerabilities: Vec<Vulnerability>,
    dependency_files: Vec<DependencyFile<'a>>,
}

#[derive(Serialize)]
struct Scan {
    analyzer: Tool,
    scanner: Tool,
    #[serde(rename = "type")]
    kind: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<Message>,
}

#[derive(Serialize)]
struct Tool {
    id: &'static str,
    name: &'static str,
    version: String,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    solution: String,
    identifiers: Vec<Identifier>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<Flag>,
    location: Location,
}

#[derive(Serialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Flag {
    #[serde(rename = "type")]
    kind: &'static str,
    origin: String,
    description: String,
}

#[derive(Serialize)]
struct Location {
    file: String,
    dependency: Dependency,
}

#[derive(Serialize)]
struct DependencyFile<'a> {
    path: &'a str,
    package_manager: String,
    dependencies: Vec<Dependency>,
}

#[derive(Clone, Serialize)]
struct Dependency {
    package: Package,
    version: String,
    iid: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependency_path: Vec<Ancestor>,
}

#[derive(Clone, Serialize)]
struct Package {
    name: String,
}

#[derive(Clone, Serialize)]
struct Ancestor {
    iid: usize,
}

pub(super) fn render(subject: &Subject<'_>, style: &Style<'_>) -> String {
    let numbers = Numbers::of(subject);
    let mut seen: HashMap<String, usize> = HashMap::new();
    let vulnerabilities = subject
        .items
        .iter()
        .filter_map(|item| {
            let id = item.finding.map(|_| unique(item.fingerprint(), &mut seen))?;
            vulnerability(item, id, style.artifact(), &numbers)
        })
        .collect();
    pretty(&Report {
        version: SCHEMA,
        scan: scan(subject),
        vulnerabilities,
        dependency_files: files(subject, style.artifact(), &numbers),
    })
}

/// A number for each package version, by `name@version`, in the order of names.
struct Numbers(BTreeMap<String, usize>);

impl Numbers {
    fn of(subject: &Subject<'_>) -> Self {
        let listed = subject.components.iter().map(label);
        let findings = || subject.items.iter().filter_map(|item| item.finding);
        let found = findings().map(component_label);
        let on_the_way = findings().flat_map(|finding| finding.paths.iter().flatten().cloned());
        let mut numbers: BTreeMap<String, usize> = listed
            .chain(found)
            .chain(on_the_way)
            .map(|label| (label, 0))
            .collect();
        for (number, slot) in (1..).zip(numbers.values_mut()) {
            *slot = number;
        }
        Self(numbers)
    }

    fn get(&self, label: &str) -> usize {
        self.0.get(label).copied().unwrap_or_default()
    }
}

fn label(component: &ComponentStatus) -> String {
    match component.version.as_deref() {
        Some(version) => format!("{}@{version}", component.name),
        None => component.name.clone(),
    }
}

fn scan(subject: &Subject<'_>) -> Scan {
    let verdict = subject.verdict;
    let finished = !matches!(verdict.verdict, Outcome::Indeterminate | Outcome::Pending);
    let at = moment(verdict);
    Scan {
        analyzer: tool(verdict),
        scanner: tool(verdict),
        kind: "dependency_scanning",
        start_time: at.clone(),
        end_time: at,
        // A scan that did not see everything must not resolve what an earlier one found.
        status: if finished { "success" } else { "failure" },
        messages: messages(subject),
    }
}

fn tool(verdict: &Verdict) -> Tool {
    Tool {
        id: "plumbline",
        name: "Plumbline",
        version: verdict.engine.clone(),
        vendor: Vendor { name: "Plumbline" },
    }
}

/// UTC without a zone and without fractions, as the schema wants it.
fn moment(verdict: &Verdict) -> String {
    verdict.evaluated_at.to_string().chars().take(19).collect()
}

fn messages(subject: &Subject<'_>) -> Vec<Message> {
    let outcome = Message {
        level: "info",
        value: format!("The gate's verdict is {}.", outcome_word(subject.verdict.verdict)),
    };
    let others: Vec<&Item<'_>> = subject
        .items
        .iter()
        .filter(|item| item.finding.is_none())
        .collect();
    let more = others.len().saturating_sub(MESSAGES);
    let told = others.into_iter().take(MESSAGES).map(|item| Message {
        level: "warn",
        value: format!("{}: {}", item.rule, cut(&item.message(), LONGEST_SOLUTION)),
    });
    let rest = (more > 0).then(|| Message {
        level: "warn",
        value: format!("{more} more objections are not listed."),
    });
    std::iter::once(outcome).chain(told).chain(rest).collect()
}

fn vulnerability(item: &Item<'_>, id: String, artifact: &str, numbers: &Numbers) -> Option<Vulnerability> {
    let finding = item.finding?;
    let name = match finding.summary.as_str() {
        "" => &finding.canonical,
        summary => summary,
    };
    Some(Vulnerability {
        id,
        name: cut(name, LONGEST_NAME),
        description: cut(&description(item, finding), LONGEST_DESCRIPTION),
        severity: severity(finding.severity.level),
        solution: cut(&item.advice().unwrap_or_default(), LONGEST_SOLUTION),
        identifiers: identifiers(finding),
        flags: flags(finding),
        location: Location {
            file: artifact.to_owned(),
            dependency: affected(finding, numbers),
        },
    })
}

fn description(item: &Item<'_>, finding: &Finding) -> String {
    let mut text = item.message();
    for (what, said) in [
        ("Affected versions", finding.evidence.range.as_str()),
        ("Policy", item.reason.as_str()),
    ] {
        if !said.is_empty() {
            text.push_str(&format!("\n\n{what}: {said}"));
        }
    }
    text
}

const fn severity(level: Severity) -> &'static str {
    match level {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::None => "Info",
        Severity::Unknown => "Unknown",
    }
}

/// The finding's own id first, which is the primary one, then its aliases.
fn identifiers(finding: &Finding) -> Vec<Identifier> {
    std::iter::once(&finding.canonical)
        .chain(&finding.aliases)
        .filter(|id| !id.is_empty())
        .map(|id| Identifier {
            kind: kind_of(id),
            name: id.clone(),
            value: id.clone(),
        })
        .collect()
}

/// `cve`, `ghsa`, `rustsec`: the word that an id begins with.
fn kind_of(id: &str) -> String {
    let word: String = id
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    if word.is_empty() { "osv".to_owned() } else { word }
}

/// What somebody decided is no risk is told as such.
fn flags(finding: &Finding) -> Vec<Flag> {
    let cleared = finding
        .decision
        .as_ref()
        .filter(|decision| decision.state.clears());
    let flag = cleared.map(|decision| Flag {
        kind: "flagged-as-likely-false-positive",
        origin: decision.source.clone(),
        description: match decision.reason.as_str() {
            "" => decision.state.word().to_owned(),
            reason => cut(reason, LONGEST_SOLUTION),
        },
    });
    flag.into_iter().collect()
}

fn affected(finding: &Finding, numbers: &Numbers) -> Dependency {
    let ancestors = match finding.paths.first().map(Vec::as_slice) {
        Some([ancestors @ .., _]) => ancestors,
        _ => &[],
    };
    Dependency {
        package: Package {
            name: finding.component.name.clone(),
        },
        version: finding.component.version.clone(),
        iid: numbers.get(&component_label(finding)),
        direct: finding.component.direct,
        dependency_path: ancestors
            .iter()
            .map(|label| Ancestor {
                iid: numbers.get(label),
            })
            .collect(),
    }
}

/// One entry a package manager, all of the file that the caller named.
fn files<'a>(subject: &Subject<'_>, artifact: &'a str, numbers: &Numbers) -> Vec<DependencyFile<'a>> {
    let mut managers: BTreeMap<String, BTreeMap<usize, Dependency>> = BTreeMap::new();
    for component in subject.components {
        if let Some(purl) = &component.purl {
            let dependency = listed(component, numbers);
            managers
                .entry(manager(purl))
                .or_default()
                .insert(dependency.iid, dependency);
        }
    }
    for finding in subject.items.iter().filter_map(|item| item.finding) {
        let dependency = affected(finding, numbers);
        managers
            .entry(manager(&finding.component.purl))
            .or_default()
            .insert(dependency.iid, dependency);
    }
    managers
        .into_iter()
        .map(|(package_manager, dependencies)| DependencyFile {
            path: artifact,
            package_manager,
            dependencies: dependencies.into_values().collect(),
        })
        .collect()
}

fn listed(component: &ComponentStatus, numbers: &Numbers) -> Dependency {
    Dependency {
        package: Package {
            name: component.name.clone(),
        },
        version: component.version.clone().unwrap_or_default(),
        iid: numbers.get(&label(component)),
        direct: component.direct,
        dependency_path: Vec::new(),
    }
}

/// The tool that installs packages of a purl's type, as GitLab calls it.
fn manager(purl: &str) -> String {
    let kind = purl
        .strip_prefix("pkg:")
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default();
    match kind {
        "pypi" => "pip",
        "deb" => "apt",
        "gem" => "bundler",
        "golang" => "go",
        "" => "unknown",
        other => other,
    }
    .to_owned()
}

fn unique(fingerprint: String, seen: &mut HashMap<String, usize>) -> String {
    let count = seen.entry(fingerprint.clone()).or_default();
    *count += 1;
    match *count {
        1 => fingerprint,
        number => format!("{fingerprint}-{number}"),
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
