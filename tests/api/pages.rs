//! Pages as a browser gets them: signing in, forms that cannot be forged, problems to read.

use axum::http::StatusCode;

use crate::world::{Answer, World};

/// The secret that forms of a page carry.
pub(crate) fn csrf(page: &Answer) -> String {
    let text = page.text();
    let (_, rest) = text
        .split_once("name=\"csrf\" value=\"")
        .expect("a form with a secret");
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_stranger_is_sent_to_the_login_page_and_back() {
    for world in World::both().await {
        let answer = world.get("/start?project=shop").send().await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert_eq!(answer.header("location"), "/login?next=%2Fstart%3Fproject%3Dshop");
        let login = world.get(answer.header("location")).send().await;
        assert_eq!(login.status, StatusCode::OK);
        assert!(!login.text().contains("password"), "there are no accounts yet");
    }
}

#[tokio::test]
async fn opening_a_link_does_not_use_it_up_and_using_it_does() {
    for world in World::both().await {
        let once = world.login_link("mara").await;
        let link = format!("/login?once={once}");
        for _ in 0..2 {
            let shown = world.get(&link).send().await;
            assert_eq!(shown.status, StatusCode::OK);
            assert!(
                shown.text().contains(&once) && shown.header("set-cookie").starts_with("plumbline_flash=")
            );
        }
        let form = format!("once={once}&next=/start");
        let used = world.post("/login").form(&form).send().await;
        assert_eq!(used.status, StatusCode::SEE_OTHER);
        assert_eq!(used.header("location"), "/start");
        let cookie = used.header("set-cookie");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        let again = world.post("/login").form(&form).send().await;
        assert_eq!(again.status, StatusCode::FORBIDDEN);
        assert!(again.text().contains("used before"));
    }
}

#[tokio::test]
async fn a_link_leads_nowhere_else() {
    for world in World::both().await {
        for elsewhere in [
            "https%3A%2F%2Fexample.org",
            "%2F%2Fexample.org",
            "%2F%5Cexample.org",
        ] {
            let once = world.login_link("mara").await;
            let form = format!("once={once}&next={elsewhere}");
            let used = world.post("/login").form(&form).send().await;
            assert_eq!(used.header("location"), "/", "{elsewhere}");
        }
    }
}

#[tokio::test]
async fn a_form_needs_the_secret_of_its_session() {
    for world in World::both().await {
        let cookie = world.sign_in("mara").await;
        let secret = csrf(&world.get("/start").header("cookie", &cookie).send().await);
        let forged = [
            String::new(),
            "csrf=0".to_owned(),
            "csrf=".to_owned(),
            format!("csrf={secret}0"),
        ];
        for forged in forged {
            let form = format!("theme=dark&back=/start&{forged}");
            let answer = world
                .post("/theme")
                .header("cookie", &cookie)
                .form(&form)
                .send()
                .await;
            assert!(answer.status.is_client_error(), "{forged}: {}", answer.status);
            assert!(answer.text().contains("<h1>"), "people get a page");
        }
        let form = format!("theme=dark&back=/start&csrf={secret}");
        let foreign = world
            .post("/theme")
            .header("cookie", &cookie)
            .header("sec-fetch-site", "cross-site")
            .form(&form);
        assert_eq!(foreign.send().await.status, StatusCode::FORBIDDEN);
        let own = world
            .post("/theme")
            .header("cookie", &cookie)
            .form(&form)
            .send()
            .await;
        assert_eq!(own.status, StatusCode::SEE_OTHER);
        assert_eq!(own.header("location"), "/start");
        let dark = world
            .get("/start")
            .header("cookie", &format!("{cookie}; plumbline_theme=dark"))
            .send()
            .await;
        assert!(dark.text().contains("data-theme=\"dark\""));
    }
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    for world in World::both().await {
        let cookie = world.sign_in("mara").await;
        let page = world.get("/start").header("cookie", &cookie).send().await;
        assert_eq!(page.status, StatusCode::OK);
        let form = format!("csrf={}", csrf(&page));
        let out = world
            .post("/logout")
            .header("cookie", &cookie)
            .form(&form)
            .send()
            .await;
        assert_eq!(out.header("location"), "/login");
        let after = world.get("/start").header("cookie", &cookie).send().await;
        assert_eq!(after.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_session_reads_the_api_and_does_not_write_it() {
    for world in World::both().await {
        let cookie = world.sign_in("mara").await;
        let who = world.get("/v1/whoami").header("cookie", &cookie).send().await;
        assert_eq!(who.json()["actor"], "user:mara");
        let answer = world
            .post("/v1/tokens")
            .header("cookie", &cookie)
            .json(&serde_json::json!({"name": "x", "actions": ["admin"]}))
            .send()
            .await;
        assert_eq!(answer.problem(), "unauthenticated");
    }
}

#[tokio::test]
async fn the_first_steps_make_a_project_and_a_token_that_is_shown_once() {
    for world in World::both().await {
        let cookie = world.sign_in("mara").await;
        let bad = world
            .get("/start?project=a%20b")
            .header("cookie", &cookie)
            .send()
            .await;
        assert!(bad.text().contains("role=\"alert\""));
        let page = world
            .get("/start?project=team/shop")
            .header("cookie", &cookie)
            .send()
            .await;
        let form = format!("project=team/shop&csrf={}", csrf(&page));
        let made = world
            .post("/start/token")
            .header("cookie", &cookie)
            .form(&form)
            .send()
            .await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text());
        assert_eq!(made.header("cache-control"), "no-store");
        let text = made.text();
        let at = text.find("plb_").expect("the token is shown");
        let token: String = text[at..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect();
        let who = world.get("/v1/whoami").token(&token).send().await.json();
        assert_eq!(who["project"], "team/shop");
        let again = world
            .get("/start?project=team/shop")
            .header("cookie", &cookie)
            .send()
            .await;
        assert!(!again.text().contains("plb_"));
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_for_people() {
    for world in World::both().await {
        let cookie = world.sign_in("mara").await;
        let stranger = world.get("/no-such-page").send().await;
        let member = world.get("/no-such-page").header("cookie", &cookie).send().await;
        for (answer, knows) in [(&stranger, false), (&member, true)] {
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            assert!(answer.header("content-type").starts_with("text/html"));
            assert!(answer.text().contains(answer.header("x-request-id")));
            assert_eq!(answer.text().contains("aria-label=\"Main\""), knows);
        }
    }
}

#[tokio::test]
async fn files_may_be_kept_for_ever_under_their_hashed_names() {
    for world in World::both().await {
        let style = web::assets::url("app.css");
        let kept = world.get(&style).send().await;
        assert_eq!(kept.status, StatusCode::OK);
        assert_eq!(kept.header("content-type"), "text/css; charset=utf-8");
        assert!(kept.header("cache-control").contains("immutable"));
        let tag = kept.header("etag").to_owned();
        let again = world.get(&style).header("if-none-match", &tag).send().await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        assert_eq!(
            world.get("/assets/app.css").send().await.header("cache-control"),
            "no-cache"
        );
        assert_eq!(
            world.get("/assets/..%2FCargo.toml").send().await.status,
            StatusCode::NOT_FOUND
        );
    }
}
