//! The verdict of a build as a card: what fails, by how much, and the shortest way to green.

use policy::{Check, Outcome, Verdict, Violation};

use super::rows::spaced;
use crate::html::Html;
use crate::parts::{self, Coverage, OutcomeStyle};
use crate::text;

/// The card.
#[derive(Clone, Debug)]
pub struct GateCard {
    pub outcome: Outcome,
    /// One or two sentences below the headline.
    pub sentence: String,
    pub policy: String,
    pub policy_revision: i64,
    pub rules: Vec<RuleRow>,
    pub steps: Vec<Step>,
    /// How much of the build the verdict rests on.
    pub coverage: Coverage,
    /// Remarks of the verdict, such as stale feeds.
    pub notices: Vec<String>,
}

/// One rule or check of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRow {
    pub name: String,
    pub outcome: Outcome,
    /// What was found against what is allowed: `2, at most 0`.
    pub got: String,
}

/// One step towards green.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub title: String,
    pub detail: String,
    /// What to type, where there is a command for it.
    pub command: Option<String>,
    /// Label and address, where a person must do something else.
    pub link: Option<(String, String)>,
}

impl Step {
    /// An upgrade of one component; `to` is `None` when only the component is known, not its right version.
    #[must_use]
    pub fn upgrade(
        name: &str,
        to: Option<&str>,
        clears: u64,
        clears_critical: u64,
        command: Option<String>,
    ) -> Self {
        let critical = match clears_critical {
            0 => String::new(),
            count => format!(", {} critical", text::number(count)),
        };
        let title = to.map_or_else(
            || format!("Replace or refresh {name}"),
            |to| format!("Upgrade {name} to {to}"),
        );
        let detail = format!("Clears {}{critical}", text::plural(clears, "finding"));
        Self {
            title,
            detail,
            command,
            link: None,
        }
    }
}

impl RuleRow {
    /// Whether name and words do not fit beside one another.
    pub(crate) fn is_long(&self) -> bool {
        self.name.chars().count() + self.got.chars().count() > 42
    }

    pub(crate) fn icon(&self) -> Html {
        parts::rule_icon(self.outcome)
    }
}

impl GateCard {
    /// By which policy; nothing where no policy has judged yet.
    pub(crate) fn policy_words(&self) -> String {
        match (self.policy.as_str(), self.policy_revision) {
            ("", _) => String::new(),
            // What holds as long as nobody has stored a policy.
            (_, 0) => "Judged by the built-in policy.".to_owned(),
            (name, revision) => format!("Policy {name}, revision {revision}."),
        }
    }

    pub(crate) fn style(&self) -> OutcomeStyle {
        parts::outcome_style(self.outcome)
    }

    /// The card of a stored verdict: rules that matched, worst first, then the checks that are clean.
    #[must_use]
    pub fn from_verdict(verdict: &Verdict, steps: Vec<Step>) -> Self {
        let mut rules = matched_rules(&verdict.violations);
        let said: Vec<Check> = verdict
            .violations
            .iter()
            .map(|violation| violation.check)
            .collect();
        rules.extend(
            verdict
                .checks
                .iter()
                .filter(|check| !said.contains(&check.check))
                .map(|check| RuleRow {
                    name: check_name(check.check).to_owned(),
                    outcome: check.verdict,
                    got: if check.verdict == Outcome::Pass {
                        "nothing found".to_owned()
                    } else {
                        String::new()
                    },
                }),
        );
        let count = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        let coverage = Coverage {
            checked: count(verdict.build.evaluated),
            components: count(verdict.build.components),
        };
        Self {
            outcome: verdict.verdict,
            sentence: sentence(verdict.verdict, &rules),
            policy: verdict.policy.id.clone(),
            policy_revision: verdict.policy.revision,
            rules,
            steps,
            coverage,
            notices: verdict.notices.iter().map(|notice| notice.text.clone()).collect(),
        }
    }

    #[must_use]
    pub fn sample() -> Self {
        let rule = |name: &str, outcome, got: &str| RuleRow {
            name: name.to_owned(),
            outcome,
            got: got.to_owned(),
        };
        Self {
            outcome: Outcome::Fail,
            sentence: sentence(
                Outcome::Fail,
                &[rule("", Outcome::Fail, ""), rule("", Outcome::Fail, "")],
            ),
            policy: "Hosted services".to_owned(),
            policy_revision: 7,
            rules: vec![
                rule("Critical findings with a fix", Outcome::Fail, "2, at most 0"),
                rule("Denied licenses", Outcome::Fail, "1, at most 0"),
                rule("High findings past SLA", Outcome::Warn, "4, warn at 1"),
                rule("Known exploited (KEV)", Outcome::Pass, "nothing found"),
                rule("Malicious packages", Outcome::Pass, "nothing found"),
                rule("Age of the SBOM", Outcome::Pass, "2 h, at most 14 d"),
            ],
            steps: vec![
                Step::upgrade(
                    "axios",
                    Some("1.12.2"),
                    2,
                    1,
                    Some("npm i axios@1.12.2".to_owned()),
                ),
                Step {
                    title: "Refresh minimist in the lockfile".to_owned(),
                    detail: "Clears 1 critical, no manifest change".to_owned(),
                    command: Some("npm update minimist".to_owned()),
                    link: None,
                },
                Step {
                    title: "Replace mupdf, or ask for a waiver".to_owned(),
                    detail: "AGPL-3.0-or-later is denied for hosted services".to_owned(),
                    command: None,
                    link: Some((
                        "See the license".to_owned(),
                        "/projects/platform/payments-api/licenses".to_owned(),
                    )),
                },
            ],
            coverage: Coverage {
                checked: 409,
                components: 412,
            },
            notices: Vec::new(),
        }
    }

    /// Nothing could be checked: no feed is loaded.
    #[must_use]
    pub fn sample_undecided() -> Self {
        Self {
            outcome: Outcome::Indeterminate,
            sentence: sentence(Outcome::Indeterminate, &[]),
            rules: vec![RuleRow {
                name: "Vulnerabilities".to_owned(),
                outcome: Outcome::Indeterminate,
                got: "no advisory feed is loaded".to_owned(),
            }],
            steps: Vec::new(),
            coverage: Coverage {
                checked: 0,
                components: 412,
            },
            notices: vec![
                "No advisory feed is loaded yet. The build is checked again as soon as one is.".to_owned(),
            ],
            ..Self::sample()
        }
    }

    /// Everything is in order.
    #[must_use]
    pub fn sample_green() -> Self {
        let rules: Vec<RuleRow> = Self::sample()
            .rules
            .into_iter()
            .map(|rule| RuleRow {
                outcome: Outcome::Pass,
                got: "nothing found".to_owned(),
                ..rule
            })
            .collect();
        Self {
            outcome: Outcome::Pass,
            sentence: sentence(Outcome::Pass, &rules),
            rules,
            steps: Vec::new(),
            coverage: Coverage {
                checked: 412,
                components: 412,
            },
            ..Self::sample()
        }
    }
}

/// One row a rule, in the order in which the verdict names them.
fn matched_rules(violations: &[Violation]) -> Vec<RuleRow> {
    let mut rules: Vec<(&str, &Violation, u64)> = Vec::new();
    for violation in violations {
        match rules.iter_mut().find(|(rule, ..)| *rule == violation.rule) {
            Some((_, _, count)) => *count += 1,
            None => rules.push((&violation.rule, violation, 1)),
        }
    }
    rules
        .into_iter()
        .map(|(rule, first, count)| rule_row(rule, first, count))
        .collect()
}

fn rule_row(rule: &str, first: &Violation, count: u64) -> RuleRow {
    let outcome = first.action.outcome();
    let subject = first.finding.as_ref().map(|finding| {
        format!(
            "{} in {}",
            finding.canonical,
            spaced(&format!(
                "{}@{}",
                finding.component.name, finding.component.version
            ))
        )
    });
    let got = match (count, subject) {
        (1, Some(subject)) => subject,
        (1, None) => first.reason.clone(),
        (count, _) => format!("{} times", text::number(count)),
    };
    RuleRow {
        name: rule_name(rule, first.check),
        outcome,
        got,
    }
}

/// A rule's stable name in words for people; one that is not known here stays readable.
fn rule_name(rule: &str, check: Check) -> String {
    let words = match rule {
        "vulnerability.fail_at" => "Vulnerabilities that fail",
        "vulnerability.warn_at" => "Vulnerabilities that warn",
        "vulnerability.unknown_severity" => "Vulnerabilities of unknown severity",
        "vulnerability.only_fixable" => "Vulnerabilities without a fix",
        "vulnerability.grace_days" => "Vulnerabilities not yet due",
        "vulnerability.only_new" => "Vulnerabilities that were there before",
        "vulnerability.kev" => "Known exploited vulnerabilities",
        "vulnerability.min_epss" => "Vulnerabilities likely to be exploited",
        "malicious" => "Malicious packages",
        "unmaintained" => "Unmaintained packages",
        "unsound" => "Unsound packages",
        "notice" => "Packages with a notice",
        "license.deny" => "Denied licenses",
        "license.review" => "Licenses to review",
        "license.unknown" => "Licenses that nobody knows",
        "license.missing" => "Components without a license",
        "license.unlicensed" => "Components that grant no rights",
        "integrity.missing" => "Components without a checksum",
        "meta.kev_missing" => "Known exploited vulnerabilities",
        "meta.feed_missing" => "Advisory feeds not loaded",
        "meta.feed_expiry_hours" | "meta.max_feed_age_hours" => "Age of the advisory feeds",
        "meta.max_undetermined" => "Components that could not be checked",
        "meta.incomplete_sbom" => "Completeness of the document",
        "meta.empty_sbom" => "Components in the document",
        _ => {
            let detail = rule.split_once('.').map_or(rule, |(_, detail)| detail);
            return format!("{}: {}", check_name(check), detail.replace('_', " "));
        }
    };
    words.to_owned()
}

/// What a check is called on pages.
#[must_use]
pub const fn check_name(check: Check) -> &'static str {
    match check {
        Check::Vulnerability => "Vulnerabilities",
        Check::Malicious => "Malicious packages",
        Check::Unmaintained => "Unmaintained packages",
        Check::License => "Licenses",
        Check::Source => "Sources",
        Check::Integrity => "Integrity",
        Check::Meta => "The document itself",
        Check::Misconfig => "Configuration files",
    }
}

fn sentence(outcome: Outcome, rules: &[RuleRow]) -> String {
    let count = |wanted: Outcome| rules.iter().filter(|rule| rule.outcome == wanted).count();
    let rules_that = |count: usize, verb: &str| match count {
        1 => format!("1 rule {verb}s."),
        count => format!("{count} rules {verb}."),
    };
    match outcome {
        Outcome::Pass => "No rule fails. CI gets exit code 0.".to_owned(),
        Outcome::Warn => format!(
            "{} CI gets exit code 0.",
            rules_that(count(Outcome::Warn), "warn")
        ),
        Outcome::Fail => format!(
            "{} CI gets exit code 1.",
            rules_that(count(Outcome::Fail), "fail")
        ),
        Outcome::Indeterminate => {
            "Nothing that was checked fails, but not everything was. CI gets exit code 3.".to_owned()
        }
        Outcome::Pending => "The verdict stands here as soon as the build is checked.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use policy::Action;

    use super::*;

    fn violation(rule: &str, action: Action) -> Violation {
        Violation {
            rule: rule.to_owned(),
            check: Check::License,
            action,
            reason: "AGPL is denied".to_owned(),
            finding: None,
            purl: None,
            facts: BTreeMap::new(),
        }
    }

    #[test]
    fn violations_of_one_rule_are_one_row() {
        let rows = matched_rules(&[
            violation("license.deny", Action::Fail),
            violation("license.deny", Action::Fail),
            violation("license.unknown", Action::Warn),
        ]);
        let seen: Vec<_> = rows
            .iter()
            .map(|row| (row.name.as_str(), row.outcome, row.got.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                ("Denied licenses", Outcome::Fail, "2 times"),
                ("Licenses that nobody knows", Outcome::Warn, "AGPL is denied"),
            ]
        );
        assert_eq!(
            sentence(Outcome::Fail, &rows),
            "1 rule fails. CI gets exit code 1."
        );
    }

    #[test]
    fn an_upgrade_says_what_it_clears() {
        let step = Step::upgrade("axios", Some("1.12.2"), 2, 1, None);
        assert_eq!(
            (step.title.as_str(), step.detail.as_str()),
            ("Upgrade axios to 1.12.2", "Clears 2 findings, 1 critical")
        );
        assert_eq!(Step::upgrade("x", None, 1, 0, None).detail, "Clears 1 finding");
    }
}
