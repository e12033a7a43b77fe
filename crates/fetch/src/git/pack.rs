//! A pack: objects one after another, each deflated, some as deltas to others. Objects are named by what they hold,
//! so that whatever is found under a name is what the name stands for.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::Mutex;

use flate2::bufread::ZlibDecoder;
use sha1::{Digest, Sha1};

use super::delta;
use super::tree::Oid;
use crate::{Error, Result};

/// Objects of one pack.
const MOST_OBJECTS: u32 = 8_000_000;
/// Bytes of one object that is unpacked; larger files are no lockfiles.
const LARGEST: u64 = 64 << 20;
/// Deltas upon deltas; git makes at most 4,095.
const LONGEST_CHAIN: usize = 4_096;
/// Bytes of bases that are kept at hand.
const BASES_KEPT: usize = 32 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }
}

/// How an object is stored.
#[derive(Clone, Copy, Debug)]
enum Form {
    Whole(Kind),
    /// Its base begins at this place of the pack.
    OffsetDelta(u64),
    NamedDelta(Oid),
}

#[derive(Clone, Copy, Debug)]
struct Stored {
    form: Form,
    size: u64,
    /// Where its deflated bytes begin.
    data: u64,
}

/// A pack in a file, with the place of every object.
pub(super) struct Pack {
    target: String,
    reader: Mutex<Reading>,
    stored: HashMap<u64, Stored>,
    names: HashMap<Oid, u64>,
}

/// The file, what may still be unpacked, and bases that were.
struct Reading {
    file: BufReader<File>,
    budget: u64,
    bases: HashMap<u64, (Kind, Vec<u8>)>,
    bases_size: usize,
}

impl Pack {
    /// Reads a pack through and names its objects.
    pub(super) fn index(target: &str, file: File, budget: u64) -> Result<Self> {
        let mut pack = Self {
            target: target.to_owned(),
            reader: Mutex::new(Reading {
                file: BufReader::with_capacity(64 << 10, file),
                budget,
                bases: HashMap::new(),
                bases_size: 0,
            }),
            stored: HashMap::new(),
            names: HashMap::new(),
        };
        let deltas = pack.scan()?;
        pack.name_deltas(deltas)?;
        Ok(pack)
    }

    /// First pass: where each object is; whole ones get their names.
    fn scan(&mut self) -> Result<Vec<u64>> {
        let count = self.reading(Reading::header)??;
        if count > MOST_OBJECTS {
            return Err(self.invalid("it has too many objects"));
        }
        let mut deltas = Vec::new();
        for _ in 0..count {
            let (offset, stored, name) = self.reading(Reading::entry)??;
            self.stored.insert(offset, stored);
            match name {
                Some(name) => {
                    self.names.insert(name, offset);
                }
                None => deltas.push(offset),
            }
        }
        Ok(deltas)
    }

    /// Second pass: deltas get their names once their bases have theirs.
    fn name_deltas(&mut self, mut waiting: Vec<u64>) -> Result<()> {
        loop {
            let before = waiting.len();
            let mut later = Vec::new();
            for offset in waiting {
                match self.unpack(offset)? {
                    Some((kind, bytes)) => {
                        self.names.insert(name_of(kind, &bytes), offset);
                    }
                    None => later.push(offset),
                }
            }
            // What has no base here, or is too large, has no name and is not found.
            if later.is_empty() || later.len() == before {
                return Ok(());
            }
            waiting = later;
        }
    }

    /// An object by its name; `None` when the pack does not hold it.
    pub(super) fn object(&self, name: Oid) -> Result<Option<(Kind, Vec<u8>)>> {
        match self.names.get(&name) {
            Some(offset) => self.unpack(*offset),
            None => Ok(None),
        }
    }

    /// The folder that a commit, or a tag of one, stands for.
    pub(super) fn tree_of(&self, commit: Oid) -> Result<Oid> {
        let mut name = commit;
        // A tag may name a tag.
        for _ in 0..8 {
            let (kind, bytes) = self
                .object(name)?
                .ok_or_else(|| self.invalid("the server did not send the commit"))?;
            let field = match kind {
                Kind::Tree => return Ok(name),
                Kind::Commit => "tree ",
                Kind::Tag => "object ",
                Kind::Blob => return Err(self.invalid("the ref names a file and no commit")),
            };
            let text = String::from_utf8_lossy(&bytes);
            let next = text
                .lines()
                .find_map(|line| Oid::parse(line.strip_prefix(field)?));
            name = next.ok_or_else(|| self.invalid("the commit is damaged"))?;
        }
        Err(self.invalid("the tag names too many others"))
    }

    /// An object at its place; `None` when it or what it builds on is not here or too large.
    fn unpack(&self, offset: u64) -> Result<Option<(Kind, Vec<u8>)>> {
        let mut chain = Vec::new();
        let mut at = offset;
        let base = loop {
            let Some(stored) = self.stored.get(&at) else {
                return Ok(None);
            };
            if stored.size > LARGEST || chain.len() > LONGEST_CHAIN {
                return Ok(None);
            }
            if let Some(base) = self.reading(|reading| reading.bases.get(&at).cloned())? {
                break base;
            }
            match stored.form {
                Form::Whole(kind) => break (kind, self.inflate(stored)?),
                Form::OffsetDelta(base) => {
                    chain.push((at, *stored));
                    at = base;
                }
                Form::NamedDelta(name) => {
                    chain.push((at, *stored));
                    let Some(base) = self.names.get(&name) else {
                        return Ok(None);
                    };
                    at = *base;
                }
            }
        };
        self.build(base, at, chain)
    }

    fn build(
        &self,
        base: (Kind, Vec<u8>),
        at: u64,
        chain: Vec<(u64, Stored)>,
    ) -> Result<Option<(Kind, Vec<u8>)>> {
        let (kind, mut bytes) = base;
        let mut at = at;
        for (place, stored) in chain.into_iter().rev() {
            let delta = self.inflate(&stored)?;
            let Some(built) = delta::apply(&bytes, &delta, LARGEST) else {
                return Err(self.invalid("an object does not fit the one that it builds on"));
            };
            self.reading(|reading| reading.keep_base(at, kind, bytes))?;
            self.spend(built.len() as u64)?;
            (bytes, at) = (built, place);
        }
        Ok(Some((kind, bytes)))
    }

    fn inflate(&self, stored: &Stored) -> Result<Vec<u8>> {
        self.spend(stored.size)?;
        self.reading(|reading| reading.inflate(stored))?
    }

    fn spend(&self, bytes: u64) -> Result<()> {
        let enough = self.reading(|reading| {
            let left = reading.budget.checked_sub(bytes);
            reading.budget = left.unwrap_or_default();
            left.is_some()
        })?;
        if enough {
            Ok(())
        } else {
            Err(self.invalid("its objects unpack to more than is read"))
        }
    }

    /// Does something with the file; every failure of it names the repository.
    fn reading<T>(&self, work: impl FnOnce(&mut Reading) -> T) -> Result<T> {
        let mut reading = self
            .reader
            .lock()
            .map_err(|_| self.invalid("reading it stopped early"))?;
        Ok(work(&mut reading))
    }

    fn invalid(&self, what: &str) -> Error {
        invalid(&self.target, what)
    }
}

fn invalid(target: &str, what: &str) -> Error {
    Error::Invalid {
        target: target.to_owned(),
        what: what.to_owned(),
    }
}

fn name_of(kind: Kind, bytes: &[u8]) -> Oid {
    let mut hasher = Sha1::new();
    hasher.update(format!("{} {}\0", kind.word(), bytes.len()));
    hasher.update(bytes);
    Oid(hasher.finalize().into())
}

impl Reading {
    /// `PACK`, the version, the number of objects.
    fn header(&mut self) -> Result<u32> {
        let mut head = [0; 12];
        self.file.read_exact(&mut head).map_err(|error| broken(&error))?;
        let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        if head.starts_with(b"PACK") && matches!(word(4), 2 | 3) {
            Ok(word(8))
        } else {
            Err(invalid("the pack", "it is none: it does not begin as one"))
        }
    }

    /// The next object: where it begins, how it is stored, and its name if it is no delta.
    fn entry(&mut self) -> Result<(u64, Stored, Option<Oid>)> {
        let offset = self.position()?;
        let (kind, size) = self.kind_and_size()?;
        let form = match kind {
            1 => Form::Whole(Kind::Commit),
            2 => Form::Whole(Kind::Tree),
            3 => Form::Whole(Kind::Blob),
            4 => Form::Whole(Kind::Tag),
            6 => Form::OffsetDelta(self.base_offset(offset)?),
            7 => Form::NamedDelta(self.base_name()?),
            _ => return Err(invalid("the pack", "an object is of no known kind")),
        };
        let data = self.position()?;
        let name = self.pass(form, size)?;
        Ok((offset, Stored { form, size, data }, name))
    }

    fn position(&mut self) -> Result<u64> {
        self.file.stream_position().map_err(|error| broken(&error))
    }

    fn byte(&mut self) -> Result<u8> {
        let mut byte = [0];
        self.file.read_exact(&mut byte).map_err(|error| broken(&error))?;
        Ok(byte[0])
    }

    /// Three bits of kind, then the size, four and then seven bits a byte.
    fn kind_and_size(&mut self) -> Result<(u8, u64)> {
        let mut byte = self.byte()?;
        let kind = (byte >> 4) & 7;
        let (mut size, mut shift) = (u64::from(byte & 15), 4);
        while byte & 0x80 != 0 {
            byte = self.byte()?;
            if shift > 56 {
                return Err(invalid("the pack", "an object has no size"));
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
        }
        Ok((kind, size))
    }

    /// How far before the object its base begins.
    fn base_offset(&mut self, offset: u64) -> Result<u64> {
        let mut byte = self.byte()?;
        let mut distance = u64::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.byte()?;
            distance = distance
                .checked_add(1)
                .and_then(|distance| distance.checked_mul(128))
                .ok_or_else(|| invalid("the pack", "the base of an object lies nowhere"))?
                | u64::from(byte & 0x7f);
        }
        let base = offset.checked_sub(distance).filter(|base| *base < offset);
        base.ok_or_else(|| invalid("the pack", "the base of an object lies nowhere"))
    }

    fn base_name(&mut self) -> Result<Oid> {
        let mut name = [0; 20];
        self.file.read_exact(&mut name).map_err(|error| broken(&error))?;
        Ok(Oid(name))
    }

    /// Reads to the end of an object without keeping it; names it unless it is a delta.
    fn pass(&mut self, form: Form, size: u64) -> Result<Option<Oid>> {
        let mut hasher = match form {
            Form::Whole(kind) => {
                let mut hasher = Sha1::new();
                hasher.update(format!("{} {size}\0", kind.word()));
                Some(hasher)
            }
            _ => None,
        };
        let mut inflated = ZlibDecoder::new(&mut self.file);
        let mut buffer = [0; 16 << 10];
        let mut total = 0_u64;
        loop {
            let count = inflated.read(&mut buffer).map_err(|error| broken(&error))?;
            if count == 0 {
                break;
            }
            total += count as u64;
            if total > size || total > self.budget {
                return Err(invalid(
                    "the pack",
                    "an object is larger than it says, or all are larger than is read",
                ));
            }
            if let Some(hasher) = &mut hasher {
                hasher.update(&buffer[..count]);
            }
        }
        self.budget -= total;
        if total != size {
            return Err(invalid("the pack", "an object is smaller than it says"));
        }
        Ok(hasher.map(|hasher| Oid(hasher.finalize().into())))
    }

    fn inflate(&mut self, stored: &Stored) -> Result<Vec<u8>> {
        self.file
            .seek(SeekFrom::Start(stored.data))
            .map_err(|error| broken(&error))?;
        let mut bytes = Vec::new();
        let stream = ZlibDecoder::new(&mut self.file);
        stream
            .take(stored.size + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| broken(&error))?;
        if bytes.len() as u64 == stored.size {
            Ok(bytes)
        } else {
            Err(invalid("the pack", "an object has another size than it says"))
        }
    }

    /// Keeps a base at hand for the deltas that follow; when there are too many, all go.
    fn keep_base(&mut self, at: u64, kind: Kind, bytes: Vec<u8>) {
        if bytes.len() > BASES_KEPT / 4 || self.bases.contains_key(&at) {
            return;
        }
        if self.bases_size + bytes.len() > BASES_KEPT {
            self.bases.clear();
            self.bases_size = 0;
        }
        self.bases_size += bytes.len();
        self.bases.insert(at, (kind, bytes));
    }
}

fn broken(error: &io::Error) -> Error {
    invalid("the pack", &format!("it is damaged or cut off: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn pack(objects: &[Vec<u8>]) -> Vec<u8> {
        let count = u32::try_from(objects.len()).unwrap();
        let mut bytes = [b"PACK".as_slice(), &2_u32.to_be_bytes(), &count.to_be_bytes()].concat();
        bytes.extend(objects.concat());
        bytes
    }

    fn index(bytes: &[u8], budget: u64) -> Result<Pack> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        Pack::index("test", file, budget)
    }

    /// A blob of eleven bytes, and a delta of ten that makes twelve of it.
    fn objects() -> Vec<Vec<u8>> {
        let blob = [vec![0x3b], deflated(b"hello world")].concat();
        let delta = [11, 12, 0x91, 6, 5, 2, b',', b' ', 0x90, 5];
        let distance = u8::try_from(blob.len()).unwrap();
        vec![blob, [vec![0x6a, distance], deflated(&delta)].concat()]
    }

    #[test]
    fn objects_are_found_by_what_they_hold() {
        let pack = index(&pack(&objects()), 1_000).unwrap();
        for text in ["hello world", "world, hello"] {
            let found = pack.object(name_of(Kind::Blob, text.as_bytes())).unwrap();
            assert_eq!(found, Some((Kind::Blob, text.as_bytes().to_vec())));
        }
        assert_eq!(pack.object(Oid([0; 20])).unwrap(), None);
        assert_eq!(
            name_of(Kind::Blob, b"hello world\n").to_string(),
            "3b18e512dba79e4c8300dd08aeb37f8e728b8dad",
            "as git names it"
        );
    }

    #[test]
    fn a_delta_without_its_base_is_not_there() {
        let delta = [
            vec![0x7a],
            vec![9; 20],
            deflated(&[11, 12, 0x91, 6, 5, 2, b',', b' ', 0x90, 5]),
        ]
        .concat();
        let pack = index(&pack(&[delta]), 1_000).unwrap();
        assert!(pack.names.is_empty());
    }

    #[test]
    fn hostile_packs_end_with_an_error() {
        let whole = pack(&objects());
        assert!(index(&whole, 15).is_err(), "a bomb");
        for cut in 0..whole.len() {
            assert!(index(&whole[..cut], 1_000).is_err(), "cut off at {cut}");
        }
        let liar = [vec![0x35], deflated(b"hello world")].concat();
        let nowhere = [vec![0x6a, 0x7f], deflated(&[0])].concat();
        let itself = [vec![0x6a, 0], deflated(&[0])].concat();
        let unknown = [vec![0x5b], deflated(b"hello world")].concat();
        let endless = vec![0xff; 40];
        for object in [liar, nowhere, itself, unknown, endless] {
            assert!(index(&pack(&[object]), 1_000).is_err());
        }
        let many = [b"PACK".as_slice(), &2_u32.to_be_bytes(), &u32::MAX.to_be_bytes()].concat();
        assert!(index(&many, 1_000).is_err());
    }
}
