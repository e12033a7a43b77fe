//! Components and licenses: the search, one package, the build of a project.

use serde_json::{Value, json};
use store::tokens::Action;

use crate::site::{Site, advisory, token};

/// A product in CycloneDX: `alpha` is direct and needs `gamma`; `mystery` has no purl.
fn document(alpha: &str) -> String {
    let library = |name: &str, version: &str, license: Value| {
        let mut component = json!({
            "type": "library", "bom-ref": name, "name": name, "version": version,
            "purl": format!("pkg:cargo/{name}@{version}")
        });
        if !license.is_null() {
            component["licenses"] = json!([{ "expression": license }]);
        }
        component
    };
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "bom-ref": "shop", "name": "shop"}},
        "components": [
            library("alpha", alpha, json!("MIT OR AGPL-3.0-only")),
            library("gamma", "0.3.0", json!("AGPL-3.0-only")),
            {"type": "library", "bom-ref": "mystery", "name": "=mystery", "version": "1"},
        ],
        "dependencies": [
            {"ref": "shop", "dependsOn": ["alpha", "mystery"]},
            {"ref": "alpha", "dependsOn": ["gamma"]},
        ]
    })
    .to_string()
}

async fn two_products() -> Site {
    let site = Site::new().await;
    site.publish(&[advisory("RUSTSEC-2026-0001", "alpha", "1.4.0")])
        .await;
    for (project, alpha) in [("platform/shop", "1.0.0"), ("store", "1.4.0")] {
        let sent = site.send(project, "main", &document(alpha)).await;
        assert_eq!(sent.status.as_u16(), 303, "{}", sent.body);
    }
    site.work().await;
    site
}

fn rows(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    items
        .map(|item| format!("{} {}", text(&item["name"]), text(&item["version"])))
        .collect()
}

#[tokio::test]
async fn the_search_answers_where_something_is_used() {
    let site = two_products().await;
    let empty = site.page("/components").await;
    assert!(empty.contains("What are you looking for?"), "{empty}");
    let page = site.page("/components?q=alph").await;
    for expected in [
        "2 versions in use.",
        "/components/pkg:cargo/alpha@1.0.0",
        "none known",
        "platform/shop #1",
        "MIT OR AGPL-3.0-only",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    for (query, expect) in [
        ("alpha%40%3C1.4.0", vec!["alpha 1.0.0"]),
        ("pkg:cargo/alpha@1.4.0", vec!["alpha 1.4.0"]),
        ("RUSTSEC-2026-0001", vec!["alpha 1.0.0"]),
        ("zebra", vec![]),
    ] {
        let list = site.json(&format!("/v1/components?q={query}")).await;
        assert_eq!(rows(&list), expect, "{query}");
    }
    let nobody = site.page("/components?q=zebra").await;
    assert!(nobody.contains("Nobody uses this"), "{nobody}");
    let undecided = site.json("/v1/components?q=alpha%40%3Cnext").await;
    assert_eq!(undecided["undecided"].as_array().unwrap().len(), 2);
    let mystery = site.json("/v1/components?q=%3Dmystery").await;
    assert_eq!(mystery["items"][0]["checked"], false);
    assert_eq!(mystery["items"][0]["why_not"], "no_purl");
    assert_eq!(mystery["items"][0].get("findings"), None, "not checked is not 0");
}

#[tokio::test]
async fn a_list_that_is_cut_off_says_how_it_goes_on() {
    let site = two_products().await;
    let csv = site.page("/v1/components.csv").await;
    assert!(csv.starts_with("purl,name,version,ecosystem"), "{csv}");
    assert!(csv.contains("'=mystery"), "a formula is none: {csv}");
    let first = site.json("/v1/components?limit=2").await;
    let cursor = first["next"].as_str().unwrap();
    let rest = site
        .json(&format!("/v1/components?limit=2&cursor={cursor}"))
        .await;
    let mut all = rows(&first);
    all.extend(rows(&rest));
    assert_eq!(all, ["=mystery 1", "alpha 1.0.0", "alpha 1.4.0", "gamma 0.3.0"]);
    assert_eq!(rest.get("next"), None);
}

#[tokio::test]
async fn one_package_shows_its_versions_and_who_uses_them() {
    let site = two_products().await;
    let page = site.page("/components/pkg:cargo/alpha").await;
    for expected in [
        "1.4.0",
        "RUSTSEC-2026-0001",
        "the registry was not asked",
        "platform/shop",
        "none known",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let transitive = site.page("/components/pkg:cargo/gamma@0.3.0").await;
    assert!(transitive.contains("transitive"), "{transitive}");
    let json = site.json("/v1/components/pkg%3Acargo%2Falpha").await;
    assert_eq!(json["newest_in_use"], "1.4.0");
    assert_eq!(json["versions"][1]["vulnerabilities"][0], "RUSTSEC-2026-0001");
    assert_eq!(json["users"]["items"][0]["direct"], true);
    assert_eq!(json["users"]["items"][0]["since"], "2026-01-01T12:00:00Z");
    let unidentified = site.page("/components/unidentified:%3Dmystery").await;
    assert!(unidentified.contains("not checked"), "{unidentified}");
    for missing in [
        "/components/pkg:cargo/zebra",
        "/components/nothing",
        "/v1/components/x",
    ] {
        assert_eq!(site.get(missing).await.status.as_u16(), 404, "{missing}");
    }
}

#[tokio::test]
async fn a_build_lists_its_components_with_what_was_not_checked() {
    let site = two_products().await;
    let list = site.json("/v1/projects/platform%2Fshop/components").await;
    assert_eq!(rows(&list), ["=mystery 1", "alpha 1.0.0", "gamma 0.3.0"]);
    assert_eq!(list["items"][0]["why_not"], "no_purl");
    assert_eq!(list["items"][1]["findings"]["critical"], 1);
    assert_eq!(list["items"][2]["findings"]["critical"], 0);
    assert_eq!(list["items"][2]["direct"], false);
    let direct = site
        .json("/v1/projects/platform%2Fshop/components?direct=true&q=a")
        .await;
    assert_eq!(rows(&direct), ["alpha 1.0.0"]);
    let page = site.page("/projects/platform/shop/components").await;
    assert!(
        page.contains("not checked") && page.contains("the SBOM names no package URL"),
        "{page}"
    );
    let none = site.page("/projects/platform/shop/components?q=zebra").await;
    assert!(none.contains("Nobody uses this"), "{none}");
}

#[tokio::test]
async fn licenses_are_judged_as_the_verdict_judged_them() {
    let site = two_products().await;
    let json = site.json("/v1/projects/platform%2Fshop/licenses").await;
    assert_eq!(
        json["tally"],
        json!({"denied": 1, "review": 0, "unknown": 1, "allowed": 1})
    );
    assert_eq!(json["items"][0]["license"], "AGPL-3.0-only");
    let page = site.page("/projects/platform/shop/licenses").await;
    for expected in [
        "Denied",
        "gamma",
        "MIT was chosen",
        "the document states no license",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let denied = site
        .page("/projects/platform/shop/licenses?decision=denied")
        .await;
    assert!(denied.contains("gamma") && !denied.contains("MIT was chosen"));
    let everywhere = site.page("/licenses").await;
    assert!(
        everywhere.contains("1 denied, 0 to review, 1 unknown, 2 allowed."),
        "{everywhere}"
    );
    let chosen = site.page("/licenses?q=agpl&decision=denied").await;
    assert!(
        chosen.contains("gamma") && !chosen.contains("mystery"),
        "{chosen}"
    );
    let csv = site.page("/v1/licenses.csv").await;
    assert!(csv.contains("AGPL-3.0-only,denied,"), "{csv}");
    assert_eq!(site.get("/licenses?decision=maybe").await.status.as_u16(), 400);
}

#[tokio::test]
async fn before_anything_was_sent_nothing_is_zero() {
    let site = Site::new().await;
    assert!(site.page("/licenses").await.contains("Not evaluated yet"));
    assert!(site.page("/components?q=a").await.contains("No component yet"));
    assert_eq!(site.json("/v1/licenses").await.get("tally"), None);
}

#[tokio::test]
async fn a_token_of_one_project_finds_only_what_that_holds() {
    let site = two_products().await;
    let bound = token(&site, Action::Read, Some("store")).await;
    let list: Value =
        serde_json::from_str(&site.get_as(&bound, "/v1/components?q=alpha").await.body).unwrap();
    assert_eq!(rows(&list), ["alpha 1.4.0"]);
    let package = site.get_as(&bound, "/v1/components/pkg%3Acargo%2Falpha").await;
    let package: Value = serde_json::from_str(&package.body).unwrap();
    assert_eq!(package["versions"].as_array().unwrap().len(), 1);
    assert_eq!(package["users"]["total"]["value"], 1);
}
