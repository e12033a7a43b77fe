//! Policies: revisions that are kept, changed only by who has seen the last.

use axum::http::StatusCode;
use serde_json::json;

use crate::world::{World, sbom};

#[tokio::test]
async fn a_policy_is_changed_only_from_the_revision_that_was_seen() {
    for world in World::both().await {
        let built_in = world.get("/v1/policies/default").admin().send().await.json();
        assert_eq!(built_in["revision"], 0);
        assert_eq!(built_in["document"]["vulnerability"]["fail_at"], "high");

        let path = "/v1/policies/strict?reason=first";
        let made = world
            .put(path)
            .admin()
            .json(&json!({"vulnerability": {"fail_at": "low"}}))
            .send()
            .await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        assert_eq!(made.header("etag"), "\"1\"");

        let second = json!({"vulnerability": {"fail_at": "medium"}});
        let blind = world.put(path).admin().json(&second).send().await;
        assert_eq!(blind.problem(), "precondition-required");
        let seen = world.put(path).admin().header("if-match", "\"1\"").json(&second);
        assert_eq!(seen.send().await.status, StatusCode::OK);
        let late = world.put(path).admin().header("if-match", "\"1\"").json(&second);
        assert_eq!(late.send().await.problem(), "changed-meanwhile");

        let first = world
            .get("/v1/policies/strict?revision=1")
            .admin()
            .send()
            .await
            .json();
        assert_eq!(first["document"]["vulnerability"]["fail_at"], "low");
        let kept = world
            .get("/v1/policies/strict/revisions")
            .admin()
            .send()
            .await
            .json();
        let revisions: Vec<_> = kept["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["revision"].as_i64().unwrap())
            .collect();
        assert_eq!(revisions, [2, 1]);
        assert_eq!(kept["items"][0]["author"], "token:test");
    }
}

#[tokio::test]
async fn a_policy_that_no_rule_understands_is_told_where() {
    for world in World::both().await {
        let json = world
            .put("/v1/policies/p?reason=x")
            .admin()
            .body("{\"vulnerability\":{\"fail_at\":\"hgih\"}}")
            .send()
            .await;
        assert_eq!(json.problem(), "invalid-policy");
        assert_eq!(json.json()["errors"][0]["pointer"], "/vulnerability/fail_at");
        let toml = world
            .put("/v1/policies/p?reason=x")
            .admin()
            .header("content-type", "application/toml")
            .body("[vulnerability]\nbogus = 1\n")
            .send()
            .await;
        assert_eq!(toml.problem(), "invalid-policy");
        assert!(
            toml.json()["errors"][0]["line"]
                .as_str()
                .is_some_and(|line| line.starts_with("line 2"))
        );
        for query in ["", "?reason=", "?reason=%20"] {
            let answer = world
                .put(&format!("/v1/policies/p{query}"))
                .admin()
                .body("{}")
                .send()
                .await;
            assert_eq!(answer.problem(), "bad-query", "{query}");
        }
    }
}

#[tokio::test]
async fn another_policy_judges_the_same_build_otherwise() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        world.make_project("shop").await;
        let strict = json!({"vulnerability": {"fail_at": "low"}});
        world
            .put("/v1/policies/strict?reason=try")
            .admin()
            .json(&strict)
            .send()
            .await;
        let upload = world
            .post("/v1/projects/shop/builds?ref=main")
            .admin()
            .body(sbom(&[("time", "0.1.0")]));
        assert_eq!(upload.send().await.status, StatusCode::ACCEPTED);
        world.work().await;
        let gate = world
            .get("/v1/projects/shop/gate?policy=strict")
            .admin()
            .send()
            .await
            .json();
        assert_eq!(gate["policy"]["id"], "strict");
        assert_eq!(gate["verdict"], "fail");
        let unknown = world
            .get("/v1/projects/shop/gate?policy=none")
            .admin()
            .send()
            .await;
        assert_eq!(unknown.problem(), "invalid");
    }
}
