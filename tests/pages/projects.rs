//! The list of projects and its filters.

use crate::site::{Site, advisory};

#[tokio::test]
async fn the_most_urgent_come_first_and_what_was_not_checked_has_no_numbers() {
    let mut site = Site::new().await;
    assert!(site.page("/projects").await.contains("No project yet"));
    site.publish(&[advisory("RUSTSEC-2026-0001", "alpha", "1.4.0")])
        .await;
    site.build("platform/calm", "main", &[("beta", "1.0.0")]).await;
    site.build("platform/burning", "main", &[("alpha", "1.0.0")])
        .await;
    site.build("blind", "main", &[]).await;
    let page = site.page("/projects").await;
    let place = |name: &str| page.find(&format!("href=\"/projects/{name}\"")).unwrap();
    assert!(place("platform/burning") < place("platform/calm"), "{page}");
    assert!(page.contains("1–3 of 3"));
    let row = page.split("href=\"/projects/blind\"").nth(1).unwrap();
    let row = row.split("</tr>").next().unwrap();
    assert_eq!(
        row.matches("<span class=\"vh\">not checked</span>").count(),
        4,
        "{row}"
    );
    site.day("2026-03-20").await;
    site.build("platform/calm", "main", &[("beta", "1.1.0")]).await;
    for (query, shown) in [
        ("q=CALM", ["calm"].as_slice()),
        ("team=platform", &["calm", "burning"]),
        ("gate=fail", &["burning"]),
        ("stale=true", &["burning", "blind"]),
        ("q=&team=&gate=", &["calm", "burning", "blind"]),
        ("q=nothing", &[]),
    ] {
        let page = site.page(&format!("/projects?{query}")).await;
        for name in ["calm", "burning", "blind"] {
            assert_eq!(
                page.contains(&format!("{name}</a>")),
                shown.contains(&name),
                "{query}: {name}"
            );
        }
    }
}

#[tokio::test]
async fn the_list_goes_on_where_it_ended() {
    let site = Site::new().await;
    for name in ["a", "b", "c"] {
        site.build(name, "main", &[]).await;
    }
    let first = site.page("/projects?limit=2").await;
    assert!(first.contains("1–2 of 3"), "{first}");
    let (_, rest) = first.split_once("href=\"/projects?cursor=").unwrap();
    let cursor = rest.split('"').next().unwrap();
    let second = site.page(&format!("/projects?cursor={cursor}&limit=2")).await;
    for name in ["a", "b", "c"] {
        let link = format!("href=\"/projects/{name}\"");
        assert!(
            first.contains(&link) != second.contains(&link),
            "{name} is on one of the two"
        );
    }
}
