//! The files that a scan leaves behind, in the layout of Sandworm Audit, so that whoever reads those reads ours: a report
//! as JSON and the components as CSV. The pictures are in [`charts`](crate::charts).

use std::collections::BTreeMap;

use inventory::{Component, ComponentId, Inventory, Scope};
use licenses::Category;
use policy::{Action, Finding, Verdict};
use serde::Serialize;
use serde_json::{Value, json};

use crate::issues::{Issue, issues, parents, paths};
use crate::render::{csv_line, pretty};
use crate::{ComponentStatus, Graph, Report, WhyNotChecked};

/// Properties by which a component carries what registries say of it.
pub const SIZE: &str = "plumbline:size";
pub const LATEST: &str = "plumbline:latest";

/// How the report was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub include_dev: bool,
    pub max_depth: usize,
    pub show_versions: bool,
}

/// The size of a component in bytes, as a registry stated it.
#[must_use]
pub fn size(component: &Component) -> Option<u64> {
    property(component, SIZE)?.parse().ok()
}

fn property<'c>(component: &'c Component, name: &str) -> Option<&'c str> {
    let details = component.details.as_deref()?;
    let mut properties = details.properties.iter();
    properties
        .find(|property| property.name == name)
        .and_then(|property| property.value.as_deref())
}

/// The name and version that files are called after: `@acme/shop` is `@acme-shop@1.4.0-`, and nothing has no prefix.
#[must_use]
pub fn prefix(inventory: &Inventory) -> String {
    let Some(root) = root(inventory) else {
        return String::new();
    };
    let version = crate::version(root).map(|version| format!("@{version}"));
    let name = format!("{}{}", crate::package_name(root), version.unwrap_or_default());
    // A document may call its product what it likes; a file has no folder in its name.
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "@._+-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(120)
        .collect();
    match safe.trim_start_matches('.') {
        "" => String::new(),
        safe => format!("{safe}-"),
    }
}

fn root(inventory: &Inventory) -> Option<&Component> {
    inventory.components.get(inventory.root? as usize)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    name: Option<String>,
    version: Option<&'a str>,
    created_at: i64,
    system: Value,
    configuration: Value,
    verdict: &'a Verdict,
    root_vulnerabilities: Vec<Value>,
    dependency_vulnerabilities: Vec<Value>,
    license_usage: Vec<Value>,
    license_issues: Vec<Value>,
    meta_issues: Vec<Value>,
    resolved_issues: Vec<Value>,
    errors: Vec<String>,
}

/// The report: what Sandworm's has, by the same names, and the verdict. Equal arguments give equal bytes.
#[must_use]
pub fn report_json(inventory: &Inventory, report: &Report, settings: &Settings) -> String {
    let graph = Graph::new(inventory);
    let root = root(inventory);
    let root_purl = root.and_then(|root| root.purl.as_ref()).map(ToString::to_string);
    let (of_root, of_others): (Vec<&Finding>, Vec<&Finding>) = report
        .findings
        .iter()
        .filter(|finding| settings.include_dev || finding.component.scope != Scope::Dev)
        .partition(|finding| root_purl.as_deref() == Some(finding.component.purl.as_str()));
    let found = issues(inventory, report, settings.include_dev);
    let of_kind = |kind: policy::IssueKind| -> Vec<Value> {
        let kind = found.iter().filter(|issue| issue.code.kind == kind);
        kind.map(|issue| issue_value(inventory, &graph, issue)).collect()
    };
    let verdict = &report.verdict;
    pretty(&Document {
        name: root.map(crate::package_name),
        version: root.and_then(crate::version),
        created_at: verdict.evaluated_at.millis(),
        system: json!({
            "plumblineVersion": verdict.engine,
            "lockfile": inventory.format,
            "packageTypes": package_types(&report.components),
        }),
        configuration: json!({
            "includeDev": settings.include_dev,
            "maxDepth": settings.max_depth,
            "showVersions": settings.show_versions,
            "policy": verdict.policy,
        }),
        verdict,
        root_vulnerabilities: of_root.into_iter().map(vulnerability_value).collect(),
        dependency_vulnerabilities: of_others.into_iter().map(vulnerability_value).collect(),
        license_usage: license_usage(&report.components, settings),
        license_issues: of_kind(policy::IssueKind::License),
        meta_issues: of_kind(policy::IssueKind::Meta),
        resolved_issues: verdict
            .waivers
            .applied
            .iter()
            .map(|waiver| json!(waiver))
            .collect(),
        errors: errors(inventory, report),
    })
}

fn package_types(components: &[ComponentStatus]) -> Vec<&str> {
    let mut types: Vec<&str> = components
        .iter()
        .filter_map(|component| component.ecosystem.as_deref())
        .collect();
    types.sort_unstable();
    types.dedup();
    types
}

fn vulnerability_value(finding: &Finding) -> Value {
    let github = std::iter::once(&finding.canonical)
        .chain(&finding.aliases)
        .find(|id| id.starts_with("GHSA-"));
    let names = |path: &Vec<String>| -> String {
        let name = |step: &String| match step.rfind('@') {
            Some(at) if at > 0 => step.get(..at).unwrap_or(step).to_owned(),
            _ => step.clone(),
        };
        path.iter().map(name).collect::<Vec<_>>().join(">")
    };
    let mut paths: Vec<String> = finding.paths.iter().map(names).collect();
    paths.dedup();
    let mut direct: Vec<&String> = finding.paths.iter().filter_map(|path| path.first()).collect();
    direct.sort();
    direct.dedup();
    json!({
        "type": "vulnerability",
        "id": finding.canonical,
        "aliases": finding.aliases,
        "githubAdvisoryId": github,
        "name": finding.component.name,
        "version": finding.component.version,
        "title": finding.summary,
        "severity": match finding.severity.level {
            advisories::Severity::Medium => "moderate",
            other => crate::render::severity_word(other),
        },
        "score": finding.severity.score,
        "range": finding.evidence.range,
        "source": finding.evidence.records,
        "recommendation": match &finding.fix.version {
            Some(version) => format!("Upgrade to version {version} or later"),
            None => "No fixed version is known".to_owned(),
        },
        "decision": finding.decision,
        "findings": {
            "sources": [{"name": finding.component.name, "version": finding.component.version}],
            "affects": direct,
            "rootDependencies": direct,
            "paths": paths,
            "pathCount": finding.path_count,
        },
    })
}

fn issue_value(inventory: &Inventory, graph: &Graph, issue: &Issue) -> Value {
    let title = match issue.detail.as_str() {
        "" => issue.code.title.to_owned(),
        detail => format!("{}: {detail}", issue.code.title),
    };
    json!({
        "type": match issue.code.kind {
            policy::IssueKind::License => "license",
            policy::IssueKind::Meta => "meta",
        },
        "severity": issue.severity.word(),
        "title": title,
        "shortTitle": issue.code.title,
        "name": issue.name,
        "version": issue.version,
        "sandwormIssueCode": issue.code.number,
        "sandwormIssueId": issue.id,
        "rules": issue.code.rules,
        "action": match issue.action {
            Action::Fail => "fail",
            Action::Indeterminate => "indeterminate",
            Action::Warn => "warn",
            Action::Ignore => "ignore",
        },
        "findings": {"paths": paths(inventory, graph, issue.component)},
    })
}

/// Which licenses are used by what, the most used first.
fn license_usage(components: &[ComponentStatus], settings: &Settings) -> Vec<Value> {
    let mut usage: BTreeMap<&str, Vec<&ComponentStatus>> = BTreeMap::new();
    for component in components
        .iter()
        .filter(|component| is_listed(component, settings))
    {
        let license = component.license.as_deref().unwrap_or("N/A");
        usage.entry(license).or_default().push(component);
    }
    let mut usage: Vec<(&str, Vec<&ComponentStatus>)> = usage.into_iter().collect();
    usage.sort_by_key(|(license, users)| (std::cmp::Reverse(users.len()), *license));
    let value = |(license, users): &(&str, Vec<&ComponentStatus>)| {
        let names: Vec<Value> = users
            .iter()
            .map(|user| json!({"name": user.name, "version": user.version}))
            .collect();
        json!({
            "string": license,
            "meta": {
                "categories": {"defaultCategory": category(license), "userCategories": []},
                "isSpdxExpression": license.contains(' '),
            },
            "dependencies": names,
        })
    };
    usage.iter().map(value).collect()
}

/// The category of the best choice; `N/A` where nothing is stated, `Invalid` for what is no license.
fn category(license: &str) -> String {
    if license == "N/A" {
        return license.to_owned();
    }
    let reading = licenses::read(license);
    match reading.expression() {
        Some(expression) if !expression.is_unknown() => best(expression).name().to_owned(),
        _ => "Invalid".to_owned(),
    }
}

/// Categories are in the order of what they ask for: of a choice the least, of duties the most.
fn best(expression: &licenses::Expression) -> Category {
    use licenses::{Expression, Operator};
    match expression {
        Expression::Term(term) => term.category(),
        Expression::Compound(Operator::Or, parts) => {
            parts.iter().map(best).min().unwrap_or(Category::Uncategorized)
        }
        Expression::Compound(Operator::And, parts) => {
            parts.iter().map(best).max().unwrap_or(Category::Uncategorized)
        }
    }
}

fn is_listed(component: &ComponentStatus, settings: &Settings) -> bool {
    component.why_not != Some(WhyNotChecked::NotAPackage)
        && (settings.include_dev || component.scope != Scope::Dev)
}

/// What could not be read or checked, in words.
fn errors(inventory: &Inventory, report: &Report) -> Vec<String> {
    let gaps = inventory.gaps.iter().map(|gap| match gap.place.as_str() {
        "" => gap.text.clone(),
        place => format!("{place}: {}", gap.text),
    });
    let undetermined = report.verdict.build.undetermined;
    let unchecked = (undetermined > 0).then(|| format!("{undetermined} components could not be checked"));
    gaps.chain(unchecked).collect()
}

const COLUMNS: [&str; 17] = [
    "name",
    "version",
    "latestVersion",
    "repository",
    "published",
    "publisher",
    "size",
    "license",
    "isProd",
    "isDev",
    "isOptional",
    "isPeer",
    "isBundled",
    "parents",
    "purl",
    "checked",
    "findings",
];

/// The components, one line each, without the product itself; safe to open in a spreadsheet. What is not known is empty.
#[must_use]
pub fn dependencies_csv(inventory: &Inventory, report: &Report) -> String {
    let graph = Graph::new(inventory);
    let mut findings: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for finding in &report.findings {
        findings
            .entry((&finding.component.purl, &finding.component.version))
            .or_default()
            .push(&finding.canonical);
    }
    let mut text = csv_line(&COLUMNS.map(str::to_owned));
    for status in &report.components {
        let Some(component) = inventory.components.get(status.component as usize) else {
            continue;
        };
        if status.why_not == Some(WhyNotChecked::NotAPackage) {
            continue;
        }
        let key = (
            status.purl.as_deref().unwrap_or_default(),
            status.version.as_deref().unwrap_or_default(),
        );
        let found = findings.get(&key).map(|ids| ids.join(" ")).unwrap_or_default();
        text.push_str(&csv_line(&line(inventory, &graph, status, component, found)));
    }
    text
}

fn line(
    inventory: &Inventory,
    graph: &Graph,
    status: &ComponentStatus,
    component: &Component,
    findings: String,
) -> [String; COLUMNS.len()] {
    let known = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let installation = component.installation.as_deref();
    let details = component.details.as_deref();
    let is_prod = matches!(component.scope, Scope::Required | Scope::Optional);
    let parents = |id: ComponentId| parents(inventory, graph, id, status.direct == Some(true)).join(", ");
    [
        status.name.clone(),
        known(status.version.as_deref()),
        known(property(component, LATEST)),
        known(repository(component)),
        known(component.facts.published.as_deref()),
        known(details.and_then(|details| details.publisher.as_deref())),
        known(property(component, SIZE)),
        known(status.license.as_deref()),
        is_prod.to_string(),
        (component.scope == Scope::Dev).to_string(),
        (component.scope == Scope::Optional).to_string(),
        installation.is_some_and(|how| how.peer).to_string(),
        installation.is_some_and(|how| how.bundled).to_string(),
        parents(status.component),
        known(status.purl.as_deref()),
        status.checked.to_string(),
        findings,
    ]
}

/// The address of the source code.
fn repository(component: &Component) -> Option<&str> {
    let references = &component.details.as_deref()?.external_references;
    let vcs = references.iter().find(|reference| reference.kind == "vcs");
    vcs.map(|reference| reference.url.as_str())
}
