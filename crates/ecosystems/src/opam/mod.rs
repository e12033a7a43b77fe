//! opam, the registry of OCaml, which orders versions as dpkg orders one part of its own.

use std::borrow::Cow;

use crate::encode::KeyBytes;
use crate::{Ecosystem, UnparseableVersion, VersionKey, debian};

/// The registry of OCaml libraries.
pub struct Opam;

impl Ecosystem for Opam {
    fn name(&self) -> &'static str {
        "opam"
    }

    fn purl_type(&self) -> &'static str {
        "opam"
    }

    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(name)
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        let text = version.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let key = text
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| debian::plain_key(text));
        key.flatten()
            .map(KeyBytes::finish)
            .ok_or_else(|| UnparseableVersion::new(self.name(), version))
    }

    /// A tilde is how opam writes what comes before a version.
    fn is_prerelease(&self, version: &str) -> bool {
        version.contains('~') && self.key(version).is_ok()
    }
}
