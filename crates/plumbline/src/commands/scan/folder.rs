//! A folder of this machine as a source: no link is followed, nothing outside of it is read.

use std::fs;
use std::io::Read;
use std::path::Path;

use indicatif::ProgressBar;
use sources::{Collection, Collector, Limits, is_vendored};

use super::super::Failure;

/// Entries between two words on the terminal.
const TOLD_EVERY: usize = 500;

/// What a source is called that has no better name.
pub(super) fn name(path: &Path) -> String {
    let whole = path.canonicalize();
    let whole = whole.as_deref().unwrap_or(path);
    whole
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The files of a folder that matter.
///
/// # Errors
/// When the folder itself cannot be read; what is in it and cannot be read is a gap.
pub(super) fn collect(root: &Path, spinner: &ProgressBar) -> Result<Collection, Failure> {
    fs::read_dir(root).map_err(|source| Failure::file(root, source))?;
    let mut walk = Walk {
        root,
        collector: Collector::new(Limits::default()),
        waiting: vec![String::new()],
        seen: 0,
    };
    walk.run(spinner);
    Ok(walk.collector.finish())
}

/// A lockfile with the files of its folder and below, which are there to be read beside it.
///
/// # Errors
/// When the lockfile cannot be read.
pub(super) fn around(file: &Path, name: &str, spinner: &ProgressBar) -> Result<Collection, Failure> {
    fs::metadata(file).map_err(|source| Failure::file(file, source))?;
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let collection = collect(folder, spinner)?;
    if collection.get(name).is_some() {
        return Ok(collection);
    }
    // It was named, so it is read even where it is a link.
    let bytes = fs::read(file).map_err(|source| Failure::file(file, source))?;
    Ok(Collection::single(name, bytes))
}

struct Walk<'a> {
    root: &'a Path,
    collector: Collector,
    /// Folders that are still to be looked into.
    waiting: Vec<String>,
    seen: usize,
}

impl Walk<'_> {
    fn run(&mut self, spinner: &ProgressBar) {
        while let Some(folder) = self.waiting.pop() {
            let listing = match fs::read_dir(self.root.join(&folder)) {
                Ok(listing) => listing,
                Err(error) => {
                    self.collector.unreadable(&folder, &error.to_string());
                    continue;
                }
            };
            for entry in listing.flatten() {
                if !self.collector.count() {
                    self.collector.too_many();
                    return;
                }
                self.seen += 1;
                if self.seen.is_multiple_of(TOLD_EVERY) {
                    spinner.set_message(format!(
                        "Looking through {}: {} files",
                        self.root.display(),
                        self.seen
                    ));
                }
                self.take(&folder, &entry);
            }
        }
    }

    fn take(&mut self, folder: &str, entry: &fs::DirEntry) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        // Of the entry itself, not of what a link points to.
        let (Ok(kind), Ok(metadata)) = (entry.file_type(), entry.metadata()) else {
            return;
        };
        if kind.is_symlink() {
            self.collector.link(&path);
        } else if kind.is_dir() && name == ".git" {
            // Its history is not its sources.
        } else if kind.is_dir() && is_vendored(&name) {
            self.collector.skip(&path);
        } else if kind.is_dir() && path.matches('/').count() >= self.collector.limits().depth {
            self.collector.unreadable(&path, "it lies too many folders deep");
        } else if kind.is_dir() {
            self.waiting.push(path);
        } else if kind.is_file()
            && let Some(kept) = self.collector.want(&path, metadata.len())
        {
            self.keep(&path, kept, &entry.path());
        }
    }

    /// Reads no more than is kept: a file may grow while it is read.
    fn keep(&mut self, path: &str, kept: String, place: &Path) {
        let most = self.collector.limits().file + 1;
        let mut bytes = Vec::new();
        let read = fs::File::open(place).and_then(|file| file.take(most).read_to_end(&mut bytes));
        match read {
            Ok(_) => self.collector.keep(kept, bytes),
            Err(error) => self.collector.unreadable(path, &error.to_string()),
        }
    }
}
