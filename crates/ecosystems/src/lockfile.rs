//! Lockfiles of every ecosystem: known by their names, read into a [`Tree`].
//!
//! A reader is a pure function of the lockfile's text and of the manifests beside it. A mistake costs the entry
//! that it stands in and becomes a gap of the tree; only a text that makes no sense as a whole is an error.

use std::collections::BTreeMap;

use crate::tree::{MAX_EDGES, MAX_NODES, Node, NodeId, Tree};

pub(crate) mod glob;
pub(crate) mod json;
pub(crate) mod toml;
mod unlocked;
pub(crate) mod yaml;

pub(crate) use unlocked::Ask;
pub use unlocked::unlocked;

/// Other files of the project that a lockfile belongs to; paths are relative to the lockfile's folder, with `/`.
pub trait Beside {
    /// The text of a file; `None` when there is none, or none that is text within bounds.
    fn text(&self, path: &str) -> Option<String>;

    /// The files at or below the lockfile's folder whose names are `name`, sorted.
    fn named(&self, name: &str) -> Vec<String>;
}

/// No other file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Beside for Alone {
    fn text(&self, _: &str) -> Option<String> {
        None
    }

    fn named(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

impl Beside for BTreeMap<String, String> {
    fn text(&self, path: &str) -> Option<String> {
        self.get(path).cloned()
    }

    fn named(&self, name: &str) -> Vec<String> {
        let is_named = |path: &&String| path.rsplit('/').next() == Some(name);
        self.keys().filter(is_named).cloned().collect()
    }
}

/// Why a text is no lockfile of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", if place.is_empty() { String::new() } else { format!("{place}: ") })]
pub struct ReadError {
    /// A JSON pointer or `line 12, column 4`; empty for the whole text.
    pub place: String,
    /// One sentence without a full stop.
    pub message: String,
}

impl ReadError {
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }
}

/// One kind of lockfile.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// As people call it: `package-lock.json`, `requirements.txt`.
    pub name: &'static str,
    /// The ecosystem's OSV name.
    pub ecosystem: &'static str,
    /// Whether a file of this name (without folder) is one.
    pub is_name: fn(&str) -> bool,
    /// The manifest that a project with such a lockfile has beside it.
    pub manifest: &'static str,
    /// Among lockfiles of one ecosystem in one folder the least one counts: the others are leftovers.
    pub precedence: u8,
    read: Reader,
}

type Reader = fn(&str, &dyn Beside) -> Result<Tree, ReadError>;

/// Every kind of lockfile, in the order of ecosystems and precedence.
pub static FORMATS: &[Format] = &[
    npm(
        "npm-shrinkwrap.json",
        |name| name == "npm-shrinkwrap.json",
        0,
        crate::npm::lockfile::package_lock::read,
    ),
    npm(
        "package-lock.json",
        |name| name == "package-lock.json",
        1,
        crate::npm::lockfile::package_lock::read,
    ),
    npm(
        "pnpm-lock.yaml",
        |name| name == "pnpm-lock.yaml",
        2,
        crate::npm::lockfile::pnpm::read,
    ),
    npm(
        "yarn.lock",
        |name| name == "yarn.lock",
        3,
        crate::npm::lockfile::yarn::read,
    ),
    npm(
        "bun.lock",
        |name| name == "bun.lock",
        4,
        crate::npm::lockfile::bun::read,
    ),
    Format {
        name: "Cargo.lock",
        ecosystem: "crates.io",
        is_name: |name| name == "Cargo.lock",
        manifest: "Cargo.toml",
        precedence: 0,
        read: crate::cargo::lockfile::read,
    },
    pypi(
        "uv.lock",
        |name| name == "uv.lock",
        0,
        crate::pypi::lockfile::uv::read,
    ),
    pypi(
        "poetry.lock",
        |name| name == "poetry.lock",
        1,
        crate::pypi::lockfile::poetry::read,
    ),
    pypi(
        "pdm.lock",
        |name| name == "pdm.lock",
        2,
        crate::pypi::lockfile::pdm::read,
    ),
    pypi("pylock.toml", is_pylock, 3, crate::pypi::lockfile::pylock::read),
    Format {
        manifest: "Pipfile",
        ..pypi(
            "Pipfile.lock",
            |name| name == "Pipfile.lock",
            4,
            crate::pypi::lockfile::pipfile::read,
        )
    },
    pypi(
        "requirements.txt",
        is_requirements,
        5,
        crate::pypi::lockfile::requirements::read,
    ),
];

const fn npm(name: &'static str, is_name: fn(&str) -> bool, precedence: u8, read: Reader) -> Format {
    Format {
        name,
        ecosystem: "npm",
        is_name,
        manifest: "package.json",
        precedence,
        read,
    }
}

const fn pypi(name: &'static str, is_name: fn(&str) -> bool, precedence: u8, read: Reader) -> Format {
    Format {
        name,
        ecosystem: "PyPI",
        is_name,
        manifest: "pyproject.toml",
        precedence,
        read,
    }
}

/// PEP 751: `pylock.toml`, or `pylock.NAME.toml`.
fn is_pylock(name: &str) -> bool {
    let middle = name
        .strip_prefix("pylock.")
        .and_then(|rest| rest.strip_suffix("toml"));
    middle.is_some_and(|middle| {
        middle.is_empty() || (middle.ends_with('.') && !middle[..middle.len() - 1].contains('.'))
    })
}

/// `requirements.txt`, `requirements-dev.txt`, `dev-requirements.txt`, `requirements.lock`.
fn is_requirements(name: &str) -> bool {
    let stem = name.strip_suffix(".txt").or_else(|| name.strip_suffix(".lock"));
    stem.is_some_and(|stem| {
        let mut words = stem.split(['-', '_', '.']);
        words.any(|word| word.eq_ignore_ascii_case("requirements"))
    })
}

impl Format {
    /// The kind of lockfile that a file of this name is; folders before it are ignored.
    #[must_use]
    pub fn of(path: &str) -> Option<&'static Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        FORMATS.iter().find(|format| (format.is_name)(name))
    }

    /// Reads a lockfile.
    ///
    /// # Errors
    /// When the text makes no sense as a whole; the error names the place.
    pub fn read(&self, bytes: &[u8], beside: &dyn Beside) -> Result<Tree, ReadError> {
        let text = decode(bytes)?;
        let mut tree = (self.read)(&text, beside)?;
        if tree.edges.len() > MAX_EDGES {
            return Err(ReadError::new(
                "",
                format!("it has more than {MAX_EDGES} dependencies"),
            ));
        }
        tree.settle();
        Ok(tree)
    }
}

/// Text in UTF-8, or in UTF-16 with its mark, as editors on Windows write it.
fn decode(bytes: &[u8]) -> Result<String, ReadError> {
    let wide = |from_bytes: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units: Vec<u16> = bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|pair| from_bytes(*pair))
            .collect();
        String::from_utf16(&units).map_err(|_| ReadError::new("", "it is no valid UTF-16"))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        _ => {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let line = 1 + bytes[..error.valid_up_to()]
                    .iter()
                    .filter(|byte| **byte == b'\n')
                    .count();
                ReadError::new(format!("line {line}"), "it is no UTF-8 text")
            })?;
            Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned())
        }
    }
}

/// Adds a node within bounds.
pub(crate) fn add(tree: &mut Tree, node: Node) -> Result<NodeId, ReadError> {
    if tree.nodes.len() >= MAX_NODES {
        return Err(ReadError::new(
            node.place,
            format!("it has more than {MAX_NODES} packages"),
        ));
    }
    Ok(tree.add(node))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(path: &str) -> Option<&'static str> {
        Format::of(path).map(|format| format.name)
    }

    #[test]
    fn a_lockfile_is_known_by_its_name() {
        assert_eq!(name_of("a/b/package-lock.json"), Some("package-lock.json"));
        assert_eq!(name_of("C:\\work\\Cargo.lock"), Some("Cargo.lock"));
        for requirements in [
            "requirements.txt",
            "requirements-dev.txt",
            "dev_requirements.txt",
            "requirements.lock",
        ] {
            assert_eq!(name_of(requirements), Some("requirements.txt"), "{requirements}");
        }
        for pylock in ["pylock.toml", "pylock.dev.toml"] {
            assert_eq!(name_of(pylock), Some("pylock.toml"), "{pylock}");
        }
        for other in [
            "package.json",
            "pylock.a.b.toml",
            "pylockXtoml",
            "requirementsX.txt",
            "notes.txt",
            "",
            "yarn.lock.orig",
        ] {
            assert_eq!(name_of(other), None, "{other}");
        }
    }

    #[test]
    fn text_may_be_wide_and_must_be_text() {
        assert_eq!(decode(b"\xef\xbb\xbfa").as_deref(), Ok("a"));
        assert_eq!(decode(b"\xff\xfea\0").as_deref(), Ok("a"));
        assert_eq!(
            decode(b"a\nb\xff").unwrap_err().to_string(),
            "line 2: it is no UTF-8 text"
        );
    }
}
