//! The main job: a document in, a verdict out.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::{World, gzip, sbom};

const UPLOAD: &str = "/v1/projects/team%2Fshop/builds?ref=main&version=1.4.0&commit=4f2c9ab";

async fn upload(world: &World, path: &str, document: Vec<u8>) -> Value {
    let answer = world.post(path).admin().body(document).send().await;
    assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
    answer.json()
}

#[tokio::test]
async fn an_upload_becomes_a_build_with_a_verdict() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        world.make_project("team/shop").await;
        let document = sbom(&[("time", "0.1.0"), ("serde", "1.0.0")]);
        let accepted = world.post(UPLOAD).admin().body(document.clone()).send().await;
        assert_eq!(accepted.status, StatusCode::ACCEPTED);
        let queued = accepted.json();
        assert_eq!(queued["build"]["status"], "queued");
        assert_eq!(queued["verdict"], Value::Null);
        assert_eq!(queued["build"].get("evaluated"), None, "not looked at is not 0");
        let path = accepted.header("location").to_owned();
        let pending = world.get(&format!("{path}/verdict")).admin().send().await.json();
        assert_eq!(pending["verdict"], "pending");

        world.work().await;
        let done = world.get(&path).admin().send().await.json();
        assert_eq!(done["build"]["status"], "succeeded");
        assert_eq!(done["build"]["outcome"], "fail");
        assert_eq!(
            (&done["build"]["version"], &done["build"]["commit"]),
            (&json!("1.4.0"), &json!("4f2c9ab"))
        );
        assert_eq!(
            (&done["build"]["evaluated"], &done["build"]["undetermined"]),
            (&json!(2), &json!(0))
        );
        assert_eq!(done["build"]["findings"]["critical"], 1);
        assert_eq!(done["verdict"]["schema"], "gate/1");
        assert_eq!(
            done["verdict"]["violations"][0]["finding"]["canonical"],
            "RUSTSEC-2026-0001"
        );

        let kept = world
            .get(&format!("{path}/sbom?format=original"))
            .admin()
            .send()
            .await;
        assert_eq!(kept.body, document, "byte for byte");
        assert_eq!(kept.header("content-type"), "application/vnd.cyclonedx+json");
        assert_eq!(
            kept.header("content-disposition"),
            "attachment; filename=\"team-shop-1.cdx.json\""
        );
        let other = world.get(&format!("{path}/sbom?format=pdf")).admin().send().await;
        assert_eq!(other.problem(), "bad-query");
    }
}

#[tokio::test]
async fn an_upload_that_waits_is_answered_with_the_verdict() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        world.make_project("team/shop").await;
        let path = format!("{UPLOAD}&wait=30");
        let request = world.post(&path).admin().body(sbom(&[("time", "0.3.0")])).send();
        let shutdown = tokio_util::sync::CancellationToken::new();
        let running = tokio::spawn(world.worker.clone().run(shutdown.clone()));
        let answer = request.await;
        shutdown.cancel();
        running.await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let body = answer.json();
        assert_eq!(body["verdict"]["verdict"], "pass", "{body}");
    }
}

#[tokio::test]
async fn a_verdict_reads_in_every_format_and_is_an_error_only_when_asked() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        world.make_project("team/shop").await;
        let build = upload(&world, UPLOAD, sbom(&[("time", "0.1.0")])).await;
        world.work().await;
        let path = format!("/v1/builds/{}/verdict", build["build"]["id"].as_str().unwrap());
        for (format, media_type) in [
            ("json", "application/json"),
            ("text", "text/plain; charset=utf-8"),
            ("table", "text/plain; charset=utf-8"),
            ("markdown", "text/markdown; charset=utf-8"),
            ("sarif", "application/sarif+json"),
            ("junit", "application/xml"),
            ("github", "text/plain; charset=utf-8"),
            ("gitlab", "application/json"),
            ("csv", "text/csv; charset=utf-8"),
        ] {
            let answer = world.get(&format!("{path}?format={format}")).admin().send().await;
            assert_eq!(answer.status, StatusCode::OK, "{format}");
            assert_eq!(answer.header("content-type"), media_type, "{format}");
            assert!(answer.text().contains("RUSTSEC-2026-0001"), "{format}");
        }
        let by_accept = world
            .get(&path)
            .admin()
            .header("accept", "application/sarif+json;q=1, */*")
            .send()
            .await;
        assert_eq!(by_accept.header("content-type"), "application/sarif+json");
        let unknown = world.get(&format!("{path}?format=pdf")).admin().send().await;
        assert_eq!(unknown.problem(), "bad-query");

        let strict = world.get(&format!("{path}?http=strict")).admin().send().await;
        assert_eq!(strict.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(strict.json()["verdict"], "fail");

        let tag = by_accept.header("etag").to_owned();
        let kept = world
            .get(&format!("{path}?format=sarif"))
            .admin()
            .header("if-none-match", &tag)
            .send()
            .await;
        assert_eq!(kept.status, StatusCode::NOT_MODIFIED);
        let report = path.replace("/verdict", "/report?format=json");
        let report = world.get(&report).admin().send().await.json();
        assert_eq!(report["components"][0]["name"], "time");
    }
}

#[tokio::test]
async fn equal_uploads_are_one_build_until_something_came_in_between() {
    for world in World::both().await {
        world.make_project("team/shop").await;
        let (old, new) = (sbom(&[("time", "0.1.0")]), sbom(&[("time", "0.3.0")]));
        let number = |answer: &Value| answer["build"]["number"].as_i64().unwrap();
        let first = upload(&world, UPLOAD, old.clone()).await;
        assert_eq!(number(&first), 1);
        assert_eq!(number(&upload(&world, UPLOAD, old.clone()).await), 1);
        let other_version = UPLOAD.replace("1.4.0", "1.4.1");
        assert_eq!(number(&upload(&world, &other_version, old.clone()).await), 2);
        assert_eq!(number(&upload(&world, UPLOAD, new).await), 3);
        // Going back to what was there before is news.
        assert_eq!(number(&upload(&world, UPLOAD, old.clone()).await), 4);
        assert_eq!(number(&upload(&world, UPLOAD, old).await), 4);
        let elsewhere = UPLOAD.replace("ref=main", "ref=next");
        assert_eq!(
            number(&upload(&world, &elsewhere, sbom(&[("time", "0.1.0")])).await),
            5
        );
    }
}

#[tokio::test]
async fn a_key_of_the_callers_own_always_means_the_same_build() {
    for world in World::both().await {
        world.make_project("team/shop").await;
        let send = async |document: Vec<u8>| {
            let call = world.post(UPLOAD).admin().header("idempotency-key", "run-7");
            call.body(document).send().await
        };
        let first = send(sbom(&[("time", "0.1.0")])).await.json();
        upload(&world, UPLOAD, sbom(&[("time", "0.3.0")])).await;
        let again = send(sbom(&[("time", "0.1.0")])).await.json();
        assert_eq!(again["build"]["id"], first["build"]["id"]);
        assert_eq!(send(sbom(&[("time", "0.2.0")])).await.problem(), "conflict");
    }
}

#[tokio::test]
async fn a_project_is_made_by_an_upload_only_when_asked() {
    for world in World::both().await {
        let document = sbom(&[("time", "0.1.0")]);
        let answer = world
            .post("/v1/projects/new/builds")
            .admin()
            .body(document.clone())
            .send()
            .await;
        assert_eq!(answer.problem(), "not-found");
        assert!(answer.json()["detail"].as_str().unwrap().contains("create=true"));
        let made = upload(&world, "/v1/projects/new/builds?create=true&ref=trunk", document).await;
        assert_eq!(made["build"]["ref"], "trunk");
        let project = world.get("/v1/projects/new").admin().send().await.json();
        assert_eq!(
            (&project["default_ref"], &project["builds"]),
            (&json!("trunk"), &json!(1))
        );
    }
}

#[tokio::test]
async fn a_document_may_come_compressed_or_in_a_form() {
    for world in World::both().await {
        world.make_project("team/shop").await;
        let document = sbom(&[("time", "0.1.0")]);
        let plain = upload(&world, UPLOAD, document.clone()).await;
        let id = &plain["build"]["id"];
        let zipped = world
            .post(UPLOAD)
            .admin()
            .header("content-encoding", "gzip")
            .body(gzip(&document));
        assert_eq!(&zipped.send().await.json()["build"]["id"], id, "the same bytes");
        let zstd = zstd::encode_all(document.as_slice(), 1).unwrap();
        let packed = world
            .post(UPLOAD)
            .admin()
            .header("content-encoding", "zstd")
            .body(zstd);
        assert_eq!(&packed.send().await.json()["build"]["id"], id, "the same bytes");
        let mut form =
            b"--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bom.json\"\r\n\r\n".to_vec();
        form.extend(&document);
        form.extend(b"\r\n--xx--\r\n");
        let part = world
            .post(UPLOAD)
            .admin()
            .header("content-type", "multipart/form-data; boundary=xx")
            .body(form);
        assert_eq!(&part.send().await.json()["build"]["id"], id, "the same bytes");
    }
}

#[tokio::test]
async fn a_document_of_any_format_needs_no_parameter_and_mistakes_refuse_it_only_when_asked() {
    let path = "/v1/projects/team%2Fshop/builds";
    let xml = "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><components><component type=\"library\"><name>time</name>\
        <version>0.1.0</version><purl>pkg:cargo/time@0.1.0</purl></component></components></bom>";
    let tags = "SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nPackageName: time\nSPDXID: SPDXRef-time\nPackageVersion: 0.1.0\n\
        Nonsense: yes\nExternalRef: PACKAGE-MANAGER purl pkg:cargo/time@0.1.0\n";
    for world in World::both().await {
        world.make_project("team/shop").await;
        for (document, format) in [(xml, "CycloneDX 1.5 XML"), (tags, "SPDX 2.3 tag-value")] {
            let build = upload(&world, path, document.into()).await["build"].clone();
            assert_eq!(
                (&build["document"]["format"], &build["components"]),
                (&json!(format), &json!(1))
            );
        }
        let strict = format!("{path}?strict=true");
        let refused = world.post(&strict).admin().body(tags).send().await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.problem(), "document-mistakes");
        assert_eq!(refused.json()["errors"][0]["line"], "line 6, column 1");
        let flawless = world.post(&strict).admin().body(xml).send().await;
        assert!(flawless.status.is_success(), "{}", flawless.text());
    }
}

#[tokio::test]
async fn builds_are_listed_newest_first() {
    for world in World::both().await {
        world.make_project("team/shop").await;
        for version in ["0.1.0", "0.2.0", "0.3.0"] {
            upload(&world, UPLOAD, sbom(&[("time", version)])).await;
        }
        upload(&world, &UPLOAD.replace("ref=main", "ref=next"), sbom(&[])).await;
        let page = |query: &str| {
            world
                .get(&format!("/v1/projects/team%2Fshop/builds?{query}"))
                .admin()
                .send()
        };
        let numbers = |body: &Value| -> Vec<i64> {
            let items = body["items"].as_array().unwrap().iter();
            items.map(|item| item["number"].as_i64().unwrap()).collect()
        };
        let first = page("limit=2").await.json();
        assert_eq!(numbers(&first), [4, 3]);
        let next = first["next"].as_str().unwrap();
        let second = page(&format!("limit=2&cursor={next}")).await.json();
        assert_eq!(numbers(&second), [2, 1]);
        assert_eq!(second.get("next"), None);
        assert_eq!(numbers(&page("ref=next").await.json()), [4]);
        assert_eq!(page("ref=nowhere").await.problem(), "not-found");
        let csv = world
            .get("/v1/projects/team%2Fshop/builds.csv?limit=2")
            .admin()
            .send()
            .await;
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        assert!(
            csv.header("link").contains("rel=\"next\""),
            "a list that is cut off says so"
        );
        let text = csv.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(
            lines[1].starts_with("4,next,1.4.0,4f2c9ab,queued,,0,,,"),
            "{}",
            lines[1]
        );
    }
}

#[tokio::test]
async fn the_gate_speaks_for_the_newest_build() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        world.make_project("team/shop").await;
        let gate = "/v1/projects/team%2Fshop/gate";
        assert_eq!(world.get(gate).admin().send().await.problem(), "not-found");
        upload(&world, UPLOAD, sbom(&[("time", "0.1.0")])).await;
        assert_eq!(world.get(gate).admin().send().await.json()["verdict"], "pending");
        world.work().await;
        assert_eq!(world.get(gate).admin().send().await.json()["verdict"], "fail");
        upload(
            &world,
            &UPLOAD.replace("1.4.0", "1.5.0"),
            sbom(&[("time", "0.3.0")]),
        )
        .await;
        let before = world.get(gate).admin().send().await.json();
        assert_eq!(before["ref"]["version"], "1.4.0", "the newest finished build");
        world.work().await;
        assert_eq!(world.get(gate).admin().send().await.json()["verdict"], "pass");
        let old = world
            .get(&format!("{gate}?version=1.4.0"))
            .admin()
            .send()
            .await
            .json();
        assert_eq!(old["verdict"], "fail");
    }
}

#[tokio::test]
async fn a_document_is_judged_without_being_stored() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        let answer = world
            .post("/v1/gate")
            .admin()
            .body(sbom(&[("time", "0.1.0")]))
            .send()
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let body = answer.json();
        assert_eq!(body["verdict"], "fail");
        assert_eq!(body["violations"][0]["finding"]["component"]["name"], "time");
        let clean = world
            .post("/v1/gate")
            .admin()
            .body(sbom(&[("time", "0.2.0")]))
            .send()
            .await;
        assert_eq!(clean.json()["verdict"], "pass", "{}", clean.text());
        let unknown = String::from_utf8(sbom(&[("left-pad", "1.0.0")]))
            .unwrap()
            .replace("cargo", "npm");
        let unknown = world.post("/v1/gate").admin().body(unknown).send().await;
        assert_eq!(unknown.json()["verdict"], "indeterminate", "no feed covers npm");
        let none = world.get("/v1/projects").admin().send().await.json();
        assert_eq!(none["items"], json!([]));
    }
}

#[tokio::test]
async fn two_builds_are_compared_with_causes() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        world.make_project("team/shop").await;
        upload(&world, UPLOAD, sbom(&[("time", "0.3.0"), ("serde", "1.0.0")])).await;
        world.work().await;
        upload(&world, UPLOAD, sbom(&[("time", "0.1.0"), ("rand", "0.9.0")])).await;
        world.work().await;
        for query in ["", "?from=1&to=2", "?to=main"] {
            let path = format!("/v1/projects/team%2Fshop/diff{query}");
            let answer = world.get(&path).admin().send().await;
            assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
            let body = answer.json();
            assert_eq!(
                (&body["from"]["number"], &body["to"]["number"]),
                (&json!(1), &json!(2))
            );
            let difference = &body["difference"];
            assert_eq!(difference["added"][0]["name"], "rand");
            assert_eq!(difference["removed"][0]["name"], "serde");
            assert_eq!(difference["introduced"][0]["cause"], "version_changed");
        }
        let missing = world
            .get("/v1/projects/team%2Fshop/diff?from=9")
            .admin()
            .send()
            .await;
        assert_eq!(missing.problem(), "not-found");
    }
}

#[tokio::test]
async fn against_a_baseline_only_what_is_new_counts() {
    for world in World::both().await {
        world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
        world.make_project("team/shop").await;
        let only_new = json!({"vulnerability": {"only_new": true}});
        let stored = world
            .put("/v1/policies/ratchet?reason=try")
            .admin()
            .json(&only_new)
            .send()
            .await;
        assert_eq!(stored.status, StatusCode::CREATED, "{}", stored.text());
        let first = upload(&world, UPLOAD, sbom(&[("time", "0.1.0")])).await;
        upload(&world, UPLOAD, sbom(&[("time", "0.1.0"), ("serde", "1.0.0")])).await;
        world.work().await;
        let gate = "/v1/projects/team%2Fshop/gate";
        let verdict = async |query: &str| {
            let answer = world.get(&format!("{gate}{query}")).admin().send().await;
            answer.json()["verdict"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(verdict("").await, "fail");
        assert_eq!(
            verdict("?policy=ratchet").await,
            "warn",
            "the build before has it, too"
        );
        let id = first["build"]["id"].as_str().unwrap();
        assert_eq!(
            verdict(&format!("?policy=ratchet&baseline=build:{id}")).await,
            "warn"
        );
        let wrong = world
            .get(&format!("{gate}?baseline=yesterday"))
            .admin()
            .send()
            .await;
        assert_eq!(wrong.problem(), "bad-query");
    }
}

#[tokio::test]
async fn uploads_that_meet_all_arrive() {
    for world in World::both().await {
        let documents: Vec<Vec<u8>> = ["0.1.0", "0.1.0", "0.2.0", "0.3.0", "0.3.0", "0.4.0"]
            .into_iter()
            .map(|version| sbom(&[("time", version), ("serde", version), ("rand", "0.9.0")]))
            .collect();
        let path = "/v1/projects/new/builds?create=true&ref=main";
        let calls = documents
            .iter()
            .map(|document| world.post(path).admin().body(document.clone()).send());
        for answer in futures_util::future::join_all(calls).await {
            assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        }
        world.work().await;
        let listed = world.get("/v1/projects/new/builds").admin().send().await.json();
        let builds = listed["items"].as_array().unwrap();
        assert!((4..=6).contains(&builds.len()), "{} builds", builds.len());
        assert!(builds.iter().all(|build| build["status"] == "succeeded"));
    }
}
