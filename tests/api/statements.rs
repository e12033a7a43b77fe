//! What others say and what reviewers find out: VEX, proposals, licenses; and one verdict on every surface.

use axum::http::StatusCode;
use serde_json::json;
use store::tokens::Action;

use crate::decisions::{failing, gate, upload, waive};
use crate::world::{World, sbom};

const DAY: i64 = 86_400_000;

#[tokio::test]
async fn vex_is_reported_on_applied_and_carried_to_later_builds() {
    for world in World::both().await {
        failing(&world).await;
        let document = json!({
            "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "ACME",
            "timestamp": "2026-02-02T00:00:00Z", "statements": [
                {"vulnerability": {"name": "RUSTSEC-2026-0001"}, "products": [{"@id": "pkg:cargo/time@0.1.0"}],
                 "status": "not_affected", "justification": "vulnerable_code_not_present"},
                {"vulnerability": {"name": "RUSTSEC-2026-0001"}, "products": [{"@id": "pkg:cargo/time@0.1.7"}],
                 "status": "not_affected", "justification": "vulnerable_code_not_present"},
                {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "pkg:cargo/time"}], "status": "fixed"},
                {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "x"}], "status": "maybe"}
            ]
        });
        let path = "/v1/projects/shop/vex";
        let answer = world.post(path).admin().json(&document).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let report = answer.json();
        assert_eq!(report["applied"][0]["statement"], "/statements/0");
        assert_eq!(report["applied"][0]["suppresses"], true);
        let ignored = report["ignored"].as_array().unwrap();
        let why = |place: &str| {
            let line = ignored.iter().find(|line| line["statement"] == place).unwrap();
            (
                line["why"].as_str().unwrap().to_owned(),
                line["kept"].as_bool().unwrap(),
            )
        };
        assert!(
            why("/statements/1")
                .0
                .contains("a version that the statement does not speak of"),
            "{report}"
        );
        assert!(
            why("/statements/2")
                .0
                .contains("no finding has this vulnerability")
        );
        assert!(!why("/statements/3").1);
        world.work().await;
        let cleared = gate(&world).await;
        assert_eq!(cleared["verdict"], "pass");
        assert_eq!(cleared["vex"][0]["source"], "ACME");
        assert_eq!(cleared["counts"]["not_affected"], 1);

        // Another build of the same version inherits it; a version that nobody spoke of does not.
        upload(&world, "next", &[("time", "0.1.0"), ("serde", "1.0.0")]).await;
        let next = world
            .get("/v1/projects/shop/gate?ref=next")
            .admin()
            .send()
            .await
            .json();
        assert_eq!(next["counts"]["not_affected"], 1);
        upload(&world, "main", &[("time", "0.1.8")]).await;
        assert_eq!(gate(&world).await["verdict"], "fail", "the range guards");

        // What people here say outweighs what documents say.
        let waived = json!({"vulnerability": "RUSTSEC-2026-0001", "projects": ["shop"], "refs": ["next"], "status": "accepted_risk",
                            "reason": "Mine.", "expires_on": "2026-03-20"});
        waive(&world, &waived).await;
        let next = world
            .get("/v1/projects/shop/gate?ref=next")
            .admin()
            .send()
            .await
            .json();
        assert_eq!(next["counts"]["waived"], 1, "{next}");
        let id = report["id"].as_str().unwrap();
        let gone = world
            .call(axum::http::Method::DELETE, &format!("/v1/vex/{id}"))
            .admin()
            .send()
            .await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
        let listed = world.get(path).admin().send().await.json();
        assert!(listed["items"].as_array().unwrap().is_empty());
        let bad = world.post(path).admin().body("{}").send().await;
        assert_eq!(bad.problem(), "no-vex");
    }
}

#[tokio::test]
async fn a_repository_proposes_and_somebody_approves() {
    for world in World::both().await {
        failing(&world).await;
        let file = "[[waivers]]\nvulnerability = \"RUSTSEC-2026-0001\"\nstatus = \"fix_pending\"\nreason = \"Next week.\"\nexpires_on = \"2026-03-10\"\n";
        let ci = world.token_of("ci", &[Action::Upload], None).await;
        let path = "/v1/projects/shop/waivers/proposals";
        let answer = world.post(path).token(&ci).body(file).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.json()["created"][0]["state"], "pending");
        let again = world.post(path).token(&ci).body(file).send().await.json();
        assert_eq!(
            (
                again["created"].as_array().unwrap().len(),
                again["known"].as_u64()
            ),
            (0, Some(1))
        );
        world.work().await;
        assert_eq!(gate(&world).await["verdict"], "fail");
        let pending = world.get("/v1/waivers?state=pending").admin().send().await.json();
        let path = format!("/v1/waivers/{}", pending["items"][0]["id"].as_str().unwrap());
        let approved = world
            .call(axum::http::Method::PATCH, &path)
            .admin()
            .json(&json!({"state": "active"}))
            .send()
            .await;
        assert_eq!(approved.status, StatusCode::OK, "{}", approved.text());
        world.work().await;
        assert_eq!(gate(&world).await["verdict"], "pass");
        for (file, pointer) in [
            (
                "[[waivers]]\nstatus = \"accepted_risk\"\nreason = \"r\"\nprojects = [\"other\"]\n",
                "/waivers/0/projects",
            ),
            (
                "[[waivers]]\nvulnerability = \"X\"\nstatus = \"accepted_risk\"\nreason = \"r\"\n",
                "/waivers/0/expires_on",
            ),
        ] {
            let answer = world
                .post("/v1/projects/shop/waivers/proposals")
                .token(&ci)
                .body(file)
                .send()
                .await;
            assert_eq!(
                answer.json()["errors"][0]["pointer"],
                pointer,
                "{}",
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn a_concluded_license_outweighs_the_document_within_its_versions() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.1.0").await;
        world.make_project("shop").await;
        upload(&world, "main", &[("time", "0.1.0"), ("serde", "1.0.0")]).await;
        let body =
            json!({"purl": "pkg:cargo/time@<0.2.0", "license": "AGPL-3.0", "reason": "Read the archive."});
        let made = world
            .post("/v1/licenses/conclusions")
            .admin()
            .json(&body)
            .send()
            .await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        assert_eq!(made.json()["license"], "AGPL-3.0-only");
        world.work().await;
        let denied = gate(&world).await;
        assert_eq!(denied["verdict"], "fail", "{denied}");
        assert_eq!(denied["violations"][0]["rule"], "license.deny");
        upload(&world, "main", &[("time", "0.2.0")]).await;
        assert_eq!(
            gate(&world).await["verdict"],
            "pass",
            "another version is another question"
        );
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let gone = world
            .call(
                axum::http::Method::DELETE,
                &format!("/v1/licenses/conclusions/{id}"),
            )
            .admin()
            .send()
            .await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
        for (body, pointer) in [
            (json!({"purl": "time", "license": "MIT", "reason": "x"}), "/purl"),
            (
                json!({"purl": "pkg:cargo/time", "license": "MTI", "reason": "x"}),
                "/license",
            ),
            (
                json!({"purl": "pkg:cargo/time", "license": "MIT", "reason": ""}),
                "/reason",
            ),
        ] {
            let answer = world
                .post("/v1/licenses/conclusions")
                .admin()
                .json(&body)
                .send()
                .await;
            assert_eq!(
                answer.json()["errors"][0]["pointer"],
                pointer,
                "{}",
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn what_ships_is_attributed_with_the_texts_of_its_licenses() {
    for world in World::both().await {
        failing(&world).await;
        let builds = world.get("/v1/projects/shop/builds").admin().send().await.json();
        let id = builds["items"][0]["id"].as_str().unwrap();
        let path = format!("/v1/builds/{id}/attribution");
        let notice = world.get(&path).admin().send().await.text();
        assert!(
            notice.starts_with("NOTICE\n\nshop contains 1 component made by others."),
            "{notice}"
        );
        assert!(notice.contains("time 0.1.0 (MIT)") && notice.contains("Permission is hereby granted"));
        for (format, kind, part) in [
            ("json", "application/json", "\"license\":\"MIT\""),
            ("html", "text/html; charset=utf-8", "<td>time 0.1.0</td>"),
            ("markdown", "text/markdown; charset=utf-8", "| time 0.1.0 | MIT |"),
            (
                "csv",
                "text/csv; charset=utf-8",
                "time,0.1.0,pkg:cargo/time@0.1.0,MIT",
            ),
        ] {
            let answer = world.get(&format!("{path}?format={format}")).admin().send().await;
            assert_eq!(answer.header("content-type"), kind);
            assert!(answer.text().contains(part), "{format}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn page_api_and_badge_say_what_one_function_said() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        world.make_project("shop").await;
        let cookie = world.sign_in("mara").await;
        let key = world
            .post("/v1/projects/shop/badge-key")
            .admin()
            .send()
            .await
            .json();
        let badge = key["path"].as_str().unwrap().to_owned();
        let drawn = world.get(&badge).send().await.text();
        assert!(drawn.contains("gate: no build"), "{drawn}");
        let copyleft = String::from_utf8(sbom(&[("serde", "1.0.0")]))
            .unwrap()
            .replace("MIT", "AGPL-3.0-only");
        let odd = String::from_utf8(sbom(&[("serde", "1.0.0")]))
            .unwrap()
            .replace("MIT", "Some terms");
        let samples: [(Vec<u8>, &str, &str, &str); 5] = [
            (sbom(&[("time", "0.1.0")]), "fail", "failed", "Gate failed"),
            (sbom(&[("time", "0.3.0")]), "pass", "passed", "Gate passed"),
            (copyleft.into_bytes(), "fail", "failed", "Gate failed"),
            (
                odd.into_bytes(),
                "warn",
                "passed, warnings",
                "Gate passed with warnings",
            ),
            (sbom(&[]), "indeterminate", "indeterminate", "Gate undecided"),
        ];
        for (document, verdict, words, headline) in samples {
            let answer = world
                .post("/v1/projects/shop/builds?ref=main")
                .admin()
                .body(document)
                .send()
                .await;
            assert!(answer.status.is_success(), "{}", answer.text());
            world.work().await;
            let id = answer.json()["build"]["id"].as_str().unwrap().to_owned();
            assert_eq!(gate(&world).await["verdict"], verdict);
            let of_build = world
                .get(&format!("/v1/builds/{id}/verdict"))
                .admin()
                .send()
                .await;
            assert_eq!(of_build.json()["verdict"], verdict);
            let text = world
                .get(&format!("/v1/builds/{id}/verdict?format=json"))
                .admin()
                .send()
                .await
                .text();
            assert_eq!(
                text,
                of_build.text(),
                "a stored verdict is given as it was, byte for byte"
            );
            let drawn = world.get(&badge).send().await;
            assert_eq!(drawn.header("content-type"), "image/svg+xml");
            assert!(
                drawn.text().contains(&format!("gate: {words}<")),
                "{verdict}: {}",
                drawn.text()
            );
            let page = world
                .get("/projects/shop")
                .header("cookie", &cookie)
                .send()
                .await
                .text();
            assert!(page.contains(headline), "{verdict}: no `{headline}` on the page");
        }
        let other = badge.replace("key=plbb_", "key=plbb_0");
        assert_eq!(world.get(&other).send().await.status, StatusCode::NOT_FOUND);
        assert_eq!(
            world.get("/badges/shop.svg").send().await.status,
            StatusCode::NOT_FOUND
        );
        let api = world
            .get("/v1/projects/shop/gate")
            .token(key["key"].as_str().unwrap())
            .send()
            .await;
        assert_eq!(
            api.status,
            StatusCode::UNAUTHORIZED,
            "the key reads the badge and nothing else"
        );
    }
}

#[tokio::test]
async fn the_same_inputs_give_the_same_verdict_and_a_stored_one_outlives_its_feeds() {
    for world in World::both().await {
        failing(&world).await;
        let builds = world.get("/v1/projects/shop/builds").admin().send().await.json();
        let id = builds["items"][0]["id"].as_str().unwrap().to_owned();
        let asked = "/v1/projects/shop/gate?policy=default";
        let first = world.get(asked).admin().send().await.text();
        let second = world.get(asked).admin().send().await.text();
        assert_eq!(first, second, "equal inputs, equal bytes");
        let stored = world
            .get(&format!("/v1/builds/{id}/verdict"))
            .admin()
            .send()
            .await
            .text();
        upload(&world, "main", &[("time", "0.1.0"), ("serde", "1.0.0")]).await;
        world.clock.advance(DAY);
        world.publish("RUSTSEC-2026-0001", "time", "0.0.1").await;
        assert_ne!(
            gate(&world).await["verdict"],
            "fail",
            "the advisory speaks of other versions now"
        );
        let replayed = world
            .get(&format!("/v1/builds/{id}/verdict"))
            .admin()
            .send()
            .await
            .text();
        assert_eq!(
            replayed, stored,
            "a build that is no state any more keeps its verdict"
        );
    }
}
