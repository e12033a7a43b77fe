//! Statements about vulnerabilities that documents carry: VEX, whichever format spells it.

use serde::{Deserialize, Serialize};

use crate::{ComponentId, Property};

/// One vulnerability, what is known of it, and what somebody says it means for some components.
///
/// CycloneDX `vulnerabilities[]`, SPDX 3 `security_*` assessments, and VEX documents of other formats all fit here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VexStatement {
    /// As the document names it: `CVE-2024-1`, `GHSA-…`; empty when it only describes it.
    pub id: String,
    /// Other names of the same vulnerability.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Who names it so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Link>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ratings: Vec<Rating>,
    /// Numbers of the Common Weakness Enumeration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cwes: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workaround: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub advisories: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// `None` when the document only lists the vulnerability (a disclosure report, no VEX).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub affects: Vec<VexSubject>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

/// What somebody found out about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Analysis {
    /// `None` when the document gives none, or a word that stands for none of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<VexStatus>,
    /// The word of the document: CycloneDX `false_positive` and `not_affected` are one status and two states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Why it does not affect, as the document spells it: `code_not_reachable`, `vulnerable_code_not_present`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// `will_not_fix`, `update`, `rollback`, `workaround_available`, `can_not_fix`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_issued: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<String>,
}

/// The four statuses of VEX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VexStatus {
    NotAffected,
    Affected,
    Fixed,
    UnderInvestigation,
}

/// What a statement is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VexSubject {
    /// The reference, package URL or other name as written; a link into another document stays as it is.
    pub reference: String,
    /// The component of this document that `reference` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<ComponentId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<VexVersion>,
}

/// A version or a range (vers) and whether it is affected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VexVersion {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// `affected`, `unaffected`, `unknown`; CycloneDX means `affected` when it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rating {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// `critical`, `high`, `medium`, `low`, `info`, `none`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// `CVSSv31`, `CVSSv4`, `OWASP`, `SSVC`, `other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
}

/// A name, an address, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
