//! Where is it used? Components across projects, or of one project.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use store::components::{Key, Search};
use store::db::Session;
use web::views::components::{ComponentRow, Components};
use web::views::list::{Choice, Exports};

use super::findings::{band_counts, pager};
use super::{below_project, page, see_other};
use crate::auth::Visitor;
use crate::extract::{Fields, ProjectName};
use crate::place::{Place, unsigned};
use crate::problem::Problem;
use crate::queries::advisories::Known;
use crate::queries::components::{
    ComponentQuery, Contained, Held, HeldPage, moment, version_purl, why_words,
};
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/components", get(everywhere))
        .merge(below_project("/components", &get(of_project)))
}

async fn everywhere(
    State(service): State<Service>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let echo = fields.clone();
    let query = ComponentQuery::read(fields)?;
    if let Some(advisory) = named_advisory(&mut session, &query).await? {
        return Ok(see_other(
            &service.settings,
            &web::links::advisory(&advisory),
            None,
        ));
    }
    let asked = query.text.is_some() || query.ecosystem.is_some() || query.direct.is_some();
    let mut view = Components {
        query: query.text.clone().unwrap_or_default(),
        ecosystems: ecosystem_choices(query.ecosystem.as_deref()),
        direct_only: query.direct == Some(true),
        superseded: query.superseded,
        exports: Exports::of("/v1/components", &echo.with_cursor(None)),
        known: unsigned(store::components::known(&mut session).await?),
        ..Components::default()
    };
    if asked {
        let found = query.everywhere(&mut session, &visitor).await?;
        view.answer = answer(&found);
        view.pager = pager(
            found.rows.len(),
            found.total,
            query.paging.after.is_some(),
            found.next.as_deref(),
            &echo,
            "/components",
        );
        view.rows = found.rows.into_iter().map(held_row).collect();
    }
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// The advisory that was looked for by its id: its own page says whom it touches, and more.
async fn named_advisory(
    session: &mut Session,
    query: &ComponentQuery<Key>,
) -> Result<Option<String>, Problem> {
    let Some(Search::Advisory(typed)) = query.text.as_deref().map(Search::read) else {
        return Ok(None);
    };
    Ok(Known::find(session, &typed).await?.map(|known| known.asked))
}

async fn of_project(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let echo = fields.clone();
    let query = ComponentQuery::read(fields)?;
    let place = Place::load(&mut session, &visitor, &name, query.reference.as_deref()).await?;
    let found = query.within(&mut session, &place).await?;
    let header = place.header(&mut session).await?;
    let action = format!("{}/components", web::links::project(&header.name));
    let api = format!("{}/components", web::links::api_project(&header.name));
    let view = Components {
        query: query.text.clone().unwrap_or_default(),
        ecosystems: ecosystem_choices(query.ecosystem.as_deref()),
        direct_only: query.direct == Some(true),
        pager: pager(
            found.rows.len(),
            found.total,
            query.paging.after.is_some(),
            found.next.as_deref(),
            &echo,
            &action,
        ),
        rows: found.rows.into_iter().map(contained_row).collect(),
        exports: Exports::of(&api, &echo.with_cursor(None)),
        known: header.components.unwrap_or(0),
        header: Some(header),
        ..Components::default()
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

fn ecosystem_choices(chosen: Option<&str>) -> Vec<Choice> {
    let any = Choice::new("", "Any ecosystem", chosen.is_none());
    let known = ecosystems::ALL
        .iter()
        .map(|ecosystem| ecosystem.name())
        .map(|name| Choice::new(name, name, chosen == Some(name)));
    std::iter::once(any).chain(known).collect()
}

/// What was found, in a sentence; what could not be compared is said, too.
fn answer(found: &HeldPage) -> String {
    let more = if found.total.relation == "gte" {
        "more than "
    } else {
        ""
    };
    let count = web::text::plural(unsigned(found.total.value), "version");
    let mut answer = format!("{more}{count} in use.");
    if let Some(first) = found.undecided.first() {
        let others = found.undecided.len() - 1;
        let others = match others {
            0 => String::new(),
            others => format!(
                " and {}",
                web::text::plural(u64::try_from(others).unwrap_or(0), "other")
            ),
        };
        answer.push_str(&format!(
            " Whether {first}{others} lies in the range cannot be told."
        ));
    }
    answer
}

fn held_row(held: Held) -> ComponentRow {
    let counts = held
        .severities()
        .map(|found| band_counts(found.into_iter().map(|severity| (severity, 1))));
    let licenses: Vec<String> = held
        .usage
        .licenses
        .iter()
        .map(|(license, _)| license.clone())
        .filter(|license| !license.is_empty())
        .collect();
    ComponentRow {
        purl: version_purl(&held.version.identity),
        version: Some(held.version.version).filter(|version| !version.is_empty()),
        projects: Some(unsigned(held.usage.projects)),
        direct: held.usage.direct.map(unsigned),
        counts,
        why_not: held.why_not.map(|why| why_words(why).to_owned()),
        license: Some(licenses.join("; ")).filter(|licenses| !licenses.is_empty()),
        seen_in: held
            .usage
            .seen_in
            .into_iter()
            .map(|(project, build)| (project, unsigned(build)))
            .collect(),
        seen_at: held.usage.seen_at.map(moment),
        name: held.version.name,
        ecosystem: held.version.ecosystem,
    }
}

fn contained_row(contained: Contained) -> ComponentRow {
    let status = contained.status;
    let why_not = status.why_not.map(|why| why_words(why.as_str()).to_owned());
    ComponentRow {
        purl: status
            .purl
            .unwrap_or_else(|| format!("unidentified:{}", status.name)),
        name: status.name,
        version: status.version,
        ecosystem: status.ecosystem.unwrap_or_default(),
        projects: None,
        direct: status.direct.map(u64::from),
        counts: contained
            .severities
            .map(|found| band_counts(found.into_iter().map(|severity| (severity, 1)))),
        why_not,
        license: status.license,
        seen_in: Vec::new(),
        seen_at: None,
    }
}
