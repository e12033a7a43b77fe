//! What goes into an audit and what comes out.

use std::collections::HashMap;

use advisories::MatchResult;
use clock::Timestamp;
use inventory::{ComponentId, Scope};
use policy::{Cause, FeedState, Finding, Verdict};
use serde::{Deserialize, Serialize};

/// What is known about the components of one inventory.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// Match results of components that could be matched; several components may share one.
    pub matches: HashMap<ComponentId, std::sync::Arc<MatchResult>>,
    /// The feeds that the results rest on.
    pub feeds: Vec<FeedState>,
    /// OSV ecosystems that some loaded feed covers; a component of another one is not checked.
    pub covered: Vec<String>,
    /// Ids in the catalogue of known exploited vulnerabilities; `None` when that feed is not loaded.
    pub kev: Option<std::collections::HashSet<String>>,
    /// Probabilities of exploitation in 30 days, 0 to 1, by CVE id; `None` when that feed is not loaded.
    pub epss: Option<HashMap<String, f64>>,
    /// First-seen times and causes of findings that the store already knows, by [`finding_key`](crate::finding_key).
    pub seen: HashMap<String, Seen>,
    /// What others say about exploitability; what the inventory says itself is read from it.
    pub statements: Vec<policy::StatedVex>,
    /// What reviewers concluded about licenses; the first that fits a component counts.
    pub conclusions: Vec<crate::Conclusion>,
    /// How components that others bring can be got rid of, by package URL; what nobody looked for is not there.
    pub ways: HashMap<String, Way>,
    /// What checks of configuration found; `None` when none were made.
    pub misconfigurations: Option<Vec<policy::Misconfiguration>>,
}

/// What the store remembers of a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub id: String,
    pub first_seen: Timestamp,
    pub cause: Cause,
}

/// Whom the verdict is about.
#[derive(Clone, Debug, Default)]
pub struct Context {
    pub project: String,
    pub reference: policy::RefName,
    pub build_id: String,
    pub sbom_sha256: String,
    /// The policy's name; empty is read as `default`.
    pub policy_id: String,
    pub policy_revision: i64,
    /// What the policy extends, the nearest first.
    pub policy_extends: Vec<policy::PolicyAncestor>,
    pub now: Timestamp,
    pub links: policy::Links,
    /// What was there before; `None` when no baseline was asked for.
    pub baseline: Option<policy::Baseline>,
}

/// Everything that one audit found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub verdict: Verdict,
    /// Every finding, blocking or not, worst first.
    pub findings: Vec<Finding>,
    pub components: Vec<ComponentStatus>,
    /// The shortest way to green: upgrades of direct dependencies, most blocking findings first.
    pub upgrades: Vec<Upgrade>,
}

/// One component as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentStatus {
    pub component: ComponentId,
    pub purl: Option<String>,
    pub name: String,
    pub version: Option<String>,
    pub ecosystem: Option<String>,
    pub scope: Scope,
    pub direct: Option<bool>,
    /// The effective license expression; `None` when nothing is known.
    pub license: Option<String>,
    /// Where the license is known from, when it is not what the document names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license_origin: Option<crate::LicenseOrigin>,
    pub checked: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<WhyNotChecked>,
}

/// Why a component could not be (fully) checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNotChecked {
    /// A file, an operating system, a lockfile, …: there is nothing to check, and nothing is missed.
    NotAPackage,
    NoPurl,
    NoVersion,
    UnsupportedEcosystem,
    /// The ecosystem is supported but no feed for it is loaded.
    FeedNotLoaded,
    /// A package of a distribution of which nothing says which release it is from.
    ReleaseUnknown,
    /// A package of the distribution installed it, whose advisories speak for it.
    OwnedByPackage,
    /// Git, path, URL or another registry: public advisories do not speak of it.
    NotFromDefaultRegistry,
    /// Some record could not be decided for this version.
    Undetermined,
}

impl WhyNotChecked {
    /// The stable word, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAPackage => "not_a_package",
            Self::NoPurl => "no_purl",
            Self::NoVersion => "no_version",
            Self::UnsupportedEcosystem => "unsupported_ecosystem",
            Self::FeedNotLoaded => "feed_not_loaded",
            Self::ReleaseUnknown => "release_unknown",
            Self::OwnedByPackage => "owned_by_package",
            Self::NotFromDefaultRegistry => "not_from_default_registry",
            Self::Undetermined => "undetermined",
        }
    }
}

/// One step towards green.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upgrade {
    /// The component to change: the affected one itself, or the direct dependency that brings it.
    pub purl: String,
    pub name: String,
    pub from: String,
    /// The version to go to; `None` when only the direct dependency is known, not its right version.
    pub to: Option<String>,
    /// The least version of the component itself that is free of what the step clears. Of a transitive
    /// component this is what a refreshed lockfile must contain; whether `via` admits it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    pub direct: Option<bool>,
    /// The direct dependencies that bring it, `name@version`.
    pub via: Vec<String>,
    /// Ids of the blocking findings that the step clears.
    pub clears: Vec<String>,
    pub clears_critical: usize,
    /// What to type, when the ecosystem has a command for it.
    pub command: Option<String>,
    /// Whether resolving again has shown that the step clears these findings and brings no other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resolved: bool,
}

/// What resolving again has shown about a component that direct dependencies bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Way {
    /// Every requirement admits a version that is not affected: the lockfile is older than need be.
    Refresh { command: String },
    /// A direct dependency must be in another version.
    Upgrade {
        name: String,
        from: String,
        to: String,
        /// Empty when there is none that can be pasted safely.
        command: String,
    },
    /// No version of a direct dependency that was tried removes it without bringing something else.
    None { tried: usize },
}
