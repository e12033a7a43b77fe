//! What is known under an advisory's id, and whom it touches, now and ever.

use std::collections::BTreeSet;

use advisories::osv::Record;
use axum::http::StatusCode;
use store::advisories::StoredAdvisory;
use store::db::Session;
use store::findings::detail::{self, AffectedQuery};
use store::findings::list::ListedFinding;

use crate::auth::Access;
use crate::extract::{Fields, Paging, Total};
use crate::problem::Problem;

/// Longer than any id.
const LONGEST_ID: usize = 200;

/// Everything that is stored under an id, which may be an alias.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The id that was asked for.
    pub asked: String,
    /// The record with the id first, then those that name it as an alias.
    pub records: Vec<StoredAdvisory>,
    /// Alias groups of packages that somebody uses.
    pub groups: Vec<i64>,
    /// All ids of the records.
    pub ids: BTreeSet<String>,
}

impl Known {
    /// What is stored under an id that somebody typed, in any case of letters; `None` when nothing is.
    pub async fn find(session: &mut Session, typed: &str) -> Result<Option<Self>, Problem> {
        match Self::load(session, &as_published(typed)).await {
            Ok(known) => Ok(Some(known)),
            Err(problem) if problem.status == StatusCode::NOT_FOUND => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// What is stored under the id; 404 when neither a record nor a finding speaks of it.
    pub async fn load(session: &mut Session, id: &str) -> Result<Self, Problem> {
        let missing = || Problem::not_found("such advisory");
        if id.is_empty() || id.len() > LONGEST_ID {
            return Err(missing());
        }
        let records = store::advisories::named(session, id).await?;
        let groups = detail::groups(session, id).await?;
        if records.is_empty() && groups.is_empty() {
            return Err(missing());
        }
        let mut ids = BTreeSet::from([id.to_owned()]);
        for stored in &records {
            ids.insert(stored.identifier.clone());
            if let Ok(record) = Record::parse(&stored.record) {
                ids.extend(record.aliases);
            }
        }
        Ok(Self {
            asked: id.to_owned(),
            records,
            groups,
            ids,
        })
    }

    /// The id to show: that of the findings, else the only CVE, else what was asked for.
    pub fn canonical(&self, affected: &Affected) -> Result<String, store::Error> {
        if let Some(listed) = affected.rows.first() {
            return Ok(listed.finding.body()?.canonical);
        }
        let mut cves = self.ids.iter().filter(|id| id.starts_with("CVE-"));
        Ok(match (cves.next(), cves.next()) {
            (Some(only), None) => only.clone(),
            _ => self.asked.clone(),
        })
    }
}

/// The id as databases write it: GHSA ends in small letters, all others are capitals.
fn as_published(typed: &str) -> String {
    let capitals = typed.trim().to_ascii_uppercase();
    match capitals.strip_prefix("GHSA-") {
        Some(rest) => format!("GHSA-{}", rest.to_ascii_lowercase()),
        None => capitals,
    }
}

/// Which of the affected are asked for.
#[derive(Clone, Debug)]
pub(crate) struct AffectedRequest {
    /// Also those that are no longer affected.
    pub ever: bool,
    pub paging: Paging<(i64, i64)>,
}

/// A page of findings of one advisory, open ones first.
#[derive(Clone, Debug)]
pub(crate) struct Affected {
    pub rows: Vec<ListedFinding>,
    pub next: Option<String>,
    pub total: Total,
    /// What "no project" would rest on.
    pub checked_projects: i64,
    pub all_projects: i64,
}

impl AffectedRequest {
    /// Reads `state, cursor, limit`; `ever` says what holds without a `state`.
    pub fn read(mut fields: Fields, ever: bool) -> Result<Self, Problem> {
        let ever = match fields.one("state")?.as_deref() {
            None => ever,
            Some("open") => false,
            Some("any") => true,
            Some(_) => return Err(Problem::bad_parameter("state", "must be open or any")),
        };
        let paging = Paging::new(fields.one("cursor")?.as_deref(), fields.number("limit")?)?;
        fields.finish()?;
        Ok(Self { ever, paging })
    }

    pub async fn load(
        &self,
        session: &mut Session,
        access: &Access,
        known: &Known,
    ) -> Result<Affected, Problem> {
        let query = AffectedQuery {
            groups: known.groups.clone(),
            project: access.project,
            ever: self.ever,
        };
        let mut rows = detail::affected(session, &query, self.paging.after, self.paging.rows()).await?;
        let next = self.paging.finish(&mut rows, detail::affected_key);
        let total = detail::affected_total(session, &query).await?;
        let (all_projects, checked_projects) = detail::checked_projects(session, access.project).await?;
        Ok(Affected {
            rows,
            next,
            total: Total::counted(total, 10_000),
            checked_projects,
            all_projects,
        })
    }
}
