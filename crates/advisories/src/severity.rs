//! How bad: bands, scores and where they come from (`matching.md` §2.9).

use serde::{Deserialize, Serialize};

/// A qualitative band. The order is by urgency; `Unknown` sorts below `Low` and is never `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    #[default]
    Unknown,
    None,
    Low,
    Medium,
    High,
    Critical,
}

/// A band with what it was computed from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeverityRating {
    pub level: Severity,
    /// The base score, 0.0 to 10.0, when a vector was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
    /// The record that the rating is taken from; absent when nobody rated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}
