//! The page of one project in the simple API (JSON): its files, and the releases that they make up.

use std::collections::BTreeMap;

use clock::Timestamp;
use serde::Deserialize;

use super::environment::Environment;
use super::file_name::{Archive, Distribution};
use super::{Prereleases, PyPi, SpecifierSet, Version};
use crate::resolve::ReleaseFile;
use crate::{Ecosystem, VersionKey};

/// Endings of source distributions that pip takes.
const SOURCES: [&str; 7] = [".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tbz", ".tar"];
/// More files than any project has.
const MAX_FILES: usize = 200_000;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    filename: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
    #[serde(default)]
    requires_python: Option<String>,
    #[serde(default)]
    yanked: Flag,
    #[serde(default)]
    upload_time: Option<String>,
    #[serde(default)]
    core_metadata: Option<Flag>,
    #[serde(default, rename = "data-dist-info-metadata")]
    older_core_metadata: Option<Flag>,
    #[serde(default)]
    size: Option<u64>,
}

/// `true`, `false`, or something that counts as true: a reason, hashes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Flag {
    Is(bool),
    Other(serde::de::IgnoredAny),
}

impl Default for Flag {
    fn default() -> Self {
        Self::Is(false)
    }
}

impl Flag {
    fn holds(&self) -> bool {
        match self {
            Self::Is(holds) => *holds,
            Self::Other(_) => true,
        }
    }
}

/// A version that can be installed in an environment.
#[derive(Clone, Debug)]
pub struct Release {
    pub version: Version,
    pub key: VersionKey,
    /// As the best of its files spells it.
    pub text: String,
    pub is_prerelease: bool,
    /// Whether every file of it that could be installed was withdrawn.
    pub yanked: bool,
    pub requires_python: Option<String>,
    /// The files that could be installed, the best first.
    pub files: Vec<ReleaseFile>,
    /// SHA-256 of the best file.
    pub sha256: Option<String>,
}

/// The releases of a project, newest first, and what stood in the way of others.
#[derive(Clone, Debug, Default)]
pub struct Project {
    pub releases: Vec<Release>,
    /// Versions that another interpreter could install, with what they require, newest first.
    pub other_pythons: Vec<(Version, String)>,
}

/// One usable file before it is put with its release.
struct Usable {
    version: Version,
    rank: u32,
    file: File,
}

impl Project {
    /// Reads a page for one environment as of one moment.
    ///
    /// # Errors
    /// When the text is no such page; a sentence.
    pub fn read(
        bytes: &[u8],
        name: &str,
        environment: &Environment,
        cutoff: Option<Timestamp>,
    ) -> Result<Self, String> {
        let page: Page = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let name = PyPi.normalize(name).into_owned();
        let python = environment.python.to_string();
        let mut project = Self::default();
        let mut releases = BTreeMap::<VersionKey, Vec<Usable>>::new();
        let mut pythons = BTreeMap::<String, bool>::new();
        for file in page.files.into_iter().take(MAX_FILES) {
            if !is_old_enough(&file, cutoff) {
                continue;
            }
            let Some((version, rank)) = place(&file.filename, &name, environment) else {
                continue;
            };
            let requires = file.requires_python.clone().unwrap_or_default();
            let fits = *pythons.entry(requires.clone()).or_insert_with(|| {
                // What is no specifier excludes nothing, as pip has it.
                SpecifierSet::parse(&requires).map_or(true, |set| set.contains(&python, Prereleases::Admit))
            });
            if !fits {
                project.other_pythons.push((version, requires));
                continue;
            }
            let usable = Usable { version, rank, file };
            releases.entry(usable.version.key()).or_default().push(usable);
        }
        project.releases = releases
            .into_iter()
            .rev()
            .filter_map(|(key, files)| release(key, files))
            .collect();
        project.other_pythons.sort_by(|(a, _), (b, _)| b.cmp(a));
        project.other_pythons.dedup_by(|(a, _), (b, _)| a == b);
        Ok(project)
    }
}

/// A file without a time of upload is younger than any moment.
fn is_old_enough(file: &File, cutoff: Option<Timestamp>) -> bool {
    let Some(cutoff) = cutoff else { return true };
    let uploaded = file.upload_time.as_deref();
    uploaded.is_some_and(|uploaded| {
        uploaded
            .parse::<Timestamp>()
            .is_ok_and(|uploaded| uploaded <= cutoff)
    })
}

/// The version of a file of this project and how well it suits; `None` when it cannot be installed.
fn place(file_name: &str, name: &str, environment: &Environment) -> Option<(Version, u32)> {
    if file_name.ends_with(".whl") {
        let wheel = Distribution::parse(file_name)?;
        let Archive::Wheel(tags) = &wheel.archive else {
            return None;
        };
        let rank = environment.rank(tags)?;
        return (wheel.name == name).then_some((wheel.version, rank));
    }
    let stem = SOURCES.iter().find_map(|ending| file_name.strip_suffix(ending))?;
    let mut dashes = stem.match_indices('-').map(|(at, _)| at);
    let at = dashes.find(|at| PyPi.normalize(&stem[..*at]) == name)?;
    let version = Version::parse(stem.get(at + 1..)?)?;
    Some((version, u32::MAX))
}

fn release(key: VersionKey, mut files: Vec<Usable>) -> Option<Release> {
    files.sort_by(|a, b| {
        let order = |usable: &Usable| (usable.file.yanked.holds(), usable.rank);
        order(a)
            .cmp(&order(b))
            .then_with(|| b.file.filename.cmp(&a.file.filename))
    });
    let best = files.first()?;
    Some(Release {
        text: best.version.to_string(),
        is_prerelease: best.version.is_prerelease(),
        yanked: best.file.yanked.holds(),
        requires_python: best.file.requires_python.clone().filter(|text| !text.is_empty()),
        sha256: best.file.hashes.get("sha256").cloned(),
        version: best.version.clone(),
        files: files.iter().map(|usable| described(&usable.file)).collect(),
        key,
    })
}

fn described(file: &File) -> ReleaseFile {
    let told = file.core_metadata.as_ref().or(file.older_core_metadata.as_ref());
    ReleaseFile {
        name: file.filename.clone(),
        url: file.url.clone(),
        has_metadata: told.map(Flag::holds),
        size: file.size,
    }
}

/// A page with nothing but what [`Project::read`] and a fetcher of metadata need; `None` when it is no page.
#[must_use]
pub fn reduce(page: &[u8]) -> Option<Vec<u8>> {
    const KEPT: [&str; 7] = [
        "filename",
        "url",
        "requires-python",
        "upload-time",
        "core-metadata",
        "data-dist-info-metadata",
        "size",
    ];
    let page: serde_json::Value = serde_json::from_slice(page).ok()?;
    let files = page.get("files")?.as_array()?.iter().map(|file| {
        let mut kept = serde_json::Map::new();
        for key in KEPT {
            let value = file.get(key).filter(|value| !value.is_null());
            kept.extend(value.map(|value| (key.to_owned(), value.clone())));
        }
        let is_yanked = file
            .get("yanked")
            .is_some_and(|yanked| yanked.as_bool() != Some(false));
        if is_yanked {
            kept.insert("yanked".to_owned(), true.into());
        }
        if let Some(hash) = file.get("hashes").and_then(|hashes| hashes.get("sha256")) {
            kept.insert("hashes".to_owned(), serde_json::json!({ "sha256": hash }));
        }
        serde_json::Value::Object(kept)
    });
    serde_json::to_vec(&serde_json::json!({ "files": files.collect::<Vec<_>>() })).ok()
}
