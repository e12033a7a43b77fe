//! Work on pages: many findings at once, watching, VEX documents, the badge, following a build.

use axum::http::StatusCode;
use http_body_util::BodyExt as _;
use serde_json::json;
use tower::ServiceExt as _;

use crate::decision_pages::{page, send};
use crate::decisions::{failing, gate};
use crate::pages::csrf;
use crate::world::{World, sbom};

#[tokio::test]
async fn many_findings_are_decided_about_at_once() {
    for world in World::both().await {
        failing(&world).await;
        let cookie = world.sign_in("mara").await;
        let path = "/projects/shop/findings";
        let shown = page(&world, &cookie, path).await.text();
        assert!(
            shown.contains("form=\"bulk\"") && shown.contains("action=\"/findings/triage\""),
            "{shown}"
        );
        let list = world
            .get("/v1/projects/shop/findings")
            .admin()
            .send()
            .await
            .json();
        let ids: Vec<String> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| format!("finding={}", item["id"].as_str().unwrap()))
            .collect();
        let back = "back=%2Fprojects%2Fshop%2Ffindings%3Fkev%3D";
        let nothing = send(
            &world,
            &cookie,
            path,
            "/findings/triage",
            &format!("state=in_triage&{back}"),
        )
        .await;
        assert_eq!(nothing.header("location"), "/projects/shop/findings?kev=");
        assert!(
            nothing.header("set-cookie").contains("failed."),
            "nothing was ticked"
        );
        let fields = format!(
            "{}&finding=none&{back}&state=not_affected&justification=vulnerable_code_not_present&reason=Not+built+in",
            ids.join("&")
        );
        let done = send(&world, &cookie, path, "/findings/triage", &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        let said = done.header("set-cookie").to_owned();
        assert!(
            said.contains("failed.") && said.contains("Not%20about%201%20finding"),
            "one does not exist: {said}"
        );
        assert_eq!(gate(&world).await["verdict"], "pass");
    }
}

#[tokio::test]
async fn a_component_is_watched_and_watched_no_more() {
    for world in World::both().await {
        failing(&world).await;
        let cookie = world.sign_in("mara").await;
        let path = "/components/pkg:cargo/time";
        let form = "purl=pkg%3Acargo%2Ftime&act=watch";
        assert_eq!(
            send(&world, &cookie, path, "/watching", form)
                .await
                .header("location"),
            path
        );
        assert!(page(&world, &cookie, path).await.text().contains("Watched"));
        let list = page(&world, &cookie, "/watching").await.text();
        assert!(list.contains("href=\"/components/pkg:cargo/time\""), "{list}");
        let end = "purl=pkg%3Acargo%2Ftime&act=unwatch&back=%2Fwatching";
        send(&world, &cookie, "/watching", "/watching", end).await;
        assert!(
            page(&world, &cookie, "/watching")
                .await
                .text()
                .contains("You watch nothing yet")
        );
        let unknown = send(
            &world,
            &cookie,
            "/watching",
            "/watching",
            "purl=pkg%3Anpm%2Fnobody&act=watch",
        )
        .await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_vex_document_is_given_and_taken_back() {
    for world in World::both().await {
        failing(&world).await;
        let cookie = world.sign_in("mara").await;
        let path = "/projects/shop/vex";
        let secret = csrf(&page(&world, &cookie, path).await);
        let finding = world
            .get("/v1/projects/shop/findings")
            .admin()
            .send()
            .await
            .json()["items"][0]
            .clone();
        let document = json!({
            "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "Vendor",
            "timestamp": "2026-03-01T00:00:00Z", "version": 1,
            "statements": [{
                "vulnerability": {"name": finding["canonical"]},
                "products": [{"@id": finding["component"]["purl"]}],
                "status": "not_affected", "justification": "vulnerable_code_not_present"
            }]
        });
        let sent = async |text: &str| {
            let part = |name: &str, more: &str, content: &str| {
                format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n")
            };
            let body = [
                part("csrf", "", &secret),
                part("file", "; filename=\"vex.json\"", text),
            ]
            .concat();
            let answer = world
                .post(path)
                .header("cookie", &cookie)
                .header("content-type", "multipart/form-data; boundary=b")
                .body(format!("{body}--b--\r\n"))
                .send()
                .await;
            world.work().await;
            answer
        };
        let wrong = sent("{}").await.text();
        assert!(
            wrong.contains("<title>Error: ") && wrong.contains("href=\"#file\""),
            "{wrong}"
        );
        let given = sent(&document.to_string()).await.text();
        assert!(
            given.contains("What it does") && given.contains("no longer counts"),
            "{given}"
        );
        assert_eq!(gate(&world).await["verdict"], "pass");
        let list = page(&world, &cookie, path).await.text();
        let at = list.find("/delete\"").expect("it can be taken back");
        let delete = list[..at].rsplit('"').next().unwrap();
        let back = send(&world, &cookie, path, &format!("{delete}/delete"), "").await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text());
        assert_eq!(gate(&world).await["verdict"], "fail");
    }
}

#[tokio::test]
async fn a_badge_has_a_key_that_opens_nothing_else() {
    for world in World::both().await {
        failing(&world).await;
        let cookie = world.sign_in("mara").await;
        let path = "/projects/shop/badge";
        assert!(
            page(&world, &cookie, path)
                .await
                .text()
                .contains("There is no key yet")
        );
        let made = send(&world, &cookie, path, path, "act=renew").await.text();
        let at = made.find("?key=").expect("the key is shown");
        let key: String = made[at + 5..]
            .chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
            .collect();
        let picture = format!("/badges/shop.svg?key={key}");
        assert_eq!(world.get(&picture).send().await.status, StatusCode::OK);
        assert_eq!(
            world.get("/v1/projects/shop").token(&key).send().await.problem(),
            "unauthenticated"
        );
        let listed = page(&world, &cookie, path).await.text();
        assert!(
            listed.contains("made by mara") && !listed.contains(&key),
            "{listed}"
        );
        send(&world, &cookie, path, path, "act=revoke").await;
        assert_eq!(world.get(&picture).send().await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_build_is_followed_as_it_is_worked_on() {
    for world in World::both().await {
        world.make_project("shop").await;
        let sent = world
            .post("/v1/projects/shop/builds?ref=main")
            .admin()
            .body(sbom(&[("time", "0.1.0")]))
            .send()
            .await;
        let id = sent.json()["build"]["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/builds/{id}/events");
        let request = axum::http::Request::get(&path)
            .header("authorization", format!("Bearer {}", world.admin))
            .body(axum::body::Body::empty())
            .unwrap();
        let response = world.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut body = response.into_body();
        let mut text = String::new();
        while !text.contains("\n\n") {
            let frame = body.frame().await.unwrap().unwrap();
            text.push_str(&String::from_utf8_lossy(frame.data_ref().unwrap()));
        }
        assert!(
            text.contains("event: progress") && text.contains("\"status\":\"queued\""),
            "{text}"
        );
        world.work().await;
        let rest = body.collect().await.unwrap().to_bytes();
        let rest = String::from_utf8_lossy(&rest);
        assert!(
            rest.contains("event: finished") && rest.contains("\"status\":\"succeeded\""),
            "{rest}"
        );
        // What is over is told at once.
        let again = world.get(&path).admin().send().await.text();
        assert!(again.starts_with("event: finished"), "{again}");
        let other = world.token(&[store::tokens::Action::Read], None).await;
        assert_eq!(world.get(&path).token(&other).send().await.status, StatusCode::OK);
        world.make_project("other").await;
        let bound = world.token(&[store::tokens::Action::Read], Some("other")).await;
        assert_eq!(
            world.get(&path).token(&bound).send().await.status,
            StatusCode::NOT_FOUND
        );
    }
}
