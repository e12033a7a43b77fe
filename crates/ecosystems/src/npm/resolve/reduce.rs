//! Writing a packument with the fields that are kept alone.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::json::{Pairs, Text, Truth};

/// A document without what resolving never asks for.
pub struct Reduced<'a> {
    pub tags: &'a [(String, String)],
    pub time: Option<&'a str>,
    pub repository: Option<String>,
    pub versions: Vec<(&'a str, Kept<'a>)>,
}

impl Serialize for Reduced<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("dist-tags", &Object(self.tags))?;
        if let Some(time) = self
            .time
            .and_then(|time| serde_json::from_str::<&RawValue>(time).ok())
        {
            map.serialize_entry("time", time)?;
        }
        if let Some(repository) = &self.repository {
            map.serialize_entry("repository", repository)?;
        }
        map.serialize_entry("versions", &Object(&self.versions))?;
        map.end()
    }
}

struct Object<'a, K, V>(&'a [(K, V)]);

impl<K: Serialize, V: Serialize> Serialize for Object<'_, K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

macro_rules! kept {
    ($($(#[$meta:meta])* $field:ident),* $(,)?) => {
        /// The fields of a version that are kept, unread.
        #[derive(Default, Serialize, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub struct Kept<'a> {
            $($(#[$meta])*
            #[serde(borrow, skip_serializing_if = "Option::is_none")]
            $field: Option<&'a RawValue>,)*
            #[serde(skip_serializing_if = "is_false")]
            has_install_script: Truth,
            #[serde(skip_serializing)]
            scripts: Pairs<Text>,
            #[serde(skip_serializing_if = "has_none")]
            dist: Pairs<Text>,
        }
    };
}

kept!(
    name,
    version,
    dependencies,
    optional_dependencies,
    peer_dependencies,
    peer_dependencies_meta,
    accept_dependencies,
    bundle_dependencies,
    bundled_dependencies,
    engines,
    os,
    cpu,
    libc,
    deprecated,
    license,
    licenses,
    #[serde(rename = "_hasShrinkwrap")]
    has_shrinkwrap,
);

impl Kept<'_> {
    pub fn with_install_script(mut self) -> Self {
        let runs = |name| {
            self.scripts
                .get(name)
                .is_some_and(|script: &str| !script.is_empty())
        };
        self.has_install_script.is_true |= runs("install") || runs("preinstall") || runs("postinstall");
        self
    }
}

fn is_false(truth: &Truth) -> bool {
    !truth.is_true
}

fn has_none<T>(pairs: &Pairs<T>) -> bool {
    pairs.0.is_empty()
}

impl Serialize for Truth {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(self.is_true)
    }
}

impl Serialize for Pairs<Text> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wanted = |key: &&str| matches!(*key, "integrity" | "shasum" | "tarball");
        serializer.collect_map(self.texts().filter(|(key, _)| wanted(key)))
    }
}
