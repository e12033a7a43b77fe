//! A registry written as lines.

use std::collections::BTreeMap;

use ecosystems::npm::resolve::{Document, Packument};
use serde_json::{Map, Value, json};

#[derive(Default)]
pub struct Registry {
    packuments: BTreeMap<String, Value>,
}

impl Registry {
    /// Reads lines `name@version requirement…` and `latest name@version`. Without the latter the last version of a
    /// name is its latest.
    pub fn read(text: &str) -> Self {
        let mut registry = Self::default();
        let mut latest = BTreeMap::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let mut words = line.split(' ');
            let (name, version) = split(words.next().unwrap());
            if name == "latest" && version.is_empty() {
                let (name, version) = split(words.next().unwrap());
                latest.insert(name.to_owned(), version.to_owned());
            } else {
                registry.add(name, version, words);
            }
        }
        for (name, version) in latest {
            registry.packuments.get_mut(&name).unwrap()["dist-tags"]["latest"] = json!(version);
        }
        registry
    }

    fn add<'a>(&mut self, name: &str, version: &str, words: impl Iterator<Item = &'a str>) {
        let empty = || json!({"dist-tags": {}, "versions": {}});
        let packument = self.packuments.entry(name.to_owned()).or_insert_with(empty);
        packument["dist-tags"]["latest"] = json!(version);
        packument["versions"][version] = manifest(name, version, words);
    }

    pub fn document(&self, name: &str) -> Document {
        match self.packuments.get(name) {
            Some(packument) => Document::Found(Packument::read(packument.to_string().into_bytes()).unwrap()),
            None => Document::Missing,
        }
    }

    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.packuments
            .get(name)
            .map(|packument| packument.to_string().into_bytes())
    }
}

fn split(text: &str) -> (&str, &str) {
    let at = text[1..].find('@').map(|at| at + 1);
    at.map_or((text, ""), |at| (&text[..at], &text[at + 1..]))
}

fn manifest<'a>(name: &str, version: &str, words: impl Iterator<Item = &'a str>) -> Value {
    let mut manifest = json!({"name": name, "version": version});
    let mut add = |section: &str, text: &str, value: Option<Value>| {
        let (name, spec) = split(text);
        let map = manifest.as_object_mut().unwrap();
        let section = map.entry(section).or_insert_with(|| Value::Object(Map::new()));
        section[name] = value.unwrap_or_else(|| json!(spec));
    };
    let mut bundled = Vec::new();
    for word in words {
        match word.split_once(':') {
            Some(("peer", rest)) => add("peerDependencies", rest, None),
            Some(("peer?", rest)) => {
                add("peerDependencies", rest, None);
                add("peerDependenciesMeta", rest, Some(json!({"optional": true})));
            }
            Some(("opt", rest)) => add("optionalDependencies", rest, None),
            Some(("bundle", rest)) => bundled.push(rest),
            _ => add("dependencies", word, None),
        }
    }
    manifest["bundleDependencies"] = json!(bundled);
    manifest
}
