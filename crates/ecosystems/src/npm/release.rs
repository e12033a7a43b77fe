//! What npm's registry says of one version besides what it needs.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::lockfile::manifest::license;

/// A package's document, of which single versions are read when they are asked for.
#[derive(Debug)]
pub struct Packument<'a> {
    versions: HashMap<Cow<'a, str>, &'a RawValue>,
    tags: Value,
    time: Value,
}

/// What the registry says of a version. What it does not say is absent or, where the document would have to say it, no.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    pub license: Option<String>,
    pub deprecated: bool,
    pub install_script: bool,
    /// The address of the source code.
    pub repository: Option<String>,
    /// RFC 3339.
    pub published: Option<String>,
    /// Of the unpacked archive, in bytes.
    pub size: Option<u64>,
    pub publisher: Option<String>,
    /// The version that `latest` names.
    pub latest: Option<String>,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    versions: HashMap<Cow<'a, str>, &'a RawValue>,
    #[serde(default, rename = "dist-tags")]
    tags: Value,
    #[serde(default)]
    time: Value,
}

impl<'a> Packument<'a> {
    /// Reads the whole document (not the one for installers, which says less). `None` for anything else.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let document: Document<'a> = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            versions: document.versions,
            tags: document.tags,
            time: document.time,
        })
    }

    /// What it says of a version; `None` for one that it does not have.
    #[must_use]
    pub fn release(&self, version: &str) -> Option<Release> {
        let raw = self.versions.get(version)?;
        let stated: Value = serde_json::from_str(raw.get()).ok()?;
        let text = |value: &Value| {
            value
                .as_str()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let script = |name: &str| {
            let scripts = stated.get("scripts");
            scripts
                .and_then(|scripts| scripts.get(name))
                .is_some_and(|script| text(script).is_some())
        };
        Some(Release {
            license: license(&stated),
            deprecated: match stated.get("deprecated") {
                None | Some(Value::Null | Value::Bool(false)) => false,
                Some(Value::String(words)) => !words.is_empty(),
                Some(_) => true,
            },
            install_script: ["preinstall", "install", "postinstall"].into_iter().any(script),
            repository: stated.get("repository").and_then(|repository| match repository {
                Value::Object(object) => object.get("url").and_then(text),
                other => text(other),
            }),
            published: self.time.get(version).and_then(text),
            size: stated.pointer("/dist/unpackedSize").and_then(Value::as_u64),
            publisher: stated.pointer("/_npmUser/name").and_then(text),
            latest: self.tags.get("latest").and_then(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"name":"a","dist-tags":{"latest":"2.0.0"},
        "time":{"1.0.0":"2020-01-02T03:04:05.000Z","unpublished":{"name":"x"}},
        "versions":{
          "1.0.0":{"license":{"type":"MIT"},"deprecated":"use b","scripts":{"postinstall":"node x"},
                   "repository":{"type":"git","url":"git+https://example.org/a.git"},
                   "dist":{"unpackedSize":12},"_npmUser":{"name":"ada"}},
          "2.0.0":{"licenses":[{"type":"MIT"},{"type":"ISC"}],"deprecated":false,"repository":"  ","scripts":{"test":"x"}},
          "3.0.0":[]}}"#;

    #[test]
    fn a_version_is_told_as_the_registry_has_it() {
        let packument = Packument::read(DOCUMENT.as_bytes()).unwrap();
        let first = packument.release("1.0.0").unwrap();
        assert_eq!(
            first,
            Release {
                license: Some("MIT".to_owned()),
                deprecated: true,
                install_script: true,
                repository: Some("git+https://example.org/a.git".to_owned()),
                published: Some("2020-01-02T03:04:05.000Z".to_owned()),
                size: Some(12),
                publisher: Some("ada".to_owned()),
                latest: Some("2.0.0".to_owned()),
            }
        );
        let second = packument.release("2.0.0").unwrap();
        assert!(!second.deprecated && !second.install_script && second.repository.is_none());
        assert!(second.license.unwrap().contains(" OR "));
        assert_eq!(
            packument.release("3.0.0"),
            Some(Release {
                latest: Some("2.0.0".to_owned()),
                ..Release::default()
            })
        );
        assert_eq!(packument.release("4.0.0"), None);
    }

    #[test]
    fn what_is_no_document_is_none() {
        for text in ["", "[]", "{}", "{\"versions\":[]}", "<html>"] {
            assert!(Packument::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
