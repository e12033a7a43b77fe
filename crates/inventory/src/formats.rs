//! Reading documents, one module per format.
//!
//! [`read`] takes the bytes as they were uploaded: it inflates, names the format by its content and hands the text
//! to the format's reader. What is broken in one component costs that component or field and becomes a notice;
//! only a document that makes no sense as a whole is refused.

mod assembly;
mod attachment;
mod budget;
mod cycles;
mod cyclonedx;
mod cyclonedx_json;
mod envelope;
mod error;
mod facts;
mod json;
mod lenient;
mod licenses;
mod node;
mod notices;
mod open;
mod ownership;
mod place;
mod provenance;
mod sniff;
mod source_package;
mod spdx;
mod spdx3;
mod spdx_json;
mod write;
mod xml;
mod yaml;

use crate::{Inventory, Level, LicenseClaim, Notice};

pub use error::{ReadError, ReadErrorKind};
pub use open::{Document, open};
pub use sniff::{Format, sniff};
pub use write::{Export, Heading, UnknownExport, write};

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

/// Licenses, hashes, properties and the like that one component keeps; real ones have a handful.
const MOST_DETAILS: usize = 1_000;
/// Bytes that are kept of a text for people: descriptions, notes, comments.
const LONGEST_TEXT: usize = 16 << 10;
/// Bytes that are kept of a short text: names of persons, addresses, values of properties.
const LONGEST_VALUE: usize = 4 << 10;

/// The longest beginning of at most `most` bytes that ends between characters.
fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// Adds what is not there yet, up to a bound that keeps looking for it cheap.
fn extend_distinct<T: PartialEq>(list: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for item in more {
        if list.len() < MOST_DETAILS && !list.contains(&item) {
            list.push(item);
        }
    }
}

/// Adds claims that say something new; who says the same twice gives an address only once.
fn extend_claims(claims: &mut Vec<LicenseClaim>, more: impl IntoIterator<Item = LicenseClaim>) {
    for claim in more {
        let is_known = |known: &LicenseClaim| (known.source, &known.text) == (claim.source, &claim.text);
        if claims.len() < MOST_DETAILS && !claims.iter().any(is_known) {
            claims.push(claim);
        }
    }
}

impl Document<'_> {
    /// Reads the opened document with the reader of its format.
    pub fn read(&self, limits: &Limits) -> Result<(Inventory, Vec<Notice>), ReadError> {
        let (inventory, mut notices) = self.read_inside(limits)?;
        notices.extend(self.layers.iter().map(|layer| Notice {
            code: "envelope_opened".to_owned(),
            level: Level::Info,
            place: String::new(),
            text: format!(
                "the document was in {layer}, whose signature was not checked; places are those inside"
            ),
        }));
        Ok((inventory, notices))
    }

    fn read_inside(&self, limits: &Limits) -> Result<(Inventory, Vec<Notice>), ReadError> {
        match self.format {
            Format::CycloneDxJson => cyclonedx_json::read(self.text()?, limits),
            Format::CycloneDxXml => cyclonedx::xml::read(self.text()?, limits),
            Format::CycloneDxProtobuf => cyclonedx::protobuf::read(self.bytes(), limits),
            Format::SpdxJson => spdx_json::read(self.text()?, limits),
            Format::SpdxTagValue => spdx::tag_value::read(self.text()?, limits),
            Format::SpdxYaml => spdx::tree::read_yaml(self.text()?, limits),
            Format::SpdxXml => spdx::tree::read_xml(self.text()?, limits),
            Format::SpdxRdf => spdx::rdf::read(self.text()?, limits),
            Format::Spdx3JsonLd => spdx3::read(self.text()?, limits),
        }
    }
}
