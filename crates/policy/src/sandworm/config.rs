//! `.sandworm.config.json`: what was configured, as a policy.

use std::collections::BTreeMap;

use licenses::{Category, Entry, Permission};
use serde::Deserialize;
use serde_json::Value;

use super::fail::{FailRule, FailRules, IssueType, threshold, type_of};
use crate::codes::CODES;
use crate::document::read_json;
use crate::{Action, IssueSeverity, Policy, PolicyError, ScopeName, Threshold, rule_actions};

/// The file, as far as it is understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What it says of the files that are written.
    pub outputs: Outputs,
    policy: Policy,
    remarks: Vec<String>,
}

/// What the file says of the files that are written; `None` where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    /// The folder, relative to the project.
    pub path: Option<String>,
    pub max_depth: Option<usize>,
    pub show_versions: Option<bool>,
    pub include_dev: Option<bool>,
    pub skip_tree: bool,
    pub skip_treemap: bool,
    pub skip_csv: bool,
    pub skip_report: bool,
}

#[derive(Deserialize)]
struct File {
    audit: Audit,
    /// The file is shared with other tools of the same house.
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Audit {
    include_dev: Option<bool>,
    skip_license_issues: bool,
    skip_meta_issues: bool,
    show_versions: Option<bool>,
    root_is_shell: bool,
    include_root_vulnerabilities: Option<bool>,
    max_depth: Option<usize>,
    license_policy: Option<LicensePolicy>,
    min_displayed_severity: Option<String>,
    load_data_from: Option<String>,
    package_type: Option<String>,
    force_build_large_trees: bool,
    skip_tree: bool,
    skip_treemap: bool,
    skip_csv: bool,
    skip_report: bool,
    skip_all: bool,
    output_path: Option<String>,
    fail_on: Vec<String>,
    show_tips: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LicensePolicy {
    critical: Vec<String>,
    high: Vec<String>,
    moderate: Vec<String>,
    low: Vec<String>,
    categories: Vec<UserCategory>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserCategory {
    name: String,
    licenses: Vec<String>,
}

impl Config {
    /// Reads the file. What it configures stands under `audit`.
    ///
    /// # Errors
    /// When it is no such file, or says something that Sandworm does not know; the place is a JSON pointer.
    pub fn read(text: &str) -> Result<Self, PolicyError> {
        // Flattened fields hide places, so the part that matters is read by itself where it is wrong.
        let file: File = read_json(text).map_err(|error| precise(text).unwrap_or(error))?;
        let rules = fail_rules(&file.audit)?;
        check_words(&file.audit)?;
        let mut config = Self {
            outputs: outputs(&file.audit),
            policy: Policy::default(),
            remarks: Vec::new(),
        };
        for other in file.others.keys() {
            config.remark(format!("/{other} is for another tool and was not read"));
        }
        config.judge_vulnerabilities(&file.audit, &rules);
        config.judge_codes(&file.audit, &rules);
        config.judge_licenses(&file.audit, &rules)?;
        config.remark_rest(&file.audit, &rules);
        config.policy = config.policy.checked()?;
        Ok(config)
    }

    /// Whether a text is such a file rather than a policy: JSON with `audit` at the top.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        serde_json::from_str::<BTreeMap<String, Value>>(text).is_ok_and(|keys| keys.contains_key("audit"))
    }

    /// The policy that judges as the file says.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What differs, or has no counterpart, in sentences without a full stop.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    fn remark(&mut self, text: impl Into<String>) {
        self.remarks.push(text.into());
    }

    fn judge_vulnerabilities(&mut self, audit: &Audit, rules: &FailRules) {
        let section = &mut self.policy.vulnerability;
        section.only_fixable = false;
        section.fail_at = rules
            .least(IssueType::Dependencies)
            .map_or(Threshold::Never, threshold);
        if audit.include_dev == Some(true) {
            section.scope = vec![ScopeName::Prod, ScopeName::Dev];
            self.policy.license.include_dev = true;
        }
        if rules.has_gap(IssueType::Dependencies) {
            self.remark("a severity of dependencies that fails takes the greater ones along");
        }
        if rules.least(IssueType::Root) != rules.least(IssueType::Dependencies) {
            self.remark("vulnerabilities of the product itself are judged as those of its dependencies");
        }
        self.remark("malicious and known exploited packages fail whatever failOn says; `malicious` and `vulnerability.kev` change that");
    }

    /// Everything that Sandworm reports warns, what its fail rules name fails.
    fn judge_codes(&mut self, audit: &Audit, rules: &FailRules) {
        for code in CODES
            .iter()
            .filter(|code| code.number != 150 && code.number != 151)
        {
            let kind = type_of(code.kind);
            let skipped = match kind {
                IssueType::Licenses => audit.skip_license_issues,
                _ => audit.skip_meta_issues,
            };
            let action = match (skipped, rules.fail(kind, code.severity)) {
                (true, _) => Action::Ignore,
                (false, true) => Action::Fail,
                (false, false) => Action::Warn,
            };
            for rule in code.rules {
                // Rules of codes can be set to each of the three.
                let _ = rule_actions::set(&mut self.policy, rule, action);
            }
        }
        // Whole expressions are judged, so that one of several parts is nothing to look at by itself.
        self.policy.license.involved = Action::Ignore;
        if !audit.skip_meta_issues {
            self.remark("node-gyp's own build is an install script here, too; `source.install_scripts_allow` names packages that may run one");
        }
    }

    fn judge_licenses(&mut self, audit: &Audit, rules: &FailRules) -> Result<(), PolicyError> {
        let section = &mut self.policy.license;
        section.deny = Vec::new();
        if audit.skip_license_issues {
            return Ok(());
        }
        let default = LicensePolicy {
            high: vec![
                "cat:Network Protective".to_owned(),
                "cat:Strongly Protective".to_owned(),
            ],
            moderate: vec!["cat:Weakly Protective".to_owned()],
            ..LicensePolicy::default()
        };
        let stated = audit.license_policy.as_ref().unwrap_or(&default);
        let sorting = Sorting::of(stated)?;
        for (severity, lines) in stated.lines() {
            let fails = rules.fail(IssueType::Licenses, severity);
            for (index, line) in lines.iter().enumerate() {
                let place = format!("/audit/licensePolicy/{}/{index}", severity.word());
                if is_invalid(line) {
                    section.unknown = if fails {
                        Permission::Deny
                    } else {
                        Permission::Review
                    };
                    continue;
                }
                let entries = sorting.entries(line, &place)?;
                let list = if fails {
                    &mut section.deny
                } else {
                    &mut section.review
                };
                list.extend(entries);
            }
        }
        sorting.free(section)?;
        Ok(())
    }

    fn remark_rest(&mut self, audit: &Audit, rules: &FailRules) {
        if rules.is_empty() {
            self.remark("there is no failOn, so that findings only warn");
        }
        for (there, text) in [
            (
                audit.load_data_from.is_some(),
                "loadDataFrom has no counterpart: lockfiles are read, and with --registry the registry is asked",
            ),
            (
                audit.root_is_shell,
                "rootIsShell has no counterpart: a project that only holds others is seen through by itself",
            ),
            (
                audit.min_displayed_severity.is_some(),
                "minDisplayedSeverity has no counterpart: pictures mark every finding",
            ),
            (
                audit.force_build_large_trees,
                "forceBuildLargeTrees has no counterpart: what is shared is drawn once, and the rest is counted",
            ),
            (
                audit.include_root_vulnerabilities == Some(false),
                "the product itself is always matched",
            ),
            (audit.show_tips.is_some(), "showTips has no counterpart"),
        ] {
            if there {
                self.remark(text);
            }
        }
    }
}

impl LicensePolicy {
    fn lines(&self) -> [(IssueSeverity, &[String]); 4] {
        [
            (IssueSeverity::Critical, &self.critical),
            (IssueSeverity::High, &self.high),
            (IssueSeverity::Moderate, &self.moderate),
            (IssueSeverity::Low, &self.low),
        ]
    }
}

/// The mistake in the part that matters, with its place.
fn precise(text: &str) -> Option<PolicyError> {
    #[derive(Deserialize)]
    struct Part {
        #[expect(dead_code, reason = "it is read for its mistakes")]
        audit: Audit,
    }
    read_json::<Part>(text).err()
}

fn fail_rules(audit: &Audit) -> Result<FailRules, PolicyError> {
    let read = |(index, text): (usize, &String)| {
        text.parse::<FailRule>()
            .map_err(|error| PolicyError::new(format!("/audit/failOn/{index}"), error.to_string()))
    };
    let rules: Result<Vec<FailRule>, PolicyError> = audit.fail_on.iter().enumerate().map(read).collect();
    Ok(FailRules::new(rules?))
}

/// Words of which there are few.
fn check_words(audit: &Audit) -> Result<(), PolicyError> {
    for (key, word, known) in [
        (
            "minDisplayedSeverity",
            &audit.min_displayed_severity,
            &["critical", "high", "moderate", "low"][..],
        ),
        ("loadDataFrom", &audit.load_data_from, &["registry", "disk"][..]),
        ("packageType", &audit.package_type, &["npm", "composer"][..]),
    ] {
        if let Some(word) = word.as_deref().filter(|word| !known.contains(word)) {
            let message = format!("`{word}` is none of {}", known.join(", "));
            return Err(PolicyError::new(format!("/audit/{key}"), message));
        }
    }
    Ok(())
}

fn outputs(audit: &Audit) -> Outputs {
    Outputs {
        path: audit.output_path.clone(),
        max_depth: audit.max_depth,
        show_versions: audit.show_versions,
        include_dev: audit.include_dev,
        skip_tree: audit.skip_tree || audit.skip_all,
        skip_treemap: audit.skip_treemap || audit.skip_all,
        skip_csv: audit.skip_csv || audit.skip_all,
        skip_report: audit.skip_report || audit.skip_all,
    }
}

/// Sandworm's category of what is no license.
fn is_invalid(line: &str) -> bool {
    line.trim() == "cat:Invalid"
}

/// Categories of the file's own, and licenses that it moved from one category to another.
#[derive(Default)]
struct Sorting {
    own: BTreeMap<String, Vec<Entry>>,
    moved: Vec<(Category, Entry)>,
}

impl Sorting {
    fn of(stated: &LicensePolicy) -> Result<Self, PolicyError> {
        let mut sorting = Self::default();
        for (index, category) in stated.categories.iter().enumerate() {
            let place = format!("/audit/licensePolicy/categories/{index}");
            if category.name == "Invalid" {
                return Err(PolicyError::new(
                    format!("{place}/name"),
                    "`Invalid` is what no license is; nothing can be put there",
                ));
            }
            let entries: Vec<Entry> = category
                .licenses
                .iter()
                .enumerate()
                .map(|(at, text)| license(text, &format!("{place}/licenses/{at}")))
                .collect::<Result<_, _>>()?;
            match category.name.parse::<Category>() {
                Ok(into) => sorting
                    .moved
                    .extend(entries.into_iter().map(|entry| (into, entry))),
                Err(_) => {
                    sorting
                        .own
                        .entry(category.name.clone())
                        .or_default()
                        .extend(entries);
                }
            }
        }
        Ok(sorting)
    }

    /// What a line of the policy means here.
    fn entries(&self, line: &str, place: &str) -> Result<Vec<Entry>, PolicyError> {
        let Some(name) = line.strip_prefix("cat:") else {
            return Ok(vec![license(line, place)?]);
        };
        if let Some(own) = self.own.get(name) {
            return Ok(own.clone());
        }
        let category: Category = name
            .parse()
            .map_err(|_| PolicyError::new(place, format!("there is no category `{name}`")))?;
        let joined = self.moved.iter().filter(|(into, _)| *into == category);
        Ok(std::iter::once(Entry::Category(category))
            .chain(joined.map(|(_, entry)| entry.clone()))
            .collect())
    }

    /// Licenses that were moved out of a listed category into one that is not listed pass by their names. A list of
    /// what passes makes everything else a matter of review, so that the categories that passed are named with them.
    fn free(&self, section: &mut crate::LicensePolicy) -> Result<(), PolicyError> {
        let is_listed = |entry: &Entry| section.deny.contains(entry) || section.review.contains(entry);
        let freed: Vec<Entry> = self
            .moved
            .iter()
            .filter(|(into, entry)| !is_listed(&Entry::Category(*into)) && !is_listed(entry))
            .map(|(_, entry)| entry.clone())
            .collect();
        if freed.is_empty() {
            return Ok(());
        }
        let passing = Category::ALL.iter().copied().map(Entry::Category);
        let passing: Vec<Entry> = passing.filter(|entry| !is_listed(entry)).collect();
        section.allow.extend(freed.into_iter().chain(passing));
        Ok(())
    }
}

/// A license of a list; the words that Sandworm compares letter by letter must be licenses here.
fn license(text: &str, place: &str) -> Result<Entry, PolicyError> {
    let entry: Entry = text
        .parse()
        .map_err(|error: licenses::InvalidEntry| PolicyError::new(place, error.to_string()))?;
    crate::sections::check_entry(place, &entry)?;
    Ok(entry)
}
