//! How bad: bands, scores and where they come from (`matching.md` §2.9).

use std::cmp::Ordering;

use cvss::Cvss;
use serde::{Deserialize, Serialize};

use crate::osv;

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

impl Severity {
    /// The band of a CVSS 3 or 4 score (FIRST, "Qualitative Severity Rating Scale").
    #[must_use]
    pub fn of_score(score: f64) -> Self {
        match score {
            _ if score <= 0.0 => Self::None,
            _ if score < 4.0 => Self::Low,
            _ if score < 7.0 => Self::Medium,
            _ if score < 9.0 => Self::High,
            _ => Self::Critical,
        }
    }

    /// The band of a CVSS 2 score, as NVD draws them: there is neither *none* nor *critical*.
    #[must_use]
    pub fn of_v2_score(score: f64) -> Self {
        match score {
            _ if score < 4.0 => Self::Low,
            _ if score < 7.0 => Self::Medium,
            _ => Self::High,
        }
    }

    /// The band that a database names in words: GHSA, Ubuntu's priorities, Debian's urgencies.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        match word.trim().to_ascii_lowercase().as_str() {
            "critical" => Self::Critical,
            "high" | "important" => Self::High,
            "moderate" | "medium" => Self::Medium,
            "low" | "minor" | "negligible" | "unimportant" => Self::Low,
            "none" => Self::None,
            _ => Self::Unknown,
        }
    }
}

impl SeverityRating {
    pub(crate) fn is_known(&self) -> bool {
        self.level != Severity::Unknown
    }

    /// A rating in words, without a score.
    #[must_use]
    pub(crate) fn in_words(word: &str) -> Self {
        Self {
            level: Severity::of_word(word),
            ..Self::default()
        }
    }

    /// Ratings order by band, then by score.
    #[must_use]
    pub(crate) fn cmp_urgency(&self, other: &Self) -> Ordering {
        let score = |rating: &Self| rating.score.unwrap_or(0.0);
        let by_score = score(self).total_cmp(&score(other));
        self.level.cmp(&other.level).then(by_score)
    }
}

/// A CVSS vector that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Rated {
    /// 2.0, 3.0, 3.1 or 4.0, as a rank: a higher one is the newer generation.
    generation: u8,
    pub level: Severity,
    /// 0.0 to 10.0: the base score in CVSS 2 and 3, as NVD and GHSA show it; CVSS 4 has only one score,
    /// which its threat and environmental metrics move.
    pub score: f64,
}

/// The vector is malformed or of an unknown generation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no CVSS vector")]
pub struct NotAVector(String);

/// Computes score and band of a CVSS vector of any generation.
///
/// # Errors
/// When the text is no CVSS 2.0, 3.0, 3.1 or 4.0 vector.
pub fn rate_vector(text: &str) -> Result<Rated, NotAVector> {
    let refused = || NotAVector(text.chars().take(200).collect());
    let vector: Cvss = text.parse().map_err(|_| refused())?;
    if !is_strict(&vector, text) {
        return Err(refused());
    }
    let score = vector.score();
    let (generation, level) = match vector {
        Cvss::CvssV20(_) => (0, Severity::of_v2_score(score)),
        Cvss::CvssV30(_) => (1, Severity::of_score(score)),
        Cvss::CvssV31(_) => (2, Severity::of_score(score)),
        _ => (3, Severity::of_score(score)),
    };
    Ok(Rated {
        generation,
        level,
        score,
    })
}

/// The parser of CVSS 3 lets two faults pass: absent base metrics, which it counts as harmless, and
/// lower-case letters.
fn is_strict(vector: &Cvss, text: &str) -> bool {
    let (Cvss::CvssV30(v3) | Cvss::CvssV31(v3)) = vector else {
        return true;
    };
    let exploitability = v3.av.is_some() && v3.ac.is_some() && v3.pr.is_some() && v3.ui.is_some();
    let impact = v3.s.is_some() && v3.c.is_some() && v3.i.is_some() && v3.a.is_some();
    exploitability && impact && !text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// What the severities of a record or of one `affected[]` give.
#[derive(Debug, Default)]
pub(crate) struct Ratings {
    /// The newest generation's rating.
    pub rating: Option<SeverityRating>,
    /// What a scheme without vectors says: Ubuntu's priority.
    pub word: Option<SeverityRating>,
    /// Every vector that was understood.
    pub vectors: Vec<String>,
    /// Those that were not, one remark each.
    pub remarks: Vec<String>,
}

/// Rates each score by itself: a malformed one never hides another.
pub(crate) fn rate(scores: &[osv::Score]) -> Ratings {
    let mut ratings = Ratings::default();
    let mut newest = None;
    let mut word = None;
    for score in scores {
        if !score.kind.starts_with("CVSS") {
            word = word.or(Some(&score.score));
            continue;
        }
        match rate_vector(&score.score) {
            Ok(rated) => {
                ratings.vectors.push(score.score.clone());
                if newest.as_ref().is_none_or(|(best, _)| rated.beats(best)) {
                    newest = Some((rated, &score.score));
                }
            }
            Err(error) => ratings.remarks.push(error.to_string()),
        }
    }
    ratings.word = word.map(|word| SeverityRating::in_words(word));
    ratings.rating = match newest {
        Some((rated, vector)) => Some(rated.into_rating(vector)),
        None => ratings.word.clone(),
    };
    ratings
}

impl Rated {
    fn beats(&self, other: &Self) -> bool {
        (self.generation, self.score) > (other.generation, other.score)
    }

    fn into_rating(self, vector: &str) -> SeverityRating {
        SeverityRating {
            level: self.level,
            score: Some(self.score),
            vector: Some(vector.to_owned()),
            source: None,
        }
    }
}
