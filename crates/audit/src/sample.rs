//! A small product as a real one: `shop` needs bcrypt, which brings minimist by two old ways.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use advisories::{
    Class, Evidence, Fix, MatchResult, RecordRef, Severity, SeverityRating, VulnerabilityMatch,
};
use clock::Timestamp;
use ecosystems::Step;
use inventory::{Component, ComponentKind, Inventory, LicenseClaim, LicenseSource, Source};
use policy::{
    Action, AppliedWaiver, BuildSummary, Check, CheckOutcome, Counts, FeedState, Finding, Outcome, RefName,
    Verdict, Violation,
};

use crate::status::statuses;
use crate::{Context, Graph, Knowledge, Report, findings, upgrades, worst_first};

/// The components with their license, by position; 0 is the root.
const COMPONENTS: [(&str, &str); 8] = [
    ("pkg:npm/shop@1.4.0", ""),
    ("pkg:npm/bcrypt@5.0.0", "MIT"),
    ("pkg:npm/node-pre-gyp@0.15.0", "BSD-3-Clause"),
    ("pkg:npm/rc@1.2.8", "(BSD-2-Clause OR MIT OR Apache-2.0)"),
    ("pkg:npm/mkdirp@0.5.1", "MIT"),
    ("pkg:npm/minimist@1.2.0", "MIT"),
    ("pkg:npm/%40babel/traverse@7.20.0", "MIT"),
    ("pkg:npm/left-pad@1.3.0", "WTFPL"),
];

pub(crate) fn inventory() -> Inventory {
    let mut components: Vec<Component> = COMPONENTS.map(package).into();
    components.push(Component {
        reference: "lockfile".to_owned(),
        kind: ComponentKind::Application,
        name: "package-lock.json".to_owned(),
        ..Component::default()
    });
    Inventory {
        format: "CycloneDX 1.6 JSON".to_owned(),
        root: Some(0),
        components,
        edges: vec![(0, 1), (0, 6), (0, 7), (1, 2), (2, 3), (2, 4), (3, 5), (4, 5)],
        ..Inventory::default()
    }
}

fn package((purl, license): (&str, &str)) -> Component {
    let purl: inventory::Purl = purl.parse().unwrap();
    Component {
        reference: purl.to_string(),
        group: purl.namespace().map(str::to_owned),
        name: purl.name().to_owned(),
        version: purl.version().map(str::to_owned),
        licenses: Some(license)
            .filter(|text| !text.is_empty())
            .map(|text| LicenseClaim {
                source: LicenseSource::Declared,
                text: text.to_owned(),
                ..LicenseClaim::default()
            })
            .into_iter()
            .collect(),
        purl: Some(purl),
        ..Component::default()
    }
}

/// One alias group; `ids` begin with the canonical one.
pub(crate) fn group(
    ids: &[&str],
    level: Severity,
    score: f64,
    summary: &str,
    fixed: Option<&str>,
) -> VulnerabilityMatch {
    let mut sorted: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let canonical = sorted[0].clone();
    sorted.sort();
    let range = fixed.map_or("introduced 0".to_owned(), |fixed| {
        format!("introduced 0, fixed {fixed}")
    });
    VulnerabilityMatch {
        upstream: Vec::new(),
        canonical,
        class: Class::Vulnerability,
        summary: summary.to_owned(),
        severity: SeverityRating {
            level,
            score: Some(score),
            vector: None,
            source: sorted.last().cloned(),
        },
        vectors: Vec::new(),
        published: None,
        evidence: Evidence {
            records: vec![RecordRef {
                id: sorted[sorted.len() - 1].clone(),
                modified: Timestamp::from_millis(0),
                affected: true,
                range: range.clone(),
                doubt: None,
            }],
            range,
            ..Evidence::default()
        },
        fix: Fix {
            version: fixed.map(str::to_owned),
            kind: fixed.map(|_| Step::Patch),
            fixed_in: fixed.map(str::to_owned).into_iter().collect(),
            remaining: Vec::new(),
        },
        ids: sorted,
    }
}

/// minimist is affected twice, @babel/traverse once; left-pad is clean and so is the rest.
pub(crate) fn knowledge() -> Knowledge {
    let minimist = vec![
        group(
            &["CVE-2021-44906", "GHSA-xvch-5gv4-984h"],
            Severity::Critical,
            9.8,
            "Prototype Pollution in minimist",
            Some("1.2.6"),
        ),
        group(
            &["CVE-2020-7598", "GHSA-vh95-rmgr-6w4m"],
            Severity::Medium,
            5.6,
            "Prototype Pollution in minimist",
            Some("1.2.6"),
        ),
    ];
    let traverse = vec![group(
        &["CVE-2023-45133", "GHSA-67hx-6x53-jw92"],
        Severity::Critical,
        9.4,
        "Babel vulnerable to arbitrary code execution when compiling specifically crafted malicious code",
        Some("7.23.2"),
    )];
    let results = (1..8).map(|id| {
        let affected = match id {
            5 => minimist.clone(),
            6 => traverse.clone(),
            _ => Vec::new(),
        };
        let result = MatchResult {
            affected,
            undetermined: Vec::new(),
        };
        (id, Arc::new(result))
    });
    Knowledge {
        matches: results.collect(),
        feeds: vec![FeedState {
            name: "npm".to_owned(),
            revision: "2026-11-24".to_owned(),
            fetched_at: "2026-11-24T11:00:00Z".parse().ok(),
            age_s: Some(3600),
            records: 5120,
            stale: false,
        }],
        covered: vec!["npm".to_owned()],
        kev: Some(HashSet::from(["CVE-2023-45133".to_owned()])),
        epss: Some(HashMap::from([("CVE-2021-44906".to_owned(), 0.021)])),
        ..Knowledge::default()
    }
}

pub(crate) fn context() -> Context {
    Context {
        project: "shop".to_owned(),
        reference: RefName {
            branch: "main".to_owned(),
            commit: Some("4f2c9ab".to_owned()),
            version: Some("1.4.0".to_owned()),
        },
        build_id: "0193-build".to_owned(),
        sbom_sha256: "ab".repeat(32),
        now: "2026-11-24T12:00:00Z".parse().unwrap(),
        ..Context::default()
    }
}

/// A component that comes from git.
pub(crate) fn from_git(component: &mut Component) {
    component.source = Source::Git("ssh://git.example/x".to_owned());
}

/// A report whose judgement is written down here, so that renderings do not change with the policy's words:
/// criticals fail, a license warns, one finding is waived.
pub(crate) fn report() -> Report {
    let (inventory, knowledge, context) = (inventory(), knowledge(), context());
    let graph = Graph::new(&inventory);
    let (components, _) = statuses(
        &inventory,
        &knowledge,
        &graph,
        &crate::licensing::Licensing::default(),
    );
    let mut findings = findings::collect(&inventory, &knowledge, &graph);
    findings.sort_by(worst_first);
    let violations: Vec<Violation> = findings
        .iter()
        .filter(|finding| finding.severity.level == Severity::Critical)
        .map(blocked)
        .chain([license_warning()])
        .collect();
    let waived = findings
        .iter()
        .find(|finding| finding.canonical == "CVE-2020-7598");
    let mut verdict = verdict(&context, violations);
    verdict.feeds = knowledge.feeds;
    verdict.waivers.applied = waived.map(waiver).into_iter().collect();
    Report {
        upgrades: upgrades::way_to_green(
            &verdict.violations,
            &upgrades::Remaining::default(),
            &HashMap::new(),
        ),
        verdict,
        findings,
        components,
    }
}

fn blocked(finding: &Finding) -> Violation {
    Violation {
        rule: "vulnerability.fail_at".to_owned(),
        check: Check::Vulnerability,
        action: Action::Fail,
        reason: "severity critical is at or above high".to_owned(),
        finding: Some(finding.clone()),
        purl: None,
        facts: Default::default(),
    }
}

fn license_warning() -> Violation {
    Violation {
        rule: "license.review".to_owned(),
        check: Check::License,
        action: Action::Warn,
        reason: "WTFPL is to be reviewed".to_owned(),
        finding: None,
        purl: Some("pkg:npm/left-pad@1.3.0".to_owned()),
        facts: [("license".to_owned(), "WTFPL".to_owned())].into(),
    }
}

fn waiver(finding: &Finding) -> AppliedWaiver {
    AppliedWaiver {
        id: "w-1".to_owned(),
        reason: "arguments never come from users".to_owned(),
        finding: Some(finding.id.clone()),
        expires_on: Some("2027-01-12".to_owned()),
        purl: None,
        status: None,
    }
}

fn verdict(context: &Context, violations: Vec<Violation>) -> Verdict {
    Verdict {
        schema: "gate/1".to_owned(),
        verdict: Outcome::Fail,
        project: context.project.clone(),
        reference: context.reference.clone(),
        build: BuildSummary {
            id: context.build_id.clone(),
            sbom_sha256: context.sbom_sha256.clone(),
            components: 8,
            evaluated: 7,
            undetermined: 0,
        },
        policy: policy::PolicyRef {
            id: "release".to_owned(),
            revision: 17,
            sha256: "cd".repeat(32),
            extends: Vec::new(),
        },
        engine: "0.0.0".to_owned(),
        evaluated_at: context.now,
        feeds: Vec::new(),
        checks: vec![
            outcome(Check::Vulnerability, Outcome::Fail),
            outcome(Check::Malicious, Outcome::Pass),
            outcome(Check::License, Outcome::Warn),
        ],
        counts: Counts {
            critical: 2,
            waived: 1,
            ..Counts::default()
        },
        violations,
        waivers: Default::default(),
        vex: Vec::new(),
        notices: Vec::new(),
        links: Default::default(),
    }
}

fn outcome(check: Check, verdict: Outcome) -> CheckOutcome {
    CheckOutcome { check, verdict }
}
