#![doc = include_str!("../README.md")]

pub mod cargo;
mod command;
mod encode;
mod key;
pub mod lockfile;
pub mod npm;
pub mod number;
pub mod pypi;
pub mod resolve;
pub mod semver;
pub mod tree;

use std::borrow::Cow;

pub use key::{UnparseableVersion, VersionKey};

/// The longest text, in bytes, that is read as a version; longer ones are no version of any ecosystem.
pub const MAX_VERSION_LENGTH: usize = 1024;

/// What one package ecosystem means by a name and by a version.
///
/// Object safe and without I/O, so that adding an ecosystem is one folder here and one line in [`ALL`].
pub trait Ecosystem: Send + Sync {
    /// The name in the OSV schema, which is also the name in our store and API: `npm`, `crates.io`, `PyPI`.
    fn name(&self) -> &'static str;

    /// The type in a purl: `npm`, `cargo`, `pypi`.
    fn purl_type(&self) -> &'static str;

    /// The name under which two spellings of one package are equal (`matching.md` §2.2).
    ///
    /// It is for looking up and comparing; what a person reads and a registry is asked for is the name as
    /// it was spelled, which some registries insist on.
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
    ///
    /// Name and version come from outside and the command is made to be pasted, so it holds nothing that
    /// a shell, a terminal or the tool itself could take for anything else. For a name or a version that
    /// the ecosystem would not accept there is no such command and the answer is empty.
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
pub static ALL: &[&dyn Ecosystem] = &[&npm::Npm, &cargo::Cargo, &pypi::PyPi];

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ecosystem_is_found_by_its_names() {
        let name = |ecosystem: Option<&'static dyn Ecosystem>| ecosystem.map(Ecosystem::name);
        assert_eq!(name(by_name("npm")), Some("npm"));
        assert_eq!(name(by_name("PyPI:anything")), Some("PyPI"));
        assert_eq!(
            name(by_name("pypi")),
            None,
            "names in the OSV schema are case-sensitive"
        );
        assert_eq!(name(by_name("")), None);
        assert_eq!(name(by_purl_type("cargo")), Some("crates.io"));
        assert_eq!(name(by_purl_type("gem")), None);
    }
}
