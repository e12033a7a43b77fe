//! Archives of sources: `.tar`, `.tar.gz`, `.tar.zst` and `.zip`, streamed and never unpacked.

mod tar;
mod zip;

use std::io::{self, Read, Seek, SeekFrom};

use crate::{Collection, Collector, Limits};

/// As a power of two: what a zstd frame may demand as its window, 128 MiB.
const ZSTD_WINDOW: u32 = 27;

/// What an archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Tar,
    TarGzip,
    TarZstd,
    Zip,
}

/// Why something is no archive at all. One that breaks off is read as far as it goes, with a gap.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("it is no archive: neither tar (plain, gzip or zstd) nor zip")]
    Unknown,
    #[error("the archive is damaged: {0}")]
    Damaged(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Kind {
    /// The kind by the first bytes; 512 suffice. A gzip or zstd stream of something else than tar is none.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => is_tar(flate2::read::GzDecoder::new(head)).then_some(Self::TarGzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => {
                let stream = zstd::Decoder::with_buffer(head).ok()?;
                is_tar(stream).then_some(Self::TarZstd)
            }
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            _ if has_mark(head) => Some(Self::Tar),
            _ => None,
        }
    }
}

/// Whether a stream begins with a header of tar; a beginning that is cut off gives as much as it can.
fn is_tar(mut stream: impl Read) -> bool {
    let mut head = [0; 512];
    let mut filled = 0;
    while filled < head.len() {
        match stream.read(&mut head[filled..]) {
            Ok(0) | Err(_) => break,
            Ok(count) => filled += count,
        }
    }
    has_mark(&head[..filled])
}

fn has_mark(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// Reads an archive from its beginning.
///
/// # Errors
/// When it is no archive, or so damaged that not even its first entry is found.
pub fn read(mut source: impl Read + Seek, limits: &Limits) -> Result<Collection, Error> {
    let mut head = Vec::new();
    // Compressed heads are judged by what they inflate to, which takes more than their first bytes.
    source.by_ref().take(64 << 10).read_to_end(&mut head)?;
    source.seek(SeekFrom::Start(0))?;
    let mut collector = Collector::new(limits.clone());
    match Kind::of(&head).ok_or(Error::Unknown)? {
        Kind::Tar => tar::read(source, &mut collector)?,
        Kind::TarGzip => tar::read(flate2::read::MultiGzDecoder::new(source), &mut collector)?,
        Kind::TarZstd => {
            let mut stream = zstd::Decoder::new(source)?;
            stream.window_log_max(ZSTD_WINDOW)?;
            tar::read(stream, &mut collector)?;
        }
        Kind::Zip => zip::read(source, &mut collector)?,
    }
    Ok(collector.finish().without_wrapper())
}

/// Packs files as a plain tar, byte for byte the same for the same files.
///
/// # Errors
/// When a name is longer than the format can hold.
pub fn pack(files: &[(&str, &[u8])]) -> Result<Vec<u8>, Error> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes)?;
    }
    Ok(builder.into_inner()?)
}

/// A reader that ends with an error when more comes than may.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Bounded<R> {
    const fn new(inner: R, most: u64) -> Self {
        Self { inner, left: most }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| io::Error::new(io::ErrorKind::FileTooLarge, "it inflates to more than is read"))?;
        Ok(count)
    }
}
