//! The life of findings: opened, rated anew, moved, closed, opened again, each with its cause.

use serde_json::json;

use crate::databases::both;
use crate::story::{Story, advisory};

const CRITICAL: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const MEDIUM: &str = "CVSS:3.1/AV:N/AC:H/PR:L/UI:N/S:U/C:L/I:L/A:N";

#[tokio::test]
async fn a_finding_says_why_it_opened() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        story.day("2024-01-02");
        story
            .publish(&[advisory(
                "RUSTSEC-2024-0001",
                "alpha",
                "2.0.0",
                "2024-01-01",
                CRITICAL,
            )])
            .await;
        story.day("2024-01-03");
        let first = story
            .build("main", &[("alpha", "1.0.0"), ("beta", "1.0.0")])
            .await;
        assert_eq!(
            (first.status.as_str(), first.outcome.as_deref()),
            ("succeeded", Some("fail"))
        );

        story.day("2024-02-01");
        story
            .publish(&[advisory(
                "RUSTSEC-2024-0002",
                "beta",
                "1.2.0",
                "2024-01-31",
                MEDIUM,
            )])
            .await;
        assert_eq!(
            story.cause(&first).await,
            "Your code did not change: advisories spoke of RUSTSEC-2024-0002"
        );

        story.day("2024-02-02");
        story
            .publish(&[advisory(
                "RUSTSEC-2024-0003",
                "gamma",
                "9.0.0",
                "2024-02-01",
                MEDIUM,
            )])
            .await;
        story
            .build(
                "main",
                &[("alpha", "1.5.0"), ("beta", "1.0.0"), ("gamma", "1.0.0")],
            )
            .await;
        assert_eq!(
            story.findings("main").await,
            [
                "alpha@1.0.0 RUSTSEC-2024-0001: first_scan 1, since 2024-01-03, moved",
                "beta@1.0.0 RUSTSEC-2024-0002: advisory_published RUSTSEC-2024-0002, since 2024-02-01",
                "alpha@1.5.0 RUSTSEC-2024-0001: version_changed 1.0.0, since 2024-01-03",
                "gamma@1.0.0 RUSTSEC-2024-0003: component_added 2, since 2024-02-02",
            ],
            "{:?}",
            fresh.engine
        );
        assert_eq!(story.trend("portfolio").await, 3);
        assert_eq!(story.trend("team:team").await, 3);
    }
}

#[tokio::test]
async fn a_finding_says_why_it_closed_and_keeps_its_age_when_it_returns() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        story.day("2024-01-02");
        let mut record = advisory("RUSTSEC-2024-0001", "alpha", "2.0.0", "2024-01-01", CRITICAL);
        let other = advisory("RUSTSEC-2024-0002", "beta", "1.2.0", "2024-01-01", MEDIUM);
        story.publish(&[record.clone(), other]).await;
        story.day("2024-01-03");
        let build = story
            .build("main", &[("alpha", "1.0.0"), ("beta", "1.0.0")])
            .await;
        story.day("2024-01-04");
        story.build("main", &[("alpha", "2.0.0")]).await;
        assert_eq!(
            story.findings("main").await,
            [
                "alpha@1.0.0 RUSTSEC-2024-0001: first_scan 1, since 2024-01-03, fixed",
                "beta@1.0.0 RUSTSEC-2024-0002: first_scan 1, since 2024-01-03, removed",
            ]
        );
        assert_eq!(story.trend("portfolio").await, 0);

        story.day("2024-01-05");
        story.build("main", &[("alpha", "1.0.0")]).await;
        story.day("2024-01-06");
        record["severity"] = json!([{"type": "CVSS_V3", "score": MEDIUM}]);
        record["modified"] = json!("2024-01-06T00:00:00Z");
        story.publish(&[record.clone()]).await;
        story.day("2024-01-07");
        record["withdrawn"] = json!("2024-01-07T00:00:00Z");
        record["modified"] = json!("2024-01-07T00:00:00Z");
        story.publish(&[record]).await;
        assert_eq!(
            story.spans().await,
            [
                "RUSTSEC-2024-0001 5 2024-01-03..2024-01-04 fixed 2.0.0",
                "RUSTSEC-2024-0001 5 2024-01-05..2024-01-06 rescored RUSTSEC-2024-0001",
                "RUSTSEC-2024-0001 3 2024-01-06..2024-01-07 retracted RUSTSEC-2024-0001 was withdrawn on 2024-01-07",
                "RUSTSEC-2024-0002 3 2024-01-03..2024-01-04 removed",
            ]
        );
        assert_eq!(story.trend("portfolio").await, 0);
        assert_eq!(
            story.reload(&build).await.outcome.as_deref(),
            Some("fail"),
            "a build that is no longer the state of its ref keeps its verdict"
        );
    }
}

#[tokio::test]
async fn a_build_that_ends_late_does_not_become_the_state_of_its_ref() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        story.day("2024-01-02");
        story
            .publish(&[advisory(
                "RUSTSEC-2024-0001",
                "alpha",
                "2.0.0",
                "2024-01-01",
                CRITICAL,
            )])
            .await;
        story.day("2024-01-03");
        let older = story.upload("main", &[("alpha", "1.0.0")]).await;
        // A clock behind ours accepted the newer build, so its audit is due first.
        story.day("2024-01-02");
        let newer = story.build("main", &[("alpha", "2.0.0")]).await;
        assert_eq!(story.reload(&older).await.status, "queued");
        story.day("2024-01-03");
        story.work().await;
        story
            .publish(&[advisory(
                "RUSTSEC-2024-0009",
                "alpha",
                "1.9.0",
                "2024-01-01",
                CRITICAL,
            )])
            .await;
        let (older, newer) = (story.reload(&older).await, story.reload(&newer).await);
        assert_eq!(older.outcome.as_deref(), Some("fail"));
        // Its crates name no license, so it is not a pass.
        assert_eq!(newer.outcome.as_deref(), Some("warn"));
        let open: Vec<String> = story
            .findings("main")
            .await
            .into_iter()
            .filter(|line| !line.ends_with("fixed"))
            .collect();
        assert_eq!(open, Vec::<String>::new());
    }
}

#[tokio::test]
async fn other_refs_have_findings_of_their_own_that_no_trend_counts() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        story.day("2024-01-02");
        story
            .publish(&[advisory(
                "RUSTSEC-2024-0001",
                "alpha",
                "2.0.0",
                "2024-01-01",
                CRITICAL,
            )])
            .await;
        story.build("main", &[("alpha", "2.0.0")]).await;
        story.build("topic", &[("alpha", "1.0.0")]).await;
        assert_eq!(story.findings("main").await, Vec::<String>::new());
        assert_eq!(
            story.findings("topic").await,
            ["alpha@1.0.0 RUSTSEC-2024-0001: first_scan 2, since 2024-01-02"]
        );
        assert_eq!(story.trend("portfolio").await, 0);
    }
}

#[tokio::test]
async fn a_notice_that_becomes_a_vulnerability_is_counted_from_then_on() {
    for fresh in both().await {
        let story = Story::new(fresh.database.clone()).await;
        story.day("2024-01-02");
        let mut record = advisory("RUSTSEC-2024-0001", "alpha", "2.0.0", "2024-01-01", CRITICAL);
        record["affected"][0]["database_specific"] = json!({"informational": "unsound"});
        story.publish(&[record.clone()]).await;
        story.build("main", &[("alpha", "1.0.0")]).await;
        assert_eq!(story.trend("portfolio").await, 0, "a notice counts apart");
        story.day("2024-01-03");
        record["affected"][0]["database_specific"] = json!({});
        record["modified"] = json!("2024-01-03T00:00:00Z");
        story.publish(&[record]).await;
        assert_eq!(story.trend("portfolio").await, 1);
        story.day("2024-01-04");
        story.build("main", &[("alpha", "2.0.0")]).await;
        assert_eq!(story.trend("portfolio").await, 0, "{:?}", fresh.engine);
    }
}
