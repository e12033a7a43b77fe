//! `plumbline scan` on documents and on the real advisory snapshot.

use std::path::Path;
use std::process::Output;

use harness::sbom::{empty, shop};
use harness::{Folder, Place, bucket, plumbline, shared_data};
use serde_json::{Value, json};

fn scan(sbom: &Path, arguments: &[&str]) -> Output {
    plumbline(&["scan"])
        .arg(sbom)
        .arg("--source")
        .arg(shared_data("advisories"))
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn a_critical_finding_with_a_fix_fails_and_is_explained() {
    let folder = Folder::new();
    let sbom = folder.file("bom.json", shop().to_string().as_bytes());
    let output = scan(&sbom, &["--format", "json"]);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["verdict"]["verdict"], "fail");
    let findings = report["findings"].as_array().unwrap();
    let found = findings
        .iter()
        .find(|finding| finding["canonical"] == "CVE-2021-44906")
        .unwrap();
    assert_eq!(found["severity"]["level"], "critical");
    assert_eq!(found["fix"]["version"], "1.2.6");
    assert_eq!(
        found["paths"][0],
        json!([
            "bcrypt@5.0.0",
            "node-pre-gyp@0.15.0",
            "rc@1.2.8",
            "minimist@1.2.0"
        ])
    );
}

#[test]
fn the_same_packages_in_other_formats_give_the_same_finding() {
    let folder = Folder::new();
    let xml = "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components><component type=\"library\"><name>minimist</name>\
        <version>1.2.0</version><purl>pkg:npm/minimist@1.2.0</purl></component></components></bom>";
    let tags = "SPDXVersion: SPDX-2.3\nPackageName: minimist\nSPDXID: SPDXRef-a\nPackageVersion: 1.2.0\nNonsense: x\n\
        ExternalRef: PACKAGE-MANAGER purl pkg:npm/minimist@1.2.0\n";
    let yaml = "SPDXID: SPDXRef-DOCUMENT\nspdxVersion: SPDX-2.3\npackages:\n- SPDXID: SPDXRef-a\n  name: minimist\n  versionInfo: 1.2.0\n  \
        externalRefs: [{referenceType: purl, referenceLocator: \"pkg:npm/minimist@1.2.0\"}]\n";
    for (name, document) in [("a.xml", xml), ("b", tags), ("c.txt", yaml)] {
        let output = scan(&folder.file(name, document.as_bytes()), &[]);
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("CVE-2021-44906"),
            "{name}"
        );
    }
    let strictly = scan(&folder.file("b", tags.as_bytes()), &["--strict"]);
    assert_eq!(strictly.status.code(), Some(2));
    let told = String::from_utf8_lossy(&strictly.stderr).into_owned();
    assert!(
        told.contains("line 5, column 1") && told.contains("--strict"),
        "{told}"
    );
}

#[test]
fn the_same_document_compressed_gives_the_same_verdict() {
    let folder = Folder::new();
    let sbom = folder.file(
        "bom.zst",
        &zstd::encode_all(shop().to_string().as_bytes(), 3).unwrap(),
    );
    let output = scan(&sbom, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("CVE-2021-44906"));
}

#[test]
fn a_document_without_components_is_indeterminate_never_clean() {
    let folder = Folder::new();
    let output = scan(&folder.file("bom.json", empty().to_string().as_bytes()), &[]);
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn what_is_no_sbom_is_refused_with_the_place() {
    let folder = Folder::new();
    let whole = shop().to_string();
    let cases: [(&str, &[u8], &str); 5] = [
        ("truncated.json", &whole.as_bytes()[..whole.len() / 2], "line 1"),
        (
            "page.html",
            b"<!doctype html><title>502 Bad Gateway</title>",
            "HTML",
        ),
        ("empty.json", b"", "empty"),
        ("list.json", b"[1, 2, 3]", ""),
        (
            "type.json",
            br#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": 7}"#,
            "/components",
        ),
    ];
    for (name, bytes, told) in cases {
        let output = scan(&folder.file(name, bytes), &[]);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}: {stderr}");
        assert!(stderr.contains(name) && stderr.contains(told), "{name}: {stderr}");
        assert!(!stderr.contains("panicked"), "{name}: {stderr}");
    }
}

#[test]
fn a_policy_file_decides_and_an_unknown_key_in_it_is_an_error_with_its_place() {
    let folder = Folder::new();
    let sbom = folder.file("bom.json", shop().to_string().as_bytes());
    let strict = folder.file(
        "strict.toml",
        b"[vulnerability]\nfail_at = \"critical\"\nseverty = 1\n",
    );
    let output = scan(&sbom, &["--policy", strict.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("severty"));
    let deny = folder.file("deny.json", br#"{"license": {"deny": ["MIT"]}}"#);
    let output = scan(&sbom, &["--policy", deny.to_str().unwrap(), "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let violations = report["verdict"]["violations"].as_array().unwrap();
    assert_eq!(
        violations
            .iter()
            .filter(|violation| violation["rule"] == "license.deny")
            .count(),
        4
    );
}

#[test]
fn without_a_source_the_advisories_of_the_data_folder_are_asked() {
    for place in Place::both() {
        let file = place.data.file("bom.json", shop().to_string().as_bytes());
        let file = file.to_str().unwrap();
        let nothing = place.run(&["scan", file]);
        assert_eq!(nothing.code, Some(2), "{}: {}", place.engine, nothing.stdout);
        assert!(nothing.stderr.contains("feeds sync"), "{}", nothing.stderr);
        let bucket = bucket::of_npm(&["minimist"]);
        place
            .data
            .file("plumbline.toml", bucket::configuration(&bucket).as_bytes());
        assert_eq!(place.run(&["feeds", "sync"]).code, Some(0));
        let scanned = place.run(&["scan", file]);
        assert_eq!(scanned.code, Some(1), "{}: {}", place.engine, scanned.stderr);
        assert!(scanned.stdout.contains("CVE-2021-44906"), "{}", scanned.stdout);
    }
}
