//! What changed between two reports, and why.
//!
//! Findings are compared by alias group and package, not by occurrence (`gate.md` §7): a version bump that
//! keeps a bug introduces nothing, one more affected version of the same package does. A finding that is gone
//! because its component is no longer checked is not called fixed.

mod components;
mod findings;

use policy::{Cause, Finding};
use serde::{Deserialize, Serialize};

use crate::{Report, WhyNotChecked};

/// Everything that differs between two reports. Lists are sorted; findings are worst first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    pub added: Vec<PackageVersion>,
    pub removed: Vec<PackageVersion>,
    pub changed: Vec<ComponentChange>,
    pub introduced: Vec<FindingOpened>,
    pub fixed: Vec<FindingClosed>,
    /// Findings of the first report about which the second cannot tell: their components were not checked.
    pub unknown: Vec<FindingClosed>,
    pub licenses: Vec<LicenseChange>,
}

/// One version of a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PackageVersion {
    pub name: String,
    pub version: Option<String>,
    pub purl: Option<String>,
}

/// A package whose versions are others than before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ComponentChange {
    pub name: String,
    /// The package URL without version.
    pub purl: Option<String>,
    /// Versions that are gone.
    pub from: Vec<String>,
    /// Versions that came.
    pub to: Vec<String>,
}

/// A finding that the first report does not have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingOpened {
    pub finding: Finding,
    /// Absent when it cannot be told: the component was there before but was not checked.
    pub cause: Option<Cause>,
}

/// A finding that the second report does not have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingClosed {
    pub finding: Finding,
    pub resolution: Resolution,
}

/// Why a finding is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "why_not")]
pub enum Resolution {
    ComponentRemoved,
    VersionChanged,
    /// The same version is still there: the advisory was withdrawn or no longer speaks of it.
    AdvisoryChanged,
    /// The finding was of the product itself, which is no component.
    ProductChanged,
    /// The package is still there, but this or its new version was not checked.
    NoLongerChecked(WhyNotChecked),
}

/// A package whose effective licenses are others than before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LicenseChange {
    pub name: String,
    pub purl: Option<String>,
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// Compares two reports of one product.
#[must_use]
pub fn diff(before: &Report, after: &Report) -> Difference {
    let (old, new) = (components::packages(before), components::packages(after));
    let mut difference = components::compare(&old, &new);
    findings::compare(before, after, &old, &new, &mut difference);
    difference
}

#[cfg(test)]
mod tests;
