//! Zip archives whose table of contents is read within bounds.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use zip::ZipArchive;

use super::Limits;
use crate::{Error, Result};

pub(in crate::feeds) type Archive = ZipArchive<Metered>;

/// Opens an archive and reads its table of contents.
pub(in crate::feeds) fn open(name: &str, file: File, limits: Limits) -> Result<Archive> {
    let invalid = |what: String| Error::Invalid {
        target: name.to_owned(),
        what,
    };
    let budget = Arc::new(AtomicU64::new(limits.directory_bytes));
    let metered = Metered {
        file,
        budget: Arc::clone(&budget),
    };
    let archive =
        ZipArchive::new(metered).map_err(|error| invalid(format!("is not a readable zip: {error}")))?;
    budget.store(u64::MAX, Ordering::Relaxed);
    if archive.len() > limits.records {
        return Err(invalid(format!(
            "holds {} records, more than {}",
            archive.len(),
            limits.records
        )));
    }
    Ok(archive)
}

/// A file that can be read only so far.
pub(in crate::feeds) struct Metered {
    file: File,
    budget: Arc<AtomicU64>,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.budget.load(Ordering::Relaxed);
        let read = self.file.read(buffer)?;
        let rest = left.checked_sub(read as u64);
        self.budget.store(
            rest.ok_or_else(|| io::Error::other("its table of contents is too large"))?,
            Ordering::Relaxed,
        );
        Ok(read)
    }
}

impl Seek for Metered {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
