//! Maven: `group:artifact`, and versions of numbers and words.

mod version;

use std::borrow::Cow;

use crate::encode::KeyBytes;
use crate::{Ecosystem, Step, UnparseableVersion, VersionKey, semver};

/// The repository of Java libraries.
pub struct Maven;

impl Ecosystem for Maven {
    fn name(&self) -> &'static str {
        "Maven"
    }

    fn purl_type(&self) -> &'static str {
        "maven"
    }

    /// Exact; a slash between group and artifact is the colon that Maven writes.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name.contains(':') || !name.contains('/') {
            return Cow::Borrowed(name);
        }
        Cow::Owned(name.replacen('/', ":", 1))
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        let key = version::key(version);
        key.map(KeyBytes::finish)
            .ok_or_else(|| UnparseableVersion::new(self.name(), version))
    }

    fn is_prerelease(&self, version: &str) -> bool {
        version::is_unfinished(version)
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(semver::step_between(
            &version::numbers(from)?,
            &version::numbers(to)?,
        ))
    }
}
