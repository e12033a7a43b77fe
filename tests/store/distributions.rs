//! Packages of distributions: matched by source and release, once, and told of their source's advisories only.

use std::collections::BTreeSet;

use inventory::{Component, Inventory, SourcePackage};
use serde_json::{Value, json};
use store::inventories::{self, PreparedInventory};
use store::jobs;

use crate::databases::both;
use crate::knowledge::{World, additions};

const DEBIAN: &str = "osv:Debian";

fn record(id: &str, source: &str, fixed: &[(&str, &str)]) -> Value {
    let affected = fixed.iter().map(|(release, fixed)| {
        json!({
            "package": {"ecosystem": format!("Debian:{release}"), "name": source},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
        })
    });
    json!({
        "id": format!("DEBIAN-{id}"),
        "modified": "2024-01-01T00:00:00Z",
        "upstream": [id],
        "affected": affected.collect::<Vec<Value>>(),
    })
}

fn package(purl: &str, source: &str) -> Component {
    Component {
        reference: purl.to_owned(),
        purl: purl.parse().ok(),
        source_package: Some(SourcePackage {
            name: source.to_owned(),
            version: None,
        }),
        ..Component::default()
    }
}

async fn stored(world: &World<'_>, components: Vec<Component>) -> i64 {
    let inventory = Inventory {
        format: "CycloneDX 1.6 JSON".to_owned(),
        components,
        ..Inventory::default()
    };
    let prepared = PreparedInventory::new(&inventory).unwrap();
    let mut tx = world.begin().await;
    let id = inventories::intern(&mut tx, &prepared).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_package_is_matched_by_its_source_in_its_release() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        world.feed(DEBIAN, "Debian").await;
        let openssl = record("CVE-1", "openssl", &[("11", "1.1.1w-0"), ("12", "3.0.11-1")]);
        let other = record("CVE-2", "libssl3", &[("12", "9")]);
        world.apply(DEBIAN, additions(&[openssl, other])).await.unwrap();
        let bookworm = package("pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12", "openssl");
        let again = package(
            "pkg:deb/debian/libssl3@3.0.9-1?arch=arm64&distro=bookworm",
            "openssl",
        );
        let bullseye = package("pkg:deb/debian/libssl1.1@1.1.1w-0?distro=debian-11", "openssl");
        let lost = package("pkg:deb/debian/libcrypto@3.0.9-1", "openssl");
        let inventory = stored(&world, vec![bookworm, again, bullseye, lost]).await;
        let stale = world.stale(inventory).await;
        let names: BTreeSet<&str> = stale.iter().map(|version| version.name.as_str()).collect();
        assert_eq!(names, BTreeSet::from(["openssl"]), "by source");
        assert_eq!(
            stale.len(),
            2,
            "one version in two architectures is one; without release none is matched"
        );
        world.match_inventory(inventory).await;
        let known = world.knowledge(inventory, "libssl3").await.unwrap();
        let shown: Vec<&str> = known
            .matches
            .iter()
            .map(|known| known.canonical.as_str())
            .collect();
        assert_eq!(shown, ["CVE-1"], "{:?}", fresh.engine);
        assert_eq!(
            known.matches[0].evidence.fix.version.as_deref(),
            Some("3.0.11-1"),
            "of its own release"
        );
        assert_eq!(
            known.matches[0].evidence.evidence.notes,
            ["via source openssl 3.0.9-1"]
        );
        assert!(
            world
                .knowledge(inventory, "libssl1.1")
                .await
                .unwrap()
                .matches
                .is_empty()
        );
        assert!(
            world.knowledge(inventory, "libcrypto").await.is_none(),
            "not checked, which is not clean"
        );
    }
}

#[tokio::test]
async fn a_changed_advisory_touches_the_packages_of_its_source_and_no_others() {
    for fresh in both().await {
        let world = World::new(&fresh.database).await;
        world.feed(DEBIAN, "Debian").await;
        let components = vec![
            package("pkg:deb/debian/libssl3@3.0.9-1?distro=debian-12", "openssl"),
            package("pkg:deb/debian/libc6@2.36-9?distro=debian-12", "glibc"),
        ];
        let inventory = stored(&world, components).await;
        world.match_inventory(inventory).await;
        assert!(world.stale(inventory).await.is_empty());
        world.take_jobs().await;
        let records = additions(&[record("CVE-3", "openssl", &[("12", "3.0.10-1")])]);
        world.apply(DEBIAN, records).await.unwrap();
        let stale = world.stale(inventory).await;
        assert_eq!(stale.len(), 1);
        assert_eq!(stale[0].name, "openssl");
        let jobs = world.take_jobs().await;
        assert!(jobs.iter().any(|(kind, _)| kind == jobs::REMATCH), "{jobs:?}");
        assert_eq!(world.match_inventory(inventory).await.changed, 1);
        assert_eq!(world.vulnerabilities(inventory, "libssl3").await.len(), 1);
        assert!(world.vulnerabilities(inventory, "libc6").await.is_empty());
    }
}
