//! `source`: where packages come from, and what is known of them there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::purls::PurlPattern;
use crate::{Action, PolicyError};

/// `source`: where packages come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourcePolicy {
    /// Packages from a git repository. Default `warn`.
    pub git: Action,
    /// Packages from a plain address. Default `warn`.
    pub url: Action,
    /// Packages fetched without encryption (`http://`, `git://`), which anyone on the way can replace. Default `fail`.
    pub http: Action,
    /// Packages from a folder; members of one's own workspace are such. Default `ignore`.
    pub file: Action,
    /// Packages from a registry that is not the ecosystem's default. Default `warn`.
    pub other_registry: Action,
    /// Hosts that are trusted as sources; `http` is judged all the same. Default none.
    pub allowed_hosts: Vec<String>,
    /// The registries that packages of a purl type may come from: `default`, or how their addresses begin. A type that is
    /// not listed may come from anywhere that the other keys let pass. Default none.
    pub registries: BTreeMap<String, Vec<String>>,
    /// Packages from a registry that is not listed for their type. Default `fail`.
    pub unlisted_registry: Action,
    /// How exactly a git dependency must be pinned. Default `any`.
    pub required_git_spec: GitSpec,
    /// Packages that run code of their own when they are installed or built. Default `ignore`.
    pub install_scripts: Action,
    /// Packages that may. Default none.
    pub install_scripts_allow: Vec<PurlPattern>,
    /// Packages whose metadata names no source repository. Default `ignore`.
    #[serde(skip_serializing_if = "Action::is_ignore")]
    pub no_repository: Action,
    /// Names of one's own, which must not come from a public registry. Default none.
    pub internal: Vec<PurlPattern>,
    /// How the addresses of one's own registries begin; empty is any that is not the default. Default none.
    pub internal_registries: Vec<String>,
    /// One's own names from elsewhere: somebody else may have taken the name there. Default `fail`.
    pub dependency_confusion: Action,
    /// Versions younger than this many days are judged as `young`; 0 judges none. Default 0.
    pub min_age_days: u32,
    /// Default `warn`.
    pub young: Action,
    /// Say which names are one letter away from a popular one. It is never more than a notice. Default `true`.
    pub typosquat: bool,
}

impl Default for SourcePolicy {
    fn default() -> Self {
        Self {
            git: Action::Warn,
            url: Action::Warn,
            http: Action::Fail,
            file: Action::Ignore,
            other_registry: Action::Warn,
            allowed_hosts: Vec::new(),
            registries: BTreeMap::new(),
            unlisted_registry: Action::Fail,
            required_git_spec: GitSpec::Any,
            install_scripts: Action::Ignore,
            install_scripts_allow: Vec::new(),
            no_repository: Action::Ignore,
            internal: Vec::new(),
            internal_registries: Vec::new(),
            dependency_confusion: Action::Fail,
            min_age_days: 0,
            young: Action::Warn,
            typosquat: true,
        }
    }
}

/// How exactly a git dependency is pinned; the order is from loose to exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GitSpec {
    /// Whatever the default branch is at the time.
    Any,
    Branch,
    Tag,
    /// A commit.
    Rev,
}

impl GitSpec {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Branch => "branch",
            Self::Tag => "tag",
            Self::Rev => "rev",
        }
    }
}

impl SourcePolicy {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        for (kind, addresses) in &self.registries {
            let place = format!("/source/registries/{kind}");
            if ecosystems::by_purl_type(kind).is_none() {
                let known: Vec<&str> = ecosystems::ALL.iter().map(|known| known.purl_type()).collect();
                let message = format!(
                    "`{kind}` is no type of package that is known; known are {}",
                    known.join(", ")
                );
                return Err(PolicyError::new(place, message));
            }
            for (index, address) in addresses.iter().enumerate() {
                check_registry(&format!("{place}/{index}"), address, true)?;
            }
        }
        for (index, address) in self.internal_registries.iter().enumerate() {
            check_registry(&format!("/source/internal_registries/{index}"), address, false)?;
        }
        if self.min_age_days > 3650 {
            return Err(PolicyError::new(
                "/source/min_age_days",
                "more than 3650 days would let nothing pass",
            ));
        }
        Ok(())
    }
}

fn check_registry(place: &str, address: &str, default: bool) -> Result<(), PolicyError> {
    let scheme = address.split_once("://").map(|(scheme, _)| scheme);
    if (default && address == "default") || matches!(scheme, Some("https" | "http" | "sparse+https")) {
        return Ok(());
    }
    let words = if default { "`default` or " } else { "" };
    let message =
        format!("`{address}` is no registry; write {words}an address such as `https://npm.example.org/`");
    Err(PolicyError::new(place, message))
}
