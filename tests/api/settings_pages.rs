//! Settings and the audit log, with a browser and without script.

use axum::http::StatusCode;

use crate::decision_pages::{page, send};
use crate::world::World;

#[tokio::test]
async fn a_token_is_made_shown_once_and_ended() {
    for world in World::both().await {
        world.make_project("shop").await;
        let cookie = world.sign_in("mara").await;
        let path = "/settings/tokens";
        let wrong = send(&world, &cookie, path, path, "name=ci&days=0&action=read").await;
        let text = wrong.text();
        assert!(
            text.contains("<title>Error: ") && text.contains("href=\"#days\""),
            "{text}"
        );
        let fields = "name=ci&project=shop&days=30&action=upload&action=read";
        let made = send(&world, &cookie, path, path, fields).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text());
        let text = made.text();
        let at = text.find("data-copy=\"the token\">").expect("the token is shown");
        let token = text[at..].split(['>', '<']).nth(1).unwrap().to_owned();
        assert!(token.starts_with("plb_"), "{token}");
        assert_eq!(
            world.get("/v1/projects/shop").token(&token).send().await.status,
            StatusCode::OK
        );
        let list = page(&world, &cookie, path).await.text();
        assert!(list.contains(">ci<") && !list.contains(&token));
        let whole = list.find("/revoke\"").unwrap();
        let revoke = list[..whole].rsplit('"').next().unwrap();
        // The newest token of the list is the one that was just made.
        let ended = send(&world, &cookie, path, &format!("{revoke}/revoke"), "").await;
        assert_eq!(ended.status, StatusCode::SEE_OTHER);
        assert_eq!(
            world
                .get("/v1/projects/shop")
                .token(&token)
                .send()
                .await
                .problem(),
            "unauthenticated"
        );
    }
}

#[tokio::test]
async fn somebody_is_invited_and_signed_out() {
    for world in World::both().await {
        let cookie = world.sign_in("mara").await;
        let path = "/settings/people";
        let text = send(&world, &cookie, path, path, "name=new+colleague")
            .await
            .text();
        assert!(text.contains("<title>Error: "), "a name with a space: {text}");
        let text = send(&world, &cookie, path, path, "name=colleague").await.text();
        let at = text.find("/login?once=").expect("the link is shown");
        let once: String = text[at + 12..]
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let used = world
            .post("/login")
            .form(&format!("once={once}&next=/"))
            .send()
            .await;
        assert_eq!(used.status, StatusCode::SEE_OTHER, "{}", used.text());
        let theirs = used.header("set-cookie").split(';').next().unwrap().to_owned();
        page(&world, &theirs, "/feeds").await;
        let listed = page(&world, &cookie, path).await.text();
        assert!(
            listed.contains("colleague") && listed.contains("signed in with 1 browser"),
            "{listed}"
        );
        let ended = send(
            &world,
            &cookie,
            path,
            "/settings/people/sign-out",
            "name=colleague",
        )
        .await;
        assert_eq!(ended.status, StatusCode::SEE_OTHER);
        let out = world.get("/feeds").header("cookie", &theirs).send().await;
        assert_eq!(out.status, StatusCode::SEE_OTHER, "to the login page");
    }
}

#[tokio::test]
async fn a_webhook_is_set_up_tried_changed_and_deleted_on_pages() {
    for world in World::both().await {
        let cookie = world.sign_in("mara").await;
        let path = "/settings/webhooks";
        let wrong = "name=ops&url=nowhere&shape=signed&event=gate.failed";
        let text = send(&world, &cookie, path, path, wrong).await.text();
        assert!(
            text.contains("href=\"#url\"") && text.contains("value=\"nowhere\""),
            "{text}"
        );
        let right = "name=ops&url=http%3A%2F%2F127.0.0.1%3A9%2Fs3cret&shape=signed&event=gate.failed";
        let text = send(&world, &cookie, path, path, right).await.text();
        assert!(text.contains("plbw_"), "the secret is shown: {text}");
        let list = page(&world, &cookie, path).await.text();
        assert!(!list.contains("plbw_") && !list.contains("s3cret"), "{list}");
        let at = list.find("/settings/webhooks/").unwrap();
        let one: String = list[at..].chars().take_while(|letter| *letter != '"').collect();
        let tried = send(&world, &cookie, &one, &format!("{one}/test"), "").await;
        assert_eq!(tried.status, StatusCode::SEE_OTHER);
        let shown = page(&world, &cookie, &one).await.text();
        assert!(
            shown.contains("Given up") && shown.contains("not a public address"),
            "{shown}"
        );
        let change = "revision=1&name=ops2&url=https%3A%2F%2Fexample.org&shape=teams&event=feed.late";
        let changed = send(&world, &cookie, &one, &one, change).await;
        assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text());
        let shown = page(&world, &cookie, &one).await.text();
        assert!(shown.contains("ops2") && shown.contains(">Off<"), "{shown}");
        let stale = send(&world, &cookie, &one, &one, change).await;
        assert!(
            stale.header("set-cookie").contains("failed."),
            "somebody else was quicker"
        );
        let deleted = send(&world, &cookie, &one, &format!("{one}/delete"), "").await;
        assert_eq!(deleted.status, StatusCode::SEE_OTHER);
        let gone = world.get(&one).header("cookie", &cookie).send().await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn forms_of_another_session_change_nothing() {
    for world in World::both().await {
        let cookie = world.sign_in("mara").await;
        for path in [
            "/settings/tokens",
            "/settings/people",
            "/settings/people/sign-out",
            "/settings/webhooks",
            "/settings/webhooks/x/delete",
            "/watching",
            "/findings/triage",
        ] {
            let form = "csrf=guessed&name=ci&days=3&action=read&url=https%3A%2F%2Fexample.org&shape=signed";
            let answer = world.post(path).header("cookie", &cookie).form(form).send().await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert!(
            !page(&world, &cookie, "/settings/tokens")
                .await
                .text()
                .contains(">ci<")
        );
    }
}

#[tokio::test]
async fn the_log_is_filtered_carried_away_and_checked() {
    for world in World::both().await {
        world.make_project("shop").await;
        world.make_project("bakery").await;
        let cookie = world.sign_in("mara").await;
        let all = page(&world, &cookie, "/audit").await.text();
        assert!(all.contains("The chain is whole: all "), "{all}");
        assert!(all.contains("shop") && all.contains("bakery") && all.contains("session.begin"));
        let one = page(&world, &cookie, "/audit?object=shop&actor=&action=&from=&until=")
            .await
            .text();
        assert!(one.contains(">shop<") && !one.contains(">bakery<"), "{one}");
        let by = page(&world, &cookie, "/audit?actor=user%3Amara").await.text();
        assert!(by.contains("session.begin") && !by.contains(">shop<"), "{by}");
        let none = page(&world, &cookie, "/audit?until=2026-02-28").await.text();
        assert!(none.contains("Nothing matches"), "{none}");
        let day = page(
            &world,
            &cookie,
            "/audit?from=2026-03-01&until=2026-03-01&check=all",
        )
        .await
        .text();
        assert!(day.contains(">shop<"), "{day}");
        let page_1 = page(&world, &cookie, "/audit?limit=1").await.text();
        let next = page_1.split("href=\"").find(|link| {
            link.starts_with("/audit?limit=1&#38;cursor=") || link.starts_with("/audit?limit=1&amp;cursor=")
        });
        assert!(next.is_some(), "{page_1}");
        let csv = world.get("/v1/audit-log.csv?object=shop").admin().send().await;
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(csv.text().lines().count(), 2, "{}", csv.text());
        let wrong = world.get("/v1/audit-log?from=yesterday").admin().send().await;
        assert_eq!(wrong.problem(), "bad-query");
    }
}

#[tokio::test]
async fn a_log_that_was_altered_says_so_on_its_page() {
    static ALTER: store::db::Sql = store::db::Sql::new(
        "ALTER_LOG",
        "UPDATE audit_log SET actor = 'user:eve' WHERE object = 'shop'",
    );
    for world in World::both().await {
        world.make_project("shop").await;
        world.make_project("bakery").await;
        let cookie = world.sign_in("mara").await;
        let mut tx = world.fresh.database.begin().await.unwrap();
        assert_eq!(tx.query(&ALTER).run().await.unwrap(), 1);
        tx.commit().await.unwrap();
        for path in ["/audit", "/audit?check=all"] {
            let shown = page(&world, &cookie, path).await.text();
            assert!(shown.contains("The chain is broken at entry"), "{path}: {shown}");
        }
    }
}

#[tokio::test]
async fn what_is_set_up_stands_on_pages() {
    for world in World::both().await {
        let cookie = world.sign_in("mara").await;
        let sla = page(&world, &cookie, "/settings/sla").await.text();
        assert!(
            sla.contains(">180<") && sla.contains("No policy sets times"),
            "{sla}"
        );
        let about = page(&world, &cookie, "/settings/about").await.text();
        assert!(
            about.contains(env!("CARGO_PKG_VERSION")) && about.contains("4 MiB"),
            "{about}"
        );
        let first = world.get("/settings").header("cookie", &cookie).send().await;
        assert_eq!(first.header("location"), "/settings/tokens");
    }
}
