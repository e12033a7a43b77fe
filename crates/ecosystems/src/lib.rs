#![doc = include_str!("../README.md")]

pub mod alpine;
pub mod cargo;
mod command;
pub mod cran;
pub mod dart;
pub mod debian;
mod distribution;
mod encode;
pub mod go;
pub mod haskell;
pub mod hex;
mod key;
pub mod lockfile;
pub mod maven;
pub mod npm;
pub mod nuget;
pub mod number;
pub mod opam;
pub mod packagist;
pub mod pypi;
pub mod resolve;
pub mod rpm;
pub mod rubygems;
pub mod semantic;
pub mod semver;
pub mod tree;

use std::borrow::Cow;

pub use distribution::Distribution;
pub use key::{UnparseableVersion, VersionKey};

/// The longest text, in bytes, that is read as a version; longer ones are no version of any ecosystem.
pub const MAX_VERSION_LENGTH: usize = 1024;

/// What one package ecosystem means by a name and by a version.
///
/// Object safe and without I/O, so that adding an ecosystem is one folder here and one line in [`ALL`].
pub trait Ecosystem: Send + Sync {
    /// The name in the OSV schema, which is also the name in our store and API: `npm`, `crates.io`, `PyPI`.
    fn name(&self) -> &'static str;

    /// The type in a purl: `npm`, `cargo`, `pypi`; empty where no purl can name its packages.
    fn purl_type(&self) -> &'static str;

    /// The namespaces of purls that are this ecosystem's, in lower case; none where the type alone says it.
    fn purl_namespaces(&self) -> &'static [&'static str] {
        &[]
    }

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

    /// The key of the version without its local or build part (`2.0.0+cu118` → `2.0.0`); where no such part
    /// has a place in the order, the key.
    ///
    /// # Errors
    /// As [`Ecosystem::key`].
    fn public_key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        self.key(version)
    }

    /// Whether the version is a pre-release, which is offered as a fix only when nothing else is.
    fn is_prerelease(&self, _version: &str) -> bool {
        false
    }

    /// How big the step from one version to another is; `None` when either does not parse, or where the size
    /// of a step means nothing.
    fn step(&self, _from: &str, _to: &str) -> Option<Step> {
        None
    }

    /// What is particular to the packages of an operating system; `None` for everything else.
    fn distribution(&self) -> Option<&dyn Distribution> {
        None
    }

    /// The command that a person types to move a direct dependency to a version.
    ///
    /// Name and version come from outside and the command is made to be pasted, so it holds nothing that
    /// a shell, a terminal or the tool itself could take for anything else. For a name or a version that
    /// the ecosystem would not accept, and where there is no such command, the answer is empty.
    fn upgrade_command(&self, _name: &str, _version: &str) -> String {
        String::new()
    }
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
pub static ALL: &[&dyn Ecosystem] = &[
    &npm::Npm,
    &cargo::Cargo,
    &pypi::PyPi,
    &maven::Maven,
    &go::Go,
    &nuget::NuGet,
    &rubygems::RubyGems,
    &packagist::Packagist,
    &hex::HEX,
    &dart::Pub,
    &haskell::HACKAGE,
    &haskell::GHC,
    &cran::CRAN,
    &cran::BIOCONDUCTOR,
    &opam::Opam,
    &semantic::SWIFT_URL,
    &semantic::GITHUB_ACTIONS,
    &semantic::CONAN_CENTER,
    &semantic::BITNAMI,
    &semantic::JULIA,
    &semantic::VS_CODE,
    &debian::DEBIAN,
    &debian::UBUNTU,
    &debian::ECHO,
    &alpine::ALPINE,
    &alpine::ALPAQUITA,
    &alpine::BELLSOFT,
    &alpine::CHAINGUARD,
    &alpine::CLEANSTART,
    &alpine::MINIMOS,
    &alpine::WOLFI,
    &rpm::ALMA_LINUX,
    &rpm::ROCKY_LINUX,
    &rpm::RED_HAT,
    &rpm::SUSE,
    &rpm::OPEN_SUSE,
    &rpm::OPEN_EULER,
    &rpm::MAGEIA,
    &rpm::AZURE_LINUX,
    &rpm::PHOTON,
];

/// The ecosystem with this OSV name; a release suffix (`Debian:12`) is ignored.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Ecosystem> {
    let base = name.split(':').next().unwrap_or(name);
    ALL.iter().copied().find(|ecosystem| ecosystem.name() == base)
}

/// The ecosystem whose packages carry this purl type, where the type alone tells.
#[must_use]
pub fn by_purl_type(purl_type: &str) -> Option<&'static dyn Ecosystem> {
    by_purl(purl_type, None)
}

/// The ecosystem of purls with this type and namespace: `deb` and `debian` is Debian, `npm` and anything npm.
#[must_use]
pub fn by_purl(purl_type: &str, namespace: Option<&str>) -> Option<&'static dyn Ecosystem> {
    // Trivy once wrote a type of its own.
    let (purl_type, namespace) = match purl_type {
        "alpine" => ("apk", namespace.or(Some("alpine"))),
        known => (known, namespace),
    };
    let vendor = namespace.map(str::to_ascii_lowercase).unwrap_or_default();
    let of_vendor = |names: &[&str]| names.is_empty() || names.contains(&vendor.as_str());
    ALL.iter().copied().find(|ecosystem| {
        !purl_type.is_empty() && ecosystem.purl_type() == purl_type && of_vendor(ecosystem.purl_namespaces())
    })
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
        assert_eq!(name(by_purl_type("")), None);
        assert_eq!(name(by_purl_type("deb")), None, "the namespace says which");
        assert_eq!(name(by_purl("deb", Some("ubuntu"))), Some("Ubuntu"));
        assert_eq!(name(by_purl("deb", Some("kali"))), None);
        assert_eq!(name(by_purl("npm", Some("@babel"))), Some("npm"));
        assert_eq!(name(by_purl("rpm", Some("openEuler"))), Some("openEuler"));
    }
}
