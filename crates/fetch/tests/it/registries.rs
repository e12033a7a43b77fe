//! Registries on this machine: what is asked, what is kept, what stays at home.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request as HttpRequest;
use axum::http::header::{AUTHORIZATION, CONTENT_RANGE, ETAG, IF_NONE_MATCH, RANGE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use clock::{SteppedClock, Timestamp};
use ecosystems::resolve::{Answer, ReleaseFile, Request};
use fetch::Client;
use fetch::registries::{Cache, Kept, Later, Place, Registries, Settings};

use super::server::Server;

/// Keeps everything in memory.
#[derive(Default)]
struct Memory(Mutex<HashMap<String, Kept>>);

impl Cache for Memory {
    fn get<'a>(&'a self, key: &'a str) -> Later<'a, Option<Kept>> {
        Box::pin(async move { self.0.lock().unwrap().get(key).cloned() })
    }

    fn put<'a>(&'a self, key: &'a str, kept: &'a Kept) -> Later<'a, ()> {
        Box::pin(async move {
            self.0.lock().unwrap().insert(key.to_owned(), kept.clone());
        })
    }
}

/// A registry's world: what it serves and what reached it.
#[derive(Clone, Default)]
struct World {
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl World {
    fn put(&self, path: &str, content: impl Into<Vec<u8>>) {
        self.files.lock().unwrap().insert(path.to_owned(), content.into());
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    async fn serve(&self) -> Server {
        let world = self.clone();
        Server::start(Router::new().fallback(async move |request: HttpRequest| world.answer(&request))).await
    }

    /// Files with ranges and entity tags.
    fn answer(&self, request: &HttpRequest) -> Response {
        let header = |name| {
            request
                .headers()
                .get(&name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let path = request.uri().path().to_owned();
        let (range, known) = (header(RANGE), header(IF_NONE_MATCH));
        let token = header(AUTHORIZATION)
            .map(|token| format!(" as {token}"))
            .unwrap_or_default();
        let part = range
            .as_ref()
            .map(|range| format!(" {range}"))
            .unwrap_or_default();
        self.seen.lock().unwrap().push(format!("{path}{part}{token}"));
        let Some(content) = self.files.lock().unwrap().get(&path).cloned() else {
            return StatusCode::NOT_FOUND.into_response();
        };
        if known.as_deref() == Some("\"1\"") {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        let mut headers = HeaderMap::new();
        headers.insert(ETAG, "\"1\"".parse().unwrap());
        let Some(range) = range.and_then(|range| bounds(&range, content.len())) else {
            return (headers, content).into_response();
        };
        let described = format!("bytes {}-{}/{}", range.start, range.end - 1, content.len());
        headers.insert(CONTENT_RANGE, described.parse().unwrap());
        (StatusCode::PARTIAL_CONTENT, headers, content[range].to_vec()).into_response()
    }
}

fn bounds(range: &str, length: usize) -> Option<std::ops::Range<usize>> {
    let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
    Some(match (start.parse::<usize>(), end.parse::<usize>()) {
        (Ok(start), Ok(end)) => start..(end + 1).min(length),
        (_, Ok(last)) => length.saturating_sub(last)..length,
        _ => return None,
    })
}

fn place(server: &Server, path: &str) -> Place {
    Place {
        base: server.url(path),
        authorization: Some("Bearer secret".to_owned()),
    }
}

fn registries(settings: Settings, cache: &Arc<Memory>, clock: &Arc<SteppedClock>) -> Registries {
    let client = Client::new(fetch::Settings::default()).unwrap();
    Registries::new(
        &client,
        settings,
        Arc::clone(cache) as Arc<dyn Cache>,
        Arc::clone(clock) as Arc<dyn clock::Clock>,
    )
}

fn settings(server: &Server) -> Settings {
    let mut settings = Settings::default();
    settings.npm.insert(String::new(), place(server, "/npm/"));
    settings.crates.insert(String::new(), place(server, "/index/"));
    settings.pypi.push(place(server, "/simple/"));
    settings
}

fn clock() -> Arc<SteppedClock> {
    Arc::new(SteppedClock::at(Timestamp::from_millis(1_700_000_000_000)))
}

#[tokio::test]
async fn an_answer_is_kept_and_then_asked_for_changes_only() {
    let world = World::default();
    world.put("/npm/@acme%2Fui", r#"{"name":"@acme/ui"}"#);
    let server = world.serve().await;
    let (cache, clock) = (Arc::new(Memory::default()), clock());
    let asked = registries(settings(&server), &cache, &clock);
    let request = Request::package("@acme/ui");
    for _ in 0..2 {
        assert!(matches!(asked.answer("npm", &request).await, Answer::Found(_)));
    }
    assert_eq!(
        world.seen(),
        ["/npm/@acme%2Fui as Bearer secret"],
        "asked once while fresh"
    );
    clock.advance(16 * 60_000);
    assert!(
        matches!(asked.answer("npm", &request).await, Answer::Found(_)),
        "unchanged is found"
    );
    assert_eq!(server.hits(), 2);
    let offline = Settings {
        offline: true,
        ..settings(&server)
    };
    let offline = registries(offline, &cache, &clock);
    clock.advance(clock::DAY_MS);
    assert!(matches!(offline.answer("npm", &request).await, Answer::Found(_)));
    let other = offline.answer("npm", &Request::package("other")).await;
    assert!(matches!(other, Answer::Failed(why) if why.contains("not asked")));
    assert_eq!(server.hits(), 2, "nothing is asked offline");
}

#[tokio::test]
async fn absence_is_believed_for_a_while() {
    let world = World::default();
    let server = world.serve().await;
    let (cache, clock) = (Arc::new(Memory::default()), clock());
    let asked = registries(settings(&server), &cache, &clock);
    for _ in 0..2 {
        assert_eq!(
            asked.answer("crates.io", &Request::package("serde")).await,
            Answer::Absent
        );
    }
    assert_eq!(world.seen().len(), 1);
    world.put("/index/se/rd/serde", r#"{"name":"serde","vers":"1.0.0"}"#);
    clock.advance(11 * 60_000);
    let answer = asked.answer("crates.io", &Request::package("serde")).await;
    assert!(matches!(answer, Answer::Found(_)));
    let elsewhere = Request::Package {
        name: "serde".to_owned(),
        registry: Some("theirs".to_owned()),
    };
    let answer = asked.answer("crates.io", &elsewhere).await;
    assert!(
        matches!(answer, Answer::Failed(why) if why.contains("`theirs` is not configured")),
        "only the operator's registries are asked"
    );
}

/// A zip archive with one stored file after some padding.
fn wheel(padding: usize, name: &str, content: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in [(name, content), ("a/padding", vec![7; padding].as_slice())] {
        writer.start_file(name, plain).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn file(name: &str, url: &str) -> ReleaseFile {
    ReleaseFile {
        name: name.to_owned(),
        url: url.to_owned(),
        has_metadata: None,
        size: None,
    }
}

#[tokio::test]
async fn metadata_comes_from_beside_a_wheel_or_from_its_end() {
    let world = World::default();
    let files = World::default();
    let metadata = b"Name: a\nRequires-Dist: b\n\nprose\n";
    files.put(
        "/a-1.0-py3-none-any.whl",
        wheel(100_000, "a-1.0.dist-info/METADATA", metadata),
    );
    files.put("/a-2.0-py3-none-any.whl.metadata", metadata.as_slice());
    let (server, files_server) = (world.serve().await, files.serve().await);
    let (cache, clock) = (Arc::new(Memory::default()), clock());
    // The files' host is private, too, and would be refused were it not named.
    let client = Client::new(fetch::Settings::default())
        .unwrap()
        .allowing(&files_server.url("/"));
    let asked = Registries::new(&client, settings(&server), cache, clock);
    for (version, requests) in [("1.0", 3), ("2.0", 1)] {
        let name = format!("a-{version}-py3-none-any.whl");
        let request = Request::Release {
            name: "a".to_owned(),
            version: version.to_owned(),
            files: vec![file(
                &name,
                files_server.url(&format!("/{name}#sha256=0")).as_str(),
            )],
        };
        for _ in 0..2 {
            let Answer::Found(found) = asked.answer("PyPI", &request).await else {
                panic!("{version} has metadata");
            };
            assert_eq!(&*found, b"Name: a\nRequires-Dist: b\n", "without the prose");
        }
        let seen = files.seen();
        assert_eq!(seen.len(), requests, "{version}: {seen:?}");
        assert!(
            seen.iter().all(|line| !line.contains("secret")),
            "the token stays with the index: {seen:?}"
        );
    }
}

#[tokio::test]
async fn a_page_is_reduced_before_it_is_kept() {
    let world = World::default();
    world.put(
        "/simple/a/",
        r#"{"meta":{"api-version":"1.1"},"name":"a","files":[{"filename":"a-1.0.tar.gz","url":"x","hashes":{"md5":"1","sha256":"2"},"yanked":"bad","provenance":"long"}]}"#,
    );
    let server = world.serve().await;
    let (cache, clock) = (Arc::new(Memory::default()), clock());
    let asked = registries(settings(&server), &cache, &clock);
    let Answer::Found(page) = asked.answer("PyPI", &Request::package("a")).await else {
        panic!("the page is there");
    };
    let page: serde_json::Value = serde_json::from_slice(&page).unwrap();
    let expected = serde_json::json!({"files": [{"filename": "a-1.0.tar.gz", "url": "x", "hashes": {"sha256": "2"}, "yanked": true}]});
    assert_eq!(page, expected);
}

#[tokio::test]
async fn a_crate_s_license_is_read_from_the_beginning_of_its_archive() {
    let world = World::default();
    let server = world.serve().await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packed.write_all(&tar("a-1.0.0/noise", &[1; 60_000])).unwrap();
    packed
        .write_all(&tar(
            "a-1.0.0/Cargo.toml",
            b"[package]\nname = \"a\"\nlicense = \"MIT\"\n",
        ))
        .unwrap();
    packed.write_all(&tar("a-1.0.0/more", &[1; 900_000])).unwrap();
    world.put("/dl/a/1.0.0/download", packed.finish().unwrap());
    world.put(
        "/index/config.json",
        format!(r#"{{"dl":"{}"}}"#, server.url("/dl")),
    );
    let (cache, clock) = (Arc::new(Memory::default()), clock());
    let asked = registries(settings(&server), &cache, &clock);
    for _ in 0..2 {
        assert_eq!(asked.crate_license("a", "1.0.0").await.as_deref(), Some("MIT"));
    }
    let seen: Vec<_> = world
        .seen()
        .into_iter()
        .filter(|line| line.starts_with("/dl"))
        .collect();
    assert_eq!(seen.len(), 2, "32 KiB were not enough, 64 were: {seen:?}");
}

fn tar(name: &str, content: &[u8]) -> Vec<u8> {
    let mut tar = vec![0; 512];
    tar[..name.len()].copy_from_slice(name.as_bytes());
    tar[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
    tar[156] = b'0';
    tar.extend(content);
    tar.resize(tar.len().next_multiple_of(512), 0);
    tar
}
