//! The shared test data beside the workspace. Data that is missing fails the test that asks for it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use advisories::{Advisory, Entry, Record};
use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file or folder of the shared data.
pub fn shared(path: &str) -> PathBuf {
    workspace().join("../shared/data").join(path)
}

pub fn json(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The folder in which the shared archives are unpacked; the first caller unpacks them.
pub fn unpacked() -> &'static Path {
    static UNPACKED: OnceLock<PathBuf> = OnceLock::new();
    UNPACKED.get_or_init(|| {
        let folder = workspace().join("target/shared-data");
        let status = Command::new(shared("unpack")).arg(&folder).status();
        let status = status.expect("the script that unpacks the shared data is executable");
        assert!(status.success(), "the shared data was not unpacked: {status}");
        folder
    })
}

/// The files of a folder that matter to readers of sources.
pub fn collection(folder: &Path) -> sources::Collection {
    let mut collector = sources::Collector::new(sources::Limits::default());
    let mut waiting = vec![PathBuf::new()];
    while let Some(below) = waiting.pop() {
        let listing = fs::read_dir(folder.join(&below));
        for entry in listing.unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let entry = entry.expect("a file of the folder");
            let path = below.join(entry.file_name());
            let text = path.to_str().expect("a path that is text").to_owned();
            if entry.file_type().expect("a kind of file").is_dir() {
                waiting.push(path);
            } else if let Some(kept) = collector.want(&text, 0) {
                collector.keep(kept, fs::read(entry.path()).expect("a readable file"));
            }
        }
    }
    collector.finish()
}

/// All records of one ecosystem's `all.zip`, as bytes.
pub fn raw_records(ecosystem: &str) -> Vec<Vec<u8>> {
    let path = shared("advisories").join(ecosystem).join("all.zip");
    let file = fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut archive = zip::ZipArchive::new(file).expect("all.zip is a zip archive");
    (0..archive.len())
        .map(|index| {
            let mut bytes = Vec::new();
            let mut file = archive.by_index(index).expect("a file of the archive");
            file.read_to_end(&mut bytes).expect("the file decompresses");
            bytes
        })
        .collect()
}

pub fn records(ecosystem: &str) -> Vec<Record> {
    let parse = |bytes: Vec<u8>| Record::parse(&bytes).expect("every published record is read");
    raw_records(ecosystem).into_iter().map(parse).collect()
}

/// The entries of one ecosystem by package name, as the store would give them.
pub fn entries(ecosystem: &str) -> std::collections::HashMap<String, Vec<Entry>> {
    let mut by_name = std::collections::HashMap::<String, Vec<Entry>>::new();
    for record in records(ecosystem) {
        let (advisory, _) = Advisory::compile(&record);
        for package in advisory.packages {
            if package.ecosystem == ecosystem {
                by_name.entry(package.name).or_default().push(package.entry);
            }
        }
    }
    by_name
}
