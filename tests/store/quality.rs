//! The quality of a build's document.

use audit::quality::quality;
use inventory::{Component, Inventory};
use store::builds::{self, NewBuild};
use store::inventories::{self, PreparedInventory};
use store::projects::{self, NewProject};
use store::quality as stored;

use crate::databases::both;
use crate::planted::NOW;

#[tokio::test]
async fn what_was_told_when_a_document_came_is_kept_and_said_once() {
    for fresh in both().await {
        let told = quality(&product());
        let mut tx = fresh.database.begin().await.unwrap();
        let new = NewProject {
            name: "shop".to_owned(),
            default_ref: "main".to_owned(),
            ..NewProject::default()
        };
        let project = projects::create(&mut tx, &new, NOW).await.unwrap().unwrap();
        let main = projects::ensure_reference(&mut tx, &project, "main", "branch")
            .await
            .unwrap();
        let prepared = PreparedInventory::new(&product()).unwrap();
        let inventory = inventories::intern(&mut tx, &prepared).await.unwrap();
        let first = builds::create(&mut tx, &project, &main, &upload(inventory, "one"), NOW)
            .await
            .unwrap();
        let second = builds::create(&mut tx, &project, &main, &upload(inventory, "two"), NOW)
            .await
            .unwrap();
        stored::record(&mut tx, first.id, &told).await.unwrap();
        let later = quality(&Inventory::default());
        stored::record(&mut tx, first.id, &later).await.unwrap();
        tx.commit().await.unwrap();
        let mut session = fresh.database.read().await.unwrap();
        assert_eq!(
            stored::of_build(&mut session, first.id).await.unwrap(),
            Some(told),
            "{:?}",
            fresh.engine
        );
        assert_eq!(stored::of_build(&mut session, second.id).await.unwrap(), None);
    }
}

fn product() -> Inventory {
    Inventory {
        format: "CycloneDX 1.6 JSON".to_owned(),
        components: vec![Component {
            reference: "a".to_owned(),
            name: "a\0".to_owned(),
            version: Some("1.0".to_owned()),
            ..Component::default()
        }],
        ..Inventory::default()
    }
}

fn upload(inventory_id: i64, key: &str) -> NewBuild {
    NewBuild {
        version: None,
        commit_id: None,
        document_digest: "d".repeat(64),
        document_size: 1,
        idempotency_key: key.to_owned(),
        inventory_id,
        format: "CycloneDX 1.6 JSON".to_owned(),
        tools: Vec::new(),
        notices: "[]".to_owned(),
        policy: None,
        baseline: None,
        actor: "test".to_owned(),
        components: 1,
    }
}
