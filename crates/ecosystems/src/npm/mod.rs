//! npm: names with scopes, semantic versions, and the ranges of `package.json`.

mod comparator;
mod desugar;
pub(crate) mod lockfile;
mod range;
mod release;
pub mod resolve;
mod side;
mod version;

use std::borrow::Cow;

pub use range::{InvalidRange, Mode, Range};
pub use release::{Packument, Release};
pub use side::Side;
pub use version::parse as parse_version;

use crate::semver::{self, Version};
use crate::{Ecosystem, Step, UnparseableVersion, VersionKey, command};

/// The registry of Node.js packages.
pub struct Npm;

impl Ecosystem for Npm {
    fn name(&self) -> &'static str {
        "npm"
    }

    fn purl_type(&self) -> &'static str {
        "npm"
    }

    /// Names are exact, for old packages differ in case alone (`JSONStream`). The scope's `@` and the slash
    /// after it are decoded, as purls and registry addresses carry them encoded.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if !name.contains('%') {
            return Cow::Borrowed(name);
        }
        Cow::Owned(name.replace("%40", "@").replace("%2F", "/").replace("%2f", "/"))
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        semver::key(self.name(), version)
    }

    fn public_key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        self.key(version)
    }

    fn is_prerelease(&self, version: &str) -> bool {
        Version::parse(version).is_some_and(|version| version.is_prerelease())
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(Version::parse(from)?.step(&Version::parse(to)?))
    }

    fn upgrade_command(&self, name: &str, version: &str) -> String {
        let name = self.normalize(name);
        if !is_package_name(&name) || !command::is_semver_word(version) {
            return String::new();
        }
        format!("npm install {name}@{version}")
    }
}

/// `name` or `@scope/name`: anything else would be a path, a repository or an alias to npm.
fn is_package_name(name: &str) -> bool {
    let is_part = |part: &str| command::is_word(part, b"._-");
    match name.strip_prefix('@') {
        Some(scoped) => scoped
            .split_once('/')
            .is_some_and(|(scope, name)| is_part(scope) && is_part(name)),
        None => is_part(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact_but_for_the_encoding() {
        assert_eq!(Npm.normalize("%40angular/core"), "@angular/core");
        assert_eq!(Npm.normalize("%40angular%2Fcore"), "@angular/core");
        assert_eq!(Npm.normalize("JSONStream"), "JSONStream");
    }

    #[test]
    fn a_command_is_made_of_a_name_and_a_version_or_not_at_all() {
        assert_eq!(
            Npm.upgrade_command("lodash", "4.17.21"),
            "npm install lodash@4.17.21"
        );
        assert_eq!(
            Npm.upgrade_command("%40babel/core", "8.0.0-rc.1"),
            "npm install @babel/core@8.0.0-rc.1"
        );
        for (name, version) in [
            ("lodash; curl evil", "1.0.0"),
            ("lodash", "1.0.0 && evil"),
            ("lodash", "1.0.0\n"),
            ("lodash", "npm:evil@1.0.0"),
            ("lodash", "latest"),
            ("evil/repository", "1.0.0"),
            ("../evil", "1.0.0"),
            ("@a/b/c", "1.0.0"),
            ("-g", "1.0.0"),
            ("--prefix=x", "1.0.0"),
            ("a\u{1b}[201~", "1.0.0"),
            ("$(evil)", "1.0.0"),
            ("", ""),
        ] {
            assert_eq!(Npm.upgrade_command(name, version), "", "{name:?} {version:?}");
        }
    }

    #[test]
    fn the_step_is_the_first_number_that_differs() {
        for (from, to, step) in [
            ("1.2.3", "2.0.0", Some(Step::Major)),
            ("1.2.3", "1.3.0", Some(Step::Minor)),
            ("0.1.0", "0.2.0", Some(Step::Minor)),
            ("1.2.3", "1.2.4", Some(Step::Patch)),
            ("1.2.3-rc.1", "1.2.3", Some(Step::Patch)),
            ("1.2.3", "latest", None),
        ] {
            assert_eq!(Npm.step(from, to), step, "{from} → {to}");
        }
    }
}
