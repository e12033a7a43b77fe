//! Go modules, and Go's own standard library under the name `stdlib`.

use std::borrow::Cow;

use crate::semver::{self, Version};
use crate::{Ecosystem, Step, UnparseableVersion, VersionKey, command};

/// Modules as the Go checksum database knows them.
pub struct Go;

impl Ecosystem for Go {
    fn name(&self) -> &'static str {
        "Go"
    }

    fn purl_type(&self) -> &'static str {
        "golang"
    }

    /// Without regard to case, which purls do not keep; Go itself is the module `stdlib`.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        match name {
            "go" | "std" | "GO" => Cow::Borrowed("stdlib"),
            name => semver::lower(name),
        }
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        semver::key(self.name(), &semantic(version))
            .map_err(|_| UnparseableVersion::new(self.name(), version))
    }

    fn is_prerelease(&self, version: &str) -> bool {
        Version::parse(&semantic(version)).is_some_and(|version| version.is_prerelease())
    }

    fn step(&self, from: &str, to: &str) -> Option<Step> {
        Some(Version::parse(&semantic(from))?.step(&Version::parse(&semantic(to))?))
    }

    fn upgrade_command(&self, name: &str, version: &str) -> String {
        let part = |part: &str| command::is_word(part, b"._~-");
        let version = version.strip_prefix('v').unwrap_or(version);
        if name == "stdlib" || !name.split('/').all(part) || !command::is_semver_word(version) {
            return String::new();
        }
        format!("go get {name}@v{version}")
    }
}

/// Releases of Go itself are written `go1.21rc2`, where a semantic version is `1.21.0-rc.2`.
fn semantic(version: &str) -> Cow<'_, str> {
    let text = version.trim();
    let text = text.strip_prefix("go").unwrap_or(text);
    let word = ["rc", "beta"]
        .into_iter()
        .find_map(|word| Some((word, text.split_once(word)?)));
    let Some((word, (numbers, step))) = word else {
        return Cow::Borrowed(text);
    };
    let own = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    let is_release = !numbers.is_empty() && !numbers.ends_with('.') && numbers.bytes().all(own);
    if !is_release || step.is_empty() || !step.bytes().all(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    let missing = 2_usize.saturating_sub(numbers.matches('.').count());
    Cow::Owned(format!("{numbers}{}-{word}.{step}", ".0".repeat(missing)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_of_go_itself_are_versions() {
        for (a, b) in [
            ("go1.21.3", "1.21.3"),
            ("1.21rc2", "1.21.0-rc.2"),
            ("go1.21.0-rc.2", "1.21.0-rc.2"),
            ("v1.2.3+incompatible", "1.2.3"),
            ("1.20", "1.20.0"),
        ] {
            assert!(Go.key(a).is_ok(), "{a}");
            assert_eq!(Go.key(a), Go.key(b), "{a}");
        }
        let pseudo = Go.key("v0.0.0-20210101000000-abcdef123456").ok();
        assert!(pseudo.is_some() && pseudo < Go.key("v0.0.1").ok());
        assert!(Go.key("devel").is_err() && Go.key("(devel)").is_err());
    }
}
