//! The overview of everything: fresh, unchecked, and in use.

use serde_json::{Value, json};

use crate::site::{Site, advisory};

#[tokio::test]
async fn an_empty_portfolio_says_how_to_begin_and_shows_no_number() {
    let site = Site::new().await;
    let page = site.page("/").await;
    assert!(
        page.contains("Nothing has been sent yet") && page.contains("href=\"/start\""),
        "{page}"
    );
    assert!(!page.contains("class=\"tile\""));
}

#[tokio::test]
async fn without_a_feed_nothing_is_known_and_no_number_is_zero() {
    let site = Site::new().await;
    site.build("platform/shop", "main", &[("alpha", "1.0.0")]).await;
    let page = site.page("/").await;
    assert_eq!(
        page.matches(">not checked yet</span></figcaption>").count(),
        4,
        "{page}"
    );
    assert_eq!(tile(&page, "Open critical and high"), "Not checked yet");
    assert_eq!(
        tile(&page, "Gates failing"),
        "0 of 1",
        "the verdict is there: undecided"
    );
    assert!(page.contains("Undecided"));
    let metrics: Value =
        serde_json::from_str(&site.page("/v1/metrics/portfolio?from=2025-12-30").await).unwrap();
    assert_eq!(metrics["now"]["open"], Value::Null);
    assert_eq!(metrics["now"]["projects"]["undecided"], 1);
    assert_eq!(metrics["points"].as_array().unwrap().len(), 3);
    assert!(
        metrics["points"]
            .as_array()
            .unwrap()
            .iter()
            .all(|point| point["open"].is_null())
    );
}

#[tokio::test]
async fn a_year_of_findings_is_told_in_numbers_trends_and_causes() {
    let mut site = Site::new().await;
    site.publish(&[advisory("RUSTSEC-2026-0001", "alpha", "2.0.0")])
        .await;
    site.build("platform/shop", "main", &[("alpha", "1.0.0"), ("beta", "1.0.0")])
        .await;
    site.build("finance/ledger", "main", &[("alpha", "1.0.0")]).await;
    site.build("finance/clean", "main", &[("gamma", "1.0.0")]).await;
    site.day("2026-01-05").await;
    site.build("finance/ledger", "main", &[("alpha", "2.0.0")]).await;
    site.day("2026-01-20").await;
    let page = site.page("/").await;
    assert!(
        page.contains("Critical findings went from <b>2</b> to <b>1</b> in 90 days."),
        "{page}"
    );
    assert_eq!(tile(&page, "Open critical and high"), "1");
    assert_eq!(tile(&page, "Gates failing"), "1 of 3");
    // One was fixed after four days; the other is past its seven.
    assert_eq!(tile(&page, "Fixed within SLA"), "50 %");
    assert!(page.contains("href=\"/projects/platform/shop\""));
    assert!(page.contains("2.0.0"), "the upgrade that clears most");
    let team = site.page("/?team=finance&tag=&days=30").await;
    assert_eq!(tile(&team, "Open critical and high"), "0", "{team}");
    assert!(!team.contains("href=\"/projects/platform/shop\""));
    let metrics: Value = serde_json::from_str(
        &site
            .page("/v1/metrics/teams/finance?from=2026-01-01&step=week")
            .await,
    )
    .unwrap();
    let points: Vec<Value> = metrics["points"].as_array().unwrap().clone();
    let shown: Vec<_> = points
        .iter()
        .map(|point| {
            (
                point["day"].as_str().unwrap(),
                point["open"]["critical"].as_i64(),
                &point["new"],
                &point["fixed"],
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("2026-01-04", Some(1), &json!(1), &json!(0)),
            ("2026-01-11", Some(0), &json!(0), &json!(1)),
            ("2026-01-18", Some(0), &json!(0), &json!(0)),
            ("2026-01-20", Some(0), &json!(0), &json!(0)),
        ]
    );
    assert_eq!(metrics["now"]["known_exploited"], json!(0), "none of no findings");
}

#[tokio::test]
async fn the_report_says_how_findings_are_answered() {
    let mut site = Site::new().await;
    let page = site.page("/report").await;
    assert!(page.contains("Nothing has been sent yet"), "{page}");
    site.build("platform/shop", "main", &[("alpha", "1.0.0")]).await;
    let page = site.page("/report").await;
    assert_eq!(
        tile(&page, "Exposure days"),
        "Not checked yet",
        "no feed, no number"
    );
    site.publish(&[advisory("RUSTSEC-2026-0001", "alpha", "2.0.0")])
        .await;
    // Critical from 1 to 11 January at noon: ten days. Then fixed: one new, one fixed.
    site.day("2026-01-11").await;
    site.build("platform/shop", "main", &[("alpha", "2.0.0")]).await;
    site.day("2026-01-20").await;
    let page = site.page("/report?team=platform").await;
    assert!(page.contains("Report on team platform"), "{page}");
    assert_eq!(tile(&page, "Exposure days"), "10");
    assert_eq!(tile(&page, "Net resolve rate"), "100 %");
    assert_eq!(tile(&page, "Reopened"), "0 %");
    assert_eq!(tile(&page, "Median to triage"), "–");
    // It comes back: two began, one of them once more.
    site.build("platform/shop", "main", &[("alpha", "1.0.0")]).await;
    let page = site.page("/report").await;
    assert_eq!(tile(&page, "Reopened"), "50 %");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_said_to_be_wrong() {
    let site = Site::new().await;
    for path in [
        "/?days=7",
        "/?colour=red",
        "/v1/metrics/portfolio?to=2030-01-01",
        "/v1/metrics/portfolio?step=hour",
    ] {
        assert_eq!(site.get(path).await.status.as_u16(), 400, "{path}");
    }
    assert_eq!(site.get("/v1/metrics/teams/nobody").await.status.as_u16(), 404);
}

/// The value of a tile, with its unit.
pub(crate) fn tile(page: &str, label: &str) -> String {
    let (_, rest) = page.split_once(&format!(">{label}</a></dt>")).unwrap();
    let (value, _) = rest.split_once("</dd>").unwrap();
    let text = value
        .split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    text.collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
