//! The policy document (`gate.md` §4 and §8): reading, checking, digest.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Action;
use crate::conduct::{MisconfigPolicy, VexPolicy, WaiverPolicy};
use crate::origin::SourcePolicy;
use crate::pointer::pointer_at;
use crate::rule_actions;
use crate::sections::{
    Informational, IntegrityPolicy, LicensePolicy, MaliciousPolicy, MetaPolicy, Relationships,
    VulnerabilityPolicy,
};

/// A policy: what may go out.
///
/// Every value has a default, which [`Policy::default`] shows; every key that no rule understands is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// The policy that this one changes; see [`Draft::over`](crate::Draft::over). Never set in one that judges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    pub vulnerability: VulnerabilityPolicy,
    pub malicious: MaliciousPolicy,
    /// Advisories that say a package has no maintainer any more; default: all of them warn.
    pub unmaintained: Informational,
    /// Advisories that say a package is unsound; default: those on direct dependencies warn.
    pub unsound: Informational,
    /// Advisories that are mere notices; default: none.
    pub notice: Informational,
    /// Packages that their maintainers advise against; default: all of them warn.
    pub deprecated: Informational,
    /// Versions that were taken back; default: all of them warn.
    pub yanked: Informational,
    pub license: LicensePolicy,
    pub source: SourcePolicy,
    pub integrity: IntegrityPolicy,
    pub misconfig: MisconfigPolicy,
    pub meta: MetaPolicy,
    pub waivers: WaiverPolicy,
    pub vex: VexPolicy,
    /// The actions of single rules, by their names or Sandworm's codes. They are written into the keys above when the
    /// document is read, so that a policy that judges has none here.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rules: BTreeMap<String, Action>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            extends: None,
            vulnerability: VulnerabilityPolicy::default(),
            malicious: MaliciousPolicy::default(),
            unmaintained: Informational::warn(Relationships::All),
            unsound: Informational::warn(Relationships::Direct),
            notice: Informational::warn(Relationships::None),
            deprecated: Informational::warn(Relationships::All),
            yanked: Informational::warn(Relationships::All),
            license: LicensePolicy::default(),
            source: SourcePolicy::default(),
            integrity: IntegrityPolicy::default(),
            misconfig: MisconfigPolicy::default(),
            meta: MetaPolicy::default(),
            waivers: WaiverPolicy::default(),
            vex: VexPolicy::default(),
            rules: BTreeMap::new(),
        }
    }
}

/// Why a document is no policy, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct PolicyError {
    /// A JSON pointer (`/license/deny/0`) or `line 3, column 1`.
    pub place: String,
    pub message: String,
}

impl PolicyError {
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
        }
    }
}

impl Policy {
    /// Reads the JSON form.
    ///
    /// # Errors
    /// When the text is not JSON, or says something that no rule understands; the place is a JSON pointer.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        read_json::<Self>(text)?.checked()
    }

    /// Reads the TOML form; the keys are those of the JSON form.
    ///
    /// # Errors
    /// As [`Policy::from_json`]; the place is a line, or a pointer when a value is well-formed but wrong.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
        policy.checked()
    }

    /// SHA-256 of the canonical JSON (all keys in documented order, defaults filled in), hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        let json = serde_json::to_vec(self).expect("a policy has string keys and no infinite numbers");
        hex::encode(Sha256::digest(json))
    }

    /// What types cannot say: ranges of numbers, ids that exist, purls that are purls.
    pub(crate) fn checked(mut self) -> Result<Self, PolicyError> {
        let rules = std::mem::take(&mut self.rules);
        rule_actions::apply(&mut self, &rules)?;
        if self.extends.as_deref().is_some_and(|name| name.trim().is_empty()) {
            return Err(PolicyError::new("/extends", "an empty name is no policy's"));
        }
        self.vulnerability.check()?;
        self.license.check()?;
        self.source.check()?;
        self.misconfig.check()?;
        self.meta.check()?;
        self.waivers.check()?;
        self.vex.check()?;
        Ok(self)
    }
}

/// Reads JSON; a mistake is told with its pointer.
pub(crate) fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, PolicyError> {
    serde_json::from_str(text).map_err(|error| json_error(text, &error))
}

fn json_error(text: &str, error: &serde_json::Error) -> PolicyError {
    let message = error.to_string();
    let what = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(what, _)| what);
    if error.is_syntax() || error.is_eof() {
        return PolicyError::new(format!("line {}, column {}", error.line(), error.column()), what);
    }
    PolicyError::new(pointer_at(text, error.line(), error.column()), what)
}

fn toml_error(text: &str, error: &toml::de::Error) -> PolicyError {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    PolicyError::new(format!("line {line}, column {column}"), error.message())
}
