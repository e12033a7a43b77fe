//! Fail rules: `licenses.high`, `dependencies.*`, `*.critical`.

use std::fmt;
use std::str::FromStr;

use crate::codes::CODES;
use crate::{Action, IssueKind, IssueSeverity, Policy, Threshold, rule_actions};

/// What an issue is about, in Sandworm's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IssueType {
    /// Vulnerabilities of the product itself.
    Root,
    /// Vulnerabilities of what it needs.
    Dependencies,
    Licenses,
    Meta,
}

impl IssueType {
    /// `license` is what Sandworm's documents say and its code does not know; here it is the same as `licenses`.
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "root" => Self::Root,
            "dependencies" => Self::Dependencies,
            "licenses" | "license" => Self::Licenses,
            "meta" => Self::Meta,
            _ => return None,
        })
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Dependencies => "dependencies",
            Self::Licenses => "licenses",
            Self::Meta => "meta",
        }
    }
}

/// One rule; `None` is `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailRule {
    kind: Option<IssueType>,
    severity: Option<IssueSeverity>,
}

/// The text is no fail rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no fail rule: write TYPE.SEVERITY with root, dependencies, licenses, meta or * and critical, high, moderate, low or *"
)]
pub struct InvalidFailRule(String);

impl FromStr for FailRule {
    type Err = InvalidFailRule;

    fn from_str(text: &str) -> Result<Self, InvalidFailRule> {
        let invalid = || InvalidFailRule(text.chars().take(60).collect());
        let (kind, severity) = text.split_once('.').ok_or_else(invalid)?;
        Ok(Self {
            kind: match kind {
                "*" => None,
                word => Some(IssueType::read(word).ok_or_else(invalid)?),
            },
            severity: match severity {
                "*" => None,
                "medium" => Some(IssueSeverity::Moderate),
                word => Some(IssueSeverity::read(word).ok_or_else(invalid)?),
            },
        })
    }
}

impl fmt::Display for FailRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.map_or("*", IssueType::word);
        let severity = self.severity.map_or("*", IssueSeverity::word);
        write!(f, "{kind}.{severity}")
    }
}

/// Several rules, of which one is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailRules(Vec<FailRule>);

impl FailRules {
    #[must_use]
    pub const fn new(rules: Vec<FailRule>) -> Self {
        Self(rules)
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an issue of this type and severity fails.
    #[must_use]
    pub fn fail(&self, kind: IssueType, severity: IssueSeverity) -> bool {
        self.0.iter().any(|rule| {
            rule.kind.is_none_or(|wanted| wanted == kind)
                && rule.severity.is_none_or(|wanted| wanted == severity)
        })
    }

    /// The least severity that fails.
    pub(super) fn least(&self, kind: IssueType) -> Option<IssueSeverity> {
        IssueSeverity::ALL
            .into_iter()
            .find(|severity| self.fail(kind, *severity))
    }

    /// Whether a greater severity passes although a lesser one fails. A policy cannot say that.
    pub(super) fn has_gap(&self, kind: IssueType) -> bool {
        let least = self.least(kind);
        IssueSeverity::ALL
            .into_iter()
            .any(|severity| least.is_some_and(|least| severity > least) && !self.fail(kind, severity))
    }

    /// Makes a policy fail where the rules say so; what it fails already stays. A severity that fails takes the greater
    /// ones along. Of licenses that the policy lists, those to be reviewed count as moderate.
    pub fn apply(&self, policy: &mut Policy) {
        if let Some(least) = self.least(IssueType::Dependencies) {
            let section = &mut policy.vulnerability;
            section.fail_at = section.fail_at.min(threshold(least));
            section.warn_at = section.warn_at.min(section.fail_at);
            section.only_fixable = false;
        }
        for code in CODES
            .iter()
            .filter(|code| code.number != 150 && code.number != 151)
        {
            if self.fail(type_of(code.kind), code.severity) {
                for rule in code.rules {
                    // Rules of codes can all be set to fail.
                    let _ = rule_actions::set(policy, rule, Action::Fail);
                }
            }
        }
        if self.fail(IssueType::Licenses, IssueSeverity::Moderate) {
            let reviewed = std::mem::take(&mut policy.license.review);
            policy.license.deny.extend(reviewed);
        }
    }
}

pub(super) const fn threshold(severity: IssueSeverity) -> Threshold {
    match severity {
        IssueSeverity::Low => Threshold::Low,
        IssueSeverity::Moderate => Threshold::Medium,
        IssueSeverity::High => Threshold::High,
        IssueSeverity::Critical => Threshold::Critical,
    }
}

pub(super) const fn type_of(kind: IssueKind) -> IssueType {
    match kind {
        IssueKind::License => IssueType::Licenses,
        IssueKind::Meta => IssueType::Meta,
    }
}
