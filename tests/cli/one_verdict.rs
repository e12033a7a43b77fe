//! One verdict: the page, the API, the badge and the command line say what one function said, for every sample build.

use harness::{Ended, Folder, Place, Service, bucket, http, plumbline, run, sbom};
use serde_json::Value;

/// A document, its verdict, and how the badge, the page and the exit code say it.
struct Sample {
    document: String,
    verdict: &'static str,
    badge: &'static str,
    headline: &'static str,
    code: i32,
}

fn samples() -> Vec<Sample> {
    let shop = sbom::shop().to_string();
    let clean = sbom::minimist("1.2.8").to_string();
    let sample = |document: String, verdict, badge, headline, code| Sample {
        document,
        verdict,
        badge,
        headline,
        code,
    };
    vec![
        sample(shop, "fail", "failed", "Gate failed", 1),
        sample(clean.clone(), "pass", "passed", "Gate passed", 0),
        sample(
            clean.replace("\"MIT\"", "\"AGPL-3.0-only\""),
            "fail",
            "failed",
            "Gate failed",
            1,
        ),
        sample(
            clean.replace("{\"id\":\"MIT\"}", "{\"name\":\"Some terms\"}"),
            "warn",
            "passed, warnings",
            "Gate passed with warnings",
            0,
        ),
        sample(
            sbom::empty().to_string(),
            "indeterminate",
            "indeterminate",
            "Gate undecided",
            3,
        ),
    ]
}

struct World {
    place: Place,
    service: Service,
    token: String,
    cookie: String,
    files: Folder,
    _bucket: Folder,
}

impl World {
    fn new(place: Place) -> Self {
        let bucket = bucket::of_npm(&["minimist"]);
        place
            .data
            .file("plumbline.toml", bucket::configuration(&bucket).as_bytes());
        let synced = place.run(&["feeds", "sync"]);
        assert_eq!(synced.code, Some(0), "{}", synced.stderr);
        let service = Service::start(&place, "serve", &[]);
        let link = service.printed();
        let token = place.token();
        let (origin, once) = link.split_once("/login?once=").unwrap();
        let entered = http::post(
            &format!("{origin}/login"),
            &[
                ("content-type", "application/x-www-form-urlencoded"),
                ("sec-fetch-site", "same-origin"),
                ("origin", origin),
            ],
            format!("once={once}"),
        );
        let cookie = entered
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .filter_map(|(_, value)| value.split(';').next())
            .collect::<Vec<_>>()
            .join("; ");
        assert!(!cookie.is_empty(), "{entered:?}");
        Self {
            place,
            service,
            token,
            cookie,
            files: Folder::new(),
            _bucket: bucket,
        }
    }

    fn get(&self, path: &str) -> http::Answer {
        let bearer = format!("Bearer {}", self.token);
        http::get(
            &format!("{}{path}", self.service.origin()),
            &[("authorization", &bearer)],
        )
    }

    fn badge(&self) -> String {
        let bearer = format!("Bearer {}", self.token);
        let made = http::post(
            &format!("{}/v1/projects/shop/badge-key", self.service.origin()),
            &[("authorization", &bearer)],
            Vec::new(),
        );
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()["path"].as_str().unwrap().to_owned()
    }

    fn page(&self) -> String {
        let url = format!("{}/projects/shop", self.service.origin());
        let page = http::get(&url, &[("cookie", &self.cookie)]);
        assert_eq!(page.status, 200, "{}", page.body);
        page.body
    }

    fn gate(&self, document: &str, format: &str) -> Ended {
        let file = self.files.file("bom.json", document.as_bytes());
        run(
            plumbline(&["gate", "--project", "shop", "--ref", "main", "--create"])
                .args(["--format", format, "--server", &self.service.origin()])
                .arg(file)
                .env("PLUMBLINE_TOKEN", &self.token),
        )
    }

    /// The same document audited without the server, on the advisories that it has.
    fn scan(&self, document: &str) -> Ended {
        let file = self.files.file("scanned.json", document.as_bytes());
        run(plumbline(&["scan", "--format", "json"])
            .arg(file)
            .args(self.place.flags()))
    }
}

#[test]
fn page_api_command_line_and_badge_give_one_verdict() {
    for place in Place::both() {
        let engine = place.engine;
        let world = World::new(place);
        let mut badge = None;
        for Sample {
            document,
            verdict,
            badge: words,
            headline,
            code,
        } in samples()
        {
            let told = world.gate(&document, "json");
            assert_eq!(told.code, Some(code), "{engine} {verdict}: {}", told.stderr);
            let of_command: Value = serde_json::from_str(&told.stdout).unwrap();
            assert_eq!(of_command["verdict"], verdict, "{engine}");

            let id = of_command["build"]["id"].as_str().unwrap();
            let of_api = world.get(&format!("/v1/builds/{id}/verdict"));
            assert_eq!(
                of_api.json(),
                of_command,
                "{engine}: the API and the command line"
            );
            let of_gate = world.get("/v1/projects/shop/gate?ref=main");
            assert_eq!(of_gate.json()["verdict"], verdict, "{engine}: the project's gate");
            for format in [
                "text",
                "markdown",
                "sarif",
                "junit",
                "gitlab",
                "gitlab-dependency-scanning",
                "html",
            ] {
                let rendered = world.get(&format!("/v1/builds/{id}/verdict?format={format}"));
                let printed = world.gate(&document, format);
                assert_eq!(printed.code, Some(code), "{engine} {format}");
                // The command line knows the file's name, which the server does not.
                let printed = printed
                    .stdout
                    .replace(&world.files.path().join("bom.json").display().to_string(), "sbom");
                assert_eq!(printed, rendered.body, "{engine}: {format}");
            }

            let path = badge.get_or_insert_with(|| world.badge());
            let drawn = http::get(&format!("{}{path}", world.service.origin()), &[]);
            assert!(
                drawn.body.contains(&format!("gate: {words}<")),
                "{engine}: {}",
                drawn.body
            );
            assert!(
                world.page().contains(headline),
                "{engine}: no `{headline}` on the page"
            );

            let scanned = world.scan(&document);
            assert_eq!(scanned.code, Some(code), "{engine}: {}", scanned.stderr);
            let scanned: Value = serde_json::from_str(&scanned.stdout).unwrap();
            assert_eq!(
                scanned["verdict"]["verdict"], verdict,
                "{engine}: a scan without the server"
            );
        }
    }
}

/// The page that carries its own style is sent under a policy that names it and allows nothing else.
#[test]
fn the_html_rendering_is_shown_under_its_own_content_security_policy() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let world = World::new(Place::sqlite());
    let told = world.gate(&sbom::shop().to_string(), "json");
    let verdict: Value = serde_json::from_str(&told.stdout).unwrap();
    let id = verdict["build"]["id"].as_str().unwrap();
    let page = world.get(&format!("/v1/builds/{id}/verdict?format=html"));
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    let style = page
        .body
        .split("<style>")
        .nth(1)
        .unwrap()
        .split("</style>")
        .next()
        .unwrap();
    let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
    assert!(
        policy.contains(&format!("'sha256-{digest}'")),
        "{policy}: {digest}"
    );
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    let json = world.get(&format!("/v1/builds/{id}/verdict"));
    assert!(
        json.header("content-security-policy")
            .unwrap()
            .contains("style-src 'self'")
    );
    for (format, kind, part) in [
        ("svg", "image/svg+xml", "minimist@1.2.0"),
        ("treemap", "image/svg+xml", "minimist@1.2.0"),
        ("csv", "text/csv; charset=utf-8", "minimist,1.2.0"),
        ("json", "application/json", "\"dependencyVulnerabilities\""),
    ] {
        let answer = world.get(&format!("/v1/builds/{id}/tree?format={format}"));
        assert_eq!(answer.status, 200, "{format}: {}", answer.body);
        assert_eq!(answer.header("content-type"), Some(kind));
        assert!(answer.body.contains(part), "{format}: {}", answer.body);
    }
    let tree = world.get(&format!("/v1/builds/{id}/tree")).body;
    assert!(tree.contains("href=\"/components/pkg:npm/minimist"), "{tree}");
}
