//! Secrets that are shown once: made here, kept as a hash.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A fresh secret of 244 random bits behind a prefix that scanners for leaked secrets can know.
pub(crate) fn fresh(prefix: &str) -> String {
    format!("{prefix}{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// What is stored of a secret. A plain digest is enough: nobody guesses 244 bits.
pub(crate) fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}
