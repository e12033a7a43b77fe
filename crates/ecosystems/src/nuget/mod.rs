//! `NuGet`: names in any case, and semantic versions with a fourth number.

use std::borrow::Cow;

use crate::semver::{self, Version};
use crate::{Ecosystem, Step, UnparseableVersion, VersionKey, command};

/// The registry of .NET libraries.
pub struct NuGet;

impl Ecosystem for NuGet {
    fn name(&self) -> &'static str {
        "NuGet"
    }

    fn purl_type(&self) -> &'static str {
        "nuget"
    }

    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        semver::lower(name)
    }

    /// Words of a pre-release are compared without regard to case.
    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        semver::key(self.name(), &semver::lower(version))
    }

    fn is_prerelease(&self, version: &str) -> bool {
        Version::parse(version).is_some_and(|version| version.is_prerelease())
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(Version::parse(from)?.step(&Version::parse(to)?))
    }

    fn upgrade_command(&self, name: &str, version: &str) -> String {
        if !command::is_word(name, b"._-") || !command::is_semver_word(version) {
            return String::new();
        }
        format!("dotnet add package {name} --version {version}")
    }
}
