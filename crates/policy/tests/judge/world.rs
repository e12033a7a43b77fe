//! A small subject that passes the default policy, to be spoiled by each test in its own way.

use advisories::{Class, Severity};
use clock::Timestamp;
use inventory::{LicenseClaim, LicenseSource, PackageFacts, Scope, Source};
use policy::{
    Baseline, FeedState, Finding, FindingComponent, FindingEvidence, FindingFix, FindingSeverity, Judgement,
    Misconfiguration, Policy, StatedVex, Subject, SubjectComponent, SubjectProduct, Waiver, WaysIn,
};

pub const NOW: &str = "2026-11-24T12:00:00Z";

pub fn now() -> Timestamp {
    NOW.parse().unwrap()
}

/// One component that owns its parts.
#[derive(Clone)]
pub struct Part {
    pub purl: Option<String>,
    pub name: String,
    pub version: Option<String>,
    pub scope: Scope,
    pub direct: Option<bool>,
    pub licenses: Vec<LicenseClaim>,
    pub why_not: Option<&'static str>,
    pub source: Source,
    pub has_integrity: bool,
    pub facts: PackageFacts,
    pub ways: Option<WaysIn>,
}

pub fn part(name: &str, licenses: &[&str]) -> Part {
    let claim = |text: &&str| LicenseClaim {
        source: LicenseSource::Declared,
        text: (*text).to_owned(),
        ..LicenseClaim::default()
    };
    Part {
        purl: Some(format!("pkg:npm/{name}@1.0.0")),
        name: name.to_owned(),
        version: Some("1.0.0".to_owned()),
        scope: Scope::Required,
        direct: Some(true),
        licenses: licenses.iter().map(claim).collect(),
        why_not: None,
        source: Source::Registry,
        has_integrity: true,
        facts: PackageFacts::default(),
        ways: None,
    }
}

/// Everything that a subject borrows.
pub struct World {
    pub findings: Vec<Finding>,
    pub parts: Vec<Part>,
    pub feeds: Vec<FeedState>,
    pub waivers: Vec<Waiver>,
    pub kev_loaded: bool,
    pub complete: Option<bool>,
    pub baseline: Option<Baseline>,
    pub statements: Vec<StatedVex>,
    pub misconfigurations: Option<Vec<Misconfiguration>>,
    pub reference: String,
    pub now: Timestamp,
}

impl World {
    pub fn new() -> Self {
        Self {
            findings: Vec::new(),
            parts: vec![part("good", &["MIT"])],
            feeds: vec![feed("npm", Some(1))],
            waivers: Vec::new(),
            kev_loaded: true,
            complete: None,
            baseline: None,
            statements: Vec::new(),
            misconfigurations: None,
            reference: "main".to_owned(),
            now: now(),
        }
    }

    pub fn with(finding: Finding) -> Self {
        Self {
            findings: vec![finding],
            ..Self::new()
        }
    }

    pub fn of(part: Part) -> Self {
        Self {
            parts: vec![part],
            ..Self::new()
        }
    }

    pub fn judge(&self, policy: &Policy) -> Judgement {
        let components: Vec<SubjectComponent<'_>> = self.parts.iter().map(borrowed).collect();
        let undetermined = self.parts.iter().filter(|part| part.why_not.is_some()).count();
        let subject = Subject {
            findings: &self.findings,
            components: &components,
            feeds: &self.feeds,
            component_total: components.len(),
            evaluated: components.len() - undetermined,
            undetermined,
            kev_loaded: self.kev_loaded,
            complete: self.complete,
            baseline: self.baseline.as_ref(),
            waivers: &self.waivers,
            statements: &self.statements,
            product: SubjectProduct {
                purl: Some("pkg:npm/shop@1.4.0"),
                name: Some("shop"),
                version: Some("1.4.0"),
                project: "team/shop",
            },
            misconfigurations: self.misconfigurations.as_deref(),
            project: "shop",
            reference: &self.reference,
            now: self.now,
        };
        policy::judge(policy, &subject)
    }
}

fn borrowed(part: &Part) -> SubjectComponent<'_> {
    SubjectComponent {
        purl: part.purl.as_deref(),
        name: &part.name,
        version: part.version.as_deref(),
        scope: part.scope,
        direct: part.direct,
        licenses: &part.licenses,
        checked: part.why_not.is_none(),
        why_not: part.why_not,
        source: &part.source,
        has_integrity: part.has_integrity,
        facts: part.facts.clone(),
        ways: part.ways.as_ref(),
    }
}

pub fn feed(name: &str, age_hours: Option<i64>) -> FeedState {
    FeedState {
        name: name.to_owned(),
        revision: "1".to_owned(),
        fetched_at: age_hours.map(|hours| now().plus_millis(-hours * 3_600_000)),
        age_s: age_hours.map(|hours| hours * 3600),
        records: 7,
        stale: false,
    }
}

/// A high vulnerability with a fix in a direct production dependency.
pub fn vulnerability() -> Finding {
    Finding {
        id: "f_1".to_owned(),
        class: Class::Vulnerability,
        canonical: "CVE-2026-0001".to_owned(),
        aliases: vec!["GHSA-aaaa-bbbb-cccc".to_owned()],
        summary: "Something is wrong".to_owned(),
        severity: FindingSeverity {
            level: Severity::High,
            score: Some(7.5),
            ..FindingSeverity::default()
        },
        kev: Some(false),
        epss: Some(0.01),
        component: FindingComponent {
            purl: "pkg:npm/bad@1.0.0".to_owned(),
            name: "bad".to_owned(),
            version: "1.0.0".to_owned(),
            ecosystem: "npm".to_owned(),
            scope: Scope::Required,
            direct: Some(true),
        },
        paths: vec![vec!["bad@1.0.0".to_owned()]],
        path_count: 1,
        evidence: FindingEvidence {
            range: "introduced 0, fixed 1.0.1".to_owned(),
            ..FindingEvidence::default()
        },
        fix: FindingFix {
            version: Some("1.0.1".to_owned()),
            ..FindingFix::default()
        },
        first_seen: Some(now().plus_days(-10)),
        due: None,
        cause: None,
        decision: None,
    }
}

pub fn policy(json: &str) -> Policy {
    Policy::from_json(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// `rule action` of every violation, in order.
pub fn rulings(judgement: &Judgement) -> Vec<String> {
    let line =
        |violation: &policy::Violation| format!("{} {:?}", violation.rule, violation.action).to_lowercase();
    judgement.violations.iter().map(line).collect()
}

/// The lower-case word of the outcome.
pub fn outcome(judgement: &Judgement) -> String {
    format!("{:?}", judgement.outcome).to_lowercase()
}
