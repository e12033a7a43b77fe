//! What matching one package version against all records of its package gives.

use clock::Timestamp;
use ecosystems::Step;
use serde::{Deserialize, Serialize};

use crate::SeverityRating;

/// Everything known about one package version. Stored once per version for the whole portfolio.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MatchResult {
    /// One entry per alias group that affects the version, worst first.
    pub affected: Vec<VulnerabilityMatch>,
    /// Records (grouped by alias) that could not be decided and that no affected group contains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undetermined: Vec<Undetermined>,
}

/// One alias group that affects the version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VulnerabilityMatch {
    /// The id to show: the only CVE, else the ecosystem's native id, else GHSA, else the least (§2.8).
    pub canonical: String,
    /// All ids of the group, sorted, `canonical` among them.
    pub ids: Vec<String>,
    /// Ids that its records were derived from or are about without being another name for them: the CVEs
    /// behind an advisory of a distribution. Sorted; none of them is in `ids`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<String>,
    pub class: Class,
    pub summary: String,
    pub severity: SeverityRating,
    /// Every CVSS vector that the group's records carry, as `(record id, vector)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Timestamp>,
    pub evidence: Evidence,
    pub fix: Fix,
}

/// What kind of statement the group makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    Malicious,
    Vulnerability,
    Unsound,
    Unmaintained,
    Notice,
}

impl Class {
    /// The word that JSON uses, too.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Malicious => "malicious",
            Self::Vulnerability => "vulnerability",
            Self::Unsound => "unsound",
            Self::Unmaintained => "unmaintained",
            Self::Notice => "notice",
        }
    }
}

/// Why the matcher says what it says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The range that matched, for people: `introduced 0, fixed 1.2.6`, or `listed version 1.2.0`.
    pub range: String,
    /// The records that say *affected*, then those that disagree.
    pub records: Vec<RecordRef>,
    /// Records of the group disagree about this version; affected wins.
    #[serde(default)]
    pub disputed: bool,
    /// The native database withdrew its record but a mirror is live.
    #[serde(default)]
    pub partially_withdrawn: bool,
    /// Remarks such as `upper bound from database_specific` or `functions: x::y`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordRef {
    pub id: String,
    pub modified: Timestamp,
    /// Whether this record says *affected*.
    pub affected: bool,
    /// The range or list of this record that decided, for people.
    pub range: String,
    /// Why this record could not be decided for the version, where it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
}

/// Why something is not determined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    pub reason: UndeterminedReason,
    /// What could not be read: the version, or the event.
    pub detail: String,
}

/// What to upgrade to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// The least version that no live vulnerability of the package affects; where there is none, the least
    /// one that mends this group and brings nothing new (§2.10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Step>,
    /// `fixed` events of this group, least first, above the current version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed_in: Vec<String>,
    /// Canonical ids of vulnerabilities that affect `version` too: no version is free of all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remaining: Vec<String>,
}

/// A record group about which nothing can be said for this version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undetermined {
    pub canonical: String,
    pub ids: Vec<String>,
    pub reason: UndeterminedReason,
    /// What could not be read: the version, or the event.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndeterminedReason {
    NoVersion,
    UnparseableVersion,
    UnparseableEvent,
    RangeNotDeclaredExact,
    UnsupportedEcosystem,
    GitOnly,
    /// The release of the distribution is not known, and each is mended by itself.
    ReleaseUnknown,
}
