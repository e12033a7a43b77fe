//! Cargo and crates.io: names, semantic versions, and the requirements of `Cargo.toml`.

pub mod archive;
pub(crate) mod lockfile;
mod requirement;
pub mod resolve;

use std::borrow::Cow;

pub use requirement::{InvalidRequirement, Requirement};

use crate::semver::{self, Version};
use crate::{Ecosystem, Step, UnparseableVersion, VersionKey, command};

/// The registry of Rust crates.
pub struct Cargo;

impl Ecosystem for Cargo {
    fn name(&self) -> &'static str {
        "crates.io"
    }

    fn purl_type(&self) -> &'static str {
        "cargo"
    }

    /// Lower case with `_` for `-`, as crates.io itself decides whether a name is taken: no two crates
    /// differ in this alone, so advisories and purls meet and nothing else can. The index insists on the
    /// exact spelling, so this form is for comparing only.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name.bytes().any(|byte| byte == b'-' || byte.is_ascii_uppercase()) {
            return Cow::Owned(name.to_ascii_lowercase().replace('-', "_"));
        }
        Cow::Borrowed(name)
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        semver::key(self.name(), version)
    }

    fn public_key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        self.key(version)
    }

    fn is_prerelease(&self, version: &str) -> bool {
        Version::parse(version).is_some_and(|version| version.is_prerelease())
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(Version::parse(from)?.step(&Version::parse(to)?))
    }

    fn upgrade_command(&self, name: &str, version: &str) -> String {
        if !command::is_word(name, b"_-") || !command::is_semver_word(version) {
            return String::new();
        }
        format!("cargo update -p {name} --precise {version}")
    }
}

/// Where a sparse index keeps the file of a crate, relative to its root.
#[must_use]
pub fn index_path(name: &str) -> String {
    let name = name.to_lowercase();
    let letters: Vec<char> = name.chars().collect();
    let part =
        |range: std::ops::Range<usize>| letters.get(range).unwrap_or_default().iter().collect::<String>();
    match letters.len() {
        0..=2 => format!("{}/{name}", letters.len()),
        3 => format!("3/{}/{name}", part(0..1)),
        _ => format!("{}/{}/{name}", part(0..2), part(2..4)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_crates_io_holds_for_one_crate_meet() {
        assert_eq!(Cargo.normalize("async-trait"), Cargo.normalize("async_trait"));
        assert_eq!(Cargo.normalize("Tauri"), "tauri");
        assert_ne!(Cargo.normalize("serde-json"), Cargo.normalize("serdejson"));
    }

    #[test]
    fn a_command_is_made_of_a_name_and_a_version_or_not_at_all() {
        assert_eq!(
            Cargo.upgrade_command("serde_json", "1.0.2"),
            "cargo update -p serde_json --precise 1.0.2"
        );
        for (name, version) in [
            ("--config=x", "1.0.0"),
            ("a b", "1.0.0"),
            ("a'b", "1.0.0"),
            ("a`b`", "1.0.0"),
            ("a", "1.0.0;b"),
            ("a", "-1"),
            ("a", ""),
            ("a\r", "1.0.0"),
            ("a/b", "1.0.0"),
        ] {
            assert_eq!(Cargo.upgrade_command(name, version), "", "{name:?} {version:?}");
        }
    }
}
