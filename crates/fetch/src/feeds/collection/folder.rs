//! The files of a folder and the folders below it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use super::super::archive::{Limits, Record};
use super::{Account, Select, record_name};
use crate::{Error, Result};

/// Files that are listed.
const MOST_FILES: usize = 2_000_000;
/// Folders within folders.
const DEEPEST: usize = 24;

/// The files as they were listed, by path.
#[derive(Debug)]
pub(super) struct Walk {
    root: PathBuf,
    files: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    path: PathBuf,
    length: u64,
    /// Nanoseconds; 0 where the file system keeps none.
    changed: u128,
}

impl Walk {
    /// Lists the folder; links are not followed, and hidden folders such as `.git` are left out.
    pub(super) fn new(root: &Path) -> Result<Self> {
        let mut walk = Self {
            root: root.to_owned(),
            files: Vec::new(),
        };
        let mut folders = vec![(root.to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|source| failed(&folder, source))? {
                let entry = entry.map_err(|source| failed(&folder, source))?;
                let kind = entry.file_type().map_err(|source| failed(&folder, source))?;
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                if kind.is_dir() && !hidden && depth < DEEPEST {
                    folders.push((entry.path(), depth + 1));
                } else if kind.is_file() && !hidden {
                    walk.add(&entry.path())?;
                }
            }
        }
        walk.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(walk)
    }

    fn add(&mut self, path: &Path) -> Result<()> {
        if self.files.len() == MOST_FILES {
            return Err(Error::Invalid {
                target: self.root.display().to_string(),
                what: format!("holds more than {MOST_FILES} files"),
            });
        }
        let found = fs::metadata(path).map_err(|source| failed(path, source))?;
        let changed = found.modified().ok();
        let changed = changed.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        self.files.push(Found {
            path: path.to_owned(),
            length: found.len(),
            changed: changed.map_or(0, |since| since.as_nanos()),
        });
        Ok(())
    }

    /// An entity tag of everything that was listed.
    pub(super) fn state(&self) -> String {
        let mut digest = Sha256::new();
        for file in &self.files {
            digest.update(file.path.as_os_str().as_encoded_bytes());
            digest.update([0]);
            digest.update(file.length.to_le_bytes());
            digest.update(file.changed.to_le_bytes());
        }
        format!("\"{}\"", hex::encode(digest.finalize()))
    }
}

/// The records of a folder.
pub(super) struct Folder {
    files: std::vec::IntoIter<Found>,
    account: Account,
    select: Select,
    ended: bool,
}

impl Folder {
    pub(super) fn new(walk: Walk, limits: Limits, select: Select) -> Self {
        Self {
            account: Account::new(walk.root.display().to_string(), limits),
            files: walk.files.into_iter(),
            select,
            ended: false,
        }
    }
}

impl Iterator for Folder {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let (path, id) = self.files.by_ref().find_map(|found| {
            let id = record_name(&found.path.to_string_lossy(), self.select)?;
            Some((found.path, id))
        })?;
        let file = File::open(&path).map_err(|source| failed(&path, source));
        let record = file.and_then(|file| self.account.read(id, file));
        self.ended = record.is_err();
        Some(record)
    }
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::File {
        target: path.display().to_string(),
        source,
    }
}
