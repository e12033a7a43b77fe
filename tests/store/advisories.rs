//! Feeds as they are taken over: what changes, what stays, what is refused, and what follows from it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use store::advisories::{self as stored, Applied, ApplyError, Batch, RawRecord, Whole};
use store::feeds;
use store::jobs;

use crate::databases::both;
use crate::knowledge::{NOW, NPM, World, additions, alias, raw, record, whole};

const PYPI: &str = "osv:PyPI";

fn all(records: &[Value]) -> Batch {
    whole(records.iter().map(raw).collect())
}

/// As many records of as many packages, `p0` to `pN`.
fn many(count: usize) -> Vec<Value> {
    (0..count)
        .map(|n| record(&format!("GHSA-{n:05}"), &format!("p{n}"), "2.0.0", "2024-01-01"))
        .collect()
}

#[tokio::test]
async fn what_is_known_already_changes_nothing() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let records = [
            record("GHSA-1", "a", "2.0.0", "2024-01-01"),
            record("GHSA-2", "b", "2.0.0", "2024-01-02"),
        ];
        let first = world.publish(&records).await;
        assert_eq!((first.added, first.packages, first.first), (2, 2, true));
        for batch in [additions(&records), all(&records), all(&records)] {
            let again = world.apply(NPM, batch).await.unwrap();
            let expected = Applied {
                unchanged: 2,
                ..Applied::default()
            };
            assert_eq!(again, expected, "{:?}", fresh.engine);
        }
        assert_eq!(world.revision("a").await, 1);
        let feed = world.state_of(NPM).await;
        assert_eq!(
            (feed.records, feed.revision.as_str()),
            (2, "2024-01-02T00:00:00Z")
        );
        assert_eq!(feed.synced_at, Some(NOW.millis()));
        assert_eq!(feed.validator, "etag");
    }
}

#[tokio::test]
async fn a_whole_feed_adds_changes_and_drops() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let mut records = many(4);
        world.apply(NPM, all(&records)).await.unwrap();
        records.remove(0);
        records[0]["modified"] = json!("2024-02-01T00:00:00Z");
        records[0]["affected"][0]["package"]["name"] = json!("moved");
        records.push(record("GHSA-new", "p3", "9.0.0", "2024-03-01"));
        let applied = world.apply(NPM, all(&records)).await.unwrap();
        let expected = Applied {
            added: 1,
            changed: 1,
            dropped: 1,
            unchanged: 2,
            // The one of the dropped record, the two of the changed one, the one of the new one.
            packages: 4,
            ..Applied::default()
        };
        assert_eq!(applied, expected, "{:?}", fresh.engine);
        assert_eq!(
            world.stored().await,
            ["GHSA-00001", "GHSA-00002", "GHSA-00003", "GHSA-new"]
        );
        assert_eq!(world.state_of(NPM).await.records, 4);
        for (package, revision) in [("p0", 2), ("p1", 2), ("moved", 1), ("p2", 1), ("p3", 2)] {
            assert_eq!(world.revision(package).await, revision, "{package}");
        }
    }
}

#[tokio::test]
async fn a_feed_that_lost_much_is_refused_unless_that_is_meant() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let records = many(60);
        world.apply(NPM, all(&records)).await.unwrap();
        let refused = world.apply(NPM, all(&records[..39])).await.unwrap_err();
        assert!(
            matches!(refused, ApplyError::Shrunk { before: 60, now: 39 }),
            "{refused}"
        );
        assert_eq!(world.stored().await.len(), 60);
        let few = world.apply(NPM, all(&records[..40])).await.unwrap();
        assert_eq!(few.dropped, 20, "a small feed may lose a few");
        let meant = Batch::Whole(Whole {
            records: Box::new(
                records[..1]
                    .iter()
                    .map(raw)
                    .map(Ok)
                    .collect::<Vec<_>>()
                    .into_iter(),
            ),
            total: 1,
            force: true,
            validator: String::new(),
            synced_at: None,
        });
        assert_eq!(world.apply(NPM, meant).await.unwrap().dropped, 39);
        assert_eq!(world.state_of(NPM).await.records, 1);
    }
}

#[tokio::test]
async fn an_archive_that_breaks_off_drops_nothing() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let records = many(3);
        world.apply(NPM, all(&records)).await.unwrap();
        let before = world.state_of(NPM).await;
        let broken = [
            Ok(raw(&records[0])),
            Err("entry 1: the checksum is wrong".to_owned()),
        ];
        let broken = Batch::Whole(Whole {
            records: Box::new(broken.into_iter()),
            total: 3,
            force: true,
            validator: String::new(),
            synced_at: None,
        });
        let error = world.apply(NPM, broken).await.unwrap_err();
        assert_eq!(error.to_string(), "entry 1: the checksum is wrong");
        assert_eq!(world.stored().await.len(), 3);
        assert_eq!(world.state_of(NPM).await, before);
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_reported_and_its_last_good_state_stays() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let records = many(3);
        world.apply(NPM, all(&records)).await.unwrap();
        let broken = RawRecord {
            id: "GHSA-00001".to_owned(),
            bytes: b"{\"id\":\"GHSA-00001\"".to_vec(),
        };
        let future = RawRecord {
            id: "GHSA-9".to_owned(),
            bytes: br#"{"schema_version":"2.0.0","id":"GHSA-9","modified":"2024-01-01T00:00:00Z"}"#.to_vec(),
        };
        let nul = alias(record("GHSA-8", "a", "1.0.0", "2024-01-01"), &["CVE-\0"]);
        let batch = whole(vec![
            raw(&records[0]),
            broken,
            raw(&records[2]),
            future,
            raw(&nul),
        ]);
        let applied = world.apply(NPM, batch).await.unwrap();
        assert_eq!(
            (applied.unreadable, applied.dropped, applied.unchanged),
            (3, 0, 2)
        );
        assert_eq!(world.stored().await.len(), 3);
        let feed = world.state_of(NPM).await;
        let error = feed.error.unwrap();
        assert!(
            error.starts_with("3 records could not be read: GHSA-00001: "),
            "{error}"
        );
        assert!(error.contains("schema 2.0.0") && error.contains("NUL"), "{error}");
        assert_eq!(feed.validator, "", "the next time everything is read again");
        world.apply(NPM, all(&records)).await.unwrap();
        assert_eq!(world.state_of(NPM).await.error, None);
    }
}

#[tokio::test]
async fn a_feed_that_is_mostly_unreadable_is_no_good_state() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let mut records = many(30);
        for record in &mut records[..21] {
            record["schema_version"] = json!("2.0.0");
        }
        let refused = world.apply(NPM, all(&records)).await.unwrap_err().to_string();
        assert!(
            refused.starts_with("21 of 30 records cannot be read") && refused.contains("GHSA-00000: "),
            "{refused}"
        );
        assert_eq!(
            world.state_of(NPM).await.synced_at,
            None,
            "the ecosystem is not covered"
        );
        assert_eq!(world.stored().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_record_of_two_feeds_goes_with_the_last_of_them() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        world.feed(PYPI, "PyPI").await;
        let shared = record("GHSA-shared", "a", "2.0.0", "2024-01-01");
        let own = |n: u32| record(&format!("GHSA-own-{n}"), "b", "2.0.0", "2024-01-01");
        world.apply(NPM, all(&[shared.clone(), own(1)])).await.unwrap();
        let other = world.apply(PYPI, all(&[shared.clone(), own(2)])).await.unwrap();
        assert_eq!((other.added, other.unchanged), (1, 1));
        world.apply(NPM, all(&[own(1)])).await.unwrap();
        assert_eq!(
            world.stored().await,
            ["GHSA-own-1", "GHSA-own-2", "GHSA-shared"],
            "the other feed carries it still"
        );
        assert_eq!(world.revision("a").await, 1);
        world.apply(PYPI, all(&[own(2)])).await.unwrap();
        assert_eq!(world.stored().await, ["GHSA-own-1", "GHSA-own-2"]);
        assert_eq!(world.revision("a").await, 2);
    }
}

#[tokio::test]
async fn of_two_feeds_the_one_with_the_later_state_is_believed_and_equal_ones_do_not_fight() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        world.feed(PYPI, "PyPI").await;
        let old = record("GHSA-1", "a", "2.0.0", "2024-01-01");
        let new = record("GHSA-1", "a", "3.0.0", "2024-02-01");
        let mut same_day = new.clone();
        same_day["summary"] = json!("other words");
        let steps = [
            (NPM, Some(&new), "3.0.0", "the first"),
            (PYPI, Some(&old), "3.0.0", "the other feed is behind"),
            (NPM, Some(&new), "3.0.0", "nothing new"),
            (PYPI, Some(&same_day), "3.0.0", "as late, in other words"),
            (NPM, None, "3.0.0", "gone from the one, still in the other"),
            (
                PYPI,
                Some(&same_day),
                "other words",
                "told again, and now the only one",
            ),
            (
                PYPI,
                Some(&old),
                "2.0.0",
                "taken back under an earlier time by the only feed",
            ),
            (NPM, Some(&new), "3.0.0", "later again"),
            (PYPI, Some(&old), "3.0.0", "still behind"),
            (NPM, Some(&old), "2.0.0", "both have taken it back"),
            (PYPI, Some(&old), "2.0.0", "at peace"),
        ];
        for (feed, state, expected, why) in steps {
            let records: Vec<Value> = state.into_iter().cloned().collect();
            world.apply(feed, all(&records)).await.unwrap();
            let mut session = fresh.database.read().await.unwrap();
            let stored = stored::by_identifier(&mut session, "GHSA-1")
                .await
                .unwrap()
                .unwrap();
            let text = String::from_utf8(stored.record).unwrap();
            assert!(text.contains(expected), "{why}: {text}");
        }
        let before = world.revision("a").await;
        for feed in [NPM, PYPI, NPM, PYPI] {
            let applied = world.apply(feed, all(std::slice::from_ref(&old))).await.unwrap();
            assert_eq!((applied.changed, applied.unchanged), (0, 1), "{feed}");
        }
        assert_eq!(world.revision("a").await, before);
    }
}

#[tokio::test]
async fn a_record_is_found_by_its_id_and_by_its_aliases() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let first = alias(record("GHSA-1", "a", "2.0.0", "2024-01-01"), &["CVE-2024-1"]);
        let mut withdrawn = alias(record("AAA-1", "a", "2.0.0", "2024-01-01"), &["CVE-2024-1"]);
        withdrawn["withdrawn"] = json!("2024-02-01T00:00:00Z");
        world.publish(&[first.clone(), withdrawn]).await;
        let mut session = fresh.database.read().await.unwrap();
        for id in ["GHSA-1", "CVE-2024-1"] {
            let found = stored::by_identifier(&mut session, id).await.unwrap().unwrap();
            assert_eq!(found.identifier, "GHSA-1", "{id}");
            let back: Value = serde_json::from_slice(&found.record).unwrap();
            assert_eq!(back, first, "as the feed gave it");
            assert_eq!(stored::carriers(&mut session, found.id).await.unwrap(), [NPM]);
        }
        let named = stored::named(&mut session, "CVE-2024-1").await.unwrap();
        let ids: Vec<&str> = named.iter().map(|found| found.identifier.as_str()).collect();
        assert_eq!(ids, ["GHSA-1", "AAA-1"], "the withdrawn one last");
        assert!(
            stored::by_identifier(&mut session, "CVE-2024-2")
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn a_changed_record_forgets_the_aliases_that_it_lost() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let before = alias(
            record("GHSA-1", "a", "2.0.0", "2024-01-01"),
            &["CVE-2024-1", "CVE-2024-2"],
        );
        world.publish(&[before]).await;
        let after = alias(record("GHSA-1", "a", "2.0.0", "2024-02-01"), &["CVE-2024-2"]);
        world.publish(&[after]).await;
        let mut session = fresh.database.read().await.unwrap();
        assert!(
            stored::by_identifier(&mut session, "CVE-2024-1")
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            stored::by_identifier(&mut session, "CVE-2024-2")
                .await
                .unwrap()
                .is_some()
        );
    }
}

#[tokio::test]
async fn only_packages_with_stored_versions_are_matched_again() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let inventory = world.inventory(&["a@1.0.0", "b@1.0.0"]).await;
        world.match_inventory(inventory).await;
        world.take_jobs().await;
        let records = [
            record("GHSA-1", "a", "2.0.0", "2024-01-01"),
            record("GHSA-2", "nobody-has-it", "2.0.0", "2024-01-01"),
        ];
        world.publish(&records).await;
        let stale = world.stale(inventory).await;
        let [only] = stale.as_slice() else {
            panic!("{stale:?}")
        };
        assert_eq!((only.name.as_str(), only.revision), ("a", 1));
        let expected = (jobs::REMATCH.to_owned(), json!({"packages": [only.package_id]}));
        assert_eq!(world.take_jobs().await, [expected]);
    }
}

#[tokio::test]
async fn the_first_state_of_a_feed_has_its_ecosystem_audited_and_later_ones_do_not() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        world.feed(PYPI, "PyPI").await;
        let old = world.settled("shop", "main", &["a@1.0.0"]).await;
        let current = world.settled("shop", "main", &["a@1.0.1"]).await;
        let empty = world.settled("empty", "main", &[]).await;
        let waiting = world.upload("shop", "topic", &["a@1.0.2"]).await;
        let mut session = fresh.database.read().await.unwrap();
        assert_eq!(feeds::covered(&mut session).await.unwrap(), Vec::<String>::new());
        world.apply(PYPI, all(&[])).await.unwrap();
        assert_eq!(
            world.audits().await,
            BTreeSet::from([waiting.id]),
            "a build at work may have read that PyPI is not covered"
        );
        world
            .publish(&[record("GHSA-1", "nobody-has-it", "2.0.0", "2024-01-01")])
            .await;
        let audits = world.audits().await;
        assert_eq!(
            audits,
            BTreeSet::from([current.id, waiting.id]),
            "{:?}",
            fresh.engine
        );
        assert!(!audits.contains(&old.id) && !audits.contains(&empty.id));
        assert_eq!(feeds::covered(&mut session).await.unwrap(), ["PyPI", "npm"]);
        world
            .publish(&[record("GHSA-2", "nobody-has-it", "2.0.0", "2024-01-01")])
            .await;
        assert_eq!(world.audits().await, BTreeSet::new());
    }
}

#[tokio::test]
async fn a_feed_of_many_records_is_taken_over_in_several_transactions() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let mut records = many(5_001);
        let applied = world.apply(NPM, all(&records)).await.unwrap();
        assert_eq!((applied.added, applied.packages), (5_001, 5_001));
        for record in &mut records {
            record["modified"] = json!("2024-02-01T00:00:00Z");
        }
        records.truncate(5_000);
        let applied = world.apply(NPM, all(&records)).await.unwrap();
        assert_eq!(
            (applied.changed, applied.dropped, applied.unchanged),
            (5_000, 1, 0)
        );
        let feed = world.state_of(NPM).await;
        assert_eq!((feed.records, world.stored().await.len()), (5_000, 5_000));
        assert_eq!(feed.revision, "2024-02-01T00:00:00Z");
    }
}

#[tokio::test]
async fn the_state_of_a_feed_tells_its_age_and_failures_keep_the_last_good_one() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        world.feed(feeds::EXPLOITED, "").await;
        let hour = NOW.plus_millis(3_600_000);
        let mut session = fresh.database.read().await.unwrap();
        let [state] = &feeds::states(&mut session, hour).await.unwrap()[..] else {
            panic!("the catalogue is no feed that findings rest on")
        };
        assert_eq!(
            (state.name.as_str(), state.age_s, state.fetched_at),
            (NPM, None, None)
        );
        world.publish(&many(2)).await;
        let mut tx = world.begin().await;
        feeds::failed(&mut tx, NPM, "the server answered with status 503", hour)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let state = &feeds::states_of(&mut session, &["npm"], hour).await.unwrap()[0];
        assert_eq!((state.age_s, state.records), (Some(3_600), 2));
        assert!(
            feeds::states_of(&mut session, &["PyPI"], hour)
                .await
                .unwrap()
                .is_empty()
        );
        let feed = world.state_of(NPM).await;
        assert_eq!(
            (feed.synced_at, feed.attempted_at),
            (Some(NOW.millis()), Some(hour.millis()))
        );
        assert!(feed.error.is_some());
        let mut tx = world.begin().await;
        feeds::confirmed(&mut tx, NPM, hour).await.unwrap();
        tx.commit().await.unwrap();
        let feed = world.state_of(NPM).await;
        assert_eq!((feed.synced_at, feed.error), (Some(hour.millis()), None));
    }
}
