//! A small portfolio, made by hand: three projects of two teams, two vulnerabilities, one ref that is not tracked.

use advisories::{Class, Evidence, Fix, Severity, SeverityRating, VulnerabilityMatch};
use clock::Timestamp;
use inventory::{Component, Inventory, LicenseClaim, LicenseSource, Scope};
use policy::{Cause, Finding, FindingComponent, FindingEvidence, FindingFix, FindingSeverity};
use store::builds::{self, NewBuild, Success};
use store::db::{Database, Sql, Tx};
use store::findings::{self, Change, Current, Subject};
use store::inventories::{self, PreparedInventory};
use store::projects::{self, NewProject, Project};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_470_060_000);

static VERSION: Sql = Sql::new("VERSION", "SELECT id FROM package_version WHERE identity = $1");
static PACKAGE: Sql = Sql::new("PACKAGE", "SELECT package_id FROM package_version WHERE id = $1");
static VULNERABILITY: Sql = Sql::new(
    "VULNERABILITY",
    "INSERT INTO vulnerability (package_id, canonical, summary, created_at) VALUES ($1, $2, $3, 0) RETURNING id",
);
static IDENTIFIER: Sql = Sql::new(
    "IDENTIFIER",
    "INSERT INTO vulnerability_identifier (package_id, identifier, vulnerability_id, since) VALUES ($1, $2, $3, 0)",
);
static MATCH: Sql = Sql::new(
    "MATCH",
    "INSERT INTO package_version_vulnerability (package_version_id, vulnerability_id, evidence) VALUES ($1, $2, $3)",
);
static MATCHED: Sql = Sql::new(
    "MATCHED",
    "UPDATE package_version SET matched_revision = 1 WHERE identity LIKE 'pkg:npm/%'",
);

/// What the tests name.
pub(crate) struct Planted {
    /// `platform/payments`, whose `main` holds lodash 4.17.20 and minimist 1.2.5.
    pub(crate) payments: Project,
    /// `shop/storefront`, whose `main` holds lodash 4.17.20.
    pub(crate) storefront: Project,
    pub(crate) main_of_payments: i64,
    /// A branch of payments that holds lodash 4.17.15; not tracked.
    pub(crate) branch_of_payments: i64,
    pub(crate) lodash: i64,
}

/// `name version license`: a component from npm; the first one is direct.
fn product(components: &[(&str, &str, Option<&str>)]) -> Inventory {
    let component = |(name, version, license): &(&str, &str, Option<&str>)| Component {
        reference: format!("{name}@{version}"),
        name: (*name).to_owned(),
        version: Some((*version).to_owned()),
        purl: format!("pkg:npm/{name}@{version}").parse().ok(),
        licenses: license
            .iter()
            .map(|text| LicenseClaim {
                text: (*text).to_owned(),
                source: LicenseSource::Declared,
                ..LicenseClaim::default()
            })
            .collect(),
        ..Component::default()
    };
    let root = Component {
        reference: "root".to_owned(),
        name: "product".to_owned(),
        ..Component::default()
    };
    let last = u32::try_from(components.len()).unwrap();
    Inventory {
        root: Some(0),
        components: std::iter::once(root)
            .chain(components.iter().map(component))
            .collect(),
        // The product needs the first one, which needs all others.
        edges: std::iter::once((0, 1))
            .chain((2..=last).map(|n| (1, n)))
            .collect(),
        ..Inventory::default()
    }
}

async fn project(tx: &mut Tx, name: &str, tags: &[&str]) -> Project {
    let new = NewProject {
        name: name.to_owned(),
        default_ref: "main".to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..NewProject::default()
    };
    projects::create(tx, &new, NOW).await.unwrap().unwrap()
}

/// A finished build that is the state of its ref; answers the ref.
async fn build(
    tx: &mut Tx,
    project: &Project,
    reference: &str,
    days_ago: i64,
    components: &[(&str, &str, Option<&str>)],
) -> i64 {
    let prepared = PreparedInventory::new(&product(components)).unwrap();
    let inventory_id = inventories::intern(tx, &prepared).await.unwrap();
    let reference = projects::ensure_reference(tx, project, reference, "branch")
        .await
        .unwrap();
    let sent = NOW.plus_days(-days_ago);
    let new = NewBuild {
        version: None,
        commit_id: None,
        document_digest: "00".repeat(32),
        document_size: 2,
        idempotency_key: uuid::Uuid::new_v4().to_string(),
        inventory_id,
        format: "CycloneDX 1.6 JSON".to_owned(),
        tools: Vec::new(),
        notices: "[]".to_owned(),
        policy: None,
        baseline: None,
        actor: "token:ci".to_owned(),
        components: prepared.components(),
    };
    let build = builds::create(tx, project, &reference, &new, sent).await.unwrap();
    let success = Success {
        outcome: "pass",
        evaluated: prepared.components(),
        undetermined: 0,
        verdict_id: 1,
    };
    builds::succeed(tx, build.id, &success, sent).await.unwrap();
    projects::set_state(tx, reference.id, build.id).await.unwrap();
    reference.id
}

async fn version(tx: &mut Tx, identity: &str) -> i64 {
    tx.query(&VERSION).bind(identity).value().await.unwrap()
}

async fn vulnerability(tx: &mut Tx, identity: &str, ids: &[&str], level: Severity) -> i64 {
    let subject = version(tx, identity).await;
    let package: i64 = tx.query(&PACKAGE).bind(subject).value().await.unwrap();
    let id: i64 = tx
        .query(&VULNERABILITY)
        .bind(package)
        .bind(ids[0])
        .bind("Something is polluted")
        .value()
        .await
        .unwrap();
    for identifier in ids {
        let identifier = tx.query(&IDENTIFIER).bind(package).bind(*identifier).bind(id);
        identifier.run().await.unwrap();
    }
    matched(tx, subject, id, ids, level).await;
    id
}

async fn matched(tx: &mut Tx, version: i64, vulnerability: i64, ids: &[&str], level: Severity) {
    let evidence = VulnerabilityMatch {
        upstream: Vec::new(),
        canonical: ids[0].to_owned(),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        class: Class::Vulnerability,
        summary: "Something is polluted".to_owned(),
        severity: SeverityRating {
            level,
            ..SeverityRating::default()
        },
        vectors: Vec::new(),
        published: None,
        evidence: Evidence::default(),
        fix: Fix::default(),
    };
    tx.query(&MATCH)
        .bind(version)
        .bind(vulnerability)
        .bind(serde_json::to_string(&evidence).unwrap())
        .run()
        .await
        .unwrap();
}

/// What a planted finding is.
#[derive(Clone, Copy)]
struct Plant<'a> {
    id: &'a str,
    name: &'a str,
    version: &'a str,
    level: Severity,
    kev: bool,
    fix: Option<&'a str>,
    direct: bool,
}

fn finding(canonical: &str, plant: &Plant<'_>) -> Finding {
    Finding {
        id: plant.id.to_owned(),
        class: Class::Vulnerability,
        canonical: canonical.to_owned(),
        aliases: Vec::new(),
        summary: "Something is polluted".to_owned(),
        severity: FindingSeverity {
            level: plant.level,
            ..FindingSeverity::default()
        },
        kev: Some(plant.kev),
        epss: None,
        component: FindingComponent {
            purl: format!("pkg:npm/{}@{}", plant.name, plant.version),
            name: plant.name.to_owned(),
            version: plant.version.to_owned(),
            ecosystem: "npm".to_owned(),
            scope: Scope::Required,
            direct: Some(plant.direct),
        },
        paths: Vec::new(),
        path_count: 1,
        evidence: FindingEvidence::default(),
        fix: FindingFix {
            version: plant.fix.map(str::to_owned),
            ..FindingFix::default()
        },
        first_seen: Some(NOW),
        due: None,
        cause: Some(Cause::FirstScan),
        decision: None,
    }
}

async fn open(tx: &mut Tx, project: &Project, reference: i64, vulnerability: (i64, &str), plant: Plant<'_>) {
    let package_version = version(tx, &format!("pkg:npm/{}@{}", plant.name, plant.version)).await;
    let change = Change {
        opened: vec![Current {
            package_version,
            vulnerability: vulnerability.0,
            finding: finding(vulnerability.1, &plant),
            opened_at: NOW,
            cause: Cause::FirstScan,
            cause_detail: String::new(),
        }],
        ..Change::default()
    };
    let tracked = projects::reference_by_id(tx, reference).await.unwrap().tracked;
    let scopes = if tracked {
        findings::trend_scopes(project)
    } else {
        Vec::new()
    };
    let subject = Subject {
        project: project.id,
        reference,
        scopes: &scopes,
    };
    findings::reconcile(tx, &subject, &change, NOW).await.unwrap();
}

/// Public ids of the planted findings.
pub(crate) const CRITICAL_IN_PAYMENTS: &str = "00000000-0000-7000-8000-000000000001";
pub(crate) const HIGH_IN_PAYMENTS: &str = "00000000-0000-7000-8000-000000000002";
pub(crate) const HIGH_IN_STOREFRONT: &str = "00000000-0000-7000-8000-000000000003";
pub(crate) const HIGH_ON_BRANCH: &str = "00000000-0000-7000-8000-000000000004";

/// Plants the portfolio.
pub(crate) async fn plant(database: &Database) -> Planted {
    let mut tx = database.begin().await.unwrap();
    let payments = project(&mut tx, "platform/payments", &["pci"]).await;
    let storefront = project(&mut tx, "shop/storefront", &[]).await;
    project(&mut tx, "shop/empty", &[]).await;
    let lodash = [("lodash", "4.17.20", Some("MIT"))];
    build(&mut tx, &payments, "main", 30, &lodash).await;
    let both = [
        ("lodash", "4.17.20", Some("MIT")),
        ("minimist", "1.2.5", Some("AGPL-3.0-only")),
        ("@types/node", "20.1.0", None),
    ];
    let main_of_payments = build(&mut tx, &payments, "main", 1, &both).await;
    let old = [("lodash", "4.17.15", Some("MIT")), ("lodash.get", "4.4.2", None)];
    let branch_of_payments = build(&mut tx, &payments, "topic", 1, &old).await;
    let main_of_storefront = build(&mut tx, &storefront, "main", 2, &lodash).await;

    let ids = ["CVE-2021-23337", "GHSA-35jh-r3h4-6jhm"];
    let pollution = vulnerability(&mut tx, "pkg:npm/lodash@4.17.20", &ids, Severity::High).await;
    let old_version = version(&mut tx, "pkg:npm/lodash@4.17.15").await;
    matched(&mut tx, old_version, pollution, &ids, Severity::High).await;
    let ids = ["CVE-2021-44906", "GHSA-xvch-5gv4-984h"];
    let minimist = vulnerability(&mut tx, "pkg:npm/minimist@1.2.5", &ids, Severity::Critical).await;
    tx.query(&MATCHED).run().await.unwrap();

    let high = Plant {
        id: HIGH_IN_PAYMENTS,
        name: "lodash",
        version: "4.17.20",
        level: Severity::High,
        kev: false,
        fix: Some("4.17.21"),
        direct: true,
    };
    let critical = Plant {
        id: CRITICAL_IN_PAYMENTS,
        name: "minimist",
        version: "1.2.5",
        level: Severity::Critical,
        kev: true,
        fix: None,
        direct: false,
    };
    let pollution = (pollution, "CVE-2021-23337");
    let minimist = (minimist, "CVE-2021-44906");
    open(&mut tx, &payments, main_of_payments, minimist, critical).await;
    open(&mut tx, &payments, main_of_payments, pollution, high).await;
    let elsewhere = Plant {
        id: HIGH_IN_STOREFRONT,
        ..high
    };
    open(&mut tx, &storefront, main_of_storefront, pollution, elsewhere).await;
    let branch = Plant {
        id: HIGH_ON_BRANCH,
        version: "4.17.15",
        ..high
    };
    open(&mut tx, &payments, branch_of_payments, pollution, branch).await;
    let lodash = version(&mut tx, "pkg:npm/lodash@4.17.20").await;
    let lodash = tx.query(&PACKAGE).bind(lodash).value().await.unwrap();
    tx.commit().await.unwrap();
    Planted {
        payments,
        storefront,
        main_of_payments,
        branch_of_payments,
        lodash,
    }
}

/// Closes a planted finding as fixed.
pub(crate) async fn close(database: &Database, planted: &Planted, uuid: &str) {
    let mut tx = database.begin().await.unwrap();
    let listed = findings::detail::by_uuid(&mut tx, uuid).await.unwrap().unwrap();
    let change = Change {
        closed: vec![findings::Gone {
            id: listed.finding.id,
            severity: listed.finding.severity,
            counted: true,
            reason: findings::CloseReason::Fixed,
            detail: String::new(),
        }],
        ..Change::default()
    };
    let subject = Subject {
        project: planted.storefront.id,
        reference: listed.finding.reference_id,
        scopes: &[],
    };
    findings::reconcile(&mut tx, &subject, &change, NOW.plus_days(1))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}
