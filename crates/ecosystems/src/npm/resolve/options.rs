//! What a resolution depends on beside the project and the registry.

use super::pick::Environment;
use super::time;

/// The settings that change a tree. The default is npm's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub environment: Environment,
    pub install_strategy: InstallStrategy,
    /// Peers are not installed, as by npm before version 7.
    pub legacy_peer_deps: bool,
    /// Contradicting peers of dependencies are as bad as those of the project.
    pub strict_peer_deps: bool,
    pub prefer_dedupe: bool,
    /// Contradicting peers are accepted from the start.
    pub force: bool,
}

/// Where packages are put.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InstallStrategy {
    /// As far out as they can.
    #[default]
    Hoisted,
    /// Into what needs them.
    Nested,
    /// Direct dependencies into the project, all others into those.
    Shallow,
}

impl Options {
    /// Takes from an `.npmrc` the settings that change a tree, and nothing else: registries and credentials in it are
    /// the project's, not ours. The answer is what it asks for and does not get, by key.
    pub fn apply_npmrc(&mut self, text: &str) -> Vec<String> {
        let mut ignored = Vec::new();
        for line in text.lines() {
            let line = line.trim();
            let Some((key, value)) = line
                .split_once('=')
                .filter(|_| !line.starts_with(['#', ';', '[']))
            else {
                continue;
            };
            if !self.apply(key.trim(), value.trim().trim_matches('"')) {
                ignored.push(key.trim().to_owned());
            }
        }
        ignored
    }

    /// Sets one setting; `false` when it is not one that changes a tree, or its value makes no sense.
    fn apply(&mut self, key: &str, value: &str) -> bool {
        let flag = match value {
            "true" | "" => Some(true),
            "false" | "null" => Some(false),
            _ => None,
        };
        match (key, flag) {
            ("legacy-peer-deps", Some(flag)) => self.legacy_peer_deps = flag,
            ("strict-peer-deps", Some(flag)) => self.strict_peer_deps = flag,
            ("prefer-dedupe", Some(flag)) => self.prefer_dedupe = flag,
            ("force", Some(flag)) => self.force = flag,
            ("before", _) => match time::parse(value) {
                Some(before) => self.not_after(before),
                None => return false,
            },
            ("install-strategy", _) => {
                self.install_strategy = match value {
                    "hoisted" => InstallStrategy::Hoisted,
                    "nested" => InstallStrategy::Nested,
                    "shallow" => InstallStrategy::Shallow,
                    _ => return false,
                }
            }
            _ => return false,
        }
        true
    }

    /// An earlier cut-off wins.
    fn not_after(&mut self, before: i64) {
        let known = self.environment.before;
        self.environment.before = Some(known.map_or(before, |known| known.min(before)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_the_tree_is_taken_from_an_npmrc() {
        let mut options = Options::default();
        let ignored = options.apply_npmrc(
            "# a comment\nlegacy-peer-deps=true\n registry = https://registry.example.org/\n//registry.example.org/:_authToken=x\n\
             install-strategy=nested\nbefore=2026-09-01\nstrict-peer-deps=perhaps\n; no=comment\n[section]\n",
        );
        assert_eq!(
            ignored,
            [
                "registry",
                "//registry.example.org/:_authToken",
                "strict-peer-deps"
            ]
        );
        assert!(options.legacy_peer_deps && !options.strict_peer_deps);
        assert_eq!(options.install_strategy, InstallStrategy::Nested);
        assert_eq!(options.environment.before, time::parse("2026-09-01"));
    }
}
