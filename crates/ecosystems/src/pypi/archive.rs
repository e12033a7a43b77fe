//! Metadata inside distributions: read from the end of a wheel, or from a source distribution.

use std::io::Read;

use flate2::read::{DeflateDecoder, GzDecoder};

use crate::cargo::archive::{Found, find};

/// The longest metadata that is taken out of an archive.
const MAX_METADATA: u64 = 4 << 20;
/// The most bytes that a source distribution may unpack to while it is looked through.
const MAX_UNPACKED: u64 = 512 << 20;
const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
/// A local header's fixed part, and more than its names ever take.
const LOCAL_ROOM: u64 = 30 + 4096;

/// Where in a wheel its metadata lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where its local header begins.
    pub offset: u64,
    pub compressed: u64,
    /// The bytes that hold header and content for certain.
    pub room: u64,
    stored: bool,
}

/// What the end of a wheel has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    Found(Entry),
    /// The directory begins before these bytes; this many from the end are needed.
    NeedsMore(u64),
    Nothing,
}

/// Finds `*.dist-info/METADATA` in the directory at the end of a wheel of `size` bytes.
#[must_use]
pub fn locate(tail: &[u8], size: u64) -> Tail {
    locate_in(tail, size).unwrap_or(Tail::Nothing)
}

fn locate_in(tail: &[u8], size: u64) -> Option<Tail> {
    let at = tail.windows(END.len()).rposition(|window| window == END)?;
    let end = tail.get(at..)?;
    let (length, start) = (u64::from(number4(end, 12)?), u64::from(number4(end, 16)?));
    let have_from = size.checked_sub(u64::try_from(tail.len()).ok()?)?;
    if start.checked_add(length)? > size {
        return None;
    }
    if start < have_from {
        return Some(Tail::NeedsMore(size - start));
    }
    let from = usize::try_from(start - have_from).ok()?;
    let mut rest = tail.get(from..from.checked_add(usize::try_from(length).ok()?)?)?;
    while rest.starts_with(ENTRY) {
        let name_length = usize::from(number2(rest, 28)?);
        let others = usize::from(number2(rest, 30)?) + usize::from(number2(rest, 32)?);
        let name = rest.get(46..46 + name_length)?;
        if is_metadata(name) {
            let compressed = u64::from(number4(rest, 20)?);
            let method = number2(rest, 10)?;
            return Some(match method {
                0 | 8 if compressed <= MAX_METADATA => Tail::Found(Entry {
                    offset: u64::from(number4(rest, 42)?),
                    compressed,
                    room: compressed + LOCAL_ROOM,
                    stored: method == 0,
                }),
                _ => Tail::Nothing,
            });
        }
        rest = rest.get(46 + name_length + others..)?;
    }
    Some(Tail::Nothing)
}

fn is_metadata(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    let mut parts = name.split('/');
    let (folder, file, end) = (parts.next(), parts.next(), parts.next());
    folder.is_some_and(|folder| folder.ends_with(".dist-info")) && file == Some("METADATA") && end.is_none()
}

/// Unpacks an entry from the bytes that begin at its offset; `None` when they are not what they should be.
#[must_use]
pub fn unpack(bytes: &[u8], entry: &Entry) -> Option<Vec<u8>> {
    if !bytes.starts_with(LOCAL) {
        return None;
    }
    let start = 30 + usize::from(number2(bytes, 26)?) + usize::from(number2(bytes, 28)?);
    let end = start.checked_add(usize::try_from(entry.compressed).ok()?)?;
    let content = bytes.get(start..end)?;
    if entry.stored {
        return Some(content.to_vec());
    }
    let mut unpacked = Vec::new();
    let mut decoder = DeflateDecoder::new(content).take(MAX_METADATA + 1);
    decoder.read_to_end(&mut unpacked).ok()?;
    (u64::try_from(unpacked.len()).ok()? <= MAX_METADATA).then_some(unpacked)
}

/// The metadata that a source distribution (`.tar.gz`) carries, with how far it can be relied on as a header.
///
/// Since version 2.2 metadata promises what it does not call dynamic. Before that, requirements lie in what a
/// build once left behind, and may be others elsewhere. `None`: it is no such archive, or has no metadata.
#[must_use]
pub fn source_metadata(archive: &[u8]) -> Option<Vec<u8>> {
    let mut tar = Vec::new();
    GzDecoder::new(archive)
        .take(MAX_UNPACKED)
        .read_to_end(&mut tar)
        .ok()?;
    let depth = |name: &str, parts: usize| name.split('/').filter(|part| !part.is_empty()).count() == parts;
    let Found::Manifest(info) = find(&tar, |name| depth(name, 2) && name.ends_with("/PKG-INFO")) else {
        return None;
    };
    let requires = find(&tar, |name| name.ends_with(".egg-info/requires.txt"));
    Some(with_trust(&info, requires))
}

/// Metadata with a first header that says what it is worth, and requirements from elsewhere where it has none.
fn with_trust(info: &[u8], requires: Found) -> Vec<u8> {
    let text = String::from_utf8_lossy(info);
    let headers: Vec<_> = text.lines().take_while(|line| !line.is_empty()).collect();
    let field = |name: &str| {
        headers
            .iter()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let promises = field("Metadata-Version:").is_some_and(|version| {
        let mut numbers = version
            .split('.')
            .map(|number| number.parse::<u32>().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (2, 2)
    });
    let is_dynamic = headers.iter().any(|line| {
        let line = line.to_ascii_lowercase();
        line.strip_prefix("dynamic:")
            .is_some_and(|field| field.trim() == "requires-dist")
    });
    let mut out = Vec::new();
    if promises && !is_dynamic {
        out.extend_from_slice(info);
        return out;
    }
    let has_own = headers.iter().any(|line| line.starts_with("Requires-Dist:"));
    match requires {
        Found::Manifest(requires) if !has_own => {
            out.extend_from_slice(b"X-Plumbline-Trust: build\n");
            out.extend_from_slice(requirements(&String::from_utf8_lossy(&requires)).as_bytes());
        }
        _ if has_own => out.extend_from_slice(b"X-Plumbline-Trust: build\n"),
        _ => out.extend_from_slice(b"X-Plumbline-Trust: unknown\n"),
    }
    out.extend_from_slice(info);
    out
}

/// `requires.txt` of setuptools as headers: sections are `[extra:marker]`.
fn requirements(text: &str) -> String {
    let mut headers = String::new();
    let (mut extra, mut marker) = (String::new(), String::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let (name, condition) = section.split_once(':').unwrap_or((section, ""));
            (extra, marker) = (name.to_owned(), condition.to_owned());
            if !extra.is_empty() {
                headers.push_str(&format!("Provides-Extra: {extra}\n"));
            }
            continue;
        }
        let of_extra = (!extra.is_empty()).then(|| format!("extra == '{extra}'"));
        let of_marker = (!marker.is_empty()).then(|| format!("({marker})"));
        let conditions: Vec<_> = of_marker.into_iter().chain(of_extra).collect();
        let condition = if conditions.is_empty() {
            String::new()
        } else {
            format!(" ; {}", conditions.join(" and "))
        };
        headers.push_str(&format!("Requires-Dist: {line}{condition}\n"));
    }
    headers
}

fn number2(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn number4(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A wheel with one stored file.
    pub(super) fn wheel(name: &str, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_le_bytes();
        let name_length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let mut zip = b"padding".to_vec();
        let offset = u32::try_from(zip.len()).unwrap().to_le_bytes();
        zip.extend(
            [
                LOCAL,
                &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                &length,
                &length,
                &name_length,
                &[0, 0],
            ]
            .concat(),
        );
        zip.extend([name.as_bytes(), content].concat());
        let directory = u32::try_from(zip.len()).unwrap();
        zip.extend(
            [
                ENTRY,
                &[20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                &length,
                &length,
                &name_length,
            ]
            .concat(),
        );
        zip.extend([0; 12]);
        zip.extend([&offset[..], name.as_bytes()].concat());
        let size = u32::try_from(zip.len()).unwrap() - directory;
        zip.extend(
            [
                END,
                &[0; 8],
                &size.to_le_bytes(),
                &directory.to_le_bytes(),
                &[0, 0],
            ]
            .concat(),
        );
        zip
    }

    #[test]
    fn metadata_is_read_from_the_end_of_a_wheel() {
        let zip = wheel("a-1.0.dist-info/METADATA", b"Name: a\n");
        let size = u64::try_from(zip.len()).unwrap();
        let Tail::NeedsMore(more) = locate(&zip[zip.len() - 30..], size) else {
            panic!("the directory is longer than that");
        };
        let more = usize::try_from(more).unwrap();
        let Tail::Found(entry) = locate(&zip[zip.len() - more..], size) else {
            panic!("the directory is there");
        };
        let from = usize::try_from(entry.offset).unwrap();
        assert_eq!(
            unpack(&zip[from..], &entry).as_deref(),
            Some(b"Name: a\n".as_slice())
        );
        assert_eq!(locate(&wheel("METADATA", b""), 130), Tail::Nothing);
    }

    #[test]
    fn what_a_build_left_behind_is_marked() {
        let requires = Found::Manifest(b"six\n\n[test]\npytest\n\n[x:python_version<'3']\ny\n".to_vec());
        let text = with_trust(b"Metadata-Version: 1.1\nName: a\n\nprose", requires);
        let metadata = super::super::metadata::Metadata::parse(&text).unwrap();
        assert_eq!(metadata.trust, super::super::metadata::Trust::LeftFromBuild);
        assert_eq!(
            (metadata.requires.len(), metadata.extras.join(" ")),
            (3, "test x".to_owned())
        );
        let promised = with_trust(b"Metadata-Version: 2.2\nName: a\n", Found::Nothing);
        assert_eq!(
            super::super::metadata::Metadata::parse(&promised).unwrap().trust,
            super::super::metadata::Trust::Static
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400), size in any::<u64>()) {
            let _ = (locate(&bytes, size), source_metadata(&bytes));
            let mut zip = wheel("a.dist-info/METADATA", b"x");
            for (at, byte) in bytes.iter().enumerate().step_by(7) {
                let length = zip.len();
                zip[(at * 31) % length] = *byte;
            }
            let _ = locate(&zip, u64::try_from(zip.len()).unwrap());
        }
    }
}
