//! The shell of `docs/ci.md`, run as it stands there against a real service. What cannot be run anywhere but in the CI
//! system itself (checking out, uploading artifacts) are steps without a shell.

use std::path::Path;
use std::process::Command;

use harness::{Ended, Folder, Place, Service, bucket, run};
use serde_json::Value;

const DOCUMENT: &str = "../docs/ci.md";

/// A lockfile with this version of minimist.
fn lockfile(version: &str) -> String {
    format!(
        r#"{{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {{
            "": {{"name": "shop", "version": "1.0.0", "dependencies": {{"minimist": "^1"}}}},
            "node_modules/minimist": {{"version": "{version}", "license": "MIT", "integrity": "sha512-2yyAR8qBkN3YuheJanUpWC5U3bb5osDywNB8RzDVlDwDHbocAJveqqj1u8+SVD7jkWT4yvsHCpWqqWqAxb0zCA=="}}
        }}}}"#
    )
}

const PASSING: &str = "1.2.8";
const FAILING: &str = "1.2.0";

struct World {
    service: Service,
    token: String,
    place: Place,
    _bucket: Folder,
}

impl World {
    fn new() -> Self {
        let place = Place::sqlite();
        let bucket = bucket::of_npm(&["minimist"]);
        place
            .data
            .file("plumbline.toml", bucket::configuration(&bucket).as_bytes());
        let synced = place.run(&["feeds", "sync"]);
        assert_eq!(synced.code, Some(0), "{}", synced.stderr);
        let service = Service::start(&place, "serve", &[]);
        let token = place.token();
        let made = harness::http::try_send(
            reqwest::Method::PUT,
            &format!("{}/v1/projects/shop", service.origin()),
            &[
                ("authorization", &format!("Bearer {token}")),
                ("content-type", "application/json"),
            ],
            b"{}".to_vec(),
        )
        .unwrap();
        assert!(made.status < 300, "{}", made.body);
        Self {
            service,
            token,
            place,
            _bucket: bucket,
        }
    }

    /// Runs a script as CI systems do: `sh -e` in a checkout, with the variables that they set.
    fn sh(&self, checkout: &Folder, script: &str) -> Ended {
        let binary = harness::plumbline(&[]);
        let folder = Path::new(binary.get_program()).parent().unwrap().to_owned();
        let path = std::env::var("PATH").unwrap();
        let summary = checkout.path().join("summary.md");
        run(Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", script])
            .current_dir(checkout.path())
            .env("PATH", format!("{}:{path}", folder.display()))
            .env("PLUMBLINE_SERVER", self.service.origin())
            .env("PLUMBLINE_TOKEN", &self.token)
            .env("PLUMBLINE_DATA", self.place.data.text())
            .env("GITHUB_EVENT_NAME", "push")
            .env("GITHUB_REF_NAME", "feature/a&b")
            .env("GITHUB_SHA", "4f2c9ab")
            .env("GITHUB_STEP_SUMMARY", summary)
            .env("CI_COMMIT_REF_NAME", "feature/a&b")
            .env("CI_COMMIT_SHA", "4f2c9ab")
            .env("BRANCH_NAME", "feature/a&b")
            .env("GIT_COMMIT", "4f2c9ab")
            .env("CIRCLE_BRANCH", "feature/a&b")
            .env("CIRCLE_SHA1", "4f2c9ab")
            .env("BRANCH", "feature/a&b")
            .env("COMMIT", "4f2c9ab"))
    }
}

fn checkout(version: &str) -> Folder {
    let folder = Folder::new();
    folder.file("package-lock.json", lockfile(version).as_bytes());
    folder
}

/// The fenced block of a language under a heading.
fn block(heading: &str, language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    let text = std::fs::read_to_string(path).unwrap();
    let (_, section) = text
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("no section {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let (_, block) = section
        .split_once(&format!("```{language}\n"))
        .unwrap_or_else(|| panic!("no {language} in {heading}"));
    block.split("\n```").next().unwrap().to_owned()
}

fn yaml(heading: &str) -> Value {
    serde_saphyr::from_str(&block(heading, "yaml")).unwrap()
}

/// The steps of a recipe, by their names, for a checkout that passes and one that fails.
fn check(world: &World, gate: &str, passes: i32, fails: i32) -> (Folder, Folder) {
    let (good, bad) = (checkout(PASSING), checkout(FAILING));
    let passed = world.sh(&good, gate);
    assert_eq!(passed.code, Some(passes), "{}{}", passed.stdout, passed.stderr);
    let failed = world.sh(&bad, gate);
    assert_eq!(failed.code, Some(fails), "{}{}", failed.stdout, failed.stderr);
    (good, bad)
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn github_actions() {
    let world = World::new();
    let recipe = yaml("GitHub Actions");
    let steps = recipe["jobs"]["gate"]["steps"].as_array().unwrap();
    let script = |name: &str| {
        let step = steps.iter().find(|step| step["name"] == name).unwrap();
        step["run"].as_str().unwrap().to_owned()
    };
    let (_, bad) = check(&world, &script("Gate"), 0, 1);
    let reported = world.sh(&bad, &script("Report"));
    assert_eq!(reported.code, Some(0), "{}", reported.stderr);
    let sarif: Value = serde_json::from_str(&read(&bad, "plumbline.sarif")).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(read(&bad, "summary.md").contains("CVE-2021-44906"));
    let upload = steps.last().unwrap();
    assert_eq!(upload["with"]["sarif_file"], "plumbline.sarif");
}

#[test]
fn gitlab_ci() {
    let world = World::new();
    let recipe = yaml("GitLab CI");
    let script = |key: &str| recipe["gate"][key][0].as_str().unwrap().to_owned();
    let (_, bad) = check(&world, &script("script"), 0, 1);
    let after = world.sh(&bad, &script("after_script"));
    assert_eq!(after.code, Some(0), "{}", after.stderr);
    let reports = &recipe["gate"]["artifacts"]["reports"];
    for key in ["codequality", "dependency_scanning"] {
        let text = read(&bad, reports[key].as_str().unwrap());
        let report: Value = serde_json::from_str(&text).unwrap();
        assert!(report.to_string().contains("CVE-2021-44906"), "{key}: {report}");
    }
}

#[test]
fn jenkins() {
    let world = World::new();
    let recipe = block("Jenkins", "groovy");
    let (_, script) = recipe.split_once("sh '''").unwrap();
    let script = script.split("'''").next().unwrap();
    let (_, bad) = check(&world, script, 0, 1);
    assert!(read(&bad, "plumbline-junit.xml").contains("<testsuite"));
}

#[test]
fn circle_ci() {
    let world = World::new();
    let recipe = yaml("CircleCI");
    let steps = recipe["jobs"]["gate"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["run"]["name"] == "Gate").unwrap();
    let (_, bad) = check(&world, step["run"]["command"].as_str().unwrap(), 0, 1);
    assert!(read(&bad, "results/plumbline/junit.xml").contains("CVE-2021-44906"));
}

#[test]
fn curl_alone() {
    let world = World::new();
    let (good, bad) = check(&world, &block("With curl alone", "sh"), 0, 22);
    assert!(read(&good, "plumbline.html").starts_with("<!DOCTYPE html>"));
    assert!(read(&bad, "plumbline.html").contains("CVE-2021-44906"));
    let build: Value = serde_json::from_str(&read(&bad, "build.json")).unwrap();
    assert_eq!(build["build"]["ref"], "feature/a&b");
}

#[test]
fn without_a_server() {
    let world = World::new();
    let (_, bad) = check(&world, &block("Without a server", "sh"), 0, 1);
    for name in [
        "report.json",
        "report.html",
        "dependencies.csv",
        "tree.svg",
        "treemap.svg",
    ] {
        assert!(!read(&bad, &format!("plumbline/shop@1.0.0-{name}")).is_empty());
    }
}

/// A recipe that nobody runs rots.
#[test]
fn every_shell_of_the_document_is_in_a_section_that_is_run() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT)).unwrap();
    let mut run = Vec::new();
    for section in text.split("\n## ").skip(1) {
        let heading = section.lines().next().unwrap();
        let fences = section
            .lines()
            .filter(|line| line.starts_with("```") && line.len() > 3);
        run.extend(fences.map(|fence| format!("{heading} {}", fence.trim_start_matches('`'))));
    }
    assert_eq!(
        run,
        [
            "GitHub Actions yaml",
            "GitLab CI yaml",
            "Jenkins groovy",
            "CircleCI yaml",
            "With curl alone sh",
            "Without a server sh",
        ]
    );
}
