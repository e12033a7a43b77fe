//! A small world: one database, one worker, a clock that is set by hand.

use std::sync::Arc;

use clock::{SteppedClock, Timestamp};
use inventory::{Component, Inventory};
use serde_json::{Value, json};
use store::advisories::{self, Batch, PreparedRecord};
use store::builds::{self, Build, NewBuild};
use store::db::{Database, Sql};
use store::documents::Documents;
use store::feeds;
use store::inventories::{self, PreparedInventory};
use store::jobs::{self, Lane};
use store::projects::{self, NewProject, Project};
use store::wake::Wake;
use worker::{Parts, Settings, Worker};

/// Documents of no story: a folder that is never made.
pub(crate) fn documents() -> Documents {
    Documents::at(std::env::temp_dir().join("plumbline-without-documents"))
}

const FEED: &str = "osv:crates.io";

pub(crate) struct Story {
    pub(crate) database: Database,
    pub(crate) clock: Arc<SteppedClock>,
    pub(crate) worker: Worker,
}

impl Story {
    pub(crate) async fn new(database: Database) -> Self {
        let clock = Arc::new(SteppedClock::at("2024-01-01T00:00:00Z".parse().unwrap()));
        let worker = Worker::new(Parts {
            wake: Wake::new(&database),
            database: database.clone(),
            documents: documents(),
            clock: clock.clone(),
            settings: Arc::new(Settings::default()),
        });
        let mut tx = database.begin().await.unwrap();
        feeds::ensure(&mut tx, FEED, "crates.io", "by hand")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Self {
            database,
            clock,
            worker,
        }
    }

    /// Sets the clock to noon of a day.
    pub(crate) fn day(&self, date: &str) -> Timestamp {
        let noon = format!("{date}T12:00:00Z").parse().unwrap();
        self.clock.set(noon);
        noon
    }

    fn now(&self) -> Timestamp {
        clock::Clock::now(&*self.clock)
    }

    /// Publishes records, and lets the worker do what follows.
    pub(crate) async fn publish(&self, records: &[Value]) {
        let records = records
            .iter()
            .map(|record| PreparedRecord::new(record.to_string().as_bytes()).unwrap())
            .collect();
        advisories::apply(&self.database, FEED, Batch::Additions(records), self.now())
            .await
            .unwrap();
        self.work().await;
    }

    /// Uploads crates as a build and lets the worker do what follows.
    pub(crate) async fn build(&self, reference: &str, crates: &[(&str, &str)]) -> Build {
        let build = self.upload(reference, crates).await;
        self.work().await;
        self.reload(&build).await
    }

    /// Uploads without letting the worker at it.
    pub(crate) async fn upload(&self, reference: &str, crates: &[(&str, &str)]) -> Build {
        self.upload_inventory(reference, &product(crates)).await
    }

    /// As [`Story::upload`], what a real document holds.
    pub(crate) async fn upload_inventory(&self, reference: &str, inventory: &Inventory) -> Build {
        let prepared = PreparedInventory::new(inventory).unwrap();
        let now = self.now();
        let mut tx = self.database.begin().await.unwrap();
        let project = self.project(&mut tx).await;
        let reference = projects::ensure_reference(&mut tx, &project, reference, "branch")
            .await
            .unwrap();
        let inventory = inventories::intern(&mut tx, &prepared).await.unwrap();
        let new = NewBuild {
            version: None,
            commit_id: None,
            document_digest: "0".repeat(64),
            document_size: 1,
            idempotency_key: store::new_uuid(),
            inventory_id: inventory,
            format: "CycloneDX 1.6 JSON".to_owned(),
            tools: Vec::new(),
            notices: "[]".to_owned(),
            policy: None,
            baseline: None,
            actor: "test".to_owned(),
            components: prepared.components(),
        };
        let build = builds::create(&mut tx, &project, &reference, &new, now)
            .await
            .unwrap();
        jobs::enqueue_audit(&mut tx, &[build.id], Lane::Interactive, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        build
    }

    async fn project(&self, tx: &mut store::db::Tx) -> Project {
        let new = NewProject {
            name: "team/shop".to_owned(),
            default_ref: "main".to_owned(),
            ..NewProject::default()
        };
        let made = projects::create(tx, &new, self.now()).await.unwrap();
        match made {
            Some(project) => project,
            None => projects::find(tx, "team/shop").await.unwrap().unwrap(),
        }
    }

    pub(crate) async fn work(&self) {
        let worked = self.worker.work_off().await.unwrap();
        assert_eq!(worked.failed, Vec::<String>::new());
    }

    pub(crate) async fn reload(&self, build: &Build) -> Build {
        builds::by_id(&mut self.database.read().await.unwrap(), build.id)
            .await
            .unwrap()
    }

    /// The findings of a ref, closed ones too: `crate version id: cause detail, opened DAY[, closed reason]`.
    pub(crate) async fn findings(&self, reference: &str) -> Vec<String> {
        static FINDINGS: Sql = Sql::new(
            "FINDINGS",
            "SELECT v.identity, u.canonical, f.cause, f.cause_detail, f.opened_at, f.close_reason
             FROM finding f
             JOIN reference r ON r.id = f.reference_id AND r.name = $1
             JOIN package_version v ON v.id = f.package_version_id
             JOIN vulnerability u ON u.id = f.vulnerability_id
             ORDER BY f.id",
        );
        type Row = (String, String, String, String, i64, Option<String>);
        let mut session = self.database.read().await.unwrap();
        let rows: Vec<Row> = session.query(&FINDINGS).bind(reference).all().await.unwrap();
        rows.into_iter()
            .map(|(identity, canonical, cause, detail, opened, closed)| {
                let identity = identity.trim_start_matches("pkg:cargo/").to_owned();
                let opened = Timestamp::from_millis(opened).date();
                let closed = closed.map_or_else(String::new, |reason| format!(", {reason}"));
                format!("{identity} {canonical}: {cause} {detail}, since {opened}{closed}")
            })
            .collect()
    }

    /// Every span of every finding: `id severity FROM..TO reason detail`.
    pub(crate) async fn spans(&self) -> Vec<String> {
        static SPANS: Sql = Sql::new(
            "SPANS",
            "SELECT u.canonical, s.severity, s.opened_at, s.closed_at, s.close_reason, s.close_detail
             FROM finding_span s
             JOIN finding f ON f.id = s.finding_id
             JOIN vulnerability u ON u.id = f.vulnerability_id
             ORDER BY f.id, s.opened_at",
        );
        type Row = (String, i64, i64, Option<i64>, Option<String>, Option<String>);
        let mut session = self.database.read().await.unwrap();
        let rows: Vec<Row> = session.query(&SPANS).all().await.unwrap();
        let date = |at: i64| Timestamp::from_millis(at).date();
        rows.into_iter()
            .map(|(canonical, severity, opened, closed, reason, detail)| {
                let end = closed.map_or_else(String::new, date);
                let why = [reason, detail]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" ");
                format!("{canonical} {severity} {}..{end} {why}", date(opened))
                    .trim_end()
                    .to_owned()
            })
            .collect()
    }

    /// How many findings are open by the trend of a scope, over all severities.
    pub(crate) async fn trend(&self, scope: &str) -> i64 {
        static OPEN: Sql = Sql::new(
            "OPEN",
            "SELECT CAST(COALESCE(SUM(opened - closed), 0) AS BIGINT) FROM trend_delta WHERE scope = $1",
        );
        let mut session = self.database.read().await.unwrap();
        session.query(&OPEN).bind(scope).value().await.unwrap()
    }

    /// What made the verdict of a build differ from the one before.
    pub(crate) async fn cause(&self, build: &Build) -> String {
        let build = self.reload(build).await;
        let mut session = self.database.read().await.unwrap();
        let stored = store::verdicts::report(&mut session, build.verdict_id.unwrap())
            .await
            .unwrap();
        stored.cause
    }
}

/// A product with these crates as direct dependencies.
fn product(crates: &[(&str, &str)]) -> Inventory {
    let package = |(name, version): &(&str, &str)| Component {
        reference: (*name).to_owned(),
        name: (*name).to_owned(),
        version: Some((*version).to_owned()),
        purl: format!("pkg:cargo/{name}@{version}").parse().ok(),
        ..Component::default()
    };
    let root = Component {
        reference: "root".to_owned(),
        name: "shop".to_owned(),
        ..Component::default()
    };
    Inventory {
        format: "CycloneDX 1.6 JSON".to_owned(),
        root: Some(0),
        components: std::iter::once(root).chain(crates.iter().map(package)).collect(),
        edges: (1..).zip(crates).map(|(id, _)| (0, id)).collect(),
        ..Inventory::default()
    }
}

/// A record about one crate: affected from the start until `fixed`.
pub(crate) fn advisory(id: &str, name: &str, fixed: &str, published: &str, vector: &str) -> Value {
    json!({
        "schema_version": "1.7.0",
        "id": id,
        "modified": format!("{published}T00:00:00Z"),
        "published": format!("{published}T00:00:00Z"),
        "summary": format!("a flaw in {name}"),
        "severity": [{"type": "CVSS_V3", "score": vector}],
        "affected": [{
            "package": {"ecosystem": "crates.io", "name": name},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
        }]
    })
}
