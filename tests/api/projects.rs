//! Projects: made, found, changed by who has seen them, deleted.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_project_is_made_read_changed_and_deleted() {
    for world in World::both().await {
        let path = "/v1/projects/platform%2Fshop";
        let body = json!({"description": "The shop", "tags": ["web"], "default_ref": "trunk"});
        let made = world.put(path).admin().json(&body).send().await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let view = made.json();
        assert_eq!(
            (&view["team"], &view["default_ref"]),
            (&json!("platform"), &json!("trunk"))
        );
        assert_eq!(view["gate"], json!(null), "nothing was judged yet");

        let by_id = format!("/v1/projects/{}", view["id"].as_str().unwrap());
        let read = world.get(&by_id).admin().send().await;
        assert_eq!(read.json(), view);
        let tag = read.header("etag").to_owned();
        let again = world.get(path).admin().header("if-none-match", &tag).send().await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);

        let patched = world
            .call(Method::PATCH, path)
            .admin()
            .header("if-match", &tag)
            .json(&json!({"tags": ["web", "money"]}))
            .send()
            .await;
        assert_eq!(patched.status, StatusCode::OK, "{}", patched.text());
        assert_eq!(patched.json()["description"], "The shop", "what is absent stays");
        let late = world
            .call(Method::PATCH, path)
            .admin()
            .header("if-match", &tag)
            .json(&json!({"tags": []}))
            .send()
            .await;
        assert_eq!(late.problem(), "changed-meanwhile");

        let gone = world.call(Method::DELETE, path).admin().send().await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
        assert_eq!(world.get(path).admin().send().await.problem(), "not-found");
    }
}

#[tokio::test]
async fn lists_go_on_after_a_key_and_filter() {
    for world in World::both().await {
        for name in ["a/one", "a/two", "b/three"] {
            world.make_project(name).await;
        }
        let mut seen = Vec::new();
        let mut path = "/v1/projects?limit=1".to_owned();
        loop {
            let page = world.get(&path).admin().send().await.json();
            let items = page["items"].as_array().unwrap();
            assert_eq!(items.len(), 1);
            seen.push(items[0]["name"].as_str().unwrap().to_owned());
            match page["next"].as_str() {
                Some(next) => path = format!("/v1/projects?limit=1&cursor={next}"),
                None => break,
            }
        }
        seen.sort();
        assert_eq!(seen, ["a/one", "a/two", "b/three"]);
        for (filter, count) in [("team=a", 2), ("q=THREE", 1), ("tag=web", 0), ("gate=none", 3)] {
            let page = world.get(&format!("/v1/projects?{filter}")).admin().send().await;
            assert_eq!(page.json()["items"].as_array().unwrap().len(), count, "{filter}");
        }
        let total = world.get("/v1/projects").admin().send().await.json();
        assert_eq!(total["total"], json!({"value": 3, "relation": "eq"}));
    }
}

#[tokio::test]
async fn names_that_could_be_mistaken_are_refused() {
    for world in World::both().await {
        for name in [
            "a%2Fb%2Fc",
            "builds",
            "a%2Ffindings",
            "0192d1a4-7c1e-7000-8000-000000000000",
            "a%20b",
        ] {
            let answer = world
                .put(&format!("/v1/projects/{name}"))
                .admin()
                .json(&json!({}))
                .send()
                .await;
            assert_eq!(answer.problem(), "bad-query", "{name}");
        }
    }
}
