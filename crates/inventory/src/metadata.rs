//! What a document says about itself.

use serde::{Deserialize, Serialize};

use crate::{Contact, Party, Property};

/// The document's own head, without what makes every writing of it different (time, serial number).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// SPDX `name` of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Persons who made it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Contact>,
    /// Organizations who made it (SPDX `Organization:` creators).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub organizations: Vec<Party>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<Party>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<Party>,
    /// `design`, `pre-build`, `build` … or names of a tool's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lifecycles: Vec<String>,
    /// Under which the document itself may be used: `CC0-1.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_license: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

impl Metadata {
    /// The metadata, boxed, unless there are none.
    #[must_use]
    pub fn boxed(self) -> Option<Box<Self>> {
        (self != Self::default()).then(|| Box::new(self))
    }
}

/// How complete a part of the document is said to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Composition {
    /// `complete`, `incomplete`, `incomplete_first_party_only`, `unknown`, `not_specified` …
    pub aggregate: String,
    /// References of what holds everything that is nested in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assemblies: Vec<String>,
    /// References of what lists all its dependencies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
}
