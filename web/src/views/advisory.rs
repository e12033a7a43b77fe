//! One advisory: what it says, and every project that it hits.

use advisories::Severity;
use clock::Timestamp;

use super::list::{Empty, Exports, Pager, Total};
use super::rows::{State, sample_now};
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::{links, parts, text};

page!("advisory.html", Advisory);

/// The page of one alias group.
#[derive(Clone, Debug, Default)]
pub struct Advisory {
    pub canonical: String,
    pub aliases: Vec<String>,
    pub summary: String,
    /// The text of the record, as plain text: blank lines part its paragraphs.
    pub details: String,
    pub severity: Severity,
    pub score: Option<f64>,
    pub vector: Option<String>,
    pub kev: Option<bool>,
    pub epss: Option<f64>,
    pub published: Option<Timestamp>,
    pub modified: Option<Timestamp>,
    /// A withdrawn record affects nothing.
    pub withdrawn: Option<Timestamp>,
    pub weaknesses: Vec<String>,
    pub packages: Vec<PackageRange>,
    /// Web addresses; others are dropped when drawn.
    pub references: Vec<String>,
    pub affected: Vec<AffectedProject>,
    pub pager: Pager,
    /// What "no project" would rest on: projects whose newest build was checked, of all.
    pub checked_projects: u64,
    pub all_projects: u64,
}

/// One package that the advisory speaks of.
#[derive(Clone, Debug)]
pub struct PackageRange {
    pub purl: String,
    pub name: String,
    pub ecosystem: String,
    pub range: String,
    pub fixed: Vec<String>,
}

/// One project that contains an affected version.
#[derive(Clone, Debug)]
pub struct AffectedProject {
    pub project: String,
    pub reference: String,
    pub component: String,
    pub version: String,
    pub direct: Option<bool>,
    pub finding: String,
    pub since: Timestamp,
    pub state: State,
}

impl Advisory {
    fn frame(&self) -> Frame {
        let title = format!("{} {}", self.canonical, self.summary);
        Frame::new(
            title.trim_end().to_owned(),
            Section::Findings,
            format!("/v1/vulns/{}", links::segment(&self.canonical)),
        )
    }

    pub(crate) fn paragraphs(&self) -> Vec<&str> {
        self.details
            .split("\n\n")
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .collect()
    }

    pub(crate) fn outside_references(&self) -> Vec<&str> {
        self.references
            .iter()
            .filter_map(|address| links::outside(address))
            .collect()
    }

    pub(crate) fn kev(&self) -> Html {
        match self.kev {
            Some(true) => parts::pill("Known exploited (KEV)", "fail"),
            Some(false) => parts::pill("not in KEV", "line"),
            None => parts::pill("KEV not loaded", "line"),
        }
    }

    pub(crate) fn epss_pill(&self) -> Html {
        let words = self.epss.map_or_else(
            || "EPSS not known".to_owned(),
            |share| format!("EPSS {}", text::percent(share)),
        );
        parts::pill(&words, "line")
    }

    pub(crate) fn exports(&self) -> Exports {
        Exports::of(
            &format!("/v1/advisories/{}/affected", links::segment(&self.canonical)),
            "",
        )
    }

    pub(crate) fn empty(&self) -> Empty {
        let checked = format!(
            "{} of {} were checked",
            text::number(self.checked_projects),
            text::plural(self.all_projects, "project")
        );
        Empty::new("No project contains an affected version", &format!("{checked}."))
    }

    #[must_use]
    pub fn sample() -> Self {
        let now = sample_now();
        let affected = |project: &str, reference: &str, direct| AffectedProject {
            project: project.to_owned(),
            reference: reference.to_owned(),
            component: "form-data".to_owned(),
            version: "4.0.0".to_owned(),
            direct,
            finding: "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d12".to_owned(),
            since: now.plus_days(-2),
            state: State::Open,
        };
        Self {
            canonical: "CVE-2025-7783".to_owned(),
            aliases: vec!["GHSA-fjxv-7rqg-78g4".to_owned()],
            summary: "form-data uses a predictable boundary".to_owned(),
            details: "The boundary of a multipart body is chosen with Math.random().\n\nAn attacker who sees other values of that generator can predict the boundary and add <parts> to a request.".to_owned(),
            severity: Severity::Critical,
            score: Some(9.4),
            vector: Some("CVSS:4.0/AV:N/AC:H/AT:N/PR:N/UI:N/VC:H/VI:H/VA:N/SC:H/SI:H/SA:N".to_owned()),
            kev: Some(false),
            epss: Some(0.021),
            published: Some(now.plus_days(-3)),
            modified: Some(now.plus_days(-2)),
            withdrawn: None,
            weaknesses: vec!["CWE-330".to_owned()],
            packages: vec![PackageRange { purl: "pkg:npm/form-data".to_owned(), name: "form-data".to_owned(), ecosystem: "npm".to_owned(), range: "introduced 4.0.0, fixed 4.0.4".to_owned(), fixed: vec!["4.0.4".to_owned()] }],
            references: vec!["https://nvd.nist.gov/vuln/detail/CVE-2025-7783".to_owned()],
            affected: vec![affected("platform/payments-api", "main", Some(false)), affected("shop/storefront", "main", Some(true)), affected("finance/ledger-core", "release/4", None)],
            pager: Pager { shown: 3, total: Total::exactly(61), next: Some("/advisories/CVE-2025-7783?cursor=x".to_owned()), ..Pager::default() },
            checked_projects: 212,
            all_projects: 214,
        }
    }

    /// Withdrawn, and in no project.
    #[must_use]
    pub fn sample_withdrawn() -> Self {
        Self {
            withdrawn: Some(sample_now()),
            affected: Vec::new(),
            pager: Pager::default(),
            kev: None,
            epss: None,
            ..Self::sample()
        }
    }
}
