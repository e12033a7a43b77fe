//! `plumbline scan` on folders, lockfiles and archives.

use std::path::Path;
use std::process::Output;

use harness::{Folder, plumbline, shared_data};
use serde_json::Value;

const LOCK: &str = r#"{"name": "shop", "lockfileVersion": 3, "packages": {
    "": {"name": "shop", "version": "1.0.0", "dependencies": {"mkdirp": "^0.5"}, "devDependencies": {"minimist": "^1"}},
    "node_modules/mkdirp": {"version": "0.5.1", "dependencies": {"minimist": "0.0.8"}},
    "node_modules/mkdirp/node_modules/minimist": {"version": "0.0.8"},
    "node_modules/minimist": {"version": "1.2.8", "dev": true}
}}"#;

fn scan(path: &Path, arguments: &[&str]) -> Output {
    plumbline(&["scan"])
        .arg(path)
        .arg("--source")
        .arg(shared_data("advisories"))
        .args(arguments)
        .output()
        .unwrap()
}

fn report(output: &Output) -> Value {
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"))
}

#[test]
fn a_folder_is_scanned_with_the_way_to_each_finding() {
    let folder = Folder::new();
    let lock = folder.file("web/package-lock.json", LOCK.as_bytes());
    folder.file("web/tests/fixtures/package-lock.json", LOCK.as_bytes());
    folder.file("README.md", b"# shop");
    let root = lock.parent().unwrap().parent().unwrap();
    let output = scan(root, &["--format", "json"]);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report = report(&output);
    let findings = report["findings"].as_array().unwrap();
    let found = findings
        .iter()
        .find(|finding| finding["canonical"] == "CVE-2021-44906")
        .unwrap();
    assert_eq!(
        found["paths"][0].as_array().unwrap().last().unwrap(),
        "minimist@0.0.8"
    );
    assert_eq!(found["component"]["direct"], false);
    for input in [lock.as_path(), lock.parent().unwrap()] {
        assert_eq!(scan(input, &[]).status.code(), Some(1), "{}", input.display());
    }
}

#[test]
fn a_folder_with_a_manifest_alone_is_indeterminate_with_words() {
    let folder = Folder::new();
    let manifest = folder.file(
        "package.json",
        br#"{"name": "a", "dependencies": {"left-pad": "^1"}}"#,
    );
    let output = scan(manifest.parent().unwrap(), &["--offline"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(
        told.contains("there is no lockfile") && told.contains("registries are not asked"),
        "{told}"
    );
    let empty = Folder::new();
    let readme = empty.file("README.md", b"nothing");
    assert_eq!(
        scan(readme.parent().unwrap(), &[]).status.code(),
        Some(3),
        "nothing was checked"
    );
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere() {
    let outside = Folder::new();
    let secret = outside.file("package-lock.json", LOCK.as_bytes());
    let folder = Folder::new();
    let own = folder.file("package.json", br#"{"name": "a"}"#);
    let root = own.parent().unwrap();
    std::os::unix::fs::symlink(&secret, root.join("package-lock.json")).unwrap();
    std::os::unix::fs::symlink(root, root.join("loop")).unwrap();
    let output = scan(root, &["--format", "json"]);
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!String::from_utf8_lossy(&output.stdout).contains("minimist"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("links are not followed"));
}
