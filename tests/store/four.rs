//! Four projects planted by hand, and the rows that they are made of.

use advisories::Severity;
use clock::Timestamp;
use store::builds::{self, NewBuild, Success};
use store::db::{Column, Database, Insert, Tx};
use store::inventories::{self, PreparedInventory};
use store::projects::{self, NewProject, Project, Reference};

/// 2026-11-25, a Wednesday, 12:00 UTC.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_608_000_000);

static PACKAGE: Insert = Insert {
    table: "package",
    columns: &["id", "ecosystem", "name", "revision"],
    suffix: "",
};
static VERSION: Insert = Insert {
    table: "package_version",
    columns: &["id", "package_id", "version", "identity"],
    suffix: "",
};
static VULNERABILITY: Insert = Insert {
    table: "vulnerability",
    columns: &["id", "package_id", "canonical", "summary", "created_at"],
    suffix: "",
};
static VERDICT: Insert = Insert {
    table: "verdict",
    columns: &["build_id", "outcome", "body", "details", "cause", "created_at"],
    suffix: "",
};
static FINDING: Insert = Insert {
    table: "finding",
    columns: &[
        "id",
        "uuid",
        "project_id",
        "reference_id",
        "package_version_id",
        "vulnerability_id",
        "class",
        "severity",
        "rank",
        "kev",
        "fix_version",
        "scope",
        "opened_at",
        "closed_at",
        "close_reason",
        "due_at",
        "cause",
        "cause_detail",
        "body",
    ],
    suffix: "",
};
static SPAN: Insert = Insert {
    table: "finding_span",
    columns: &[
        "finding_id",
        "opened_at",
        "closed_at",
        "severity",
        "cause",
        "cause_detail",
        "close_reason",
    ],
    suffix: "",
};
static DELTA: Insert = Insert {
    table: "trend_delta",
    columns: &["scope", "day", "severity", "opened", "closed"],
    suffix: "",
};

fn text(value: &str) -> Column {
    Column::Text(vec![value.to_owned()])
}

pub(crate) fn ago(days: i64) -> Timestamp {
    NOW.plus_days(-days)
}

/// Ten versions of one package, each with a vulnerability of its own.
async fn packages(tx: &mut Tx) {
    let ids: Vec<i64> = (1..=10).collect();
    tx.insert(
        &PACKAGE,
        vec![
            Column::Int(vec![1]),
            text("npm"),
            text("axios"),
            Column::Int(vec![1]),
        ],
    )
    .await
    .unwrap();
    let versions = ids.iter().map(|id| format!("1.{id}.0")).collect();
    let identities = ids.iter().map(|id| format!("pkg:npm/axios@1.{id}.0")).collect();
    let columns = vec![
        Column::Int(ids.clone()),
        Column::Int(vec![1; 10]),
        Column::Text(versions),
        Column::Text(identities),
    ];
    tx.insert(&VERSION, columns).await.unwrap();
    let columns = vec![
        Column::Int(ids.clone()),
        Column::Int(vec![1; 10]),
        Column::Text(ids.iter().map(|id| format!("CVE-2026-{id}")).collect()),
        Column::Text(vec![String::new(); 10]),
        Column::Int(vec![0; 10]),
    ];
    tx.insert(&VULNERABILITY, columns).await.unwrap();
}

async fn project(tx: &mut Tx, name: &str, tag: &str) -> Project {
    let new = NewProject {
        name: name.to_owned(),
        tags: vec![tag.to_owned()],
        default_ref: "main".to_owned(),
        ..NewProject::default()
    };
    projects::create(tx, &new, ago(200)).await.unwrap().unwrap()
}

/// A build of `main` that was audited when it was sent: its outcome, and how many components were checked.
async fn audited(
    tx: &mut Tx,
    project: &Project,
    name: &str,
    at: Timestamp,
    outcome: &str,
    evaluated: i64,
) -> Reference {
    let inventory = PreparedInventory::new(&inventory::Inventory::default()).unwrap();
    let inventory_id = inventories::intern(tx, &inventory).await.unwrap();
    let reference = projects::ensure_reference(tx, project, name, "branch")
        .await
        .unwrap();
    let new = NewBuild {
        version: None,
        commit_id: None,
        document_digest: "00".repeat(32),
        document_size: 2,
        idempotency_key: format!("{name} {}", at.millis()),
        inventory_id,
        format: "CycloneDX 1.6 JSON".to_owned(),
        tools: Vec::new(),
        notices: "[]".to_owned(),
        policy: None,
        baseline: None,
        actor: "test".to_owned(),
        components: 3,
    };
    let build = builds::create(tx, project, &reference, &new, at).await.unwrap();
    let success = Success {
        outcome,
        evaluated,
        undetermined: 0,
        verdict_id: 0,
    };
    builds::succeed(tx, build.id, &success, at).await.unwrap();
    projects::set_state(tx, reference.id, build.id).await.unwrap();
    let columns = vec![
        Column::Int(vec![build.id]),
        text(outcome),
        Column::Bytes(vec![Vec::new()]),
        Column::Bytes(vec![Vec::new()]),
        text(""),
        Column::Int(vec![at.millis()]),
    ];
    tx.insert(&VERDICT, columns).await.unwrap();
    reference
}

/// One finding: which of the ten, how severe, since when, until when and why, what fixes it.
pub(crate) struct Seed {
    pub(crate) which: i64,
    pub(crate) severity: Severity,
    pub(crate) opened: Timestamp,
    pub(crate) closed: Option<(Timestamp, &'static str)>,
    pub(crate) fix: Option<&'static str>,
    pub(crate) class: &'static str,
}

pub(crate) const fn open(which: i64, severity: Severity, opened: Timestamp) -> Seed {
    Seed {
        which,
        severity,
        opened,
        closed: None,
        fix: None,
        class: "vulnerability",
    }
}

pub(crate) async fn finding(tx: &mut Tx, reference: &Reference, seed: &Seed) {
    let severity = store::findings::severity_code(seed.severity);
    let due = store::deadlines::due(None, seed.severity, seed.opened).map(Timestamp::millis);
    let id = reference.id * 100 + seed.which;
    let closed_at = seed.closed.map(|(at, _)| at.millis());
    let reason = seed.closed.map(|(_, reason)| reason.to_owned());
    let columns = vec![
        Column::Int(vec![id]),
        Column::Text(vec![format!("finding {id}")]),
        Column::Int(vec![reference.project_id]),
        Column::Int(vec![reference.id]),
        Column::Int(vec![seed.which]),
        Column::Int(vec![seed.which]),
        text(seed.class),
        Column::Int(vec![severity]),
        Column::Int(vec![severity]),
        Column::MaybeBool(vec![Some(seed.which == 1)]),
        Column::MaybeText(vec![seed.fix.map(str::to_owned)]),
        text("runtime"),
        Column::Int(vec![seed.opened.millis()]),
        Column::MaybeInt(vec![closed_at]),
        Column::MaybeText(vec![reason.clone()]),
        Column::MaybeInt(vec![due]),
        text("first_scan"),
        text(""),
        text("{}"),
    ];
    tx.insert(&FINDING, columns).await.unwrap();
    let columns = vec![
        Column::Int(vec![id]),
        Column::Int(vec![seed.opened.millis()]),
        Column::MaybeInt(vec![closed_at]),
        Column::Int(vec![severity]),
        text("first_scan"),
        text(""),
        Column::MaybeText(vec![reason]),
    ];
    tx.insert(&SPAN, columns).await.unwrap();
}

pub(crate) async fn delta(tx: &mut Tx, scope: &str, day: i64, severity: i64, opened: i64, closed: i64) {
    let columns = vec![
        text(scope),
        Column::Int(vec![day]),
        Column::Int(vec![severity]),
        Column::Int(vec![opened]),
        Column::Int(vec![closed]),
    ];
    tx.insert(&DELTA, columns).await.unwrap();
}

/// Four projects: failing with findings, green but old, checked for nothing, and one that never sent anything.
pub(crate) async fn four(database: &Database) -> Vec<i64> {
    let mut tx = database.begin().await.unwrap();
    packages(&mut tx).await;
    let shop = project(&mut tx, "payments/shop", "inside").await;
    audited(&mut tx, &shop, "main", ago(100), "pass", 3).await;
    let main = audited(&mut tx, &shop, "main", ago(2), "fail", 3).await;
    let branch = audited(&mut tx, &shop, "feature", ago(1), "fail", 3).await;
    let old = project(&mut tx, "payments/old", "in").await;
    audited(&mut tx, &old, "main", ago(40), "pass", 3).await;
    let blind = project(&mut tx, "blind", "in").await;
    audited(&mut tx, &blind, "main", ago(20), "indeterminate", 0).await;
    let never = project(&mut tx, "never", "in").await;
    let seeds = [
        // Past its seven days; known to be exploited.
        Seed {
            fix: Some("1.9.0"),
            ..open(1, Severity::Critical, ago(8))
        },
        // Due in three days.
        Seed {
            fix: Some("1.10.0"),
            ..open(2, Severity::Critical, ago(4))
        },
        open(3, Severity::High, ago(95)),
        open(4, Severity::Unknown, ago(20)),
        Seed {
            class: "unmaintained",
            ..open(5, Severity::Unknown, ago(20))
        },
        Seed {
            closed: Some((ago(10), "fixed")),
            ..open(6, Severity::High, ago(30))
        },
        Seed {
            closed: Some((ago(3), "removed")),
            ..open(7, Severity::High, ago(60))
        },
        Seed {
            closed: Some((ago(3), "retracted")),
            ..open(8, Severity::High, ago(60))
        },
        Seed {
            closed: Some((ago(120), "fixed")),
            ..open(9, Severity::Low, ago(121))
        },
    ];
    for seed in &seeds {
        finding(&mut tx, &main, seed).await;
    }
    // What stands on a branch that is not tracked is in no number of the portfolio.
    finding(&mut tx, &branch, &open(1, Severity::Critical, ago(1))).await;
    tx.commit().await.unwrap();
    vec![shop.id, old.id, blind.id, never.id]
}
