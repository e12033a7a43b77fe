//! `plumbline scan` on documents and on the real advisory snapshot.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("plumbline-scan-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over lies in the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn advisories() -> PathBuf {
    let data = std::env::var_os("PLUMBLINE_SHARED_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let advisories = data.join("advisories");
    assert!(
        advisories.is_dir(),
        "{} must hold the advisory snapshot",
        advisories.display()
    );
    advisories
}

fn scan(sbom: &Path, arguments: &[&str]) -> Output {
    let binary = std::env::var_os("PLUMBLINE_BINARY")
        .expect("PLUMBLINE_BINARY names the binary to test; tests/run builds it");
    Command::new(binary)
        .arg("scan")
        .arg(sbom)
        .arg("--source")
        .arg(advisories())
        .args(arguments)
        .output()
        .unwrap()
}

/// shop → bcrypt → node-pre-gyp → rc → minimist 1.2.0, whose CVE-2021-44906 is fixed in 1.2.6.
fn shop() -> Value {
    let package = |name: &str, version: &str| {
        json!({"type": "library", "bom-ref": name, "name": name, "version": version,
               "purl": format!("pkg:npm/{name}@{version}"), "licenses": [{"license": {"id": "MIT"}}]})
    };
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "shop", "name": "shop", "version": "1.4.0"}},
        "components": [
            package("bcrypt", "5.0.0"), package("node-pre-gyp", "0.15.0"),
            package("rc", "1.2.8"), package("minimist", "1.2.0")
        ],
        "dependencies": [
            {"ref": "shop", "dependsOn": ["bcrypt"]}, {"ref": "bcrypt", "dependsOn": ["node-pre-gyp"]},
            {"ref": "node-pre-gyp", "dependsOn": ["rc"]}, {"ref": "rc", "dependsOn": ["minimist"]}
        ]
    })
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
    let empty = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": []});
    let output = scan(&folder.file("bom.json", empty.to_string().as_bytes()), &[]);
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
