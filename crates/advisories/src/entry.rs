//! One record about one package, compiled: what the store keeps and the matcher reads.

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::range::{Bound, Ending, Range};
use crate::{Class, SeverityRating};

/// Changes whenever stored entries must be compiled anew from their records.
pub const ENTRY_FORMAT: u16 = 1;

/// Everything that matching needs from one record about one package, and nothing else.
///
/// It is self-contained: no other row is read to match it. Field names are short in the stored form only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub id: String,
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Ids that the record was derived from: the CVE behind a distribution's own advisory.
    #[serde(rename = "up", default, skip_serializing_if = "Vec::is_empty")]
    pub upstream: Vec<String>,
    #[serde(rename = "m", with = "millis")]
    pub modified: Timestamp,
    #[serde(
        rename = "p",
        with = "optional_millis",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub published: Option<Timestamp>,
    /// A withdrawn entry matches nothing; it is kept to explain what it once said.
    #[serde(rename = "w", default, skip_serializing_if = "is_false")]
    pub withdrawn: bool,
    /// Whether the record comes from the ecosystem's own database (RUSTSEC, PYSEC, …).
    #[serde(rename = "n", default, skip_serializing_if = "is_false")]
    pub native: bool,
    #[serde(rename = "k")]
    pub class: Class,
    #[serde(rename = "s", default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// The record's own rating; `Unknown` when it has none. The source is the record itself.
    #[serde(rename = "r", default, skip_serializing_if = "is_unrated")]
    pub rating: SeverityRating,
    /// Every CVSS vector of the record that is well-formed.
    #[serde(rename = "v", default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<String>,
    /// One for each `affected[]` about this package.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// The `fixed` events of all claims, ascending, without repetition.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<Bound>,
}

/// What one `affected[]` says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Ranges other than `GIT`, each evaluated by itself.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Range>,
    /// Listed versions that no range covers already, ascending.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub listed: Vec<Bound>,
    /// Listed versions that do not parse: they match by their exact text.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub literal: Vec<String>,
    /// An upper bound that GHSA wrote outside the events (`matching.md` §2.6).
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<(Ending, Bound)>,
    /// The claim has ranges, but all are of commits.
    #[serde(rename = "g", default, skip_serializing_if = "is_false")]
    pub git_only: bool,
    /// The rating of this `affected[]`, which goes before the record's.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<SeverityRating>,
    /// CPU architectures that are affected; none means all.
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    pub arch: Vec<String>,
    /// Operating systems that are affected; none means all.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub os: Vec<String>,
    /// Functions that must be called to be affected; evidence, never a filter.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<String>,
}

/// Stored bytes are no entry, or an entry of another format.
#[derive(Debug, thiserror::Error)]
#[error("the stored entry cannot be read: {0}")]
pub struct UnreadableEntry(#[from] serde_json::Error);

impl Entry {
    /// The stored form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings, numbers and lists always serialise")
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the bytes were not written by [`Entry::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, UnreadableEntry> {
        Ok(serde_json::from_slice(bytes)?)
    }

    /// The rating that a matched claim gives: its own, else the record's. The source is filled in.
    pub(crate) fn rating_of(&self, claim: &Claim) -> SeverityRating {
        let mut rating = claim.rating.clone().unwrap_or_else(|| self.rating.clone());
        rating.source = (rating.level != crate::Severity::Unknown).then(|| self.id.clone());
        rating
    }

    /// The ranges and lists of the record, for people.
    pub(crate) fn describe(&self) -> String {
        let claims = self.claims.iter().map(Claim::describe);
        let texts: Vec<String> = claims.filter(|text| !text.is_empty()).collect();
        abbreviate(texts.join("; "))
    }
}

impl Claim {
    /// A claim without ranges and versions says nothing (`matching.md` §2.4.8).
    pub(crate) fn is_silent(&self) -> bool {
        self.ranges.is_empty() && self.listed.is_empty() && self.literal.is_empty() && !self.git_only
    }

    fn describe(&self) -> String {
        let mut texts: Vec<String> = self.ranges.iter().map(ToString::to_string).collect();
        if let Some((ending, bound)) = &self.ceiling {
            texts.push(ceiling_note(*ending, bound));
        }
        let listed = self.listed.len() + self.literal.len();
        if listed > 0 {
            texts.push(format!("{listed} listed versions"));
        }
        texts.join("; ")
    }
}

/// The remark that the upper bound is not from the events.
pub(crate) fn ceiling_note(ending: Ending, bound: &Bound) -> String {
    let operator = if ending == Ending::LastAffected { "<=" } else { "<" };
    format!("upper bound from database_specific: {operator} {}", bound.text)
}

/// Evidence is for people; a record may have thousands of intervals.
fn abbreviate(text: String) -> String {
    const LIMIT: usize = 240;
    match text.char_indices().nth(LIMIT) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_unrated(rating: &SeverityRating) -> bool {
    *rating == SeverityRating::default()
}

/// Times as milliseconds: a feed's entries hold two each, and parsing dates would dominate loading them.
mod millis {
    use clock::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.millis())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp::from_millis)
    }
}

mod optional_millis {
    use clock::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde hands a reference")]
    pub(super) fn serialize<S: Serializer>(
        time: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        time.map(Timestamp::millis).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp::from_millis))
    }
}
