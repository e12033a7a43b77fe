//! What the matters of a waiver look like when it is made, so that a change re-opens them.

use policy::{Waiver, pin_of, pin_of_license, waives_finding};
use store::db::Session;
use store::findings::list::{self, Filter, Narrowing, Scope};
use store::projects;
use store::verdicts;

use crate::problem::Problem;

/// Findings that are looked at for one waiver.
const MOST_FINDINGS: i64 = 500;

/// Refs of a project whose verdicts are looked at.
const MOST_REFERENCES: i64 = 20;

/// The pins of everything that the waiver covers today; none when nothing is there yet.
pub(super) async fn of(
    session: &mut Session,
    waiver: &Waiver,
    projects: &[i64],
) -> Result<Vec<String>, Problem> {
    let mut pins = match &waiver.vulnerability {
        Some(id) => of_findings(session, waiver, id, projects).await?,
        None => Vec::new(),
    };
    if let Some(license) = &waiver.license {
        let reading = licenses::read(license);
        pins.extend(
            reading
                .expression()
                .map(|expression| pin_of_license(&expression.to_string())),
        );
    } else if waiver.vulnerability.is_none() {
        pins.extend(of_violations(session, waiver, projects).await?);
    }
    pins.sort();
    pins.dedup();
    Ok(pins)
}

async fn of_findings(
    session: &mut Session,
    waiver: &Waiver,
    id: &str,
    projects: &[i64],
) -> Result<Vec<String>, Problem> {
    let filter = Filter {
        text: Some(id.to_owned()),
        ..Filter::default()
    };
    let scopes = if projects.is_empty() {
        vec![Scope::Portfolio]
    } else {
        let mut scopes = Vec::new();
        for project in projects {
            let narrowing = Narrowing {
                project: Some(*project),
                ..Narrowing::default()
            };
            scopes.push(list::scope(session, &narrowing).await?);
        }
        scopes
    };
    let mut pins = Vec::new();
    for scope in scopes {
        for listed in list::page(session, &scope, &filter, None, MOST_FINDINGS).await? {
            let finding = listed.finding.body()?;
            if waives_finding(waiver, &finding) {
                pins.push(pin_of(&finding));
            }
        }
    }
    Ok(pins)
}

/// A rule is waived for the licenses that it objects to today: another license is another matter.
async fn of_violations(
    session: &mut Session,
    waiver: &Waiver,
    projects: &[i64],
) -> Result<Vec<String>, Problem> {
    let Some(rule) = &waiver.rule else {
        return Ok(Vec::new());
    };
    let pattern = waiver
        .purl
        .as_deref()
        .and_then(|purl| purl.parse::<policy::PurlPattern>().ok());
    let mut pins = Vec::new();
    for project in projects {
        for reference in projects::references(session, *project, MOST_REFERENCES).await? {
            let Some(build) = reference.build_id else { continue };
            let Some(verdict) = store::builds::by_id(session, build).await?.verdict_id else {
                continue;
            };
            let verdict = verdicts::verdict(session, verdict).await?;
            let meant = verdict
                .violations
                .iter()
                .filter(|violation| violation.rule == *rule);
            for violation in meant {
                let purl = violation.purl.as_deref().and_then(|purl| purl.parse().ok());
                let named = match (&pattern, purl) {
                    (None, _) => true,
                    (Some(pattern), Some(purl)) => pattern.matches(&purl),
                    (Some(_), None) => false,
                };
                let license = violation.facts.get("license").filter(|_| named);
                pins.extend(license.map(|license| pin_of_license(license)));
            }
        }
    }
    Ok(pins)
}
