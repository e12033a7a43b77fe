//! Uploads as they are stored: interned packages, shared inventories, builds that are answered as before.

use clock::Timestamp;
use inventory::{Component, Inventory};
use store::builds::{self, NewBuild};
use store::db::Database;
use store::inventories::{self, PreparedInventory};
use store::projects::{self, NewProject};

use crate::databases::both;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A product with `count` npm packages, all direct.
fn product(count: u32) -> Inventory {
    let package = |n: u32| Component {
        reference: format!("c{n}"),
        name: format!("package-{n}"),
        version: Some("1.0.0".to_owned()),
        purl: format!("pkg:npm/package-{n}@1.0.0").parse().ok(),
        ..Component::default()
    };
    let root = Component {
        reference: "root".to_owned(),
        name: "shop".to_owned(),
        ..Component::default()
    };
    Inventory {
        format: "CycloneDX 1.6 JSON".to_owned(),
        root: Some(0),
        components: std::iter::once(root).chain((1..=count).map(package)).collect(),
        edges: (1..=count).map(|n| (0, n)).collect(),
        ..Inventory::default()
    }
}

async fn store(database: &Database, inventory: &Inventory) -> i64 {
    let prepared = PreparedInventory::new(inventory).unwrap();
    let mut tx = database.begin().await.unwrap();
    let id = inventories::intern(&mut tx, &prepared).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn an_inventory_reads_back_as_it_was_and_equal_ones_are_one() {
    for fresh in both().await {
        let inventory = product(1_000);
        let id = store(&fresh.database, &inventory).await;
        assert_eq!(store(&fresh.database, &inventory).await, id);
        let mut session = fresh.database.read().await.unwrap();
        let back = inventories::load(&mut session, id).await.unwrap();
        assert_eq!(back.inventory, inventory);
        assert_eq!(back.members.len(), 1_001);
    }
}

#[tokio::test]
async fn two_inventories_share_the_packages_that_both_have() {
    for fresh in both().await {
        let small = store(&fresh.database, &product(3)).await;
        let large = store(&fresh.database, &product(5)).await;
        let mut session = fresh.database.read().await.unwrap();
        let small = inventories::members(&mut session, small).await.unwrap();
        let large = inventories::members(&mut session, large).await.unwrap();
        assert_eq!(small[..], large[..4]);
    }
}

fn upload(inventory_id: i64, key: &str) -> NewBuild {
    NewBuild {
        version: Some("1.4.0".to_owned()),
        commit_id: None,
        document_digest: "00".repeat(32),
        document_size: 2,
        idempotency_key: key.to_owned(),
        inventory_id,
        format: "CycloneDX 1.6 JSON".to_owned(),
        tools: vec!["syft 1.18.1".to_owned()],
        notices: "[]".to_owned(),
        policy: None,
        baseline: None,
        actor: "token ci".to_owned(),
        components: 3,
    }
}

#[tokio::test]
async fn builds_are_numbered_per_project_and_found_again_by_their_key() {
    for fresh in both().await {
        let inventory = store(&fresh.database, &product(3)).await;
        let mut tx = fresh.database.begin().await.unwrap();
        let new = NewProject {
            name: "payments/shop".to_owned(),
            default_ref: "main".to_owned(),
            ..NewProject::default()
        };
        let project = projects::create(&mut tx, &new, NOW).await.unwrap().unwrap();
        assert_eq!(project.team, "payments");
        assert!(projects::create(&mut tx, &new, NOW).await.unwrap().is_none());
        let main = projects::ensure_reference(&mut tx, &project, "main", "branch")
            .await
            .unwrap();
        assert!(main.tracked);
        let first = builds::create(&mut tx, &project, &main, &upload(inventory, "one"), NOW)
            .await
            .unwrap();
        let second = builds::create(&mut tx, &project, &main, &upload(inventory, "two"), NOW)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!((first.number, second.number), (1, 2));
        let mut session = fresh.database.read().await.unwrap();
        let again = builds::by_key(&mut session, main.id, "one")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(again.uuid, first.uuid);
        assert_eq!(again.tool_list(), ["syft 1.18.1"]);
    }
}

#[tokio::test]
async fn names_that_no_index_takes_are_stored_all_the_same_and_stay_apart() {
    for fresh in both().await {
        let long = |end: &str| Component {
            reference: end.to_owned(),
            name: format!("{}{end}", "long".repeat(2_000)),
            version: Some(format!("1\0{}", "0".repeat(5_000))),
            ..Component::default()
        };
        let inventory = Inventory {
            components: vec![long("a"), long("b")],
            ..Inventory::default()
        };
        let id = store(&fresh.database, &inventory).await;
        let mut session = fresh.database.read().await.unwrap();
        let back = inventories::load(&mut session, id).await.unwrap();
        assert_eq!(back.inventory, inventory);
        assert_ne!(back.members.first(), back.members.last());
    }
}
