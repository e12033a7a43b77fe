//! The entries of a `Cargo.lock`, whichever way they were read.

use cargo_lock::{Lockfile, Package};
use inventory::Notice;
use serde_json::Value;

use crate::lockfile::ReadError;
use crate::lockfile::json::{list, pointer, some_text, unreadable, warning};
use crate::lockfile::toml;

#[derive(Debug)]
pub(super) struct Lock {
    /// 1 to 4.
    pub version: u64,
    pub packages: Vec<Locked>,
    pub gaps: Vec<Notice>,
    pub notices: Vec<Notice>,
}

/// One package.
#[derive(Debug)]
pub(super) struct Locked {
    pub name: String,
    pub version: String,
    /// As written; absent for packages of the project's own.
    pub source: Option<String>,
    /// SHA-256, hexadecimal.
    pub checksum: Option<String>,
    pub dependencies: Vec<Reference>,
    pub place: String,
}

/// What a package says of a dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub name: String,
    pub version: Option<String>,
    pub source: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Lock, ReadError> {
    let value = toml::document(text)?;
    let is_lock = ["package", "version", "root", "metadata"]
        .iter()
        .any(|key| value.get(key).is_some());
    if !is_lock
        && text
            .lines()
            .any(|line| !line.trim().is_empty() && !line.starts_with('#'))
    {
        return Err(ReadError::new(
            "",
            "it is no lockfile of Cargo: there are no packages",
        ));
    }
    match text.parse::<Lockfile>() {
        Ok(lock) => Ok(whole(&lock, stated_version(&value))),
        // Texts of the crate begin with capitals and dumps of the source; ours follows from the entries.
        Err(_) => Ok(piecemeal(&value)),
    }
}

fn stated_version(value: &Value) -> u64 {
    let stated = value.get("version").and_then(Value::as_u64);
    // Version 1 keeps its checksums apart and version 2 beside the packages; neither has a number.
    stated.unwrap_or_else(|| {
        let has_checksum = list(value, "package")
            .iter()
            .any(|package| package.get("checksum").is_some());
        if has_checksum { 2 } else { 1 }
    })
}

fn whole(lock: &Lockfile, version: u64) -> Lock {
    let packages = lock.packages.iter().enumerate();
    let mut packages: Vec<Locked> = packages
        .map(|(position, package)| locked(position, package))
        .collect();
    if let Some(root) = &lock.root {
        packages.push(Locked {
            place: "/root".to_owned(),
            ..locked(0, root)
        });
    }
    Lock {
        version,
        packages,
        gaps: Vec::new(),
        notices: Vec::new(),
    }
}

fn locked(position: usize, package: &Package) -> Locked {
    Locked {
        name: package.name.to_string(),
        version: package.version.to_string(),
        source: package.source.as_ref().map(ToString::to_string),
        checksum: package.checksum.as_ref().map(ToString::to_string),
        dependencies: package
            .dependencies
            .iter()
            .map(|dependency| Reference {
                name: dependency.name.to_string(),
                version: Some(dependency.version.to_string()),
                source: dependency.source.as_ref().map(ToString::to_string),
            })
            .collect(),
        place: pointer(["package", &position.to_string()]),
    }
}

/// Reads every entry for itself, so that a broken one costs only itself.
fn piecemeal(value: &Value) -> Lock {
    let mut lock = Lock {
        version: stated_version(value),
        packages: Vec::new(),
        gaps: Vec::new(),
        notices: Vec::new(),
    };
    let mut entries: Vec<(String, &Value)> = Vec::new();
    for (position, entry) in list(value, "package").iter().enumerate() {
        entries.push((pointer(["package", &position.to_string()]), entry));
    }
    entries.extend(value.get("root").map(|root| ("/root".to_owned(), root)));
    if !value.get("package").is_none_or(Value::is_array) {
        lock.gaps.push(unreadable(
            "/package",
            "the packages are no list and were left out",
        ));
    }
    for (place, entry) in entries {
        match loose(value, entry, &place) {
            Some(package) => lock.packages.push(package),
            None => {
                let text = "the package has no name or no version and was left out";
                lock.gaps.push(unreadable(place, text));
            }
        }
    }
    if lock.gaps.is_empty() {
        let text = "some entry is not as Cargo writes it; every entry was read for itself";
        lock.notices.push(warning("irregular_lockfile", "", text));
    }
    lock
}

fn loose(value: &Value, entry: &Value, place: &str) -> Option<Locked> {
    let name = some_text(entry, "name")?;
    let version = some_text(entry, "version")?;
    let source = some_text(entry, "source");
    let checksum = some_text(entry, "checksum").or_else(|| {
        let key = format!("checksum {name} {version} ({})", source?);
        some_text(value.get("metadata")?, &key)
    });
    let is_hash = |text: &&str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(Locked {
        name: name.to_owned(),
        version: version.to_owned(),
        source: source.map(str::to_owned),
        checksum: checksum.filter(is_hash).map(str::to_lowercase),
        dependencies: list(entry, "dependencies")
            .iter()
            .filter_map(|text| text.as_str().and_then(reference))
            .collect(),
        place: place.to_owned(),
    })
}

/// `name`, `name version` or `name version (source)`.
fn reference(text: &str) -> Option<Reference> {
    let mut words = text.splitn(3, ' ');
    let name = words.next().filter(|name| !name.is_empty())?.to_owned();
    let version = words.next().map(str::to_owned);
    let source = words
        .next()
        .and_then(|text| text.strip_prefix('(')?.strip_suffix(')'));
    Some(Reference {
        name,
        version,
        source: source.map(str::to_owned),
    })
}
