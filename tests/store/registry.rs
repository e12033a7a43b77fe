//! Answers of registries: kept, replaced, forgotten.

use clock::Timestamp;
use store::registry::{self, Document};

use crate::databases::both;

fn document(content: Option<&str>, day: i64) -> Document {
    Document {
        fetched_at: Timestamp::default().plus_days(day),
        etag: content.map(|_| "\"1\"".to_owned()),
        last_modified: None,
        content: content.map(|content| content.as_bytes().to_vec()),
    }
}

#[tokio::test]
async fn an_answer_is_kept_until_it_is_old() {
    for fresh in both().await {
        let put = async |key: &str, document: &Document| {
            let mut tx = fresh.database.begin().await.unwrap();
            registry::put(&mut tx, key, document).await.unwrap();
            tx.commit().await.unwrap();
        };
        let find = async |key: &str| {
            let mut session = fresh.database.read().await.unwrap();
            registry::find(&mut session, key).await.unwrap()
        };
        put("npm a", &document(Some("old"), 0)).await;
        put("npm a", &document(Some("new"), 20)).await;
        put("npm gone", &document(None, 1)).await;
        assert_eq!(
            find("npm a").await,
            Some(document(Some("new"), 20)),
            "{:?}",
            fresh.engine
        );
        assert_eq!(
            find("npm gone").await,
            Some(document(None, 1)),
            "absence is an answer"
        );
        assert_eq!(find("npm other").await, None);
        let mut tx = fresh.database.begin().await.unwrap();
        let forgotten = registry::prune(&mut tx, Timestamp::default().plus_days(40))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(forgotten, 1);
        assert_eq!(find("npm gone").await, None);
        assert!(find("npm a").await.is_some());
    }
}
