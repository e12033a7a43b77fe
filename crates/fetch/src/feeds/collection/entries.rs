//! Records in one file: the entries of an archive, or lines.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::super::archive::{Limits, Record, metered};
use super::{Account, Select, record_name};
use crate::{Error, Result};

/// Records that a tape's reader is ahead.
const AHEAD: usize = 16;

/// The entries of a zip archive.
pub(super) struct Zipped {
    archive: metered::Archive,
    account: Account,
    select: Select,
    next: usize,
}

impl Zipped {
    pub(super) fn open(name: String, file: File, limits: Limits, select: Select) -> Result<Self> {
        let archive = metered::open(&name, file, limits)?;
        Ok(Self {
            archive,
            account: Account::new(name, limits),
            select,
            next: 0,
        })
    }
}

impl Iterator for Zipped {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.next < self.archive.len() {
            let index = self.next;
            self.next += 1;
            let entry = match self.archive.by_index(index) {
                Ok(entry) => entry,
                Err(error) => {
                    self.next = usize::MAX;
                    return Some(Err(self.account.invalid(format!("entry {index}: {error}"))));
                }
            };
            let id = match std::str::from_utf8(entry.name_raw()) {
                Ok(path) => record_name(path, self.select),
                Err(_) => None,
            };
            if let Some(id) = id {
                let record = self.account.read(id, entry);
                if record.is_err() {
                    self.next = usize::MAX;
                }
                return Some(record);
            }
        }
        None
    }
}

/// The entries of a tar archive, which can only be read from its start: a thread reads ahead a little.
pub(super) struct Tape {
    records: Receiver<Result<Record>>,
}

impl Tape {
    pub(super) fn start(
        name: String,
        bytes: impl Read + Send + 'static,
        limits: Limits,
        select: Select,
    ) -> Result<Self> {
        let (sender, records) = sync_channel(AHEAD);
        let target = name.clone();
        let thread = std::thread::Builder::new().name("tape".to_owned());
        let started = thread.spawn(move || {
            let mut account = Account::new(name, limits);
            if let Err(error) = unwind(bytes, &mut account, select, &sender) {
                // Nobody listens any more: then it need not be told either.
                let _ = sender.send(Err(error));
            }
        });
        started.map_err(|source| Error::File { target, source })?;
        Ok(Self { records })
    }
}

impl Iterator for Tape {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        self.records.recv().ok()
    }
}

fn unwind(
    bytes: impl Read,
    account: &mut Account,
    select: Select,
    sender: &SyncSender<Result<Record>>,
) -> Result<()> {
    // What is skipped is read, too: a bomb may hide in what is no record.
    let most = account.limits.total_bytes.saturating_mul(2);
    let mut archive = tar::Archive::new(bytes.take(most));
    let entries = archive
        .entries()
        .map_err(|error| account.invalid(format!("is not a readable tar: {error}")))?;
    for entry in entries {
        let entry = entry.map_err(|error| account.invalid(format!("is not a readable tar: {error}")))?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if let Some(id) = record_name(&path, select) {
            let record = account.read(id, entry)?;
            if sender.send(Ok(record)).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// One record a line; a file that is one record on many lines is read whole.
pub(super) struct Lines<R: Read> {
    bytes: BufReader<R>,
    account: Account,
    number: usize,
    ended: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(name: String, bytes: R, limits: Limits) -> Self {
        Self {
            bytes: BufReader::with_capacity(1 << 16, bytes),
            account: Account::new(name, limits),
            number: 0,
            ended: false,
        }
    }

    fn line(&mut self) -> Result<Option<Vec<u8>>> {
        let most = self.account.limits.record_bytes;
        let mut line = Vec::new();
        let read = self.bytes.by_ref().take(most + 1).read_until(b'\n', &mut line);
        let number = self.number + 1;
        read.map_err(|error| self.account.invalid(format!("line {number}: {error}")))?;
        if line.len() as u64 > most {
            return Err(self
                .account
                .invalid(format!("line {number} is longer than {most} bytes")));
        }
        self.number = number;
        Ok((!line.is_empty()).then_some(line))
    }

    fn read(&mut self) -> Result<Option<Record>> {
        loop {
            let Some(mut line) = self.line()? else {
                return Ok(None);
            };
            if line.trim_ascii().is_empty() {
                continue;
            }
            let number = self.number;
            let whole: std::result::Result<serde::de::IgnoredAny, _> = serde_json::from_slice(&line);
            if number == 1 && whole.is_err_and(|error| error.is_eof()) {
                let room = self.account.limits.record_bytes;
                let rest = self.bytes.by_ref().take(room);
                let record = self
                    .account
                    .read("record 1".to_owned(), std::io::Cursor::new(line).chain(rest));
                return record.map(Some);
            }
            if let Some(text) = line.strip_prefix(b"\xef\xbb\xbf") {
                line = text.to_vec();
            }
            return self
                .account
                .read(format!("line {number}"), line.trim_ascii())
                .map(Some);
        }
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let record = self.read().transpose();
        self.ended = !matches!(record, Some(Ok(_)));
        record
    }
}
