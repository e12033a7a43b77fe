//! The audit log: every change of it shows.

use clock::Timestamp;
use store::audit_log::{self, Entry, Verified};
use store::db::{Database, Sql};

use crate::databases::both;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

async fn append(database: &Database, object: &str) {
    let mut tx = database.begin().await.unwrap();
    let entry = Entry {
        actor: "user:mara",
        action: "project.create",
        object,
        detail: "{}",
    };
    audit_log::append(&mut tx, &entry, NOW).await.unwrap();
    tx.commit().await.unwrap();
}

async fn verified(database: &Database) -> Verified {
    audit_log::verify(&mut database.read().await.unwrap())
        .await
        .unwrap()
}

async fn tamper(database: &Database, sql: &'static Sql) {
    let mut tx = database.begin().await.unwrap();
    assert!(
        tx.query(sql).run().await.unwrap() > 0,
        "{} touched something",
        sql.name
    );
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_untouched_log_is_whole_and_reads_newest_first() {
    for fresh in both().await {
        let empty = Verified::Whole {
            entries: 0,
            head: String::new(),
        };
        assert_eq!(verified(&fresh.database).await, empty);
        for object in ["a", "b", "c"] {
            append(&fresh.database, object).await;
        }
        assert!(matches!(
            verified(&fresh.database).await,
            Verified::Whole { entries: 3, .. }
        ));
        let mut session = fresh.database.read().await.unwrap();
        let page = audit_log::page(&mut session, None, 2).await.unwrap();
        let objects: Vec<&str> = page.iter().map(|entry| entry.object.as_str()).collect();
        assert_eq!(objects, ["c", "b"]);
        let rest = audit_log::page(&mut session, Some(page[1].id), 2).await.unwrap();
        assert_eq!(rest.len(), 1);
    }
}

#[tokio::test]
async fn whatever_is_changed_breaks_the_chain() {
    static REWRITE: Sql = Sql::new(
        "REWRITE",
        "UPDATE audit_log SET actor = 'user:eve' WHERE object = 'b'",
    );
    // The bytes are the same, in other fields.
    static SHIFT: Sql = Sql::new(
        "SHIFT",
        "UPDATE audit_log SET actor = 'user:m', action = 'araproject.create' WHERE object = 'b'",
    );
    static MOVE: Sql = Sql::new("MOVE", "UPDATE audit_log SET at = at + 1 WHERE object = 'b'");
    static REMOVE: Sql = Sql::new("REMOVE", "DELETE FROM audit_log WHERE object = 'b'");
    for change in [&REWRITE, &SHIFT, &MOVE, &REMOVE] {
        for fresh in both().await {
            for object in ["a", "b", "c"] {
                append(&fresh.database, object).await;
            }
            tamper(&fresh.database, change).await;
            let found = verified(&fresh.database).await;
            assert!(
                matches!(found, Verified::Broken { .. }),
                "{}: {found:?}",
                change.name
            );
        }
    }
}

#[tokio::test]
async fn a_log_that_was_cut_short_shows() {
    static CUT: Sql = Sql::new("CUT", "DELETE FROM audit_log WHERE object = 'c'");
    for fresh in both().await {
        for object in ["a", "b", "c"] {
            append(&fresh.database, object).await;
        }
        tamper(&fresh.database, &CUT).await;
        assert_eq!(verified(&fresh.database).await, Verified::CutShort);
    }
}

#[tokio::test]
async fn many_who_append_at_once_make_one_chain() {
    for fresh in both().await {
        let writers = (0..12).map(|n| {
            let database = fresh.database.clone();
            tokio::spawn(async move { append(&database, &format!("object-{n}")).await })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        assert!(matches!(
            verified(&fresh.database).await,
            Verified::Whole { entries: 12, .. }
        ));
    }
}
