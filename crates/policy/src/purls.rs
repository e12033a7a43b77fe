//! Patterns of package URLs: `pkg:npm/minimist@<1.2.6`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use inventory::Purl;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::glob::matches_glob;

/// A package, with all its versions, one version, or a range of versions.
///
/// Versions are compared as the ecosystem compares them; a version that cannot be compared is in no range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurlPattern {
    /// As written.
    text: String,
    kind: String,
    /// The name as the ecosystem writes it (`@scope/name`), possibly with `*`.
    name: String,
    versions: Versions,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Versions {
    All,
    One(String),
    /// All of these hold.
    Range(Vec<(Comparator, String)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
}

/// The text is no pattern of package URLs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no package URL, nor one with a range of versions: {why}")]
pub struct InvalidPattern {
    pub text: String,
    pub why: &'static str,
}

/// Longest first, so that `<=` is not read as `<`.
const COMPARATORS: &[(&str, Comparator)] = &[
    ("<=", Comparator::LessOrEqual),
    (">=", Comparator::GreaterOrEqual),
    ("<", Comparator::Less),
    (">", Comparator::Greater),
    ("=", Comparator::Equal),
];

impl PurlPattern {
    /// Whether the purl is of the package and its version among the versions. Qualifiers are not looked at.
    #[must_use]
    pub fn matches(&self, purl: &Purl) -> bool {
        self.matches_named(purl, &purl.package_name())
    }

    /// As [`PurlPattern::matches`], for callers that ask many patterns and know the package's name.
    pub(crate) fn matches_named(&self, purl: &Purl, name: &str) -> bool {
        self.kind == purl.kind() && matches_glob(&self.name, name) && self.versions.contain(purl)
    }

    /// The [`package_key`], when the pattern means exactly one package.
    pub(crate) fn key(&self) -> Option<String> {
        (!self.name.contains('*')).then(|| package_key(&self.kind, &self.name))
    }
}

/// One text for one package, to index by.
pub(crate) fn package_key(kind: &str, name: &str) -> String {
    format!("{kind}/{name}")
}

impl Versions {
    fn contain(&self, purl: &Purl) -> bool {
        match (self, purl.version()) {
            (Self::All, _) => true,
            (_, None) => false,
            (Self::One(version), Some(other)) => {
                version == other || in_order(purl, other, version) == Some(Ordering::Equal)
            }
            (Self::Range(comparators), Some(version)) => comparators.iter().all(|(comparator, bound)| {
                in_order(purl, version, bound).is_some_and(|order| comparator.accepts(order))
            }),
        }
    }
}

/// How two versions of an ecosystem stand; `None` when the ecosystem or a version is not understood.
pub(crate) fn in_order(purl: &Purl, left: &str, right: &str) -> Option<Ordering> {
    let ecosystem = ecosystems::by_purl(purl.kind(), purl.namespace())?;
    Some(ecosystem.key(left).ok()?.cmp(&ecosystem.key(right).ok()?))
}

/// As [`in_order`], for the name of an ecosystem.
pub(crate) fn in_order_of(ecosystem: &str, left: &str, right: &str) -> Option<Ordering> {
    let ecosystem = ecosystems::by_name(ecosystem)?;
    Some(ecosystem.key(left).ok()?.cmp(&ecosystem.key(right).ok()?))
}

impl Comparator {
    fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Equal => order.is_eq(),
        }
    }
}

impl FromStr for PurlPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let invalid = |why| InvalidPattern {
            text: text.to_owned(),
            why,
        };
        let (package, versions) = split_version(text);
        // The reader of purls wants no `*`; a letter that changes nothing stands in for it.
        let starless = package.replace('*', "x");
        let purl: Purl = starless
            .parse()
            .map_err(|_| invalid("the part before the version is no package URL"))?;
        let name = if package.contains('*') {
            starred_name(package)
        } else {
            purl.package_name()
        };
        let versions = read_versions(versions).ok_or_else(|| invalid("the range is not understood"))?;
        Ok(Self {
            text: text.to_owned(),
            kind: purl.kind().to_owned(),
            name,
            versions,
        })
    }
}

/// The package part and what follows the `@` of the version; a scope's `@` follows a slash.
fn split_version(text: &str) -> (&str, &str) {
    match text.rfind('@') {
        Some(at) if !text[..at].ends_with('/') => (&text[..at], &text[at + 1..]),
        _ => (text, ""),
    }
}

fn starred_name(package: &str) -> String {
    let path = package.split_once('/').map_or("", |(_, path)| path);
    path.replace("%40", "@")
}

fn read_versions(text: &str) -> Option<Versions> {
    let text = text.replace("%3C", "<").replace("%3E", ">").replace("%3D", "=");
    if text.is_empty() || text == "*" {
        return Some(Versions::All);
    }
    if !text.starts_with(['<', '>', '=']) {
        let exact = !text.contains(['<', '>', '=', '~', '^', '!', ' ', ',', '*', '|']);
        return exact.then(|| Versions::One(text.replace("%2B", "+")));
    }
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    parts
        .map(read_comparator)
        .collect::<Option<Vec<_>>>()
        .map(Versions::Range)
}

fn read_comparator(part: &str) -> Option<(Comparator, String)> {
    COMPARATORS.iter().find_map(|(sign, comparator)| {
        let version = part.strip_prefix(sign).filter(|version| !version.is_empty())?;
        Some((*comparator, version.to_owned()))
    })
}

impl fmt::Display for PurlPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for PurlPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PurlPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

/// A visitor rather than a `String`, so that readers of documents know the place of an error.
struct TextVisitor;

impl de::Visitor<'_> for TextVisitor {
    type Value = PurlPattern;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a package URL")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<PurlPattern, E> {
        text.parse().map_err(E::custom)
    }
}
