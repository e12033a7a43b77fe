//! The policy document (`gate.md` §4 and §8).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A policy: what may go out. Every value has a default, every unknown key is an error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {}

/// Why a document is no policy, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct PolicyError {
    /// A JSON pointer (`/license/deny/0`) or `line 3, column 1`.
    pub place: String,
    pub message: String,
}

impl Policy {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// When the text is not JSON, or says something that no rule understands.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        serde_json::from_str(text).map_err(|error| PolicyError {
            place: format!("line {}, column {}", error.line(), error.column()),
            message: error.to_string(),
        })
    }

    /// Reads the TOML form; the keys are those of the JSON form.
    ///
    /// # Errors
    /// As [`Policy::from_json`].
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        toml::from_str(text).map_err(|error| PolicyError {
            place: String::new(),
            message: error.message().to_owned(),
        })
    }

    /// SHA-256 of the canonical JSON (all keys in documented order, defaults filled in), hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        let json = serde_json::to_vec(self).expect("a policy has only string keys and finite numbers");
        hex::encode(Sha256::digest(json))
    }
}
