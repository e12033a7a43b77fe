//! Deciding with a browser and without script: a finding, a waiver, a policy, a license.

use axum::http::StatusCode;
use serde_json::json;

use crate::decisions::{failing, gate, upload, waive};
use crate::pages::csrf;
use crate::world::{Answer, World};

pub(crate) async fn page(world: &World, cookie: &str, path: &str) -> Answer {
    let answer = world.get(path).header("cookie", cookie).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer
}

/// Sends a form of a page with the secret of the session.
pub(crate) async fn send(world: &World, cookie: &str, from: &str, to: &str, fields: &str) -> Answer {
    let secret = csrf(&page(world, cookie, from).await);
    let form = format!("{fields}&csrf={secret}");
    let answer = world.post(to).header("cookie", cookie).form(&form).send().await;
    world.work().await;
    answer
}

#[tokio::test]
async fn a_finding_is_decided_about_and_its_page_says_so() {
    for world in World::both().await {
        failing(&world).await;
        let cookie = world.sign_in("mara").await;
        let list = world
            .get("/v1/projects/shop/findings")
            .admin()
            .send()
            .await
            .json();
        let path = format!("/findings/{}", list["items"][0]["id"].as_str().unwrap());
        let shown = page(&world, &cookie, &path).await.text();
        for part in [
            "What is true",
            "pkg:cargo/time@&#60;0.2.0",
            "Save decision",
            "This version only",
        ] {
            assert!(shown.contains(part), "no `{part}`");
        }
        let decide = format!("{path}/decision");
        let wrong = send(
            &world,
            &cookie,
            &path,
            &decide,
            "state=accepted_risk&until=2020-01-01&reason=",
        )
        .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = wrong.text();
        assert!(
            text.contains("<title>Error: ")
                && text.contains("href=\"#until\"")
                && text.contains("href=\"#reason\""),
            "{text}"
        );
        assert!(text.contains("value=\"2020-01-01\""), "what was typed stays");
        let said = send(
            &world,
            &cookie,
            &path,
            &format!("{path}/comment"),
            "text=The+route+is+behind+a+login",
        )
        .await;
        assert_eq!(said.status, StatusCode::SEE_OTHER);
        let triage = send(&world, &cookie, &path, &decide, "state=in_triage&reason=Looking").await;
        assert_eq!(triage.status, StatusCode::SEE_OTHER, "{}", triage.text());
        let shown = page(&world, &cookie, &path).await.text();
        assert!(
            shown.contains("Decided: in triage") && shown.contains("The route is behind a login"),
            "{shown}"
        );
        assert_eq!(gate(&world).await["verdict"], "fail", "a word changes no verdict");
        let fields = "state=not_affected&justification=vulnerable_code_not_in_execute_path&reason=Never+called&versions=affected&scope=project";
        assert_eq!(
            send(&world, &cookie, &path, &decide, fields).await.status,
            StatusCode::SEE_OTHER
        );
        assert_eq!(gate(&world).await["verdict"], "pass");
        let shown = page(&world, &cookie, &path).await.text();
        for part in [
            "Decided: not affected",
            "Never called",
            "See the waiver",
            "somebody decided that it does not affect the product",
        ] {
            assert!(shown.contains(part), "no `{part}`");
        }
        let forged = world
            .post(&decide)
            .header("cookie", &cookie)
            .form("csrf=0&state=open")
            .send()
            .await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn waivers_are_read_changed_and_ended_on_their_page() {
    for world in World::both().await {
        failing(&world).await;
        let cookie = world.sign_in("mara").await;
        let empty = page(&world, &cookie, "/waivers").await.text();
        assert!(empty.contains("No waiver stands here"));
        let made = waive(
            &world,
            &json!({
                "vulnerability": "RUSTSEC-2026-0001", "projects": ["shop"], "status": "accepted_risk",
                "reason": "We never parse dates.", "expires_on": "2026-03-10"
            }),
        )
        .await;
        let path = format!("/waivers/{}", made["id"].as_str().unwrap());
        let list = page(&world, &cookie, "/waivers?state=expiring").await.text();
        assert!(list.contains(&path) && list.contains("9 days left"), "{list}");
        let shown = page(&world, &cookie, &path).await.text();
        assert!(shown.contains("covers 1") && shown.contains("We never parse dates."));
        let changed = send(
            &world,
            &cookie,
            &path,
            &path,
            "act=change&revision=1&reason=Still&until=2026-03-15",
        )
        .await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text());
        let late = send(&world, &cookie, &path, &path, "act=revoke&revision=1").await;
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
        let ended = send(&world, &cookie, &path, &path, "act=revoke&revision=2").await;
        assert_eq!(ended.status, StatusCode::SEE_OTHER);
        assert_eq!(gate(&world).await["verdict"], "fail");
        assert!(
            page(&world, &cookie, "/waivers?state=closed")
                .await
                .text()
                .contains("Revoked")
        );
    }
}

#[tokio::test]
async fn a_policy_is_written_tried_and_saved() {
    for world in World::both().await {
        failing(&world).await;
        let cookie = world.sign_in("mara").await;
        assert!(
            page(&world, &cookie, "/policies")
                .await
                .text()
                .contains("built in")
        );
        let new = world
            .get("/policies/new?name=hosted")
            .header("cookie", &cookie)
            .send()
            .await;
        assert_eq!(new.header("location"), "/policies/hosted");
        let path = "/policies/default";
        let wrong = "seen=0&reason=x&text=%5Bvulnerability%5D%0D%0Afail_at+%3D+%22hgih%22";
        let refused = send(&world, &cookie, path, path, wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let text = refused.text();
        assert!(
            text.contains("line 2, column 11") && text.contains("hgih") && text.contains("href=\"#text\""),
            "{text}"
        );
        let good = "seen=0&reason=Calm&text=%5Bvulnerability%5D%0D%0Afail_at+%3D+%22never%22";
        let tried = send(&world, &cookie, path, "/policies/default/try", good).await;
        assert_eq!(tried.status, StatusCode::OK, "{}", tried.text());
        assert!(
            tried
                .text()
                .contains("Of 1 project, none would turn red and 1 green."),
            "{}",
            tried.text()
        );
        assert_eq!(gate(&world).await["policy"]["revision"], 0, "nothing is kept");
        let saved = send(&world, &cookie, path, path, good).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        assert_eq!(gate(&world).await["policy"]["revision"], 1);
        let shown = page(&world, &cookie, path).await.text();
        assert!(shown.contains("revision 1") && shown.contains("vulnerability.fail_at"));
        let late = send(&world, &cookie, path, path, good).await;
        assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
    }
}

#[tokio::test]
async fn a_license_is_set_by_who_read_it() {
    for world in World::both().await {
        failing(&world).await;
        upload(&world, "main", &[("time", "0.3.0")]).await;
        let odd = String::from_utf8(crate::world::sbom(&[("time", "0.3.0")]))
            .unwrap()
            .replace("MIT", "Own terms");
        world
            .post("/v1/projects/shop/builds?ref=main")
            .admin()
            .body(odd)
            .send()
            .await;
        world.work().await;
        let cookie = world.sign_in("mara").await;
        let list = page(&world, &cookie, "/projects/shop/licenses").await.text();
        assert!(list.contains("Set license"), "{list}");
        let path = "/licenses/conclude?purl=pkg%3Acargo%2Ftime%400.3.0&project=shop";
        assert!(page(&world, &cookie, path).await.text().contains("Own terms"));
        let of = "of=pkg%3Acargo%2Ftime%400.3.0&project=shop&scope=project&purl=pkg%3Acargo%2Ftime%400.3.0";
        let wrong = send(
            &world,
            &cookie,
            path,
            "/licenses/conclude",
            &format!("{of}&license=MTI&reason=x"),
        )
        .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text().contains("href=\"#license\""));
        let saved = send(
            &world,
            &cookie,
            path,
            "/licenses/conclude",
            &format!("{of}&license=MIT&reason=Read+it"),
        )
        .await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        assert_eq!(gate(&world).await["verdict"], "pass");
        assert!(
            page(&world, &cookie, path)
                .await
                .text()
                .contains("Concluded before")
        );
    }
}
