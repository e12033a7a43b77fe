//! What users of Sandworm Audit expect of a scan, and its known defects, each a test that we pass.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;

use harness::{Ended, Folder, plumbline, run, shared_data};
use serde_json::Value;

/// Two versions of one package, by nesting; a choice of three licenses; one of a blue oak; an install script.
const LOCK: &str = r#"{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {
    "": {"name": "shop", "version": "1.0.0", "license": "UNLICENSED",
         "dependencies": {"mkdirp": "^0.5", "minimist": "^1", "rc": "^1", "oak": "^1", "core-js": "^3", "forked": "*"}},
    "node_modules/mkdirp": {"version": "0.5.1", "license": "MIT", "dependencies": {"minimist": "0.0.8"}},
    "node_modules/mkdirp/node_modules/minimist": {"version": "0.0.8", "license": "MIT"},
    "node_modules/minimist": {"version": "1.2.8", "license": "MIT"},
    "node_modules/rc": {"version": "1.2.8", "license": "(BSD-2-Clause OR MIT OR Apache-2.0)"},
    "node_modules/oak": {"version": "1.0.0", "license": "BlueOak-1.0.0"},
    "node_modules/core-js": {"version": "3.6.5", "license": "WTFPL", "hasInstallScript": true, "deprecated": "use 3.23"},
    "node_modules/forked": {"version": "1.0.0", "license": "GPL-2.0",
        "resolved": "git+ssh://git@example.org/forked.git#0123456789abcdef0123456789abcdef01234567"}
}}"#;

fn scan(path: &Path, arguments: &[&str]) -> Ended {
    run(plumbline(&["scan"])
        .arg(path)
        .arg("--source")
        .arg(shared_data("advisories"))
        .args(arguments))
}

/// A project with files beside its lockfile.
fn project(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    folder.file("package-lock.json", LOCK.as_bytes());
    for (name, text) in files {
        folder.file(name, text.as_bytes());
    }
    folder
}

fn read(folder: &Folder, name: &str) -> String {
    let path = folder.path().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The report of a scan of the project.
fn report(folder: &Folder, arguments: &[&str]) -> Value {
    let out = folder.path().join("out").display().to_string();
    let ended = scan(folder.path(), &[&["--output-path", &out], arguments].concat());
    assert!(matches!(ended.code, Some(0 | 1 | 3)), "{}", ended.stderr);
    serde_json::from_str(&read(folder, "out/shop@1.0.0-report.json")).unwrap()
}

/// Codes and names of a list of issues.
fn issues(report: &Value, list: &str) -> Vec<String> {
    let issues = report[list].as_array().unwrap().iter();
    issues
        .map(|issue| issue["sandwormIssueId"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_scan_leaves_report_list_and_pictures() {
    let folder = project(&[]);
    let report = report(&folder, &[]);
    assert_eq!(report["name"], "shop");
    assert_eq!(report["version"], "1.0.0");
    let found = &report["dependencyVulnerabilities"];
    let minimist = found
        .as_array()
        .unwrap()
        .iter()
        .find(|found| {
            found["aliases"]
                .as_array()
                .unwrap()
                .iter()
                .any(|id| id == "GHSA-xvch-5gv4-984h")
        })
        .unwrap();
    assert_eq!(minimist["findings"]["paths"][0], "mkdirp>minimist");
    assert_eq!(minimist["githubAdvisoryId"], "GHSA-xvch-5gv4-984h");
    assert_eq!(report["licenseUsage"][0]["string"], "MIT");
    assert_eq!(
        report["licenseUsage"][0]["dependencies"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(
        issues(&report, "licenseIssues"),
        ["SWRM-102-core-js-3.6.5", "SWRM-103-forked-1.0.0",]
    );
    assert_eq!(
        issues(&report, "metaIssues"),
        [
            "SWRM-200-core-js-3.6.5",
            "SWRM-201-core-js-3.6.5-install",
            "SWRM-204-shop-1.0.0-forked",
        ]
    );
    assert_eq!(report["verdict"]["schema"], "gate/1");
    for name in ["tree.svg", "treemap.svg"] {
        let svg = read(&folder, &format!("out/shop@1.0.0-{name}"));
        assert!(
            svg.contains("minimist@0.0.8") || svg.contains("minimist"),
            "{name}"
        );
        assert!(svg.contains("<title") && !svg.contains("<script") && !svg.contains(" style="));
    }
    assert!(read(&folder, "out/shop@1.0.0-report.html").contains("Gate failed"));
    let only = folder.path().join("only").display().to_string();
    let ended = scan(folder.path(), &["--output-path", &only, "--outputs", "csv"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert_eq!(std::fs::read_dir(only).unwrap().count(), 1);
}

/// Defect 1: `license.*` never fires and `bogus` passes.
#[test]
fn defect_1_fail_rules_fire_and_unknown_ones_are_errors() {
    let folder = Folder::new();
    let lock = LOCK.replace("0.0.8", "1.2.8");
    folder.file("package-lock.json", lock.as_bytes());
    for (rule, code) in [
        ("license.*", 1),
        ("licenses.low", 1),
        ("meta.high", 1),
        ("*.critical", 1),
        ("licenses.moderate", 0),
    ] {
        let policy = folder.file(
            "lenient.json",
            br#"{"meta":{"max_undetermined":9},"rules":{"license.missing":"ignore"}}"#,
        );
        let policy = policy.display().to_string();
        let ended = scan(folder.path(), &["--policy", &policy, "--fail-on", rule]);
        assert_eq!(ended.code, Some(code), "{rule}: {}{}", ended.stdout, ended.stderr);
    }
    for wrong in ["bogus", "licences.*", "license.severe"] {
        let ended = scan(folder.path(), &["--fail-on", wrong]);
        assert_eq!(ended.code, Some(2), "{wrong}");
        assert!(ended.stderr.contains(wrong), "{}", ended.stderr);
    }
}

/// Defect 2: vulnerabilities of the product itself are never looked for.
#[test]
fn defect_2_the_product_itself_is_matched() {
    let folder = Folder::new();
    folder.file(
        "package-lock.json",
        br#"{"name": "minimist", "version": "1.2.0", "lockfileVersion": 3, "packages": {"": {"name": "minimist", "version": "1.2.0", "dependencies": {"isarray": "2"}}, "node_modules/isarray": {"version": "2.0.5", "license": "MIT"}}}"#,
    );
    let out = folder.path().join("out").display().to_string();
    let ended = scan(folder.path(), &["--output-path", &out]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&read(&folder, "out/minimist@1.2.0-report.json")).unwrap();
    assert!(!report["rootVulnerabilities"].as_array().unwrap().is_empty());
    assert!(report["dependencyVulnerabilities"].as_array().unwrap().is_empty());
}

/// Defect 3: without the registry, everything that is known is thrown away. Defect 4: any warning of npm's ends the
/// search for vulnerabilities.
#[test]
fn defects_3_and_4_a_lockfile_is_enough_and_a_warning_ends_nothing() {
    let folder = project(&[("broken/package-lock.json", "{\"lockfileVersion\": 99}")]);
    let out = folder.path().join("out").display().to_string();
    let ended = scan(folder.path(), &["--output-path", &out]);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("broken/package-lock.json"),
        "{}",
        ended.stderr
    );
    let name = std::fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .find(|name| name.ends_with("report.json"))
        .unwrap();
    let report: Value = serde_json::from_str(&read(&folder, &format!("out/{name}"))).unwrap();
    assert!(!report["dependencyVulnerabilities"].as_array().unwrap().is_empty());
    assert!(
        !issues(&report, "licenseIssues")
            .iter()
            .any(|id| id.starts_with("SWRM-100"))
    );
    assert!(
        !report["errors"].as_array().unwrap().is_empty(),
        "the gap is told"
    );
}

/// Defect 5: a choice of three is a *custom expression*, and BlueOak-1.0.0 is *atypical*.
#[test]
fn defect_5_whole_expressions_are_judged_by_a_list_of_today() {
    let report = report(&project(&[]), &[]);
    let all = issues(&report, "licenseIssues").join(" ");
    assert!(!all.contains("-rc-") && !all.contains("-oak-"), "{all}");
}

/// Defect 6: the product stands among its own dependencies, twice. Defect 10: the graph is guessed from names and
/// ranges.
#[test]
fn defects_6_and_10_the_list_is_that_of_the_lockfile() {
    let folder = project(&[]);
    let report = report(&folder, &[]);
    let csv = read(&folder, "out/shop@1.0.0-dependencies.csv");
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines[0][..3], ["name", "version", "latestVersion"]);
    assert!(!lines.iter().any(|line| line[0] == "shop"), "{csv}");
    let line = |version: &str| {
        let mut lines = csv.lines();
        lines
            .find(|line| line.starts_with(&format!("minimist,{version},")))
            .unwrap()
            .to_owned()
    };
    assert!(line("0.0.8").contains("mkdirp@0.5.1") && !line("0.0.8").contains("shop@1.0.0"));
    assert!(line("1.2.8").contains("shop@1.0.0") && !line("1.2.8").contains("mkdirp"));
    assert!(
        !issues(&report, "licenseIssues")
            .iter()
            .any(|id| id.contains("-shop-1.0.0"))
    );
}

/// Defect 7: texts of advisories become HTML. The pictures and the page show them as they are; see the tests of `audit`
/// for advisories, and here for names.
#[test]
fn defect_7_nothing_becomes_markup() {
    let folder = Folder::new();
    folder.file(
        "package-lock.json",
        br#"{"name": "shop", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "shop", "version": "1.0.0", "dependencies": {"a": "1"}}, "node_modules/a": {"version": "1.0.0", "license": "<img src=x onerror=alert(1)>"}}}"#,
    );
    report(&folder, &[]);
    for name in ["report.html", "tree.svg", "treemap.svg"] {
        let text = read(&folder, &format!("out/shop@1.0.0-{name}"));
        assert!(!text.contains("<img") && text.contains("&lt;img"), "{name}");
    }
    let csv = read(&folder, "out/shop@1.0.0-dependencies.csv");
    assert!(!csv.lines().any(|line| line.starts_with(['=', '+', '-', '@'])));
}

/// Defect 8: versions are put together as texts, so that 11 comes before 2.
#[test]
fn defect_8_versions_are_numbers() {
    let composer = ecosystems::by_name("Packagist").unwrap();
    let key = |version: &str| composer.key(version).unwrap();
    assert!(key("11.0.0") > key("2.0.0") && key("1.2") < key("1.11"));
}

/// Defect 9, no tests at all, is this file. Defect 11: pictures of a few hundred packages take eight megabytes.
#[test]
fn defect_11_pictures_of_a_real_project_are_small() {
    let folder = Folder::new();
    let packages: Vec<String> = (0..400)
        .map(|number| {
            let needs: Vec<String> = (1..=12)
                .map(|step| number * 2 + step)
                .filter(|other| *other < 400)
                .map(|other| format!("\"p{other}\": \"1\""))
                .collect();
            format!(
                "\"node_modules/p{number}\": {{\"version\": \"1.0.0\", \"license\": \"MIT\", \"dev\": true, \"dependencies\": {{{}}}}}",
                needs.join(", ")
            )
        })
        .collect();
    let lock = format!(
        "{{\"name\": \"shop\", \"version\": \"1.0.0\", \"lockfileVersion\": 3, \"packages\": {{\"\": {{\"name\": \"shop\", \"version\": \"1.0.0\", \"devDependencies\": {{\"p0\": \"1\"}}}}, {}}}}}",
        packages.join(", ")
    );
    folder.file("package-lock.json", lock.as_bytes());
    report(&folder, &["--include-dev", "--max-depth", "20"]);
    for name in ["tree.svg", "treemap.svg"] {
        let svg = read(&folder, &format!("out/shop@1.0.0-{name}"));
        assert!(svg.len() < 1_500_000, "{name}: {}", svg.len());
        assert!(svg.contains("p399"), "{name}");
    }
}

#[test]
fn its_configuration_and_resolved_issues_are_taken_as_policy_and_waivers() {
    let config = r#"{"audit": {"failOn": ["dependencies.critical", "meta.critical"], "outputPath": "there", "skipTree": true}}"#;
    let resolved = r#"[{"id": "SWRM-204-shop-1.0.0-forked", "paths": ["shop"], "notes": "our own fork"},
        {"id": "GHSA-xvch-5gv4-984h", "paths": ["mkdirp>minimist"], "notes": "arguments are ours"},
        {"id": "GHSA-g2q5-5433-rhrf", "paths": ["rc"], "notes": "this version is from before"}]"#;
    let folder = project(&[
        (".sandworm.config.json", config),
        ("resolved-issues.json", resolved),
        ("package.json", r#"{"name": "shop"}"#),
    ]);
    let file = |name: &str| folder.path().join(name).display().to_string();
    let policy = file(".sandworm.config.json");
    let failing = scan(folder.path(), &["--policy", &policy, "--format", "json"]);
    assert_eq!(failing.code, Some(1), "{}", failing.stderr);
    assert!(
        folder.path().join("there/shop@1.0.0-report.json").exists(),
        "outputPath holds"
    );
    assert!(
        !folder.path().join("there/shop@1.0.0-tree.svg").exists(),
        "skipTree holds"
    );
    let failed: Value = serde_json::from_str(&failing.stdout).unwrap();
    let rules: Vec<&str> = failed["verdict"]["violations"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|violation| violation["action"] == "fail")
        .map(|violation| violation["rule"].as_str().unwrap())
        .collect();
    assert!(
        rules.contains(&"source.git") && rules.contains(&"vulnerability.fail_at"),
        "{rules:?}"
    );
    let waived = scan(
        folder.path(),
        &[
            "--policy",
            &policy,
            "--waivers",
            &file("resolved-issues.json"),
            "--format",
            "json",
        ],
    );
    let waived: Value = serde_json::from_str(&waived.stdout).unwrap();
    let violations = waived["verdict"]["violations"].as_array().unwrap();
    assert!(
        !violations.iter().any(|violation| violation["action"] == "fail"),
        "{violations:?}"
    );
    assert_eq!(
        waived["verdict"]["waivers"]["applied"].as_array().unwrap().len(),
        3
    );
}

#[test]
fn mistakes_in_its_files_are_told_with_their_place() {
    let folder = project(&[
        ("config.json", r#"{"audit": {"failOn": ["bogus"]}}"#),
        ("resolved.json", r#"[{"id": "x", "paths": ["a"]}]"#),
        ("neither.json", "{}"),
    ]);
    let file = |name: &str| folder.path().join(name).display().to_string();
    for (arguments, place) in [
        (vec!["--policy", "config.json"], "/audit/failOn/0"),
        (vec!["--waivers", "resolved.json"], "/0"),
    ] {
        let path = file(arguments[1]);
        let ended = scan(folder.path(), &[arguments[0], &path]);
        assert_eq!(ended.code, Some(2), "{}", ended.stdout);
        assert!(
            ended.stderr.contains(&format!("{path}:{place}")),
            "{}",
            ended.stderr
        );
    }
    let neither = run(plumbline(&["import"]).arg(file("neither.json")));
    assert_eq!(neither.code, Some(2));
}

#[test]
fn what_is_imported_can_be_used_where_policies_and_waivers_are() {
    let folder = project(&[
        (
            ".sandworm.config.json",
            r#"{"audit": {"failOn": ["licenses.low"]}}"#,
        ),
        (
            "resolved-issues.json",
            r#"[{"id": "SWRM-102-core-js-3.6.5", "paths": ["core-js"], "notes": "read it"},
                {"id": "SWRM-150-x-*", "paths": ["x"], "notes": "all"}]"#,
        ),
    ]);
    let import = |name: &str| run(plumbline(&["import"]).arg(folder.path().join(name)));
    let policy = import(".sandworm.config.json");
    assert_eq!(policy.code, Some(0), "{}", policy.stderr);
    let policy = folder
        .file("policy.json", policy.stdout.as_bytes())
        .display()
        .to_string();
    let waivers = import("resolved-issues.json");
    assert_eq!(waivers.code, Some(0), "{}", waivers.stderr);
    assert!(waivers.stderr.contains("SWRM-150-x-*"), "{}", waivers.stderr);
    let waivers = folder
        .file(".sbom-gate.toml", waivers.stdout.as_bytes())
        .display()
        .to_string();
    let violations = |arguments: &[&str]| -> Vec<String> {
        let ended = scan(folder.path(), &[arguments, &["--format", "json"]].concat());
        let report: Value =
            serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.stderr));
        let violations = report["verdict"]["violations"].as_array().unwrap().iter();
        violations
            .map(|violation| violation["rule"].as_str().unwrap().to_owned())
            .collect()
    };
    let rule = "license.not_osi_approved".to_owned();
    assert!(violations(&["--policy", &policy]).contains(&rule));
    assert!(!violations(&["--policy", &policy, "--waivers", &waivers]).contains(&rule));
}

/// A registry that knows one package.
fn registry() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut first = String::new();
            let mut line = String::new();
            reader.read_line(&mut first).unwrap();
            while reader.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let body = r#"{"name":"a","dist-tags":{"latest":"2.0.0"},"time":{"1.0.0":"2020-01-02T03:04:05.000Z"},
                "versions":{"1.0.0":{"license":"WTFPL","deprecated":"no","scripts":{"postinstall":"x"},"dist":{"unpackedSize":4711}}}}"#;
            let (status, body) = if first.starts_with("GET /a ") {
                ("200 OK", body)
            } else {
                ("404 Not Found", "{}")
            };
            let mut stream = stream;
            // Whoever hung up does not want to know.
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    address
}

#[test]
fn the_registry_fills_in_what_a_lockfile_leaves_out_and_a_silent_one_is_told() {
    let folder = Folder::new();
    folder.file(
        "yarn.lock",
        b"# yarn lockfile v1\n\na@^1:\n  version \"1.0.0\"\n  resolved \"https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#0\"\n\nb@^1:\n  version \"1.0.0\"\n  resolved \"https://registry.yarnpkg.com/b/-/b-1.0.0.tgz#0\"\n",
    );
    folder.file(
        "package.json",
        br#"{"name": "shop", "version": "1.0.0", "dependencies": {"a": "^1", "b": "^1"}}"#,
    );
    let data = Folder::new();
    data.file(
        "plumbline.toml",
        format!("[registries]\nnpm = \"{}\"\n", registry()).as_bytes(),
    );
    let data = data.text();
    let out = folder.path().join("out").display().to_string();
    let ended = scan(
        folder.path(),
        &["--registry", "--data", &data, "--output-path", &out],
    );
    assert!(ended.stderr.contains("1 of 2 packages"), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&read(&folder, "out/shop@1.0.0-report.json")).unwrap();
    assert_eq!(
        issues(&report, "metaIssues"),
        ["SWRM-200-a-1.0.0", "SWRM-201-a-1.0.0-install", "SWRM-202-a-1.0.0"]
    );
    assert_eq!(
        issues(&report, "licenseIssues"),
        ["SWRM-100-b-1.0.0", "SWRM-102-a-1.0.0"],
        "what nobody said of b is not a yes"
    );
    let csv = read(&folder, "out/shop@1.0.0-dependencies.csv");
    assert!(
        csv.contains("a,1.0.0,2.0.0,,2020-01-02T03:04:05.000Z,,4711,WTFPL,true"),
        "{csv}"
    );
}

#[test]
fn the_exit_code_can_say_what_failed() {
    let folder = project(&[("p.toml", "[license]\ndeny = [\"WTFPL\"]\n")]);
    let policy = folder.path().join("p.toml").display().to_string();
    for (arguments, code) in [
        // One component comes from git, of which no advisory speaks.
        (&["--exit-bits"][..], 5),
        (&["--exit-bits", "--allow-indeterminate"], 1),
        (&["--exit-bits", "--allow-indeterminate", "--policy", &policy], 3),
        (&["--exit-bits", "--warn-as-error", "--policy", &policy], 7),
        (&["--policy", &policy], 1),
    ] {
        let ended = scan(folder.path(), arguments);
        assert_eq!(
            ended.code,
            Some(code),
            "{arguments:?}: {}{}",
            ended.stdout,
            ended.stderr
        );
    }
}
