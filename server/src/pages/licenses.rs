//! Licenses in use, and what the policy says of them.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use store::tokens::Action;
use web::views::licenses::{Decision as ShownDecision, LicenseRow, Licenses, Tally as ShownTally};
use web::views::list::{Choice, Exports};

use super::findings::pager;
use super::{below_project, page};
use crate::auth::{Visitor, may};
use crate::extract::{Fields, ProjectName};
use crate::place::{Place, unsigned};
use crate::problem::Problem;
use crate::queries::components::version_purl;
use crate::queries::licenses::{
    self, Decision, JudgedComponent, LicenseQuery, LicensedVersion, Summary, Tally,
};
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/licenses", get(everywhere))
        .merge(below_project("/licenses", &get(of_project)))
}

async fn everywhere(
    State(service): State<Service>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let echo = fields.clone();
    let query = LicenseQuery::read(fields)?;
    let summary = Summary::everywhere(&mut session, &visitor).await?;
    let found = query.everywhere(&mut session, &visitor, &summary).await?;
    let view = Licenses {
        query: query.text.clone().unwrap_or_default(),
        decisions: choices(query.decision),
        tally: summary.tally().map(|tally| shown_tally(&tally, summary.at_least)),
        pager: pager(
            found.rows.len(),
            found.total,
            query.paging.after.is_some(),
            found.next.as_deref(),
            &echo,
            "/licenses",
        ),
        rows: found.rows.into_iter().map(version_row).collect(),
        exports: Exports::of("/v1/licenses", ""),
        header: None,
        may_conclude: may(&visitor, Action::Triage, None),
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn of_project(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let echo = fields.clone();
    let query = LicenseQuery::read(fields)?;
    let place = Place::load(&mut session, &visitor, &name, query.reference.as_deref()).await?;
    let judged = licenses::judged(&mut session, &place).await?.unwrap_or_default();
    let tally = Summary::of(&judged).tally();
    let found = query.page(judged);
    let header = place.header(&mut session).await?;
    let action = format!("{}/licenses", web::links::project(&header.name));
    let view = Licenses {
        query: query.text.clone().unwrap_or_default(),
        decisions: choices(query.decision),
        tally: tally.map(|tally| shown_tally(&tally, false)),
        pager: pager(
            found.rows.len(),
            found.total,
            query.paging.after.is_some(),
            found.next.as_deref(),
            &echo,
            &action,
        ),
        rows: found.rows.into_iter().map(component_row).collect(),
        exports: licenses_export(&header.api("licenses")),
        header: Some(header),
        may_conclude: may(&visitor, Action::Triage, Some(place.project.id)),
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// `/v1/…/licenses?ref=main` with its file beside it.
fn licenses_export(address: &str) -> Exports {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    Exports::of(path, query)
}

fn choices(chosen: Option<Decision>) -> Vec<Choice> {
    let any = Choice::new("", "Any decision", chosen.is_none());
    let each = Decision::ALL
        .into_iter()
        .map(|decision| Choice::new(decision.word(), label(decision), chosen == Some(decision)));
    std::iter::once(any).chain(each).collect()
}

const fn label(decision: Decision) -> &'static str {
    match decision {
        Decision::Denied => "Denied",
        Decision::Review => "To review",
        Decision::Unknown => "Unknown",
        Decision::Allowed => "Allowed",
    }
}

const fn shown(decision: Decision) -> ShownDecision {
    match decision {
        Decision::Denied => ShownDecision::Denied,
        Decision::Review => ShownDecision::Review,
        Decision::Unknown => ShownDecision::Unknown,
        Decision::Allowed => ShownDecision::Allowed,
    }
}

fn shown_tally(tally: &Tally, at_least: bool) -> ShownTally {
    let count = |decision| tally.get(&decision).copied().map_or(0, unsigned);
    ShownTally {
        denied: count(Decision::Denied),
        review: count(Decision::Review),
        unknown: count(Decision::Unknown),
        allowed: count(Decision::Allowed),
        at_least,
    }
}

fn version_row(row: LicensedVersion) -> LicenseRow {
    LicenseRow {
        purl: version_purl(&row.held.version.identity),
        name: row.held.version.name,
        version: row.held.version.version,
        ecosystem: row.held.version.ecosystem,
        license: Some(row.license).filter(|license| !license.is_empty()),
        decision: shown(row.judged.decision),
        why: row.judged.why,
        projects: Some(unsigned(row.projects)),
    }
}

fn component_row(row: JudgedComponent) -> LicenseRow {
    let status = row.status;
    LicenseRow {
        purl: status
            .purl
            .unwrap_or_else(|| format!("unidentified:{}", status.name)),
        name: status.name,
        version: status.version.unwrap_or_default(),
        ecosystem: status.ecosystem.unwrap_or_default(),
        license: status.license,
        decision: shown(row.judged.decision),
        why: row.judged.why,
        projects: None,
    }
}
