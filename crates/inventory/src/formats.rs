//! Reading documents, one module per format.
//!
//! [`read`] takes the bytes as they were uploaded: it inflates, names the format by its content and hands the text
//! to the format's reader. What is broken in one component costs that component or field and becomes a notice;
//! only a document that makes no sense as a whole is refused.

mod assembly;
mod cyclonedx;
mod cyclonedx_json;
mod error;
mod json;
mod lenient;
mod licenses;
mod notices;
mod open;
mod ownership;
mod place;
mod provenance;
mod sniff;
mod source_package;
mod spdx;
mod spdx_json;

use crate::{Inventory, Notice};

pub use error::{ReadError, ReadErrorKind};
pub use open::{Document, open};
pub use sniff::{Format, sniff};

/// What a document may cost. Over a limit it is refused as [`ReadErrorKind::TooLarge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after inflating.
    pub inflated: usize,
    pub components: usize,
    /// Before duplicates are dropped.
    pub edges: usize,
    /// Components within components. JSON readers stop earlier: their parser allows 128 levels of any kind.
    pub nesting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inflated: 64 << 20,
            components: 500_000,
            edges: 5_000_000,
            nesting: 200,
        }
    }
}

/// Reads an uploaded document of any known format.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<(Inventory, Vec<Notice>), ReadError> {
    open(bytes, limits)?.read(limits)
}

/// Licenses or hashes that one component keeps; real ones have a handful.
const MOST_DETAILS: usize = 1_000;

/// Adds what is not there yet, up to a bound that keeps looking for it cheap.
fn extend_distinct<T: PartialEq>(list: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for item in more {
        if list.len() < MOST_DETAILS && !list.contains(&item) {
            list.push(item);
        }
    }
}

impl Document<'_> {
    /// Reads the opened document with the reader of its format.
    pub fn read(&self, limits: &Limits) -> Result<(Inventory, Vec<Notice>), ReadError> {
        match self.format {
            Format::CycloneDxJson => cyclonedx_json::read(self.text()?, limits),
            Format::SpdxJson => spdx_json::read(self.text()?, limits),
            unread => Err(ReadError::unsupported(unread)),
        }
    }
}
