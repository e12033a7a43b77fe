//! SARIF 2.1.0 (OASIS, 2020), with what code scanning services ask for beyond it.
//!
//! Required by the standard and always present: `version`, `runs[].tool.driver.name`,
//! `results[].message`, `rules[].id`, `notifications[].message`, `invocations[].executionSuccessful`.
//! A run that could not check everything says `executionSuccessful: false`, so that a service does not close
//! the alerts of an earlier run.

use std::collections::BTreeMap;

use policy::{Action, Outcome, Verdict};
use serde_json::{Map, Value, json};

use super::escape::uri;
use super::items::{Item, Subject, component_label, headline};
use super::{Style, pretty};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(subject: &Subject<'_>, style: &Style<'_>) -> String {
    let (rules, indices) = rules(&subject.items);
    let results: Vec<Value> = subject
        .items
        .iter()
        .map(|item| result(item, &indices, style.artifact()))
        .collect();
    let verdict = subject.verdict;
    pretty(&json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Plumbline",
                "version": verdict.engine,
                "semanticVersion": verdict.engine,
                "rules": rules,
            }},
            "automationDetails": {
                "id": format!("plumbline/{}/{}", verdict.project, verdict.reference.branch),
            },
            "invocations": [invocation(verdict)],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn invocation(verdict: &Verdict) -> Value {
    let unfinished = matches!(verdict.verdict, Outcome::Indeterminate | Outcome::Pending);
    let notifications: Vec<Value> = verdict
        .notices
        .iter()
        .map(|notice| {
            let level = match notice.level {
                inventory::Level::Info => "note",
                inventory::Level::Warn => "warning",
            };
            json!({"level": level, "message": {"text": notice.text}, "descriptor": {"id": notice.code}})
        })
        .collect();
    json!({
        "executionSuccessful": !unfinished,
        "exitCodeDescription": headline(verdict),
        "endTimeUtc": verdict.evaluated_at,
        "toolExecutionNotifications": notifications,
    })
}

/// One rule an id, sorted, with the position of each.
fn rules<'a>(items: &[Item<'a>]) -> (Vec<Value>, BTreeMap<&'a str, usize>) {
    let mut worst: BTreeMap<&str, &Item<'a>> = BTreeMap::new();
    for item in items {
        worst.entry(item.id()).or_insert(item);
    }
    let rules = worst.values().map(|item| rule(item)).collect();
    let indices = worst.keys().enumerate().map(|(index, id)| (*id, index)).collect();
    (rules, indices)
}

fn rule(item: &Item<'_>) -> Value {
    let Some(finding) = item.finding else {
        return json!({
            "id": item.rule,
            "shortDescription": {"text": item.rule},
            "defaultConfiguration": {"level": level(item.action)},
            "properties": {"tags": [super::items::check_word(item.check)]},
        });
    };
    let short = match finding.summary.as_str() {
        "" => finding.canonical.as_str(),
        summary => summary,
    };
    let mut properties = json!({"tags": ["security", "vulnerability"], "aliases": finding.aliases});
    if let (Some(properties), Some(score)) = (properties.as_object_mut(), finding.severity.score) {
        properties.insert("security-severity".to_owned(), json!(format!("{score:.1}")));
    }
    json!({
        "id": finding.canonical,
        "shortDescription": {"text": short},
        "help": {"text": item.advice().unwrap_or_default()},
        "defaultConfiguration": {"level": level(item.action)},
        "properties": properties,
    })
}

fn result(item: &Item<'_>, indices: &BTreeMap<&str, usize>, artifact: &str) -> Value {
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(item.id()));
    if let Some(index) = indices.get(item.id()) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    result.insert("level".to_owned(), json!(level(item.action)));
    result.insert("message".to_owned(), json!({"text": message(item)}));
    result.insert("locations".to_owned(), json!([location(item, artifact)]));
    result.insert(
        "partialFingerprints".to_owned(),
        json!({"plumblineFinding/v1": item.fingerprint()}),
    );
    if let Some(waiver) = item.waiver {
        let suppression = json!([{"kind": "external", "status": "accepted", "justification": waiver.reason}]);
        result.insert("suppressions".to_owned(), suppression);
    }
    if let Some(finding) = item.finding {
        let properties = json!({
            "purl": finding.component.purl,
            "direct": finding.component.direct,
            "fixedVersion": finding.fix.version,
            "pathCount": finding.path_count,
            "kev": finding.kev,
            "epss": finding.epss,
        });
        result.insert("properties".to_owned(), properties);
    }
    Value::Object(result)
}

/// Plain text; a bracket would begin a link (§3.11.6) and is escaped with a backslash.
fn message(item: &Item<'_>) -> String {
    let mut text = item.message();
    if let Some(advice) = item.advice() {
        text = format!("{text} ({advice})");
    }
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// The file, and the component inside it.
fn location(item: &Item<'_>, artifact: &str) -> Value {
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(artifact)},
            "region": {"startLine": 1},
        },
    });
    let name = item
        .finding
        .map(component_label)
        .or_else(|| item.purl.map(str::to_owned));
    if let (Some(location), Some(name)) = (location.as_object_mut(), name) {
        let path = item.finding.and_then(|finding| finding.paths.first());
        let full = path.map_or_else(|| name.clone(), |path| path.join(" > "));
        let logical = json!([{"name": name, "fullyQualifiedName": full, "kind": "module"}]);
        location.insert("logicalLocations".to_owned(), logical);
    }
    location
}

fn level(action: Action) -> &'static str {
    match action {
        Action::Fail | Action::Indeterminate => "error",
        Action::Warn => "warning",
        Action::Ignore => "note",
    }
}
