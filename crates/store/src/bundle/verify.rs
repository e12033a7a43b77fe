//! Comparing a bundle with its manifest, before anything of it is believed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};

use super::{
    BundleError, FORMAT, LARGEST, LARGEST_MANIFEST, MANIFEST, MOST_PARTS, MOST_RECORDS, Manifest, Part,
    broken,
};

/// A bundle whose parts are what its manifest says.
#[derive(Debug)]
pub struct Verified {
    pub manifest: Manifest,
    /// SHA-256 of the whole file.
    pub sha256: String,
    pub(super) file: File,
    /// Where each part begins in the file.
    pub(super) places: Vec<u64>,
}

/// Reads the whole file once. Blocks.
///
/// # Errors
/// [`BundleError::Broken`] with what differs.
pub fn verify(mut file: File) -> Result<Verified, BundleError> {
    let sha256 = digest(&mut file, u64::MAX)?;
    file.seek(SeekFrom::Start(0))?;
    let mut archive = tar::Archive::new(&file);
    let mut entries = archive.entries_with_seek().map_err(unreadable)?;
    let first = entries.next().ok_or_else(|| broken("it is empty"))?;
    let manifest = manifest(first.map_err(unreadable)?)?;
    let mut places = Vec::with_capacity(manifest.parts.len());
    for part in &manifest.parts {
        let entry = entries
            .next()
            .ok_or_else(|| broken(format!("`{}` is missing", part.path)))?;
        let mut entry = entry.map_err(unreadable)?;
        let path = entry.path_bytes().into_owned();
        if path != part.path.as_bytes() || !entry.header().entry_type().is_file() {
            let found = String::from_utf8_lossy(&path).into_owned();
            return Err(broken(format!("`{found}` stands where `{}` should", part.path)));
        }
        if entry.size() != part.bytes {
            return Err(broken(format!(
                "`{}` has {} bytes, not {}",
                part.path,
                entry.size(),
                part.bytes
            )));
        }
        places.push(entry.raw_file_position());
        if digest(&mut entry, part.bytes)? != part.sha256 {
            return Err(broken(format!(
                "`{}` does not have the digest that the manifest gives",
                part.path
            )));
        }
    }
    if entries.next().is_some() {
        return Err(broken("it holds more than its manifest names"));
    }
    Ok(Verified {
        manifest,
        sha256,
        file,
        places,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands the error over")]
fn unreadable(error: io::Error) -> BundleError {
    broken(format!("it is no readable tar archive: {error}"))
}

fn manifest(mut entry: tar::Entry<'_, impl Read>) -> Result<Manifest, BundleError> {
    if entry.path_bytes().as_ref() != MANIFEST.as_bytes() {
        return Err(broken(format!("it does not begin with `{MANIFEST}`")));
    }
    let mut text = Vec::new();
    entry.by_ref().take(LARGEST_MANIFEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST_MANIFEST {
        return Err(broken("its manifest is too large"));
    }
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| broken(format!("{MANIFEST}: {error}")))?;
    if manifest.format != FORMAT {
        return Err(broken(format!(
            "its format is `{}`; this version reads `{FORMAT}`",
            manifest.format
        )));
    }
    let bytes = manifest
        .parts
        .iter()
        .map(|part| part.bytes)
        .try_fold(0_u64, u64::checked_add);
    if manifest.parts.len() > MOST_PARTS || bytes.is_none_or(|bytes| bytes > LARGEST) {
        return Err(broken("it is larger than any bundle may be"));
    }
    if let Some(part) = manifest.parts.iter().find(|part| !is_sound(part)) {
        return Err(broken(format!("{MANIFEST}: `{}` describes no feed", part.path)));
    }
    Ok(manifest)
}

fn is_sound(part: &Part) -> bool {
    let named = (1..=200).contains(&part.feed.len()) && !part.feed.chars().any(char::is_control);
    named && part.records <= MOST_RECORDS && part.ecosystem.len() <= 200
}

fn digest(from: &mut impl Read, most: u64) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut from = from.take(most);
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex::encode(digest.finalize()));
        }
        digest.update(buffer.get(..read).unwrap_or_default());
    }
}
