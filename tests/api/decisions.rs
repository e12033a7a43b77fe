//! Decisions of people: what they cover, how long they hold, and what brings things back.

use axum::http::StatusCode;
use serde_json::{Value, json};
use store::tokens::Action;

use crate::world::{World, sbom};

/// A project with one build that fails for one critical finding in `time`.
pub(crate) async fn failing(world: &World) -> Value {
    world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
    world.make_project("shop").await;
    upload(world, "main", &[("time", "0.1.0")]).await;
    let gate = gate(world).await;
    assert_eq!(gate["verdict"], "fail", "{gate}");
    gate
}

pub(crate) async fn upload(world: &World, reference: &str, crates: &[(&str, &str)]) {
    let path = format!("/v1/projects/shop/builds?ref={reference}");
    let answer = world.post(&path).admin().body(sbom(crates)).send().await;
    assert!(answer.status.is_success(), "{}", answer.text());
    world.work().await;
}

pub(crate) async fn gate(world: &World) -> Value {
    world.get("/v1/projects/shop/gate").admin().send().await.json()
}

async fn findings(world: &World, state: &str) -> Vec<Value> {
    let path = format!("/v1/projects/shop/findings?state={state}");
    let list = world.get(&path).admin().send().await.json();
    list["items"].as_array().unwrap().clone()
}

fn waiver() -> Value {
    json!({
        "vulnerability": "RUSTSEC-2026-0001", "purl": "pkg:cargo/time@<0.2.0", "projects": ["shop"],
        "status": "accepted_risk", "reason": "We never parse dates.", "expires_on": "2026-03-20"
    })
}

pub(crate) async fn waive(world: &World, body: &Value) -> Value {
    let answer = world.post("/v1/waivers").admin().json(body).send().await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    world.work().await;
    answer.json()
}

#[tokio::test]
async fn a_waiver_covers_at_once_stays_visible_and_ends_with_its_last_day() {
    for world in World::both().await {
        failing(&world).await;
        let made = waive(&world, &waiver()).await;
        assert_eq!(made["state"], "active");
        assert_eq!(made["requested_by"], "token:test");
        let covered = gate(&world).await;
        assert_eq!(covered["verdict"], "pass", "{covered}");
        assert_eq!(covered["counts"]["waived"], 1);
        assert_eq!(
            covered["waivers"]["applied"][0]["reason"],
            "We never parse dates."
        );
        let open = findings(&world, "open").await;
        assert_eq!(
            open[0]["decision"]["state"], "accepted_risk",
            "a tolerated risk is still there"
        );

        let id = made["id"].as_str().unwrap();
        let one = world
            .get(&format!("/v1/waivers/{id}"))
            .admin()
            .send()
            .await
            .json();
        assert_eq!(one["covers"], 1);
        assert_eq!(one["uses"][0]["outcome"], "applied");

        // The last day is 20 March, inclusive.
        world.clock.set("2026-03-20T23:59:00Z".parse().unwrap());
        assert!(!world.worker.keep_schedule().await.unwrap());
        world.clock.set("2026-03-21T00:00:20Z".parse().unwrap());
        assert!(world.worker.keep_schedule().await.unwrap());
        world.work().await;
        let after = gate(&world).await;
        assert_eq!(
            after["verdict"], "fail",
            "that the feed is old by then, too, excuses nothing: {after}"
        );
        assert_eq!(after["counts"]["expired_waivers"], 1);
        assert_eq!(after["violations"][0]["rule"], "vulnerability.fail_at");
        let expired = world.get("/v1/waivers?state=expired").admin().send().await.json();
        assert_eq!(expired["items"][0]["id"], id);
        let log = world.get("/v1/audit-log").admin().send().await.json();
        let actions: Vec<&str> = log["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["action"].as_str().unwrap())
            .collect();
        assert!(
            actions.contains(&"waiver.create") && actions.contains(&"waiver.expire"),
            "{actions:?}"
        );
    }
}

#[tokio::test]
async fn a_waiver_that_cannot_be_kept_says_where() {
    for world in World::both().await {
        failing(&world).await;
        let mut over = waiver();
        over["expires_on"] = "2026-02-01".into();
        let mut long = waiver();
        long["expires_on"] = "2027-02-01".into();
        let mut endless = waiver();
        endless["expires_on"] = Value::Null;
        let mut empty = waiver();
        empty["reason"] = " ".into();
        let mut nowhere = waiver();
        nowhere["projects"] = json!(["shop", "none"]);
        let mut broad = json!({"rule": "license.deny", "status": "false_positive", "reason": "x"});
        let mut meta = json!({"rule": "meta.max_undetermined", "projects": ["shop"], "status": "false_positive", "reason": "x"});
        for (body, pointer) in [
            (&mut over, "/expires_on"),
            (&mut long, "/expires_on"),
            (&mut endless, "/expires_on"),
            (&mut empty, "/reason"),
            (&mut nowhere, "/projects/1"),
            (&mut broad, "/rule"),
            (&mut meta, "/rule"),
        ] {
            let answer = world.post("/v1/waivers").admin().json(body).send().await;
            assert_eq!(
                answer.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{body}: {}",
                answer.text()
            );
            assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{body}");
        }
    }
}

#[tokio::test]
async fn a_waiver_reopens_when_what_it_covers_changes() {
    for world in World::both().await {
        failing(&world).await;
        waive(&world, &waiver()).await;
        assert_eq!(gate(&world).await["verdict"], "pass");
        // Exploitation becomes known: the matter is another one than was decided about.
        let now = clock::Clock::now(world.clock.as_ref());
        let record = json!({
            "schema_version": "1.6.0", "id": "RUSTSEC-2026-0001", "modified": "2026-02-20T00:00:00Z", "summary": "time breaks",
            "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}],
            "affected": [{"package": {"ecosystem": "crates.io", "name": "time"},
                          "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "0.2.0"}]}]}]
        });
        world.give(&record, now).await;
        let changed = gate(&world).await;
        assert_eq!(
            changed["waivers"]["stale"].as_array().map(Vec::len),
            Some(1),
            "{changed}"
        );
        assert_eq!(
            changed["counts"]["low"], 1,
            "it is open again, at its new severity"
        );
        assert!(changed["notices"].to_string().contains("waiver_stale"));
        let stale = world.get("/v1/waivers?state=stale").admin().send().await.json();
        assert_eq!(stale["items"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn where_the_policy_asks_a_second_person_approves() {
    for world in World::both().await {
        failing(&world).await;
        let policy = json!({"waivers": {"four_eyes": true, "max_days": 30}});
        let put = world
            .put("/v1/policies/default?reason=eyes")
            .admin()
            .json(&policy)
            .send()
            .await;
        assert_eq!(put.status, StatusCode::CREATED, "{}", put.text());
        world.work().await;
        let made = waive(&world, &waiver()).await;
        assert_eq!(made["state"], "pending");
        assert_eq!(gate(&world).await["verdict"], "fail");
        let path = format!("/v1/waivers/{}", made["id"].as_str().unwrap());
        let approve = json!({"state": "active"});
        let own = world
            .call(axum::http::Method::PATCH, &path)
            .admin()
            .json(&approve)
            .send()
            .await;
        assert_eq!(own.status, StatusCode::FORBIDDEN);
        let reviewer = world.token_of("reviewer", &[Action::Triage], None).await;
        let late = world
            .call(axum::http::Method::PATCH, &path)
            .token(&reviewer)
            .header("if-match", "\"7\"")
            .json(&approve)
            .send()
            .await;
        assert_eq!(late.problem(), "changed-meanwhile");
        let other = world
            .call(axum::http::Method::PATCH, &path)
            .token(&reviewer)
            .json(&approve)
            .send()
            .await;
        assert_eq!(other.status, StatusCode::OK, "{}", other.text());
        assert_eq!(other.json()["approved_by"], "token:reviewer");
        world.work().await;
        assert_eq!(gate(&world).await["verdict"], "pass");
        // A longer life is a new question.
        let longer = json!({"expires_on": "2026-03-30"});
        let changed = world
            .call(axum::http::Method::PATCH, &path)
            .token(&reviewer)
            .json(&longer)
            .send()
            .await;
        assert_eq!(changed.json()["state"], "pending", "{}", changed.text());
        world.work().await;
        assert_eq!(gate(&world).await["verdict"], "fail");
        let gone = world.call(axum::http::Method::DELETE, &path).admin().send().await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
        let closed = world.get("/v1/waivers?state=closed").admin().send().await.json();
        assert_eq!(closed["items"][0]["state"], "revoked", "it stays for the record");
    }
}

#[tokio::test]
async fn who_may_not_decide_for_a_project_decides_nothing_for_it() {
    for world in World::both().await {
        failing(&world).await;
        world.make_project("other").await;
        let reader = world.token(&[Action::Read, Action::Upload], None).await;
        let bound = world.token(&[Action::Triage], Some("other")).await;
        for token in [&reader, &bound] {
            let answer = world
                .post("/v1/waivers")
                .token(token)
                .json(&waiver())
                .send()
                .await;
            assert!(matches!(answer.status.as_u16(), 403 | 422), "{}", answer.text());
        }
        let mut everywhere = waiver();
        everywhere["projects"] = json!([]);
        let answer = world
            .post("/v1/waivers")
            .token(&bound)
            .json(&everywhere)
            .send()
            .await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "a rule for all takes the right for all"
        );
        let made = waive(&world, &waiver()).await;
        let path = format!("/v1/waivers/{}", made["id"].as_str().unwrap());
        assert_eq!(
            world.get(&path).token(&bound).send().await.status,
            StatusCode::NOT_FOUND
        );
        let id = findings(&world, "open").await[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let triage = json!({"findings": [id], "state": "false_positive", "reason": "no"});
        let answer = world
            .post("/v1/triage")
            .token(&bound)
            .json(&triage)
            .send()
            .await
            .json();
        assert_eq!(answer["refused"][0]["finding"], id.as_str());
        let malware = json!({"vulnerability": "MAL-2026-1", "projects": ["shop"], "status": "false_positive", "reason": "x"});
        let triager = world.token(&[Action::Triage], None).await;
        let answer = world
            .post("/v1/waivers")
            .token(&triager)
            .json(&malware)
            .send()
            .await;
        assert_eq!(
            answer.status,
            StatusCode::FORBIDDEN,
            "malware is let in by administrators only"
        );
    }
}

#[tokio::test]
async fn what_does_not_affect_is_closed_carries_on_and_can_be_taken_back() {
    for world in World::both().await {
        failing(&world).await;
        let id = findings(&world, "open").await[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let decide = json!({
            "findings": [id], "state": "not_affected", "justification": "vulnerable_code_not_in_execute_path",
            "reason": "The parser is never called."
        });
        let answer = world.post("/v1/triage").admin().json(&decide).send().await.json();
        assert_eq!(
            answer["decided"][0]["waiver"]["purl"], "pkg:cargo/time@<0.2.0",
            "{answer}"
        );
        assert_eq!(answer["decided"][0]["waiver"]["decided_on"], "time@0.1.0");
        world.work().await;
        assert_eq!(gate(&world).await["verdict"], "pass");
        assert!(findings(&world, "open").await.is_empty());
        let closed = findings(&world, "closed").await;
        assert_eq!(closed[0]["close_reason"], "not_affected");
        assert_eq!(closed[0]["id"], id.as_str());

        // The next build has another affected version: the decision holds for it, too, and it never opens.
        upload(&world, "main", &[("time", "0.1.9")]).await;
        assert_eq!(gate(&world).await["verdict"], "pass");
        let next = findings(&world, "closed").await;
        let kept = next
            .iter()
            .find(|finding| finding["component"]["version"] == "0.1.9")
            .unwrap();
        assert_eq!(kept["close_reason"], "not_affected");
        let kept = kept["id"].as_str().unwrap();

        let detail = world
            .get(&format!("/v1/findings/{kept}"))
            .admin()
            .send()
            .await
            .json();
        assert_eq!(detail["decision"]["state"], "not_affected");
        let back = json!({"state": "open"});
        let answer = world
            .post(&format!("/v1/findings/{kept}/triage"))
            .admin()
            .json(&back)
            .send()
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        world.work().await;
        let open = findings(&world, "open").await;
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!(open[0]["id"], kept);
        assert_eq!(open[0]["cause"], "decision_ended");
        assert_eq!(gate(&world).await["verdict"], "fail");
    }
}
