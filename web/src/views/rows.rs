//! A finding as one row of a list, and the box below the first row that explains it.

use advisories::Severity;
use clock::{DAY_MS, Timestamp};
use policy::{Cause, Finding};

use crate::charts::deadline_bar;
use crate::html::{Builder, Html, escape};
use crate::{links, parts, text};

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
    }
}

/// The moment that all samples are seen from.
#[must_use]
pub fn sample_now() -> Timestamp {
    crate::layout::Shell::sample().now
}

/// Ten rows of every kind: exploited, fixed, unfixed, past due, waived, without a graph.
#[must_use]
pub fn sample_rows() -> Vec<FindingRow> {
    let (critical, high, medium) = (Severity::Critical, Severity::High, Severity::Medium);
    vec![
        sample_row(
            ("CVE-2025-7783", "form-data uses a predictable boundary", critical),
            ("form-data", "4.0.0", "npm"),
            "axios@1.6.8",
            0,
            Some("4.0.4"),
            (2, 7),
        ),
        FindingRow {
            kev: Some(true),
            ..sample_row(
                ("CVE-2021-44906", "Prototype pollution in minimist", critical),
                ("minimist", "1.2.5", "npm"),
                "mkdirp@0.5.5",
                1,
                Some("1.2.6"),
                (2, 7),
            )
        },
        FindingRow {
            state: State::InTriage,
            ..sample_row(
                (
                    "CVE-2025-27152",
                    "axios follows absolute URLs: SSRF and token leak",
                    high,
                ),
                ("axios", "1.6.8", "npm"),
                "",
                0,
                Some("1.8.2"),
                (6, 30),
            )
        },
        sample_row(
            (
                "CVE-2022-24999",
                "qs lets a query string poison the prototype",
                high,
            ),
            ("qs", "6.7.0", "npm"),
            "express@4.17.1 body-parser@1.19.0",
            1,
            Some("6.7.3"),
            (41, 30),
        ),
        sample_row(
            (
                "CVE-2024-45590",
                "body-parser: denial of service by deep URL encoding",
                high,
            ),
            ("body-parser", "1.19.0", "npm"),
            "express@4.17.1",
            0,
            Some("1.20.3"),
            (41, 30),
        ),
        sample_row(
            ("CVE-2024-21538", "cross-spawn regular expression blows up", high),
            ("cross-spawn", "7.0.3", "npm"),
            "execa@5.1.1",
            2,
            Some("7.0.5"),
            (12, 30),
        ),
        sample_row(
            (
                "CVE-2024-35195",
                "requests keeps verify=False for the session",
                medium,
            ),
            ("requests", "2.31.0", "PyPI"),
            "",
            0,
            Some("2.32.0"),
            (55, 90),
        ),
        FindingRow {
            state: State::Waived(Some("2027-01-12".to_owned())),
            ..sample_row(
                (
                    "RUSTSEC-2024-0421",
                    "idna accepts Punycode that yields no non-ASCII",
                    medium,
                ),
                ("idna", "0.5.0", "crates.io"),
                "reqwest@0.11.27 url@2.5.0",
                0,
                Some("1.0.0"),
                (63, 90),
            )
        },
        FindingRow {
            epss: None,
            direct: None,
            ..sample_row(
                (
                    "GHSA-p8p7-x288-28g6",
                    "Server-side request forgery in request",
                    medium,
                ),
                ("request", "2.88.2", "npm"),
                "",
                0,
                None,
                (24, 90),
            )
        },
        FindingRow {
            epss: None,
            due: None,
            ..sample_row(
                (
                    "MAL-2026-1182",
                    "Nobody has rated this record yet",
                    Severity::Unknown,
                ),
                ("left-pod", "1.3.0", "npm"),
                "",
                0,
                None,
                (41, 90),
            )
        },
    ]
}

fn sample_row(
    (canonical, title, severity): (&str, &str, Severity),
    (package, version, ecosystem): (&str, &str, &str),
    via: &str,
    more_paths: u64,
    fix: Option<&str>,
    (age, limit): (i64, i64),
) -> FindingRow {
    let first_seen = sample_now().plus_days(-age);
    FindingRow {
        id: format!(
            "0193f0aa-0000-7000-8000-{:012x}",
            canonical
                .bytes()
                .fold(7_u64, |sum, byte| sum * 31 % 0xffff_ffff + u64::from(byte))
        ),
        canonical: canonical.to_owned(),
        title: title.to_owned(),
        severity,
        kev: Some(false),
        epss: Some(0.021),
        purl: format!("pkg:npm/{package}@{version}"),
        package: package.to_owned(),
        version: version.to_owned(),
        ecosystem: ecosystem.to_owned(),
        via: via.split_whitespace().map(str::to_owned).collect(),
        more_paths,
        direct: Some(via.is_empty()),
        fix: fix.map(str::to_owned),
        first_seen: Some(first_seen),
        due: Some(first_seen.plus_days(limit)),
        state: State::Open,
        project: None,
    }
}

/// The explanation of the first of [`sample_rows`].
#[must_use]
pub fn sample_why() -> Why {
    Why {
        root: "payments-api".to_owned(),
        reference: "main".to_owned(),
        path: vec!["axios@1.6.8".to_owned(), "form-data@4.0.0".to_owned()],
        advice: "Move axios to 1.12.2. It brings form-data 4.0.4 and also clears CVE-2025-27152.".to_owned(),
        assurance: "No known finding affects axios 1.12.2 or form-data 4.0.4.".to_owned(),
        command: Some("npm i axios@1.12.2".to_owned()),
        canonical: "CVE-2025-7783".to_owned(),
        aliases: vec!["GHSA-fjxv-7rqg-78g4".to_owned()],
        range: "introduced 4.0.0, fixed 4.0.4".to_owned(),
        score: Some(9.4),
        cause: Some(Cause::AdvisoryPublished),
        first_seen: Some(sample_now().plus_days(-2)),
        disputed: false,
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
