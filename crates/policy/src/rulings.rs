//! The rules: what each of them says of one matter.

pub(crate) mod finding;
pub(crate) mod integrity;
pub(crate) mod license;
pub(crate) mod license_marks;
pub(crate) mod meta;
pub(crate) mod misconfig;
pub(crate) mod popular;
pub(crate) mod registry;
pub(crate) mod source;

use std::collections::BTreeMap;

use crate::{Action, Check};

/// A rule that matched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ruling {
    /// The stable name.
    pub rule: &'static str,
    pub check: Check,
    pub action: Action,
    /// One sentence for people.
    pub reason: String,
    /// Facts for machines, when there is no finding to carry them.
    pub facts: BTreeMap<String, String>,
}

impl Ruling {
    pub(crate) fn new(rule: &'static str, check: Check, action: Action, reason: String) -> Self {
        Self {
            rule,
            check,
            action,
            reason,
            facts: BTreeMap::new(),
        }
    }

    pub(crate) fn with_fact(mut self, key: &str, value: impl Into<String>) -> Self {
        self.facts.insert(key.to_owned(), value.into());
        self
    }

    /// `None` when the policy ignores the matter.
    pub(crate) fn unless_ignored(self) -> Option<Self> {
        (self.action > Action::Ignore).then_some(self)
    }
}

/// `1 component`, `2 components`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
