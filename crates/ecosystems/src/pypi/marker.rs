//! Environment markers (PEP 508): `python_version < "3.11" and extra == "test"`, as pip's library reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Prereleases, PyPi, SpecifierSet};
use crate::Ecosystem;

/// More text than any real marker has; it also bounds how deep one can be nested.
const MAX_LENGTH: usize = 16_384;
const MAX_DEPTH: usize = 64;

/// Variables that are compared as versions where they can be.
const VERSIONS: [&str; 4] = [
    "implementation_version",
    "platform_release",
    "python_full_version",
    "python_version",
];
/// Every variable, with the older spellings of some.
const VARIABLES: [(&str, &str); 19] = [
    ("python_version", "python_version"),
    ("python_full_version", "python_full_version"),
    ("os_name", "os_name"),
    ("os.name", "os_name"),
    ("sys_platform", "sys_platform"),
    ("sys.platform", "sys_platform"),
    ("platform_release", "platform_release"),
    ("platform_system", "platform_system"),
    ("platform_version", "platform_version"),
    ("platform.version", "platform_version"),
    ("platform_machine", "platform_machine"),
    ("platform.machine", "platform_machine"),
    ("platform_python_implementation", "platform_python_implementation"),
    ("platform.python_implementation", "platform_python_implementation"),
    ("python_implementation", "platform_python_implementation"),
    ("implementation_name", "implementation_name"),
    ("implementation_version", "implementation_version"),
    ("extra", "extra"),
    ("extras", "extras"),
];
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// The text is no marker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an environment marker")]
pub struct InvalidMarker {
    pub text: String,
}

/// A marker, ready to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    tree: Tree,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tree {
    Comparison(Operand, Operator, Operand),
    /// All of them.
    And(Vec<Tree>),
    /// Any of them.
    Or(Vec<Tree>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    Variable(&'static str),
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Sign(&'static str),
    In,
    NotIn,
}

/// What a marker is evaluated against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    values: BTreeMap<&'static str, String>,
    sets: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Variables {
    /// Sets a variable; names that no marker knows are ignored.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        if let Some(name) = variable(name) {
            self.values.insert(name, value.into());
        }
    }

    /// Sets `extras` or `dependency_groups`.
    pub fn set_names<'a>(&mut self, name: &str, values: impl IntoIterator<Item = &'a str>) {
        if let Some(name) = variable(name) {
            let values = values.into_iter().map(|value| PyPi.normalize(value).into_owned());
            self.sets.insert(name, values.collect());
        }
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// All that are set, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

impl Marker {
    /// Reads a marker.
    ///
    /// # Errors
    /// When pip would refuse it.
    pub fn parse(text: &str) -> Result<Self, InvalidMarker> {
        let invalid = || InvalidMarker {
            text: text.to_owned(),
        };
        if text.len() > MAX_LENGTH {
            return Err(invalid());
        }
        let mut parser = Parser { rest: text };
        let tree = parser.or(0).ok_or_else(invalid)?;
        parser.blanks();
        if !parser.rest.is_empty() {
            return Err(invalid());
        }
        Ok(Self {
            tree,
            text: text.trim().to_owned(),
        })
    }

    /// Whether the marker holds, `extra` being this one.
    #[must_use]
    pub fn holds(&self, variables: &Variables, extra: &str) -> bool {
        self.tree.holds(variables, &PyPi.normalize(extra))
    }

    /// Whether it speaks of extras at all.
    #[must_use]
    pub fn names_extra(&self) -> bool {
        self.tree.names("extra")
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Tree {
    fn holds(&self, variables: &Variables, extra: &str) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(variables, extra)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(variables, extra)),
            Self::Comparison(left, operator, right) => compare(left, *operator, right, variables, extra),
        }
    }

    fn names(&self, name: &str) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.names(name)),
            Self::Comparison(left, _, right) => [left, right]
                .iter()
                .any(|side| matches!(side, Operand::Variable(known) if *known == name)),
        }
    }
}

/// One comparison; one that is not defined does not hold.
fn compare(left: &Operand, operator: Operator, right: &Operand, variables: &Variables, extra: &str) -> bool {
    let value = |name: &str| match name {
        "extra" => extra.to_owned(),
        name => variables.get(name).unwrap_or_default().to_owned(),
    };
    let (name, left, right) = match (left, right) {
        (Operand::Text(text), Operand::Variable(name @ ("extras" | "dependency_groups"))) => {
            let has = |set: &BTreeSet<String>| set.contains(PyPi.normalize(text).as_ref());
            let contained = variables.sets.get(name).is_some_and(has);
            return match operator {
                Operator::In => contained,
                Operator::NotIn => !contained,
                Operator::Sign(_) => false,
            };
        }
        (Operand::Variable(name), Operand::Text(text)) => (*name, value(name), text.clone()),
        (Operand::Text(text), Operand::Variable(name)) => (*name, text.clone(), value(name)),
        (Operand::Variable(name), Operand::Variable(other)) => (*name, value(name), value(other)),
        (Operand::Text(left), Operand::Text(right)) => ("", left.clone(), right.clone()),
    };
    let (left, right) = if name == "extra" {
        (
            PyPi.normalize(&left).into_owned(),
            PyPi.normalize(&right).into_owned(),
        )
    } else {
        (left, right)
    };
    match operator {
        Operator::In => right.contains(&left),
        Operator::NotIn => !right.contains(&left),
        Operator::Sign(sign) => {
            if VERSIONS.contains(&name)
                && !right.contains(',')
                && let Ok(set) = SpecifierSet::parse(&format!("{sign}{right}"))
            {
                return set.contains(&left, Prereleases::Admit);
            }
            match sign {
                "==" | "<=" | ">=" => left == right,
                "!=" => left != right,
                _ => false,
            }
        }
    }
}

fn variable(name: &str) -> Option<&'static str> {
    if name == "dependency_groups" {
        return Some("dependency_groups");
    }
    VARIABLES
        .iter()
        .find(|(spelling, _)| *spelling == name)
        .map(|(_, name)| *name)
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes a word that ends where a word ends.
    fn word(&mut self, word: &str) -> bool {
        self.blanks();
        let Some(rest) = self.rest.strip_prefix(word) else {
            return false;
        };
        if rest.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
            return false;
        }
        self.rest = rest;
        true
    }

    fn sign(&mut self, sign: char) -> bool {
        self.blanks();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn or(&mut self, depth: usize) -> Option<Tree> {
        let mut parts = vec![self.and(depth)?];
        while self.word("or") {
            parts.push(self.and(depth)?);
        }
        Some(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Tree::Or(parts)
        })
    }

    fn and(&mut self, depth: usize) -> Option<Tree> {
        let mut parts = vec![self.atom(depth)?];
        while self.word("and") {
            parts.push(self.atom(depth)?);
        }
        Some(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Tree::And(parts)
        })
    }

    fn atom(&mut self, depth: usize) -> Option<Tree> {
        if self.sign('(') {
            if depth == MAX_DEPTH {
                return None;
            }
            let inner = self.or(depth + 1)?;
            return self.sign(')').then_some(inner);
        }
        let (left, operator, right) = (self.operand()?, self.operator()?, self.operand()?);
        Some(Tree::Comparison(left, operator, right))
    }

    fn operand(&mut self) -> Option<Operand> {
        self.blanks();
        if let Some(quote) = self
            .rest
            .chars()
            .next()
            .filter(|first| matches!(first, '\'' | '"'))
        {
            let (text, rest) = self.rest.get(1..)?.split_once(quote)?;
            self.rest = rest;
            return Some(Operand::Text(text.to_owned()));
        }
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.');
        let end = self
            .rest
            .find(|letter| !is_name(letter))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        variable(name).map(Operand::Variable)
    }

    fn operator(&mut self) -> Option<Operator> {
        if self.word("in") {
            return Some(Operator::In);
        }
        if self.word("not") {
            return self.word("in").then_some(Operator::NotIn);
        }
        let sign = OPERATORS.iter().find(|sign| self.rest.starts_with(**sign))?;
        self.rest = self.rest.get(sign.len()..)?;
        Some(Operator::Sign(sign))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_are_compared_as_versions_and_texts_as_texts() {
        let mut variables = Variables::default();
        variables.set("python_version", "3.11");
        variables.set("sys.platform", "linux");
        for (marker, expected) in [
            ("python_version >= '3.9'", true),
            ("'3.9' < python_version", true),
            ("python_version in '3.10 3.11'", true),
            ("sys_platform >= 'linux'", true),
            ("sys_platform > 'a'", false),
            ("os_name == ''", true),
        ] {
            let marker = Marker::parse(marker).expect("a marker");
            assert_eq!(marker.holds(&variables, ""), expected, "{marker}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC*|[()'a-z_ <>=.0-9]*|(\\(){0,90}os_name == 'a'(\\)){0,90}") {
            if let Ok(marker) = Marker::parse(&text) {
                let _ = marker.holds(&Variables::default(), "");
            }
        }
    }
}
