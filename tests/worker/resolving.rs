//! A manifest resolved from what the store keeps of a registry.

use std::sync::Arc;
use std::time::Duration;

use clock::{Clock, SystemClock};
use ecosystems::resolve::{Assumptions, Files, resolver_for};
use fetch::Client;
use fetch::registries::{Place, Settings};
use store::registry::{self, Document};
use worker::resolving::{self, Progress, StoredAnswers};

use crate::databases::both;

const MANIFEST: &str =
    "[package]\nname = \"own\"\nversion = \"1.0.0\"\n[dependencies]\na = \"1\"\nb = \"2\"\n";

#[tokio::test]
async fn a_manifest_is_resolved_from_kept_answers_and_what_is_not_kept_is_a_gap() {
    for fresh in both().await {
        let base: fetch::Url = "https://index.example.org/".parse().unwrap();
        let now = SystemClock.now();
        let mut tx = fresh.database.begin().await.unwrap();
        let line =
            r#"{"name":"a","vers":"1.2.0","deps":[{"name":"c","req":"^1"}],"yanked":false,"cksum":"00"}"#;
        for (path, content) in [("1/a", Some(line)), ("1/c", None)] {
            let document = Document {
                fetched_at: now,
                etag: None,
                last_modified: None,
                content: content.map(|text| text.as_bytes().to_vec()),
            };
            registry::put(&mut tx, &format!("crates {base}{path}"), &document)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let mut settings = Settings {
            offline: true,
            ..Settings::default()
        };
        let place = Place {
            base,
            authorization: None,
        };
        settings.crates.insert(String::new(), place);
        let client = Client::new(fetch::Settings::default()).unwrap();
        let cache = Arc::new(StoredAnswers(fresh.database.clone()));
        let registries = resolving::registries(&client, settings, cache, Arc::new(SystemClock));

        let files = Files::from([("Cargo.toml".to_owned(), MANIFEST.as_bytes().into())]);
        let (ecosystem, resolver) = resolver_for(&files, "Cargo.toml", &Assumptions::default()).unwrap();
        let mut told = Progress::default();
        let tree = resolving::resolve(
            ecosystem,
            resolver,
            &registries,
            Duration::from_secs(30),
            |progress| {
                told = progress;
            },
        )
        .await
        .unwrap();
        let nodes: Vec<_> = tree
            .nodes
            .iter()
            .map(|node| (node.name.as_str(), node.version.as_deref()))
            .collect();
        assert_eq!(
            nodes,
            [
                ("own", Some("1.0.0")),
                ("a", Some("1.2.0")),
                ("b", None),
                ("c", None)
            ]
        );
        let mut gaps: Vec<_> = tree.gaps.iter().map(|gap| gap.code.as_str()).collect();
        gaps.sort_unstable();
        assert_eq!(gaps, ["not_fetched", "unsatisfiable"]);
        assert_eq!((told.done, told.asked), (3, 3));
    }
}
