//! Waivers: documented, scoped, expiring exceptions from a rule (`gate.md` §5 and §8).

use std::fmt;
use std::str::FromStr;

use clock::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A decision of a person that something found shall not stop a build.
///
/// It names at least one of `vulnerability`, `rule` and `license`; everything that it names must hold. A waiver for
/// all of a package, whatever comes, is none; malware is waived by its id or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Given by the store.
    #[serde(default)]
    pub id: String,
    /// Any id of the finding's alias group.
    #[serde(default)]
    pub vulnerability: Option<String>,
    /// The stable name of the rule that would match: `vulnerability.fail_at`, `license.deny`.
    #[serde(default)]
    pub rule: Option<String>,
    /// The license expression of the component.
    #[serde(default)]
    pub license: Option<String>,
    /// `pkg:npm/minimist@<1.2.6`: a purl without version, with one, or with a range; `*` in the name.
    #[serde(default)]
    pub purl: Option<String>,
    /// Names of projects; empty means all.
    #[serde(default)]
    pub projects: Vec<String>,
    /// Names of branches, `*` allowed; empty means all.
    #[serde(default)]
    pub refs: Vec<String>,
    /// Dependency paths from (not including) the root, `name` or `name@version` joined by `>`.
    /// When not empty, a finding that is reached in any other way stays open.
    #[serde(default)]
    pub paths: Vec<String>,
    pub status: WaiverStatus,
    /// Required for `not_affected`.
    #[serde(default)]
    pub justification: Option<Justification>,
    /// Why, for people; never empty.
    pub reason: String,
    #[serde(default)]
    pub ticket: Option<String>,
    /// The last day (inclusive, UTC) on which it holds; required for `accepted_risk` and `fix_pending`.
    #[serde(default)]
    pub expires_on: Option<Day>,
    #[serde(default)]
    pub requested_by: Option<String>,
    #[serde(default)]
    pub approved_by: Option<String>,
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// What the matters looked like when the decision was made, as cause pins;
    /// a matter with another pin re-opens. Empty pins nothing.
    #[serde(default)]
    pub pins: Vec<String>,
}

/// What the person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaiverStatus {
    AcceptedRisk,
    NotAffected,
    FalsePositive,
    FixPending,
}

/// Why a product is not affected: the five values of OpenVEX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Justification {
    ComponentNotPresent,
    VulnerableCodeNotPresent,
    VulnerableCodeNotInExecutePath,
    VulnerableCodeCannotBeControlledByAdversary,
    InlineMitigationsAlreadyExist,
}

/// A day in UTC, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Timestamp);

/// The text is no `YYYY-MM-DD`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date like 2027-01-12")]
pub struct InvalidDay(String);

impl Day {
    /// The UTC day in which a moment lies.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        Self(Timestamp::default().plus_days(moment.day()))
    }

    /// Whole days from `earlier` to this day; negative when `earlier` is later.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i64 {
        self.0.day() - earlier.0.day()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.date())
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let invalid = || InvalidDay(text.to_owned());
        if text.len() != 10 {
            return Err(invalid());
        }
        text.parse().map(Self).map_err(|_| invalid())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
