//! One component, and where it is used.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use store::components::usage::User;
use store::watches;
use web::views::component::{Component, UserRow, VersionRow};

use super::findings::{band_counts, pager};
use super::page;
use crate::auth::Visitor;
use crate::extract::{Fields, Paging, Path};
use crate::place::unsigned;
use crate::problem::Problem;
use crate::queries::components::{Held, PackageUse};
use crate::state::Service;

/// Findings that are named beside a version.
const MOST_NAMED: usize = 6;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/components/{*purl}", get(one))
}

async fn one(
    State(service): State<Service>,
    visitor: Visitor,
    Path(purl): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let echo = fields.clone();
    let mut fields = fields;
    let paging = Paging::new(fields.one("cursor")?.as_deref(), fields.number("limit")?)?;
    fields.finish()?;
    let found = PackageUse::load(&mut session, &visitor, &purl, &paging).await?;
    let watched = watches::is_watched(&mut session, &visitor.actor, found.id).await?;
    let purl = found.purl();
    let action = web::links::component(&purl);
    let view = Component {
        pager: pager(
            found.users.len(),
            found.total,
            paging.after.is_some(),
            found.next.as_deref(),
            &echo,
            &action,
        ),
        watched: Some(watched),
        licenses: licenses(&found.versions),
        versions: found.versions.into_iter().map(version_row).collect(),
        users: found.users.into_iter().map(user_row).collect(),
        purl,
        name: found.name,
        ecosystem: found.ecosystem,
        latest: None,
        latest_at: None,
        deprecated: None,
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// Every license that some document states for some version.
fn licenses(versions: &[Held]) -> Vec<String> {
    let stated = versions
        .iter()
        .flat_map(|held| held.usage.licenses.iter().map(|(license, _)| license))
        .filter(|license| !license.is_empty());
    stated.collect::<BTreeSet<_>>().into_iter().cloned().collect()
}

fn version_row(held: Held) -> VersionRow {
    let counts = held
        .severities()
        .map(|found| band_counts(found.into_iter().map(|severity| (severity, 1))));
    VersionRow {
        projects: unsigned(held.usage.projects),
        counts,
        findings: held
            .matches
            .into_iter()
            .take(MOST_NAMED)
            .map(|found| (found.canonical, found.severity.level))
            .collect(),
        version: held.version.version,
    }
}

fn user_row(user: User) -> UserRow {
    UserRow {
        project: user.project,
        reference: user.reference,
        build: unsigned(user.build),
        version: user.version,
        direct: user.direct,
        via: None,
    }
}
