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

#[tokio::test]
async fn a_policy_inherits_and_the_verdict_names_whom() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        let project = world
            .put("/v1/projects/team%2Fshop")
            .admin()
            .json(&json!({}))
            .send()
            .await;
        assert_eq!(project.status, StatusCode::CREATED, "{}", project.text());
        let put = async |name: &str, tag: &str, text: &str| {
            let path = format!("/v1/policies/{name}?reason=test");
            let call = world
                .put(&path)
                .admin()
                .header("content-type", "application/toml");
            call.header("if-match", tag).body(text.to_owned()).send().await
        };
        assert_eq!(
            put("default", "*", "[vulnerability]\nfail_at = \"never\"\n")
                .await
                .status,
            StatusCode::CREATED
        );
        let hosted =
            "# the team's\nextends = \"organisation\"\n[license]\ndeny = [\"cat:network-copyleft\"]\n";
        let stored = put("hosted", "*", hosted).await;
        assert_eq!(stored.json()["extends"], "organisation", "{}", stored.text());
        assert_eq!(stored.json()["source"], hosted, "comments stay");
        let own = put("own", "*", "extends = \"hosted\"\n[source]\ngit = \"fail\"\n").await;
        assert_eq!(own.json()["document"]["vulnerability"]["fail_at"], "never");
        for (text, why) in [
            ("extends = \"nobody\"\n", "there is no policy named"),
            ("extends = \"circle\"\n", "in a circle"),
        ] {
            let answer = put("circle", "*", text).await;
            assert_eq!(answer.problem(), "invalid-policy");
            assert!(answer.text().contains(why), "{}", answer.text());
        }
        let team = world
            .put("/v1/teams/team/policy")
            .admin()
            .json(&json!({"policy": "own"}))
            .send()
            .await;
        assert_eq!(team.status, StatusCode::OK, "{}", team.text());
        let upload = world
            .post("/v1/projects/team%2Fshop/builds?ref=main")
            .admin()
            .body(sbom(&[("time", "0.1.0")]));
        assert!(upload.send().await.status.is_success());
        world.work().await;
        let gate = async || {
            world
                .get("/v1/projects/team%2Fshop/gate")
                .admin()
                .send()
                .await
                .json()
        };
        let lenient = gate().await;
        assert_eq!(lenient["policy"]["id"], "own", "{lenient}");
        let chain: Vec<&str> = lenient["policy"]["extends"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["id"].as_str().unwrap())
            .collect();
        assert_eq!(chain, ["hosted", "default"]);
        assert_eq!(lenient["verdict"], "warn");
        // What the organisation says reaches whoever inherits it.
        let stricter = put("default", "\"1\"", "[vulnerability]\nfail_at = \"high\"\n").await;
        assert_eq!(stricter.status, StatusCode::OK, "{}", stricter.text());
        world.work().await;
        let strict = gate().await;
        assert_eq!(strict["verdict"], "fail");
        assert_ne!(strict["policy"]["sha256"], lenient["policy"]["sha256"]);
        assert_eq!(strict["policy"]["extends"][1]["revision"], 2);
        // A change that would break an heir is refused and names it.
        put(
            "heir",
            "*",
            "extends = \"own\"\n[vulnerability]\nwarn_at = \"high\"\n",
        )
        .await;
        let broken = put("default", "\"2\"", "[vulnerability]\nfail_at = \"low\"\n").await;
        assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(broken.text().contains("heir"), "{}", broken.text());
    }
}

#[tokio::test]
async fn a_draft_is_tried_on_what_is_there_and_nothing_is_kept() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        for (name, version) in [("shop", "0.1.0"), ("desk", "0.3.0")] {
            world.make_project(name).await;
            let path = format!("/v1/projects/{name}/builds?ref=main");
            world
                .post(&path)
                .admin()
                .body(sbom(&[("time", version)]))
                .send()
                .await;
        }
        world.work().await;
        let draft = json!({"vulnerability": {"fail_at": "never"}, "license": {"deny": ["MIT"]}});
        let answer = world
            .post("/v1/policies/tried/simulate")
            .admin()
            .json(&draft)
            .send()
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let tried = answer.json();
        assert_eq!(
            (tried["tried"].as_u64(), tried["turn_red"].as_u64()),
            (Some(2), Some(1)),
            "{tried}"
        );
        let desk = &tried["items"][0];
        assert_eq!(
            (&desk["project"], &desk["now"], &desk["then"]),
            (&json!("desk"), &json!("pass"), &json!("fail"))
        );
        assert!(desk["reasons"][0].as_str().unwrap().contains("MIT"), "{desk}");
        let kept = world.get("/v1/policies/tried").admin().send().await;
        assert_eq!(kept.status, StatusCode::NOT_FOUND);
        let broken = world
            .post("/v1/policies/tried/simulate")
            .admin()
            .body("{\"bogus\":1}")
            .send()
            .await;
        assert_eq!(broken.json()["errors"][0]["pointer"], "/bogus");
        let one = world
            .post("/v1/policies/tried/simulate?projects=shop")
            .admin()
            .json(&draft)
            .send()
            .await
            .json();
        assert_eq!(one["tried"], 1);
    }
}

#[tokio::test]
async fn what_nothing_called_for_is_told_and_nothing_is_told_where_nothing_was_judged() {
    for world in World::both().await {
        world
            .put("/v1/policies/p?reason=x")
            .admin()
            .json(&json!({"license": {"allow": ["MIT", "ISC"]}, "source": {"git": "fail"}}))
            .send()
            .await;
        let unused = async || world.get("/v1/policies/p/unused").admin().send().await.json();
        let nothing = unused().await;
        assert_eq!(nothing["verdicts"], 0);
        assert_eq!(
            nothing["items"],
            json!([]),
            "nothing is known, so nothing is unused"
        );

        world.make_project("shop").await;
        let sent = world
            .post("/v1/projects/shop/builds?ref=main&policy=p")
            .admin()
            .body(sbom(&[("time", "0.3.0")]))
            .send()
            .await;
        assert!(sent.status.is_success(), "{}", sent.text());
        world.work().await;
        let told = unused().await;
        assert!(told["verdicts"].as_u64() >= Some(1), "{told}");
        assert_eq!(told["whole"], true);
        let places: Vec<&str> = told["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["place"].as_str().unwrap())
            .collect();
        assert!(
            places.contains(&"/license/allow/1") && places.contains(&"/source/git"),
            "{told}"
        );
        assert!(!places.contains(&"/license/allow/0"), "MIT is in use: {told}");
        let missing = world.get("/v1/policies/none/unused").admin().send().await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        let long = world.get("/v1/policies/p/unused?days=900").admin().send().await;
        assert_eq!(long.status, StatusCode::BAD_REQUEST);
    }
}
