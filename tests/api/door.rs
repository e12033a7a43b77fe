//! Who is let in, and what everybody else is told.

use axum::http::{Method, StatusCode};
use store::tokens::Action;

use crate::world::World;

#[tokio::test]
async fn every_wrong_turn_is_a_problem_that_says_so() {
    for world in World::both().await {
        let cases: [(Method, &str, StatusCode, &str); 9] = [
            (Method::GET, "/v1/nothing", StatusCode::NOT_FOUND, "not-found"),
            (Method::GET, "/v1", StatusCode::NOT_FOUND, "not-found"),
            (Method::GET, "/api/v1/project", StatusCode::NOT_FOUND, "not-found"),
            (
                Method::DELETE,
                "/v1/projects",
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
            ),
            (
                Method::POST,
                "/openapi.json",
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
            ),
            (
                Method::GET,
                "/v1/projects?limit=many",
                StatusCode::BAD_REQUEST,
                "bad-query",
            ),
            (
                Method::GET,
                "/v1/projects?page=2",
                StatusCode::BAD_REQUEST,
                "bad-query",
            ),
            (
                Method::GET,
                "/v1/projects?limit=500",
                StatusCode::BAD_REQUEST,
                "bad-query",
            ),
            (
                Method::GET,
                "/v1/projects/%FF",
                StatusCode::NOT_FOUND,
                "not-found",
            ),
        ];
        for (method, path, status, slug) in cases {
            let answer = world.call(method.clone(), path).admin().send().await;
            assert_eq!(answer.status, status, "{method} {path}");
            assert_eq!(answer.problem(), slug, "{method} {path}");
        }
        let allowed = world.call(Method::DELETE, "/v1/projects").admin().send().await;
        assert!(allowed.header("allow").contains("GET"), "{:?}", allowed.headers);
    }
}

#[tokio::test]
async fn an_unknown_key_of_the_query_is_named() {
    for world in World::both().await {
        let answer = world.get("/v1/projects?tags=x").admin().send().await;
        assert_eq!(answer.problem(), "bad-query");
        let detail = answer.json()["detail"].to_string();
        assert!(detail.contains("tags") && detail.contains("team"), "{detail}");
    }
}

#[tokio::test]
async fn without_a_good_token_nobody_learns_anything() {
    for world in World::both().await {
        world.make_project("shop").await;
        let wrong = format!("Bearer plb_{}", "0".repeat(64));
        let headers: [&[(&str, &str)]; 6] = [
            &[],
            &[("authorization", wrong.as_str())],
            &[("authorization", "Basic dXNlcjpwYXNz")],
            &[("authorization", "Bearer")],
            &[("x-api-key", "odt_something")],
            &[("cookie", "plumbline=0000")],
        ];
        for shown in headers {
            for path in ["/v1/projects/shop", "/v1/whoami", "/v1/tokens"] {
                let call = shown
                    .iter()
                    .fold(world.get(path), |call, (name, value)| call.header(name, value));
                let answer = call.send().await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {shown:?}");
                assert_eq!(answer.problem(), "unauthenticated");
                assert!(answer.header("www-authenticate").starts_with("Bearer"));
            }
        }
    }
}

#[tokio::test]
async fn both_headers_carry_a_token_and_whoami_says_what_it_may_do() {
    for world in World::both().await {
        world.make_project("team/shop").await;
        let token = world.token(&[Action::Upload], Some("team/shop")).await;
        for (name, value) in [
            ("authorization", format!("bearer {token}")),
            ("x-api-key", token.clone()),
        ] {
            let answer = world.get("/v1/whoami").header(name, &value).send().await;
            assert_eq!(answer.status, StatusCode::OK);
            let body = answer.json();
            assert_eq!(body["actor"], "token:test");
            assert_eq!(body["project"], "team/shop");
            assert_eq!(body["actions"], serde_json::json!(["upload"]));
        }
    }
}

#[tokio::test]
async fn a_token_of_one_project_does_not_see_that_others_exist() {
    for world in World::both().await {
        world.make_project("mine").await;
        world.make_project("theirs").await;
        let token = world.token(&[Action::Admin], Some("mine")).await;
        for path in ["theirs", "nobodys"] {
            for rest in ["", "/builds", "/gate", "/diff"] {
                let path = format!("/v1/projects/{path}{rest}");
                let answer = world.get(&path).token(&token).send().await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            }
            let upload = format!("/v1/projects/{path}/builds?create=true");
            let answer = world.post(&upload).token(&token).body("{}").send().await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{upload}");
        }
        let listed = world.get("/v1/projects").token(&token).send().await.json();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        assert_eq!(listed["items"][0]["name"], "mine");
        let answer = world.get("/v1/tokens").token(&token).send().await;
        assert_eq!(answer.problem(), "forbidden");
    }
}

#[tokio::test]
async fn a_token_does_what_it_was_made_for_and_no_more() {
    for world in World::both().await {
        world.make_project("shop").await;
        let reader = world.token(&[Action::Read], None).await;
        let answer = world
            .post("/v1/projects/shop/builds")
            .token(&reader)
            .body("{}")
            .send()
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.problem(), "forbidden");
        let uploader = world.token(&[Action::Upload], None).await;
        let answer = world
            .put("/v1/policies/p?reason=x")
            .token(&uploader)
            .body("{}")
            .send()
            .await;
        assert_eq!(answer.problem(), "forbidden");
        let answer = world
            .call(Method::DELETE, "/v1/projects/shop")
            .token(&uploader)
            .send()
            .await;
        assert_eq!(answer.problem(), "forbidden");
    }
}

#[tokio::test]
async fn a_token_ends_when_it_expires() {
    for world in World::both().await {
        let token = world.token(&[Action::Read], None).await;
        assert_eq!(
            world.get("/v1/whoami").token(&token).send().await.status,
            StatusCode::OK
        );
        world.clock.set("2026-03-31T12:00:00Z".parse().unwrap());
        assert_eq!(
            world.get("/v1/whoami").token(&token).send().await.status,
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn answers_carry_an_id_and_keep_browsers_in_bounds() {
    for world in World::both().await {
        for path in ["/healthz", "/v1/nothing", "/nothing", "/login"] {
            let answer = world.get(path).send().await;
            assert!(
                uuid::Uuid::try_parse(answer.header("x-request-id")).is_ok(),
                "{path}"
            );
            assert!(
                answer
                    .header("content-security-policy")
                    .starts_with("default-src 'none'"),
                "{path}"
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        }
    }
}

#[tokio::test]
async fn a_service_with_a_database_is_ready() {
    for world in World::both().await {
        for path in ["/healthz", "/readyz"] {
            let answer = world.get(path).send().await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
        }
        // No recorder was installed.
        assert_eq!(world.get("/metrics").send().await.problem(), "not-found");
    }
}

/// Every operation of the document, so that none that is added later is forgotten.
#[tokio::test]
async fn no_operation_answers_without_a_token() {
    let document: serde_json::Value = serde_json::from_str(&server::openapi()).unwrap();
    for world in World::both().await {
        let mut asked = 0;
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                // A badge has a key of its own, and without it there is no such badge.
                if operation["tags"][0] == "operations" || path.starts_with("/badges/") {
                    continue;
                }
                let method: Method = method.to_uppercase().parse().unwrap();
                let path = path.replace(['{', '}'], "");
                let answer = world.call(method.clone(), &path).body("{}").send().await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
                assert_eq!(answer.problem(), "unauthenticated", "{method} {path}");
                asked += 1;
            }
        }
        assert!(asked > 30, "only {asked}");
    }
}
