//! The rules of `overrides`, a tree in which a rule holds below the packages that its ancestors name.

use std::collections::HashMap;

use super::json::Rules;
use super::names::{Name, Names, number};
use super::spec::{self, LOOSE, Spec};
use super::specs::{SpecId, Specs};
use crate::npm::{Mode, Range};
use crate::semver::Version;

/// A rule; the root of the tree is one too, which says nothing itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuleId(u32);

impl RuleId {
    pub const ROOT: Self = Self(0);
}

/// All rules of a project.
#[derive(Default)]
pub struct Overrides {
    rules: Vec<Rule>,
}

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 64;
/// The most rules that are read.
const MAX_RULES: usize = 10_000;

struct Rule {
    parent: Option<RuleId>,
    key: String,
    name: Option<Name>,
    /// Which of the name's specifications the rule is for; `None`: the root, for none.
    applies_to: Option<SpecId>,
    range: Option<Range>,
    /// What is asked for instead: `*` leaves it as it is.
    value: String,
    value_spec: SpecId,
    value_range: Option<Range>,
    children: Vec<RuleId>,
    /// What holds at this rule, nearest first: its children, itself, the children of its parent and so on.
    in_force: Vec<RuleId>,
}

/// What an edge asks for in view of the rules.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    AsWritten,
    Instead(SpecId),
    /// Whatever the manifest asks for under this name.
    Reference(Name),
}

impl Overrides {
    /// Reads the rules; what is not a rule goes to `refused`, by its key.
    pub fn new(rules: &Rules, names: &mut Names, specs: &mut Specs, refused: &mut Vec<String>) -> Self {
        let mut this = Self::default();
        if !matches!(rules, Rules::Map(map) if !map.is_empty()) {
            return this;
        }
        let any = specs.intern("*");
        this.rules.push(Rule::root(any));
        this.add_children(
            RuleId::ROOT,
            rules,
            0,
            &mut Reading {
                names,
                specs,
                refused,
            },
        );
        this.settle();
        this
    }

    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    fn add_children(&mut self, parent: RuleId, rules: &Rules, depth: usize, reading: &mut Reading<'_>) {
        let Rules::Map(entries) = rules else {
            return;
        };
        for (key, below) in entries.iter().filter(|(key, _)| key != ".") {
            if depth >= MAX_DEPTH || self.rules.len() >= MAX_RULES {
                reading.refused.push(key.clone());
                continue;
            }
            let Some(rule) = Rule::new(parent, key, below, reading) else {
                reading.refused.push(key.clone());
                continue;
            };
            let id = RuleId(number(self.rules.len()));
            self.rules.push(rule);
            self.rules[parent.0 as usize].children.push(id);
            self.add_children(id, below, depth + 1, reading);
        }
    }

    /// Works out what is in force at each rule.
    fn settle(&mut self) {
        for index in 0..self.rules.len() {
            let mut in_force: Vec<RuleId> = Vec::new();
            let mut keys: HashMap<&str, ()> = HashMap::new();
            let mut at = Some(RuleId(number(index)));
            while let Some(id) = at {
                let rule = &self.rules[id.0 as usize];
                let own = rule.parent.is_some().then_some(id);
                for candidate in rule.children.iter().copied().chain(own) {
                    if keys.insert(&self.rules[candidate.0 as usize].key, ()).is_none() {
                        in_force.push(candidate);
                    }
                }
                at = rule.parent;
            }
            self.rules[index].in_force = in_force;
        }
    }

    fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.0 as usize]
    }

    /// The rule for a dependency of a package at which `at` holds.
    pub fn for_edge(&self, at: RuleId, name: Name, spec: &Spec) -> RuleId {
        let holds = |id: &&RuleId| {
            let rule = self.rule(**id);
            rule.name == Some(name) && rule.is_for(spec)
        };
        self.rule(at).in_force.iter().find(holds).copied().unwrap_or(at)
    }

    /// The rule for a package that stands on its own, as a member of the workspace does.
    pub fn for_package(&self, at: RuleId, name: Option<Name>, version: Option<&Version>) -> RuleId {
        let holds = |id: &&RuleId| {
            let rule = self.rule(**id);
            let fits = |range: &Option<Range>| {
                range
                    .as_ref()
                    .zip(version)
                    .is_some_and(|(range, version)| range.admits(version))
            };
            rule.name == name && (fits(&rule.range) || fits(&rule.value_range))
        };
        self.rule(at).in_force.iter().find(holds).copied().unwrap_or(at)
    }

    /// What a rule makes of a dependency's specification.
    pub fn asked(&self, rule: RuleId, name: Name, names: &Names) -> Asked {
        let rule = self.rule(rule);
        if rule.name != Some(name) || rule.value == "*" {
            return Asked::AsWritten;
        }
        match rule.value.strip_prefix('$') {
            Some(reference) => names.find(reference).map_or(Asked::AsWritten, Asked::Reference),
            None => Asked::Instead(rule.value_spec),
        }
    }

    /// The specification that a rule's key has after the name; `None` for the root.
    pub fn key_spec(&self, rule: RuleId) -> Option<SpecId> {
        self.rule(rule).applies_to
    }

    /// Whether the rule gives another specification to dependencies of this name.
    pub fn is_for(&self, rule: RuleId, name: Name) -> bool {
        self.rule(rule).name == Some(name)
    }

    /// What the rule asks for, as it is written.
    pub fn value(&self, rule: RuleId) -> &str {
        &self.rule(rule).value
    }

    /// All specifications that rules ask for, by name.
    pub fn asked_for(&self) -> impl Iterator<Item = (Name, SpecId)> {
        self.rules
            .iter()
            .filter(|rule| rule.value != "*" && !rule.value.starts_with('$'))
            .filter_map(|rule| Some((rule.name?, rule.value_spec)))
    }

    /// The rule that holds where both do: the deeper of two in one line, else where their lines part; `None` when
    /// they contradict each other.
    pub fn meet(&self, first: RuleId, second: RuleId) -> Option<RuleId> {
        if self.line(second).any(|id| id == first) {
            return Some(second);
        }
        if self.line(first).any(|id| id == second) {
            return Some(first);
        }
        if self.contradict(first, second) {
            return None;
        }
        let first: Vec<_> = self.line(first).collect();
        self.line(second).find(|id| first.contains(id))
    }

    /// The rule and its ancestors.
    fn line(&self, from: RuleId) -> impl Iterator<Item = RuleId> {
        std::iter::successors(Some(from), |id| self.rule(*id).parent)
    }

    fn contradict(&self, first: RuleId, second: RuleId) -> bool {
        let pairs = self.rule(first).in_force.iter().filter_map(|a| {
            let a_rule = self.rule(*a);
            let b = self
                .rule(second)
                .in_force
                .iter()
                .find(|b| self.rule(**b).key == a_rule.key)?;
            (a != b).then(|| (a_rule, self.rule(*b)))
        });
        pairs.into_iter().any(|(a, b)| {
            let ranges = a.value_range.as_ref().zip(b.value_range.as_ref());
            ranges.is_some_and(|(a, b)| !a.intersects(b))
        })
    }
}

struct Reading<'a> {
    names: &'a mut Names,
    specs: &'a mut Specs,
    refused: &'a mut Vec<String>,
}

impl Rule {
    fn root(any: SpecId) -> Self {
        Self {
            parent: None,
            key: String::new(),
            name: None,
            applies_to: None,
            range: None,
            value: String::new(),
            value_spec: any,
            value_range: None,
            children: Vec::new(),
            in_force: Vec::new(),
        }
    }

    /// `None` when the key names no package.
    fn new(parent: RuleId, key: &str, below: &Rules, reading: &mut Reading<'_>) -> Option<Self> {
        let (name, key_spec) = spec::split(key);
        if name.is_empty() || name.contains(':') {
            return None;
        }
        let key_spec = if key_spec.trim().is_empty() {
            "*"
        } else {
            key_spec.trim()
        };
        let own = match below {
            Rules::Text(text) => Some(text),
            Rules::Map(map) => map.iter().find_map(|(key, value)| match value {
                Rules::Text(text) if key == "." => Some(text),
                _ => None,
            }),
        };
        let value = match own.map(String::as_str) {
            Some("") => "*",
            Some(text) => text,
            None => key_spec,
        };
        let strict = Mode::default();
        let value_spec = reading.specs.intern(value);
        Some(Self {
            parent: Some(parent),
            key: key.to_owned(),
            name: Some(reading.names.intern(name)),
            applies_to: Some(reading.specs.intern(key_spec)),
            range: Range::parse(key_spec, strict)
                .or_else(|_| Range::parse(key_spec, LOOSE))
                .ok(),
            value: value.to_owned(),
            value_spec,
            value_range: reading.specs.get(value_spec).range(),
            children: Vec::new(),
            in_force: Vec::new(),
        })
    }

    /// Whether a dependency's own specification and the rule's key have a version in common, as far as that can
    /// be told.
    fn is_for(&self, spec: &Spec) -> bool {
        let Some(range) = self.range.as_ref() else {
            return false;
        };
        if range.to_string() == "*" {
            return true;
        }
        let spec = match spec {
            Spec::Alias { spec, .. } => spec,
            other => other,
        };
        match spec {
            Spec::Range { .. } | Spec::Version(..) | Spec::Git { .. } => {
                spec.range().is_some_and(|theirs| theirs.intersects(range))
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct World {
        names: Names,
        specs: Specs,
        overrides: Overrides,
    }

    impl World {
        fn new(text: &str) -> Self {
            let (mut names, mut specs, mut refused) = (Names::default(), Specs::default(), Vec::new());
            let rules: Rules = serde_json::from_str(text).expect("rules");
            let overrides = Overrides::new(&rules, &mut names, &mut specs, &mut refused);
            assert!(refused.is_empty(), "{refused:?}");
            Self {
                names,
                specs,
                overrides,
            }
        }

        /// The rule for `name@spec` and what it asks for, when it is not what is written.
        fn ask(&mut self, at: RuleId, name: &str, spec: &str) -> (RuleId, Option<String>) {
            let name = self.names.intern(name);
            let rule = self.overrides.for_edge(at, name, &Spec::parse(spec));
            let asked = match self.overrides.asked(rule, name, &self.names) {
                Asked::AsWritten => None,
                Asked::Instead(spec) => Some(self.specs.text(spec).to_string()),
                Asked::Reference(name) => Some(format!("${}", self.names.text(name))),
            };
            (rule, asked)
        }
    }

    #[test]
    fn a_rule_holds_below_what_it_is_nested_in() {
        let mut world = World::new(
            r#"{"qs": "6.11.2", "express": {"qs": "6.0.0", "body": {".": "1.20.2", "debug": "4.3.4"}}}"#,
        );
        let (_, asked) = world.ask(RuleId::ROOT, "qs", "^6.5.0");
        assert_eq!(asked.as_deref(), Some("6.11.2"));
        let (express, asked) = world.ask(RuleId::ROOT, "express", "^4");
        assert_eq!(
            asked, None,
            "a rule without a value of its own leaves the package as it is"
        );
        assert_eq!(
            world.ask(express, "qs", "^6").1.as_deref(),
            Some("6.0.0"),
            "the nearer rule wins"
        );
        let (body, asked) = world.ask(express, "body", "1");
        assert_eq!(asked.as_deref(), Some("1.20.2"));
        let (other, asked) = world.ask(body, "other", "1");
        assert_eq!(
            (other, asked),
            (body, None),
            "what no rule names inherits the rule"
        );
        assert_eq!(world.ask(other, "debug", "2").1.as_deref(), Some("4.3.4"));
        assert_eq!(world.ask(RuleId::ROOT, "debug", "2").1, None);
        assert_eq!(world.ask(RuleId::ROOT, "body", "1").1, None);
    }

    #[test]
    fn a_key_with_a_range_is_for_specifications_that_meet_it() {
        let mut world = World::new(r#"{"a@^3": "3.1.2", "b@1": {"c": "2"}, "d": "$e", "e": "$e"}"#);
        assert_eq!(world.ask(RuleId::ROOT, "a", "^3.0.4").1.as_deref(), Some("3.1.2"));
        assert_eq!(world.ask(RuleId::ROOT, "a", ">=2").1.as_deref(), Some("3.1.2"));
        assert_eq!(world.ask(RuleId::ROOT, "a", "^2").1, None);
        assert_eq!(
            world.ask(RuleId::ROOT, "a", "latest").1.as_deref(),
            Some("3.1.2"),
            "a tag could be anything"
        );
        assert_eq!(
            world.ask(RuleId::ROOT, "a", "npm:x@^9").1,
            None,
            "of an alias the range is compared"
        );
        assert_eq!(
            world.ask(RuleId::ROOT, "b", "^1.2.0").1.as_deref(),
            Some("1"),
            "the key is the value"
        );
        assert_eq!(world.ask(RuleId::ROOT, "d", "1").1.as_deref(), Some("$e"));
    }

    #[test]
    fn of_two_rules_the_deeper_one_holds() {
        let mut world = World::new(r#"{"a": {"b": {"c": "1"}, "d": "1"}, "x": {"c": "2"}, "y": {"q": "1"}}"#);
        let (a, _) = world.ask(RuleId::ROOT, "a", "1");
        let (b, _) = world.ask(a, "b", "1");
        let (x, _) = world.ask(RuleId::ROOT, "x", "1");
        let (y, _) = world.ask(RuleId::ROOT, "y", "1");
        assert_eq!(world.overrides.meet(a, b), Some(b));
        assert_eq!(world.overrides.meet(b, RuleId::ROOT), Some(b));
        assert_eq!(
            world.overrides.meet(x, y),
            Some(RuleId::ROOT),
            "they do not contradict each other"
        );
        assert_eq!(world.overrides.meet(b, x), None, "`c` cannot be 1 and 2");
    }
}
