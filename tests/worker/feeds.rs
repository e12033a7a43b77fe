//! Feeds of every kind from folders, and what a change of one does: exactly the findings that it must.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use store::db::Sql;
use store::feeds::{self, Feed, Kind};
use store::jobs;
use store::wake::Wake;
use worker::{FeedSetting, Parts, Settings, Worker};

use crate::databases::both;
use crate::story::{Story, advisory};

const HIGH: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N";
const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("plumbline-feeds-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn text(&self) -> String {
        self.0.display().to_string()
    }

    /// A bucket whose archive holds these records, and the list of changes beside it where `lists`.
    fn bucket(&self, records: &[Value], lists: bool) {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let mut listing = String::new();
        for record in records {
            let id = record["id"].as_str().unwrap();
            zip.start_file(format!("{id}.json"), zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(record.to_string().as_bytes()).unwrap();
            listing.push_str(&format!("{},{id}\n", record["modified"].as_str().unwrap()));
        }
        self.write("crates.io/all.zip", &zip.finish().unwrap().into_inner());
        if lists {
            self.write("crates.io/modified_id.csv", listing.as_bytes());
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over lies in the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn worker(story: &Story, feeds: Vec<FeedSetting>) -> Worker {
    Worker::new(Parts {
        wake: Wake::new(&story.database),
        database: story.database.clone(),
        documents: crate::story::documents(),
        clock: story.clock.clone(),
        settings: Arc::new(Settings {
            feeds,
            ..Settings::default()
        }),
    })
}

fn setting(name: &str, kind: Kind, ecosystem: &str, source: &str) -> FeedSetting {
    FeedSetting::new(name, kind, ecosystem, source, Duration::from_hours(1))
}

/// Has a feed read; answers with what failed.
async fn sync(story: &Story, worker: &Worker, feed: &str) -> Vec<String> {
    let now = clock::Clock::now(&*story.clock);
    let mut tx = story.database.begin().await.unwrap();
    jobs::enqueue_feed(&mut tx, feed, now, now).await.unwrap();
    tx.commit().await.unwrap();
    worker.work_off().await.unwrap().failed
}

async fn state(story: &Story, feed: &str) -> Feed {
    let mut session = story.database.read().await.unwrap();
    feeds::by_name(&mut session, feed).await.unwrap().unwrap()
}

/// How many verdicts were given about each ref, in the order of their names.
async fn verdicts(story: &Story) -> Vec<(String, i64)> {
    static VERDICTS: Sql = Sql::new(
        "VERDICTS",
        "SELECT r.name, COUNT(*) FROM verdict v
         JOIN build b ON b.id = v.build_id JOIN reference r ON r.id = b.reference_id
         GROUP BY r.name ORDER BY r.name",
    );
    let mut session = story.database.read().await.unwrap();
    session.query(&VERDICTS).all().await.unwrap()
}

fn later(mut record: Value, day: &str) -> Value {
    record["modified"] = json!(format!("{day}T00:00:00Z"));
    record
}

#[tokio::test]
async fn one_withdrawn_one_added_and_one_rescored_change_the_right_findings_and_no_others() {
    for lists in [false, true] {
        for fresh in both().await {
            let bucket = Folder::new();
            let story = Story::new(fresh.database.clone()).await;
            let feed = "osv:crates.io";
            let worker = worker(
                &story,
                vec![setting(feed, Kind::Osv, "crates.io", &bucket.text())],
            );
            story.day("2024-02-01");
            let old = [
                advisory("RUSTSEC-2024-0001", "alpha", "2.0.0", "2024-01-01", HIGH),
                advisory("RUSTSEC-2024-0002", "beta", "2.0.0", "2024-01-01", HIGH),
                advisory("RUSTSEC-2024-0003", "delta", "2.0.0", "2024-01-01", HIGH),
            ];
            bucket.bucket(&old, lists);
            assert_eq!(sync(&story, &worker, feed).await, Vec::<String>::new());
            for (reference, name) in [
                ("a", "alpha"),
                ("b", "beta"),
                ("c", "gamma"),
                ("d", "delta"),
                ("e", "free"),
            ] {
                story.build(reference, &[(name, "1.0.0")]).await;
            }
            let before = verdicts(&story).await;
            assert!(before.iter().all(|(_, count)| *count == 1), "{before:?}");

            story.day("2024-03-01");
            let mut withdrawn = later(old[0].clone(), "2024-02-20");
            withdrawn["withdrawn"] = json!("2024-02-20T00:00:00Z");
            let rescored = advisory("RUSTSEC-2024-0002", "beta", "2.0.0", "2024-01-01", CRITICAL);
            let added = advisory("RUSTSEC-2024-0004", "gamma", "2.0.0", "2024-02-21", HIGH);
            let new = [withdrawn, later(rescored, "2024-02-20"), old[2].clone(), added];
            bucket.bucket(&new, lists);
            if lists {
                // Few have changed: the archive need not be read, and is not.
                bucket.write("crates.io/all.zip", b"broken");
                for record in &new {
                    let name = format!("crates.io/{}.json", record["id"].as_str().unwrap());
                    bucket.write(&name, record.to_string().as_bytes());
                }
            }
            assert_eq!(sync(&story, &worker, feed).await, Vec::<String>::new());

            let after = verdicts(&story).await;
            let counts: Vec<(&str, i64)> = after
                .iter()
                .map(|(name, count)| (name.as_str(), *count))
                .collect();
            assert_eq!(
                counts,
                [("a", 2), ("b", 2), ("c", 2), ("d", 1), ("e", 1)],
                "on {:?}",
                fresh.engine
            );
            assert_eq!(
                story.findings("a").await,
                ["alpha@1.0.0 RUSTSEC-2024-0001: first_scan 1, since 2024-02-01, retracted"]
            );
            assert_eq!(
                story.findings("c").await,
                ["gamma@1.0.0 RUSTSEC-2024-0004: advisory_published RUSTSEC-2024-0004, since 2024-03-01"]
            );
            let spans = story.spans().await;
            assert_eq!(
                spans[..3],
                [
                    "RUSTSEC-2024-0001 4 2024-02-01..2024-03-01 retracted RUSTSEC-2024-0001 was withdrawn on 2024-02-20",
                    "RUSTSEC-2024-0002 4 2024-02-01..2024-03-01 rescored RUSTSEC-2024-0002",
                    "RUSTSEC-2024-0002 5 2024-03-01..",
                ],
                "severity as known then stays"
            );
            let read = state(&story, feed).await;
            assert_eq!((read.records, read.error), (4, None));
        }
    }
}

#[tokio::test]
async fn a_source_that_lost_its_records_is_refused_and_the_last_good_state_stays() {
    for fresh in both().await {
        let bucket = Folder::new();
        let story = Story::new(fresh.database.clone()).await;
        let feed = "osv:crates.io";
        let mut osv = setting(feed, Kind::Osv, "crates.io", &bucket.text());
        osv.least = 1;
        let worker = worker(&story, vec![osv]);
        bucket.bucket(&[], false);
        let failed = sync(&story, &worker, feed).await;
        assert!(failed[0].contains("has 0 records"), "{failed:?}");
        assert_eq!(state(&story, feed).await.synced_at, None, "empty is not clean");
        let records: Vec<Value> = (0..60)
            .map(|n| {
                advisory(
                    &format!("RUSTSEC-2024-{n:04}"),
                    "alpha",
                    "2.0.0",
                    "2024-01-01",
                    HIGH,
                )
            })
            .collect();
        bucket.bucket(&records, false);
        assert_eq!(sync(&story, &worker, feed).await, Vec::<String>::new());
        assert_eq!(state(&story, feed).await.floor(), 40);
        bucket.bucket(&records[..30], false);
        let failed = sync(&story, &worker, feed).await;
        assert!(failed[0].contains("30 records after 60"), "{failed:?}");
        let read = state(&story, feed).await;
        assert_eq!(read.records, 60);
        assert!(read.error.unwrap().contains("30 records after 60"));
    }
}

/// An archive of a repository, as code hosts give it.
fn tarball(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    for (path, text) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn markdown(id: &str, package: &str) -> String {
    format!(
        "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{package}\"\ndate = \"2024-01-05\"\n\
         [versions]\npatched = [\">= 2\"]\n```\n# {package} reads too far\n\nIt does.\n"
    )
}

#[tokio::test]
async fn private_records_and_rustsecs_repository_come_in_every_common_form() {
    let mal = json!({"id": "MAL-2024-1", "modified": "2024-01-01T00:00:00Z", "summary": "steals",
        "affected": [{"package": {"ecosystem": "crates.io", "name": "evil"}, "versions": ["1.0.0"]}]});
    let own = advisory("OURS-1", "alpha", "2.0.0", "2024-01-01", HIGH);
    let forms: Vec<(&str, Kind, Vec<u8>)> = vec![
        ("one.json", Kind::Records, own.to_string().into_bytes()),
        (
            "pretty.json",
            Kind::Records,
            serde_json::to_vec_pretty(&own).unwrap(),
        ),
        (
            "lines.jsonl",
            Kind::Records,
            format!("{own}\n\n{mal}\n").into_bytes(),
        ),
        (
            "array.json",
            Kind::Records,
            json!([own, mal]).to_string().into_bytes(),
        ),
        (
            "malicious.tar.gz",
            Kind::Records,
            tarball(&[
                (
                    "repo/osv/malicious/crates.io/evil/MAL-2024-1.json",
                    &mal.to_string(),
                ),
                ("repo/package.json", r#"{"name":"repo"}"#),
                ("repo/README.md", "# About"),
            ]),
        ),
        (
            "advisory-db.tar.gz",
            Kind::RustSec,
            tarball(&[
                (
                    "db/crates/alpha/RUSTSEC-2024-0007.md",
                    &markdown("RUSTSEC-2024-0007", "alpha"),
                ),
                (
                    "db/rust/std/RUSTSEC-2024-0008.md",
                    &markdown("RUSTSEC-2024-0008", "std"),
                ),
                ("db/README.md", "# About"),
            ]),
        ),
    ];
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let folder = Folder::new();
        for (name, kind, bytes) in &forms {
            folder.write(name, bytes);
            let source = folder.0.join(name).display().to_string();
            let worker = worker(&story, vec![setting(name, *kind, "", &source)]);
            assert_eq!(sync(&story, &worker, name).await, Vec::<String>::new(), "{name}");
            let read = state(&story, name).await;
            let expected = if matches!(*name, "lines.jsonl" | "array.json") {
                2
            } else {
                1
            };
            assert_eq!((read.records, read.error), (expected, None), "{name}");
        }
        let everything = folder.text();
        let worker = worker(&story, vec![setting("folder", Kind::Records, "", &everything)]);
        assert_eq!(sync(&story, &worker, "folder").await, Vec::<String>::new());
        assert!(state(&story, "folder").await.records >= 1);
        story.day("2024-02-01");
        story
            .build("main", &[("alpha", "1.5.0"), ("evil", "1.0.0")])
            .await;
        let found = story.findings("main").await;
        let names = |id: &str| found.iter().any(|line| line.contains(id));
        assert!(
            names("OURS-1") && names("MAL-2024-1") && names("RUSTSEC-2024-0007"),
            "{found:?}"
        );
        assert!(Path::new(&everything).is_dir());
    }
}

fn scores(day: &str, rows: &[(&str, f64)]) -> Vec<u8> {
    let mut text = format!("#model_version:v1,score_date:{day}T00:00:00+0000\ncve,epss,percentile\n");
    for (id, score) in rows {
        text.push_str(&format!("{id},{score},0.5\n"));
    }
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    gz.finish().unwrap()
}

#[tokio::test]
async fn probabilities_move_findings_in_lists_only_where_the_step_changes() {
    static RANKS: Sql = Sql::new("RANKS", "SELECT rank FROM finding ORDER BY id");
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let folder = Folder::new();
        let worker = worker(
            &story,
            vec![setting(feeds::SCORES, Kind::Scores, "", &folder.text())],
        );
        story.day("2024-02-01");
        let mut first = advisory("RUSTSEC-2024-0001", "alpha", "2.0.0", "2024-01-01", HIGH);
        first["aliases"] = json!(["CVE-2024-1"]);
        let mut second = advisory("RUSTSEC-2024-0002", "beta", "2.0.0", "2024-01-01", HIGH);
        second["aliases"] = json!(["CVE-2024-2"]);
        story.publish(&[first, second]).await;
        story
            .build("main", &[("alpha", "1.0.0"), ("beta", "1.0.0")])
            .await;
        let ranks = async || {
            let mut session = story.database.read().await.unwrap();
            let ranks: Vec<i64> = session.query(&RANKS).column().await.unwrap();
            ranks
        };
        let before = ranks().await;
        for (day, rows, moved) in [
            ("2024-02-01", [0.50, 0.001], [true, true]),
            ("2024-02-02", [0.51, 0.001_01], [false, false]),
            ("2024-02-03", [0.51, 0.9], [false, true]),
        ] {
            let at = ranks().await;
            folder.write(
                "epss_scores-current.csv.gz",
                &scores(day, &[("CVE-2024-1", rows[0]), ("CVE-2024-2", rows[1])]),
            );
            assert_eq!(sync(&story, &worker, feeds::SCORES).await, Vec::<String>::new());
            let now = ranks().await;
            let changed: Vec<bool> = at.iter().zip(&now).map(|(a, b)| a != b).collect();
            assert_eq!(changed, moved, "{day} on {:?}", fresh.engine);
        }
        assert!(
            ranks()
                .await
                .iter()
                .zip(&before)
                .all(|(now, before)| now > before)
        );
        let verdicts = verdicts(&story).await;
        assert_eq!(verdicts, [("main".to_owned(), 1)], "nobody was audited for it");
        let mut session = story.database.read().await.unwrap();
        let filter = store::findings::list::Filter::default();
        let listed = store::findings::list::page(
            &mut session,
            &store::findings::list::Scope::Portfolio,
            &filter,
            None,
            10,
        );
        let listed = listed.await.unwrap();
        let told: Vec<Option<f64>> = listed
            .iter()
            .map(|row| row.finding.body().unwrap().epss)
            .collect();
        assert_eq!(
            told,
            [Some(0.9), Some(0.51)],
            "the score of today, the likelier first"
        );
        let older = scores("2024-01-01", &[("CVE-2024-1", 0.1)]);
        folder.write("epss_scores-current.csv.gz", &older);
        let failed = sync(&story, &worker, feeds::SCORES).await;
        assert!(failed[0].contains("older than those of 2024-02-03"), "{failed:?}");
    }
}
