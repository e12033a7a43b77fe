//! Names of objects, and the walk through a commit's folders.

use std::fmt;

use sources::Collector;

use super::pack::{Kind, Pack};
use crate::Result;

/// The name of an object: its SHA-1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Oid(pub [u8; 20]);

impl Oid {
    /// Forty hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() != 40 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let mut oid = [0; 20];
        for (byte, digits) in oid.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(oid))
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Folder,
    File,
    Link,
    Submodule,
}

/// Looks through every folder of a commit; answers the files that the collector wants.
pub(super) fn walk(pack: &Pack, commit: Oid, collector: &mut Collector) -> Result<Vec<(String, Oid)>> {
    let root = pack.tree_of(commit)?;
    let mut wanted = Vec::new();
    let mut waiting = vec![(String::new(), root)];
    while let Some((folder, oid)) = waiting.pop() {
        let Some((Kind::Tree, bytes)) = pack.object(oid)? else {
            collector.unreadable(&folder, "the server did not send this folder");
            continue;
        };
        let mut rest = bytes.as_slice();
        while let Some((entry, name, oid)) = next_entry(&mut rest) {
            if !collector.count() {
                collector.too_many();
                return Ok(wanted);
            }
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            match entry {
                Entry::Folder if path.matches('/').count() >= collector.limits().depth => {
                    collector.unreadable(&path, "it lies too many folders deep");
                }
                Entry::Folder => waiting.push((path, oid)),
                Entry::File => wanted.extend(collector.want(&path, 0).map(|path| (path, oid))),
                Entry::Link => collector.link(&path),
                Entry::Submodule => collector.submodule(&path),
            }
        }
        if !rest.is_empty() {
            collector.unreadable(&folder, "the folder is damaged");
        }
    }
    Ok(wanted)
}

/// `MODE NAME\0` and the twenty bytes of the object; leaves the rest when that is not what stands there.
fn next_entry(rest: &mut &[u8]) -> Option<(Entry, String, Oid)> {
    let space = rest.iter().position(|byte| *byte == b' ')?;
    let end = space + 1 + rest.get(space + 1..)?.iter().position(|byte| *byte == 0)?;
    let oid: [u8; 20] = rest.get(end + 1..end + 21)?.try_into().ok()?;
    let entry = match &rest[..space] {
        b"40000" | b"040000" => Entry::Folder,
        b"120000" => Entry::Link,
        b"160000" => Entry::Submodule,
        mode if mode.starts_with(b"100") => Entry::File,
        _ => return None,
    };
    let name = String::from_utf8_lossy(&rest[space + 1..end]).into_owned();
    *rest = &rest[end + 21..];
    Some((entry, name, Oid(oid)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_forty_digits() {
        let text = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(Oid::parse(text).unwrap().to_string(), text);
        assert_eq!(Oid::parse("main"), None);
        assert_eq!(Oid::parse(&"+f".repeat(20)), None);
        assert_eq!(Oid::parse(&"é".repeat(20)), None);
    }

    #[test]
    fn entries_of_a_folder_are_cut_out() {
        let mut bytes = b"100644 a.txt\0".to_vec();
        bytes.extend([1; 20]);
        bytes.extend(b"40000 sub\0");
        bytes.extend([2; 20]);
        let mut rest = bytes.as_slice();
        assert_eq!(
            next_entry(&mut rest),
            Some((Entry::File, "a.txt".to_owned(), Oid([1; 20])))
        );
        assert_eq!(
            next_entry(&mut rest),
            Some((Entry::Folder, "sub".to_owned(), Oid([2; 20])))
        );
        assert_eq!(next_entry(&mut rest), None);
        for broken in [&b"100644 a"[..], b"100644 a\x00123", b"777 a\0", b""] {
            assert_eq!(next_entry(&mut { broken }), None);
        }
    }
}
