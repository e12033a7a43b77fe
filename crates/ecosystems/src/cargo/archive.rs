//! The manifest inside a `.crate`, which states the license that the index leaves out.

use std::io::Read;

use flate2::read::GzDecoder;

/// The longest manifest that is taken out of an archive.
const MAX_MANIFEST: usize = 4 << 20;
const BLOCK: usize = 512;

/// What the beginning of an archive has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Manifest(Vec<u8>),
    /// The manifest lies further back.
    NeedsMore,
    /// It is no archive with a manifest.
    Nothing,
}

/// Looks for `NAME-VERSION/Cargo.toml` in the first bytes of a gzipped tar archive.
#[must_use]
pub fn manifest(prefix: &[u8]) -> Found {
    let mut tar = Vec::new();
    let limit = u64::try_from(prefix.len()).unwrap_or(u64::MAX).saturating_mul(64);
    // A cut archive ends in an error after everything that could be unpacked.
    let whole = GzDecoder::new(prefix).take(limit).read_to_end(&mut tar).is_ok();
    match find(&tar, |name| {
        name.split('/').count() == 2 && name.ends_with("/Cargo.toml")
    }) {
        Found::NeedsMore if whole || tar.is_empty() => Found::Nothing,
        found => found,
    }
}

/// The license that a published manifest states: an expression, or that there is a file.
#[must_use]
pub fn license(manifest: &[u8]) -> Option<String> {
    let table: toml::Table = std::str::from_utf8(manifest).ok()?.parse().ok()?;
    let package = table.get("package")?.as_table()?;
    let text = |key: &str| Some(package.get(key)?.as_str()?.to_owned());
    text("license").or_else(|| Some(format!("SEE LICENSE IN {}", text("license-file")?)))
}

/// The first file of a tar archive that `wanted` knows by its name.
pub(crate) fn find(tar: &[u8], wanted: impl Fn(&str) -> bool) -> Found {
    let mut rest = tar;
    let mut long_name: Option<String> = None;
    loop {
        let Some((header, behind)) = rest.split_at_checked(BLOCK) else {
            return Found::NeedsMore;
        };
        if header.iter().all(|byte| *byte == 0) {
            return Found::Nothing;
        }
        let Some(size) = octal(header.get(124..136).unwrap_or_default()) else {
            return Found::Nothing;
        };
        let kind = header.get(156).copied().unwrap_or_default();
        let name = long_name.take().unwrap_or_else(|| name(header));
        let is_file = matches!(kind, b'0' | 0);
        let content = behind.get(..size);
        if is_file && size <= MAX_MANIFEST && wanted(&name) {
            return content.map_or(Found::NeedsMore, |content| Found::Manifest(content.to_vec()));
        }
        if kind == b'L' || kind == b'x' {
            let Some(content) = content else {
                return Found::NeedsMore;
            };
            long_name = extended_name(kind, content);
        }
        let Some(padded) = size.checked_next_multiple_of(BLOCK) else {
            return Found::Nothing;
        };
        match behind.get(padded..) {
            Some(next) => rest = next,
            None => return Found::NeedsMore,
        }
    }
}

fn octal(field: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(field).ok()?;
    usize::from_str_radix(text.trim_matches(['\0', ' ']), 8).ok()
}

fn name(header: &[u8]) -> String {
    let text = |range: std::ops::Range<usize>| {
        let field = header.get(range).unwrap_or_default();
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
        String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
    };
    let is_posix = header.get(257..262) == Some(b"ustar");
    match text(345..500) {
        prefix if is_posix && !prefix.is_empty() => format!("{prefix}/{}", text(0..100)),
        _ => text(0..100),
    }
}

/// GNU's long name, or the path in a pax header.
fn extended_name(kind: u8, content: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(content);
    if kind == b'L' {
        return Some(text.trim_end_matches('\0').to_owned());
    }
    text.lines()
        .find_map(|line| Some(line.split_once(" path=")?.1.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn entry(tar: &mut Vec<u8>, name: &str, content: &[u8]) {
        let mut header = [0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[156] = b'0';
        header[257..262].copy_from_slice(b"ustar");
        tar.extend(header);
        tar.extend(content);
        tar.resize(tar.len().next_multiple_of(BLOCK), 0);
    }

    fn archive() -> Vec<u8> {
        let mut tar = Vec::new();
        let noise: Vec<u8> = (0..90_000u32)
            .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
            .collect();
        entry(
            &mut tar,
            "a-1.0.0/src/Cargo.toml",
            b"[package]\nlicense = \"no\"\n",
        );
        entry(&mut tar, "a-1.0.0/CHANGELOG.md", &noise);
        entry(
            &mut tar,
            "a-1.0.0/Cargo.toml",
            b"[package]\nlicense = \"MIT OR Apache-2.0\"\n",
        );
        tar.resize(tar.len() + 2 * BLOCK, 0);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(&tar).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn the_manifest_is_found_as_soon_as_enough_is_there() {
        let archive = archive();
        assert_eq!(manifest(&archive[..1024]), Found::NeedsMore);
        let Found::Manifest(found) = manifest(&archive) else {
            panic!("the whole archive has it");
        };
        assert_eq!(license(&found).as_deref(), Some("MIT OR Apache-2.0"));
        assert_eq!(manifest(b"no archive"), Found::Nothing);
        assert_eq!(
            license(b"[package]\nlicense-file = \"L\"\n").as_deref(),
            Some("SEE LICENSE IN L")
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = (manifest(&bytes), find(&bytes, |_| true));
        }
    }
}
