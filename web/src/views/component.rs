//! One component over all its versions: which are in use, what is wrong with each, who uses it.

use clock::Timestamp;

use super::components::tally;
use super::list::{Exports, Pager, Total};
use crate::filters;
use crate::html::Html;
use crate::layout::{Frame, Section};
use crate::parts::{self, SeverityCounts};
use crate::{charts, links};

page!("component.html", Component);

/// The page of one package.
#[derive(Clone, Debug, Default)]
pub struct Component {
    /// Without a version.
    pub purl: String,
    pub name: String,
    pub ecosystem: String,
    /// From the registry; `None` when it was not asked.
    pub latest: Option<String>,
    pub latest_at: Option<Timestamp>,
    pub licenses: Vec<String>,
    pub deprecated: Option<String>,
    pub versions: Vec<VersionRow>,
    pub users: Vec<UserRow>,
    pub pager: Pager,
    /// Whether the reader watches it; `None` where nobody can.
    pub watched: Option<bool>,
}

/// One version in use.
#[derive(Clone, Debug)]
pub struct VersionRow {
    pub version: String,
    pub projects: u64,
    /// `None` when it could not be checked.
    pub counts: Option<SeverityCounts>,
    /// The ids of its findings with their severities, worst first, bounded.
    pub findings: Vec<(String, advisories::Severity)>,
}

/// One project that contains it.
#[derive(Clone, Debug)]
pub struct UserRow {
    pub project: String,
    pub reference: String,
    pub build: u64,
    pub version: String,
    pub direct: Option<bool>,
    /// `name@version` of what brings it.
    pub via: Option<String>,
}

impl UserRow {
    pub(crate) fn how(&self) -> String {
        match (&self.via, self.direct) {
            (Some(via), _) => format!("via {}", super::rows::spaced(via)),
            (None, Some(true)) => "direct".to_owned(),
            (None, Some(false)) => "transitive".to_owned(),
            (None, None) => "not in the SBOM".to_owned(),
        }
    }
}

impl Component {
    fn frame(&self) -> Frame {
        Frame::new(
            format!("{} · {}", self.name, self.ecosystem),
            Section::Components,
            format!("/v1/components/{}", links::segment(&self.purl)),
        )
    }

    pub(crate) fn worst(&self, row: &VersionRow) -> Html {
        match row.counts {
            None => parts::pill("not checked", "line"),
            Some(counts) if counts.total() == 0 => {
                Html::from_trusted("<span class=\"muted\">none known</span>".to_owned())
            }
            Some(counts) => tally(&counts),
        }
    }

    pub(crate) fn exports(&self) -> Exports {
        Exports {
            json: format!("/v1/components/{}", links::segment(&self.purl)),
            csv: None,
        }
    }

    /// A bar of the projects that use a version.
    pub(crate) fn bar(&self, row: &VersionRow) -> Html {
        let most = self.versions.iter().map(|row| row.projects).max().unwrap_or(0);
        charts::usage_bar(row.projects, most)
    }

    #[must_use]
    pub fn sample() -> Self {
        let version = |version: &str,
                       projects,
                       counts: Option<SeverityCounts>,
                       findings: &[(&str, advisories::Severity)]| VersionRow {
            version: version.to_owned(),
            projects,
            counts,
            findings: findings
                .iter()
                .map(|(id, level)| ((*id).to_owned(), *level))
                .collect(),
        };
        let user = |project: &str, version: &str, via: Option<&str>| UserRow {
            project: project.to_owned(),
            reference: "main".to_owned(),
            build: 1842,
            version: version.to_owned(),
            direct: Some(via.is_none()),
            via: via.map(str::to_owned),
        };
        Self {
            purl: "pkg:npm/axios".to_owned(),
            name: "axios".to_owned(),
            ecosystem: "npm".to_owned(),
            latest: Some("1.12.2".to_owned()),
            latest_at: Some(super::rows::sample_now().plus_days(-9)),
            licenses: vec!["MIT".to_owned()],
            deprecated: None,
            versions: vec![
                version("1.12.2", 40, Some(SeverityCounts::default()), &[]),
                version(
                    "1.7.9",
                    12,
                    Some(SeverityCounts::new(0, 1, 0, 0, 0)),
                    &[("CVE-2025-27152", advisories::Severity::High)],
                ),
                version(
                    "1.6.8",
                    61,
                    Some(SeverityCounts::new(0, 2, 1, 0, 0)),
                    &[
                        ("CVE-2025-27152", advisories::Severity::High),
                        ("CVE-2024-39338", advisories::Severity::High),
                    ],
                ),
                version("next", 1, None, &[]),
            ],
            users: vec![
                user("platform/payments-api", "1.6.8", None),
                user("shop/storefront", "1.12.2", Some("sdk@2.0.0")),
            ],
            pager: Pager {
                shown: 2,
                total: Total::exactly(114),
                next: Some("/components/pkg:npm/axios?cursor=x".to_owned()),
                ..Pager::default()
            },
            watched: Some(false),
        }
    }

    /// A package that its registry calls deprecated, of which nothing else is known.
    #[must_use]
    pub fn sample_deprecated() -> Self {
        Self {
            deprecated: Some("request has been deprecated, see issue 3142".to_owned()),
            latest: None,
            latest_at: None,
            licenses: Vec::new(),
            versions: Vec::new(),
            users: Vec::new(),
            pager: Pager::default(),
            watched: Some(true),
            ..Self::sample()
        }
    }
}
