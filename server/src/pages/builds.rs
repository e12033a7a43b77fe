//! The builds of a project.

use std::collections::HashMap;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use serde::Deserialize;
use store::builds::{self, Build};
use store::projects;
use store::verdicts;
use web::links;
use web::parts::SeverityCounts;
use web::views::builds::{BuildRow, Builds};
use web::views::list::{Exports, Pager, Total};

use super::numbers::{coverage, is_checked, outcome_in};
use super::projects::given;
use super::{below_project, page, see_other};
use crate::auth::Visitor;
use crate::documents;
use crate::extract::{Paging, ProjectName, Query};
use crate::place::{Place, short_commit, unsigned};
use crate::problem::Problem;
use crate::state::Service;
use crate::uploads::{self, Target};

pub(crate) fn routes() -> Router<Service> {
    below_project("/builds", &get(builds_of).post(upload))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    #[serde(rename = "ref")]
    reference: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

async fn builds_of(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let paging = Paging::<i64>::new(asked.cursor.as_deref(), asked.limit)?;
    let mut session = service.database.read().await?;
    let place = Place::load(&mut session, &visitor, &name, asked.reference.as_deref()).await?;
    let place = place.or_newest(&mut session).await?;
    let header = place.header(&mut session).await?;
    let mut rows = builds::page(&mut session, place.project.id, None, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |build| build.number);
    let references: Vec<i64> = rows.iter().map(|build| build.reference_id).collect();
    let references = projects::references_by_ids(&mut session, &references).await?;
    let names: HashMap<i64, String> = references
        .into_iter()
        .map(|reference| (reference.id, reference.name))
        .collect();
    let verdicts: Vec<i64> = rows.iter().filter_map(|build| build.verdict_id).collect();
    let counts = verdicts::counts(&mut session, &verdicts).await?;
    let shown: Vec<BuildRow> = rows.iter().map(|build| row(build, &names, &counts)).collect();
    let below = header.below("builds");
    let joint = if below.contains('?') { '&' } else { '?' };
    let view = Builds {
        pager: Pager {
            shown: u64::try_from(shown.len()).unwrap_or(u64::MAX),
            total: Total::exactly(unsigned(place.project.builds)),
            first: asked.cursor.map(|_| below.clone()),
            previous: None,
            next: next.map(|cursor| format!("{below}{joint}cursor={cursor}")),
        },
        exports: Exports {
            json: format!("{}/builds", links::api_project(&place.project.name)),
            csv: None,
        },
        header,
        rows: shown,
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// Sends a document from the page, the same way as the API takes it; the project is made when it is new.
async fn upload(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    request: Request,
) -> Result<Response, Problem> {
    let mut target = Target {
        project: name,
        create: true,
        ..Target::default()
    };
    target.check()?;
    uploads::authorize(&service, &visitor, &target).await?;
    let (document, form) = documents::of_form(&service, request).await?;
    visitor.check(form.field("csrf"))?;
    target.reference = given(form.field("ref"));
    target.check()?;
    let accepted = uploads::accept(&service, &visitor, &target, document).await?;
    let to = links::build(&accepted.project.name, unsigned(accepted.build.number));
    Ok(see_other(&service.settings, &to, None))
}

fn row(build: &Build, names: &HashMap<i64, String>, counts: &HashMap<i64, policy::Counts>) -> BuildRow {
    let counted = build.verdict_id.and_then(|verdict| counts.get(&verdict));
    BuildRow {
        number: unsigned(build.number),
        reference: names.get(&build.reference_id).cloned().unwrap_or_default(),
        channel: build.channel.clone(),
        commit: build.commit_id.as_deref().map(short_commit),
        version: build.version.clone(),
        at: Timestamp::from_millis(build.created_at),
        outcome: outcome_in(&build.status, build.outcome.as_deref()),
        broken: build.status == "failed",
        coverage: coverage(build),
        counts: counted.filter(|_| is_checked(build)).map(severities),
    }
}

fn severities(counts: &policy::Counts) -> SeverityCounts {
    let count = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
    SeverityCounts::new(
        count(counts.critical),
        count(counts.high),
        count(counts.medium),
        count(counts.low),
        count(counts.unknown),
    )
}
