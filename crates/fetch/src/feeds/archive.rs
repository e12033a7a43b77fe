//! `all.zip`: one JSON file a record, read one at a time and within bounds.

pub(super) mod metered;

use std::fs::File;
use std::io::Read;

use crate::{Error, Result};

/// What an archive may hold. The defaults are an order of magnitude above the largest real one.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Records in the archive.
    pub records: usize,
    /// Bytes of one record.
    pub record_bytes: u64,
    /// Bytes of all records together, whatever the archive says about itself.
    pub total_bytes: u64,
    /// Bytes read to learn what is in the archive: bounds the memory of a forged table of contents.
    pub directory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            records: 1_000_000,
            record_bytes: 16 << 20,
            total_bytes: 4 << 30,
            directory_bytes: 192 << 20,
        }
    }
}

/// A downloaded `all.zip` that has not been opened yet.
#[derive(Debug)]
pub struct Bundle {
    name: String,
    file: File,
}

/// One record of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name of its file without `.json`; the record itself may disagree.
    pub id: String,
    pub bytes: Vec<u8>,
}

/// The records of an archive in its order. After an error it ends.
pub struct Records {
    name: String,
    archive: metered::Archive,
    limits: Limits,
    next: usize,
    inflated: u64,
}

impl Bundle {
    pub(super) fn new(name: String, file: File) -> Self {
        Self { name, file }
    }

    /// Opens the archive and reads its table of contents. Blocks.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is no zip archive or holds too many records.
    pub fn open(self, limits: Limits) -> Result<Records> {
        let archive = metered::open(&self.name, self.file, limits)?;
        Ok(Records {
            name: self.name,
            archive,
            limits,
            next: 0,
            inflated: 0,
        })
    }
}

impl Records {
    /// How many records the archive holds in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.archive.len()
    }

    fn read(&mut self, index: usize) -> Result<Record> {
        let name = &self.name;
        let invalid = |what: String| Error::Invalid {
            target: name.clone(),
            what,
        };
        let mut entry = self
            .archive
            .by_index(index)
            .map_err(|error| invalid(format!("entry {index}: {error}")))?;
        let id = record_id(entry.name_raw()).ok_or_else(|| {
            invalid(format!(
                "entry {index} is not named like a record: `{}`",
                escaped(entry.name_raw())
            ))
        })?;
        // The declared size is only a claim, so what really comes out is counted.
        let room = self
            .limits
            .record_bytes
            .min(self.limits.total_bytes - self.inflated);
        let mut bytes = Vec::new();
        let read = entry.by_ref().take(room + 1).read_to_end(&mut bytes);
        read.map_err(|error| invalid(format!("entry {index}, `{id}`: {error}")))?;
        if bytes.len() as u64 > room {
            return Err(invalid(format!(
                "entry {index}, `{id}`, inflates beyond the limit: {room} bytes were left"
            )));
        }
        self.inflated += bytes.len() as u64;
        Ok(Record { id, bytes })
    }
}

impl Iterator for Records {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.archive.len() {
            return None;
        }
        let record = self.read(self.next);
        self.next = if record.is_ok() { self.next + 1 } else { usize::MAX };
        Some(record)
    }
}

/// `ID.json` at the top level and nothing else: a folder, a path or a control character means another archive.
fn record_id(name: &[u8]) -> Option<String> {
    let id = std::str::from_utf8(name).ok()?.strip_suffix(".json")?;
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '+');
    let named = (1..=128).contains(&id.len()) && !id.starts_with('.') && id.chars().all(letter);
    named.then(|| id.to_owned())
}

fn escaped(name: &[u8]) -> String {
    name.iter()
        .take(80)
        .copied()
        .flat_map(std::ascii::escape_default)
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn bundle(files: &[(&str, &[u8])]) -> Bundle {
        let mut zip = ZipWriter::new(tempfile::tempfile().unwrap());
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        Bundle::new("npm/all.zip".to_owned(), zip.finish().unwrap())
    }

    fn read(files: &[(&str, &[u8])], limits: Limits) -> Result<Vec<Record>> {
        bundle(files).open(limits)?.collect()
    }

    fn check(files: &[(&str, &[u8])], limits: Limits, expected: &str) {
        let error = read(files, limits).unwrap_err().to_string();
        assert!(error.starts_with("npm/all.zip: "), "{error}");
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn records_come_in_order_with_their_ids() {
        let records = read(
            &[("GHSA-1.json", b"{}"), ("RUSTSEC-2.json", b"[]")],
            Limits::default(),
        )
        .unwrap();
        let seen: Vec<_> = records
            .iter()
            .map(|record| (record.id.as_str(), record.bytes.as_slice()))
            .collect();
        assert_eq!(
            seen,
            [("GHSA-1", b"{}".as_slice()), ("RUSTSEC-2", b"[]".as_slice())]
        );
    }

    #[test]
    fn names_that_are_no_records_are_refused() {
        for name in [
            "../GHSA-1.json",
            "/etc/x.json",
            "a/b.json",
            "GHSA-1.txt",
            ".json",
            "a\\b.json",
            "a\nb.json",
        ] {
            check(
                &[(name, b"{}")],
                Limits::default(),
                "entry 0 is not named like a record",
            );
        }
    }

    #[test]
    fn a_bomb_is_stopped_at_its_record_at_the_total_and_at_the_count() {
        let zeros = vec![0; 1 << 20];
        let limits = Limits {
            record_bytes: 1 << 19,
            ..Limits::default()
        };
        check(&[("A.json", &zeros)], limits, "`A`, inflates beyond the limit");
        let limits = Limits {
            total_bytes: 3 << 19,
            ..Limits::default()
        };
        check(
            &[("A.json", &zeros), ("B.json", &zeros)],
            limits,
            "`B`, inflates beyond the limit",
        );
        let limits = Limits {
            records: 1,
            ..Limits::default()
        };
        check(
            &[("A.json", b""), ("B.json", b"")],
            limits,
            "holds 2 records, more than 1",
        );
        let limits = Limits {
            directory_bytes: 64,
            ..Limits::default()
        };
        check(&[("A.json", b""), ("B.json", b"")], limits, "table of contents");
    }

    #[test]
    fn what_is_no_archive_says_so() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"<html>404</html>").unwrap();
        let error = Bundle::new("npm/all.zip".to_owned(), file)
            .open(Limits::default())
            .err()
            .unwrap();
        assert!(
            error
                .to_string()
                .starts_with("npm/all.zip: is not a readable zip"),
            "{error}"
        );
    }

    #[test]
    fn a_damaged_record_is_named_and_ends_the_reading() {
        let mut file = bundle(&[("A.json", b"stored without compression, and changed afterwards")]).file;
        file.seek(SeekFrom::Start(45)).unwrap();
        file.write_all(b"!!!!").unwrap();
        let mut records = Bundle::new("npm/all.zip".to_owned(), file)
            .open(Limits::default())
            .unwrap();
        assert!(
            records
                .next()
                .unwrap()
                .unwrap_err()
                .to_string()
                .contains("entry 0, `A`")
        );
        assert!(records.next().is_none());
    }
}
