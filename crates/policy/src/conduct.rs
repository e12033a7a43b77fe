//! How exceptions are made (`waivers`), whose statements count (`vex`), and checks of configuration (`misconfig`).

use std::collections::BTreeMap;

use advisories::Severity;
use serde::{Deserialize, Serialize};

use crate::sections::Threshold;
use crate::{Action, PolicyError};

/// `waivers`: how exceptions are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WaiverPolicy {
    /// The longest time for which a risk may be accepted, in days. Default 90.
    pub max_days: u32,
    /// Whether a second person must approve: one who did not ask for it. Default `false`.
    pub four_eyes: bool,
    /// What becomes of proposals from a file in the repository. Default `pending`.
    pub from_repository: FromRepository,
}

/// What becomes of a waiver that a repository proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FromRepository {
    /// Somebody must approve it.
    Pending,
    /// Whoever may change the repository may waive. `four_eyes` outweighs it.
    Approved,
    /// The file is not read.
    Refused,
}

impl Default for WaiverPolicy {
    fn default() -> Self {
        Self {
            max_days: 90,
            four_eyes: false,
            from_repository: FromRepository::Pending,
        }
    }
}

impl WaiverPolicy {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        if (1..=3650).contains(&self.max_days) {
            return Ok(());
        }
        Err(PolicyError::new(
            "/waivers/max_days",
            "it must be from 1 to 3650 days",
        ))
    }
}

/// `vex`: whose statements about exploitability count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VexPolicy {
    /// Authors in the order of trust, `*` allowed: of several who speak of a finding, the first decides. Those that are
    /// not listed come after, those in documents of components last. Default none.
    pub trust: Vec<String>,
    /// Whether authors that are not listed count at all. Default `true`.
    pub others: bool,
    /// Whether what an SBOM says of its own findings counts. Default `true`.
    pub embedded: bool,
}

impl Default for VexPolicy {
    fn default() -> Self {
        Self {
            trust: Vec::new(),
            others: true,
            embedded: true,
        }
    }
}

impl VexPolicy {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        match self.trust.iter().position(|author| author.trim().is_empty()) {
            Some(index) => Err(PolicyError::new(
                format!("/vex/trust/{index}"),
                "an empty name is nobody's",
            )),
            None => Ok(()),
        }
    }
}

/// `misconfig`: checks of Dockerfiles and Kubernetes files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MisconfigPolicy {
    /// The least severity that fails. Default `critical`.
    pub fail_at: Threshold,
    /// The least severity that warns. Default `medium`.
    pub warn_at: Threshold,
    /// What is done about single checks, by id, whatever their severity. Default none.
    pub levels: BTreeMap<String, Action>,
}

impl Default for MisconfigPolicy {
    fn default() -> Self {
        Self {
            fail_at: Threshold::Critical,
            warn_at: Threshold::Medium,
            levels: BTreeMap::new(),
        }
    }
}

impl MisconfigPolicy {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        if self.warn_at > self.fail_at {
            let message = "it is above fail_at, so that some checks would fail but never warn";
            return Err(PolicyError::new("/misconfig/warn_at", message));
        }
        match self.levels.keys().find(|id| !is_check_id(id)) {
            Some(id) => {
                let message = format!("`{id}` is no id of a check, which looks like `DS-0002` or `KSV014`");
                Err(PolicyError::new(format!("/misconfig/levels/{id}"), message))
            }
            None => Ok(()),
        }
    }

    /// What is done about a check of this id and severity.
    #[must_use]
    pub fn action(&self, id: &str, severity: Severity) -> Action {
        if let Some(action) = self.levels.get(id) {
            return *action;
        }
        match Threshold::of(severity) {
            Some(level) if level >= self.fail_at => Action::Fail,
            Some(level) if level >= self.warn_at => Action::Warn,
            _ => Action::Ignore,
        }
    }
}

/// Letters, perhaps a hyphen, digits.
fn is_check_id(id: &str) -> bool {
    let digits = id.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letters = id.len() - digits.len();
    let digits = digits.strip_prefix(['-', '_']).unwrap_or(digits);
    (2..=16).contains(&letters)
        && (1..=6).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Something that a check of configuration found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misconfiguration {
    /// The check's stable id.
    pub id: String,
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub title: String,
    /// The file, and the line where there is one: `Dockerfile:3`.
    pub place: String,
}
