//! Ecosystems with semantic versions and nothing else of their own.
//!
//! Where the owner of an ecosystem leaves the form of a version to whoever releases it, only the full form
//! of Semantic Versioning is a version: `v4` is a tag that moves, `1.1.1w` no pre-release of `1.1.1`.

use std::borrow::Cow;

use crate::semver::{self, Version};
use crate::{Ecosystem, Step, UnparseableVersion, VersionKey};

/// A registry of semantic versions.
pub struct Semantic {
    name: &'static str,
    purl_type: &'static str,
    form: Form,
    names: Names,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As advisories and lockfiles write them (see `semver`).
    Lenient,
    /// Three numbers, and a hyphen before a pre-release.
    Full,
    /// As `Full`; a number after the hyphen counts the packagings of one version.
    Packaged,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Exact,
    AnyCase,
    /// Addresses of repositories, with or without scheme and `.git`.
    Repository,
}

pub static SWIFT_URL: Semantic = Semantic {
    names: Names::Repository,
    ..Semantic::new("SwiftURL", "swift")
};

pub static GITHUB_ACTIONS: Semantic = Semantic {
    names: Names::AnyCase,
    form: Form::Full,
    ..Semantic::new("GitHub Actions", "githubactions")
};

pub static CONAN_CENTER: Semantic = Semantic {
    form: Form::Full,
    ..Semantic::new("ConanCenter", "conan")
};

pub static BITNAMI: Semantic = Semantic {
    form: Form::Packaged,
    ..Semantic::new("Bitnami", "bitnami")
};

pub static JULIA: Semantic = Semantic::new("Julia", "julia");

pub static VS_CODE: Semantic = Semantic {
    names: Names::AnyCase,
    ..Semantic::new("VSCode", "vscode-extension")
};

impl Semantic {
    pub(crate) const fn new(name: &'static str, purl_type: &'static str) -> Self {
        Self {
            name,
            purl_type,
            form: Form::Lenient,
            names: Names::Exact,
        }
    }

    fn parse(&self, version: &str) -> Option<Version> {
        let text = version.trim();
        let text = match self.form {
            Form::Lenient => return Version::parse(text),
            Form::Full => text,
            Form::Packaged => without_packaging(text),
        };
        is_full(text).then(|| Version::parse(text)).flatten()
    }
}

fn without_packaging(text: &str) -> &str {
    match text.rsplit_once('-') {
        Some((version, count)) if !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()) => {
            version
        }
        _ => text,
    }
}

/// Whether the text has at least three numbers, and what follows them begins with a hyphen or a plus.
fn is_full(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    numbers.matches('.').count() >= 2 && (rest.is_empty() || rest.starts_with(['-', '+']))
}

impl Ecosystem for Semantic {
    fn name(&self) -> &'static str {
        self.name
    }

    fn purl_type(&self) -> &'static str {
        self.purl_type
    }

    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match self.names {
            Names::Exact => Cow::Borrowed(name),
            Names::AnyCase => semver::lower(name),
            Names::Repository => {
                let name = name.split_once("://").map_or(name, |(_, rest)| rest);
                let name = name.trim_end_matches('/');
                semver::lower(name.strip_suffix(".git").unwrap_or(name))
            }
        }
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        let parsed = self.parse(version);
        parsed
            .map(|parsed| parsed.key())
            .ok_or_else(|| UnparseableVersion::new(self.name, version))
    }

    fn is_prerelease(&self, version: &str) -> bool {
        self.parse(version).is_some_and(|version| version.is_prerelease())
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(self.parse(from)?.step(&self.parse(to)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_version_is_one_where_the_form_is_free() {
        for text in [
            "v4",
            "4.1",
            "main",
            "1.1.1w",
            "cci.20200203",
            "8e5e7e5ab8b370d6c329ec480221332ada57f0ab",
        ] {
            assert!(GITHUB_ACTIONS.key(text).is_err(), "{text}");
            assert!(CONAN_CENTER.key(text).is_err(), "{text}");
        }
        assert!(GITHUB_ACTIONS.key("v4.1.0").is_ok());
        assert_eq!(BITNAMI.key("6.2.0-5"), BITNAMI.key("6.2.0"));
        assert!(BITNAMI.key("6.2.0-rc.1").ok() < BITNAMI.key("6.2.0").ok());
    }

    #[test]
    fn a_repository_has_one_name() {
        for text in [
            "https://github.com/Apple/swift-nio.git",
            "github.com/apple/swift-nio",
            "https://github.com/apple/swift-nio/",
        ] {
            assert_eq!(SWIFT_URL.normalize(text), "github.com/apple/swift-nio");
        }
    }
}
