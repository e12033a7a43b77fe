//! A parsed version as bytes.

use std::fmt;

/// A version whose byte order is its ecosystem's version order.
///
/// Keys of different ecosystems must not be compared. The bytes may be stored: both databases order
/// binary columns as `memcmp` does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct VersionKey(Box<[u8]>);

impl VersionKey {
    /// Wraps bytes that an ecosystem made, fresh or read back from the store.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for VersionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VersionKey(")?;
        for byte in &self.0 {
            write!(f, "{byte:02x}")?;
        }
        write!(f, ")")
    }
}

/// The text is no version of its ecosystem.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a version of {ecosystem}")]
pub struct UnparseableVersion {
    pub ecosystem: &'static str,
    pub text: String,
}

impl UnparseableVersion {
    pub(crate) fn new(ecosystem: &'static str, text: &str) -> Self {
        Self {
            ecosystem,
            text: text.to_owned(),
        }
    }
}
