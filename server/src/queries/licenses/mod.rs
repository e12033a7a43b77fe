//! Licenses: what the policy says of each, and why.

mod build;
mod judge;

use std::collections::{BTreeMap, HashMap};

use store::components::usage;
use store::components::{Filter, Key, Search};
use store::db::Session;
use store::findings::list::Narrowing;
use store::policies;

use super::components::{Held, search_page};
use crate::auth::Access;
use crate::extract::{Fields, Paging, Total};
use crate::problem::Problem;

pub(crate) use build::{JudgedComponent, judged};
pub(crate) use judge::{Decision, Judge, Judged};

/// What is asked of a list of licenses.
#[derive(Clone, Debug)]
pub(crate) struct LicenseQuery<K> {
    /// A component or a license.
    pub text: Option<String>,
    pub decision: Option<Decision>,
    pub reference: Option<String>,
    pub paging: Paging<K>,
}

impl<K: serde::de::DeserializeOwned> LicenseQuery<K> {
    /// Reads `q, decision, ref, cursor, limit`.
    pub fn read(mut fields: Fields) -> Result<Self, Problem> {
        let decision = fields.one("decision")?;
        let read = Self {
            text: fields.one("q")?,
            decision: decision.as_deref().map(Decision::read).transpose()?,
            reference: fields.one("ref")?,
            paging: Paging::new(fields.one("cursor")?.as_deref(), fields.number("limit")?)?,
        };
        fields.finish()?;
        Ok(read)
    }
}

/// Components by decision.
pub(crate) type Tally = BTreeMap<Decision, i64>;

/// One license with the number of components under it.
#[derive(Clone, Debug)]
pub(crate) struct LicenseLine {
    /// Empty when nothing is stated.
    pub license: String,
    pub components: i64,
    pub judged: Judged,
}

/// All licenses, worst first, then by number of components.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary {
    pub lines: Vec<LicenseLine>,
    /// Whether counting stopped at its bound: there are more.
    pub at_least: bool,
}

impl Summary {
    fn new(counts: impl IntoIterator<Item = (String, i64, Judged)>, at_least: bool) -> Self {
        let mut lines: Vec<LicenseLine> = counts
            .into_iter()
            .map(|(license, components, judged)| LicenseLine {
                license,
                components,
                judged,
            })
            .collect();
        lines.sort_by(|a, b| {
            (a.judged.decision, -a.components, &a.license).cmp(&(
                b.judged.decision,
                -b.components,
                &b.license,
            ))
        });
        Self { lines, at_least }
    }

    /// Components by decision; `None` when there are no components at all.
    pub fn tally(&self) -> Option<Tally> {
        let mut tally = Tally::new();
        for line in &self.lines {
            *tally.entry(line.judged.decision).or_default() += line.components;
        }
        (!tally.is_empty()).then_some(tally)
    }

    /// Over the tracked refs that the caller may see, by the default policy: each project has its own for its gate.
    pub async fn everywhere(session: &mut Session, access: &Access) -> Result<Self, Problem> {
        let narrowing = Narrowing {
            project: access.project,
            ..Narrowing::default()
        };
        Self::narrowed(session, &narrowing).await
    }

    /// The same over the tracked refs of some projects.
    pub async fn narrowed(session: &mut Session, narrowing: &Narrowing) -> Result<Self, Problem> {
        let policy = policies::default(session).await?.policy;
        let mut judge = Judge::new(&policy.license);
        let found = usage::license_counts(session, narrowing).await?;
        let counts = found.counts.into_iter().map(|(license, components)| {
            let judged = judge.license(&license);
            (license, components, judged)
        });
        Ok(Self::new(counts, found.at_least))
    }

    /// Of the components of one build.
    pub fn of(components: &[JudgedComponent]) -> Self {
        let mut counts: BTreeMap<(String, Decision, String), i64> = BTreeMap::new();
        for component in components {
            let license = component.status.license.clone().unwrap_or_default();
            let judged = component.judged.clone();
            *counts.entry((license, judged.decision, judged.why)).or_default() += 1;
        }
        let counts = counts
            .into_iter()
            .map(|((license, decision, why), count)| (license, count, Judged { decision, why }));
        Self::new(counts, false)
    }
}

/// A version under one of the licenses that documents state for it.
#[derive(Clone, Debug)]
pub(crate) struct LicensedVersion {
    pub held: Held,
    pub license: String,
    pub projects: i64,
    pub judged: Judged,
}

/// A page of versions across projects.
#[derive(Clone, Debug)]
pub(crate) struct LicensedPage {
    pub rows: Vec<LicensedVersion>,
    pub next: Option<String>,
    pub total: Total,
}

impl LicenseQuery<Key> {
    /// Versions that the tracked refs hold, by name.
    pub async fn everywhere(
        &self,
        session: &mut Session,
        access: &Access,
        summary: &Summary,
    ) -> Result<LicensedPage, Problem> {
        if self.reference.is_some() {
            return Err(Problem::bad_parameter("ref", "goes with one project only"));
        }
        let judged: HashMap<&str, &Judged> = summary
            .lines
            .iter()
            .map(|line| (line.license.as_str(), &line.judged))
            .collect();
        let (search, wanted) = self.chosen(summary);
        let filter = Filter {
            project: access.project,
            ..Filter::default()
        };
        let page = search_page(session, &search, &filter, &self.paging).await?;
        let mut rows = Vec::new();
        for held in page.rows {
            for (license, projects) in held.usage.licenses.clone() {
                let shown = wanted.as_ref().is_none_or(|wanted| wanted.contains(&license));
                if let Some(judged) = judged.get(license.as_str()).filter(|_| shown) {
                    rows.push(LicensedVersion {
                        held: held.clone(),
                        license,
                        projects,
                        judged: (*judged).clone(),
                    });
                }
            }
        }
        Ok(LicensedPage {
            rows,
            next: page.next,
            total: page.total,
        })
    }

    /// The names and licenses that are asked for: a text that some license contains means licenses.
    fn chosen(&self, summary: &Summary) -> (Search, Option<Vec<String>>) {
        let text = self.text.as_deref().unwrap_or_default();
        let means_license =
            !text.is_empty() && summary.lines.iter().any(|line| contains(&line.license, text));
        if self.decision.is_none() && !means_license {
            return (Search::read(text), None);
        }
        let lines = summary.lines.iter();
        let wanted: Vec<String> = lines
            .filter(|line| {
                self.decision
                    .is_none_or(|decision| line.judged.decision == decision)
            })
            .filter(|line| !means_license || contains(&line.license, text))
            .map(|line| line.license.clone())
            .collect();
        let name = if means_license { "" } else { text };
        (Search::licensed(name, &wanted), Some(wanted))
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
