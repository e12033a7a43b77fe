//! What a registry says of one package: its versions with their dependencies, tags and times.
//!
//! A full document can have ten megabytes, of which resolving one version needs a kilobyte. So a document is only
//! divided when it is read, and a version is parsed when it is asked for. [`Packument::reduce`] leaves out what is
//! never asked for; its text is itself such a document, which is what the store keeps.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fields::Fields;
use super::json::{Pairs, Text, Truth};
use super::reduce::{Kept, Reduced};
use super::time;

/// The longest document, in bytes, that is read.
pub const MAX_LENGTH: usize = 64 * 1024 * 1024;

/// A document of a registry, divided into its versions.
#[derive(Clone, Debug)]
pub struct Packument {
    text: Arc<[u8]>,
    tags: Vec<(String, String)>,
    /// Key and manifest of each version, as places in the text and in the document's order.
    versions: Vec<(Range<usize>, Range<usize>)>,
    time: Option<Range<usize>>,
    repository: Option<Range<usize>>,
}

/// Why a document could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadablePackument {
    #[error("the document has more than {MAX_LENGTH} bytes")]
    TooLong,
    #[error("the document is no packument: {0}")]
    Malformed(String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Outline<'a> {
    #[serde(borrow, rename = "dist-tags")]
    tags: Option<&'a RawValue>,
    #[serde(borrow)]
    versions: Members<'a>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    repository: Option<&'a RawValue>,
}

/// The members of an object, each unread.
#[derive(Default)]
struct Members<'a>(Vec<(&'a str, &'a RawValue)>);

impl Packument {
    /// Divides a document, full, abbreviated or reduced.
    ///
    /// # Errors
    /// When it is too long or no JSON object.
    pub fn read(text: impl Into<Arc<[u8]>>) -> Result<Self, UnreadablePackument> {
        let text = text.into();
        if text.len() > MAX_LENGTH {
            return Err(UnreadablePackument::TooLong);
        }
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(UnreadablePackument::Malformed("it is no object".to_owned()));
        }
        let malformed = |error: serde_json::Error| UnreadablePackument::Malformed(error.to_string());
        let outline: Outline<'_> = serde_json::from_slice(&text).map_err(malformed)?;
        let place = |part: &str| place(&text, part);
        let versions = outline.versions.0.iter();
        let versions = versions
            .map(|(key, manifest)| (place(key), place(manifest.get())))
            .collect();
        let time = outline.time.map(|time| place(time.get()));
        let repository = outline.repository.map(|repository| place(repository.get()));
        let tags: Pairs<Text> = outline
            .tags
            .map_or_else(Pairs::default, |tags| lenient(tags.get()));
        let tags = tags
            .texts()
            .map(|(tag, version)| (tag.to_owned(), version.to_owned()));
        Ok(Self {
            tags: tags.collect(),
            versions,
            time,
            repository,
            text,
        })
    }

    /// The versions as they are written, in the document's order.
    pub fn versions(&self) -> impl ExactSizeIterator<Item = &str> {
        self.versions.iter().map(|(key, _)| self.part(key))
    }

    /// The version that a tag stands for.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags
            .iter()
            .find_map(|(tag, version)| (tag == name).then_some(version.as_str()))
    }

    /// The fields of a version; `None` when there is none or it is malformed.
    #[must_use]
    pub fn fields(&self, version: &str) -> Option<Fields> {
        Fields::read(self.manifest(self.position(version)?)).ok()
    }

    /// What choosing among versions looks at, of the version at this place.
    pub(super) fn glance(&self, position: usize) -> Glance {
        lenient(self.manifest(position))
    }

    /// Why a version is deprecated; `None` when it is not.
    #[must_use]
    pub fn deprecated(&self, version: &str) -> Option<String> {
        let glance = self.glance(self.position(version)?);
        glance
            .deprecated
            .is_true
            .then(|| glance.deprecated.text.unwrap_or_default())
    }

    /// The license of a version, as it is written.
    #[must_use]
    pub fn license(&self, version: &str) -> Option<String> {
        let fields = self.fields(version)?;
        fields.license.0.or(fields.licenses.0)
    }

    /// The address of the package's repository, as it is written.
    #[must_use]
    pub fn repository(&self) -> Option<String> {
        let text = self.part(self.repository.as_ref()?);
        let address: Text = lenient(text);
        let object: Pairs<Text> = lenient(text);
        address.0.or_else(|| object.get("url").map(str::to_owned))
    }

    /// When each version was published, in milliseconds since 1970.
    pub(super) fn times(&self) -> Vec<(String, Option<i64>)> {
        let Some(place) = &self.time else {
            return Vec::new();
        };
        let times: Pairs<Text> = lenient(self.part(place));
        times
            .texts()
            .map(|(version, moment)| (version.to_owned(), time::parse(moment)))
            .collect()
    }

    /// The same document without what resolving never asks for.
    #[must_use]
    pub fn reduce(&self) -> String {
        let kept = Reduced {
            tags: &self.tags,
            time: self.time.as_ref().map(|time| self.part(time)),
            repository: self.repository(),
            versions: self
                .versions
                .iter()
                .filter_map(|(key, manifest)| {
                    let kept: Kept<'_> = serde_json::from_str(self.part(manifest)).ok()?;
                    Some((self.part(key), kept.with_install_script()))
                })
                .collect(),
        };
        serde_json::to_string(&kept).unwrap_or_default()
    }

    /// The bytes that the document takes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    pub(super) fn position(&self, version: &str) -> Option<usize> {
        // A key that is repeated counts as it is written last.
        self.versions
            .iter()
            .rposition(|(key, _)| self.part(key) == version)
    }

    fn manifest(&self, position: usize) -> &str {
        self.versions
            .get(position)
            .map_or("{}", |(_, manifest)| self.part(manifest))
    }

    fn part(&self, place: &Range<usize>) -> &str {
        let part = self.text.get(place.clone()).unwrap_or_default();
        // Every part was borrowed from the text as a `str`.
        std::str::from_utf8(part).unwrap_or_default()
    }
}

/// What choosing among versions looks at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Glance {
    pub engines: Pairs<Text>,
    pub deprecated: Truth,
}

/// Where a part lies in the text that it was borrowed from.
fn place(text: &[u8], part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    start..start + part.len()
}

fn lenient<'a, T: Deserialize<'a> + Default>(text: &'a str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of versions")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    match key {
                        Cow::Borrowed(key) => members.push((key, map.next_value()?)),
                        // No version is written with escapes.
                        Cow::Owned(_) => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"{
        "_id": "a", "name": "a", "readme": "long", "dist-tags": {"latest": "2.0.0", "next": "3.0.0-rc.1"},
        "repository": {"type": "git", "url": "git+https://example.org/a.git"},
        "time": {"created": "2020-01-01T00:00:00.000Z", "1.0.0": "2020-01-01T00:00:00.000Z"},
        "versions": {
            "1.0.0": {"name": "a", "version": "1.0.0", "deprecated": "old", "scripts": {"postinstall": "node x"},
                "dependencies": {"c": "1", "b": "^2"}, "author": {"name": "x"},
                "dist": {"integrity": "sha512-AA==", "tarball": "https://registry.example.org/a.tgz", "fileCount": 3}},
            "2.0.0": {"name": "a", "version": "2.0.0", "license": "MIT", "main": "x.js"},
            "b\u0061d": {}
        }}"#;

    #[test]
    fn a_reduced_document_answers_as_the_full_one() {
        let full = Packument::read(FULL.as_bytes()).expect("a packument");
        let reduced = Packument::read(full.reduce().into_bytes()).expect("a packument");
        for packument in [&full, &reduced] {
            assert_eq!(packument.versions().collect::<Vec<_>>(), ["1.0.0", "2.0.0"]);
            assert_eq!(packument.tag("latest"), Some("2.0.0"));
            assert_eq!(packument.tag("none"), None);
            assert_eq!(packument.deprecated("1.0.0").as_deref(), Some("old"));
            assert_eq!(packument.deprecated("2.0.0"), None);
            assert_eq!(packument.license("2.0.0").as_deref(), Some("MIT"));
            assert_eq!(
                packument.repository().as_deref(),
                Some("git+https://example.org/a.git")
            );
            let fields = packument.fields("1.0.0").expect("a version");
            let dependencies: Vec<_> = fields.dependencies.texts().collect();
            assert_eq!(dependencies, [("c", "1"), ("b", "^2")]);
            assert_eq!(fields.install_script(), Some(true));
            assert_eq!(fields.dist.get("integrity"), Some("sha512-AA=="));
            assert_eq!(
                packument.times()[1],
                ("1.0.0".to_owned(), Some(1_577_836_800_000))
            );
        }
        assert!(reduced.len() < full.len() / 2 + 200);
        assert_eq!(reduced.reduce(), full.reduce());
    }

    #[test]
    fn what_is_no_packument_is_refused() {
        for text in ["", "[]", "{\"versions\": [1]}", "null", "{"] {
            assert!(Packument::read(text.as_bytes()).is_err(), "{text:?}");
        }
        assert!(Packument::read(*b"{}").expect("empty").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC*|[{}\\[\\]\":,a-z0-9]*") {
            if let Ok(packument) = Packument::read(text.into_bytes()) {
                let _ = packument.reduce();
            }
        }
    }
}
