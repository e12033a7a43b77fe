//! The sections of a policy document, with the default of every value.

use std::collections::BTreeMap;
use std::fmt;

use advisories::Severity;
use inventory::Scope;
use licenses::{Entry, GnuOrLater, Permission, Rules};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::clarification::LicenseClarification;
use crate::purls::PurlPattern;
use crate::{Action, PolicyError};

/// `vulnerability`: known vulnerabilities of components.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VulnerabilityPolicy {
    /// The least severity that fails. Default `high`.
    pub fail_at: Threshold,
    /// The least severity that warns. Default `low`: everything that is known is at least a warning.
    pub warn_at: Threshold,
    /// How a vulnerability that nobody rated is judged. Default `warn`.
    pub unknown_severity: UnknownSeverity,
    /// Whether severity and EPSS fail only what has a fix; what has none then warns. Default `true`.
    pub only_fixable: bool,
    /// The least EPSS probability (0 to 1) that fails, whatever the severity. Default none.
    pub min_epss: Option<f64>,
    /// What is done about known exploited vulnerabilities, whatever the severity and the fix. Default `fail`.
    pub kev: Action,
    /// Which dependencies are judged; findings in others are listed only. Default `["prod"]`.
    pub scope: Vec<ScopeName>,
    /// Default both. A component whose place in the graph is not known counts as both.
    pub relationship: Vec<Relationship>,
    /// Days from the first sight of a finding during which it warns instead of failing, by severity. Default none.
    pub grace_days: BTreeMap<Threshold, u32>,
    /// Whether only findings that the baseline does not have can fail; the others then warn. Default `false`.
    pub only_new: bool,
}

impl Default for VulnerabilityPolicy {
    fn default() -> Self {
        Self {
            fail_at: Threshold::High,
            warn_at: Threshold::Low,
            unknown_severity: UnknownSeverity::Warn,
            only_fixable: true,
            min_epss: None,
            kev: Action::Fail,
            scope: vec![ScopeName::Prod],
            relationship: vec![Relationship::Direct, Relationship::Transitive],
            grace_days: BTreeMap::new(),
            only_new: false,
        }
    }
}

impl VulnerabilityPolicy {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        let error =
            |key: &str, message: &str| Err(PolicyError::new(format!("/vulnerability/{key}"), message));
        if self.min_epss.is_some_and(|epss| !(0.0..=1.0).contains(&epss)) {
            return error("min_epss", "a probability is between 0 and 1");
        }
        if self.warn_at > self.fail_at {
            return error(
                "warn_at",
                "it is above fail_at, so that some findings would fail but never warn",
            );
        }
        if self.scope.is_empty() {
            return error(
                "scope",
                "an empty list would judge nothing; name `prod`, `dev` or both",
            );
        }
        if self.relationship.is_empty() {
            return error(
                "relationship",
                "an empty list would judge nothing; name `direct`, `transitive` or both",
            );
        }
        match self
            .grace_days
            .iter()
            .find(|(level, days)| **level == Threshold::Never || **days > 3650)
        {
            Some((Threshold::Never, _)) => error("grace_days/never", "`never` is no severity"),
            Some(_) => error("grace_days", "more than 3650 days are no period of grace"),
            None => Ok(()),
        }
    }

    /// Whether findings in components of this scope are judged.
    #[must_use]
    pub fn judges(&self, scope: Scope) -> bool {
        self.scope.contains(&ScopeName::of(scope))
    }
}

/// A severity as a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Threshold {
    Low,
    Medium,
    High,
    Critical,
    /// No severity reaches it.
    Never,
}

impl Threshold {
    /// The threshold that this severity just reaches; `None` for what is rated harmless or not rated.
    #[must_use]
    pub fn of(severity: Severity) -> Option<Self> {
        match severity {
            Severity::Critical => Some(Self::Critical),
            Severity::High => Some(Self::High),
            Severity::Medium => Some(Self::Medium),
            Severity::Low => Some(Self::Low),
            Severity::None | Severity::Unknown => None,
        }
    }

    /// The word in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
            Self::Never => "never",
        }
    }
}

/// How a vulnerability without a rating is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownSeverity {
    AsLow,
    AsMedium,
    AsHigh,
    AsCritical,
    Ignore,
    Warn,
    Fail,
}

/// Whether a dependency ships. Optional dependencies do; development and excluded ones do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScopeName {
    Prod,
    Dev,
}

impl ScopeName {
    #[must_use]
    pub fn of(scope: Scope) -> Self {
        match scope {
            Scope::Required | Scope::Optional => Self::Prod,
            Scope::Dev | Scope::Excluded => Self::Dev,
        }
    }
}

/// Whether the product itself names the dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relationship {
    Direct,
    Transitive,
}

/// `malicious`: packages that are malware. They are judged in every scope, since installing them is enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaliciousPolicy {
    /// Default `fail`.
    pub action: Action,
}

impl Default for MaliciousPolicy {
    fn default() -> Self {
        Self { action: Action::Fail }
    }
}

/// `unmaintained`, `unsound`, `notice`: statements about a package that are no vulnerability.
///
/// In a document either `"direct"` or `{"relationship":"direct","action":"fail"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Informational {
    pub relationship: Relationships,
    /// Default `warn`.
    pub action: Action,
}

impl Informational {
    #[must_use]
    pub const fn warn(relationship: Relationships) -> Self {
        Self {
            relationship,
            action: Action::Warn,
        }
    }
}

/// Which dependencies a statement is judged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relationships {
    All,
    Direct,
    Transitive,
    None,
}

impl Relationships {
    /// Whether a component is among them; one whose place is not known is among all but none.
    #[must_use]
    pub fn contains(self, direct: Option<bool>) -> bool {
        match self {
            Self::All => true,
            Self::Direct => direct != Some(false),
            Self::Transitive => direct != Some(true),
            Self::None => false,
        }
    }
}

impl<'de> Deserialize<'de> for Informational {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InformationalVisitor)
    }
}

struct InformationalVisitor;

impl<'de> Visitor<'de> for InformationalVisitor {
    type Value = Informational;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all, direct, transitive, none, or an object with `relationship` and `action`")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Informational, E> {
        Relationships::deserialize(de::value::StrDeserializer::new(word)).map(Informational::warn)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Informational, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            relationship: Relationships,
            action: Option<Action>,
        }
        let whole = Whole::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Informational {
            relationship: whole.relationship,
            action: whole.action.unwrap_or(Action::Warn),
        })
    }
}

/// `license`: what may be done with licenses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LicensePolicy {
    /// Ids, expressions and `cat:` categories that pass. When empty, every listed license passes that is neither
    /// denied nor in review; otherwise what is on no list needs a review. Default empty.
    pub allow: Vec<Entry>,
    /// What a person must look at; it warns. Default empty.
    pub review: Vec<Entry>,
    /// What fails. Default `AGPL-3.0-only`, `AGPL-3.0-or-later`, `SSPL-1.0`.
    pub deny: Vec<Entry>,
    /// A statement that names no license that is known. Default `review`.
    pub unknown: Permission,
    /// A component without any statement. Default `review`.
    pub missing: Permission,
    /// A component that says that no rights are granted (npm's `UNLICENSED`). Default `fail`.
    pub unlicensed: Action,
    /// Whether development dependencies are judged. Default `false`.
    pub include_dev: bool,
    /// Default `strict`.
    pub gnu_or_later: GnuOrLater,
    /// Packages whose license is accepted by name. Default none.
    pub exceptions: Vec<LicenseException>,
    /// A license that the Open Source Initiative has not approved. Default `ignore`.
    #[serde(skip_serializing_if = "Action::is_ignore")]
    pub not_osi_approved: Action,
    /// A statement that uses an id which the SPDX list deprecates. Default `ignore`.
    #[serde(skip_serializing_if = "Action::is_ignore")]
    pub deprecated_id: Action,
    /// A license that nobody has sorted into a category. Default `ignore`.
    #[serde(skip_serializing_if = "Action::is_ignore")]
    pub uncategorized: Action,
    /// An expression of more than two licenses, or with an exception. Default `ignore`, since whole expressions are
    /// judged.
    #[serde(skip_serializing_if = "Action::is_ignore")]
    pub involved: Action,
    /// What the license of certain bytes is, whatever documents say. Default none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clarifications: Vec<LicenseClarification>,
}

impl Default for LicensePolicy {
    fn default() -> Self {
        let denied = ["AGPL-3.0-only", "AGPL-3.0-or-later", "SSPL-1.0"];
        Self {
            allow: Vec::new(),
            review: Vec::new(),
            deny: denied.iter().filter_map(|id| id.parse().ok()).collect(),
            unknown: Permission::Review,
            missing: Permission::Review,
            unlicensed: Action::Fail,
            include_dev: false,
            gnu_or_later: GnuOrLater::Strict,
            exceptions: Vec::new(),
            not_osi_approved: Action::Ignore,
            deprecated_id: Action::Ignore,
            uncategorized: Action::Ignore,
            involved: Action::Ignore,
            clarifications: Vec::new(),
        }
    }
}

impl LicensePolicy {
    /// The lists, ready to be asked. With an empty list of allowed licenses, what is on no list passes.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let unlisted = if self.allow.is_empty() {
            Permission::Allow
        } else {
            Permission::Review
        };
        Rules::new(&self.allow, &self.review, &self.deny)
            .unlisted(unlisted)
            .unknown(self.unknown)
            .gnu_or_later(self.gnu_or_later)
    }

    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        for (list, entries) in [
            ("allow", &self.allow),
            ("review", &self.review),
            ("deny", &self.deny),
        ] {
            for (index, entry) in entries.iter().enumerate() {
                check_entry(&format!("/license/{list}/{index}"), entry)?;
            }
        }
        for (index, exception) in self.exceptions.iter().enumerate() {
            exception.check(&format!("/license/exceptions/{index}"))?;
        }
        for (index, clarification) in self.clarifications.iter().enumerate() {
            clarification.check(&format!("/license/clarifications/{index}"))?;
        }
        Ok(())
    }
}

pub(crate) fn check_entry(place: &str, entry: &Entry) -> Result<(), PolicyError> {
    match entry.unknown_word() {
        None => Ok(()),
        Some(word) => {
            let message =
                format!("`{word}` is no id on the SPDX list; write `LicenseRef-…` for a license of your own");
            Err(PolicyError::new(place, message))
        }
    }
}

/// A package whose license is accepted although the lists say otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenseException {
    /// As in a waiver: with or without version or range.
    pub purl: PurlPattern,
    /// The license that is accepted; another one, as after an update, is judged as ever.
    pub license: Entry,
    /// Why, for people.
    pub reason: String,
}

impl LicenseException {
    fn check(&self, place: &str) -> Result<(), PolicyError> {
        if self.reason.trim().is_empty() {
            return Err(PolicyError::new(
                format!("{place}/reason"),
                "an exception needs a reason",
            ));
        }
        check_entry(&format!("{place}/license"), &self.license)
    }
}

/// `integrity`: hashes of components.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntegrityPolicy {
    /// Components without a hash. Default `ignore`, since many formats carry none; the check is then not made.
    pub missing: Action,
}

impl Default for IntegrityPolicy {
    fn default() -> Self {
        Self {
            missing: Action::Ignore,
        }
    }
}

/// `meta`: whether enough is known for a verdict at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetaPolicy {
    /// A feed older than this warns, in hours. Default 48.
    pub max_feed_age_hours: u32,
    /// A feed older than this makes the verdict indeterminate, in hours. Default 120.
    pub feed_expiry_hours: u32,
    /// Components that may be left unchecked, as a number of components. Default 0.
    pub max_undetermined: u32,
    /// A document without components. Default `indeterminate`.
    pub empty_sbom: Action,
    /// A document that says of itself that it is not complete. Default `indeterminate`.
    pub incomplete_sbom: Action,
}

impl Default for MetaPolicy {
    fn default() -> Self {
        Self {
            max_feed_age_hours: 48,
            feed_expiry_hours: 120,
            max_undetermined: 0,
            empty_sbom: Action::Indeterminate,
            incomplete_sbom: Action::Indeterminate,
        }
    }
}

impl MetaPolicy {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        if self.feed_expiry_hours < self.max_feed_age_hours {
            return Err(PolicyError::new(
                "/meta/feed_expiry_hours",
                "it is below max_feed_age_hours",
            ));
        }
        Ok(())
    }
}
