//! The fields of `package.json`, of a project or of a version in a registry, that resolving needs.

use serde::Deserialize;

use super::json::{License, List, Optional, Pairs, Rules, Text, Truth};

/// The fields, as they are written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Fields {
    pub name: Text,
    pub version: Text,
    pub dependencies: Pairs<Text>,
    pub dev_dependencies: Pairs<Text>,
    pub optional_dependencies: Pairs<Text>,
    pub peer_dependencies: Pairs<Text>,
    pub peer_dependencies_meta: Pairs<Optional>,
    pub accept_dependencies: Pairs<Text>,
    pub bundle_dependencies: Option<List>,
    pub bundled_dependencies: Option<List>,
    pub engines: Pairs<Text>,
    pub os: List,
    pub cpu: List,
    pub libc: List,
    pub deprecated: Truth,
    pub license: License,
    pub licenses: License,
    pub has_install_script: Option<Truth>,
    pub scripts: Pairs<Text>,
    /// Where the archive lies: `integrity`, `shasum`, `tarball`.
    pub dist: Pairs<Text>,
    #[serde(rename = "_hasShrinkwrap")]
    pub has_shrinkwrap: Truth,
    pub workspaces: List,
    pub overrides: Rules,
}

impl Fields {
    /// Reads one object.
    ///
    /// # Errors
    /// When the text is no JSON object.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Changes the requirement of a dependency wherever it is declared.
    pub fn require(&mut self, name: &str, requirement: &str) {
        let sections = [
            &mut self.dependencies,
            &mut self.dev_dependencies,
            &mut self.optional_dependencies,
            &mut self.peer_dependencies,
        ];
        let declared = sections
            .into_iter()
            .flat_map(|section| &mut section.0)
            .filter(|(key, _)| key == name);
        declared.for_each(|(_, value)| value.0 = Some(requirement.to_owned()));
    }

    /// What is asked of a dependency that counts wherever the package lies.
    pub fn requirement(&self, name: &str) -> Option<&str> {
        let sections = [
            &self.optional_dependencies,
            &self.dependencies,
            &self.peer_dependencies,
        ];
        sections.into_iter().find_map(|section| section.get(name))
    }

    /// The names that lie inside the package's archive.
    pub fn bundled(&self) -> Vec<&str> {
        let Some(list) = self
            .bundle_dependencies
            .as_ref()
            .or(self.bundled_dependencies.as_ref())
        else {
            return Vec::new();
        };
        if list.all {
            return self.dependencies.texts().map(|(name, _)| name).collect();
        }
        list.texts.iter().map(String::as_str).collect()
    }

    /// Whether installing runs a script, as far as this says: a registry may say it or show the scripts.
    pub fn install_script(&self) -> Option<bool> {
        let runs = ["install", "preinstall", "postinstall"]
            .iter()
            .any(|name| self.scripts.get(name).is_some_and(|script| !script.is_empty()));
        match &self.has_install_script {
            Some(says) => Some(says.is_true || runs),
            None if runs => Some(true),
            None if !self.scripts.0.is_empty() => Some(false),
            None => None,
        }
    }

    /// On which platforms it is installed: `os: darwin, cpu: x64 arm64`.
    pub fn condition(&self) -> Option<String> {
        let lists = [("os", &self.os), ("cpu", &self.cpu), ("libc", &self.libc)];
        let parts = lists.into_iter().filter_map(|(name, list)| {
            let words: Vec<_> = list
                .texts
                .iter()
                .map(String::as_str)
                .filter(|word| !matches!(*word, "any" | "none"))
                .collect();
            (!words.is_empty()).then(|| format!("{name}: {}", words.join(" ")))
        });
        let parts: Vec<_> = parts.collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_another_type_counts_as_absent() {
        let fields = Fields::read(
            r#"{"name": 3, "version": "1.0.0", "dependencies": {"b": "1", "a": {}, "c": null, "b": "2"},
                "engines": ["node >= 0.2"], "os": "linux", "cpu": ["x64", 4], "license": {"type": "MIT"},
                "bundledDependencies": true, "deprecated": false, "peerDependenciesMeta": {"x": {"optional": 1}}}"#,
        )
        .expect("an object");
        assert_eq!(fields.name.0, None);
        assert_eq!(fields.dependencies.texts().collect::<Vec<_>>(), [("b", "2")]);
        assert_eq!(fields.bundled(), ["b"]);
        assert_eq!(fields.condition().as_deref(), Some("os: linux, cpu: x64"));
        assert_eq!(fields.license.0.as_deref(), Some("MIT"));
        assert!(!fields.deprecated.is_true);
        assert!(fields.peer_dependencies_meta.0[0].1.0);
        assert_eq!(fields.install_script(), None);
    }

    #[test]
    fn workspaces_are_a_list_or_an_object_with_one() {
        for text in [
            r#"{"workspaces": ["a", "b"]}"#,
            r#"{"workspaces": {"packages": ["a", "b"]}}"#,
        ] {
            assert_eq!(
                Fields::read(text).expect("an object").workspaces.texts,
                ["a", "b"]
            );
        }
    }
}
