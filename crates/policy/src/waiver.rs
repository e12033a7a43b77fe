//! Waivers: documented, scoped, expiring exceptions from a rule (`gate.md` §5 and §8).

use std::fmt;
use std::str::FromStr;

use clock::Timestamp;
use licenses::Entry;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::codes::Alias;
use crate::{PolicyError, PurlPattern};

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

impl Waiver {
    /// What keeps it from being saved; empty when it is sound. `max_days` is the longest time it may hold.
    ///
    /// Only new or changed waivers are checked: one that is over stays as it is, for the record.
    #[must_use]
    pub fn check(&self, now: Timestamp, max_days: u32) -> Vec<PolicyError> {
        [
            self.check_target(),
            self.check_rule(),
            self.check_purl(),
            self.check_license(),
            self.check_words(),
            self.check_end(now, max_days),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether somebody other than who asked for it has approved it.
    #[must_use]
    pub fn is_approved_by_another(&self) -> bool {
        self.approved_by.is_some() && self.approved_by != self.requested_by
    }

    fn check_target(&self) -> Option<PolicyError> {
        let named = self.vulnerability.is_some() || self.rule.is_some() || self.license.is_some();
        (!named).then(|| PolicyError::new("", "a waiver names a vulnerability, a rule or a license"))
    }

    /// A rule that no policy knows is met by nothing, which `unused` shows; a code that is none is a slip of the pen.
    fn check_rule(&self) -> Option<PolicyError> {
        let error = Alias::read(self.rule.as_deref()?)?.err()?;
        Some(PolicyError::new("/rule", error.to_string()))
    }

    fn check_purl(&self) -> Option<PolicyError> {
        let error = self.purl.as_deref()?.parse::<PurlPattern>().err()?;
        Some(PolicyError::new("/purl", error.to_string()))
    }

    fn check_license(&self) -> Option<PolicyError> {
        let text = self.license.as_deref()?;
        let known = text
            .parse::<Entry>()
            .is_ok_and(|entry| matches!(entry, Entry::Expression(_)) && entry.unknown_word().is_none());
        (!known).then(|| {
            PolicyError::new(
                "/license",
                format!("`{text}` is no license expression that is known"),
            )
        })
    }

    fn check_words(&self) -> Option<PolicyError> {
        if self.reason.trim().is_empty() {
            return Some(PolicyError::new("/reason", "a waiver needs a reason"));
        }
        let lacking = self.status == WaiverStatus::NotAffected && self.justification.is_none();
        lacking.then(|| PolicyError::new("/justification", "`not_affected` needs a justification"))
    }

    fn check_end(&self, now: Timestamp, max_days: u32) -> Option<PolicyError> {
        let lasting = matches!(
            self.status,
            WaiverStatus::NotAffected | WaiverStatus::FalsePositive
        );
        let error = |message: String| Some(PolicyError::new("/expires_on", message));
        match self.expires_on.map(|last| last.days_since(Day::of(now))) {
            None if lasting => None,
            None => error("a risk that is taken for now needs an end".to_owned()),
            Some(left) if left < 0 => error(format!("it is over since {}", counted_days(-left))),
            Some(left) if !lasting && left > i64::from(max_days) => error(format!(
                "it lasts {}, and at most {max_days} are allowed",
                counted_days(left)
            )),
            Some(_) => None,
        }
    }
}

fn counted_days(days: i64) -> String {
    format!("{days} day{}", if days == 1 { "" } else { "s" })
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
    /// The day with this number, counted from 1970-01-01.
    #[must_use]
    pub fn from_number(number: i64) -> Self {
        Self(Timestamp::default().plus_days(number))
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0.day()
    }

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
