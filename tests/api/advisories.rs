//! Advisories that people write here, and feeds in one file.

use axum::http::StatusCode;
use serde_json::{Value, json};
use store::tokens::Action;

use crate::world::{World, sbom};

fn advisory(fixed: &str) -> Value {
    json!({
        "summary": "our own parser reads too far",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [{
            "package": {"ecosystem": "crates.io", "name": "ours"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
        }]
    })
}

async fn upload(world: &World, project: &str, crates: &[(&str, &str)]) {
    world.make_project(project).await;
    let path = format!("/v1/projects/{project}/builds?ref=main");
    let answer = world.post(&path).admin().body(sbom(crates)).send().await;
    assert!(answer.status.is_success(), "{}", answer.text());
    world.work().await;
}

async fn findings(world: &World, project: &str) -> Vec<String> {
    let answer = world
        .get(&format!("/v1/projects/{project}/findings"))
        .admin()
        .send()
        .await;
    let items = answer.json()["items"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| item["canonical"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[tokio::test]
async fn an_advisory_that_is_written_here_opens_changes_and_closes_findings() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "other", "2.0.0").await;
        upload(&world, "with", &[("ours", "1.0.0")]).await;
        upload(&world, "without", &[("other", "3.0.0")]).await;
        assert_eq!(findings(&world, "with").await, Vec::<String>::new());

        let created = world
            .post("/v1/advisories")
            .admin()
            .json(&advisory("2.0.0"))
            .send()
            .await;
        assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
        let record = created.json();
        let id = record["id"].as_str().unwrap_or_default().to_owned();
        assert!(
            id.starts_with("PLB-") && record["modified"].is_string(),
            "{record}"
        );
        world.work().await;
        assert_eq!(findings(&world, "with").await, std::slice::from_ref(&id));
        assert_eq!(findings(&world, "without").await, Vec::<String>::new());
        let read = world.get(&format!("/v1/vulns/{id}")).admin().send().await;
        assert_eq!(read.json(), record);

        let path = format!("/v1/advisories/{id}");
        world.clock.advance(1_000);
        let blind = world.put(&path).admin().json(&advisory("1.0.0")).send().await;
        assert_eq!(
            blind.status,
            StatusCode::PRECONDITION_REQUIRED,
            "{}",
            blind.text()
        );
        let narrowed = world
            .put(&path)
            .admin()
            .header("if-match", created.header("etag"));
        let narrowed = narrowed.json(&advisory("1.0.0")).send().await;
        assert_eq!(narrowed.status, StatusCode::OK, "{}", narrowed.text());
        world.work().await;
        assert_eq!(findings(&world, "with").await, Vec::<String>::new());

        world.clock.advance(1_000);
        let again = world
            .put(&path)
            .admin()
            .header("if-match", narrowed.header("etag"));
        let again = again.json(&advisory("1.5.0")).send().await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.text());
        world.work().await;
        assert_eq!(findings(&world, "with").await, std::slice::from_ref(&id));
        let listed = world.get("/v1/advisories").admin().send().await.json();
        assert_eq!(listed["items"][0]["id"], json!(id));

        let gone = world.delete(&path).admin().send().await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text());
        world.work().await;
        assert_eq!(findings(&world, "with").await, Vec::<String>::new());
        assert_eq!(
            world.delete(&path).admin().send().await.status,
            StatusCode::NOT_FOUND
        );
        let log = world.get("/v1/audit-log").admin().send().await.text();
        assert!(
            log.contains("advisory.put") && log.contains("advisory.delete"),
            "{log}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_an_advisory_is_refused_with_its_place() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "other", "2.0.0").await;
        let mut foreign = advisory("2.0.0");
        foreign["affected"][0]["package"]["ecosystem"] = json!("Nowhere");
        for (body, pointer) in [
            (foreign, "/affected/0/package/ecosystem"),
            (json!({"id": "OURS-1", "affected": []}), "/affected"),
        ] {
            let answer = world.post("/v1/advisories").admin().json(&body).send().await;
            assert_eq!(
                answer.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{}",
                answer.text()
            );
            assert_eq!(answer.problem(), "invalid-advisory");
            assert_eq!(answer.json()["errors"][0]["pointer"], json!(pointer));
        }
        let mut taken = advisory("2.0.0");
        taken["id"] = json!("RUSTSEC-2026-0001");
        let answer = world.post("/v1/advisories").admin().json(&taken).send().await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
        let reader = world
            .token(&[Action::Read, Action::Upload, Action::Triage], None)
            .await;
        for path in ["/v1/advisories", "/v1/feeds/bundle"] {
            let answer = world
                .post(path)
                .token(&reader)
                .json(&advisory("2.0.0"))
                .send()
                .await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        let answer = world.get("/v1/feeds/bundle").token(&reader).send().await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_bundle_leaves_one_service_and_enters_another() {
    let (from, to) = (World::both().await, World::both().await);
    for (here, there) in from.into_iter().zip(to) {
        let early = here.get("/v1/feeds/bundle").admin().send().await;
        assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.text());
        here.publish("RUSTSEC-2026-0001", "time", "2.0.0").await;
        upload(&there, "shop", &[("time", "1.0.0")]).await;
        let bundle = here.get("/v1/feeds/bundle").admin().send().await;
        assert_eq!(bundle.status, StatusCode::OK, "{}", bundle.text());
        let digest = bundle.header("x-sha256").to_owned();
        let wrong = there
            .post("/v1/feeds/bundle?sha256=00")
            .admin()
            .body(bundle.body.clone());
        assert_eq!(wrong.send().await.status, StatusCode::BAD_REQUEST);
        let path = format!("/v1/feeds/bundle?sha256={digest}");
        let report = there.post(&path).admin().body(bundle.body.clone()).send().await;
        assert_eq!(report.status, StatusCode::OK, "{}", report.text());
        assert_eq!(report.json()["feeds"][0]["outcome"], json!("taken"));
        there.work().await;
        assert_eq!(findings(&there, "shop").await, ["RUSTSEC-2026-0001"]);
        let mut damaged = bundle.body;
        let last = damaged.iter().rposition(|byte| *byte != 0).unwrap_or_default();
        damaged[last] ^= 1;
        let refused = there.post("/v1/feeds/bundle").admin().body(damaged).send().await;
        assert_eq!(refused.problem(), "invalid-bundle");
    }
}
