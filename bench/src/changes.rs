//! Advisories that change under a large portfolio: how long until every version has been judged anew.

use std::sync::Arc;
use std::time::Instant;

use clock::{Clock, SystemClock, Timestamp};
use inventory::{Component, Inventory};
use serde_json::json;
use store::advisories::{Batch, PreparedRecord, apply};
use store::builds::{self, NewBuild};
use store::db::{Database, Location, Sql};
use store::inventories::{self, PreparedInventory};
use store::jobs::{self, Lane, RematchJob};
use store::projects::{self, NewProject};
use store::wake::Wake;
use store::{feeds, new_uuid};
use worker::{Parts, Settings};

use crate::Failure;
use crate::arguments::ChangesOptions;

const FEED: &str = "osv:npm";
/// Versions of each package.
const VERSIONS: usize = 10;
/// Components of each product.
const COMPONENTS: usize = 2_000;

static FINISH: Sql = Sql::new(
    "FINISH",
    "UPDATE build SET status = 'succeeded' WHERE status = 'queued'",
);
static STATE: Sql = Sql::new(
    "STATE",
    "UPDATE reference SET build_id = (SELECT MAX(b.id) FROM build b WHERE b.reference_id = reference.id)
     WHERE build_id IS NULL",
);
static SIZES: Sql = Sql::new(
    "SIZES",
    "SELECT (SELECT COUNT(*) FROM inventory_component), (SELECT COUNT(*) FROM package_version)",
);

pub async fn measure(options: &ChangesOptions) -> Result<String, Failure> {
    let location: Location = options
        .database
        .parse()
        .map_err(|_| "the database is neither a postgres:// URL nor a file")?;
    let database = Database::open(&location).await?;
    let parts = Parts {
        wake: Wake::new(&database),
        database: database.clone(),
        clock: Arc::new(SystemClock),
        settings: Arc::new(Settings::default()),
    };
    let packages = options.versions / VERSIONS;
    fill(&database, packages, options.components / COMPONENTS).await?;
    rematch(&parts).await?;
    let (rows, versions): (i64, i64) = database.read().await?.query(&SIZES).one().await?;
    let mut report = format!("{rows} component rows, {versions} package versions\n");
    for round in 0..options.rounds.rounds {
        // Another bound each time, so that every round changes something.
        let fixed = format!("1.{}.0", 3 + round % 5);
        let changed = records(0..options.changed, &fixed, SystemClock.now())?;
        let start = Instant::now();
        apply(&database, FEED, Batch::Additions(changed), SystemClock.now()).await?;
        let applied = start.elapsed();
        let jobs = rematch(&parts).await?;
        report.push_str(&format!(
            "{} changed advisories: applied in {:.2} s, evaluated anew in {:.2} s ({jobs} jobs), {:.2} s in all\n",
            options.changed,
            applied.as_secs_f64(),
            (start.elapsed() - applied).as_secs_f64(),
            start.elapsed().as_secs_f64(),
        ));
    }
    Ok(report)
}

fn name(package: usize) -> String {
    format!("bench-package-{package}")
}

fn records(
    packages: std::ops::Range<usize>,
    fixed: &str,
    modified: Timestamp,
) -> Result<Vec<PreparedRecord>, Failure> {
    let record = |package: usize| {
        let record = json!({
            "id": format!("BENCH-{package}"), "modified": modified.to_string(), "published": "2024-01-01T00:00:00Z",
            "aliases": [format!("CVE-2024-{package}")], "summary": "a flaw that is only measured",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
            "affected": [{
                "package": {"ecosystem": "npm", "name": name(package)},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
            }],
        });
        Ok(PreparedRecord::new(record.to_string().as_bytes())?)
    };
    packages.map(record).collect()
}

/// One advisory for each package, and products that hold them in all their versions.
async fn fill(database: &Database, packages: usize, products: usize) -> Result<(), Failure> {
    let now = SystemClock.now();
    let mut tx = database.begin().await?;
    feeds::ensure(&mut tx, FEED, "npm", "generated").await?;
    tx.commit().await?;
    apply(
        database,
        FEED,
        Batch::Additions(records(0..packages, "1.8.0", now)?),
        now,
    )
    .await?;
    for product in 0..products {
        let prepared = PreparedInventory::new(&inventory(product, packages))?;
        let mut tx = database.begin().await?;
        let project = NewProject {
            name: format!("bench-{product}"),
            default_ref: "main".to_owned(),
            ..NewProject::default()
        };
        let project = projects::create(&mut tx, &project, now).await?;
        let project = project.ok_or("the database is not empty; name a new one")?;
        let reference = projects::ensure_reference(&mut tx, &project, "main", "branch").await?;
        let inventory = inventories::intern(&mut tx, &prepared).await?;
        let build = NewBuild {
            version: None,
            commit_id: None,
            document_digest: "0".repeat(64),
            document_size: 1,
            idempotency_key: new_uuid(),
            inventory_id: inventory,
            format: "CycloneDX 1.6 JSON".to_owned(),
            tools: Vec::new(),
            notices: "[]".to_owned(),
            policy: None,
            baseline: None,
            actor: "bench".to_owned(),
            components: prepared.components(),
        };
        builds::create(&mut tx, &project, &reference, &build, now).await?;
        tx.commit().await?;
    }
    let mut tx = database.begin().await?;
    tx.query(&FINISH).run().await?;
    tx.query(&STATE).run().await?;
    tx.commit().await?;
    let all = (1..=i64::try_from(packages)?).collect::<Vec<_>>();
    let mut tx = database.begin().await?;
    jobs::enqueue_rematch(&mut tx, &all, now).await?;
    tx.commit().await?;
    Ok(())
}

fn inventory(product: usize, packages: usize) -> Inventory {
    let component = |place: usize| {
        let package = (product * COMPONENTS + place * 7) % packages;
        let version = format!("1.{}.0", (product + place) % VERSIONS);
        Component {
            reference: format!("{place}"),
            name: name(package),
            purl: format!("pkg:npm/{}@{version}", name(package)).parse().ok(),
            version: Some(version),
            ..Component::default()
        }
    };
    Inventory {
        format: "CycloneDX 1.6 JSON".to_owned(),
        serial: Some(format!("{product}")),
        components: (0..COMPONENTS).map(component).collect(),
        ..Inventory::default()
    }
}

/// Does the jobs that match versions anew, and leaves the audits that follow; answers how many there were.
async fn rematch(parts: &Parts) -> Result<usize, Failure> {
    let mut done = 0;
    let mut put_aside = Vec::new();
    loop {
        let now = SystemClock.now();
        let mut tx = parts.database.begin().await?;
        let job = jobs::claim(&mut tx, Lane::Sweep, "bench", now, 3_600_000).await?;
        tx.commit().await?;
        let Some(job) = job else { break };
        if job.kind != jobs::REMATCH {
            put_aside.push(job.id);
            continue;
        }
        let payload: RematchJob = serde_json::from_str(&job.payload)?;
        worker::jobs::rematch::run(parts, payload).await?;
        put_aside.push(job.id);
        done += 1;
    }
    let mut tx = parts.database.begin().await?;
    for job in put_aside {
        jobs::finish(&mut tx, job, "bench", SystemClock.now()).await?;
    }
    tx.commit().await?;
    Ok(done)
}
