//! How long one audit takes, and how long of it the policy judges: 10,000 components, 30,000 edges, 300 findings, without
//! waivers and with 500; the best and the median of 21 runs.

use std::sync::Arc;
use std::time::Instant;

use advisories::{Class, Fix, MatchResult, Severity, SeverityRating, VulnerabilityMatch};
use audit::{ComponentStatus, Context, Knowledge, Report, audit};
use inventory::{Component, ComponentId, Inventory, LicenseClaim, LicenseSource};
use policy::{Policy, Subject, SubjectComponent, SubjectProduct, Waiver};

const COMPONENTS: ComponentId = 10_000;
const EDGES_EACH: u32 = 3;
const AFFECTED_EVERY: u32 = 33;
const WAIVERS: u32 = 500;
const RUNS: usize = 21;

fn main() {
    let (inventory, knowledge) = (inventory(), knowledge());
    let waivers: Vec<Waiver> = (0..WAIVERS).filter_map(waiver).collect();
    for waivers in [&[][..], &waivers] {
        measure(&inventory, &knowledge, waivers);
    }
}

fn measure(inventory: &Inventory, knowledge: &Knowledge, waivers: &[Waiver]) {
    let (policy, context) = (Policy::default(), Context::default());
    let mut millis: Vec<f64> = Vec::new();
    let mut judging: Vec<f64> = Vec::new();
    let mut findings = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        let report = audit(inventory, knowledge, &policy, waivers, &context);
        millis.push(start.elapsed().as_secs_f64() * 1000.0);
        findings = report.findings.len();
        judging.push(judged(inventory, &report, &policy, waivers));
    }
    let (best, median) = best_and_median(millis);
    let (judged_best, judged_median) = best_and_median(judging);
    println!(
        "{} components, {} edges, {findings} findings, {} waivers: best {best:.1} ms, median {median:.1} ms; of it judging: best {judged_best:.1} ms, median {judged_median:.1} ms",
        inventory.components.len(),
        inventory.edges.len(),
        waivers.len(),
    );
}

fn best_and_median(mut millis: Vec<f64>) -> (f64, f64) {
    millis.sort_by(f64::total_cmp);
    let at = |position: usize| millis.get(position).copied().unwrap_or_default();
    (at(0), at(RUNS / 2))
}

/// Milliseconds that the policy takes for the same findings and components.
fn judged(inventory: &Inventory, report: &Report, policy: &Policy, waivers: &[Waiver]) -> f64 {
    let component =
        |status: &ComponentStatus| inventory.components.get(usize::try_from(status.component).ok()?);
    let components: Vec<SubjectComponent<'_>> = report
        .components
        .iter()
        .filter_map(|status| {
            let component = component(status)?;
            Some(SubjectComponent {
                purl: status.purl.as_deref(),
                name: &status.name,
                version: status.version.as_deref(),
                scope: status.scope,
                direct: status.direct,
                licenses: &component.licenses,
                checked: status.checked,
                why_not: None,
                source: &component.source,
                has_integrity: false,
                facts: component.facts.clone(),
                ways: None,
            })
        })
        .collect();
    let subject = Subject {
        findings: &report.findings,
        components: &components,
        feeds: &[],
        component_total: components.len(),
        evaluated: components.len(),
        undetermined: 0,
        kev_loaded: true,
        complete: None,
        baseline: None,
        waivers,
        statements: &[],
        product: SubjectProduct::default(),
        misconfigurations: None,
        project: "",
        reference: "",
        now: report.verdict.evaluated_at,
    };
    let start = Instant::now();
    let judgement = policy::judge(policy, &subject);
    let took = start.elapsed().as_secs_f64() * 1000.0;
    assert_eq!(
        judgement.counts.waived, report.verdict.counts.waived,
        "the same is judged"
    );
    took
}

/// Waivers of every kind: of vulnerabilities that are there, of packages by rule, of licenses.
fn waiver(number: u32) -> Option<Waiver> {
    let id = number * AFFECTED_EVERY + 1;
    let what = match number % 3 {
        0 => format!("\"vulnerability\":\"CVE-2026-{id}\",\"purl\":\"pkg:npm/package-{id}@<2.0.0\""),
        1 => format!("\"rule\":\"license.deny\",\"purl\":\"pkg:npm/package-{number}*\""),
        _ => "\"license\":\"GPL-3.0-only\"".to_owned(),
    };
    let text =
        format!("{{\"id\":\"w{number}\",{what},\"status\":\"false_positive\",\"reason\":\"looked at\"}}");
    serde_json::from_str(&text).ok()
}

/// Every component needs three others, mostly later ones, so that there are cycles and many paths.
fn inventory() -> Inventory {
    let components = (0..COMPONENTS).map(component).collect();
    let mut edges: Vec<(ComponentId, ComponentId)> = (1..COMPONENTS)
        .flat_map(|from| (1..=EDGES_EACH).map(move |step| (from, scattered(from, step))))
        .filter(|(from, to)| from != to)
        .collect();
    edges.extend((1..50).map(|to| (0, to)));
    edges.sort_unstable();
    edges.dedup();
    Inventory {
        root: Some(0),
        components,
        edges,
        ..Inventory::default()
    }
}

/// A component somewhere after `from`; one edge in a hundred leads back.
fn scattered(from: ComponentId, step: u32) -> ComponentId {
    let mixed = from
        .wrapping_mul(2_654_435_761)
        .wrapping_add(step.wrapping_mul(40_503))
        >> 8;
    if mixed.is_multiple_of(100) {
        return 1 + mixed % from.max(1);
    }
    (from + 1 + mixed % 400).min(COMPONENTS - 1)
}

fn component(number: ComponentId) -> Component {
    let version = format!("1.{}.0", number % 20);
    Component {
        reference: format!("c{number}"),
        name: format!("package-{number}"),
        purl: format!("pkg:npm/package-{number}@{version}").parse().ok(),
        version: Some(version),
        licenses: vec![LicenseClaim {
            source: LicenseSource::Declared,
            text: "MIT".to_owned(),
            ..LicenseClaim::default()
        }],
        ..Component::default()
    }
}

fn knowledge() -> Knowledge {
    let clean: Arc<MatchResult> = Arc::default();
    let matches = (0..COMPONENTS).map(|id| {
        let affected = id % AFFECTED_EVERY == 1;
        (
            id,
            if affected {
                Arc::new(affected_by(id))
            } else {
                Arc::clone(&clean)
            },
        )
    });
    Knowledge {
        matches: matches.collect(),
        covered: vec!["npm".to_owned()],
        ..Knowledge::default()
    }
}

fn affected_by(id: ComponentId) -> MatchResult {
    MatchResult {
        affected: vec![VulnerabilityMatch {
            upstream: Vec::new(),
            canonical: format!("CVE-2026-{id}"),
            ids: vec![format!("CVE-2026-{id}")],
            class: Class::Vulnerability,
            summary: "A weakness".to_owned(),
            severity: SeverityRating {
                level: Severity::High,
                score: Some(7.5),
                ..SeverityRating::default()
            },
            vectors: Vec::new(),
            published: None,
            evidence: advisories::Evidence::default(),
            fix: Fix {
                version: Some("2.0.0".to_owned()),
                ..Fix::default()
            },
        }],
        undetermined: Vec::new(),
    }
}
