//! One finding: why is it here, what to do, how do you know, who decided what.

use advisories::{Class, Severity};
use clock::Timestamp;
use policy::{
    Cause, Finding as Facts, FindingComponent, FindingEvidence, FindingFix, FindingSeverity, Justification,
};

use super::rows::{self, State, cause_words, path_tree, sample_now};
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::{links, parts, text};

page!("finding.html", Finding);

/// The page of one finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// `team/name`.
    pub project: String,
    pub reference: String,
    /// The build in which it was last seen.
    pub build: Option<u64>,
    /// What the audit says, with paths, evidence and fix.
    pub facts: Facts,
    pub state: State,
    /// Share of scored vulnerabilities with a lower EPSS, 0 to 1.
    pub epss_percentile: Option<f64>,
    pub command: Option<String>,
    /// Other findings that the same upgrade clears.
    pub also_clears: Vec<String>,
    /// The newest released version, when the registry was asked.
    pub latest: Option<String>,
    /// Other projects with the same vulnerability; `None` when not counted.
    pub other_projects: Option<u64>,
    pub records: Vec<RecordRow>,
    /// Web addresses from the advisory; others are dropped when drawn.
    pub references: Vec<String>,
    pub history: Vec<HistoryEntry>,
    /// What holds today.
    pub decided: Option<Decided>,
    /// Set where the reader may decide.
    pub decide: Option<DecideForm>,
    pub previous: Option<String>,
    pub next: Option<String>,
}

/// What one advisory record says about the version.
#[derive(Clone, Debug)]
pub struct RecordRow {
    pub id: String,
    pub modified: Timestamp,
    pub says_affected: bool,
    pub range: String,
    /// Why it could not be decided, where it could not.
    pub doubt: Option<String>,
}

/// One row of the history.
#[derive(Clone, Debug)]
pub struct HistoryEntry {
    pub at: Timestamp,
    pub who: Option<String>,
    pub text: String,
}

/// What somebody decided, as it holds.
#[derive(Clone, Debug)]
pub struct Decided {
    /// `Not affected`, `Tolerated until 2027-01-12`.
    pub words: String,
    /// In words.
    pub justification: Option<String>,
    pub reason: String,
    /// Who said it: a person, or the author of a VEX document.
    pub who: String,
    /// The waiver behind it.
    pub waiver: Option<String>,
    pub at: Option<Timestamp>,
}

/// The decision form as it was last sent; errors are said above it.
#[derive(Clone, Debug, Default)]
pub struct DecideForm {
    /// Each with the id of its field.
    pub errors: Vec<(String, String)>,
    /// The chosen state; empty is none yet.
    pub state: String,
    pub justification: String,
    pub reason: String,
    /// `YYYY-MM-DD`.
    pub until: String,
    pub everywhere: bool,
    pub versions: String,
    pub these_paths: bool,
    /// Which versions each choice means: `affected`, `exact`, `all`, and its pattern.
    pub patterns: Vec<(String, String)>,
}

/// What can be true of a finding.
pub(super) const STATES: [(&str, &str); 6] = [
    ("affected", "Affected, will be fixed"),
    ("in_triage", "In triage"),
    ("not_affected", "Not affected, because of the justification below"),
    ("false_positive", "False positive: the finding is wrong"),
    ("accepted_risk", "Affected, tolerated until the day below"),
    (
        "fix_pending",
        "Affected, tolerated until the day below while a fix is on its way",
    ),
];

/// The five justifications of OpenVEX for "not affected".
pub(super) const JUSTIFICATIONS: [(&str, &str); 5] = [
    ("component_not_present", "the component is not in the product"),
    ("vulnerable_code_not_present", "the vulnerable code is not in it"),
    (
        "vulnerable_code_not_in_execute_path",
        "the vulnerable code is never run",
    ),
    (
        "vulnerable_code_cannot_be_controlled_by_adversary",
        "an attacker cannot reach it",
    ),
    ("inline_mitigations_already_exist", "it is already mitigated"),
];

/// A justification in words: `the vulnerable code is never run`.
#[must_use]
pub const fn justification_words(justification: Justification) -> &'static str {
    match justification {
        Justification::ComponentNotPresent => JUSTIFICATIONS[0].1,
        Justification::VulnerableCodeNotPresent => JUSTIFICATIONS[1].1,
        Justification::VulnerableCodeNotInExecutePath => JUSTIFICATIONS[2].1,
        Justification::VulnerableCodeCannotBeControlledByAdversary => JUSTIFICATIONS[3].1,
        Justification::InlineMitigationsAlreadyExist => JUSTIFICATIONS[4].1,
    }
}

/// More paths than this say nothing that the first ones do not.
const PATHS: usize = 5;

impl Finding {
    fn frame(&self) -> Frame {
        let wrong = self.decide.as_ref().is_some_and(|form| !form.errors.is_empty());
        let error = if wrong { "Error: " } else { "" };
        let title = format!("{error}{} in {}", self.facts.canonical, self.facts.component.name);
        Frame::new(
            title,
            Section::Findings,
            format!("/v1/findings/{}", links::segment(&self.facts.id)),
        )
    }

    pub(crate) fn trees(&self) -> Vec<Html> {
        let root = self.project.rsplit('/').next().unwrap_or(&self.project);
        self.facts
            .paths
            .iter()
            .take(PATHS)
            .map(|path| path_tree(root, &self.reference, path))
            .collect()
    }

    /// `1 path`, `the first 5 of 34 paths`, or that the document does not tell.
    pub(crate) fn path_words(&self) -> String {
        let shown = u64::try_from(self.facts.paths.len().min(PATHS)).unwrap_or(0);
        let all = text::plural(self.facts.path_count.max(shown), "path");
        match shown {
            0 => "The SBOM has no dependency graph, so the path is not known.".to_owned(),
            shown if shown < self.facts.path_count => format!("The first {shown} of {all}."),
            _ => format!("{all}."),
        }
    }

    pub(crate) fn advice(&self) -> String {
        rows::advice(&self.facts)
    }

    pub(crate) fn ids(&self) -> Vec<(String, String)> {
        let others = self
            .facts
            .aliases
            .iter()
            .filter(|id| **id != self.facts.canonical);
        std::iter::once(&self.facts.canonical)
            .chain(others)
            .map(|id| (id.clone(), links::advisory(id)))
            .collect()
    }

    pub(crate) fn cause(&self) -> &'static str {
        self.facts.cause.map_or("the cause was not recorded", cause_words)
    }

    pub(crate) fn outside_references(&self) -> Vec<&str> {
        self.references
            .iter()
            .filter_map(|address| links::outside(address))
            .collect()
    }

    pub(crate) fn kev(&self) -> Html {
        match self.facts.kev {
            Some(true) => parts::pill("Known exploited (KEV)", "fail"),
            Some(false) => parts::pill("not in KEV", "line"),
            None => parts::pill("KEV not loaded", "line"),
        }
    }

    pub(crate) fn epss(&self) -> Html {
        let percentile = self
            .epss_percentile
            .map(|share| format!(", above {}", text::percent(share)))
            .unwrap_or_default();
        let words = self.facts.epss.map_or_else(
            || "EPSS not known".to_owned(),
            |share| format!("EPSS {}{percentile}", text::percent(share)),
        );
        parts::pill(&words, "line")
    }

    pub(crate) fn deadline(&self, now: &Timestamp) -> Html {
        rows::deadline(self.facts.first_seen, self.facts.due, *now)
    }

    pub(crate) fn states(&self) -> [(&'static str, &'static str); 6] {
        STATES
    }

    pub(crate) fn is_wrong(&self, field: &str) -> bool {
        let errors = self.decide.iter().flat_map(|form| &form.errors);
        errors.into_iter().any(|(wrong, _)| wrong == field)
    }

    pub(crate) fn versions_words(&self, choice: &str) -> &'static str {
        match choice {
            "affected" => "Up to the fix, or to the end of this line of versions",
            "exact" => "This version only",
            _ => "All versions",
        }
    }

    pub(crate) fn justifications(&self) -> [(&'static str, &'static str); 5] {
        JUSTIFICATIONS
    }

    pub(crate) fn href(&self) -> String {
        links::finding(&self.facts.id)
    }

    #[must_use]
    pub fn sample() -> Self {
        let path = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>();
        let now = sample_now();
        let record = |id: &str, says_affected, range: &str| RecordRow {
            id: id.to_owned(),
            modified: now.plus_days(-2),
            says_affected,
            range: range.to_owned(),
            doubt: (!says_affected).then(|| "it speaks of commits only".to_owned()),
        };
        let event = |days: i64, who: Option<&str>, words: &str| HistoryEntry {
            at: now.plus_days(-days),
            who: who.map(str::to_owned),
            text: words.to_owned(),
        };
        Self {
            project: "platform/payments-api".to_owned(),
            reference: "main".to_owned(),
            build: Some(1842),
            facts: sample_facts(vec![
                path(&["axios@1.6.8", "form-data@4.0.0"]),
                path(&["jsdom@21.1.1", "form-data@4.0.0"]),
            ]),
            state: State::Open,
            epss_percentile: Some(0.84),
            command: Some("npm i axios@1.12.2".to_owned()),
            also_clears: vec!["CVE-2025-27152".to_owned()],
            latest: Some("4.0.5".to_owned()),
            other_projects: Some(60),
            records: vec![
                record("GHSA-fjxv-7rqg-78g4", true, "introduced 4.0.0, fixed 4.0.4"),
                record("CVE-2025-7783", false, "no range for npm"),
            ],
            references: vec![
                "https://nvd.nist.gov/vuln/detail/CVE-2025-7783".to_owned(),
                "javascript:alert(1)".to_owned(),
            ],
            history: vec![
                event(
                    2,
                    None,
                    "Opened: an advisory was published; your code did not change.",
                ),
                event(1, None, "The gate turned red on build 1834."),
                event(
                    1,
                    Some("Mara Kettunen"),
                    "Comment: the upload route is behind a login.",
                ),
            ],
            decided: None,
            decide: None,
            previous: None,
            next: Some("/findings/0193f0aa-0000-7000-8000-000000000002".to_owned()),
        }
    }

    /// The reader may decide; the last attempt lacked a reason.
    #[must_use]
    pub fn sample_decide() -> Self {
        let error = |field: &str, text: &str| (field.to_owned(), text.to_owned());
        let pattern = |choice: &str, pattern: &str| (choice.to_owned(), pattern.to_owned());
        Self {
            decided: Some(Decided {
                words: "Tolerated until 2026-12-01".to_owned(),
                justification: None,
                reason: "The upload route is behind a login.".to_owned(),
                who: "Mara Kettunen".to_owned(),
                waiver: Some("0193f0aa-0000-7000-8000-000000000007".to_owned()),
                at: Some(sample_now().plus_days(-9)),
            }),
            decide: Some(DecideForm {
                errors: vec![
                    error("reason", "A waiver needs a reason."),
                    error("until", "It is over since 3 days."),
                ],
                state: "accepted_risk".to_owned(),
                until: "2027-01-12".to_owned(),
                versions: "affected".to_owned(),
                patterns: vec![
                    pattern("affected", "pkg:npm/form-data@<4.0.4"),
                    pattern("exact", "pkg:npm/form-data@4.0.0"),
                    pattern("all", "pkg:npm/form-data"),
                ],
                ..DecideForm::default()
            }),
            ..Self::sample()
        }
    }

    /// Nothing but the match is known: no graph, no fix, no scores.
    #[must_use]
    pub fn sample_bare() -> Self {
        let mut finding = Self {
            also_clears: Vec::new(),
            command: None,
            latest: None,
            other_projects: None,
            epss_percentile: None,
            history: Vec::new(),
            ..Self::sample()
        };
        finding.facts = Facts {
            paths: Vec::new(),
            path_count: 0,
            kev: None,
            epss: None,
            fix: FindingFix::default(),
            cause: None,
            due: None,
            severity: FindingSeverity::default(),
            ..finding.facts
        };
        finding
    }
}

fn sample_facts(paths: Vec<Vec<String>>) -> Facts {
    Facts {
        id: "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d12".to_owned(),
        class: Class::Vulnerability,
        canonical: "CVE-2025-7783".to_owned(),
        aliases: vec!["GHSA-fjxv-7rqg-78g4".to_owned()],
        summary: "form-data uses a predictable boundary".to_owned(),
        severity: FindingSeverity {
            level: Severity::Critical,
            score: Some(9.4),
            vector: Some("CVSS:4.0/AV:N/AC:H/AT:N/PR:N/UI:N/VC:H/VI:H/VA:N/SC:H/SI:H/SA:N".to_owned()),
            source: Some("GHSA-fjxv-7rqg-78g4".to_owned()),
        },
        kev: Some(false),
        epss: Some(0.021),
        component: FindingComponent {
            purl: "pkg:npm/form-data@4.0.0".to_owned(),
            name: "form-data".to_owned(),
            version: "4.0.0".to_owned(),
            ecosystem: "npm".to_owned(),
            scope: inventory::Scope::default(),
            direct: Some(false),
        },
        path_count: 2,
        paths,
        evidence: FindingEvidence {
            range: "introduced 4.0.0, fixed 4.0.4".to_owned(),
            records: vec!["GHSA-fjxv-7rqg-78g4".to_owned()],
            disputed: false,
            notes: Vec::new(),
            ..FindingEvidence::default()
        },
        fix: FindingFix {
            version: Some("4.0.4".to_owned()),
            kind: None,
            via: Some("axios@1.6.8".to_owned()),
        },
        first_seen: Some(sample_now().plus_days(-2)),
        due: Some(sample_now().plus_days(5)),
        cause: Some(Cause::AdvisoryPublished),
        decision: None,
    }
}
