//! The version requirements of `Cargo.toml`, as Cargo itself evaluates them.

use ::semver::{Version, VersionReq};

/// The text is no version requirement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a Cargo version requirement: {reason}")]
pub struct InvalidRequirement {
    pub text: String,
    /// What Cargo's own parser says.
    pub reason: String,
}

/// A requirement such as `1.2`, `^0.3, <0.3.7` or `=1.0.0-rc.1`.
///
/// The crate `semver` is Cargo's own implementation, so what it answers is the definition; that is also
/// why versions here are read strictly, unlike everywhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement(VersionReq);

impl Requirement {
    /// Reads a requirement.
    ///
    /// # Errors
    /// When Cargo would refuse it in a manifest.
    pub fn parse(text: &str) -> Result<Self, InvalidRequirement> {
        VersionReq::parse(text)
            .map(Self)
            .map_err(|error| InvalidRequirement {
                text: text.to_owned(),
                reason: error.to_string(),
            })
    }

    /// Whether a version satisfies the requirement; `None` when Cargo would not accept it as a version.
    #[must_use]
    pub fn matches(&self, version: &str) -> Option<bool> {
        let version = Version::parse(version).ok()?;
        Some(self.0.matches(&version))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bare_version_is_a_caret() {
        let requirement = Requirement::parse("0.3.1").expect("a requirement");
        assert_eq!(requirement.matches("0.3.9"), Some(true));
        assert_eq!(requirement.matches("0.4.0"), Some(false));
        assert_eq!(requirement.matches("0.3"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(requirement in "\\PC*|[0-9.*^~<>=, a-x-]*", version in "\\PC*") {
            if let Ok(requirement) = Requirement::parse(&requirement) {
                let _ = requirement.matches(&version);
            }
        }
    }
}
