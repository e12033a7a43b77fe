//! All feeds in one file, for places that no network reaches.
//!
//! A bundle is a tar archive. Its first entry, `manifest.json`, names every part with its length and SHA-256; the
//! parts follow in that order, each compressed with zstd: the records of a feed one a line, the catalogue of
//! exploited vulnerabilities as its publisher writes it, the probabilities of exploitation as a CSV. The digest of
//! the whole file is what two people compare.
//!
//! Nothing is taken over before every part has been compared with the manifest. What a feed is then, is as old as
//! it was where the bundle was made: the age that pages and policies see is that of the knowledge, not of the import.

mod export;
mod import;
mod verify;

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::feeds::Feed;

pub(crate) use export::STATEMENTS;
pub use export::{Exported, export};
pub use import::{Imported, Outcome, import};
pub use verify::{Verified, verify};

/// What `format` says in a manifest.
const FORMAT: &str = "plumbline-feeds/1";
const MANIFEST: &str = "manifest.json";
/// The largest manifest.
const LARGEST_MANIFEST: u64 = 4 << 20;
/// Feeds of one bundle.
const MOST_PARTS: usize = 2_000;
/// Records of one feed.
const MOST_RECORDS: usize = 4_000_000;
/// The longest line of a part: one record.
const LONGEST_LINE: u64 = 16 << 20;
/// Bytes of all parts together, compressed.
const LARGEST: u64 = 8 << 30;

/// What a bundle holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    format: String,
    /// The version of the product that made it.
    engine: String,
    #[serde(with = "moment")]
    pub created_at: Timestamp,
    pub parts: Vec<Part>,
}

/// One feed of a bundle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// The name of its entry in the archive.
    path: String,
    /// Of the entry as it lies in the archive.
    bytes: u64,
    sha256: String,
    pub feed: String,
    kind: String,
    ecosystem: String,
    revision: String,
    pub records: usize,
    /// When the state was taken from its publisher.
    #[serde(with = "moment")]
    pub synced_at: Timestamp,
}

impl Part {
    fn of(feed: &Feed, number: usize, synced_at: Timestamp) -> Self {
        Self {
            path: format!("feeds/{number:04}.zst"),
            bytes: 0,
            sha256: String::new(),
            feed: feed.name.clone(),
            kind: feed.kind.clone(),
            ecosystem: feed.ecosystem.clone(),
            revision: feed.revision.clone(),
            records: usize::try_from(feed.records).unwrap_or(0),
            synced_at,
        }
    }
}

/// Why a bundle was not made or not taken over.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It is no bundle, or not the one that its manifest describes; nothing was taken over.
    #[error("the bundle is not whole: {0}")]
    Broken(String),
    #[error("no feed has been loaded yet, so there is nothing to put into a bundle")]
    Empty,
    /// A feed was refused; those before it in the bundle were taken over.
    #[error("the feed `{feed}` of the bundle: {why}")]
    Refused { feed: String, why: String },
    #[error("the bundle cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Store(#[from] crate::Error),
    #[error("reading the bundle was interrupted")]
    Interrupted,
}

fn broken(why: impl Into<String>) -> BundleError {
    BundleError::Broken(why.into())
}

/// Moments as RFC 3339.
mod moment {
    use clock::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&moment.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is no moment")))
    }
}
