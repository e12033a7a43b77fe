//! Pub, the registry of Dart: semantic versions whose build metadata counts.

use std::borrow::Cow;

use crate::encode::KeyBytes;
use crate::semver::{self, Identifier, Version};
use crate::{Ecosystem, Step, UnparseableVersion, VersionKey, command};

/// The registry of Dart and Flutter.
pub struct Pub;

const NO_BUILD: u8 = 0x00;
const BUILD: u8 = 0x01;
const END: u8 = 0x00;
/// Begins an identifier that is no number; after every number.
const TEXT: u8 = 0xE0;

impl Ecosystem for Pub {
    fn name(&self) -> &'static str {
        "Pub"
    }

    fn purl_type(&self) -> &'static str {
        "pub"
    }

    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(name)
    }

    /// A build of a version comes after the version without one.
    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        let key = key(version);
        key.ok_or_else(|| UnparseableVersion::new(self.name(), version))
    }

    fn public_key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        self.key(version.split('+').next().unwrap_or(version))
            .map_err(|_| UnparseableVersion::new(self.name(), version))
    }

    fn is_prerelease(&self, version: &str) -> bool {
        Version::parse(version).is_some_and(|version| version.is_prerelease())
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(Version::parse(from)?.step(&Version::parse(to)?))
    }

    fn upgrade_command(&self, name: &str, version: &str) -> String {
        if !command::is_word(name, b"_") || !command::is_semver_word(version) {
            return String::new();
        }
        format!("dart pub add {name}:{version}")
    }
}

fn key(version: &str) -> Option<VersionKey> {
    let parsed = Version::parse(version)?;
    let mut key = KeyBytes::default();
    parsed.key().as_bytes().iter().for_each(|byte| key.byte(*byte));
    let Some((_, build)) = version.trim().split_once('+') else {
        key.byte(NO_BUILD);
        return Some(key.finish());
    };
    key.byte(BUILD);
    for identifier in semver::parse_prerelease(build)? {
        match &identifier {
            Identifier::Numeric(number) => key.number(number),
            Identifier::Text(text) => key.text(TEXT, text),
        }
    }
    key.byte(END);
    Some(key.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_come_after_the_version() {
        let ascending = [
            "1.0.0-dev.1",
            "1.0.0",
            "1.0.0+1",
            "1.0.0+2",
            "1.0.0+10",
            "1.0.0+a",
            "1.0.1",
        ];
        let keys: Vec<_> = ascending.iter().map(|text| Pub.key(text).expect(text)).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
        assert_eq!(Pub.public_key("1.0.0+1"), Pub.key("1.0.0"));
    }
}
