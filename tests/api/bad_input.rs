//! Documents that are none: each is told what is wrong and where, and none is our defect.

use axum::http::StatusCode;
use serde_json::Value;

use crate::world::{World, gzip, sbom};

struct Case {
    what: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: Vec<u8>,
    status: StatusCode,
    slug: &'static str,
    /// What the first of `errors` says about the place: `line`, `pointer`, or nothing.
    place: Option<&'static str>,
}

const FORM: (&str, &str) = ("content-type", "multipart/form-data; boundary=xx");
const GZIP: (&str, &str) = ("content-encoding", "gzip");

fn case(what: &'static str, body: impl Into<Vec<u8>>, status: u16, slug: &'static str) -> Case {
    Case {
        what,
        headers: &[],
        body: body.into(),
        status: StatusCode::from_u16(status).unwrap(),
        slug,
        place: None,
    }
}

impl Case {
    fn at(self, place: &'static str) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }

    fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }
}

fn part(name: &str) -> String {
    format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"bom.json\"\r\n\r\n{{}}\r\n")
}

fn cases() -> Vec<Case> {
    let whole = sbom(&[("time", "0.1.0")]);
    let truncated = whole[..whole.len() / 2].to_vec();
    let deep = format!(
        "{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":{}{}}}",
        "[{\"components\":".repeat(100_000),
        "}]".repeat(100_000)
    );
    let huge = "{\"bomFormat\":\"CycloneDX\",\"specVersion\":1e99999,\"version\":99999999999999999999999}";
    vec![
        case("nothing at all", "", 422, "not-an-sbom"),
        case(
            "a web page",
            "<!doctype html><html><body>502 Bad Gateway</body></html>",
            422,
            "not-an-sbom",
        ),
        case("other JSON", "{\"name\":\"shop\"}", 422, "not-an-sbom"),
        case("a number", "7", 422, "not-an-sbom"),
        case("bytes", vec![0_u8, 159, 146, 150], 422, "not-an-sbom"),
        case(
            "a document that was cut off",
            truncated,
            422,
            "malformed-document",
        )
        .at("line"),
        case("deep nesting", deep, 422, "malformed-document"),
        case("huge numbers", huge, 422, "malformed-document"),
        case(
            "XML that is no document of ours",
            "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"/>",
            422,
            "not-an-sbom",
        ),
        case(
            "bytes that are too many",
            vec![b' '; (4 << 20) + 1],
            413,
            "too-large",
        ),
        case("a bomb", gzip(&vec![b' '; 100 << 20]), 413, "too-large").with(&[GZIP]),
        case(
            "a bomb that does not say so",
            gzip(&vec![b' '; 100 << 20]),
            413,
            "too-large",
        ),
        case("no gzip", "plain", 400, "bad-request").with(&[GZIP]),
        case(
            "a gzip stream that was cut off",
            gzip(&whole)[..40].to_vec(),
            400,
            "bad-request",
        )
        .with(&[GZIP]),
        case("no zstd", "plain", 400, "bad-request").with(&[("content-encoding", "zstd")]),
        case("an unknown encoding", "x", 415, "unsupported-media-type").with(&[("content-encoding", "br")]),
        case("two encodings", "x", 415, "unsupported-media-type").with(&[("content-encoding", "gzip, gzip")]),
        case(
            "a form without a file",
            format!("{}--xx--\r\n", part("sbom")),
            422,
            "not-an-sbom",
        )
        .with(&[FORM]),
        case(
            "a form that ends early",
            "--xx\r\nContent-Dis",
            400,
            "bad-request",
        )
        .with(&[FORM]),
        case("a form without a boundary", "x", 400, "bad-request")
            .with(&[("content-type", "multipart/form-data")]),
    ]
}

#[tokio::test]
async fn a_bad_document_is_told_what_is_wrong() {
    for world in World::both().await {
        world.make_project("shop").await;
        for path in ["/v1/projects/shop/builds", "/v1/gate"] {
            for case in cases() {
                let call = world.post(path).admin().body(case.body);
                let call = case
                    .headers
                    .iter()
                    .fold(call, |call, (name, value)| call.header(name, value));
                let answer = call.send().await;
                assert_eq!(answer.status, case.status, "{}: {}", case.what, answer.text());
                assert_eq!(answer.problem(), case.slug, "{}", case.what);
                if let Some(place) = case.place {
                    assert_ne!(answer.json()["errors"][0][place], Value::Null, "{}", case.what);
                }
            }
        }
        let builds = world.get("/v1/projects/shop/builds").admin().send().await;
        assert_eq!(builds.json()["items"], serde_json::json!([]));
    }
}

#[tokio::test]
async fn json_bodies_are_told_the_line() {
    for world in World::both().await {
        for (body, status, slug) in [
            ("{\"description\":", 400, "bad-request"),
            ("{\"descripton\":\"x\"}", 422, "invalid"),
            ("{\"archived\":\"yes\"}", 422, "invalid"),
            ("[]", 422, "invalid"),
            ("{\"tags\":[\"a b\"]}", 422, "invalid"),
        ] {
            let answer = world.put("/v1/projects/shop").admin().body(body).send().await;
            assert_eq!(answer.status.as_u16(), status, "{body}");
            assert_eq!(answer.problem(), slug, "{body}");
            assert_ne!(answer.json()["errors"][0], Value::Null, "{body}");
        }
    }
}

#[tokio::test]
async fn targets_that_no_build_could_have_are_refused_before_anything_is_read() {
    for world in World::both().await {
        world.make_project("shop").await;
        let long = "x".repeat(201);
        for (query, status) in [
            ("reff=main".to_owned(), 400),
            ("channel=tag".to_owned(), 400),
            ("wait=soon".to_owned(), 400),
            ("wait=-1".to_owned(), 400),
            (format!("ref={long}"), 400),
            ("ref=".to_owned(), 400),
            ("version=1%0A2".to_owned(), 400),
            ("baseline=yesterday".to_owned(), 400),
            ("policy=unheard-of".to_owned(), 422),
        ] {
            let path = format!("/v1/projects/shop/builds?{query}");
            let answer = world.post(&path).admin().body("not read").send().await;
            assert_eq!(answer.status.as_u16(), status, "{query}: {}", answer.text());
            answer.problem();
        }
        let answer = world
            .post("/v1/projects/a%20b/builds?create=true")
            .admin()
            .body("not read")
            .send()
            .await;
        assert_eq!(answer.problem(), "bad-query");
    }
}
