//! `plumbline scan` on the lists of an image by several tools, with advisories of its distribution.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};

use advisories::tracker;
use clock::Timestamp;
use harness::{Folder, plumbline, shared_data};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A bucket with what the changelogs of the image's own packages say, as Debian's tracker writes it.
fn changelogs() -> Folder {
    let json = std::fs::read(shared_data("containers/tracker-from-changelogs.json")).unwrap();
    let (records, _) = tracker::records(&json, Timestamp::from_millis(0)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for record in records {
        let name = format!("{}.json", record["id"].as_str().unwrap());
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(record.to_string().as_bytes()).unwrap();
    }
    let bucket = Folder::new();
    bucket.file("ecosystems.txt", b"Debian\n");
    bucket.file("Debian/all.zip", &writer.finish().unwrap().into_inner());
    bucket
}

#[test]
fn three_lists_of_one_image_have_the_same_64_cves() {
    let bucket = changelogs();
    for file in [
        "syft-oci-archive-cdx.json.gz",
        "trivy-cdx-oci.json.gz",
        "syft-spdx.json.gz",
    ] {
        let output = plumbline(&["scan"])
            .arg(shared_data("containers").join(file))
            .args(["--format", "json", "--source"])
            .arg(bucket.path())
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let cves: BTreeSet<&str> = findings
            .iter()
            .map(|finding| finding["canonical"].as_str().unwrap())
            .collect();
        assert_eq!((cves.len(), findings.len()), (64, 125), "{file}");
        let libssl = findings
            .iter()
            .find(|finding| finding["component"]["name"] == "libssl3")
            .unwrap();
        let notes = libssl["evidence"]["notes"].as_array().unwrap();
        assert!(
            notes
                .iter()
                .any(|note| note.as_str().unwrap().starts_with("via source openssl ")),
            "{notes:?}"
        );
        let components = report["components"].as_array().unwrap();
        let debs = components
            .iter()
            .filter(|component| component["ecosystem"] == "Debian");
        assert!(
            debs.into_iter().all(|component| component["checked"] == true),
            "{file}"
        );
        let others = components
            .iter()
            .filter(|component| component["ecosystem"] == "npm");
        assert!(
            others.into_iter().all(|component| component["checked"] == false),
            "{file}"
        );
    }
}
