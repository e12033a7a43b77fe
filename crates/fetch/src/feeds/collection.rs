//! Advisory records that lie together in any common form: the files of a folder, an archive, the lines of a file.

mod entries;
mod folder;

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::read::MultiGzDecoder;

use super::archive::{Limits, Record};
use super::place::Place;
use crate::{Client, Error, Fetched, Result, Validator};
use entries::{Lines, Tape, Zipped};
use folder::{Folder, Walk};

/// The largest file that holds a collection.
const FILE_LIMIT: u64 = 4 << 30;
/// The largest JSON array that is read: it is in memory as a whole.
const ARRAY_LIMIT: u64 = 256 << 20;

/// A folder, or a file at a URL or path: a zip or tar archive (plain or gzip), JSON lines, a JSON array, or one record.
#[derive(Clone, Debug)]
pub struct Collection(Place);

/// What a collection was when it was asked, not read yet.
#[derive(Debug)]
pub struct Files {
    name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Folder(Walk),
    File(File),
}

/// Which files of a folder or archive are records, by their paths.
pub type Select = fn(&str) -> bool;

/// The records one after the other. After an error it ends.
pub type Reading = Box<dyn Iterator<Item = Result<Record>> + Send>;

impl Collection {
    /// Reads the URL or path that an operator configured.
    ///
    /// # Errors
    /// [`Error::Invalid`] for other schemes and broken URLs. Nothing is contacted yet.
    pub fn parse(text: &str, client: &Client) -> Result<Self> {
        Place::parse(text, client).map(Self)
    }

    /// The files, when they are no longer what the validator describes.
    ///
    /// # Errors
    /// What reading the folder or the file gives; a URL that ends in `/` is [`Error::Invalid`], because what lies
    /// below it cannot be listed.
    pub async fn all(&self, known: &Validator) -> Result<Fetched<Files>> {
        let name = self.0.to_string();
        if let Place::Disk(path) = &self.0
            && self.0.is_directory().await
        {
            let path = path.clone();
            let walked = tokio::task::spawn_blocking(move || Walk::new(&path)).await;
            let walk = walked.map_err(|_| Error::Invalid {
                target: name.clone(),
                what: "listing it was interrupted".to_owned(),
            })??;
            let validator = Validator {
                etag: Some(walk.state()),
                last_modified: None,
            };
            if validator == *known {
                return Ok(Fetched::Unchanged);
            }
            let value = Files {
                name,
                kind: Kind::Folder(walk),
            };
            return Ok(Fetched::Changed { value, validator });
        }
        if self.0.is_directory().await {
            return Err(Error::Invalid {
                target: name,
                what: "a collection of records is a folder of this machine, or a file".to_owned(),
            });
        }
        let fetched = self.0.file(FILE_LIMIT, known).await?;
        fetched.try_map(|file| {
            Ok(Files {
                name,
                kind: Kind::File(file),
            })
        })
    }
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Files {
    /// Opens the files; `select` says which files of a folder or archive are records, by path. Blocks.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the file is none of the forms.
    pub fn open(self, limits: Limits, select: Select) -> Result<Reading> {
        let name = self.name;
        let mut file = match self.kind {
            Kind::Folder(walk) => return Ok(Box::new(Folder::new(walk, limits, select))),
            Kind::File(file) => file,
        };
        let failed = |source: io::Error| Error::File {
            target: name.clone(),
            source,
        };
        let head = head(&mut file).map_err(failed)?;
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Ok(Box::new(Zipped::open(name, file, limits, select)?));
        }
        if head.starts_with(&[0x1f, 0x8b]) {
            let mut inner = Vec::new();
            let unpacked = MultiGzDecoder::new(BufReader::new(&file));
            unpacked.take(512).read_to_end(&mut inner).map_err(failed)?;
            file.seek(SeekFrom::Start(0)).map_err(failed)?;
            let unpacked = MultiGzDecoder::new(BufReader::new(file));
            return open_plain(name, unpacked, &inner, limits, select);
        }
        open_plain(name, BufReader::new(file), &head, limits, select)
    }
}

fn head(file: &mut File) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    file.by_ref().take(512).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(head)
}

fn open_plain(
    name: String,
    bytes: impl Read + Send + 'static,
    head: &[u8],
    limits: Limits,
    select: Select,
) -> Result<Reading> {
    if head.get(257..262) == Some(b"ustar") {
        return Ok(Box::new(Tape::start(name, bytes, limits, select)?));
    }
    let start = head.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    match start.first() {
        Some(b'[') => array(&name, bytes),
        Some(b'{') => Ok(Box::new(Lines::new(name, bytes, limits))),
        _ => Err(Error::Invalid {
            target: name,
            what: "is neither a zip or tar archive nor JSON".to_owned(),
        }),
    }
}

/// A JSON array of records.
fn array(name: &str, bytes: impl Read) -> Result<Reading> {
    let mut text = Vec::new();
    let read = bytes.take(ARRAY_LIMIT + 1).read_to_end(&mut text);
    read.map_err(|source| Error::File {
        target: name.to_owned(),
        source,
    })?;
    if text.len() as u64 > ARRAY_LIMIT {
        return Err(Error::TooLarge {
            target: name.to_owned(),
            limit: ARRAY_LIMIT,
        });
    }
    let elements: Vec<Box<serde_json::value::RawValue>> =
        serde_json::from_slice(&text).map_err(|error| Error::Invalid {
            target: name.to_owned(),
            what: format!("is no JSON array: {error}"),
        })?;
    let records = (1..).zip(elements).map(|(number, element): (usize, _)| {
        Ok(Record {
            id: format!("record {number}"),
            bytes: element.get().as_bytes().to_vec(),
        })
    });
    Ok(Box::new(records))
}

/// Keeps account of what was read.
#[derive(Debug)]
struct Account {
    name: String,
    limits: Limits,
    records: usize,
    bytes: u64,
}

impl Account {
    fn new(name: String, limits: Limits) -> Self {
        Self {
            name,
            limits,
            records: 0,
            bytes: 0,
        }
    }

    fn invalid(&self, what: String) -> Error {
        Error::Invalid {
            target: self.name.clone(),
            what,
        }
    }

    /// Reads one record within what is left; the declared size is only a claim, so what really comes is counted.
    fn read(&mut self, id: String, from: impl Read) -> Result<Record> {
        if self.records == self.limits.records {
            return Err(self.invalid(format!("holds more than {} records", self.limits.records)));
        }
        let room = self
            .limits
            .record_bytes
            .min(self.limits.total_bytes.saturating_sub(self.bytes));
        let mut bytes = Vec::new();
        let read = from.take(room.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| self.invalid(format!("`{id}`: {error}")))?;
        if bytes.len() as u64 > room {
            return Err(self.invalid(format!("`{id}` is larger than the {room} bytes that were left")));
        }
        self.records += 1;
        self.bytes += bytes.len() as u64;
        Ok(Record { id, bytes })
    }
}

/// The name of a record's file without folder and ending; `None` when it is no record.
fn record_name(path: &str, select: Select) -> Option<String> {
    if !select(path) {
        return None;
    }
    let file = path.rsplit(['/', '\\']).next()?;
    let name = file.rsplit_once('.').map_or(file, |(name, _)| name);
    let shown: String = name.chars().take(128).flat_map(char::escape_default).collect();
    (!name.is_empty()).then_some(shown)
}
