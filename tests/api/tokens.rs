//! Tokens: made, shown once, used, ended.

use axum::http::{Method, StatusCode};
use serde_json::json;
use store::tokens::Action;

use crate::world::World;

#[tokio::test]
async fn a_token_is_shown_once_and_can_be_ended() {
    for world in World::both().await {
        world.make_project("shop").await;
        let body = json!({"name": "ci", "project": "shop", "actions": ["upload"], "expires_in_days": 7});
        let made = world.post("/v1/tokens").admin().json(&body).send().await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        assert_eq!(made.header("cache-control"), "no-store");
        let made = made.json();
        let text = made["token"].as_str().unwrap();
        assert!(text.starts_with("plb_") && text.starts_with(made["prefix"].as_str().unwrap()));
        assert_eq!(made["expires_at"], "2026-03-08T12:00:00Z");

        let listed = world.get("/v1/tokens").admin().send().await;
        assert!(!listed.text().contains(text), "the list does not hold the token");
        assert_eq!(listed.json()["items"][0]["project"], "shop");

        let own = world.get("/v1/projects/shop").token(text).send().await;
        assert_eq!(own.status, StatusCode::OK);
        let path = format!("/v1/tokens/{}", made["id"].as_str().unwrap());
        let ended = world.call(Method::DELETE, &path).admin().send().await;
        assert_eq!(ended.status, StatusCode::NO_CONTENT);
        let after = world.get("/v1/projects/shop").token(text).send().await;
        assert_eq!(after.problem(), "unauthenticated");
    }
}

#[tokio::test]
async fn nobody_makes_a_token_that_reaches_further_than_their_own() {
    for world in World::both().await {
        world.make_project("mine").await;
        world.make_project("theirs").await;
        let own = world.token(&[Action::Admin], Some("mine")).await;
        let uploader = world.token(&[Action::Upload], None).await;
        for (token, body, status) in [
            (&own, json!({"name": "x", "actions": ["read"]}), 403),
            (
                &own,
                json!({"name": "x", "actions": ["read"], "project": "theirs"}),
                404,
            ),
            (
                &own,
                json!({"name": "x", "actions": ["admin"], "project": "mine"}),
                201,
            ),
            (
                &uploader,
                json!({"name": "x", "actions": ["upload"], "project": "mine"}),
                403,
            ),
        ] {
            let answer = world.post("/v1/tokens").token(token).json(&body).send().await;
            assert_eq!(answer.status.as_u16(), status, "{body}");
        }
    }
}

#[tokio::test]
async fn a_token_that_says_nothing_or_too_much_is_refused() {
    for world in World::both().await {
        for body in [
            json!({"name": "", "actions": ["read"]}),
            json!({"name": "x", "actions": []}),
            json!({"name": "x", "actions": ["everything"]}),
            json!({"name": "x", "actions": ["read"], "expires_in_days": 0}),
            json!({"name": "x", "actions": ["read"], "scope": "all"}),
        ] {
            let answer = world.post("/v1/tokens").admin().json(&body).send().await;
            assert_eq!(answer.problem(), "invalid", "{body}");
        }
    }
}

#[tokio::test]
async fn every_change_is_in_the_audit_log() {
    for world in World::both().await {
        world.make_project("shop").await;
        let body = json!({"name": "ci", "project": "shop", "actions": ["upload"]});
        world.post("/v1/tokens").admin().json(&body).send().await;
        world
            .put("/v1/policies/own?reason=because")
            .admin()
            .json(&json!({}))
            .send()
            .await;
        world
            .call(Method::DELETE, "/v1/projects/shop")
            .admin()
            .send()
            .await;
        let log = world.get("/v1/audit-log").admin().send().await.json();
        let actions: Vec<&str> = log["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["action"].as_str().unwrap())
            .collect();
        assert_eq!(
            actions,
            ["project.delete", "policy.put", "token.create", "project.put"]
        );
        let mut session = world.fresh.database.read().await.unwrap();
        let verified = store::audit_log::verify(&mut session).await.unwrap();
        assert!(matches!(
            verified,
            store::audit_log::Verified::Whole { entries: 4, .. }
        ));
    }
}
