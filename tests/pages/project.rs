//! One project in every state: nothing sent, waiting, undecided, failing, given up; and its branches.

use serde_json::Value;
use store::builds;

use crate::portfolio::tile;
use crate::site::{Site, advisory, sbom};

#[tokio::test]
async fn a_build_that_waits_is_neither_clean_nor_without_a_trace() {
    let site = Site::new().await;
    let sent = site
        .send("platform/shop", "main", &sbom(&[("alpha", "1.0.0")]))
        .await;
    assert_eq!(sent.location, "/projects/platform/shop/builds/1");
    assert!(site.page(&sent.location).await.contains("Not checked yet"));
    let page = site.page("/projects/platform/shop").await;
    assert!(page.contains("Checking this build"), "{page}");
    assert_eq!(tile(&page, "Open findings"), "Not checked yet");
    assert_eq!(tile(&page, "Components"), "1");
    let list = site.page("/projects/platform/shop/builds").await;
    assert!(list.contains("Pending") && list.contains("not checked"), "{list}");
}

#[tokio::test]
async fn what_no_feed_covers_is_undecided_and_says_why() {
    let site = Site::new().await;
    site.build("shop", "main", &[("alpha", "1.0.0")]).await;
    let page = site.page("/projects/shop").await;
    assert!(page.contains("Gate undecided"), "{page}");
    assert!(page.contains("0 of 1 component checked"));
    assert_eq!(tile(&page, "Open findings"), "Not checked yet");
    assert!(page.contains("No build has been checked in this time."));
    let build = site.page("/projects/shop/builds/1").await;
    assert!(
        build.contains("1 component: no advisory feed for its ecosystem is loaded"),
        "{build}"
    );
    let list = site.page("/projects/shop/builds").await;
    assert!(
        list.contains("not checked") && !list.contains("none known"),
        "{list}"
    );
}

#[tokio::test]
async fn a_failing_project_shows_the_verdict_the_way_out_and_what_changed() {
    let mut site = Site::new().await;
    site.publish(&[]).await;
    site.build("platform/shop", "main", &[("alpha", "1.0.0"), ("beta", "1.0.0")])
        .await;
    assert!(
        site.page("/projects/platform/shop")
            .await
            .contains("No known finding affects this build: all 2 components checked.")
    );
    site.day("2026-01-03").await;
    let mut record = advisory("RUSTSEC-2026-0001", "alpha", "1.4.0");
    record["published"] = "2026-01-03T00:00:00Z".into();
    site.publish(&[record]).await;
    let page = site.page("/projects/platform/shop?days=30").await;
    for expected in [
        "Gate failed",
        "Upgrade alpha to 1.4.0",
        "cargo update",
        "Turned red.",
        "Your code did not change: advisories spoke of RUSTSEC-2026-0001.",
        "From 0 to 1, with a peak of 1",
        "an advisory was published; your code did not change",
        "7 d left",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert_eq!(tile(&page, "Open findings"), "1");
    assert_eq!(tile(&page, "Fixable now"), "1 of 1");
    let trend: Value = serde_json::from_str(
        &site
            .page("/v1/projects/platform%2Fshop/trend?from=2025-12-31")
            .await,
    )
    .unwrap();
    let open: Vec<Option<i64>> = trend["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["open"]["critical"].as_i64())
        .collect();
    assert_eq!(open, [None, Some(0), Some(0), Some(1)]);
}

#[tokio::test]
async fn each_branch_has_its_own_state() {
    let mut site = Site::new().await;
    site.publish(&[advisory("RUSTSEC-2026-0001", "alpha", "1.4.0")])
        .await;
    site.build("platform/shop", "main", &[("alpha", "1.4.0")]).await;
    site.day("2026-01-02").await;
    site.build(
        "platform/shop",
        "feature/a&b",
        &[("alpha", "1.0.0"), ("beta", "1.0.0")],
    )
    .await;
    let main = site.page("/projects/platform/shop").await;
    assert!(
        main.contains("Gate passed") && main.contains("?ref=feature%2Fa%26b"),
        "{main}"
    );
    let branch = site.page("/projects/platform/shop?ref=feature%2Fa%26b").await;
    assert!(
        branch.contains("Gate failed") && branch.contains("feature/a&#38;b"),
        "{branch}"
    );
    assert_eq!(tile(&branch, "Components"), "2");
    assert_eq!(
        tile(&site.page("/").await, "Open critical and high"),
        "0",
        "branches are in no number of the portfolio"
    );
    assert_eq!(
        site.get("/projects/platform/shop?ref=gone").await.status.as_u16(),
        404
    );
}

#[tokio::test]
async fn a_build_that_was_given_up_says_so_and_leaves_what_was_before() {
    let mut site = Site::new().await;
    site.publish(&[]).await;
    site.build("shop", "main", &[("alpha", "1.0.0")]).await;
    site.day("2026-01-02").await;
    site.send("shop", "main", &sbom(&[("alpha", "2.0.0")])).await;
    let mut tx = site.database.begin().await.unwrap();
    let project = store::projects::find(&mut tx, "shop").await.unwrap().unwrap();
    let build = builds::by_number(&mut tx, project.id, 2).await.unwrap().unwrap();
    builds::fail(
        &mut tx,
        build.id,
        "The policy could not be read.",
        "2026-01-02".parse().unwrap(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let page = site.page("/projects/shop").await;
    assert!(
        page.contains("Gate passed")
            && page.contains("Build 2 could not be checked; what is shown is from before."),
        "{page}"
    );
    assert!(
        site.page("/projects/shop/builds/2")
            .await
            .contains("The policy could not be read.")
    );
    assert!(site.page("/projects/shop/builds").await.contains("Not readable"));
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_says_so() {
    let site = Site::new().await;
    site.build("shop", "main", &[("alpha", "1.0.0")]).await;
    for path in [
        "/projects/none",
        "/projects/a/none",
        "/projects/shop/builds/9",
        "/projects/shop/builds/x",
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status.as_u16(), 404, "{path}");
        assert!(answer.body.contains("<!doctype html>"), "{path}: {}", answer.body);
    }
}
