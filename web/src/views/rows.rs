//! A finding as one row of a list, and the box below the first row that explains it.

use advisories::Severity;
use clock::{DAY_MS, Timestamp};
use policy::{Cause, Finding};

use crate::charts::deadline_bar;
use crate::html::{Builder, Html, escape};
use crate::{links, parts, text};

mod sample;

pub use sample::{sample_now, sample_rows, sample_why};

/// What people have said about a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Open,
    InTriage,
    NotAffected,
    /// The day, `YYYY-MM-DD`, until which it is tolerated; `None` without an end.
    Waived(Option<String>),
    Fixed,
    FalsePositive,
    /// Looked at, and there.
    Affected,
    /// Closed for any reason but a decision: the package is gone, the advisory was withdrawn, ….
    Closed,
}

impl State {
    #[must_use]
    pub fn pill(&self) -> Html {
        match self {
            Self::Open => parts::pill("Open", ""),
            Self::InTriage => parts::pill("In triage", "line"),
            Self::NotAffected => parts::pill("Not affected", "pass"),
            Self::Waived(None) => parts::pill("Waived", "warn"),
            Self::Waived(Some(day)) => parts::pill(&format!("Waived to {day}"), "warn"),
            Self::Fixed => parts::pill("Fixed", "pass"),
            Self::FalsePositive => parts::pill("False positive", "pass"),
            Self::Affected => parts::pill("Affected", "fail"),
            Self::Closed => parts::pill("Closed", "line"),
        }
    }
}

/// One row.
#[derive(Clone, Debug, Default)]
pub struct FindingRow {
    pub id: String,
    /// The id of the vulnerability to show.
    pub canonical: String,
    pub title: String,
    pub severity: Severity,
    /// Known exploited; `None` when that catalogue is not loaded.
    pub kev: Option<bool>,
    /// 0 to 1; `None` when the feed is not loaded or has no score.
    pub epss: Option<f64>,
    pub purl: String,
    pub package: String,
    pub version: String,
    pub ecosystem: String,
    /// The packages between the product and this one, `name@version`; empty for a direct dependency.
    pub via: Vec<String>,
    /// Paths besides the shown one.
    pub more_paths: u64,
    /// `None` when the document has no graph to tell.
    pub direct: Option<bool>,
    /// The least version without this finding.
    pub fix: Option<String>,
    pub first_seen: Option<Timestamp>,
    pub due: Option<Timestamp>,
    pub state: State,
    /// `team/name`; set in lists across projects.
    pub project: Option<String>,
}

impl FindingRow {
    /// The row of a finding as the audit reports it, open and without a project.
    #[must_use]
    pub fn from_finding(finding: &Finding) -> Self {
        let path = finding.paths.first();
        Self {
            id: finding.id.clone(),
            canonical: finding.canonical.clone(),
            title: finding.summary.clone(),
            severity: finding.severity.level,
            kev: finding.kev,
            epss: finding.epss,
            purl: finding.component.purl.clone(),
            package: finding.component.name.clone(),
            version: finding.component.version.clone(),
            ecosystem: finding.component.ecosystem.clone(),
            via: path
                .map(|path| path.iter().take(path.len().saturating_sub(1)).cloned().collect())
                .unwrap_or_default(),
            more_paths: finding.path_count.saturating_sub(1),
            direct: finding.component.direct,
            fix: finding.fix.version.clone(),
            first_seen: finding.first_seen,
            due: finding.due,
            state: State::Open,
            project: None,
        }
    }

    pub(crate) fn href(&self) -> String {
        links::finding(&self.id)
    }

    /// `via axios 1.6.8 › form-data 4.0.0 +1 more path`, `direct`, or that nothing is known.
    pub(crate) fn path(&self) -> Html {
        let mut html = Builder::default();
        html.put(format_args!("<span class=\"path\">"));
        if let Some((first, rest)) = self.via.split_first() {
            html.put(format_args!("via <b>{}</b>", escape(&spaced(first))));
            for step in rest.iter().take(2) {
                html.put(format_args!(" › <b>{}</b>", escape(&spaced(step))));
            }
            if rest.len() > 2 {
                html.put(format_args!(" › {} more", rest.len() - 2));
            }
        } else {
            html.put(format_args!(
                "{}",
                if self.direct == Some(true) {
                    "direct"
                } else {
                    "path not in the SBOM"
                }
            ));
        }
        if self.more_paths > 0 {
            html.put(format_args!(
                " <span class=\"nowrap\">+{}</span>",
                text::plural(self.more_paths, "more path")
            ));
        }
        html.put(format_args!("</span>"));
        html.finish()
    }

    pub(crate) fn deadline(&self, now: &Timestamp) -> Html {
        deadline(self.first_seen, self.due, *now)
    }
}

/// Age, time left or over, and a bar of the time used.
#[must_use]
pub fn deadline(first_seen: Option<Timestamp>, due: Option<Timestamp>, now: Timestamp) -> Html {
    let Some(first_seen) = first_seen else {
        return Html::from_trusted("<span class=\"muted\">new</span>".to_owned());
    };
    let age = text::span(now.since(first_seen));
    let Some(due) = due else {
        return Html::from_trusted(format!("<span class=\"num\">{age}</span>"));
    };
    let (whole, used, left) = (
        due.since(first_seen).max(1),
        now.since(first_seen),
        due.since(now),
    );
    let percent = u64::try_from(used.max(0).saturating_mul(100) / whole).unwrap_or(0);
    let (words, class) = if left < 0 {
        (
            format!("<span class=\"over-t\">{} over</span>", text::span(-left)),
            "over",
        )
    } else {
        (
            format!("{} left", text::span(left)),
            if left <= 7 * DAY_MS { "soon" } else { "" },
        )
    };
    let bar = deadline_bar(percent, class);
    Html::from_trusted(format!(
        "<div class=\"sla num\"><span>{age} <span class=\"muted\">·</span> {words}</span>{bar}</div>"
    ))
}

/// `axios@1.6.8` as `axios 1.6.8`; the scope of `@types/node@1` stays.
#[must_use]
pub fn spaced(step: &str) -> String {
    match step.rsplit_once('@') {
        Some((name, version)) if !name.is_empty() => format!("{name} {version}"),
        _ => step.to_owned(),
    }
}

/// A path from the product to a component as a nested list; the last step is what it is about.
#[must_use]
pub fn path_tree(root: &str, note: &str, path: &[String]) -> Html {
    let mut html = Builder::default();
    html.put(format_args!(
        "<ul class=\"tree\"><li>{} <span class=\"muted\">{}</span>",
        escape(root),
        escape(note)
    ));
    for (index, step) in path.iter().enumerate() {
        let (name, version) = step
            .rsplit_once('@')
            .filter(|(name, _)| !name.is_empty())
            .unwrap_or((step, ""));
        let class = if index + 1 == path.len() { "hit-c" } else { "step" };
        html.put(format_args!(
            "<ul><li><span class=\"{class}\">{}</span> <span class=\"ver\">{}</span>",
            escape(name),
            escape(version)
        ));
        if index == 0 {
            html.put(format_args!(" <span class=\"muted\">direct</span>"));
        }
    }
    for _ in path {
        html.put(format_args!("</li></ul>"));
    }
    html.put(format_args!("</li></ul>"));
    html.finish()
}

/// The explanation of one finding in three columns.
#[derive(Clone, Debug, Default)]
pub struct Why {
    /// The product.
    pub root: String,
    pub reference: String,
    /// `name@version` from the product's dependency down to the component; empty when nothing is known.
    pub path: Vec<String>,
    /// One sentence: what to do.
    pub advice: String,
    /// What is known of the version that the advice names; empty when nothing was verified.
    pub assurance: String,
    pub command: Option<String>,
    pub canonical: String,
    pub aliases: Vec<String>,
    pub range: String,
    pub score: Option<f64>,
    pub cause: Option<Cause>,
    pub first_seen: Option<Timestamp>,
    pub disputed: bool,
}

impl Why {
    /// The explanation of a finding as the audit reports it; advice from its fix alone.
    #[must_use]
    pub fn from_finding(finding: &Finding, root: &str, reference: &str) -> Self {
        Self {
            root: root.to_owned(),
            reference: reference.to_owned(),
            path: finding.paths.first().cloned().unwrap_or_default(),
            advice: advice(finding),
            canonical: finding.canonical.clone(),
            aliases: finding
                .aliases
                .iter()
                .filter(|id| **id != finding.canonical)
                .cloned()
                .collect(),
            range: finding.evidence.range.clone(),
            score: finding.severity.score,
            cause: finding.cause,
            first_seen: finding.first_seen,
            disputed: finding.evidence.disputed,
            ..Self::default()
        }
    }

    pub(crate) fn tree(&self) -> Html {
        path_tree(&self.root, &self.reference, &self.path)
    }
}

/// What the fix says to do, in one sentence.
#[must_use]
pub fn advice(finding: &Finding) -> String {
    let name = &finding.component.name;
    match (&finding.fix.version, &finding.fix.via) {
        (Some(version), Some(via)) => format!(
            "Move {name} to {version} or later; it comes with {}.",
            spaced(via)
        ),
        (Some(version), None) => format!("Move {name} to {version} or later."),
        (None, _) => format!("No released version of {name} is known to be free of this."),
    }
}

/// Why a finding opened, for people.
#[must_use]
pub const fn cause_words(cause: Cause) -> &'static str {
    match cause {
        Cause::FirstScan => "it was there when the project was first checked",
        Cause::AdvisoryPublished => "an advisory was published; your code did not change",
        Cause::AdvisoryChanged => "an advisory was changed; your code did not change",
        Cause::ComponentAdded => "the component was added",
        Cause::VersionChanged => "the component's version changed",
        Cause::DecisionEnded => "a decision about it ended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_seen_from_now() {
        let now = sample_now();
        let html =
            |age: i64, limit: i64| deadline(Some(now.plus_days(-age)), Some(now.plus_days(limit - age)), now);
        assert!(
            html(2, 7)
                .as_str()
                .contains("2 d <span class=\"muted\">·</span> 5 d left")
        );
        assert!(
            html(41, 30)
                .as_str()
                .contains("<span class=\"over-t\">11 d over</span>")
        );
        assert!(html(41, 30).as_str().contains("class=\"v over\" width=\"100%\""));
        assert!(deadline(None, None, now).as_str().contains("new"));
    }

    #[test]
    fn a_path_is_spelled_for_people() {
        assert_eq!(spaced("axios@1.6.8"), "axios 1.6.8");
        assert_eq!(spaced("@types/node@20.1.0"), "@types/node 20.1.0");
        assert_eq!(spaced("@types"), "@types");
        let tree = path_tree("shop", "main", &["<a>@1".to_owned(), "b@2".to_owned()]);
        assert!(tree.as_str().contains("&lt;a&gt;"));
        assert_eq!(
            tree.as_str().matches("<ul").count(),
            tree.as_str().matches("</ul>").count()
        );
    }

    #[test]
    fn a_row_without_a_graph_does_not_claim_to_be_direct() {
        let row = FindingRow::default();
        assert!(row.path().as_str().contains("path not in the SBOM"));
    }
}
