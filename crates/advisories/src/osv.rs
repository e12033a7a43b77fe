//! Advisory records as databases publish them: the OSV schema, any 1.x.
//!
//! The reader is tolerant where the schema is open (unknown fields, `null` for an absent list, foreign
//! `database_specific` shapes) and strict where a mistake would change an answer (`withdrawn`, `events`).

use clock::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The largest record that is read, in bytes; the largest published ones are below 3 MiB.
pub const MAX_RECORD_BYTES: usize = 16 * 1024 * 1024;

/// Why a record is put aside instead of matched (`matching.md` §2.1).
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Not JSON, or a field of the wrong shape; the message names line and column.
    #[error("the record cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("record {id} is written in OSV schema {version}; only 1.x is understood")]
    Schema { id: String, version: String },
    #[error("the record has an empty `id`")]
    NoId,
    #[error("the record is {0} bytes long; {MAX_RECORD_BYTES} are allowed")]
    TooLarge(usize),
}

/// One advisory, as published.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    #[serde(default)]
    pub schema_version: Option<String>,
    pub id: String,
    pub modified: Timestamp,
    #[serde(default, deserialize_with = "lenient")]
    pub published: Option<Timestamp>,
    #[serde(default)]
    pub withdrawn: Option<Timestamp>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub aliases: Vec<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub related: Vec<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub upstream: Vec<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub summary: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub details: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub severity: Vec<Score>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub affected: Vec<Affected>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub references: Vec<Reference>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub database_specific: RecordSpecific,
}

/// `severity[]`: a scheme and what it says.
#[derive(Clone, Debug, Deserialize)]
pub struct Score {
    /// `CVSS_V2`, `CVSS_V3`, `CVSS_V4`, `Ubuntu`, …
    #[serde(rename = "type", default)]
    pub kind: String,
    /// A vector, or a word for schemes that have none.
    #[serde(default)]
    pub score: String,
}

/// `references[]`.
#[derive(Clone, Debug, Deserialize)]
pub struct Reference {
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub url: String,
}

/// `affected[]`: what the record says about one package.
#[derive(Clone, Debug, Deserialize)]
pub struct Affected {
    /// Absent for records about a git repository only.
    #[serde(default)]
    pub package: Option<Package>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub ranges: Vec<Range>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub versions: Vec<String>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub severity: Vec<Score>,
    #[serde(default, deserialize_with = "null_as_default")]
    pub ecosystem_specific: EcosystemSpecific,
    #[serde(default, deserialize_with = "null_as_default")]
    pub database_specific: AffectedSpecific,
}

/// `affected[].package`.
#[derive(Clone, Debug, Deserialize)]
pub struct Package {
    pub ecosystem: String,
    pub name: String,
}

/// `affected[].ranges[]`.
#[derive(Clone, Debug, Deserialize)]
pub struct Range {
    /// `SEMVER`, `ECOSYSTEM` or `GIT`.
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, deserialize_with = "null_as_default")]
    pub events: Vec<Event>,
}

/// `events[]`; the schema wants exactly one of the four.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Event {
    #[serde(default)]
    pub introduced: Option<String>,
    #[serde(default)]
    pub fixed: Option<String>,
    #[serde(default)]
    pub last_affected: Option<String>,
    #[serde(default)]
    pub limit: Option<String>,
}

/// The parts of the record's `database_specific` that are used.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RecordSpecific {
    /// GHSA: `LOW`, `MODERATE`, `HIGH`, `CRITICAL`.
    #[serde(default, deserialize_with = "lenient")]
    pub severity: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub cwe_ids: Vec<String>,
}

/// The parts of `affected[].database_specific` that are used.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct AffectedSpecific {
    /// RustSec: `unmaintained`, `unsound` or `notice`.
    #[serde(default, deserialize_with = "lenient")]
    pub informational: Option<String>,
    /// GHSA: an upper bound such as `< 0.20.2` that the events do not carry (`matching.md` §2.6).
    #[serde(default, deserialize_with = "lenient")]
    pub last_known_affected_version_range: Option<String>,
}

/// The parts of `affected[].ecosystem_specific` that are used.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct EcosystemSpecific {
    /// RustSec: targets and functions.
    #[serde(default, deserialize_with = "lenient")]
    pub affects: Affects,
    #[serde(default, deserialize_with = "lenient")]
    pub severity: Option<String>,
    /// Ubuntu.
    #[serde(default, deserialize_with = "lenient", alias = "priority")]
    pub ubuntu_priority: Option<String>,
    /// Debian.
    #[serde(default, deserialize_with = "lenient")]
    pub urgency: Option<String>,
    /// Debian's tracker: `open`, `resolved` or `undetermined`.
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<String>,
    /// Debian's tracker: why the distribution sends out no advisory of its own, `postponed` or `ignored`.
    #[serde(default, deserialize_with = "lenient")]
    pub nodsa_reason: Option<String>,
}

/// `ecosystem_specific.affects` of RustSec.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Affects {
    #[serde(default, deserialize_with = "lenient")]
    pub arch: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub os: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub functions: Vec<String>,
}

impl Record {
    /// Reads one record.
    ///
    /// # Errors
    /// When it is no OSV record of schema 1.x; an absent `schema_version` means 1.0.0.
    pub fn parse(json: &[u8]) -> Result<Self, RecordError> {
        if json.len() > MAX_RECORD_BYTES {
            return Err(RecordError::TooLarge(json.len()));
        }
        let record: Self = serde_json::from_slice(json).map_err(|error| refusal(json, error))?;
        record.admit()
    }

    fn admit(self) -> Result<Self, RecordError> {
        if self.id.trim().is_empty() {
            return Err(RecordError::NoId);
        }
        match &self.schema_version {
            Some(version) if !is_first_major(version) => Err(RecordError::Schema {
                id: self.id,
                version: version.clone(),
            }),
            _ => Ok(self),
        }
    }
}

fn is_first_major(version: &str) -> bool {
    version.split('.').next() == Some("1")
}

/// A record of another major version may fail to read at all; then its version is the better reason.
fn refusal(json: &[u8], error: serde_json::Error) -> RecordError {
    #[derive(Deserialize)]
    struct Head {
        id: String,
        schema_version: String,
    }
    match serde_json::from_slice::<Head>(json) {
        Ok(head) if !is_first_major(&head.schema_version) => RecordError::Schema {
            id: head.id,
            version: head.schema_version,
        },
        _ => RecordError::Malformed(error),
    }
}

fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Takes a value of the expected shape and ignores any other: these fields are each database's own.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + DeserializeOwned,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_fields_and_nulls_are_tolerated() {
        let record = Record::parse(
            br#"{"id":"X-1","modified":"2024-01-01T00:00:00Z","aliases":null,"future":{"a":1},
                 "published":"long ago","database_specific":{"severity":["HIGH"],"cwe_ids":"CWE-1"},
                 "affected":[{"package":{"ecosystem":"npm","name":"p","purl":"x"},"ranges":null}]}"#,
        )
        .unwrap();
        assert_eq!(record.published, None);
        assert_eq!(record.database_specific.severity, None);
        assert_eq!(record.affected.len(), 1);
    }

    #[test]
    fn only_schema_1_is_admitted() {
        let with = |version: &str| {
            let json =
                format!(r#"{{"schema_version":"{version}","id":"X-1","modified":"2024-01-01T00:00:00Z"}}"#);
            Record::parse(json.as_bytes())
        };
        for version in ["1.0.0", "1.7.5", "1.99.0", "1"] {
            assert!(with(version).is_ok(), "{version}");
        }
        for version in ["2.0.0", "0.9", "10.0.0", "x"] {
            assert!(
                matches!(with(version), Err(RecordError::Schema { .. })),
                "{version}"
            );
        }
    }

    #[test]
    fn a_foreign_major_version_is_named_even_when_its_shape_is_foreign() {
        let error = Record::parse(br#"{"schema_version":"2.0.0","id":"X-1","modified":17}"#).unwrap_err();
        assert!(error.to_string().contains("schema 2.0.0"), "{error}");
    }

    #[test]
    fn a_refusal_names_the_place() {
        let error = Record::parse(b"{\"id\":\"X-1\",\n \"modified\":17}").unwrap_err();
        assert!(error.to_string().contains("line 2 column"), "{error}");
        let error = Record::parse(br#"{"id":" ","modified":"2024-01-01T00:00:00Z"}"#).unwrap_err();
        assert!(matches!(error, RecordError::NoId));
    }
}
