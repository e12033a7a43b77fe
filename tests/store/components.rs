//! Components across projects: searches, holders, matches, licenses.

use store::components::usage::{self, LicenseCounts};
use store::components::{self, Filter, Search};
use store::db::Session;
use store::findings::list::Narrowing;

use crate::databases::both;
use crate::planted::{NOW, plant};

async fn found(session: &mut Session, typed: &str, filter: &Filter) -> Vec<String> {
    let found = components::search(session, &Search::read(typed), filter, None, 50)
        .await
        .unwrap();
    assert_eq!(
        found.total,
        i64::try_from(found.versions.len()).unwrap(),
        "{typed}"
    );
    assert!(found.next.is_none());
    found
        .versions
        .into_iter()
        .map(|version| format!("{}@{}", version.name, version.version))
        .collect()
}

#[tokio::test]
async fn a_component_is_found_by_name_range_purl_and_advisory() {
    for fresh in both().await {
        plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        for (typed, expect) in [
            ("LODASH", vec!["lodash@4.17.20"]),
            ("lodash@<4.17.21", vec!["lodash@4.17.20"]),
            ("lodash@<4.17.20", vec![]),
            ("lodash@4.17.20", vec!["lodash@4.17.20"]),
            ("pkg:npm/lodash", vec!["lodash@4.17.20"]),
            ("pkg:npm/lodash@4.17.15", vec![]),
            ("pkg:npm/%40types/node", vec!["@types/node@20.1.0"]),
            ("@types/", vec!["@types/node@20.1.0"]),
            ("cve-2021-23337", vec!["lodash@4.17.20"]),
            ("GHSA-xvch-5gv4-984h", vec!["minimist@1.2.5"]),
            ("left-pad", vec![]),
        ] {
            assert_eq!(
                found(&mut session, typed, &Filter::default()).await,
                expect,
                "{typed}"
            );
        }
    }
}

#[tokio::test]
async fn a_filter_says_which_holders_count() {
    for fresh in both().await {
        let planted = plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let superseded = Filter {
            superseded: true,
            ..Filter::default()
        };
        assert_eq!(
            found(&mut session, "lodash", &superseded).await,
            ["lodash@4.17.20", "lodash@4.17.15", "lodash.get@4.4.2"]
        );
        let of_storefront = Filter {
            project: Some(planted.storefront.id),
            ..Filter::default()
        };
        assert!(found(&mut session, "minimist", &of_storefront).await.is_empty());
        let transitive = Filter {
            direct: Some(false),
            ..Filter::default()
        };
        assert_eq!(
            found(&mut session, "", &transitive).await,
            ["@types/node@20.1.0", "minimist@1.2.5"]
        );
        let pypi = Filter {
            ecosystem: Some("PyPI".to_owned()),
            ..Filter::default()
        };
        assert!(found(&mut session, "", &pypi).await.is_empty());
    }
}

#[tokio::test]
async fn a_version_that_no_range_can_hold_is_undecided_not_outside() {
    for fresh in both().await {
        plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let search = Search::read("lodash@<next");
        let found = components::search(&mut session, &search, &Filter::default(), None, 50)
            .await
            .unwrap();
        assert_eq!((found.versions.len(), found.undecided.len()), (0, 1));
    }
}

#[tokio::test]
async fn pages_of_components_go_on_after_a_key() {
    for fresh in both().await {
        plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = components::search(
                &mut session,
                &Search::Name(String::new()),
                &Filter::default(),
                after,
                1,
            )
            .await
            .unwrap();
            assert_eq!(page.total, 3);
            seen.extend(page.versions.into_iter().map(|version| version.name));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["@types/node", "lodash", "minimist"]);
    }
}

#[tokio::test]
async fn a_version_comes_with_its_holders_matches_and_licenses() {
    for fresh in both().await {
        let planted = plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let all = Filter::default();
        let versions = components::versions_of(&mut session, "npm", "lodash", &all)
            .await
            .unwrap();
        let ids: Vec<i64> = versions.iter().map(|version| version.id).collect();
        assert_eq!(ids.len(), 1);
        let usage = usage::of_versions(&mut session, &ids, &all).await.unwrap();
        let usage = usage.get(&ids[0]).unwrap();
        assert_eq!((usage.projects, usage.direct), (2, Some(2)));
        assert_eq!(usage.seen_at, Some(NOW.plus_days(-1).millis()));
        assert_eq!(
            usage.seen_in,
            [
                ("platform/payments".to_owned(), 2),
                ("shop/storefront".to_owned(), 1)
            ]
        );
        assert_eq!(usage.licenses, [("MIT".to_owned(), 2)]);
        let matches = usage::matches(&mut session, &ids).await.unwrap();
        let matched: Vec<_> = matches[&ids[0]]
            .iter()
            .map(|found| found.canonical.as_str())
            .collect();
        assert_eq!(matched, ["CVE-2021-23337"]);

        let users = usage::users(&mut session, planted.lodash, None, None, 50)
            .await
            .unwrap();
        let named: Vec<_> = users
            .iter()
            .map(|user| (user.project.as_str(), user.build))
            .collect();
        assert_eq!(named, [("platform/payments", 2), ("shop/storefront", 1)]);
        assert_eq!(
            usage::users_total(&mut session, planted.lodash, None)
                .await
                .unwrap(),
            2
        );
        let since = usage::since(&mut session, &users).await.unwrap();
        assert_eq!(since[&users[0].key()], NOW.plus_days(-30).millis());
    }
}

#[tokio::test]
async fn what_was_not_checked_says_why() {
    for fresh in both().await {
        plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let all = Filter::default();
        let lodash = components::versions_of(&mut session, "npm", "lodash", &all)
            .await
            .unwrap()
            .remove(0);
        let npm = ["npm".to_owned()];
        assert_eq!(lodash.why_not_checked(&npm), None);
        assert_eq!(lodash.why_not_checked(&[]), Some("feed_not_loaded"));
        let mut other = lodash.clone();
        other.matched_revision = None;
        assert_eq!(other.why_not_checked(&npm), Some("not_matched_yet"));
        other.version.clear();
        assert_eq!(other.why_not_checked(&npm), Some("no_version"));
        other.identity = "unidentified:lodash@".to_owned();
        assert_eq!(other.why_not_checked(&npm), Some("no_purl"));
    }
}

#[tokio::test]
async fn licenses_count_each_version_of_the_tracked_refs_once() {
    for fresh in both().await {
        let planted = plant(&fresh.database).await;
        let mut session = fresh.database.read().await.unwrap();
        let counts = |rows: &[(&str, i64)]| LicenseCounts {
            counts: rows.iter().map(|(text, n)| ((*text).to_owned(), *n)).collect(),
            at_least: false,
        };
        let all = Narrowing::default();
        let everywhere = usage::license_counts(&mut session, &all).await.unwrap();
        assert_eq!(everywhere, counts(&[("", 1), ("AGPL-3.0-only", 1), ("MIT", 1)]));
        let storefront = Narrowing {
            project: Some(planted.storefront.id),
            ..Narrowing::default()
        };
        let shop = Narrowing {
            team: Some("shop".to_owned()),
            ..Narrowing::default()
        };
        for narrowing in [storefront, shop] {
            let narrowed = usage::license_counts(&mut session, &narrowing).await.unwrap();
            assert_eq!(narrowed, counts(&[("MIT", 1)]), "{narrowing:?}");
        }
        for (name, licenses, expect) in [
            ("", vec![""], vec!["@types/node 20.1.0"]),
            (
                "",
                vec!["MIT", "AGPL-3.0-only"],
                vec!["lodash 4.17.20", "minimist 1.2.5"],
            ),
            ("MINI", vec!["MIT", "AGPL-3.0-only"], vec!["minimist 1.2.5"]),
            ("", vec!["ISC"], vec![]),
        ] {
            let licenses: Vec<String> = licenses.iter().map(ToString::to_string).collect();
            let search = Search::licensed(name, &licenses);
            let found = components::search(&mut session, &search, &Filter::default(), None, 50)
                .await
                .unwrap();
            let found: Vec<String> = found
                .versions
                .iter()
                .map(|version| format!("{} {}", version.name, version.version))
                .collect();
            assert_eq!(found, expect, "{licenses:?}");
        }
    }
}
