//! Small advisory buckets in the layout of OSV, made of real records.

use std::fs::File;
use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::{Folder, shared_data};

/// A bucket with the records of npm that speak of one of these packages.
///
/// # Panics
/// When no record does: the test would prove nothing.
#[must_use]
pub fn of_npm(packages: &[&str]) -> Folder {
    let bucket = Folder::new();
    bucket.file("ecosystems.txt", b"npm\n");
    bucket.file("npm/all.zip", &archive(&records(packages)));
    bucket
}

/// A configuration that reads npm from this bucket and nothing else.
#[must_use]
pub fn configuration(bucket: &Folder) -> String {
    format!(
        "[feeds.osv]\nsource = \"{}\"\necosystems = [\"npm\"]\n[feeds.known_exploited]\nsource = \"\"\n[feeds.exploit_scores]\nsource = \"\"\n",
        bucket.text()
    )
}

fn records(packages: &[&str]) -> Vec<(String, Vec<u8>)> {
    let file = File::open(shared_data("advisories/npm/all.zip")).unwrap();
    let mut all = ZipArchive::new(file).unwrap();
    let mut found = Vec::new();
    for position in 0..all.len() {
        let mut entry = all.by_index(position).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if packages.iter().any(|package| speaks_of(&bytes, package)) {
            found.push((entry.name().unwrap().into_owned(), bytes));
        }
    }
    assert!(found.len() >= packages.len(), "records about {packages:?}");
    found
}

fn speaks_of(record: &[u8], package: &str) -> bool {
    let record: serde_json::Value = serde_json::from_slice(record).unwrap();
    let affected = record["affected"].as_array();
    affected.is_some_and(|all| all.iter().any(|one| one["package"]["name"] == package))
}

fn archive(records: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in records {
        writer
            .start_file(name.as_str(), SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
