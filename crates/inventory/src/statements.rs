//! VEX documents: what somebody says about the exploitability of vulnerabilities in products.
//!
//! [`read`] takes OpenVEX 0.2.0 (and 0.0.x), CSAF 2.0 and CycloneDX JSON, told apart by content. What is readable becomes
//! [`Statement`]s; what is not is listed under [`Document::skipped`] with its place and the reason, never dropped.

mod csaf;
mod cyclonedx;
mod embedded;
mod json;
mod openvex;
mod versions;

use clock::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use embedded::of_inventory;
pub use versions::VersionRange;

/// A document makes at most this many statements; more is no document that a person wrote.
const MOST_STATEMENTS: usize = 100_000;

/// A VEX document, understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// `OpenVEX`, `CSAF VEX` or `CycloneDX VEX`.
    pub format: &'static str,
    /// The document's own id; empty when it has none.
    pub id: String,
    /// Who speaks; empty when it is not said.
    pub author: String,
    pub statements: Vec<Statement>,
    pub skipped: Vec<Skipped>,
}

/// One statement: a vulnerability, products, and what holds of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Where in the document, a JSON pointer.
    pub place: String,
    pub vulnerability: String,
    /// Other ids of the same vulnerability, as the document gives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    pub products: Vec<Product>,
    pub state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Justification>,
    /// What the author adds for people; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// When it was last said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    pub id: ProductId,
    /// The parts of the product that are meant; empty means the product with all that is in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subcomponents: Vec<ProductId>,
}

/// How a product or a part of it is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductId {
    /// A package URL; without version it means all of them, or those of the `vers:` range.
    Purl {
        purl: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        range: Option<VersionRange>,
    },
    /// A component of a CycloneDX document elsewhere.
    BomLink {
        /// `urn:uuid:…`.
        serial: String,
        reference: String,
    },
    /// Any other name: an IRI, a CPE, a product id.
    Opaque(String),
}

impl ProductId {
    /// A package URL as such, anything else as an opaque name.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.starts_with("pkg:") {
            return Self::Purl {
                purl: text.to_owned(),
                range: None,
            };
        }
        cyclonedx::bom_link(text).unwrap_or_else(|| Self::Opaque(text.to_owned()))
    }

    /// As people read it.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Purl { purl, range: None } => purl.clone(),
            Self::Purl {
                purl,
                range: Some(range),
            } => format!("{purl} ({range})"),
            Self::BomLink { serial, reference } => format!("{serial}#{reference}"),
            Self::Opaque(name) => name.clone(),
        }
    }
}

/// What holds of the products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    NotAffected,
    /// The vulnerability does not exist, or not in this component.
    FalsePositive,
    Fixed,
    Affected,
    UnderInvestigation,
}

/// Why a product is not affected: the five values of OpenVEX and CSAF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Justification {
    ComponentNotPresent,
    VulnerableCodeNotPresent,
    VulnerableCodeNotInExecutePath,
    VulnerableCodeCannotBeControlledByAdversary,
    InlineMitigationsAlreadyExist,
}

impl Justification {
    /// Reads a value of OpenVEX and CSAF.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Some(match word {
            "component_not_present" => Self::ComponentNotPresent,
            "vulnerable_code_not_present" => Self::VulnerableCodeNotPresent,
            "vulnerable_code_not_in_execute_path" => Self::VulnerableCodeNotInExecutePath,
            "vulnerable_code_cannot_be_controlled_by_adversary" => {
                Self::VulnerableCodeCannotBeControlledByAdversary
            }
            "inline_mitigations_already_exist" => Self::InlineMitigationsAlreadyExist,
            _ => return None,
        })
    }
}

/// A statement that says nothing usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub place: String,
    /// The vulnerability, where one is named.
    pub vulnerability: String,
    pub why: String,
}

/// The bytes are no VEX document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct NoVex {
    /// A JSON pointer, or `line 3, column 1`.
    pub place: String,
    pub message: String,
}

impl NoVex {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }
}

/// Reads a VEX document of any known format.
///
/// # Errors
/// When the bytes are no JSON, or JSON of no VEX format.
pub fn read(bytes: &[u8]) -> Result<Document, NoVex> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Value = serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        NoVex::new(place, format!("the document is no JSON: {error}"))
    })?;
    let read = if json::text(&document, "@context").contains("openvex") {
        openvex::read(&document)?
    } else if document
        .get("document")
        .is_some_and(|head| head.get("csaf_version").is_some())
    {
        csaf::read(&document)?
    } else if json::text(&document, "bomFormat") == "CycloneDX" {
        cyclonedx::read(&document)?
    } else {
        let message =
            "it is neither OpenVEX (`@context`), CSAF (`document.csaf_version`) nor CycloneDX (`bomFormat`)";
        return Err(NoVex::new("", message));
    };
    if read.statements.len() > MOST_STATEMENTS {
        let message = format!("more than {MOST_STATEMENTS} statements");
        return Err(NoVex::new("", message));
    }
    Ok(read)
}

/// What grows while a document is read.
#[derive(Default)]
struct Statements {
    kept: Vec<Statement>,
    skipped: Vec<Skipped>,
}

impl Statements {
    fn skip(&mut self, place: &str, vulnerability: &str, why: impl Into<String>) {
        self.skipped.push(Skipped {
            place: place.to_owned(),
            vulnerability: vulnerability.to_owned(),
            why: why.into(),
        });
    }
}

#[cfg(test)]
mod tests;
