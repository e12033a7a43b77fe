//! One record about one package, compiled: what the store keeps and the matcher reads.

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::range::{Bound, Ending, Range};
use crate::{Class, SeverityRating, Subject};

/// Changes whenever stored entries must be compiled anew from their records.
pub const ENTRY_FORMAT: u16 = 2;

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
    /// CVEs that a distribution's erratum is about without being derived from one.
    #[serde(rename = "cv", default, skip_serializing_if = "Vec::is_empty")]
    pub concerns: Vec<String>,
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
    /// One for each `affected[]` about this package, in any release.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
}

/// What one `affected[]` says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The release of the distribution that it is about, in the form of
    /// [`Distribution::release`](ecosystems::Distribution::release); absent when the record names none.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The stream of a module (`nodejs:14`) whose builds it is about; empty when it is about builds of some
    /// module and does not say which. Absent for packages outside of modules.
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// What it names as fixed is to be had by paying customers only.
    #[serde(rename = "y", default, skip_serializing_if = "is_false")]
    pub restricted: bool,
    /// What the distribution itself says about the flaw.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub stance: Option<Stance>,
    /// Its `fixed` events, ascending, without repetition.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<Bound>,
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

/// What a distribution has decided about a flaw in a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// It will be fixed with something else later.
    Deferred,
    /// It will not be fixed.
    WontFix,
    /// It is not known whether the release is affected: shown, and never a reason to block.
    UnderInvestigation,
    /// It is of no consequence there: shown, and never a reason to block.
    Negligible,
    /// The release no longer gets fixes for this package.
    Unsupported,
}

impl Stance {
    /// Whether the distribution itself does not hold the flaw for a vulnerability of the release.
    pub(crate) const fn is_no_accusation(self) -> bool {
        matches!(self, Self::UnderInvestigation | Self::Negligible)
    }

    /// The remark for the evidence.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Deferred => "the distribution has put the fix off",
            Self::WontFix => "the distribution will not fix it in this release",
            Self::UnderInvestigation => {
                "the distribution has not determined yet whether this release is affected"
            }
            Self::Negligible => "the distribution holds it for unimportant",
            Self::Unsupported => "the distribution no longer supports this package in this release",
        }
    }
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

    /// The versions in which the record is mended, for whoever has the subject; in no order.
    pub(crate) fn fixed_for<'e>(&'e self, subject: &'e Subject<'_>) -> impl Iterator<Item = &'e Bound> {
        let claims = self
            .claims
            .iter()
            .filter(|claim| !claim.restricted && subject.is_meant_by(claim));
        claims.flat_map(|claim| &claim.fixed)
    }

    /// The ranges and lists of the record, for people.
    pub(crate) fn describe(&self, subject: &Subject<'_>) -> String {
        let claims = self.claims.iter().filter(|claim| subject.is_meant_by(claim));
        let claims = claims.map(Claim::describe);
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
