//! A version is matched once; alias groups keep their identity; who is concerned is told, and nobody else.

use std::collections::BTreeSet;

use serde_json::json;
use store::builds::Build;
use store::db::Sql;
use store::matches;

use crate::databases::both;
use crate::knowledge::{NOW, NPM, World, additions, alias, record};

#[tokio::test]
async fn a_result_is_read_back_exactly_as_it_was_made() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let mut rated = alias(record("GHSA-2", "a", "3.0.0", "2024-01-02"), &["CVE-2024-2"]);
        rated["severity"] =
            json!([{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]);
        let mut malware = record("MAL-2024-3", "a", "9.0.0", "2024-01-03");
        malware["details"] = json!("steals things");
        let mut unclear = record("GHSA-4", "a", "9.0.0", "2024-01-04");
        unclear["affected"][0]["ranges"][0]["events"] = json!([{"introduced": "not-a-version"}]);
        world
            .publish(&[
                record("GHSA-1", "a", "2.0.0", "2024-01-01"),
                rated,
                malware,
                unclear,
            ])
            .await;
        let inventory = world.inventory(&["a@1.0.0", "b@1.0.0", "c@"]).await;
        assert!(
            world.knowledge(inventory, "b").await.is_none(),
            "never matched is not the same as nothing found"
        );
        let matched = world.matched(&world.stale(inventory).await).await;
        world.record(&matched).await;
        for matched in &matched {
            let known = world.knowledge(inventory, &matched.version.name).await.unwrap();
            assert_eq!(known.result(), matched.result, "{:?}", fresh.engine);
        }
        let of = |name: &str| {
            matched
                .iter()
                .find(|matched| matched.version.name == name)
                .unwrap()
        };
        assert_eq!(of("a").result.affected.len(), 3);
        assert_eq!(of("a").result.undetermined.len(), 1);
        assert_eq!(
            matched.len(),
            3,
            "the root, which is of no ecosystem, is not matched"
        );
    }
}

#[tokio::test]
async fn a_version_is_stale_until_it_was_matched_with_what_is_known_now() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        world
            .publish(&[record("GHSA-1", "a", "2.0.0", "2024-01-01")])
            .await;
        let inventory = world.inventory(&["a@1.0.0"]).await;
        assert_eq!(
            world.stale(inventory).await.len(),
            1,
            "interned after the feed was read"
        );
        world.match_inventory(inventory).await;
        assert_eq!(world.stale(inventory).await, []);
        let later = world.inventory(&["a@1.0.0", "a@1.5.0"]).await;
        assert_eq!(
            world.stale(later).await.len(),
            1,
            "the version of before is known"
        );
        world
            .publish(&[record("GHSA-2", "a", "1.2.0", "2024-01-02")])
            .await;
        assert_eq!(world.stale(later).await.len(), 2);
        let package = world.stale(later).await[0].package_id;
        let mut session = fresh.database.read().await.unwrap();
        let stale = matches::stale_of_packages(&mut session, &[package])
            .await
            .unwrap();
        assert_eq!(stale, world.stale(later).await);
    }
}

#[tokio::test]
async fn what_was_overtaken_is_not_recorded() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let inventory = world.inventory(&["a@1.0.0", "b@1.0.0"]).await;
        let matched = world.matched(&world.stale(inventory).await).await;
        world
            .publish(&[record("GHSA-1", "a", "2.0.0", "2024-01-01")])
            .await;
        let recorded = world.record(&matched).await;
        assert_eq!(recorded.overtaken, world.stale(inventory).await);
        assert_eq!(recorded.overtaken.len(), 1);
        assert!(world.knowledge(inventory, "a").await.is_none());
        assert!(world.knowledge(inventory, "b").await.is_some());
        let again = world.matched(&recorded.overtaken).await;
        assert_eq!(world.record(&again).await.overtaken, []);
        assert_eq!(world.vulnerabilities(inventory, "a").await.len(), 1);
    }
}

#[tokio::test]
async fn a_withdrawn_record_takes_its_match_back() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let mut published = record("GHSA-1", "a", "2.0.0", "2024-01-01");
        world.publish(&[published.clone()]).await;
        let inventory = world.inventory(&["a@1.0.0"]).await;
        world.match_inventory(inventory).await;
        assert_eq!(world.vulnerabilities(inventory, "a").await.len(), 1);
        published["withdrawn"] = json!("2024-02-01T00:00:00Z");
        published["modified"] = json!("2024-02-01T00:00:00Z");
        world.publish(&[published]).await;
        assert_eq!(world.match_inventory(inventory).await.changed, 1);
        assert_eq!(world.vulnerabilities(inventory, "a").await, []);
        assert_eq!(
            world.stored().await,
            ["GHSA-1"],
            "it is kept to explain what it once said"
        );
    }
}

#[tokio::test]
async fn a_vulnerability_keeps_its_identity_when_an_id_is_assigned_later() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        world
            .publish(&[record("GHSA-1", "a", "2.0.0", "2024-01-01")])
            .await;
        let inventory = world.inventory(&["a@1.0.0"]).await;
        world.match_inventory(inventory).await;
        let before = world.vulnerabilities(inventory, "a").await;
        let named = alias(record("GHSA-1", "a", "2.0.0", "2024-02-01"), &["CVE-2024-1"]);
        world.publish(&[named]).await;
        assert_eq!(world.match_inventory(inventory).await.changed, 1);
        let [(id, _)] = before[..] else {
            panic!("{before:?}")
        };
        assert_eq!(
            world.vulnerabilities(inventory, "a").await,
            [(id, "CVE-2024-1".to_owned())]
        );
    }
}

/// A finding of a build for one of its vulnerabilities, as an audit opens it.
async fn open(world: &World<'_>, build: &Build, vulnerability: i64) {
    static OPEN: Sql = Sql::new(
        "OPEN",
        "INSERT INTO finding (uuid, project_id, reference_id, package_version_id, vulnerability_id, class,
            severity, rank, scope, opened_at, cause, cause_detail, body)
         SELECT $3, b.project_id, b.reference_id, m.package_version_id, m.vulnerability_id, 'vulnerability', 4, 1,
            'required', 0, 'first_scan', '', '{}'
         FROM build b
         JOIN inventory_component c ON c.inventory_id = b.inventory_id
         JOIN package_version_vulnerability m ON m.package_version_id = c.package_version_id
         WHERE b.id = $1 AND m.vulnerability_id = $2",
    );
    let mut tx = world.begin().await;
    let uuid = format!("{}-{vulnerability}", build.id);
    let opened = tx
        .query(&OPEN)
        .bind(build.id)
        .bind(vulnerability)
        .bind(uuid)
        .run()
        .await;
    assert_eq!(opened.unwrap(), 1);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn two_vulnerabilities_that_turn_out_to_be_one_become_the_elder() {
    static FINDINGS: Sql = Sql::new("FINDINGS", "SELECT vulnerability_id FROM finding ORDER BY id");
    static GROUPS: Sql = Sql::new("GROUPS", "SELECT id FROM vulnerability ORDER BY id");
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let two = [
            record("GHSA-1", "a", "2.0.0", "2024-01-01"),
            record("SNYK-1", "a", "3.0.0", "2024-01-01"),
        ];
        world.publish(&two).await;
        let both_open = world.settled("both", "main", &["a@1.0.0"]).await;
        let one_open = world.settled("one", "main", &["a@1.1.0"]).await;
        let found = world.vulnerabilities(both_open.inventory_id, "a").await;
        let [(elder, _), (younger, _)] = found[..] else {
            panic!("{found:?}")
        };
        open(&world, &both_open, elder).await;
        open(&world, &both_open, younger).await;
        open(&world, &one_open, younger).await;
        world
            .publish(&[alias(record("SNYK-1", "a", "3.0.0", "2024-02-01"), &["GHSA-1"])])
            .await;
        world.match_inventory(both_open.inventory_id).await;
        world.match_inventory(one_open.inventory_id).await;
        for build in [&both_open, &one_open] {
            let found = world.vulnerabilities(build.inventory_id, "a").await;
            assert_eq!(found, [(elder, "GHSA-1".to_owned())], "{:?}", fresh.engine);
        }
        assert_eq!(
            world.column::<i64>(&FINDINGS).await,
            [elder, younger, elder],
            "a finding moves; where the ref has both, the audit closes the one that is too much"
        );
        assert_eq!(world.column::<i64>(&GROUPS).await, [elder, younger]);
        assert!(
            world
                .audits()
                .await
                .is_superset(&BTreeSet::from([both_open.id, one_open.id]))
        );
    }
}

#[tokio::test]
async fn a_vulnerability_that_turns_out_to_be_two_stays_what_it_is_shown_as() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let joined = alias(record("GHSA-1", "a", "2.0.0", "2024-01-01"), &["GHSA-2"]);
        world
            .publish(&[joined, record("GHSA-2", "a", "3.0.0", "2024-01-01")])
            .await;
        let inventory = world.inventory(&["a@1.0.0"]).await;
        world.match_inventory(inventory).await;
        let before = world.vulnerabilities(inventory, "a").await;
        let [(id, shown)] = &before[..] else {
            panic!("{before:?}")
        };
        assert_eq!(shown, "GHSA-1");
        world
            .publish(&[record("GHSA-1", "a", "2.0.0", "2024-02-01")])
            .await;
        world.match_inventory(inventory).await;
        let after = world.vulnerabilities(inventory, "a").await;
        let [first, second] = &after[..] else {
            panic!("{after:?}")
        };
        assert_eq!(first, &(*id, "GHSA-1".to_owned()));
        assert!(second.0 > *id && second.1 == "GHSA-2", "{after:?}");
        let known = world.knowledge(inventory, "a").await.unwrap();
        let matched = world.matched(&all_versions(&world, inventory).await).await;
        assert_eq!(known.result(), matched[0].result);
    }
}

/// The versions of an inventory, stale or not.
async fn all_versions(world: &World<'_>, inventory: i64) -> Vec<matches::VersionState> {
    static ALL: Sql = Sql::new(
        "ALL",
        "SELECT v.id, v.package_id, p.ecosystem, p.name, v.version, v.distribution_release, v.module_stream,
             v.package_id AS own_package_id, v.version AS own_version, p.revision
         FROM inventory_component c
         JOIN package_version v ON v.id = c.package_version_id
         JOIN package p ON p.id = v.package_id
         WHERE c.inventory_id = $1 AND p.ecosystem = 'npm'
         ORDER BY v.id",
    );
    let mut session = world.database.read().await.unwrap();
    session.query(&ALL).bind(inventory).all().await.unwrap()
}

#[tokio::test]
async fn a_change_concerns_current_builds_and_those_at_work_and_no_others() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        world
            .publish(&[record("GHSA-0", "zzz", "2.0.0", "2024-01-01")])
            .await;
        let replaced = world.settled("shop", "main", &["a@1.0.0", "b@1.0.0"]).await;
        let current = world.settled("shop", "main", &["a@1.0.0", "b@1.0.1"]).await;
        let other_ref = world.settled("shop", "topic", &["a@1.0.0"]).await;
        let unaffected = world.settled("safe", "main", &["a@2.0.0"]).await;
        let without = world.settled("other", "main", &["b@1.0.0"]).await;
        let waiting = world.upload("shop", "next", &["a@1.0.0", "c@1.0.0"]).await;
        world.take_jobs().await;
        world
            .publish(&[record("GHSA-1", "a", "1.5.0", "2024-01-02")])
            .await;
        assert_eq!(world.audits().await, BTreeSet::new(), "nothing was matched yet");
        let stale = world.stale(current.inventory_id).await;
        assert_eq!(stale.len(), 1);
        let recorded = world.record(&world.matched(&stale).await).await;
        assert_eq!((recorded.changed, recorded.builds), (1, 3));
        let concerned = BTreeSet::from([current.id, other_ref.id, waiting.id]);
        assert_eq!(world.audits().await, concerned, "{:?}", fresh.engine);
        world.match_inventory(unaffected.inventory_id).await;
        world.match_inventory(without.inventory_id).await;
        world.match_inventory(replaced.inventory_id).await;
        assert_eq!(world.audits().await, BTreeSet::new());
        world.match_inventory(waiting.inventory_id).await;
        assert_eq!(
            world.audits().await,
            BTreeSet::new(),
            "a build that matches its own versions needs nobody to tell it"
        );
    }
}

#[tokio::test]
async fn other_evidence_for_the_same_match_is_a_change() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        world
            .publish(&[record("GHSA-1", "a", "2.0.0", "2024-01-01")])
            .await;
        let build = world.settled("shop", "main", &["a@1.0.0"]).await;
        world.take_jobs().await;
        world
            .publish(&[record("GHSA-1", "a", "2.0.1", "2024-01-02")])
            .await;
        world.match_inventory(build.inventory_id).await;
        assert_eq!(world.audits().await, BTreeSet::from([build.id]));
        world
            .publish(&[record("GHSA-2", "a", "0.5.0", "2024-01-02")])
            .await;
        assert_eq!(world.match_inventory(build.inventory_id).await.changed, 0);
        assert_eq!(
            world.audits().await,
            BTreeSet::new(),
            "a record that does not speak of it"
        );
    }
}

#[tokio::test]
async fn uploads_and_feeds_at_the_same_time_leave_nothing_that_is_out_of_date() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..6_u32 {
            let database = fresh.database.clone();
            tasks.spawn(async move {
                let world = World { database: &database };
                let packages: Vec<String> = (0..40)
                    .map(|p| format!("p{}@1.{n}.0", (p * 7 + n) % 40))
                    .collect();
                let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
                let inventory = world.inventory(&packages).await;
                // As an audit does: again as long as somebody was quicker.
                let mut stale = world.stale(inventory).await;
                while !stale.is_empty() {
                    let matched = world.matched(&stale).await;
                    stale = world.record(&matched).await.overtaken;
                }
            });
            let database = fresh.database.clone();
            tasks.spawn(async move {
                let records: Vec<_> = (0..40)
                    .map(|p| {
                        record(
                            &format!("GHSA-{n}-{p}"),
                            &format!("p{p}"),
                            &format!("1.{p}.5"),
                            "2024-01-01",
                        )
                    })
                    .collect();
                store::advisories::apply(&database, NPM, additions(&records), NOW)
                    .await
                    .unwrap();
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        // Every package that moved on with stored versions has a job that says so.
        for (kind, payload) in world.take_jobs().await {
            if kind == store::jobs::REMATCH {
                let packages: Vec<i64> = serde_json::from_value(payload["packages"].clone()).unwrap();
                let mut session = fresh.database.read().await.unwrap();
                let stale = matches::stale_of_packages(&mut session, &packages).await.unwrap();
                drop(session);
                world.record(&world.matched(&stale).await).await;
            }
        }
        let everything: Vec<String> = (0..6)
            .flat_map(|n| (0..40).map(move |p| format!("p{p}@1.{n}.0")))
            .collect();
        let everything: Vec<&str> = everything.iter().map(String::as_str).collect();
        let inventory = world.inventory(&everything).await;
        assert_eq!(world.stale(inventory).await, [], "{:?}", fresh.engine);
        let mut session = fresh.database.read().await.unwrap();
        let known = matches::of_inventory(&mut session, inventory).await.unwrap();
        let matched = world.matched(&all_versions(&world, inventory).await).await;
        assert_eq!(matched.len(), 240);
        for matched in matched {
            assert_eq!(known[&matched.version.id].result(), matched.result);
        }
    }
}
