//! The OSV API's own paths.

use serde_json::{Value, json};
use store::tokens::Action;

use crate::site::{Site, advisory, token};

async fn ask(site: &Site, token: &str, path: &str, body: &Value) -> (u16, Value) {
    let answer = site.post(token, path, body).await;
    let status = answer.status.as_u16();
    (
        status,
        serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{}", answer.body)),
    )
}

fn ids(answer: &Value) -> Vec<&str> {
    let vulns = answer["vulns"].as_array();
    vulns
        .into_iter()
        .flatten()
        .filter_map(|vuln| vuln["id"].as_str())
        .collect()
}

#[tokio::test]
async fn a_version_is_answered_from_the_store_with_whole_records() {
    let site = Site::new().await;
    let mut withdrawn = advisory("RUSTSEC-2026-0009", "alpha", "9.0.0");
    withdrawn["withdrawn"] = "2026-01-01T00:00:00Z".into();
    site.publish(&[
        advisory("RUSTSEC-2026-0001", "alpha", "1.4.0"),
        advisory("RUSTSEC-2026-0002", "alpha", "2.0.0"),
        withdrawn,
    ])
    .await;
    let token = token(&site, Action::Read, None).await;
    for (query, expect) in [
        (
            json!({"version": "1.0.0", "package": {"ecosystem": "crates.io", "name": "alpha"}}),
            vec!["RUSTSEC-2026-0001", "RUSTSEC-2026-0002"],
        ),
        (
            json!({"package": {"purl": "pkg:cargo/alpha@1.4.0"}}),
            vec!["RUSTSEC-2026-0002"],
        ),
        (json!({"package": {"purl": "pkg:cargo/alpha@2.0.0"}}), vec![]),
        (
            json!({"package": {"purl": "pkg:cargo/alpha"}}),
            vec!["RUSTSEC-2026-0001", "RUSTSEC-2026-0002"],
        ),
        (
            json!({"version": "1.0.0", "package": {"ecosystem": "crates.io", "name": "unknown"}}),
            vec![],
        ),
    ] {
        let (status, answer) = ask(&site, &token, "/v1/query", &query).await;
        assert_eq!((status, ids(&answer)), (200, expect), "{query}");
    }
    let (_, whole) = ask(
        &site,
        &token,
        "/v1/query",
        &json!({"package": {"purl": "pkg:cargo/alpha@1.4.0"}}),
    )
    .await;
    assert_eq!(whole["vulns"][0]["summary"], "a flaw in alpha");
    let odd = json!({"version": "latest", "package": {"ecosystem": "crates.io", "name": "alpha"}});
    let (_, odd) = ask(&site, &token, "/v1/query", &odd).await;
    assert_eq!(ids(&odd), Vec::<&str>::new());
    assert_eq!(odd["undetermined"].as_array().unwrap().len(), 2, "{odd}");
    assert_eq!(odd["undetermined"][0]["reason"], "unparseable_version");
}

#[tokio::test]
async fn a_batch_is_answered_in_its_order() {
    let site = Site::new().await;
    site.publish(&[advisory("RUSTSEC-2026-0001", "alpha", "1.4.0")])
        .await;
    let token = token(&site, Action::Read, None).await;
    let batch = json!({"queries": [
        {"package": {"purl": "pkg:cargo/beta@1.0.0"}},
        {"version": "1.0.0", "package": {"ecosystem": "crates.io", "name": "alpha"}},
    ]});
    let (status, answer) = ask(&site, &token, "/v1/querybatch", &batch).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer["results"],
        json!([{}, {"vulns": [{"id": "RUSTSEC-2026-0001", "modified": "2026-01-01T00:00:00Z"}]}])
    );
    let many = json!({"queries": vec![json!({"package": {"purl": "pkg:cargo/a@1"}}); 1_001]});
    assert_eq!(ask(&site, &token, "/v1/querybatch", &many).await.0, 400);
}

#[tokio::test]
async fn a_client_that_knows_no_tokens_sends_one_as_a_password() {
    let site = Site::new().await;
    site.publish(&[]).await;
    let token = token(&site, Action::Read, None).await;
    for (credentials, status) in [
        (format!("token:{token}"), 200),
        ("token:plb_none".to_owned(), 401),
    ] {
        let query = json!({"package": {"purl": "pkg:cargo/alpha@1.0.0"}});
        let answer = site.post_basic(&credentials, "/v1/query", &query).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    }
}

#[tokio::test]
async fn silence_never_means_clean() {
    let site = Site::new().await;
    let token = token(&site, Action::Read, None).await;
    let query = json!({"version": "1.0.0", "package": {"ecosystem": "npm", "name": "alpha"}});
    let (status, problem) = ask(&site, &token, "/v1/query", &query).await;
    assert_eq!(
        (status, &problem["type"]),
        (503, &"/problems/feed-not-loaded".into())
    );
    let batch = json!({"queries": [{"commit": "4f2c9ab"}, query]});
    let (status, problem) = ask(&site, &token, "/v1/querybatch", &batch).await;
    assert_eq!(
        (status, &problem["errors"][0]["pointer"]),
        (503, &"/queries/1/package".into())
    );
    assert_eq!(
        (&problem["code"], &problem["message"]),
        (&json!(14), &problem["detail"])
    );
    let (status, commit) = ask(&site, &token, "/v1/query", &json!({"commit": "4f2c9ab"})).await;
    assert_eq!(
        (status, &commit["undetermined"][0]["reason"]),
        (200, &json!("git_only"))
    );
    let foreign = json!({"version": "1", "package": {"ecosystem": "Nowhere", "name": "x"}});
    let (status, problem) = ask(&site, &token, "/v1/query", &foreign).await;
    assert_eq!((status, &problem["code"]), (400, &json!(3)));
    let missing = site.get_as(&token, "/v1/vulns/GHSA-none").await;
    let problem: Value = serde_json::from_str(&missing.body).unwrap();
    assert_eq!((missing.status.as_u16(), &problem["code"]), (404, &json!(5)));
}
