//! How good a bill of materials is, with reasons.
//!
//! Each [`Criterion`] asks one thing of the document or of its packages and counts what meets it; `docs/exports.md`
//! defines them for users. A criterion that does not apply (a lockfile has no author, a document without packages no
//! versions) is absent and weighs nothing, so that it can neither lower nor raise the score.

mod criteria;
#[cfg(test)]
mod tests;

use inventory::Inventory;
use serde::{Deserialize, Serialize};

/// Components that are named as examples of what is missing.
pub const MOST_MISSING: usize = 10;

/// The quality of one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// Always `quality/1`: what is asked, and how much each answer weighs.
    pub schema: String,
    /// 0 to 100: the weighted mean of the shares; absent when nothing could be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u32>,
    /// In the order of [`Asked`]; those that do not apply are absent.
    pub criteria: Vec<Criterion>,
}

/// One thing that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    pub id: Asked,
    /// Whether it is one of the minimum elements of the NTIA.
    pub ntia: bool,
    pub weight: u32,
    /// What meets it, in hundredths of a percent.
    pub share: u32,
    /// How many of `of` meet it. Of a question to the document itself, `of` is 1.
    pub met: u32,
    pub of: u32,
    /// Components that do not meet it, `name@version`, the first [`MOST_MISSING`] of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Each package says who supplies, makes or publishes it.
    Supplier,
    /// Each package has a name of its own.
    Name,
    Version,
    /// Each package has a package URL, a CPE or a SWID tag.
    Identifier,
    /// Each package stands in some relation to another.
    Relationship,
    /// The document says who made it; a tool alone is half an answer.
    Author,
    /// The document says when it was made.
    Timestamp,
    /// Each package is named so that advisories can be looked up: package URL of a known ecosystem, and version.
    Matchable,
    /// The root leads to each package by dependencies.
    Graph,
    /// Each package has a license that can be told.
    License,
    /// Each package has a hash.
    Hash,
}

impl Asked {
    pub const ALL: [Self; 11] = [
        Self::Supplier,
        Self::Name,
        Self::Version,
        Self::Identifier,
        Self::Relationship,
        Self::Author,
        Self::Timestamp,
        Self::Matchable,
        Self::Graph,
        Self::License,
        Self::Hash,
    ];

    /// The stable word, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supplier => "supplier",
            Self::Name => "name",
            Self::Version => "version",
            Self::Identifier => "identifier",
            Self::Relationship => "relationship",
            Self::Author => "author",
            Self::Timestamp => "timestamp",
            Self::Matchable => "matchable",
            Self::Graph => "graph",
            Self::License => "license",
            Self::Hash => "hash",
        }
    }

    /// How much it counts; together 100.
    #[must_use]
    pub const fn weight(self) -> u32 {
        match self {
            Self::Matchable => 20,
            Self::Supplier
            | Self::Version
            | Self::Identifier
            | Self::Relationship
            | Self::Graph
            | Self::License => 10,
            Self::Name | Self::Author | Self::Timestamp | Self::Hash => 5,
        }
    }

    /// Whether it is one of the minimum elements of the NTIA.
    #[must_use]
    pub const fn is_ntia(self) -> bool {
        !matches!(self, Self::Matchable | Self::Graph | Self::License | Self::Hash)
    }
}

/// Assesses an inventory as it was read, with the time that its document gives.
#[must_use]
pub fn quality(inventory: &Inventory) -> Quality {
    let criteria = criteria::answers(inventory);
    Quality {
        schema: "quality/1".to_owned(),
        score: score(&criteria),
        criteria,
    }
}

fn score(criteria: &[Criterion]) -> Option<u32> {
    let weights: u32 = criteria.iter().map(|criterion| criterion.weight).sum();
    let points: u32 = criteria
        .iter()
        .map(|criterion| criterion.weight * criterion.share)
        .sum();
    // Nothing but everything is 100.
    (weights > 0).then(|| points / (weights * 100))
}
