//! Packagist and Composer.

mod version;

use std::borrow::Cow;

use self::version::{Stability, Version};
use crate::number::Number;
use crate::{Ecosystem, Step, UnparseableVersion, VersionKey, command, semver};

/// The registry of PHP libraries.
pub struct Packagist;

impl Ecosystem for Packagist {
    fn name(&self) -> &'static str {
        "Packagist"
    }

    fn purl_type(&self) -> &'static str {
        "composer"
    }

    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        semver::lower(name)
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        let parsed = Version::parse(version);
        parsed
            .map(|parsed| parsed.key().finish())
            .ok_or_else(|| UnparseableVersion::new(self.name(), version))
    }

    fn is_prerelease(&self, version: &str) -> bool {
        Version::parse(version).is_some_and(|version| version.stability < Stability::Stable)
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(semver::step_between(&numbers(from)?, &numbers(to)?))
    }

    fn upgrade_command(&self, name: &str, version: &str) -> String {
        let is_name = name.split_once('/').is_some_and(|(vendor, package)| {
            command::is_word(vendor, b"._-") && command::is_word(package, b"._-")
        });
        if !is_name || !command::is_word(version, b".-") || self.key(version).is_err() {
            return String::new();
        }
        format!("composer require {name}:{version}")
    }
}

fn numbers(version: &str) -> Option<[Number; 3]> {
    let mut numbers = [Number::ZERO, Number::ZERO, Number::ZERO];
    for (slot, number) in numbers.iter_mut().zip(Version::parse(version)?.numbers) {
        *slot = number;
    }
    Some(numbers)
}
