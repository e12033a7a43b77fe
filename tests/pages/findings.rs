//! Findings across projects and of one, one finding, one advisory: as pages, as JSON, as CSV.

use serde_json::Value;
use store::tokens::Action;

use crate::site::{Site, advisory, token};

/// Two products; one flaw is in both, one in the first only.
async fn two_products() -> Site {
    let site = Site::new().await;
    let mut shared = advisory("RUSTSEC-2026-0001", "alpha", "1.4.0");
    shared["aliases"] = serde_json::json!(["CVE-2026-1000"]);
    shared["references"] = serde_json::json!([{"type": "WEB", "url": "https://example.org/alpha"}]);
    site.publish(&[shared, advisory("RUSTSEC-2026-0002", "beta", "9.0.0")])
        .await;
    site.build("platform/shop", "main", &[("alpha", "1.0.0"), ("beta", "1.0.0")])
        .await;
    site.build("store", "main", &[("alpha", "1.0.0")]).await;
    site.build("store", "topic", &[("beta", "1.0.0")]).await;
    site
}

fn ids(list: &Value) -> Vec<(String, String)> {
    let of = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| (of(item, "canonical"), of(item, "project")))
        .collect()
}

#[tokio::test]
async fn the_list_shows_tracked_branches_and_keeps_its_filter() {
    let site = two_products().await;
    let page = site.page("/findings").await;
    for expected in [
        "CVE-2026-1000",
        "RUSTSEC-2026-0002",
        "in <a href=\"/projects/platform/shop\">",
        "all 3 components checked",
        "1–3 of 3",
        "cargo update -p alpha --precise 1.4.0",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let page = site
        .page("/findings?q=alpha&severity=critical&severity=high&limit=1")
        .await;
    assert!(page.contains("1–1 of 2") || page.contains("1 of 2"), "{page}");
    let next = page
        .split("rel=\"next\"")
        .next()
        .unwrap()
        .rsplit("href=\"")
        .next()
        .unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    assert!(next.starts_with("/findings?q=alpha&severity=critical&severity=high&limit=1&cursor="));
    let second = site.page(&next).await;
    assert!(
        second.contains("CVE-2026-1000") && second.contains("First"),
        "{second}"
    );
    let none = site.page("/findings?q=left-pad").await;
    assert!(none.contains("0 of 3 findings match"), "{none}");
}

#[tokio::test]
async fn json_lists_page_filter_and_refuse_what_they_do_not_know() {
    let site = two_products().await;
    let all = site.json("/v1/findings").await;
    assert_eq!(all["total"], serde_json::json!({"value": 3, "relation": "eq"}));
    assert_eq!(ids(&all).len(), 3);
    let of_shop = site.json("/v1/projects/platform%2Fshop/findings?q=ALPH").await;
    assert_eq!(
        ids(&of_shop),
        [("CVE-2026-1000".to_owned(), "platform/shop".to_owned())]
    );
    let topic = site.json("/v1/projects/store/findings?ref=topic").await;
    assert_eq!(ids(&topic)[0].0, "RUSTSEC-2026-0002");
    let team = site.json("/v1/findings?team=platform&kev=true").await;
    assert_eq!(ids(&team), []);
    for wrong in [
        "/v1/findings?sevrity=high",
        "/v1/findings?severity=awful",
        "/v1/findings?kev=maybe",
        "/v1/findings?cursor=nonsense",
        "/v1/findings?limit=0",
        "/v1/findings?ref=main",
    ] {
        assert_eq!(site.get(wrong).await.status.as_u16(), 400, "{wrong}");
    }
    assert_eq!(
        site.get("/v1/projects/store/findings?ref=gone")
            .await
            .status
            .as_u16(),
        404
    );
    let csv = site.page("/v1/findings.csv?severity=critical").await;
    assert!(csv.starts_with("id,project,ref,state,class,canonical"), "{csv}");
    assert_eq!(csv.lines().count(), 4);
}

#[tokio::test]
async fn one_finding_says_why_what_to_do_and_how_we_know() {
    let site = two_products().await;
    let list = site.json("/v1/projects/platform%2Fshop/findings?q=alpha").await;
    let id = list["items"][0]["id"].as_str().unwrap();
    let page = site.page(&format!("/findings/{id}")).await;
    for expected in [
        "CVE-2026-1000",
        "1.4.0",
        "Also in 1 other project",
        "https://example.org/alpha",
        "it was there when the project was first checked",
        "RUSTSEC-2026-0001",
        "build 1",
        "KEV not loaded",
        "EPSS not known",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert!(page.contains("Save decision"), "it can be decided here");
    let json = site.json(&format!("/v1/findings/{id}")).await;
    assert_eq!(json["other_projects"], 1);
    assert_eq!(json["history"].as_array().unwrap().len(), 1);
    assert_eq!(json["records"][0]["affected"], true);
    assert_eq!(site.get("/findings/none").await.status.as_u16(), 404);
    assert_eq!(site.get("/v1/findings/none").await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_fixed_finding_stays_to_be_read() {
    let mut site = two_products().await;
    let list = site.json("/v1/projects/store/findings").await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    site.day("2026-01-02").await;
    site.build("store", "main", &[("alpha", "1.4.0")]).await;
    assert_eq!(ids(&site.json("/v1/projects/store/findings").await), []);
    let closed = site.json("/v1/projects/store/findings?state=closed").await;
    assert_eq!(closed["items"][0]["close_reason"], "fixed");
    let page = site.page(&format!("/findings/{id}")).await;
    assert!(
        page.contains("Fixed") && page.contains("in a version that is not affected"),
        "{page}"
    );
    let clean = site.page("/projects/store/findings").await;
    assert!(
        clean.contains("Nothing found") && clean.contains("all 1 component checked"),
        "{clean}"
    );
}

#[tokio::test]
async fn an_advisory_names_whom_it_touches_under_any_of_its_ids() {
    let site = two_products().await;
    for id in ["CVE-2026-1000", "RUSTSEC-2026-0001"] {
        let page = site.page(&format!("/advisories/{id}")).await;
        for expected in [
            "CVE-2026-1000",
            "a flaw in alpha",
            "platform/shop",
            "2 of 2 projects checked",
            "https://example.org/alpha",
            "/components/pkg:cargo/alpha",
            "fixed 1.4.0",
        ] {
            assert!(page.contains(expected), "{id}, {expected}: {page}");
        }
    }
    let json = site.json("/v1/advisories/RUSTSEC-2026-0001/affected").await;
    assert_eq!(json["canonical"], "CVE-2026-1000");
    assert_eq!(ids(&json).len(), 2);
    assert_eq!(
        (&json["checked_projects"], &json["projects"]),
        (&2.into(), &2.into())
    );
    let record = site.json("/v1/vulns/CVE-2026-1000").await;
    assert_eq!(record["id"], "RUSTSEC-2026-0001");
    for missing in [
        "/advisories/CVE-1999-1",
        "/v1/vulns/x",
        "/v1/advisories/x/affected",
    ] {
        assert_eq!(site.get(missing).await.status.as_u16(), 404, "{missing}");
    }
    let typed = site.get("/components?q=cve-2026-1000").await;
    assert_eq!(
        (typed.status.as_u16(), typed.location.as_str()),
        (303, "/advisories/CVE-2026-1000")
    );
}

#[tokio::test]
async fn what_no_feed_covers_is_not_checked_rather_than_clean() {
    let site = Site::new().await;
    assert!(site.page("/findings").await.contains("Not checked yet"));
    site.build("shop", "main", &[("alpha", "1.0.0")]).await;
    for path in ["/findings", "/projects/shop/findings"] {
        let page = site.page(path).await;
        assert!(
            page.contains("Not checked yet") && page.contains("0 of 1 component checked"),
            "{path}: {page}"
        );
        assert!(!page.contains("Nothing found"), "{path}");
    }
}

#[tokio::test]
async fn a_token_of_one_project_sees_no_other() {
    let site = two_products().await;
    let bound = token(&site, Action::Read, Some("store")).await;
    let read = |path: &'static str| {
        let (site, bound) = (&site, &bound);
        async move { site.get_as(bound, path).await }
    };
    let list: Value = serde_json::from_str(&read("/v1/findings").await.body).unwrap();
    assert_eq!(ids(&list), [("CVE-2026-1000".to_owned(), "store".to_owned())]);
    let id = list["items"][0]["id"].as_str().unwrap();
    let own = site.get_as(&bound, &format!("/v1/findings/{id}")).await;
    let own: Value = serde_json::from_str(&own.body).unwrap();
    assert_eq!(own.get("other_projects"), None, "others are not even counted");
    let affected: Value =
        serde_json::from_str(&read("/v1/advisories/CVE-2026-1000/affected").await.body).unwrap();
    assert_eq!((ids(&affected).len(), &affected["projects"]), (1, &1.into()));
    let all = site.json("/v1/projects/platform%2Fshop/findings").await;
    let foreign = all["items"][0]["id"].as_str().unwrap();
    for hidden in [
        format!("/v1/findings/{foreign}"),
        "/v1/projects/platform%2Fshop/findings".to_owned(),
        "/v1/projects/platform%2Fshop/components".to_owned(),
        "/v1/projects/platform%2Fshop/licenses".to_owned(),
    ] {
        assert_eq!(
            site.get_as(&bound, &hidden).await.status.as_u16(),
            404,
            "{hidden}"
        );
    }
}
