//! Uploads that are no lists of components: lockfiles, archives, several files, requests for a repository.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::{World, gzip};

const UPLOAD: &str = "/v1/projects/shop/builds?ref=main&create=true";

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"shop\"\nversion = \"1.0.0\"\ndependencies = [\"time\"]\n\n[[package]]\nname = \"time\"\nversion = \"0.1.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";
const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"1.0.0\"\n[dependencies]\ntime = \"0.1\"\n";

/// Uploads, works, and answers what the build says then.
async fn build(world: &World, name: Option<&str>, body: Vec<u8>) -> Value {
    let call = world.post(UPLOAD).admin();
    let call = match name {
        Some(name) => call.header("content-disposition", &format!("attachment; filename=\"{name}\"")),
        None => call,
    };
    let answer = call.body(body).send().await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    world.work().await;
    world.get(answer.header("location")).admin().send().await.json()
}

fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (*name, text.as_bytes()))
        .collect();
    ::sources::archive::pack(&files).unwrap()
}

#[tokio::test]
async fn a_lockfile_becomes_a_build_in_two_steps() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        let call = world
            .post(UPLOAD)
            .admin()
            .header("content-disposition", "attachment; filename=\"Cargo.lock\"");
        let answer = call.body(LOCK).send().await;
        let queued = answer.json();
        assert_eq!(
            (&queued["build"]["status"], &queued["build"]["stage"]),
            (&json!("queued"), &json!("read"))
        );
        assert_eq!(queued["build"].get("components"), None, "not read is not 0");
        assert_eq!(
            queued["build"]["document"]["source"],
            json!({"kind": "file", "name": "Cargo.lock"})
        );
        world.work().await;
        let done = world.get(answer.header("location")).admin().send().await.json();
        assert_eq!(
            (&done["build"]["status"], &done["build"]["stage"]),
            (&json!("succeeded"), &json!("done"))
        );
        assert_eq!(done["build"]["document"]["format"], "Cargo.lock v4");
        assert_eq!(done["build"]["components"], 1);
        let finding = &done["verdict"]["violations"][0]["finding"];
        assert_eq!(finding["canonical"], "RUSTSEC-2026-0001");
        assert_eq!(finding["component"]["direct"], true);
        let kept = world
            .get(&format!("{}/sbom?format=original", answer.header("location")))
            .admin()
            .send()
            .await;
        assert_eq!(kept.text(), LOCK, "byte for byte");
    }
}

#[tokio::test]
async fn archives_and_several_files_are_read_as_one_source() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        let archive = gzip(&tar(&[
            ("repo-1/Cargo.lock", LOCK),
            ("repo-1/Cargo.toml", MANIFEST),
            ("repo-1/src/main.rs", ""),
        ]));
        let done = build(&world, Some("repo.tar.gz"), archive).await;
        assert_eq!(done["build"]["document"]["source"]["kind"], "archive");
        assert_eq!(done["build"]["outcome"], "fail", "{done}");
        let part = |name: &str, text: &str| {
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n"
            )
        };
        let body = part("api/Cargo.lock", LOCK)
            + &part("api/Cargo.toml", MANIFEST)
            + &part(
                "web/package.json",
                "{\"name\":\"web\",\"dependencies\":{\"a\":\"^1\"}}",
            )
            + "--b--\r\n";
        let call = world
            .post(UPLOAD)
            .admin()
            .header("content-type", "multipart/form-data; boundary=b");
        let answer = call.body(body).send().await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        world.work().await;
        let done = world.get(answer.header("location")).admin().send().await.json();
        let notices = done["build"]["document"]["notices"].as_array().unwrap();
        assert_eq!(
            (&notices[0]["code"], &notices[0]["place"]),
            (
                &json!("registry_unread"),
                &json!("web/package.json: /dependencies/a")
            ),
            "no registry is configured here"
        );
        let said = done["verdict"]["notices"].as_array().unwrap();
        assert!(
            said.iter().any(|notice| notice["code"] == "registry_unread"),
            "{said:?}"
        );
        assert_eq!(
            done["build"]["outcome"], "fail",
            "what was found counts all the same"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_read_leaves_a_verdict_that_says_so() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        let done = build(&world, Some("Cargo.lock"), b"[[package]\n".to_vec()).await;
        assert_eq!(done["build"]["status"], "succeeded", "{done}");
        assert_eq!(done["verdict"]["verdict"], "indeterminate");
        let notices = &done["build"]["document"]["notices"][0];
        assert_eq!(notices["code"], "file_not_read");
        assert!(
            notices["place"]
                .as_str()
                .unwrap()
                .starts_with("Cargo.lock: line 1"),
            "{notices}"
        );
        let broken = build(&world, Some("x.zip"), b"PK\x03\x04 and no more".to_vec()).await;
        assert_eq!(broken["build"]["status"], "failed");
        assert!(
            broken["build"]["error"].as_str().unwrap().contains("damaged"),
            "{broken}"
        );
    }
}

#[tokio::test]
async fn a_repository_is_asked_for_and_its_token_is_not_kept() {
    for world in World::both().await {
        let request = json!({"repository": {"url": "https://127.0.0.1:1/a.git", "ref": "main", "token": "secret-token"}});
        let answer = world.post(UPLOAD).admin().json(&request).send().await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        assert!(!answer.text().contains("secret-token"));
        world.work().await;
        let done = world.get(answer.header("location")).admin().send().await.json();
        assert_eq!(done["build"]["status"], "failed");
        let error = done["build"]["error"].as_str().unwrap();
        assert!(
            error.contains("not a public address"),
            "no request goes inside: {error}"
        );
        let kept = world
            .get(&format!("{}/sbom?format=original", answer.header("location")))
            .admin()
            .send()
            .await;
        assert_eq!(
            kept.text(),
            r#"{"repository":{"ref":"main","url":"https://127.0.0.1:1/a.git"}}"#
        );
        let again = world.post(UPLOAD).admin().json(&request).send().await;
        assert_ne!(
            again.header("location"),
            answer.header("location"),
            "it may be another state by now"
        );
        world.work().await;
        for (url, place) in [
            ("ssh://example.org/a", "/repository/url"),
            ("https://u:p@example.org/a", "/repository/url"),
        ] {
            let refused = world
                .post(UPLOAD)
                .admin()
                .json(&json!({"repository": {"url": url}}))
                .send()
                .await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(refused.json()["errors"][0]["pointer"], place);
        }
    }
}

#[tokio::test]
async fn the_stateless_gate_reads_a_lockfile_at_once() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        let call = world
            .post("/v1/gate")
            .admin()
            .header("content-disposition", "attachment; filename=\"Cargo.lock\"");
        let answer = call.body(LOCK).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert!(answer.text().contains("RUSTSEC-2026-0001"));
    }
}
