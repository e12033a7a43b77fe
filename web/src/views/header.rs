//! The head of every page about one project: name, branch, build, tabs.

use clock::Timestamp;

use crate::{links, text};

/// Shared by all pages below `/projects/{p}`.
#[derive(Clone, Debug, Default)]
pub struct ProjectHeader {
    /// `team/name`, or the name alone.
    pub name: String,
    /// The branch or tag that the page is about.
    pub reference: String,
    /// Whether that is the project's default; its addresses then need no `ref`.
    pub is_default_reference: bool,
    /// Other branches, for the menu; bounded by whoever fills it.
    pub other_references: Vec<String>,
    /// The newest build of the reference; `None` when nothing was sent yet.
    pub build: Option<BuildMark>,
    /// Numbers of the tabs; `None` where nothing is known.
    pub findings: Option<u64>,
    pub components: Option<u64>,
}

/// Which build a page speaks of.
#[derive(Clone, Debug)]
pub struct BuildMark {
    pub number: u64,
    pub id: String,
    pub commit: Option<String>,
    pub at: Timestamp,
    /// `CycloneDX 1.6 JSON from cdxgen`.
    pub format: String,
}

/// One tab.
pub(crate) struct Tab {
    pub label: &'static str,
    pub href: String,
    pub count: Option<String>,
    pub current: bool,
}

impl ProjectHeader {
    /// The name without its team.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    #[must_use]
    pub fn team(&self) -> Option<&str> {
        self.name.rsplit_once('/').map(|(team, _)| team)
    }

    #[must_use]
    pub fn href(&self) -> String {
        format!("{}{}", links::project(&self.name), self.query())
    }

    pub(crate) fn href_of(&self, reference: &str) -> String {
        format!("{}?ref={}", links::project(&self.name), links::segment(reference))
    }

    pub(crate) fn href_for_days(&self, days: &u32) -> String {
        let href = self.href();
        let joint = if href.contains('?') { '&' } else { '?' };
        format!("{href}{joint}days={days}")
    }

    /// A page below the project, for the same branch.
    #[must_use]
    pub fn below(&self, page: &str) -> String {
        format!("{}/{page}{}", links::project(&self.name), self.query())
    }

    fn query(&self) -> String {
        if self.is_default_reference {
            String::new()
        } else {
            format!("?ref={}", links::segment(&self.reference))
        }
    }

    /// `/v1/projects/{p}/{page}?ref=…`.
    #[must_use]
    pub fn api(&self, page: &str) -> String {
        let reference = links::segment(&self.reference);
        format!("{}/{page}?ref={reference}", links::api_project(&self.name))
    }

    /// Where documents are sent from: the onboarding with the project filled in.
    pub(crate) fn upload(&self) -> String {
        format!("/start?project={}", links::segment(&self.name))
    }

    pub(crate) fn tabs(&self, current: &str) -> Vec<Tab> {
        let tab = |label: &'static str, page: &str, count: Option<Option<u64>>| Tab {
            label,
            href: if page.is_empty() {
                self.href()
            } else {
                self.below(page)
            },
            count: count
                .filter(|_| self.build.is_some())
                .map(|count| count.map_or_else(|| "not checked".to_owned(), text::number)),
            current: current == page,
        };
        vec![
            tab("Overview", "", None),
            tab("Findings", "findings", Some(self.findings)),
            tab("Components", "components", Some(self.components)),
            tab("Tree", "tree", None),
            tab("Licenses", "licenses", None),
            tab("Builds", "builds", None),
            tab("Compare", "compare", None),
            tab("VEX", "vex", None),
            tab("Badge", "badge", None),
        ]
    }

    #[must_use]
    pub fn sample() -> Self {
        Self {
            name: "platform/payments-api".to_owned(),
            reference: "main".to_owned(),
            is_default_reference: true,
            other_references: vec!["release/2.14".to_owned(), "renovate/axios-1.x".to_owned()],
            build: Some(BuildMark {
                number: 1842,
                id: "0193f0aa-1c7e-7d02-9a55-6f2f3b1c0d11".to_owned(),
                commit: Some("4f2c9ab".to_owned()),
                at: super::rows::sample_now().plus_millis(-7_200_000),
                format: "CycloneDX 1.6 JSON from cdxgen 11.0.5".to_owned(),
            }),
            findings: Some(37),
            components: Some(412),
        }
    }

    /// A project that has sent nothing yet.
    #[must_use]
    pub fn sample_new() -> Self {
        Self {
            build: None,
            findings: None,
            components: None,
            other_references: Vec::new(),
            ..Self::sample()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_stays_in_every_address() {
        let header = ProjectHeader {
            is_default_reference: false,
            reference: "a&b".to_owned(),
            ..ProjectHeader::sample()
        };
        assert_eq!(
            header.below("findings"),
            "/projects/platform/payments-api/findings?ref=a%26b"
        );
        assert!(header.tabs("").iter().all(|tab| tab.href.ends_with("?ref=a%26b")));
        assert_eq!(
            (header.team(), header.short_name()),
            (Some("platform"), "payments-api")
        );
    }
}
