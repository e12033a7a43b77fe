//! Uploaded documents, byte for byte, under their digest.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::Error;

/// A folder of documents. A file is named by the SHA-256 of what was uploaded and holds it zstd-compressed.
#[derive(Clone, Debug)]
pub struct Documents {
    root: PathBuf,
}

/// The SHA-256 of bytes, in lower-case hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl Documents {
    #[must_use]
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, digest: &str) -> PathBuf {
        self.root
            .join(digest.get(..2).unwrap_or("00"))
            .join(format!("{digest}.zst"))
    }

    /// Keeps the bytes; once this returns they survive a crash. Storing the same bytes twice is one file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put(&self, digest: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.path(digest);
        if path.exists() {
            return Ok(());
        }
        write_whole(&path, bytes).map_err(|source| Error::Document {
            path: path.display().to_string(),
            source,
        })
    }

    /// The bytes as they were uploaded; `None` when no such document is kept.
    ///
    /// # Errors
    /// When the disk refuses or the file is damaged.
    pub fn get(&self, digest: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path(digest);
        let read = std::fs::read(&path).and_then(|packed| zstd::decode_all(packed.as_slice()));
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Document {
                path: path.display().to_string(),
                source,
            }),
        }
    }
}

/// Writes beside, flushes, renames: a reader sees the whole file or none.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let beside = folder.join(format!(".{}.part", uuid::Uuid::new_v4()));
    let file = std::fs::File::create(&beside)?;
    zstd::stream::copy_encode(bytes, &file, 1)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}
