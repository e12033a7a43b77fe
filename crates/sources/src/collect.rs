//! The files of a source that matter, kept in memory within limits.

use std::collections::BTreeMap;

use ecosystems::lockfile::Format;
use inventory::Notice;

use crate::notices::{Notices, warn};
use crate::path::{clean, name};

/// Bounds of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files and folders that are looked at.
    pub entries: usize,
    /// Bytes that an archive inflates to, all files together.
    pub inflated: u64,
    /// Bytes of one file that is kept.
    pub file: u64,
    /// Bytes of all files that are kept.
    pub kept: u64,
    /// Folders within folders.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 1_000_000,
            inflated: 512 << 20,
            file: 64 << 20,
            kept: 256 << 20,
            depth: 64,
        }
    }
}

/// Manifests beside lockfiles.
const MANIFESTS: [&str; 8] = [
    "package.json",
    "pnpm-workspace.yaml",
    "Cargo.toml",
    "pyproject.toml",
    "Pipfile",
    "setup.cfg",
    "setup.py",
    ".python-version",
];
/// What bends a resolution; without them it goes its usual way.
const SETTINGS: [&str; 3] = [".npmrc", "rust-toolchain", "rust-toolchain.toml"];
/// Lists of requirements include others by any name; longer texts are something else.
const LONGEST_LIST: u64 = 1 << 20;

/// Takes the files of a source one by one.
#[derive(Debug)]
pub struct Collector {
    limits: Limits,
    files: BTreeMap<String, Vec<u8>>,
    notices: Notices,
    /// What was left out although it may matter.
    gaps: Notices,
    seen: usize,
    kept: u64,
}

/// What was kept.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    files: BTreeMap<String, Vec<u8>>,
    /// Entries that were looked at.
    pub seen: usize,
    pub notices: Vec<Notice>,
    /// What could not be read although it may matter.
    pub gaps: Vec<Notice>,
}

impl Collector {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            files: BTreeMap::new(),
            notices: Notices::default(),
            gaps: Notices::default(),
            seen: 0,
            kept: 0,
        }
    }

    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Counts an entry; `false` when it is one too many and looking on makes no sense.
    pub fn count(&mut self) -> bool {
        if self.seen >= self.limits.entries {
            return false;
        }
        self.seen += 1;
        true
    }

    /// Says that the source was not looked through to its end.
    pub fn cut_off(&mut self, why: &str) {
        self.gaps.push(warn(
            "source_cut_off",
            "",
            format!("the source was not read to its end: {why}"),
        ));
    }

    /// Says that there are more entries than are looked at.
    pub fn too_many(&mut self) {
        let text = format!("it has more than {} files and folders", self.limits.entries);
        self.cut_off(&text);
    }

    /// Says that something is a link; what it points to is not followed.
    pub fn link(&mut self, path: &str) {
        if matters(name(path)) {
            let text = "it is a link; links are not followed, so what it stands for was not read";
            self.gaps.push(warn("link_not_followed", shown(path), text));
        } else {
            let text = "links are not followed";
            self.notices
                .push(crate::notices::info("link_not_followed", shown(path), text));
        }
    }

    /// Says that a folder is another repository, which is not fetched.
    pub fn submodule(&mut self, path: &str) {
        let text = "it is a submodule; submodules are not fetched, so what is in it was not read";
        self.gaps.push(warn("submodule_not_read", shown(path), text));
    }

    /// Says that a folder was not looked into, because of what folders of its name hold.
    pub fn skip(&mut self, path: &str) {
        let text = "folders of this name hold code of others and are not looked into; scan it by itself to include it";
        self.notices
            .push(crate::notices::info("folder_left_out", shown(path), text));
    }

    /// The path under which a file is kept if its content is wanted; otherwise it need not be read. `size` is what
    /// is claimed; what comes is measured by [`Collector::keep`].
    pub fn want(&mut self, path: &str, size: u64) -> Option<String> {
        let Some(clean) = clean(path) else {
            self.notices.push(warn(
                "bad_path",
                shown(path),
                "the path leaves the source or is none, and the file was left out",
            ));
            return None;
        };
        if clean.matches('/').count() > self.limits.depth {
            self.notices.push(warn(
                "too_deep",
                shown(path),
                format!("it lies more than {} folders deep", self.limits.depth),
            ));
            return None;
        }
        let file = name(&clean);
        let is_wanted = matters(file) || is_setting(&clean) || is_list(file) && size <= LONGEST_LIST;
        if !is_wanted {
            return None;
        }
        if !self.has_room(&clean, size) {
            return None;
        }
        Some(clean)
    }

    fn has_room(&mut self, path: &str, size: u64) -> bool {
        let problem = if size > self.limits.file {
            format!("it is larger than {} MiB", self.limits.file >> 20)
        } else if size > self.limits.kept.saturating_sub(self.kept) {
            format!(
                "the files before it fill the {} MiB that are kept",
                self.limits.kept >> 20
            )
        } else {
            return true;
        };
        self.gaps.push(warn(
            "file_too_large",
            path,
            format!("{problem}, and it was not read"),
        ));
        false
    }

    /// Keeps a file under a path that [`Collector::want`] gave. Of two files with one path the first counts.
    pub fn keep(&mut self, path: String, bytes: Vec<u8>) {
        let size = bytes.len() as u64;
        if self.files.contains_key(&path) {
            self.gaps.push(warn(
                "same_path",
                path,
                "two files have this path; the first one counts",
            ));
        } else if self.has_room(&path, size) {
            self.kept += size;
            self.files.insert(path, bytes);
        }
    }

    /// Says that a file that matters could not be read.
    pub fn unreadable(&mut self, path: &str, why: &str) {
        self.gaps.push(warn(
            "file_not_read",
            shown(path),
            format!("it could not be read: {why}"),
        ));
    }

    #[must_use]
    pub fn finish(self) -> Collection {
        Collection {
            files: self.files,
            seen: self.seen,
            notices: self.notices.into_list(),
            gaps: self.gaps.into_list(),
        }
    }
}

impl Collection {
    /// A single file under its name.
    #[must_use]
    pub fn single(name: &str, bytes: Vec<u8>) -> Self {
        let mut collector = Collector::new(Limits::default());
        collector.count();
        collector.keep(name.to_owned(), bytes);
        collector.finish()
    }

    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// What resolvers may read: everything but lockfiles. Lists of requirements are both.
    #[must_use]
    pub fn manifests(&self) -> ecosystems::resolve::Files {
        let is_read = |path: &str| Format::of(path).is_none_or(|format| format.name == "requirements.txt");
        let files = self.files.iter().filter(|(path, _)| is_read(path));
        files
            .map(|(path, bytes)| (path.clone(), bytes.as_slice().into()))
            .collect()
    }

    /// The paths that were kept, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The paths at or below a folder.
    pub(crate) fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        let start = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let all = self.files.range(start.clone()..).map(|(path, _)| path.as_str());
        all.take_while(move |path| path.starts_with(&start))
    }

    /// The same without the one folder that holds everything, as archives of forges have one.
    #[must_use]
    pub fn without_wrapper(mut self) -> Self {
        let Some(first) = self.files.keys().next() else {
            return self;
        };
        let Some((wrapper, _)) = first.split_once('/') else {
            return self;
        };
        let prefix = format!("{wrapper}/");
        if !self.files.keys().all(|path| path.starts_with(&prefix)) {
            return self;
        }
        let files = std::mem::take(&mut self.files);
        self.files = files
            .into_iter()
            .map(|(path, bytes)| (path[prefix.len()..].to_owned(), bytes))
            .collect();
        self
    }
}

/// Whether a file of this name is read.
fn matters(file: &str) -> bool {
    MANIFESTS.contains(&file) || Format::of(file).is_some() || file == "bun.lockb"
}

fn is_setting(path: &str) -> bool {
    SETTINGS.contains(&name(path)) || path == ".cargo/config.toml" || path.ends_with("/.cargo/config.toml")
}

fn is_list(file: &str) -> bool {
    [".txt", ".in", ".pip"]
        .iter()
        .any(|ending| file.ends_with(ending))
}

/// A path for people: without control characters and not endless.
fn shown(path: &str) -> String {
    let clean: String = path.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.len() < path.len() {
        format!("{clean}…")
    } else {
        clean
    }
}
