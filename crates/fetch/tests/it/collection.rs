//! Records in archives that misbehave, and tokens that must not wander.

use std::io::Write;
use std::path::PathBuf;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use fetch::feeds::{Collection, Document, Limits};
use fetch::{Bearer, Client, Settings, Validator};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::server::Server;

struct Scratch(PathBuf);

impl Scratch {
    fn file(name: &str, bytes: &[u8]) -> Self {
        let folder = std::env::temp_dir().join(format!("plumbline-fetch-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), bytes).unwrap();
        Self(folder.join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left over lies in the system's temporary folder.
        let _ = std::fs::remove_dir_all(self.0.parent().unwrap());
    }
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

async fn read(name: &str, bytes: &[u8], limits: Limits) -> Result<usize, String> {
    let file = Scratch::file(name, bytes);
    let client = Client::new(Settings::default()).unwrap();
    let place = file.0.display().to_string();
    let collection = Collection::parse(&place, &client).unwrap();
    let fetched = collection.all(&Validator::default()).await;
    let files = fetched.map_err(|error| error.to_string())?.changed().unwrap();
    let records = files.open(limits, |path| path.ends_with(".json"));
    let mut count = 0;
    for record in records.map_err(|error| error.to_string())? {
        record.map_err(|error| error.to_string())?;
        count += 1;
    }
    Ok(count)
}

#[tokio::test]
async fn what_is_no_collection_or_too_much_of_one_is_told() {
    let limits = Limits {
        records: 2,
        record_bytes: 1_000,
        ..Limits::default()
    };
    let zeros = format!("{{\"id\":\"{}\"}}", "0".repeat(5_000));
    let three = "{}\n{}\n{}\n";
    for (name, bytes, why) in [
        (
            "page.html",
            b"<html>".to_vec(),
            "neither a zip or tar archive nor JSON",
        ),
        ("empty", Vec::new(), "neither a zip or tar archive nor JSON"),
        ("three.jsonl", three.as_bytes().to_vec(), "more than 2 records"),
        ("three.jsonl.gz", packed(three.as_bytes()), "more than 2 records"),
        (
            "long.jsonl",
            zeros.clone().into_bytes(),
            "line 1 is longer than 1000 bytes",
        ),
        (
            "bomb.jsonl.gz",
            packed(zeros.as_bytes()),
            "line 1 is longer than 1000 bytes",
        ),
        ("array.json", b"[1,".to_vec(), "is no JSON array"),
    ] {
        let error = read(name, &bytes, limits).await.unwrap_err();
        assert!(error.contains(name) && error.contains(why), "{name}: {error}");
    }
    assert_eq!(read("two.jsonl", b"{}\n\n{}", limits).await, Ok(2));
}

#[tokio::test]
async fn a_token_is_sent_to_its_host_and_not_where_that_redirects_to() {
    let told = |headers: HeaderMap| async move {
        headers
            .get(header::AUTHORIZATION)
            .map_or("none", |value| match value.to_str() {
                Ok("Bearer s3cret") => "the token",
                _ => "something else",
            })
    };
    let other = Server::start(Router::new().route("/told", get(told))).await;
    let elsewhere = other.url("/told").to_string();
    let guarded = async |headers: HeaderMap| {
        let known = headers
            .get(header::AUTHORIZATION)
            .is_some_and(|value| value == "Bearer s3cret");
        if known {
            "welcome".into_response()
        } else {
            StatusCode::UNAUTHORIZED.into_response()
        }
    };
    let routes = Router::new()
        .route("/guarded", get(guarded))
        .route("/away", get(async move || Redirect::temporary(&elsewhere)));
    let own = Server::start(routes).await;
    let settings = Settings {
        bearer: Bearer::new(own.url("/").as_str(), "s3cret"),
        ..Settings::default()
    };
    let client = Client::new(settings).unwrap().allowing(&other.url("/"));
    for (path, expected) in [("/guarded", "welcome"), ("/away", "none")] {
        let document = Document::parse(own.url(path).as_str(), "x", &client).unwrap();
        let fetched = document.fetch(100, &Validator::default()).await.unwrap();
        assert_eq!(fetched.changed().unwrap(), expected.as_bytes(), "{path}");
    }
}
