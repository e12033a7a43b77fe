//! Real advisory buckets, read from a directory and over HTTP: both must give the same.

use std::path::{Path, PathBuf};

use crate::server::Server;
use axum::Router;
use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::routing::get;
use fetch::feeds::{Document, Limits, Source};
use fetch::{Client, Error, Fetched, Settings, Validator};

/// The shared test data; a test that lacks it fails when it reads.
fn shared(name: &str) -> PathBuf {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let root =
        std::env::var_os("PLUMBLINE_SHARED_DATA").map_or_else(|| PathBuf::from(default), PathBuf::from);
    let path = root.join(name);
    assert!(
        path.exists(),
        "the shared test data is missing: {}",
        path.display()
    );
    path
}

fn client() -> Client {
    Client::new(Settings::default()).unwrap()
}

fn from(place: &str) -> Source {
    Source::parse(place, &client()).unwrap()
}

async fn serve(root: PathBuf) -> Server {
    let file = async |State(root): State<PathBuf>, UrlPath(path): UrlPath<String>| {
        std::fs::read(root.join(path)).map_err(|_| StatusCode::NOT_FOUND)
    };
    Server::start(Router::new().route("/bucket/{*path}", get(file)).with_state(root)).await
}

/// How many records there are, and how many bytes in all.
async fn size(source: &Source, ecosystem: &str) -> (usize, usize) {
    let fetched = source.all(ecosystem, &Validator::default()).await.unwrap();
    let records = fetched.changed().unwrap().open(Limits::default()).unwrap();
    let total = records.total();
    let (mut count, mut bytes) = (0, 0);
    for record in records {
        let record = record.unwrap();
        assert!(record.bytes.starts_with(b"{"), "{} is a JSON object", record.id);
        count += 1;
        bytes += record.bytes.len();
    }
    assert_eq!(count, total);
    (count, bytes)
}

async fn changes(source: &Source, ecosystem: &str) -> Vec<fetch::feeds::Change> {
    source
        .modified(ecosystem, &Validator::default())
        .await
        .unwrap()
        .changed()
        .unwrap()
}

#[tokio::test]
async fn a_bucket_reads_the_same_from_a_directory_and_over_http() {
    let root = shared("advisories");
    let server = serve(root.clone()).await;
    let disk = from(root.to_str().unwrap());
    // With and without the slash that a person forgets.
    for url in [server.url("/bucket"), server.url("/bucket/")] {
        let web = from(url.as_str());
        assert_eq!(web.ecosystems().await.unwrap(), disk.ecosystems().await.unwrap());
        for (ecosystem, records) in [("npm", 4808), ("crates.io", 2173), ("PyPI", 6726)] {
            let read = size(&disk, ecosystem).await;
            assert_eq!(read.0, records, "{ecosystem}");
            assert_eq!(size(&web, ecosystem).await, read, "{ecosystem}");
            let listed = changes(&disk, ecosystem).await;
            assert_eq!(listed.len(), records, "{ecosystem}");
            assert_eq!(changes(&web, ecosystem).await, listed, "{ecosystem}");
        }
    }
}

#[tokio::test]
async fn a_missing_file_is_named_and_known_to_be_absent() {
    let root = shared("advisories");
    let server = serve(root.clone()).await;
    for base in [root.to_str().unwrap(), server.url("/bucket").as_str()] {
        let source = from(base);
        let error = source.all("Hackage", &Validator::default()).await.unwrap_err();
        assert!(error.is_absent(), "{error}");
        assert!(
            error
                .to_string()
                .starts_with(&format!("{base}/Hackage/all.zip: ")),
            "{error}"
        );
        let error = source.record("npm", "GHSA-none").await.unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&format!("{base}/npm/GHSA-none.json: ")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn one_record_reads_by_its_id() {
    let bucket = tempfile::tempdir().unwrap();
    std::fs::create_dir(bucket.path().join("npm")).unwrap();
    std::fs::write(bucket.path().join("npm/GHSA-1.json"), "{}").unwrap();
    let server = serve(bucket.path().to_owned()).await;
    for base in [bucket.path().to_str().unwrap(), server.url("/bucket").as_str()] {
        assert_eq!(from(base).record("npm", "GHSA-1").await.unwrap(), b"{}");
        let error = from(base).record("npm", "../npm/GHSA-1").await.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_has_not_changed_is_not_read_again() {
    let bucket = tempfile::tempdir().unwrap();
    let catalogue = bucket.path().join("kev.json");
    std::fs::write(&catalogue, "{}").unwrap();
    let document = Document::parse(bucket.path().to_str().unwrap(), "kev.json", &client()).unwrap();
    let Fetched::Changed { value, validator } = document.fetch(10, &Validator::default()).await.unwrap()
    else {
        panic!("the first reading is whole")
    };
    assert_eq!(value, b"{}");
    assert!(matches!(
        document.fetch(10, &validator).await.unwrap(),
        Fetched::Unchanged
    ));
    std::fs::write(&catalogue, "{ }").unwrap();
    assert_eq!(
        document.fetch(10, &validator).await.unwrap().changed().unwrap(),
        b"{ }"
    );
    let error = document.fetch(2, &validator).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 2, .. }), "{error}");
}

#[tokio::test]
async fn a_catalogue_is_named_by_its_file_or_by_its_folder() {
    let name = "known_exploited_vulnerabilities.json";
    let folder = shared("kev");
    let file = folder.join(name);
    let server = serve(folder.clone()).await;
    let places = [
        folder.display().to_string(),
        file.display().to_string(),
        format!("file://{}", Path::new(&folder).canonicalize().unwrap().display()),
        server.url("/bucket/").to_string(),
        server
            .url("/bucket/known_exploited_vulnerabilities.json")
            .to_string(),
    ];
    let expected = std::fs::read(&file).unwrap();
    assert!(expected.len() > 100_000, "the catalogue is real");
    for place in places {
        let document = Document::parse(&place, name, &client()).unwrap();
        let read = document
            .fetch(64 << 20, &Validator::default())
            .await
            .unwrap()
            .changed()
            .unwrap();
        assert_eq!(read, expected, "{place}");
    }
}

#[test]
fn a_source_is_a_web_address_or_a_directory() {
    for bad in [
        "ftp://feeds.test/",
        "gs://osv-vulnerabilities",
        "http://",
        "",
        "file://other-host/x",
    ] {
        let error = Source::parse(bad, &client()).unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{bad}: {error}");
    }
    let shown = from("https://user:secret@feeds.test/osv?token=secret").to_string();
    assert_eq!(shown, "https://feeds.test/osv");
}

#[test]
fn a_worker_may_run_every_request_on_another_thread() {
    fn sendable(_: impl Send) {}
    let (source, known) = (from("feeds"), Validator::default());
    let document = Document::parse("kev", "kev.json", &client()).unwrap();
    sendable(source.all("npm", &known));
    sendable(source.modified("npm", &known));
    sendable(source.record("npm", "GHSA-1"));
    sendable(document.fetch(1, &known));
}
