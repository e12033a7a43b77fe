//! Components: who holds what, across projects or within one build.

use std::collections::HashMap;

use advisories::{Severity, VulnerabilityMatch};
use audit::ComponentStatus;
use clock::Timestamp;
use policy::Finding;
use store::components::usage::{self, Usage, User};
use store::components::{self, Filter, HeldVersion, Key, Search};
use store::db::Session;
use store::{feeds, verdicts};

use crate::auth::Access;
use crate::extract::{Fields, Paging, Total};
use crate::place::Place;
use crate::problem::Problem;

/// What is asked of a list of components.
#[derive(Clone, Debug)]
pub(crate) struct ComponentQuery<K> {
    pub text: Option<String>,
    pub ecosystem: Option<String>,
    pub direct: Option<bool>,
    pub superseded: bool,
    /// A ref of one project.
    pub reference: Option<String>,
    pub paging: Paging<K>,
}

impl<K: serde::de::DeserializeOwned> ComponentQuery<K> {
    /// Reads `q, ecosystem, direct, superseded, ref, cursor, limit`.
    pub fn read(mut fields: Fields) -> Result<Self, Problem> {
        let read = Self {
            text: fields.one("q")?,
            ecosystem: fields.one("ecosystem")?,
            direct: fields.flag("direct")?,
            superseded: fields.flag("superseded")?.unwrap_or(false),
            reference: fields.one("ref")?,
            paging: Paging::new(fields.one("cursor")?.as_deref(), fields.number("limit")?)?,
        };
        fields.finish()?;
        Ok(read)
    }
}

/// A version with who holds it and what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub version: HeldVersion,
    pub usage: Usage,
    /// Worst first.
    pub matches: Vec<VulnerabilityMatch>,
    /// Why it was not, or not fully, checked.
    pub why_not: Option<&'static str>,
}

impl Held {
    /// The severities of what affects it; `None` when nothing was found because nothing was checked.
    pub fn severities(&self) -> Option<Vec<Severity>> {
        let found: Vec<Severity> = self.matches.iter().map(|found| found.severity.level).collect();
        (self.why_not.is_none() || !found.is_empty()).then_some(found)
    }
}

/// One page of a search across projects.
#[derive(Clone, Debug)]
pub(crate) struct HeldPage {
    pub rows: Vec<Held>,
    pub next: Option<String>,
    pub total: Total,
    /// Versions that the range could not be compared with, for people.
    pub undecided: Vec<String>,
}

impl ComponentQuery<Key> {
    /// Across the projects that the caller may see.
    pub async fn everywhere(&self, session: &mut Session, access: &Access) -> Result<HeldPage, Problem> {
        if self.reference.is_some() {
            return Err(Problem::bad_parameter("ref", "goes with one project only"));
        }
        let filter = Filter {
            ecosystem: self.ecosystem.clone(),
            superseded: self.superseded,
            project: access.project,
            direct: self.direct,
        };
        let search = Search::read(self.text.as_deref().unwrap_or_default());
        search_page(session, &search, &filter, &self.paging).await
    }
}

/// A page of what a search finds, with everything that is known of it.
pub(crate) async fn search_page(
    session: &mut Session,
    search: &Search,
    filter: &Filter,
    paging: &Paging<Key>,
) -> Result<HeldPage, Problem> {
    let found = components::search(session, search, filter, paging.after.clone(), paging.limit).await?;
    let undecided = found.undecided.iter();
    Ok(HeldPage {
        next: found.next.as_ref().map(crate::extract::cursor),
        total: Total::counted(found.total, components::TOTAL_LIMIT),
        undecided: undecided
            .map(|version| format!("{} {}", version.name, version.version))
            .collect(),
        rows: known(session, found.versions, filter).await?,
    })
}

/// Adds to versions who holds them and what is known of them.
async fn known(
    session: &mut Session,
    versions: Vec<HeldVersion>,
    filter: &Filter,
) -> Result<Vec<Held>, store::Error> {
    let ids: Vec<i64> = versions.iter().map(|version| version.id).collect();
    let mut usage = usage::of_versions(session, &ids, filter).await?;
    let mut matches = usage::matches(session, &ids).await?;
    let covered = feeds::covered(session).await?;
    Ok(versions
        .into_iter()
        .map(|version| Held {
            usage: usage.remove(&version.id).unwrap_or_default(),
            matches: matches.remove(&version.id).unwrap_or_default(),
            why_not: version.why_not_checked(&covered),
            version,
        })
        .collect())
}

/// One package over all its versions in use.
#[derive(Clone, Debug)]
pub(crate) struct PackageUse {
    /// Its row.
    pub id: i64,
    pub ecosystem: String,
    pub name: String,
    /// Newest first.
    pub versions: Vec<Held>,
    pub users: Vec<User>,
    /// When each of the users first held its version, by [`User::key`].
    pub since: HashMap<(i64, i64), i64>,
    pub next: Option<String>,
    pub total: Total,
}

impl PackageUse {
    /// The package that a purl or an `unidentified:` name is of.
    pub async fn load(
        session: &mut Session,
        access: &Access,
        purl: &str,
        paging: &Paging<(i64, i64)>,
    ) -> Result<Self, Problem> {
        let missing = || Problem::not_found("such component");
        let (ecosystem, name) = Search::package_of(purl).ok_or_else(missing)?;
        let id = components::package(session, &ecosystem, &name)
            .await?
            .ok_or_else(missing)?;
        let filter = Filter {
            project: access.project,
            ..Filter::default()
        };
        let versions = components::versions_of(session, &ecosystem, &name, &filter).await?;
        let mut users = usage::users(session, id, access.project, paging.after, paging.rows()).await?;
        let next = paging.finish(&mut users, User::key);
        let total = usage::users_total(session, id, access.project).await?;
        Ok(Self {
            id,
            versions: known(session, versions, &filter).await?,
            since: usage::since(session, &users).await?,
            next,
            total: Total::counted(total, components::TOTAL_LIMIT),
            users,
            ecosystem,
            name,
        })
    }

    /// The package URL without version, or `unidentified:NAME`.
    pub fn purl(&self) -> String {
        let identity = self.versions.first().map(|held| held.version.identity.as_str());
        identity.map_or_else(|| self.name.clone(), package_purl)
    }
}

/// The purl of a stored identity in its canonical form; what has none keeps its own word.
pub(crate) fn version_purl(identity: &str) -> String {
    inventory::Purl::lenient(identity).map_or_else(|_| identity.to_owned(), |purl| purl.to_string())
}

pub(crate) fn package_purl(identity: &str) -> String {
    match inventory::Purl::lenient(identity) {
        Ok(purl) => audit::package_purl(&purl),
        Err(_) => identity
            .rsplit_once('@')
            .map_or(identity, |(name, _)| name)
            .to_owned(),
    }
}

/// A component of one build, as the verdict's report has it.
#[derive(Clone, Debug)]
pub(crate) struct Contained {
    pub status: ComponentStatus,
    /// Severities of its findings; `None` when nothing was found because nothing was checked.
    pub severities: Option<Vec<Severity>>,
}

/// One page of the components of a build.
#[derive(Clone, Debug)]
pub(crate) struct ContainedPage {
    pub rows: Vec<Contained>,
    pub next: Option<String>,
    pub total: Total,
}

/// Where a list of a build's components goes on: name in lower case, position in the document.
pub(crate) type ContainedKey = (String, u32);

impl ComponentQuery<ContainedKey> {
    /// Within the build that is the state of a ref.
    pub async fn within(&self, session: &mut Session, place: &Place) -> Result<ContainedPage, Problem> {
        if self.superseded {
            return Err(Problem::bad_parameter(
                "superseded",
                "goes with the list across projects",
            ));
        }
        let verdict = place.build.as_ref().and_then(|build| build.verdict_id);
        let mut rows = match verdict {
            Some(verdict) => {
                let report = verdicts::report(session, verdict).await?.report;
                contained(report.components, &report.findings)
            }
            None => Vec::new(),
        };
        let search = self.text.as_deref().map(Search::read);
        rows.retain(|row| self.fits(row, search.as_ref()));
        rows.sort_by_cached_key(key);
        let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        rows.retain(|row| self.paging.after.as_ref().is_none_or(|after| key(row) > *after));
        let next = self.paging.finish(&mut rows, key);
        Ok(ContainedPage {
            rows,
            next,
            total: Total::counted(total, i64::MAX),
        })
    }

    fn fits(&self, row: &Contained, search: Option<&Search>) -> bool {
        let status = &row.status;
        let ecosystem = self.ecosystem.as_deref();
        ecosystem.is_none_or(|wanted| status.ecosystem.as_deref() == Some(wanted))
            && self.direct.is_none_or(|wanted| status.direct == Some(wanted))
            && search.is_none_or(|search| is_found(status, search))
    }
}

fn key(row: &Contained) -> ContainedKey {
    (row.status.name.to_lowercase(), row.status.component)
}

/// Whether a search means a component; within one build a name may be found anywhere in a name.
fn is_found(status: &ComponentStatus, search: &Search) -> bool {
    let name = status.name.to_lowercase();
    let version = status.version.as_deref().unwrap_or_default();
    let ecosystem = status.ecosystem.as_deref();
    match search {
        Search::Name(text) => name.contains(&text.to_lowercase()),
        Search::Range { name: wanted, range } => {
            let known = ecosystem.and_then(ecosystems::by_name);
            name == wanted.to_lowercase() && range.contains(known, version) == Some(true)
        }
        Search::Package { name: wanted, .. } => name == wanted.to_lowercase(),
        Search::Identity(identity) => identity.ends_with(&format!("/{}@{version}", status.name)),
        Search::Advisory(_) | Search::License { .. } => false,
    }
}

/// Joins the components of a report with what was found in them.
fn contained(components: Vec<ComponentStatus>, findings: &[Finding]) -> Vec<Contained> {
    let mut found: HashMap<(&str, &str), Vec<Severity>> = HashMap::new();
    for finding in findings {
        let component = &finding.component;
        found
            .entry((&component.name, &component.version))
            .or_default()
            .push(finding.severity.level);
    }
    components
        .into_iter()
        .map(|status| {
            let version = status.version.as_deref().unwrap_or_default();
            let severities = found.get(&(status.name.as_str(), version)).cloned();
            Contained {
                severities: severities.or_else(|| status.checked.then(Vec::new)),
                status,
            }
        })
        .collect()
}

/// Why a component was not checked, for people.
pub(crate) fn why_words(why: &str) -> &'static str {
    match why {
        "not_a_package" => "a file, an operating system or a grouping, not a package",
        "no_purl" => "the SBOM names no package URL",
        "no_version" => "the SBOM names no version",
        "unsupported_ecosystem" => "its ecosystem is not supported yet",
        "feed_not_loaded" => "no feed for its ecosystem is loaded",
        "release_unknown" => "nothing says which release of its distribution it is from",
        "owned_by_package" => "a package of the distribution installed it and speaks for it",
        "not_from_default_registry" => "it does not come from the public registry",
        "undetermined" => "an advisory could not be decided for this version",
        "not_matched_yet" => "it is about to be matched",
        _ => "the reason was not recorded",
    }
}

/// A stored moment.
pub(crate) const fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}
