#![doc = include_str!("../README.md")]

mod key;

use std::borrow::Cow;

pub use key::{UnparseableVersion, VersionKey};

/// What one package ecosystem means by a name and by a version.
///
/// Object safe and without I/O, so that adding an ecosystem is one folder here and one line in [`ALL`].
pub trait Ecosystem: Send + Sync {
    /// The name in the OSV schema, which is also the name in our store and API: `npm`, `crates.io`, `PyPI`.
    fn name(&self) -> &'static str;

    /// The type in a purl: `npm`, `cargo`, `pypi`.
    fn purl_type(&self) -> &'static str;

    /// The name under which two spellings of one package are equal (`matching.md` §2.2).
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str>;

    /// The version as bytes whose order is the ecosystem's version order.
    ///
    /// # Errors
    /// When the text is no version of this ecosystem; the caller answers *undetermined*, never a guess.
    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion>;

    /// The key of the version without its local or build part (`2.0.0+cu118` → `2.0.0`).
    ///
    /// # Errors
    /// As [`Ecosystem::key`].
    fn public_key(&self, version: &str) -> Result<VersionKey, UnparseableVersion>;

    /// Whether the version is a pre-release, which is offered as a fix only when nothing else is.
    fn is_prerelease(&self, version: &str) -> bool;

    /// How big the step from one version to another is; `None` when either does not parse.
    fn step(&self, from: &str, to: &str) -> Option<Step>;

    /// The command that a person types to move a direct dependency to a version.
    fn upgrade_command(&self, name: &str, version: &str) -> String;
}

/// The size of an upgrade, in the terms of semantic versioning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    Patch,
    Minor,
    Major,
}

/// Every ecosystem that can be matched.
pub static ALL: &[&dyn Ecosystem] = &[];

/// The ecosystem with this OSV name; a release suffix (`Debian:12`) is ignored.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Ecosystem> {
    let base = name.split(':').next().unwrap_or(name);
    ALL.iter().copied().find(|ecosystem| ecosystem.name() == base)
}

/// The ecosystem whose packages carry this purl type.
#[must_use]
pub fn by_purl_type(purl_type: &str) -> Option<&'static dyn Ecosystem> {
    ALL.iter()
        .copied()
        .find(|ecosystem| ecosystem.purl_type() == purl_type)
}
