//! What the license of certain bytes is, said by a person who has read them.

use licenses::Entry;
use serde::{Deserialize, Serialize};

use crate::PolicyError;
use crate::purls::PurlPattern;
use crate::sections::check_entry;

/// Digests that documents carry, with the number of their hexadecimal digits.
const ALGORITHMS: [(&str, usize); 4] = [("sha1", 40), ("sha256", 64), ("sha384", 96), ("sha512", 128)];

/// `license.clarifications`: the license of a package whose bytes somebody has read.
///
/// It is bound to digests: a component of the package that carries none of them, as after an update, is judged by what
/// documents say of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenseClarification {
    /// As in a waiver: with or without version or range.
    pub purl: PurlPattern,
    /// The expression that holds.
    pub license: String,
    /// `sha256:…` of the package's file or of its license text; one of them must be among the component's.
    pub files: Vec<FileDigest>,
    /// Why, for people.
    pub reason: String,
}

/// `algorithm:hexadecimal`, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileDigest(String);

impl FileDigest {
    /// Whether a hash as documents have it (`SHA-256`, `abc…`) is this one.
    #[must_use]
    pub fn is(&self, algorithm: &str, value: &str) -> bool {
        let Some((name, digits)) = self.0.split_once(':') else {
            return false;
        };
        let algorithm = algorithm.replace('-', "");
        name.eq_ignore_ascii_case(&algorithm) && digits.eq_ignore_ascii_case(value)
    }

    fn check(&self, place: &str) -> Result<(), PolicyError> {
        let sound = self.0.split_once(':').is_some_and(|(name, digits)| {
            let known = ALGORITHMS
                .iter()
                .find(|(algorithm, _)| name.eq_ignore_ascii_case(algorithm));
            known.is_some_and(|(_, length)| digits.len() == *length)
                && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        if sound {
            return Ok(());
        }
        let message = format!(
            "`{}` is no digest like `sha256:` and 64 hexadecimal digits (sha1, sha256, sha384 or sha512)",
            self.0
        );
        Err(PolicyError::new(place, message))
    }
}

impl LicenseClarification {
    pub(crate) fn check(&self, place: &str) -> Result<(), PolicyError> {
        let error = |key: &str, message: &str| Err(PolicyError::new(format!("{place}/{key}"), message));
        if self.reason.trim().is_empty() {
            return error("reason", "a clarification needs a reason");
        }
        if self.files.is_empty() {
            return error(
                "files",
                "a clarification is bound to the digest of at least one file",
            );
        }
        for (index, digest) in self.files.iter().enumerate() {
            digest.check(&format!("{place}/files/{index}"))?;
        }
        match self.license.parse::<Entry>() {
            Ok(entry @ Entry::Expression(_)) => check_entry(&format!("{place}/license"), &entry),
            Ok(Entry::Category(_)) => error("license", "a category is no license"),
            Err(invalid) => error("license", &invalid.to_string()),
        }
    }

    /// Whether one of the component's hashes is among those that were read.
    #[must_use]
    pub fn covers(&self, hashes: &[inventory::Hash]) -> bool {
        hashes.iter().any(|hash| {
            self.files
                .iter()
                .any(|digest| digest.is(&hash.algorithm, &hash.value))
        })
    }
}
