//! A world of npm packages and their advisories, small enough to read.

use std::collections::BTreeSet;

use advisories::match_package;
use clock::Timestamp;
use inventory::{Component, Inventory};
use serde_json::{Value, json};
use store::advisories::{self as stored, Applied, ApplyError, Batch, PreparedRecord, RawRecord, Whole};
use store::builds::{self, Build, NewBuild};
use store::db::{Database, Sql, Tx};
use store::feeds;
use store::inventories::{self, PreparedInventory};
use store::jobs::{self, Lane};
use store::matches::{self, Matched, Recorded, VersionKnowledge, VersionState};
use store::projects::{self, NewProject};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
/// The feed that most tests read.
pub(crate) const NPM: &str = "osv:npm";

/// A record of one npm package: affected below `fixed`.
pub(crate) fn record(id: &str, package: &str, fixed: &str, modified: &str) -> Value {
    json!({
        "schema_version": "1.7.0",
        "id": id,
        "modified": format!("{modified}T00:00:00Z"),
        "published": "2024-01-01T00:00:00Z",
        "summary": format!("{id} in {package}"),
        "affected": [{
            "package": {"ecosystem": "npm", "name": package},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
        }],
    })
}

/// The record with other names.
pub(crate) fn alias(mut record: Value, aliases: &[&str]) -> Value {
    record["aliases"] = json!(aliases);
    record
}

pub(crate) fn raw(record: &Value) -> RawRecord {
    RawRecord {
        id: record["id"].as_str().unwrap_or("no-id").to_owned(),
        bytes: record.to_string().into_bytes(),
    }
}

/// Everything that a feed carries.
pub(crate) fn whole(records: Vec<RawRecord>) -> Batch {
    Batch::Whole(Whole {
        total: records.len(),
        records: Box::new(records.into_iter().map(Ok)),
        force: false,
        validator: "etag".to_owned(),
        synced_at: None,
    })
}

pub(crate) fn additions(records: &[Value]) -> Batch {
    let prepare = |record: &Value| PreparedRecord::new(record.to_string().as_bytes()).unwrap();
    Batch::Additions(records.iter().map(prepare).collect())
}

/// One database and what is done to it.
pub(crate) struct World<'a> {
    pub(crate) database: &'a Database,
}

impl<'a> World<'a> {
    /// With the feed of npm, never read.
    pub(crate) async fn new(database: &'a Database) -> Self {
        let world = Self { database };
        world.feed(NPM, "npm").await;
        world
    }

    pub(crate) async fn feed(&self, name: &str, ecosystem: &str) {
        let mut tx = self.begin().await;
        feeds::ensure(&mut tx, name, ecosystem, "by hand").await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn begin(&self) -> Tx {
        self.database.begin().await.unwrap()
    }

    pub(crate) async fn apply(&self, feed: &str, batch: Batch) -> Result<Applied, ApplyError> {
        stored::apply(self.database, feed, batch, NOW).await
    }

    /// Publishes records of npm that are new or changed.
    pub(crate) async fn publish(&self, records: &[Value]) -> Applied {
        self.apply(NPM, additions(records)).await.unwrap()
    }

    pub(crate) async fn state_of(&self, feed: &str) -> feeds::Feed {
        let mut session = self.database.read().await.unwrap();
        feeds::by_name(&mut session, feed).await.unwrap().unwrap()
    }

    /// The ids of the records that are stored.
    pub(crate) async fn stored(&self) -> Vec<String> {
        static STORED: Sql = Sql::new("STORED", "SELECT identifier FROM advisory ORDER BY identifier");
        self.column(&STORED).await
    }

    pub(crate) async fn column<T>(&self, sql: &'static Sql) -> Vec<T>
    where
        (T,): store::db::Record,
    {
        let mut session = self.database.read().await.unwrap();
        session.query(sql).column().await.unwrap()
    }

    /// How often what is known about an npm package has changed.
    pub(crate) async fn revision(&self, package: &str) -> i64 {
        static REVISION: Sql = Sql::new("REVISION", "SELECT revision FROM package WHERE name = $1");
        let mut session = self.database.read().await.unwrap();
        let revisions: Vec<i64> = session.query(&REVISION).bind(package).column().await.unwrap();
        revisions.first().copied().unwrap_or(-1)
    }

    /// Takes every job of the sweep lane: kind and payload.
    pub(crate) async fn take_jobs(&self) -> Vec<(String, Value)> {
        let mut taken = Vec::new();
        loop {
            let mut tx = self.begin().await;
            let job = jobs::claim(&mut tx, Lane::Sweep, "test", NOW, 1).await.unwrap();
            tx.commit().await.unwrap();
            let Some(job) = job else { return taken };
            taken.push((job.kind, serde_json::from_str(&job.payload).unwrap()));
        }
    }

    /// Takes every job of the sweep lane; answers with the builds that are to be audited.
    pub(crate) async fn audits(&self) -> BTreeSet<i64> {
        let jobs = self.take_jobs().await;
        let audits = jobs.iter().filter(|(kind, _)| kind == jobs::AUDIT);
        audits
            .map(|(_, payload)| payload["build"].as_i64().unwrap())
            .collect()
    }

    /// Stores a product; `name@version` each.
    pub(crate) async fn inventory(&self, packages: &[&str]) -> i64 {
        let prepared = PreparedInventory::new(&product(packages)).unwrap();
        let mut tx = self.begin().await;
        let id = inventories::intern(&mut tx, &prepared).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Uploads a product as a build of a project's ref that waits for its audit.
    pub(crate) async fn upload(&self, project: &str, reference: &str, packages: &[&str]) -> Build {
        let inventory = self.inventory(packages).await;
        let mut tx = self.begin().await;
        let new = NewProject {
            name: project.to_owned(),
            default_ref: "main".to_owned(),
            ..NewProject::default()
        };
        projects::create(&mut tx, &new, NOW).await.unwrap();
        let project = projects::find(&mut tx, project).await.unwrap().unwrap();
        let reference = projects::ensure_reference(&mut tx, &project, reference, "branch")
            .await
            .unwrap();
        let build = builds::create(&mut tx, &project, &reference, &new_build(inventory), NOW)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        build
    }

    /// As [`World::upload`], settled and the state of its ref.
    pub(crate) async fn settled(&self, project: &str, reference: &str, packages: &[&str]) -> Build {
        static SETTLE: Sql = Sql::new("SETTLE", "UPDATE build SET status = 'succeeded' WHERE id = $1");
        static STATE: Sql = Sql::new("STATE", "UPDATE reference SET build_id = $2 WHERE id = $1");
        let build = self.upload(project, reference, packages).await;
        self.match_inventory(build.inventory_id).await;
        let mut tx = self.begin().await;
        tx.query(&SETTLE).bind(build.id).run().await.unwrap();
        tx.query(&STATE)
            .bind(build.reference_id)
            .bind(build.id)
            .run()
            .await
            .unwrap();
        tx.commit().await.unwrap();
        build
    }

    /// The versions of an inventory that are to be matched.
    pub(crate) async fn stale(&self, inventory: i64) -> Vec<VersionState> {
        let mut session = self.database.read().await.unwrap();
        matches::stale_of_inventory(&mut session, inventory)
            .await
            .unwrap()
    }

    /// Matches versions with what is stored now; nothing is recorded.
    pub(crate) async fn matched(&self, versions: &[VersionState]) -> Vec<Matched> {
        let packages: BTreeSet<i64> = versions.iter().map(|version| version.package_id).collect();
        let packages: Vec<i64> = packages.into_iter().collect();
        let mut session = self.database.read().await.unwrap();
        let entries = matches::entries(&mut session, &packages).await.unwrap();
        let result = |version: &VersionState| {
            let entries = entries.get(&version.package_id).map_or(&[][..], Vec::as_slice);
            match_package(&version.ecosystem, entries, &version.installed()).unwrap()
        };
        versions
            .iter()
            .map(|version| Matched {
                version: version.clone(),
                result: result(version),
            })
            .collect()
    }

    pub(crate) async fn record(&self, matched: &[Matched]) -> Recorded {
        let mut tx = self.begin().await;
        let recorded = matches::record(&mut tx, matched, NOW).await.unwrap();
        tx.commit().await.unwrap();
        recorded
    }

    /// Brings an inventory up to date.
    pub(crate) async fn match_inventory(&self, inventory: i64) -> Recorded {
        let stale = self.stale(inventory).await;
        let matched = self.matched(&stale).await;
        self.record(&matched).await
    }

    /// What is known about the only version of a package in an inventory.
    pub(crate) async fn knowledge(&self, inventory: i64, package: &str) -> Option<VersionKnowledge> {
        static VERSION: Sql = Sql::new(
            "VERSION",
            "SELECT v.id FROM inventory_component c
             JOIN package_version v ON v.id = c.package_version_id
             JOIN package p ON p.id = v.package_id
             WHERE c.inventory_id = $1 AND p.name = $2",
        );
        let mut session = self.database.read().await.unwrap();
        let version: i64 = session
            .query(&VERSION)
            .bind(inventory)
            .bind(package)
            .value()
            .await
            .unwrap();
        let mut all = matches::of_inventory(&mut session, inventory).await.unwrap();
        all.remove(&version)
    }

    /// The vulnerabilities of a package's only version: stored id and the id that it is shown under.
    pub(crate) async fn vulnerabilities(&self, inventory: i64, package: &str) -> Vec<(i64, String)> {
        let known = self.knowledge(inventory, package).await.unwrap();
        let mut found: Vec<(i64, String)> = known
            .matches
            .into_iter()
            .map(|known| (known.vulnerability, known.canonical))
            .collect();
        found.sort();
        found
    }
}

fn new_build(inventory_id: i64) -> NewBuild {
    NewBuild {
        version: None,
        commit_id: None,
        document_digest: "00".repeat(32),
        document_size: 2,
        idempotency_key: store::new_uuid(),
        inventory_id,
        format: "CycloneDX 1.6 JSON".to_owned(),
        tools: Vec::new(),
        notices: "[]".to_owned(),
        policy: None,
        baseline: None,
        actor: "test".to_owned(),
        components: 1,
    }
}

/// A product with these npm packages; `name@` has no version.
pub(crate) fn product(packages: &[&str]) -> Inventory {
    let package = |text: &&str| {
        let (name, version) = text.rsplit_once('@').unwrap();
        Component {
            reference: (*text).to_owned(),
            name: name.to_owned(),
            version: Some(version.to_owned()).filter(|version| !version.is_empty()),
            purl: format!("pkg:npm/{text}").trim_end_matches('@').parse().ok(),
            ..Component::default()
        }
    };
    let root = Component {
        reference: "root".to_owned(),
        name: "shop".to_owned(),
        ..Component::default()
    };
    Inventory {
        format: "CycloneDX 1.6 JSON".to_owned(),
        root: Some(0),
        components: std::iter::once(root)
            .chain(packages.iter().map(package))
            .collect(),
        edges: (1..).zip(packages).map(|(id, _)| (0, id)).collect(),
        ..Inventory::default()
    }
}
