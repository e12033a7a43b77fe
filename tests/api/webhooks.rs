//! Webhooks through the API: made with a secret that is shown once, changed, tried out, ended.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use store::tokens::Action;

use crate::world::World;

fn body() -> Value {
    json!({"name": "ops", "url": "https://hooks.example.org/T0/s3cret", "shape": "slack", "events": ["gate.failed"]})
}

#[tokio::test]
async fn a_webhook_is_made_changed_and_ended() {
    for world in World::both().await {
        let made = world.post("/v1/webhooks").admin().json(&body()).send().await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        assert_eq!(made.header("cache-control"), "no-store");
        let made = made.json();
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with("plbw_"));
        let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
        for seen in [&path, "/v1/webhooks"] {
            let text = world.get(seen).admin().send().await.text();
            assert!(text.contains("\"ops\"") && !text.contains(secret), "{text}");
        }
        let one = world.get(&path).admin().send().await;
        assert_eq!(one.header("etag"), "\"1\"");
        let change = json!({"enabled": false, "events": ["feed.late", "feed.late"]});
        let stale = world
            .call(Method::PATCH, &path)
            .admin()
            .header("if-match", "\"7\"")
            .json(&change)
            .send()
            .await;
        assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
        let changed = world
            .call(Method::PATCH, &path)
            .admin()
            .header("if-match", "\"1\"")
            .json(&change)
            .send()
            .await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
        let changed = changed.json();
        assert_eq!(
            (&changed["enabled"], &changed["events"]),
            (&json!(false), &json!(["feed.late"]))
        );
        let test = world.post(&format!("{path}/test")).admin().send().await;
        assert_eq!(test.status, StatusCode::CONFLICT, "it is switched off");
        let again = world.post(&format!("{path}/secret")).admin().send().await.json();
        assert_ne!(again["secret"], made["secret"]);
        assert_eq!(
            world.delete(&path).admin().send().await.status,
            StatusCode::NO_CONTENT
        );
        assert_eq!(world.get(&path).admin().send().await.problem(), "not-found");
        let log = world.get("/v1/audit-log?object=").admin().send().await.text();
        assert!(log.contains("webhook.delete") && !log.contains("s3cret"), "{log}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_webhook_is_said_at_its_place() {
    for world in World::both().await {
        for (key, value, pointer) in [
            ("url", json!("ftp://example.org"), "/url"),
            ("url", json!("javascript:alert(1)"), "/url"),
            ("name", json!(""), "/name"),
            ("shape", json!("irc"), "/shape"),
            ("events", json!([]), "/events"),
            ("events", json!(["webhook.test"]), "/events"),
            ("project", json!("nowhere"), "/project"),
            ("shape", json!("mail"), "/url"),
        ] {
            let mut asked = body();
            asked[key] = value;
            let answer = world.post("/v1/webhooks").admin().json(&asked).send().await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{asked}");
            assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{asked}");
        }
    }
}

#[tokio::test]
async fn only_administrators_look_after_webhooks() {
    for world in World::both().await {
        world.make_project("shop").await;
        let made = world
            .post("/v1/webhooks")
            .admin()
            .json(&body())
            .send()
            .await
            .json();
        let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
        let triage = world.token(&[Action::Triage], None).await;
        let bound = world.token(&[Action::Admin], Some("shop")).await;
        for token in [&triage, &bound] {
            let calls = [
                (Method::GET, "/v1/webhooks".to_owned()),
                (Method::GET, path.clone()),
                (Method::GET, format!("{path}/deliveries")),
                (Method::DELETE, path.clone()),
                (Method::POST, format!("{path}/test")),
                (Method::POST, format!("{path}/secret")),
                (Method::POST, format!("{path}/deliveries/x/replay")),
            ];
            for (method, path) in calls {
                let answer = world.call(method.clone(), &path).token(token).send().await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
            }
            let made = world.post("/v1/webhooks").token(token).json(&body()).send().await;
            assert_eq!(made.status, StatusCode::FORBIDDEN);
        }
    }
}

#[tokio::test]
async fn a_trial_stands_in_the_log_and_an_internal_address_is_refused() {
    for world in World::both().await {
        let mut asked = body();
        asked["url"] = json!("http://127.0.0.1:9/x");
        asked["shape"] = json!("signed");
        let made = world
            .post("/v1/webhooks")
            .admin()
            .json(&asked)
            .send()
            .await
            .json();
        let path = format!("/v1/webhooks/{}", made["id"].as_str().unwrap());
        let test = world.post(&format!("{path}/test")).admin().send().await;
        assert_eq!(test.status, StatusCode::ACCEPTED, "{}", test.text());
        world.work().await;
        let log = world
            .get(&format!("{path}/deliveries"))
            .admin()
            .send()
            .await
            .json();
        let row = &log["items"][0];
        assert_eq!(row["state"], "dead");
        assert!(
            row["error"].as_str().unwrap().contains("not a public address"),
            "{row}"
        );
        let message: Value = serde_json::from_str(row["body"].as_str().unwrap()).unwrap();
        assert_eq!(message["events"][0]["event"], "webhook.test");
        let replay = format!("{path}/deliveries/{}/replay", row["id"].as_str().unwrap());
        assert_eq!(
            world.post(&replay).admin().send().await.status,
            StatusCode::ACCEPTED
        );
        assert_eq!(world.post(&replay).admin().send().await.problem(), "conflict");
    }
}
