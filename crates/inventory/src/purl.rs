//! Package URLs, as the purl specification (ECMA-427) and its type definitions have them.
//!
//! Two doors lead in. [`FromStr`] holds to the specification and is for what people and clients write;
//! [`Purl::lenient`] takes what real SBOM tools write, and is for documents. Both end in the same canonical form.

mod encoding;
mod parse;
mod rules;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A package URL in canonical form: the one identity of a package version across formats.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Purl {
    kind: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    /// Sorted by key.
    qualifiers: Vec<(String, String)>,
    subpath: Option<String>,
}

/// What a package URL is built from; nothing here is percent-encoded.
#[derive(Clone, Debug, Default)]
pub struct PurlParts<'a> {
    pub kind: &'a str,
    pub namespace: Option<&'a str>,
    pub name: &'a str,
    pub version: Option<&'a str>,
    pub qualifiers: Vec<(&'a str, &'a str)>,
    pub subpath: Option<&'a str>,
}

/// The text is no package URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a package URL: {why}")]
pub struct InvalidPurl {
    pub text: String,
    pub why: String,
}

impl Purl {
    /// A package URL without qualifiers: `Purl::new("npm", Some("@babel"), "core", Some("7.0.0"))`.
    pub fn new(
        kind: &str,
        namespace: Option<&str>,
        name: &str,
        version: Option<&str>,
    ) -> Result<Self, InvalidPurl> {
        Self::from_parts(&PurlParts {
            kind,
            namespace,
            name,
            version,
            ..PurlParts::default()
        })
    }

    /// A package URL from its parts, normalised and checked as its type demands.
    pub fn from_parts(parts: &PurlParts<'_>) -> Result<Self, InvalidPurl> {
        parse::from_parts(parts).map_err(|why| InvalidPurl {
            text: format!("{}/{}", parts.kind, parts.name),
            why: why.into(),
        })
    }

    /// Reads what a tool wrote, forgiving what does not blur the identity: upper-case qualifier keys, a stray
    /// `%`, and parts that a type demands or prohibits but that tools forget or add.
    pub fn lenient(text: &str) -> Result<Self, InvalidPurl> {
        parse::lenient(text).map_err(|why| InvalidPurl {
            text: excerpt(text),
            why: why.into(),
        })
    }

    /// The type: `npm`, `cargo`, `pypi`, `deb`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Everything between type and name, slashes between its segments: `@babel`, `org.apache.commons`, `debian`.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Sorted by key; values are decoded.
    #[must_use]
    pub fn qualifiers(&self) -> &[(String, String)] {
        &self.qualifiers
    }

    #[must_use]
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, value)| value.as_str())
    }

    #[must_use]
    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    /// The package's name as its ecosystem writes it: npm's `@scope/name`, Maven's `group:artifact`, and for
    /// operating systems, whose namespace only names the vendor, the bare name.
    #[must_use]
    pub fn package_name(&self) -> String {
        match (&self.namespace, self.kind.as_str()) {
            (None, _) | (_, "deb" | "rpm" | "apk" | "alpine" | "alpm") => self.name.clone(),
            (Some(group), "maven") => format!("{group}:{}", self.name),
            (Some(namespace), _) => format!("{namespace}/{}", self.name),
        }
    }
}

impl FromStr for Purl {
    type Err = InvalidPurl;

    fn from_str(text: &str) -> Result<Self, InvalidPurl> {
        parse::strict(text).map_err(|why| InvalidPurl {
            text: excerpt(text),
            why: why.into(),
        })
    }
}

/// The canonical text.
impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            encoding::write_path(f, namespace)?;
            f.write_str("/")?;
        }
        if self.kind == "git" {
            // The namespace is the host; the name is the whole path of the repository there.
            encoding::write_path(f, &self.name)?;
        } else {
            encoding::write(f, &self.name)?;
        }
        if let Some(version) = &self.version {
            f.write_str("@")?;
            encoding::write(f, version)?;
        }
        for (position, (key, value)) in self.qualifiers.iter().enumerate() {
            write!(f, "{}{key}=", if position == 0 { '?' } else { '&' })?;
            encoding::write(f, value)?;
        }
        if let Some(subpath) = &self.subpath {
            f.write_str("#")?;
            encoding::write_path(f, subpath)?;
        }
        Ok(())
    }
}

impl Serialize for Purl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Lenient, so that whatever a reader accepted can be stored and loaded again.
impl<'de> Deserialize<'de> for Purl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::lenient(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Enough of a refused text to recognise it: an error message must not grow with the input.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 200;
    if text.chars().nth(LONGEST).is_none() {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_as_its_ecosystem_names_it() {
        for (purl, name) in [
            ("pkg:npm/%40babel/core@7.0.0", "@babel/core"),
            ("pkg:npm/JSONStream@1.3.5", "JSONStream"),
            ("pkg:maven/org.apache.commons/io@1.0", "org.apache.commons:io"),
            ("pkg:pypi/Django_Package@1.0", "django-package"),
            ("pkg:cargo/serde_json@1.0.0", "serde_json"),
            ("pkg:deb/debian/curl@7.50.3-1?arch=i386", "curl"),
            (
                "pkg:golang/github.com/gorilla/mux@v1.8.0",
                "github.com/gorilla/mux",
            ),
            ("pkg:composer/Laravel/Framework@5.5.0", "laravel/framework"),
        ] {
            assert_eq!(Purl::lenient(purl).unwrap().package_name(), name, "{purl}");
        }
    }

    #[test]
    fn what_tools_write_is_forgiven_and_what_blurs_the_identity_is_not() {
        for (text, canonical) in [
            (
                "PKG:RPM/Fedora/curl@7.50.3?Arch=i386",
                "pkg:rpm/fedora/curl@7.50.3?arch=i386",
            ),
            ("pkg:npm/@babel/core", "pkg:npm/%40babel/core"),
            ("pkg:npm/%40babel%2Fcore@7.0.0", "pkg:npm/%40babel/core@7.0.0"),
            ("pkg:npm/@babel/core@7.0.0", "pkg:npm/%40babel/core@7.0.0"),
            ("pkg:swift/Alamofire@5.4.3", "pkg:swift/Alamofire@5.4.3"),
            ("pkg:generic/a%zz@1", "pkg:generic/a%25zz@1"),
            ("pkg:deb/debian/libc6@2:1.0+b1", "pkg:deb/debian/libc6@2:1.0%2Bb1"),
            ("pkg:generic/größe@1 2", "pkg:generic/gr%C3%B6%C3%9Fe@1%202"),
            ("pkg:generic/a@1?x=&y=1", "pkg:generic/a@1?y=1"),
        ] {
            assert_eq!(Purl::lenient(text).unwrap().to_string(), canonical, "{text}");
        }
        for text in [
            "",
            "pkg:",
            "pkg:npm",
            "pkg:npm/",
            "pkg:npm/@1.0",
            "npm/a@1",
            "pkg:npm/%ff@1",
            "pkg:npm/a@1?x=1&x=2",
            "pkg:npm/a@1?=2",
        ] {
            assert!(Purl::lenient(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_error_does_not_grow_with_the_text() {
        let error = Purl::lenient(&"ä".repeat(10_000)).unwrap_err();
        assert_eq!(error.text.chars().count(), 201);
    }
}
