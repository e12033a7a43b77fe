//! What is said about licenses.

use serde::{Deserialize, Serialize};

/// One statement about a component's license. Several claims of one source are joined by AND.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LicenseClaim {
    pub source: LicenseSource,
    /// An SPDX expression, an SPDX id, or free text as the document has it; never `NOASSERTION` or `NONE`.
    pub text: String,
    /// As what the document gives `text`; `None` when its format does not tell (lockfiles).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<LicenseForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<LicenseDetails>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LicenseSource {
    #[default]
    Declared,
    Concluded,
}

/// What the text of a claim is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LicenseForm {
    /// CycloneDX `license.id`.
    Id,
    /// CycloneDX `expression`, and what SPDX documents have.
    Expression,
    /// CycloneDX `license.name`: whatever somebody wrote.
    Name,
    /// There is nothing but the address of a license.
    Url,
}

/// What few claims say besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LicenseDetails {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The license itself, decoded, cut at [`LONGEST_LICENSE_TEXT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_text: Option<String>,
    /// The expression as it stood in the document, when `LicenseRef-`s in it were resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
}

/// Bytes that are kept of the text of a license.
pub const LONGEST_LICENSE_TEXT: usize = 64 << 10;

/// A license that a document defines itself (SPDX `hasExtractedLicensingInfos`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractedLicense {
    /// `LicenseRef-…`
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Cut at [`LONGEST_LICENSE_TEXT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub see_also: Vec<String>,
}
