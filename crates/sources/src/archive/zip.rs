//! Zip archives, by their directory.

use std::io::{Read, Seek};

use ::zip::ZipArchive;
use ::zip::result::ZipError;

use super::Error;
use crate::Collector;

pub(super) fn read(source: impl Read + Seek, collector: &mut Collector) -> Result<(), Error> {
    let mut archive = ZipArchive::new(source).map_err(|error| Error::Damaged(error.to_string()))?;
    let mut left = collector.limits().inflated;
    for index in 0..archive.len() {
        if !collector.count() {
            collector.too_many();
            return Ok(());
        }
        match take(&mut archive, index, collector, left) {
            Ok(read) => left -= read.min(left),
            Err(Stop) => {
                collector.cut_off("it inflates to more than is read");
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The archive has given as much as it may.
struct Stop;

/// Reads one file if it is wanted; answers how much it inflated to.
fn take(
    archive: &mut ZipArchive<impl Read + Seek>,
    index: usize,
    collector: &mut Collector,
    left: u64,
) -> Result<u64, Stop> {
    let file = match archive.by_index(index) {
        Ok(file) => file,
        Err(error) => {
            collector.unreadable(&format!("entry {index}"), &why(&error));
            return Ok(0);
        }
    };
    let path = match file.name() {
        Ok(path) => path.into_owned(),
        Err(error) => {
            collector.unreadable(&format!("entry {index}"), &why(&error));
            return Ok(0);
        }
    };
    if file.is_symlink() {
        collector.link(&path);
        return Ok(0);
    }
    if file.is_dir() {
        return Ok(0);
    }
    let Some(kept) = collector.want(&path, file.size()) else {
        return Ok(0);
    };
    let most = collector.limits().file.min(left);
    let mut bytes = Vec::new();
    let outcome = file.take(most + 1).read_to_end(&mut bytes);
    let read = bytes.len() as u64;
    match outcome {
        Err(error) => collector.unreadable(&path, &error.to_string()),
        Ok(_) if read > left => return Err(Stop),
        Ok(_) => collector.keep(kept, bytes),
    }
    Ok(read)
}

fn why(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(what) => (*what).to_owned(),
        other => other.to_string(),
    }
}
