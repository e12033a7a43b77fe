//! What people type to find a component.

use std::cmp::Ordering;

use ecosystems::Ecosystem;
use inventory::{Component, Purl};

use crate::db::List;
use crate::packages::Identity;

/// A search, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// The beginning of a name, in any case.
    Name(String),
    /// A whole name and a range of its versions: `axios@<1.8`.
    Range { name: String, range: VersionRange },
    /// All versions of one package: a purl without version.
    Package { ecosystem: String, name: String },
    /// One version: a purl with version.
    Identity(String),
    /// Everything that an advisory affects.
    Advisory(String),
    /// The beginning of a name, and licenses as [`Search::licensed`] writes them.
    License { name: String, licenses: String },
}

/// Begins the identity of what has no purl.
const UNIDENTIFIED: &str = "unidentified:";

impl Search {
    /// Reads what was typed; what is nothing else is the beginning of a name.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text = text.trim();
        if let Ok(purl) = Purl::lenient(text) {
            return Self::of_purl(&purl);
        }
        if let Some(rest) = text.strip_prefix(UNIDENTIFIED) {
            return Self::Package {
                ecosystem: String::new(),
                name: rest.to_owned(),
            };
        }
        if is_advisory(text) {
            return Self::Advisory(text.to_owned());
        }
        // The first character may be the `@` of an npm scope.
        let at = text.rfind('@').filter(|at| *at > 0);
        match at.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) {
            Some((name, range)) => match VersionRange::read(range) {
                Some(range) => Self::Range {
                    name: name.trim().to_owned(),
                    range,
                },
                None => Self::Name(name.trim().to_owned()),
            },
            None => Self::Name(text.to_owned()),
        }
    }

    /// What is held under one of these effective licenses, the empty one for none, with names that begin so.
    #[must_use]
    pub fn licensed(name: &str, licenses: &[String]) -> Self {
        Self::License {
            name: name.to_owned(),
            licenses: List::of(licenses),
        }
    }

    fn of_purl(purl: &Purl) -> Self {
        let identity = Identity::of(&Component {
            purl: Some(purl.clone()),
            ..Component::default()
        });
        let of_distribution = ecosystems::by_purl(purl.kind(), purl.namespace())
            .is_some_and(|ecosystem| ecosystem.distribution().is_some());
        if of_distribution && let Some(range) = VersionRange::read(&identity.version) {
            // The stored identity says more: release and source.
            return Self::Range {
                name: identity.name,
                range,
            };
        }
        if purl.version().is_some() {
            Self::Identity(identity.text)
        } else {
            Self::Package {
                ecosystem: identity.ecosystem,
                name: identity.name,
            }
        }
    }

    /// The package that a purl (with or without version) or an `unidentified:` name is of.
    #[must_use]
    pub fn package_of(text: &str) -> Option<(String, String)> {
        if let Some(rest) = text.strip_prefix(UNIDENTIFIED) {
            return Some((String::new(), rest.to_owned()));
        }
        let identity = Identity::of(&Component {
            purl: Some(Purl::lenient(text).ok()?),
            ..Component::default()
        });
        Some((identity.ecosystem, identity.name))
    }

    /// What the statement of this search compares with, and the ecosystem where that is a part of it.
    pub(super) fn subject(&self) -> (&str, Option<&str>) {
        match self {
            Self::Package { ecosystem, name } => (name, Some(ecosystem)),
            Self::Name(text) | Self::Identity(text) | Self::Advisory(text) => (text, None),
            Self::Range { name, .. } | Self::License { name, .. } => (name, None),
        }
    }
}

/// Whether the text is shaped like the id of an advisory.
fn is_advisory(text: &str) -> bool {
    const PREFIXES: [&str; 9] = [
        "cve-", "ghsa-", "rustsec-", "pysec-", "mal-", "go-", "osv-", "dsa-", "usn-",
    ];
    let lower = text.to_ascii_lowercase();
    PREFIXES.iter().any(|prefix| {
        lower
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.contains('-') && rest.chars().any(|c| c.is_ascii_digit()))
    })
}

/// Bounds that all hold: `>=1.2 <1.8`, or one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRange(Vec<(Comparator, String)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

/// Longest first, so that `<=` is not read as `<`.
const COMPARATORS: [(&str, Comparator); 5] = [
    ("<=", Comparator::LessOrEqual),
    (">=", Comparator::GreaterOrEqual),
    ("<", Comparator::Less),
    (">", Comparator::Greater),
    ("=", Comparator::Equal),
];

impl VersionRange {
    /// Reads bounds that are parted by spaces or commas; a bare version means itself. `None` when there is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bounds: Vec<(Comparator, String)> = text
            .split([' ', ','])
            .filter(|part| !part.is_empty())
            .map(bound)
            .collect::<Option<_>>()?;
        (!bounds.is_empty()).then_some(Self(bounds))
    }

    /// Whether a version is inside; `None` when the ecosystem is not known or a version cannot be compared.
    #[must_use]
    pub fn contains(&self, ecosystem: Option<&dyn Ecosystem>, version: &str) -> Option<bool> {
        let mut inside = true;
        for (comparator, bound) in &self.0 {
            let order = if version == bound {
                Ordering::Equal
            } else {
                let ecosystem = ecosystem?;
                ecosystem.key(version).ok()?.cmp(&ecosystem.key(bound).ok()?)
            };
            inside &= comparator.accepts(order);
        }
        Some(inside)
    }
}

fn bound(part: &str) -> Option<(Comparator, String)> {
    let (comparator, version) = COMPARATORS
        .iter()
        .find_map(|(sign, comparator)| Some((*comparator, part.strip_prefix(sign)?)))
        .unwrap_or((Comparator::Equal, part));
    (!version.is_empty()).then(|| (comparator, version.to_owned()))
}

impl Comparator {
    const fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Equal => order.is_eq(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_understood_by_its_shape() {
        let package = |ecosystem: &str, name: &str| Search::Package {
            ecosystem: ecosystem.to_owned(),
            name: name.to_owned(),
        };
        for (typed, understood) in [
            (" axios ", Search::Name("axios".to_owned())),
            ("@babel/core", Search::Name("@babel/core".to_owned())),
            ("axios@", Search::Name("axios".to_owned())),
            ("pkg:npm/axios", package("npm", "axios")),
            ("pkg:pypi/Django_Rest", package("PyPI", "django-rest")),
            ("pkg:npm/%40babel/core", package("npm", "@babel/core")),
            ("unidentified:libfoo", package("", "libfoo")),
            (
                "pkg:npm/axios@1.6.8",
                Search::Identity("pkg:npm/axios@1.6.8".to_owned()),
            ),
            ("cve-2024-3094", Search::Advisory("cve-2024-3094".to_owned())),
            (
                "GHSA-fjxv-7rqg-78g4",
                Search::Advisory("GHSA-fjxv-7rqg-78g4".to_owned()),
            ),
            ("go-colors", Search::Name("go-colors".to_owned())),
        ] {
            assert_eq!(Search::read(typed), understood, "{typed}");
        }
        assert!(
            matches!(Search::read("@babel/core@>=7 <8"), Search::Range { name, .. } if name == "@babel/core")
        );
    }

    #[test]
    fn a_range_is_decided_by_the_ecosystem_or_not_at_all() {
        let npm = ecosystems::by_name("npm");
        for (range, version, expect) in [
            ("<1.8", "1.7.9", Some(true)),
            ("<1.8", "1.8.0", Some(false)),
            ("<1.10", "1.9.0", Some(true)),
            (">=1.2,<1.8", "1.1.0", Some(false)),
            ("1.6.8", "1.6.8", Some(true)),
            ("=1.6.8", "1.6.9", Some(false)),
            ("<1.8", "latest", None),
            ("latest", "latest", Some(true)),
        ] {
            let read = VersionRange::read(range).unwrap();
            assert_eq!(read.contains(npm, version), expect, "{version} in {range}");
        }
        let range = VersionRange::read("<2").unwrap();
        assert_eq!(range.contains(None, "1.0"), None);
        assert_eq!(VersionRange::read("<"), None);
    }
}
