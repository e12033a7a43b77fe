//! Alpine and the distributions that order versions as apk does.

mod version;

use std::borrow::Cow;

use crate::{Distribution, Ecosystem, UnparseableVersion, VersionKey};

/// A distribution of apk packages.
pub struct Apk {
    name: &'static str,
    namespaces: &'static [&'static str],
    releases: Releases,
}

/// How a distribution names its releases.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Releases {
    /// Alpine: `v3.19`, `edge`.
    Numbered,
    /// Alpaquita: `23`, `stream`.
    Major,
    /// There is but one.
    Rolling,
}

pub static ALPINE: Apk = Apk {
    name: "Alpine",
    namespaces: &["alpine"],
    releases: Releases::Numbered,
};

pub static ALPAQUITA: Apk = Apk {
    name: "Alpaquita",
    namespaces: &["alpaquita"],
    releases: Releases::Major,
};

pub static BELLSOFT: Apk = Apk {
    name: "BellSoft Hardened Containers",
    namespaces: &["bellsoft-hardened-containers"],
    releases: Releases::Major,
};

pub static CHAINGUARD: Apk = Apk {
    name: "Chainguard",
    namespaces: &["chainguard"],
    releases: Releases::Rolling,
};

pub static CLEANSTART: Apk = Apk {
    name: "CleanStart",
    namespaces: &["cleanstart"],
    releases: Releases::Rolling,
};

pub static MINIMOS: Apk = Apk {
    name: "MinimOS",
    namespaces: &["minimos"],
    releases: Releases::Rolling,
};

pub static WOLFI: Apk = Apk {
    name: "Wolfi",
    namespaces: &["wolfi"],
    releases: Releases::Rolling,
};

impl Ecosystem for Apk {
    fn name(&self) -> &'static str {
        self.name
    }

    fn purl_type(&self) -> &'static str {
        "apk"
    }

    fn purl_namespaces(&self) -> &'static [&'static str] {
        self.namespaces
    }

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

impl Distribution for Apk {
    /// `v3.19` for `3.19.1`, `alpine-3.19.1` and `v3.19`; a version in the making (`3.20_alpha20240101`)
    /// is `edge`.
    fn release(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let text = self
            .namespaces
            .iter()
            .find_map(|name| text.strip_prefix(name))
            .unwrap_or(text);
        let text = text.trim_start_matches(['-', ':', ' ', 'v']);
        let mut numbers = text.split('.');
        let major = numbers.next().filter(|number| is_number(number));
        let minor = numbers.next().filter(|number| is_number(number));
        match self.releases {
            Releases::Rolling => Some(String::new()),
            Releases::Numbered if text == "edge" || text.contains('_') => Some("edge".to_owned()),
            Releases::Numbered => Some(format!("v{}.{}", major?, minor?)),
            Releases::Major if text == "stream" => Some(text.to_owned()),
            Releases::Major => Some(major?.to_owned()),
        }
    }

    fn needs_release(&self) -> bool {
        self.releases == Releases::Numbered
    }

    fn has_epochs(&self) -> bool {
        false
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_one_name() {
        for text in ["3.19", "3.19.1", "v3.19", "alpine-3.19.1", "alpine-v3.19"] {
            assert_eq!(ALPINE.release(text).as_deref(), Some("v3.19"), "{text}");
        }
        assert_eq!(ALPINE.release("edge").as_deref(), Some("edge"));
        assert_eq!(ALPINE.release("3.21.0_alpha20240923").as_deref(), Some("edge"));
        for text in ["", "alpine", "3", "debian-12"] {
            assert_eq!(ALPINE.release(text), None, "{text}");
        }
        assert_eq!(ALPAQUITA.release("alpaquita-23").as_deref(), Some("23"));
        assert_eq!(WOLFI.release("20230201").as_deref(), Some(""), "there is but one");
    }
}
