//! `plumbline gate` against a real service on both engines.

use std::marker::PhantomData;

use harness::{Ended, Folder, Place, Service, bucket, plumbline, run, sbom};
use serde_json::Value;

/// A service that knows the advisories about minimist, and a token for it.
struct World<'a> {
    /// The service's data goes with the place, so a place that is dropped first does not compile.
    place: PhantomData<&'a Place>,
    service: Service,
    token: String,
    files: Folder,
    _bucket: Folder,
}

impl<'a> World<'a> {
    fn new(place: &'a Place, role: &str) -> Self {
        let bucket = bucket::of_npm(&["minimist"]);
        place
            .data
            .file("plumbline.toml", bucket::configuration(&bucket).as_bytes());
        let synced = place.run(&["feeds", "sync"]);
        assert_eq!(synced.code, Some(0), "{}", synced.stderr);
        let service = Service::start(place, role, &[]);
        Self {
            place: PhantomData,
            service,
            token: place.token(),
            files: Folder::new(),
            _bucket: bucket,
        }
    }

    fn gate(&self, document: &Value, arguments: &[&str]) -> Ended {
        self.gate_bytes(document.to_string().as_bytes(), arguments)
    }

    fn gate_bytes(&self, document: &[u8], arguments: &[&str]) -> Ended {
        let file = self.files.file("bom.json", document);
        run(plumbline(&["gate"])
            .arg(file)
            .args([
                "--server",
                &self.service.origin(),
                "--project",
                "team/shop",
                "--ref",
                "main",
            ])
            .args(arguments)
            .env("PLUMBLINE_TOKEN", &self.token))
    }
}

#[test]
fn the_verdict_decides_how_it_ends() {
    for place in Place::both() {
        let world = World::new(&place, "serve");
        let failing = world.gate(&sbom::shop(), &["--create", "--format", "json"]);
        assert_eq!(failing.code, Some(1), "{}: {}", place.engine, failing.stderr);
        let verdict: Value = serde_json::from_str(&failing.stdout).unwrap();
        assert_eq!(verdict["verdict"], "fail");
        assert_eq!(verdict["project"], "team/shop");
        assert_eq!(verdict["violations"][0]["finding"]["canonical"], "CVE-2021-44906");

        let again = world.gate(&sbom::shop(), &["--format", "json"]);
        let again: Value = serde_json::from_str(&again.stdout).unwrap();
        assert_eq!(
            again["build"]["id"], verdict["build"]["id"],
            "the same document is the same build"
        );

        let passing = world.gate(&sbom::minimist("1.2.8"), &[]);
        assert_eq!(
            passing.code,
            Some(0),
            "{}: {}{}",
            place.engine,
            passing.stdout,
            passing.stderr
        );

        let unknown = world.gate(&sbom::empty(), &[]);
        assert_eq!(unknown.code, Some(3), "{}", unknown.stdout);
        let allowed = world.gate(&sbom::empty(), &["--allow-indeterminate"]);
        assert_eq!(allowed.code, Some(0), "{}", allowed.stderr);
    }
}

#[test]
fn every_format_is_printed() {
    let place = Place::sqlite();
    let world = World::new(&place, "serve");
    let first = world.gate(&sbom::shop(), &["--create"]);
    assert_eq!(first.code, Some(1), "{}", first.stderr);
    for format in [
        "table",
        "text",
        "json",
        "markdown",
        "sarif",
        "junit",
        "github",
        "gitlab",
        "gitlab-dependency-scanning",
        "html",
        "csv",
    ] {
        let ended = world.gate(&sbom::shop(), &["--format", format]);
        assert_eq!(ended.code, Some(1), "{format}: {}", ended.stderr);
        assert!(
            ended.stdout.contains("CVE-2021-44906"),
            "{format}: {}",
            ended.stdout
        );
    }
    let unknown = world.gate(&sbom::shop(), &["--format", "xml"]);
    assert_eq!(unknown.code, Some(2));
}

#[test]
fn what_the_server_refuses_is_told_and_is_no_verdict() {
    let place = Place::sqlite();
    let mut world = World::new(&place, "serve");
    let missing = world.gate(&sbom::shop(), &[]);
    assert_eq!(missing.code, Some(2), "{}", missing.stdout);
    assert!(
        missing.stderr.contains("404") && missing.stderr.contains("team/shop"),
        "{}",
        missing.stderr
    );
    assert_eq!(world.gate(&sbom::shop(), &["--create"]).code, Some(1));
    for (document, told) in [
        (&b"<!doctype html><title>502</title>"[..], "422"),
        (
            b"{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.6\", \"components\": 7}",
            "/components",
        ),
    ] {
        let ended = world.gate_bytes(document, &[]);
        assert_eq!(ended.code, Some(2), "{}", ended.stdout);
        assert!(
            ended.stderr.contains(told) && ended.stdout.is_empty(),
            "{}",
            ended.stderr
        );
    }
    world.token = "plb_wrong".to_owned();
    let refused = world.gate(&sbom::shop(), &[]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("401") && !refused.stderr.contains("plb_wrong"),
        "{}",
        refused.stderr
    );
}

#[test]
fn without_a_server_there_is_no_verdict() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let files = Folder::new();
    let file = files.file("bom.json", sbom::shop().to_string().as_bytes());
    let ended = run(plumbline(&[
        "gate",
        "--server",
        &address,
        "--project",
        "x",
        "--ref",
        "main",
        "--wait",
        "0",
    ])
    .arg(file));
    assert_eq!(ended.code, Some(2), "{}", ended.stdout);
    assert!(ended.stderr.contains(&address), "{}", ended.stderr);
}

#[test]
fn server_and_worker_may_be_processes_of_their_own() {
    for place in Place::both() {
        let world = World::new(&place, "server");
        let pending = world.gate(&sbom::shop(), &["--create", "--wait", "0"]);
        assert_eq!(pending.code, Some(4), "{}: {}", place.engine, pending.stderr);
        assert!(
            pending.stdout.is_empty() && pending.stderr.contains("queued"),
            "{}",
            pending.stderr
        );
        let _worker = Service::start(&place, "worker", &[]);
        let settled = world.gate(&sbom::shop(), &[]);
        assert_eq!(settled.code, Some(1), "{}: {}", place.engine, settled.stderr);
    }
}
