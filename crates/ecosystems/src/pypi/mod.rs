//! PyPI: names (PEP 503), versions and specifiers (PEP 440), and the names of its files.

pub mod archive;
pub mod environment;
mod file_name;
mod interval;
pub(crate) mod lockfile;
pub mod marker;
pub mod metadata;
mod parse;
pub mod requirement;
pub mod resolve;
pub mod simple;
mod specifier;
mod version;

use std::borrow::Cow;

pub use file_name::{Archive, Distribution, Tags};
pub use specifier::{InvalidSpecifier, Prereleases, SpecifierSet};
pub use version::{LocalPart, Phase, Version};

use crate::{Ecosystem, Step, UnparseableVersion, VersionKey, command};

/// The Python package index.
pub struct PyPi;

impl PyPi {
    fn parse(&self, version: &str) -> Result<Version, UnparseableVersion> {
        Version::parse(version).ok_or_else(|| UnparseableVersion {
            ecosystem: self.name(),
            text: version.to_owned(),
        })
    }
}

impl Ecosystem for PyPi {
    fn name(&self) -> &'static str {
        "PyPI"
    }

    fn purl_type(&self) -> &'static str {
        "pypi"
    }

    /// Lower case with one hyphen for every run of `-`, `_` and `.` (PEP 503).
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if is_normalized(name) {
            return Cow::Borrowed(name);
        }
        let mut normal = String::with_capacity(name.len());
        for letter in name.chars().flat_map(char::to_lowercase) {
            match letter {
                '-' | '_' | '.' if normal.ends_with('-') => {}
                '-' | '_' | '.' => normal.push('-'),
                letter => normal.push(letter),
            }
        }
        Cow::Owned(normal)
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        Ok(self.parse(version)?.key())
    }

    fn public_key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        Ok(self.parse(version)?.public().key())
    }

    fn is_prerelease(&self, version: &str) -> bool {
        Version::parse(version).is_some_and(|version| version.is_prerelease())
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(Version::parse(from)?.step(&Version::parse(to)?))
    }

    fn upgrade_command(&self, name: &str, version: &str) -> String {
        let is_version = command::is_word(version, b".!+_-") && Version::parse(version).is_some();
        if !command::is_word(name, b"._-") || !is_version {
            return String::new();
        }
        format!("pip install '{name}=={version}'")
    }
}

fn is_normalized(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.bytes().all(plain) && !name.contains("--")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_public_version_has_no_local_label() {
        let key = |text| PyPi.key(text).expect("a version");
        assert_eq!(PyPi.public_key("2.0.0+cu118").expect("a version"), key("2.0"));
        assert!(key("2.0.0+cu118") > key("2.0.0"));
    }

    #[test]
    fn what_is_older_than_pep_440_is_no_version() {
        for text in [
            "",
            "latest",
            "UNKNOWN",
            "0.1-bulbasaur",
            "2004d1x",
            "*",
            "==1.0",
            "1.0-",
            "1.0.x",
        ] {
            assert!(PyPi.key(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_common_version_is_eight_bytes() {
        assert_eq!(PyPi.key("1.2.3").expect("a version").as_bytes().len(), 8);
    }

    #[test]
    fn a_command_is_made_of_a_name_and_a_version_or_not_at_all() {
        assert_eq!(
            PyPi.upgrade_command("Django", "1!4.2+local"),
            "pip install 'Django==1!4.2+local'"
        );
        for (name, version) in [
            ("a'; evil; '", "1.0"),
            ("a", "1.0' --index-url=evil '"),
            ("-r", "1.0"),
            ("a[extra]", "1.0"),
            ("a", "\u{202f}1.0"),
            ("a @ https://evil.test/a", "1.0"),
            ("a", "1.*"),
            ("ä", "1.0"),
        ] {
            assert_eq!(PyPi.upgrade_command(name, version), "", "{name:?} {version:?}");
        }
    }

    #[test]
    fn the_step_is_the_first_number_that_differs() {
        for (from, to, step) in [
            ("1.2", "2.0", Some(Step::Major)),
            ("1.2", "1!1.2", Some(Step::Major)),
            ("1", "1.0.1", Some(Step::Patch)),
            ("1", "1.1", Some(Step::Minor)),
            ("1.0", "1.0.post1", Some(Step::Patch)),
            ("1.0", "french toast", None),
        ] {
            assert_eq!(PyPi.step(from, to), step, "{from} → {to}");
        }
    }

    proptest! {
        #[test]
        fn normalizing_twice_changes_nothing(name in "\\PC*|[A-Za-z._-]*") {
            let once = PyPi.normalize(&name).into_owned();
            prop_assert_eq!(&PyPi.normalize(&once), &once);
        }
    }
}
