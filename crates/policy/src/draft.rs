//! A policy as its author wrote it: only the keys that are there, over what it extends.

use serde_json::Value;

use crate::{Policy, PolicyError};

/// A document as it was written, read strictly.
///
/// A policy that extends another changes single keys of it: tables are merged key by key, everything else (numbers,
/// words, lists) replaces what was there.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    policy: Policy,
    keys: Value,
}

/// The two ways to write one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    Json,
    Toml,
}

impl Notation {
    /// `json` or `toml`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Toml => "toml",
        }
    }

    /// The notation of a text without any other hint: what begins with a brace is JSON.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.trim_start().starts_with('{') {
            Self::Json
        } else {
            Self::Toml
        }
    }
}

impl Draft {
    /// Reads a document, as strictly as [`Policy::from_json`] and [`Policy::from_toml`] do.
    ///
    /// # Errors
    /// As theirs.
    pub fn read(text: &str, notation: Notation) -> Result<Self, PolicyError> {
        let (policy, keys) = match notation {
            Notation::Json => (Policy::from_json(text)?, serde_json::from_str(text).ok()),
            Notation::Toml => (Policy::from_toml(text)?, toml::from_str(text).ok()),
        };
        let keys = keys.ok_or_else(|| PolicyError::new("", "the document has no JSON form"))?;
        Ok(Self { policy, keys })
    }

    /// The name of what it extends.
    #[must_use]
    pub fn extends(&self) -> Option<&str> {
        self.policy.extends.as_deref()
    }

    /// The policy that it is on its own.
    #[must_use]
    pub fn alone(&self) -> Policy {
        Policy {
            extends: None,
            ..self.policy.clone()
        }
    }

    /// The policy that it makes of its parent.
    ///
    /// # Errors
    /// When keys that are sound by themselves do not go with those of the parent; the place is a JSON pointer.
    pub fn over(&self, parent: &Policy) -> Result<Policy, PolicyError> {
        let broken = |error: serde_json::Error| PolicyError::new("", error.to_string());
        let mut whole = serde_json::to_value(parent).map_err(broken)?;
        merge(&mut whole, self.keys.clone());
        if let Value::Object(keys) = &mut whole {
            keys.remove("extends");
        }
        let policy: Policy = serde_json::from_value(whole).map_err(broken)?;
        policy.checked()
    }
}

fn merge(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (key, value) in above {
                merge(below.entry(key).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Action, Threshold};

    fn draft(text: &str) -> Draft {
        Draft::read(text, Notation::of(text)).unwrap()
    }

    #[test]
    fn a_child_changes_what_it_names_and_inherits_the_rest() {
        let parent = draft(
            "[vulnerability]\nfail_at = \"critical\"\ngrace_days = { critical = 7 }\n[license]\ndeny = [\"MIT\"]\n",
        );
        let child = draft(
            "extends = \"organisation\"\n[vulnerability]\ngrace_days = { high = 30 }\n[source]\ngit = \"fail\"\n",
        );
        assert_eq!(child.extends(), Some("organisation"));
        let policy = child.over(&parent.alone()).unwrap();
        assert_eq!(policy.vulnerability.fail_at, Threshold::Critical);
        assert_eq!(policy.vulnerability.grace_days.len(), 2);
        assert_eq!(policy.license.deny.len(), 1);
        assert_eq!(policy.source.git, Action::Fail);
        assert_eq!(policy.extends, None);
        assert_ne!(policy.digest(), child.alone().digest());
    }

    #[test]
    fn an_empty_child_is_its_parent() {
        let parent = draft("{\"meta\":{\"max_undetermined\":3}}").alone();
        let child = draft("{\"extends\":\"x\"}").over(&parent).unwrap();
        assert_eq!(child.digest(), parent.digest());
    }

    #[test]
    fn what_does_not_go_together_is_told_with_its_place() {
        let parent = draft("{\"vulnerability\":{\"warn_at\":\"critical\",\"fail_at\":\"critical\"}}").alone();
        let error = draft("{\"extends\":\"x\",\"vulnerability\":{\"fail_at\":\"low\",\"warn_at\":\"low\"}}")
            .over(&parent);
        assert!(error.is_ok());
        let error = draft("{\"extends\":\"x\",\"vulnerability\":{\"fail_at\":\"high\"}}")
            .over(&parent)
            .unwrap_err();
        assert_eq!(error.place, "/vulnerability/warn_at");
    }
}
