//! The dependency tree of a project.

use axum::http::StatusCode;
use serde_json::json;

use crate::site::{Site, advisory};

/// `shop → alpha → beta → gamma` and `shop → delta`; the flaw is in gamma.
async fn site() -> Site {
    let site = Site::new().await;
    site.publish(&[advisory("RUSTSEC-2026-0001", "gamma", "1.4.0")])
        .await;
    let names = ["alpha", "beta", "gamma", "delta"];
    let components: Vec<_> = names
        .iter()
        .map(|name| {
            json!({"type": "library", "bom-ref": name, "name": name, "version": "1.0.0",
                "purl": format!("pkg:cargo/{name}@1.0.0")})
        })
        .collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "bom-ref": "shop", "name": "shop"}},
        "components": components,
        "dependencies": [
            {"ref": "shop", "dependsOn": ["alpha", "delta"]},
            {"ref": "alpha", "dependsOn": ["beta"]},
            {"ref": "beta", "dependsOn": ["gamma"]},
        ]
    });
    let sent = site.send("shop", "main", &document.to_string()).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    site.work().await;
    site
}

fn has(page: &str, name: &str) -> bool {
    page.contains(&format!("/components/pkg:cargo/{name}@1.0.0\">"))
}

#[tokio::test]
async fn the_tree_shows_the_ways_to_findings_first_and_everything_on_request() {
    let site = site().await;
    let page = site.page("/projects/shop/tree").await;
    assert!(page.contains("1 component with open findings."), "{page}");
    for name in ["alpha", "beta", "gamma"] {
        assert!(has(&page, name), "{name}: {page}");
    }
    assert!(!has(&page, "delta"), "{page}");
    assert!(
        page.contains("1.4.0"),
        "the list of affected components names the fix"
    );

    let whole = site.page("/projects/shop/tree?show=all&depth=2").await;
    assert!(has(&whole, "delta"), "{whole}");
    assert!(whole.contains("1 more below beta 1.0.0"), "{whole}");
    let below = site.page("/projects/shop/tree?show=all&from=beta").await;
    assert!(has(&below, "gamma") && !has(&below, "alpha"), "{below}");
    assert!(below.contains("Back to the whole tree"));
}

#[tokio::test]
async fn a_name_is_found_wherever_it_is() {
    let site = site().await;
    let found = site.page("/projects/shop/tree?q=BETA").await;
    assert!(has(&found, "alpha") && has(&found, "beta"), "{found}");
    assert!(!has(&found, "delta"), "{found}");
    let nothing = site.page("/projects/shop/tree?q=nowhere").await;
    assert!(
        nothing.contains("No component of this build has a name like that."),
        "{nothing}"
    );
    assert_eq!(
        site.get("/projects/shop/tree?from=nowhere").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_map_is_a_picture_without_style_and_script() {
    let site = site().await;
    let page = site.page("/projects/shop/tree?view=map").await;
    let (_, picture) = page
        .split_once("aria-label=\"Dependency map, scrolls sideways\"")
        .unwrap();
    let (picture, _) = picture.split_once("</svg>").unwrap();
    assert!(picture.contains("gamma"), "{picture}");
    assert!(
        !picture.contains("style=") && !picture.contains("<script"),
        "{picture}"
    );
}

#[tokio::test]
async fn before_the_first_verdict_there_is_no_tree() {
    let site = Site::new().await;
    site.send("shop", "main", &crate::site::sbom(&[("alpha", "1.0.0")]))
        .await;
    assert!(site.page("/projects/shop/tree").await.contains("No build yet"));
}
