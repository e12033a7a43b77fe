//! Git repositories, scanned here and now or read by a service.

use harness::registry::{self, Documents, Pace};
use harness::{Folder, GitServer, Place, Registry, Service, bucket, http, plumbline, run};
use serde_json::{Value, json};

const OLD: &str = r#"{"name": "web", "version": "1.0.0", "dependencies": {"minimist": "0.0.8"}}"#;
const NEW: &str = r#"{"name": "web", "version": "1.0.0", "dependencies": {"minimist": "1.2.8"}}"#;

/// A registry of one package.
fn npm() -> Registry {
    let version = |version: &str| json!({"name": "minimist", "version": version});
    let document = json!({"name": "minimist", "dist-tags": {"latest": "1.2.8"},
        "versions": {"0.0.8": version("0.0.8"), "1.2.8": version("1.2.8")}});
    let documents = Documents::from([("/minimist".to_owned(), document.to_string().into_bytes())]);
    Registry::of(documents, Pace::AtOnce)
}

/// A repository in which a tag is affected and the newest state is not.
fn repository() -> GitServer {
    let server = GitServer::new();
    server.commit("v1", &[("web/package.json", OLD), ("src/main.js", "run()")]);
    server.commit("v2", &[("web/package.json", NEW)]);
    server
}

fn sources(server: &GitServer) -> String {
    format!("[sources]\nprivate_hosts = [\"{}\"]\n", server.address())
}

#[test]
fn a_repository_is_scanned_at_a_ref() {
    let (server, npm, bucket) = (repository(), npm(), bucket::of_npm(&["minimist"]));
    let data = Folder::new();
    let text = registry::configuration(npm.origin(), "", "") + &sources(&server);
    data.file("plumbline.toml", text.as_bytes());
    let scan = |data: &Folder, arguments: &[&str]| {
        run(plumbline(&["scan", &server.url(), "--format", "json"])
            .arg("--source")
            .arg(bucket.path())
            .arg("--data")
            .arg(data.path())
            .args(arguments))
    };
    let old = scan(&data, &["--ref", "v1"]);
    assert_eq!(old.code, Some(1), "{}", old.stderr);
    let report: Value = serde_json::from_str(&old.stdout).unwrap();
    assert_eq!(report["findings"][0]["component"]["version"], "0.0.8");
    let new = scan(&data, &[]);
    assert_eq!(new.code, Some(0), "{}", new.stderr);
    let refused = scan(&Folder::new(), &[]);
    assert_eq!(
        refused.code,
        Some(2),
        "nobody named this host: {}",
        refused.stderr
    );
    assert!(refused.stderr.contains("private_hosts"), "{}", refused.stderr);
    let missing = scan(&data, &["--ref", "v9"]);
    assert_eq!(missing.code, Some(2), "{}", missing.stderr);
}

#[test]
fn a_service_reads_a_repository_and_resolves_what_is_in_it() {
    for place in Place::both() {
        let (server, npm, bucket) = (repository(), npm(), bucket::of_npm(&["minimist"]));
        let text = bucket::configuration(&bucket)
            + &registry::configuration(npm.origin(), "", "")
            + &sources(&server);
        place.data.file("plumbline.toml", text.as_bytes());
        let synced = place.run(&["feeds", "sync"]);
        assert_eq!(synced.code, Some(0), "{}", synced.stderr);
        let service = Service::start(&place, "serve", &[]);
        let bearer = format!("Bearer {}", place.token());
        let url = format!(
            "{}/v1/projects/shop/builds?ref=main&create=true&wait=60",
            service.origin()
        );
        let asked = json!({"repository": {"url": server.url(), "ref": "v1"}});
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let answer = http::post(&url, &headers, asked.to_string());
        assert_eq!(answer.status, 200, "{}: {}", place.engine, answer.body);
        let build = answer.json();
        assert_eq!(build["verdict"]["verdict"], "fail", "{build}");
        let commit = build["build"]["commit"].as_str().unwrap();
        assert_eq!(commit.len(), 40);
        let notices = build["build"]["document"]["notices"].as_array().unwrap();
        assert!(
            notices
                .iter()
                .any(|notice| notice["code"] == "resolved" && notice["place"] == "web/package.json"),
            "{notices:?}"
        );
    }
}
