//! Tokens and sessions: shown once, kept as hashes, over when they are over.

use clock::Timestamp;
use store::db::{Database, Sql};
use store::projects::{self, NewProject};
use store::sessions;
use store::tokens::{self, Action, NewToken};

use crate::databases::both;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Every text that the two tables hold.
async fn held(database: &Database) -> String {
    static HELD: Sql = Sql::new(
        "HELD",
        "SELECT name || hash || prefix || actions || created_by FROM token
         UNION ALL SELECT hash || kind || actor FROM session",
    );
    let mut session = database.read().await.unwrap();
    session.query(&HELD).column::<String>().await.unwrap().concat()
}

fn new(name: &str, project_id: Option<i64>) -> NewToken<'_> {
    NewToken {
        name,
        project_id,
        actions: &[Action::Read, Action::Upload],
        created_by: "user:mara",
        expires_at: Some(NOW.plus_days(1)),
    }
}

#[tokio::test]
async fn a_token_is_found_by_its_text_which_is_nowhere_stored() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        let (made, text) = tokens::create(&mut tx, &new("ci", None), NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert!(text.starts_with(tokens::PREFIX) && text.starts_with(&made.prefix));
        assert!(!held(&fresh.database).await.contains(&text));
        let mut session = fresh.database.read().await.unwrap();
        let found = tokens::find_by_secret(&mut session, &text)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.id, found.action_list()),
            (made.id, vec![Action::Read, Action::Upload])
        );
        for wrong in ["", "plb_", &made.prefix, &format!("{text}0")] {
            let found = tokens::find_by_secret(&mut session, wrong).await.unwrap();
            assert!(found.is_none(), "{wrong}");
        }
    }
}

#[tokio::test]
async fn a_token_is_over_at_its_expiry_or_when_it_is_revoked() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        let (token, text) = tokens::create(&mut tx, &new("ci", None), NOW).await.unwrap();
        assert!(token.is_good(NOW.plus_days(1).plus_millis(-1)));
        assert!(!token.is_good(NOW.plus_days(1)));
        assert!(tokens::revoke(&mut tx, token.id, NOW).await.unwrap());
        assert!(!tokens::revoke(&mut tx, token.id, NOW).await.unwrap(), "once");
        let found = tokens::find_by_secret(&mut tx, &text).await.unwrap().unwrap();
        assert!(!found.is_good(NOW));
    }
}

#[tokio::test]
async fn a_use_is_written_down_now_and_then() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        let (token, text) = tokens::create(&mut tx, &new("ci", None), NOW).await.unwrap();
        assert!(token.needs_touch(NOW));
        tokens::touch(&mut tx, token.id, NOW).await.unwrap();
        let used = tokens::find_by_secret(&mut tx, &text).await.unwrap().unwrap();
        assert_eq!(used.last_used_at, Some(NOW.millis()));
        assert!(!used.needs_touch(NOW.plus_millis(60_000)));
        assert!(used.needs_touch(NOW.plus_millis(600_000)));
    }
}

#[tokio::test]
async fn tokens_are_listed_newest_first_and_go_with_their_project() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        let shop = NewProject {
            name: "shop".to_owned(),
            default_ref: "main".to_owned(),
            ..NewProject::default()
        };
        let project = projects::create(&mut tx, &shop, NOW).await.unwrap().unwrap();
        for (name, project) in [("one", None), ("two", Some(project.id)), ("three", None)] {
            tokens::create(&mut tx, &new(name, project), NOW).await.unwrap();
        }
        let first = tokens::list(&mut tx, None, 2).await.unwrap();
        let names: Vec<&str> = first.iter().map(|token| token.name.as_str()).collect();
        assert_eq!(names, ["three", "two"]);
        let rest = tokens::list(&mut tx, Some(first[1].id), 2).await.unwrap();
        assert_eq!(rest.len(), 1);
        projects::delete(&mut tx, &project, NOW).await.unwrap();
        assert_eq!(tokens::list(&mut tx, None, 10).await.unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_link_becomes_a_session_once() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        let link = sessions::create_link(&mut tx, "mara", NOW).await.unwrap();
        assert!(
            sessions::find(&mut tx, &link, NOW).await.unwrap().is_none(),
            "a link is no session"
        );
        let secret = sessions::redeem(&mut tx, &link, NOW).await.unwrap().unwrap();
        assert_eq!(sessions::redeem(&mut tx, &link, NOW).await.unwrap(), None);
        assert_eq!(
            sessions::redeem(&mut tx, &secret, NOW).await.unwrap(),
            None,
            "a session is no link"
        );
        let found = sessions::find(&mut tx, &secret, NOW).await.unwrap().unwrap();
        assert_eq!(found.actor, "mara");
        tx.commit().await.unwrap();
        let held = held(&fresh.database).await;
        assert!(!held.contains(&link) && !held.contains(&secret));
    }
}

#[tokio::test]
async fn links_and_sessions_end() {
    for fresh in both().await {
        let mut tx = fresh.database.begin().await.unwrap();
        let late = sessions::create_link(&mut tx, "mara", NOW).await.unwrap();
        assert_eq!(
            sessions::redeem(&mut tx, &late, NOW.plus_days(1)).await.unwrap(),
            None
        );
        let link = sessions::create_link(&mut tx, "mara", NOW).await.unwrap();
        let secret = sessions::redeem(&mut tx, &link, NOW).await.unwrap().unwrap();
        let over = NOW.plus_millis(sessions::SESSION_MS);
        assert!(
            sessions::find(&mut tx, &secret, over.plus_millis(-1))
                .await
                .unwrap()
                .is_some()
        );
        assert!(sessions::find(&mut tx, &secret, over).await.unwrap().is_none());
        assert_eq!(
            sessions::prune(&mut tx, NOW.plus_days(1)).await.unwrap(),
            1,
            "the link alone"
        );
        sessions::end(&mut tx, &secret).await.unwrap();
        assert!(sessions::find(&mut tx, &secret, NOW).await.unwrap().is_none());
    }
}
