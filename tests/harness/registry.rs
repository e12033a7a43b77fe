//! Package registries on a loopback port, as they were recorded: npm's, Cargo's sparse index, Python's simple API.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use ecosystems::Ecosystem;
use ecosystems::pypi::{Distribution, PyPi};
use serde_json::Value;

use crate::shared_data;

/// Documents by their path.
pub type Documents = HashMap<String, Vec<u8>>;

/// A server that answers `GET` with what it was given, and remembers what it was asked for.
#[derive(Debug)]
pub struct Registry {
    origin: String,
    asked: Arc<Mutex<Vec<String>>>,
}

/// How answers are held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    AtOnce,
    /// By up to some milliseconds, other ones for each seed and document, so that answers come in another order.
    Shuffled(u64),
}

impl Registry {
    /// Serves documents.
    ///
    /// # Panics
    /// When there is no port to listen on.
    #[must_use]
    pub fn of(documents: impl Into<Arc<Documents>>, pace: Pace) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (documents, log) = (documents.into(), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (documents, log) = (Arc::clone(&documents), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &documents, &log, pace));
            }
        });
        Self { origin, asked }
    }

    /// Serves everything that was recorded of an ecosystem's registry: `npm`, `cargo` or `pip`.
    #[must_use]
    pub fn recorded(ecosystem: &str, pace: Pace) -> Self {
        Self::of(recorded(ecosystem), pace)
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The paths that were asked for so far.
    ///
    /// # Panics
    /// When a thread of it did.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The part of a configuration that names a registry for each ecosystem and no other.
#[must_use]
pub fn configuration(npm: &str, crates: &str, pypi: &str) -> String {
    format!("[registries]\nnpm = \"{npm}\"\ncrates = \"{crates}\"\npypi = \"{pypi}\"\n")
}

/// Connections are kept open, as clients like it.
fn serve(stream: TcpStream, documents: &Documents, log: &Mutex<Vec<String>>, pace: Pace) {
    let Ok(mut answers) = stream.try_clone() else {
        return;
    };
    let mut lines = BufReader::new(stream);
    loop {
        let mut request = String::new();
        if !matches!(lines.read_line(&mut request), Ok(length) if length > 0) {
            return;
        }
        let mut header = String::new();
        while matches!(lines.read_line(&mut header), Ok(length) if length > 2) {
            header.clear();
        }
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        log.lock().unwrap().push(path.clone());
        std::thread::sleep(pace.pause(&path));
        let head = |status: &str, length: usize| {
            format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n")
        };
        let sent = match documents.get(kept_under(&path).as_ref()) {
            Some(body) => answers
                .write_all(head("200 OK", body.len()).as_bytes())
                .and_then(|()| answers.write_all(body)),
            None => answers.write_all(head("404 Not Found", 0).as_bytes()),
        };
        if sent.is_err() {
            return;
        }
    }
}

/// The metadata of a release lies beside each of its files.
fn kept_under(path: &str) -> Cow<'_, str> {
    let beside = path
        .strip_prefix("/release/")
        .filter(|_| path.ends_with(".metadata"));
    match beside.and_then(|rest| rest.split_once('/')) {
        Some((release, _)) => format!("/metadata/{release}").into(),
        None => path.into(),
    }
}

impl Pace {
    fn pause(self, path: &str) -> Duration {
        let Self::Shuffled(seed) = self else {
            return Duration::ZERO;
        };
        let start = 0xcbf2_9ce4_8422_2325 ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = path.bytes().fold(start, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Duration::from_millis((mixed >> 32) % 12)
    }
}

/// The folder of an oracle's case.
///
/// # Panics
/// When the shared data was not unpacked.
#[must_use]
pub fn case(ecosystem: &str, name: &str) -> PathBuf {
    let path = unpacked().join("resolve").join(ecosystem).join(name);
    assert!(path.is_dir(), "{} is there", path.display());
    path
}

/// The folder in which the shared archives are unpacked; the first caller unpacks them.
fn unpacked() -> &'static Path {
    static UNPACKED: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/shared-data");
        let status = Command::new(shared_data("unpack")).arg(&folder).status();
        assert!(status.unwrap().success(), "the shared data was not unpacked");
        folder
    });
    &UNPACKED
}

/// What a recorded registry answers, by the paths that clients ask for.
fn recorded(ecosystem: &str) -> Arc<Documents> {
    let path = unpacked()
        .join("resolve")
        .join(ecosystem)
        .join("registry.tar.zst");
    let decoder = zstd::Decoder::new(File::open(path).unwrap()).unwrap();
    let mut archive = tar::Archive::new(decoder);
    let mut documents = Documents::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        let name = name.split_once('/').map_or("", |(_, rest)| rest).to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if entry.header().entry_type().is_file() {
            documents.extend(as_asked_for(ecosystem, &name, bytes));
        }
    }
    assert!(
        documents.len() > 500,
        "{ecosystem}: {} documents",
        documents.len()
    );
    Arc::new(documents)
}

fn as_asked_for(ecosystem: &str, name: &str, bytes: Vec<u8>) -> Option<(String, Vec<u8>)> {
    let stem = name.strip_suffix(".json").unwrap_or(name);
    match ecosystem {
        "npm" => Some((format!("/{}", stem.replace("%2f", "%2F")), bytes)),
        "pip" => match stem.split_once('/')? {
            ("simple", project) => Some((format!("/simple/{project}/"), page(&bytes))),
            (_, release) => Some((format!("/metadata/{release}"), headers(&bytes))),
        },
        _ => Some((format!("/{name}"), bytes)),
    }
}

/// A page whose files lie where their metadata is served beside them.
fn page(recorded: &[u8]) -> Vec<u8> {
    let mut page: Value = serde_json::from_slice(recorded).unwrap();
    for file in page["files"].as_array_mut().unwrap() {
        let name = file["filename"].as_str().unwrap().to_owned();
        let release = Distribution::parse(&name).map(|read| {
            let project = PyPi.normalize(&read.name).into_owned();
            format!("{project}-{}", read.version)
        });
        file["url"] = format!("../../release/{}/{name}", release.unwrap_or_default()).into();
    }
    serde_json::to_vec(&page).unwrap()
}

/// Core metadata as it was recorded.
fn headers(recorded: &[u8]) -> Vec<u8> {
    let recorded: Value = serde_json::from_slice(recorded).unwrap();
    let mut text = "Metadata-Version: 2.2\n".to_owned();
    for (key, name) in [
        ("requires_dist", "Requires-Dist"),
        ("provides_extra", "Provides-Extra"),
    ] {
        let values = recorded[key].as_array().into_iter().flatten();
        for value in values.filter_map(Value::as_str) {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    match recorded["trust"].as_str() {
        Some("none") => text.push_str("X-Plumbline-Trust: unknown\n"),
        Some(_) => text.push_str("X-Plumbline-Trust: build\n"),
        None => {}
    }
    text.into_bytes()
}
