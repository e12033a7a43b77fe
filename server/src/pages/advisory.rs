//! One advisory, and whom it touches.

use std::collections::BTreeSet;

use advisories::osv::Record;
use advisories::{AdvisoryPackage, SeverityRating};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use inventory::Purl;
use store::db::Session;
use store::findings::list::ListedFinding;
use store::{exploited, scores};
use web::views::advisory::{Advisory, AffectedProject, PackageRange};

use super::findings::{pager, state};
use super::page;
use crate::auth::Visitor;
use crate::extract::{Fields, Path};
use crate::place::unsigned;
use crate::problem::Problem;
use crate::queries::advisories::{Affected, AffectedRequest, Known};
use crate::state::Service;

/// Packages that the page names: some records speak of hundreds.
const MOST_PACKAGES: usize = 100;
const MOST_REFERENCES: usize = 50;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/advisories/{id}", get(one))
}

async fn one(
    State(service): State<Service>,
    visitor: Visitor,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let echo = fields.clone();
    let request = AffectedRequest::read(fields, false)?;
    let known = Known::load(&mut session, &id).await?;
    let affected = request.load(&mut session, &visitor, &known).await?;
    let action = web::links::advisory(&id);
    let rows = rows(&affected.rows)?;
    let view = Advisory {
        pager: pager(
            rows.len(),
            affected.total,
            request.paging.after.is_some(),
            affected.next.as_deref(),
            &echo,
            &action,
        ),
        affected: rows,
        checked_projects: unsigned(affected.checked_projects),
        all_projects: unsigned(affected.all_projects),
        kev: kev(&mut session, &known.ids).await?,
        epss: probability(&mut session, &known.ids).await?,
        ..view(&known, &affected)?
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn kev(session: &mut Session, ids: &BTreeSet<String>) -> Result<Option<bool>, store::Error> {
    let exploited = exploited::identifiers(session).await?;
    Ok(exploited.map(|exploited| ids.iter().any(|id| exploited.contains(id))))
}

/// The greatest probability of exploitation of the ids.
async fn probability(session: &mut Session, ids: &BTreeSet<String>) -> Result<Option<f64>, store::Error> {
    let ids = ids.iter().map(String::as_str).collect();
    let scores = scores::of_identifiers(session, &ids).await?.unwrap_or_default();
    Ok(scores.into_values().max_by(f64::total_cmp))
}

fn rows(found: &[ListedFinding]) -> Result<Vec<AffectedProject>, store::Error> {
    let row = |listed: &ListedFinding| -> Result<AffectedProject, store::Error> {
        let component = listed.finding.body()?.component;
        Ok(AffectedProject {
            project: listed.project.clone(),
            reference: listed.reference.clone(),
            component: component.name,
            version: component.version,
            direct: listed.finding.direct,
            finding: listed.finding.uuid.clone(),
            since: Timestamp::from_millis(listed.finding.opened_at),
            state: state(listed)?,
        })
    };
    found.iter().map(row).collect()
}

/// The page without whom it touches: from the records, or, when no feed carries them any more, from a finding.
fn view(known: &Known, affected: &Affected) -> Result<Advisory, Problem> {
    let records: Vec<Record> = known
        .records
        .iter()
        .filter_map(|stored| Record::parse(&stored.record).ok())
        .collect();
    let compiled: Vec<advisories::Advisory> = records
        .iter()
        .map(|record| advisories::Advisory::compile(record).0)
        .collect();
    // Words are taken from the record that was asked for, where it has any.
    let words = |of: fn(&advisories::Advisory) -> &str| {
        let mut texts = compiled.iter().map(of).filter(|text| !text.is_empty());
        texts.next().unwrap_or_default().to_owned()
    };
    let rating = rating(&compiled, affected)?;
    let live = compiled.iter().any(|advisory| advisory.withdrawn.is_none());
    let canonical = known.canonical(affected)?;
    Ok(Advisory {
        aliases: known.ids.iter().filter(|id| **id != canonical).cloned().collect(),
        summary: words(|advisory| &advisory.summary),
        details: words(|advisory| advisory.details.as_deref().unwrap_or_default()),
        severity: rating.level,
        score: rating.score,
        vector: rating.vector,
        published: compiled.iter().filter_map(|advisory| advisory.published).min(),
        modified: compiled.iter().map(|advisory| advisory.modified).max(),
        withdrawn: compiled
            .iter()
            .filter_map(|advisory| advisory.withdrawn)
            .max()
            .filter(|_| !live),
        weaknesses: distinct(compiled.iter().flat_map(|advisory| advisory.cwes.iter().cloned())),
        packages: packages(&compiled),
        references: distinct(
            compiled
                .iter()
                .flat_map(|advisory| advisory.references.iter().map(|(_, address)| address.clone()))
                .take(MOST_REFERENCES),
        ),
        canonical,
        ..Advisory::default()
    })
}

/// How bad it is: what a finding says, which has weighed all records, else the worst of the records.
fn rating(compiled: &[advisories::Advisory], affected: &Affected) -> Result<SeverityRating, Problem> {
    if let Some(listed) = affected.rows.first() {
        let severity = listed.finding.body()?.severity;
        return Ok(SeverityRating {
            level: severity.level,
            score: severity.score,
            vector: severity.vector,
            source: severity.source,
        });
    }
    let entries = compiled
        .iter()
        .flat_map(|advisory| advisory.packages.iter().map(|package| &package.entry));
    let ratings = entries.flat_map(|entry| {
        std::iter::once(&entry.rating).chain(entry.claims.iter().filter_map(|claim| claim.rating.as_ref()))
    });
    Ok(ratings
        .max_by(|a, b| {
            let score = |rating: &SeverityRating| rating.score.unwrap_or(-1.0);
            a.level.cmp(&b.level).then(score(a).total_cmp(&score(b)))
        })
        .cloned()
        .unwrap_or_default())
}

fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}

/// One line a package; several records about one are read for the first that has ranges.
fn packages(compiled: &[advisories::Advisory]) -> Vec<PackageRange> {
    let mut lines: Vec<PackageRange> = Vec::new();
    for package in compiled.iter().flat_map(|advisory| &advisory.packages) {
        let line = package_line(package);
        let known = lines.iter().any(|seen| {
            (&seen.name, &seen.ecosystem, &seen.range) == (&line.name, &line.ecosystem, &line.range)
        });
        if !known && lines.len() < MOST_PACKAGES {
            lines.push(line);
        }
    }
    lines
}

fn package_line(package: &AdvisoryPackage) -> PackageRange {
    let claims = &package.entry.claims;
    let ranges: Vec<String> = claims
        .iter()
        .flat_map(|claim| claim.ranges.iter().map(ToString::to_string))
        .collect();
    let listed: usize = claims
        .iter()
        .map(|claim| claim.listed.len() + claim.literal.len())
        .sum();
    let range = match (ranges.is_empty(), listed) {
        (false, _) => ranges.join("; "),
        (true, 0) => "no version is named".to_owned(),
        (true, listed) => format!("{listed} listed versions"),
    };
    let ecosystem = match &package.release {
        Some(release) => format!("{}:{release}", package.ecosystem),
        None => package.ecosystem.clone(),
    };
    PackageRange {
        purl: package_purl(&package.ecosystem, &package.name),
        name: package.name.clone(),
        ecosystem,
        range,
        fixed: package
            .entry
            .fixed
            .iter()
            .map(|bound| bound.text.clone())
            .collect(),
    }
}

/// The package URL of a package in an ecosystem that we know; of another one, its name.
fn package_purl(ecosystem: &str, name: &str) -> String {
    let known = ecosystems::by_name(ecosystem)
        .and_then(|known| Purl::lenient(&format!("pkg:{}/{name}", known.purl_type())).ok());
    known.map_or_else(|| name.to_owned(), |purl| purl.to_string())
}
