//! Debian and the distributions that order versions as dpkg does.

mod release;
mod version;

use std::borrow::Cow;

pub(crate) use version::plain_key;

use crate::{Distribution, Ecosystem, UnparseableVersion, VersionKey};

/// A distribution of Debian packages.
pub struct Dpkg {
    name: &'static str,
    namespaces: &'static [&'static str],
    release: fn(&str) -> Option<String>,
    /// Whether a record without release says nothing there.
    needs_release: bool,
}

pub static DEBIAN: Dpkg = Dpkg {
    name: "Debian",
    namespaces: &["debian"],
    release: release::debian,
    needs_release: false,
};

pub static UBUNTU: Dpkg = Dpkg {
    name: "Ubuntu",
    namespaces: &["ubuntu"],
    release: release::ubuntu,
    needs_release: true,
};

/// Echo rebuilds Debian's packages; it has no releases.
pub static ECHO: Dpkg = Dpkg {
    name: "Echo",
    namespaces: &["echo"],
    release: |_| Some(String::new()),
    needs_release: false,
};

impl Ecosystem for Dpkg {
    fn name(&self) -> &'static str {
        self.name
    }

    fn purl_type(&self) -> &'static str {
        "deb"
    }

    fn purl_namespaces(&self) -> &'static [&'static str] {
        self.namespaces
    }

    /// Names of Debian packages are exact.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(name)
    }

    fn key(&self, version: &str) -> Result<VersionKey, UnparseableVersion> {
        let key = version::key(version);
        key.map(crate::encode::KeyBytes::finish)
            .ok_or_else(|| UnparseableVersion::new(self.name, version))
    }

    fn distribution(&self) -> Option<&dyn Distribution> {
        Some(self)
    }
}

impl Distribution for Dpkg {
    fn release(&self, text: &str) -> Option<String> {
        (self.release)(text)
    }

    fn needs_release(&self) -> bool {
        self.needs_release
    }

    fn is_restricted(&self, suffix: &str) -> bool {
        self.name == "Ubuntu" && suffix.split(':').any(|part| part == "Pro")
    }
}
