//! Tar streams, read once from front to back.

use std::io::Read;

use super::{Bounded, Error};
use crate::Collector;

pub(super) fn read(stream: impl Read, collector: &mut Collector) -> Result<(), Error> {
    let most = collector.limits().inflated;
    let mut archive = ::tar::Archive::new(Bounded::new(stream, most));
    let entries = archive
        .entries()
        .map_err(|error| Error::Damaged(error.to_string()))?;
    let mut first = true;
    for entry in entries {
        let mut entry = match entry {
            Ok(entry) => entry,
            Err(error) if first => return Err(Error::Damaged(error.to_string())),
            Err(error) => {
                collector.cut_off(&error.to_string());
                return Ok(());
            }
        };
        first = false;
        if !collector.count() {
            collector.too_many();
            return Ok(());
        }
        take(&mut entry, collector);
    }
    Ok(())
}

fn take(entry: &mut ::tar::Entry<'_, impl Read>, collector: &mut Collector) {
    let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let kind = entry.header().entry_type();
    if kind.is_symlink() || kind.is_hard_link() {
        collector.link(&path);
    }
    // Folders, devices and pipes hold nothing; headers of extensions are the library's business.
    if !kind.is_file() && kind != ::tar::EntryType::Continuous {
        return;
    }
    let Some(kept) = collector.want(&path, entry.size()) else {
        return;
    };
    let mut bytes = Vec::new();
    // The size in the header was judged; a header that lies gives no more than it says.
    match entry.take(collector.limits().file + 1).read_to_end(&mut bytes) {
        Ok(_) => collector.keep(kept, bytes),
        Err(error) => collector.unreadable(&path, &error.to_string()),
    }
}
