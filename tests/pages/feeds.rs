//! Feeds: how old they are, and asking for one to be fetched.

use store::tokens::Action;

use crate::site::{Site, token};

#[tokio::test]
async fn the_page_says_what_is_not_loaded_and_what_is_late() {
    let mut site = Site::new().await;
    let page = site.page("/feeds").await;
    assert!(page.contains("nothing can be checked"), "{page}");
    site.publish(&[]).await;
    let mut tx = site.database.begin().await.unwrap();
    store::feeds::ensure(&mut tx, "osv:npm", "npm", "https://user:secret@example.org")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = site.page("/feeds").await;
    assert!(
        page.contains("1 of 2 feeds are fresh.") && page.contains("Not loaded yet"),
        "{page}"
    );
    site.day("2026-01-05").await;
    let page = site.page("/feeds").await;
    assert!(
        page.contains("Late") && page.contains("0 of 2 feeds are fresh."),
        "{page}"
    );
    let json = site.json("/v1/feeds").await;
    assert_eq!(json["items"][0]["state"], "late");
    assert_eq!(json["items"][1]["state"], "never_loaded");
    assert_eq!(json["items"][1].get("records"), None);
    let reader = token(&site, Action::Read, None).await;
    let seen = site.get_as(&reader, "/v1/feeds").await.body;
    assert!(seen.contains("osv:npm") && !seen.contains("secret"), "{seen}");
}

#[tokio::test]
async fn only_who_may_admin_asks_for_a_fetch() {
    let site = Site::new().await;
    site.publish(&[]).await;
    let asked = site.press("/feeds/osv%3Acrates.io/sync").await;
    assert_eq!((asked.status.as_u16(), asked.location.as_str()), (303, "/feeds"));
    let mut session = site.database.read().await.unwrap();
    let waiting = store::jobs::counts(&mut session).await.unwrap();
    assert_eq!(waiting, [("queued".to_owned(), 1)]);
    let sync = "/v1/feeds/osv%3Acrates.io/sync";
    let nothing = serde_json::json!({});
    for (action, status) in [(Action::Admin, 202), (Action::Read, 403), (Action::Upload, 403)] {
        let token = token(&site, action, None).await;
        let answer = site.post(&token, sync, &nothing).await;
        assert_eq!(answer.status.as_u16(), status, "{action:?}: {}", answer.body);
    }
    let admin = token(&site, Action::Admin, None).await;
    let unknown = site.post(&admin, "/v1/feeds/nothing/sync", &nothing).await;
    assert_eq!(unknown.status.as_u16(), 404);
}
