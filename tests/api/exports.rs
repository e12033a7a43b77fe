//! What can be taken out of a build.

use axum::http::StatusCode;
use inventory::formats::{self, Limits};
use serde_json::{Value, json};

use crate::world::{Answer, World, sbom};

const UPLOAD: &str = "/v1/projects/team%2Fshop/builds?ref=main&version=1.4.0";

/// A build of `time` 0.1.0, which is affected, and serde; judged. Gives its path in the API.
async fn build(world: &World) -> String {
    world.publish("RUSTSEC-2026-0001", "time", "0.2.0").await;
    world.make_project("team/shop").await;
    let document = sbom(&[("time", "0.1.0"), ("serde", "1.0.0")]);
    let accepted = world.post(UPLOAD).admin().body(document).send().await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED, "{}", accepted.text());
    accepted.header("location").to_owned()
}

async fn get(world: &World, path: &str) -> Answer {
    world.get(path).admin().send().await
}

#[tokio::test]
async fn the_bill_of_materials_comes_in_every_format() {
    for world in World::both().await {
        let path = build(&world).await;
        for (format, media_type, ending, read_as) in [
            (
                "cyclonedx-json",
                "application/vnd.cyclonedx+json; version=1.6",
                "cdx.json",
                "CycloneDX 1.6 JSON",
            ),
            (
                "cyclonedx-xml",
                "application/vnd.cyclonedx+xml; version=1.6",
                "cdx.xml",
                "CycloneDX 1.6 XML",
            ),
            (
                "spdx-json",
                "application/spdx+json; version=2.3",
                "spdx.json",
                "SPDX 2.3 JSON",
            ),
            (
                "spdx-tag-value",
                "text/spdx; charset=utf-8",
                "spdx",
                "SPDX 2.3 tag-value",
            ),
        ] {
            let address = format!("{path}/sbom?format={format}");
            let answer = get(&world, &address).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
            assert_eq!(answer.header("content-type"), media_type);
            let name = format!("attachment; filename=\"team-shop-1.{ending}\"");
            assert_eq!(answer.header("content-disposition"), name);
            let (read, _) = formats::read(&answer.body, &Limits::default()).unwrap();
            assert_eq!(read.format, read_as);
            let mut purls: Vec<String> = read
                .components
                .iter()
                .filter_map(|component| Some(component.purl.as_ref()?.to_string()))
                .collect();
            purls.sort();
            assert!(purls.contains(&"pkg:cargo/time@0.1.0".to_owned()), "{purls:?}");
            assert_eq!(get(&world, &address).await.body, answer.body, "equal bytes");
            let again = world
                .get(&address)
                .admin()
                .header("if-none-match", answer.header("etag"))
                .send()
                .await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        }
    }
}

#[tokio::test]
async fn findings_come_along_once_there_is_a_verdict() {
    for world in World::both().await {
        let path = build(&world).await;
        let address = format!("{path}/sbom?format=cyclonedx-json&vulnerabilities=true");
        let early = get(&world, &address).await;
        assert_eq!(early.status, StatusCode::CONFLICT, "not looked at is not clean");
        world.work().await;
        let document = get(&world, &address).await.json();
        let found = &document["vulnerabilities"][0];
        assert_eq!(found["id"], "RUSTSEC-2026-0001");
        let reference = found["affects"][0]["ref"].as_str().unwrap();
        let components = document["components"].as_array().unwrap();
        let affected = components
            .iter()
            .find(|component| component["bom-ref"] == reference)
            .unwrap();
        assert_eq!(affected["purl"], "pkg:cargo/time@0.1.0");
        let plain = get(&world, &format!("{path}/sbom?format=cyclonedx-json"))
            .await
            .json();
        assert_eq!(plain.get("vulnerabilities"), None);
        assert_ne!(plain["serialNumber"], document["serialNumber"]);
        let spdx = get(
            &world,
            &format!("{path}/sbom?format=spdx-json&vulnerabilities=true"),
        )
        .await
        .json();
        let refs: Vec<&Value> = spdx["packages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|package| package["name"] == "time")
            .flat_map(|package| package["externalRefs"].as_array().unwrap())
            .collect();
        assert!(
            refs.iter()
                .any(|reference| reference.to_string().contains("RUSTSEC-2026-0001")),
            "{refs:?}"
        );
        let original = get(
            &world,
            &format!("{path}/sbom?format=original&vulnerabilities=true"),
        )
        .await;
        assert_eq!(original.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn vex_speaks_of_what_is_affected_only() {
    for world in World::both().await {
        let path = build(&world).await;
        assert_eq!(
            get(&world, &format!("{path}/vex")).await.status,
            StatusCode::CONFLICT
        );
        world.work().await;
        let cyclonedx = get(&world, &format!("{path}/vex?format=cyclonedx")).await;
        assert_eq!(
            cyclonedx.header("content-disposition"),
            "attachment; filename=\"team-shop-1.vex.cdx.json\""
        );
        let document = cyclonedx.json();
        assert_eq!(document["vulnerabilities"][0]["analysis"]["state"], "in_triage");
        assert_eq!(
            document["components"].as_array().unwrap().len(),
            1,
            "serde is not affected"
        );
        let id = path.rsplit('/').next().unwrap();
        let link = format!("urn:cdx:{id}/1");
        assert_eq!(
            document["components"][0]["externalReferences"][0],
            json!({"type": "bom", "url": link})
        );
        let open = get(&world, &format!("{path}/vex?format=openvex")).await.json();
        assert_eq!(open["@context"], "https://openvex.dev/ns/v0.2.0");
        let statement = &open["statements"][0];
        assert_eq!(statement["vulnerability"]["name"], "RUSTSEC-2026-0001");
        assert_eq!(statement["status"], "under_investigation");
        assert!(
            statement.to_string().contains("pkg:cargo/time@0.1.0"),
            "{statement}"
        );
        assert_eq!(
            get(&world, &format!("{path}/vex?format=pdf")).await.problem(),
            "bad-query"
        );
    }
}

#[tokio::test]
async fn quality_is_told_with_the_build_and_alone() {
    for world in World::both().await {
        let path = build(&world).await;
        let whole = get(&world, &path).await.json();
        let quality = get(&world, &format!("{path}/quality")).await.json();
        assert_eq!(whole["quality"], quality);
        assert_eq!(quality["schema"], "quality/1");
        assert!(
            quality["score"]
                .as_u64()
                .is_some_and(|score| (1..100).contains(&score)),
            "{quality}"
        );
        let criteria = quality["criteria"].as_array().unwrap();
        let matchable = criteria
            .iter()
            .find(|criterion| criterion["id"] == "matchable")
            .unwrap();
        assert_eq!(
            (&matchable["met"], &matchable["of"], &matchable["share"]),
            (&json!(2), &json!(2), &json!(10_000))
        );
        let hashes = criteria
            .iter()
            .find(|criterion| criterion["id"] == "hash")
            .unwrap();
        assert_eq!(hashes["met"], 0);
        assert_eq!(hashes["missing"].as_array().unwrap().len(), 2);
        assert!(whole["links"]["quality"].as_str().unwrap().ends_with("/quality"));
        let stranger = world.get(&format!("{path}/quality")).send().await;
        assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    }
}
