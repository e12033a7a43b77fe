//! All feeds in one file: what one place knows, another knows then, as old as it is.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use advisories::epss::Scores;
use advisories::kev::Catalogue;
use clock::Timestamp;
use serde_json::json;
use store::bundle::{self, BundleError, Imported, Outcome};
use store::db::Sql;
use store::feeds::{Configured, EXPLOITED, Kind, SCORES};
use store::{exploited, feeds, scores};

use crate::databases::both;
use crate::knowledge::{NOW, NPM, World, raw, record, whole};

/// Three feeds of every kind that a bundle carries.
async fn fill(world: &World<'_>) {
    let mut pretty = record("GHSA-2", "b", "2.0.0", "2024-01-02");
    pretty["details"] = json!("two\nlines, and ünïcödé");
    let mut raws = vec![raw(&record("GHSA-1", "a", "2.0.0", "2024-01-01"))];
    let mut second = raw(&pretty);
    second.bytes = serde_json::to_vec_pretty(&pretty).unwrap();
    raws.push(second);
    world.apply(NPM, whole(raws)).await.unwrap();
    world.feed(EXPLOITED, "").await;
    let catalogue = Catalogue::parse(
        br#"{"catalogVersion":"2024.05.01","vulnerabilities":[{"cveID":"CVE-2024-1","knownRansomwareCampaignUse":"Known"}]}"#,
    )
    .unwrap();
    let mut tx = world.begin().await;
    exploited::replace(&mut tx, &catalogue, "", None, NOW)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.feed(SCORES, "").await;
    let rows =
        b"#model_version:v1,score_date:2023-11-01T00:00:00+0000\ncve,epss,percentile\nCVE-2024-1,0.5,0.9\n";
    let parsed = Scores::parse(rows).unwrap();
    scores::replace(world.database, &parsed, "", None, NOW)
        .await
        .unwrap();
}

async fn exported(world: &World<'_>) -> (File, String) {
    let file = tempfile::tempfile().unwrap();
    let exported = bundle::export(world.database, file.try_clone().unwrap(), NOW.plus_days(1))
        .await
        .unwrap();
    (file, exported.sha256)
}

fn rewound(file: &File) -> File {
    let mut file = file.try_clone().unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file
}

async fn import(world: &World<'_>, file: &File, force: bool) -> Result<Vec<Imported>, BundleError> {
    let verified = bundle::verify(rewound(file))?;
    bundle::import(world.database, verified, force, NOW.plus_days(3)).await
}

#[tokio::test]
async fn what_one_place_knows_another_knows_then() {
    for (from, to) in both().await.into_iter().zip(both().await) {
        let here = World {
            database: &from.database,
        };
        here.feed(NPM, "npm").await;
        fill(&here).await;
        let (file, sha256) = exported(&here).await;
        assert_eq!(bundle::verify(rewound(&file)).unwrap().sha256, sha256);

        let there = World {
            database: &to.database,
        };
        let build = there.upload("shop", "main", &["a@1.0.0", "c@1.0.0"]).await;
        let imported = import(&there, &file, false).await.unwrap();
        let taken: Vec<&str> = imported
            .iter()
            .filter(|one| matches!(one.outcome, Outcome::Taken { .. }))
            .map(|one| one.feed.as_str())
            .collect();
        assert_eq!(taken, [SCORES, EXPLOITED, NPM]);
        assert_eq!(there.stored().await, here.stored().await);
        let feed = there.state_of(NPM).await;
        assert_eq!(feed.synced_at, Some(NOW.millis()), "as old as the knowledge is");
        assert_eq!(feed.attempted_at, Some(NOW.plus_days(3).millis()));
        static AUDITS: Sql = Sql::new(
            "AUDITS",
            "SELECT payload FROM job WHERE kind = 'audit' AND state = 'queued'",
        );
        let audits: Vec<String> = there.column(&AUDITS).await;
        let wanted = json!({"build": build.id}).to_string();
        assert!(
            audits.contains(&wanted),
            "what was not checked is checked now: {audits:?}"
        );
        let mut session = to.database.read().await.unwrap();
        let known = exploited::identifiers(&mut session).await.unwrap().unwrap();
        assert!(known.contains("CVE-2024-1"));
        let scored = scores::of_identifiers(&mut session, &["CVE-2024-1"].into())
            .await
            .unwrap();
        assert_eq!(scored.unwrap()["CVE-2024-1"], 0.5);

        let again = import(&there, &file, false).await.unwrap();
        assert!(
            again.iter().all(|one| one.outcome == Outcome::NotNewer),
            "{again:?}"
        );
        let forced = import(&there, &file, true).await.unwrap();
        let nothing = Outcome::Taken {
            added: 0,
            changed: 0,
            dropped: 0,
        };
        assert!(forced.iter().all(|one| one.outcome == nothing), "{forced:?}");
    }
}

#[tokio::test]
async fn a_bundle_that_was_touched_is_refused_before_anything_is_taken_over() {
    for (from, to) in both().await.into_iter().zip(both().await) {
        let here = World {
            database: &from.database,
        };
        here.feed(NPM, "npm").await;
        fill(&here).await;
        let (file, _) = exported(&here).await;
        let mut whole = Vec::new();
        rewound(&file).read_to_end(&mut whole).unwrap();
        let there = World {
            database: &to.database,
        };
        let manifest = whole.windows(6).position(|w| w == b"sha256").unwrap();
        for (what, broken) in [
            ("cut", whole[..whole.len() / 2].to_vec()),
            ("empty", Vec::new()),
            ("no bundle", b"<html>".repeat(200)),
            ("a digest", {
                let mut bytes = whole.clone();
                bytes[manifest + 12] ^= 1;
                bytes
            }),
            ("a part", {
                let mut bytes = whole.clone();
                // The last block before the two that end the archive holds the end of the last part.
                let at = bytes.iter().rposition(|byte| *byte != 0).unwrap();
                bytes[at] ^= 1;
                bytes
            }),
        ] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&broken).unwrap();
            let error = import(&there, &file, true).await.unwrap_err();
            assert!(matches!(error, BundleError::Broken(_)), "{what}: {error}");
            assert!(there.stored().await.is_empty(), "{what}");
        }
    }
}

#[tokio::test]
async fn nothing_loaded_is_no_bundle() {
    for fresh in both().await {
        let file = tempfile::tempfile().unwrap();
        let error = bundle::export(&fresh.database, file, NOW).await.unwrap_err();
        assert!(matches!(error, BundleError::Empty));
    }
}

#[tokio::test]
async fn a_feed_knows_its_schedule_and_the_floor_below_which_it_is_refused() {
    for fresh in both().await {
        let world = World {
            database: &fresh.database,
        };
        let mut tx = world.begin().await;
        let configured = Configured {
            name: NPM,
            kind: Kind::Osv,
            ecosystem: "npm",
            source: "mirror",
            every_ms: Some(3_600_000),
            least: 7,
        };
        let feed = feeds::configure(&mut tx, &configured).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            (feed.kind.as_str(), feed.every_ms, feed.floor()),
            ("osv", Some(3_600_000), 7)
        );
        assert_eq!(feed.synced_at.map(Timestamp::from_millis), None);
        let loaded = feeds::Feed {
            synced_at: Some(0),
            records: 1_000,
            ..feed
        };
        assert_eq!(loaded.floor(), 950);
    }
}
