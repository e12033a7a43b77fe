//! Real feeds and real documents: an older state of the advisories, then today's. What the store knows in
//! the end is what matching every version with every record gives.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use advisories::{Advisory, Entry, MatchResult, Record, match_package};
use inventory::Inventory;
use inventory::formats::{self, Limits};
use store::builds::Build;
use store::feeds::{self, Feed, Kind};
use store::packages::Identity;
use store::wake::Wake;
use store::{exploited, inventories, jobs, matches};
use worker::{FeedSetting, Parts, Settings, Worker};

use crate::databases::both;
use crate::story::Story;

const ECOSYSTEMS: [&str; 3] = ["crates.io", "npm", "PyPI"];
const DOCUMENTS: [&str; 4] = [
    "omicron.cdx.json.gz",
    "NodeGoat.cdx.json.gz",
    "defectdojo.cdx.json.gz",
    "vulnerablecode.spdx.json.gz",
];

fn shared(path: &str) -> PathBuf {
    let data = std::env::var_os("PLUMBLINE_SHARED_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = data.join(path);
    assert!(path.exists(), "{} must be there", path.display());
    path
}

/// A document that syft made of a real project.
fn document(name: &str) -> Inventory {
    static UNPACKED: OnceLock<PathBuf> = OnceLock::new();
    let folder = UNPACKED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/shared-data");
        let status = Command::new(shared("unpack")).arg(&folder).status().unwrap();
        assert!(status.success(), "the shared data was not unpacked: {status}");
        folder
    });
    let bytes = std::fs::read(folder.join("sboms/generated/syft-1.18.1").join(name)).unwrap();
    formats::read(&bytes, &Limits::default()).unwrap().0
}

/// A worker that reads a folder of feeds.
fn reader(story: &Story, folder: &str) -> Worker {
    let setting = |name: &str, kind, ecosystem: &str, source: PathBuf| {
        let source = source.display().to_string();
        FeedSetting::new(name, kind, ecosystem, &source, Duration::from_hours(1))
    };
    let mut feeds: Vec<FeedSetting> = ECOSYSTEMS
        .iter()
        .map(|ecosystem| setting(&feeds::name_of(ecosystem), Kind::Osv, ecosystem, shared(folder)))
        .collect();
    feeds.push(setting(feeds::EXPLOITED, Kind::Exploited, "", shared("kev")));
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

/// Has every feed read and does what follows; answers with the feeds.
async fn sync(story: &Story, worker: &Worker) -> Vec<Feed> {
    let now = clock::Clock::now(&*story.clock);
    let mut tx = story.database.begin().await.unwrap();
    let names = ECOSYSTEMS.map(feeds::name_of);
    for name in names.iter().map(String::as_str).chain([feeds::EXPLOITED]) {
        jobs::enqueue_feed(&mut tx, name, now, now).await.unwrap();
    }
    tx.commit().await.unwrap();
    let worked = worker.work_off().await.unwrap();
    assert_eq!(worked.failed, Vec::<String>::new());
    feeds::all(&mut story.database.read().await.unwrap())
        .await
        .unwrap()
}

fn raw_records(folder: &str, ecosystem: &str) -> Vec<Vec<u8>> {
    let path = shared(folder).join(ecosystem).join("all.zip");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut bytes = Vec::new();
            std::io::copy(&mut archive.by_index(index).unwrap(), &mut bytes).unwrap();
            bytes
        })
        .collect()
}

/// Every entry of every package, straight from the archives.
fn entries() -> HashMap<(String, String), Vec<Entry>> {
    let mut records: HashMap<String, Record> = HashMap::new();
    for ecosystem in ECOSYSTEMS {
        for bytes in raw_records("advisories", ecosystem) {
            let record = Record::parse(&bytes).unwrap();
            records.insert(record.id.clone(), record);
        }
    }
    let mut entries: HashMap<(String, String), Vec<Entry>> = HashMap::new();
    for record in records.values() {
        for package in Advisory::compile(record).0.packages {
            let key = (package.ecosystem, package.name);
            entries.entry(key).or_default().push(package.entry);
        }
    }
    entries
}

/// Compares what is stored about a build with matching each version with everything; answers how many
/// versions were compared and how many matches they have.
async fn compare(
    story: &Story,
    build: &Build,
    entries: &HashMap<(String, String), Vec<Entry>>,
) -> (usize, usize) {
    let mut session = story.database.read().await.unwrap();
    let known = matches::of_inventory(&mut session, build.inventory_id)
        .await
        .unwrap();
    let stored = inventories::load(&mut session, build.inventory_id).await.unwrap();
    let (mut compared, mut found) = (0, 0);
    for (component, version) in stored.inventory.components.iter().zip(&stored.members) {
        let identity = Identity::of(component);
        let key = (identity.ecosystem, identity.name);
        let entries = entries.get(&key).map_or(&[][..], Vec::as_slice);
        let direct: Option<MatchResult> = match_package(&key.0, entries, &identity.version);
        let stored = known.get(version).map(matches::VersionKnowledge::result);
        assert_eq!(stored, direct, "{}", identity.text);
        if let Some(direct) = direct {
            compared += 1;
            found += direct.affected.len();
        }
    }
    (compared, found)
}

#[tokio::test]
async fn what_is_known_in_the_end_is_what_every_record_says_of_every_version() {
    let entries = entries();
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        story.day("2026-01-02");
        let earlier = reader(&story, "advisories-earlier");
        let first = sync(&story, &earlier).await;
        let sizes = |feeds: &[Feed]| feeds.iter().map(|feed| feed.records).collect::<Vec<_>>();
        let exploited_now = sizes(&first)[0];
        assert!(exploited_now > 1_000, "{first:?}");
        assert_eq!(sizes(&first), [exploited_now, 6_182, 1_795, 3_914]);
        let mut builds = Vec::new();
        for name in DOCUMENTS {
            builds.push(story.upload_inventory(name, &document(name)).await);
        }
        assert_eq!(earlier.work_off().await.unwrap().failed, Vec::<String>::new());
        let before = story.reload(&builds[0]).await;
        assert_eq!(before.status, "succeeded");

        story.day("2026-01-03");
        let today = reader(&story, "advisories");
        let second = sync(&story, &today).await;
        assert_eq!(sizes(&second), [exploited_now, 6_726, 2_173, 4_808]);
        let (mut compared, mut found) = (0, 0);
        for build in &builds {
            let (versions, matches) = compare(&story, build, &entries).await;
            compared += versions;
            found += matches;
        }
        assert!(compared > 1_900, "only {compared} versions were compared");
        assert!(found > 120, "only {found} matches were compared");
        let after = story.reload(&builds[0]).await;
        assert_ne!(
            before.verdict_id, after.verdict_id,
            "new advisories are new verdicts"
        );

        let noon = story.day("2026-01-04");
        let third = sync(&story, &today).await;
        for (before, after) in second.iter().zip(&third) {
            let confirmed = Feed {
                synced_at: Some(noon.millis()),
                attempted_at: Some(noon.millis()),
                // What is asked for the next time may be told apart better.
                validator: after.validator.clone(),
                ..before.clone()
            };
            assert_eq!(*after, confirmed, "nothing new, but as fresh as can be");
        }
        let mut session = story.database.read().await.unwrap();
        let exploited = exploited::identifiers(&mut session).await.unwrap().unwrap();
        assert!(exploited.contains("CVE-2021-44228"));
    }
}

#[tokio::test]
async fn a_source_that_cannot_be_read_is_told_on_the_feed() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        let now = story.day("2026-01-02");
        let worker = reader(&story, "kev");
        let mut tx = story.database.begin().await.unwrap();
        jobs::enqueue_feed(&mut tx, "osv:npm", now, now).await.unwrap();
        jobs::enqueue_feed(&mut tx, "osv:Haskell", now, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut failed = worker.work_off().await.unwrap().failed;
        failed.sort();
        assert!(failed[0].contains("npm/all.zip"), "{failed:?}");
        assert!(
            failed[1].contains("`osv:Haskell` is not configured"),
            "{failed:?}"
        );
        let feed = feeds::by_name(&mut story.database.read().await.unwrap(), "osv:npm")
            .await
            .unwrap()
            .unwrap();
        assert_eq!((feed.synced_at, feed.attempted_at), (None, Some(now.millis())));
        assert!(feed.error.unwrap().contains("npm/all.zip"));
    }
}
