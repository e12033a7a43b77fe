//! The dependency tree of a project's newest build, or its map.

use audit::charts::{Affected, Chart, Entry, Extract, Look, Node, Only, OutlineRow};
use audit::files;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use inventory::{Component, ComponentId, Inventory};
use serde::Deserialize;
use store::{inventories, verdicts};
use web::html::Html;
use web::views::tree::{self, Asked, Body, Hit, Tree, What};

use super::numbers::how_many;
use super::{below_project, page};
use crate::auth::Visitor;
use crate::documents::on_reader;
use crate::extract::{ProjectName, Query};
use crate::place::Place;
use crate::problem::Problem;
use crate::state::Service;

/// Steps that are shown of everything, when nothing else is asked for.
const DEPTH: usize = 3;
/// Steps that can be asked for, and that ways to findings have.
const MOST_STEPS: usize = 64;
/// Affected components that the page lists; the list of findings has all.
const MOST_HITS: usize = 50;

pub(crate) fn routes() -> Router<Service> {
    below_project("/tree", &get(tree))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Question {
    #[serde(rename = "ref")]
    reference: Option<String>,
    view: Option<String>,
    show: Option<String>,
    q: Option<String>,
    depth: Option<usize>,
    dev: Option<bool>,
    from: Option<String>,
}

async fn tree(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    Query(question): Query<Question>,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let place = Place::load(&mut session, &visitor, &name, question.reference.as_deref()).await?;
    let header = place.header(&mut session).await?;
    let asked = asked(&question);
    let judged = place
        .build
        .as_ref()
        .and_then(|build| Some((build, build.verdict_id?)));
    let mut view = Tree {
        header,
        build: String::new(),
        asked,
        body: Body::Nothing,
        drawn: 0,
        total: 0,
        affected: 0,
        hits: Vec::new(),
    };
    if let Some((build, verdict)) = judged {
        view.build.clone_from(&build.uuid);
        let report = verdicts::report(&mut session, verdict).await?.report;
        let stored = inventories::load(&mut session, build.inventory_id).await?;
        let project = place.project.name.clone();
        let from = question.from;
        view = on_reader(&service, move || {
            let chart = Chart::of(&stored.inventory, &report);
            fill(&mut view, &chart, &project, from.as_deref())?;
            Ok(view)
        })
        .await?;
    }
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

fn asked(question: &Question) -> Asked {
    let only_affected = match question.show.as_deref() {
        Some(show) => show != "all",
        // Who looks for a name, or below a component, wants to see it whether or not something is wrong with it.
        None => question.q.as_deref().is_none_or(str::is_empty) && question.from.is_none(),
    };
    Asked {
        is_map: question.view.as_deref() == Some("map"),
        only_affected,
        query: question.q.clone().unwrap_or_default(),
        depth: question.depth.unwrap_or(DEPTH).clamp(1, MOST_STEPS),
        include_dev: question.dev.unwrap_or(false),
        from: None,
    }
}

fn fill(view: &mut Tree, chart: &Chart<'_>, project: &str, from: Option<&str>) -> Result<(), Problem> {
    let inventory = chart.inventory;
    let from = match from {
        Some(reference) => Some(
            (0..)
                .zip(&inventory.components)
                .find(|(_, component)| component.reference == reference)
                .map(|(id, _)| id)
                .ok_or_else(|| Problem::not_found("such component in the newest build"))?,
        ),
        None => None,
    };
    view.asked.from = from.and_then(|id| place_of(inventory, id));
    let hits = chart.affected();
    view.affected = how_many(hits.len());
    view.body = if view.asked.is_map {
        Body::Map(map(chart, project, view.asked.include_dev))
    } else {
        Body::Rows(rows(view, chart, project, from))
    };
    view.hits = hits
        .iter()
        .take(MOST_HITS)
        .filter_map(|affected| hit(inventory, affected))
        .collect();
    Ok(())
}

/// The part that was asked for, with its counts.
fn rows(view: &mut Tree, chart: &Chart<'_>, project: &str, from: Option<ComponentId>) -> Vec<tree::Row> {
    let only = match view.asked.query.as_str() {
        "" if view.asked.only_affected => Only::Affected,
        "" => Only::All,
        text => Only::Named(text),
    };
    let outline = chart.outline(&Extract {
        from,
        only,
        max_depth: if view.has_depth() {
            view.asked.depth
        } else {
            MOST_STEPS
        },
        include_dev: view.asked.include_dev,
    });
    view.drawn = how_many(outline.drawn);
    view.total = how_many(outline.total);
    let rows = outline.rows.iter();
    rows.map(|row| shown(chart.inventory, project, row)).collect()
}

fn map(chart: &Chart<'_>, project: &str, include_dev: bool) -> Html {
    let link = |id: ComponentId| {
        let purl = component(chart.inventory, id)?.purl.as_ref()?;
        Some(web::links::component(&purl.to_string()))
    };
    let size = |id: ComponentId| component(chart.inventory, id).and_then(files::size);
    let look = Look {
        include_dev,
        link: &link,
        size: &size,
        prefix: "map-",
        ..Look::named(project)
    };
    // The renderer escapes what comes from the document.
    Html::from_trusted(chart.treemap(&look))
}

fn shown(inventory: &Inventory, project: &str, row: &OutlineRow) -> tree::Row {
    let node = |node: &Node| shown_node(inventory, node);
    let what = match &row.what {
        Entry::Top(top) => What::Top {
            label: top
                .and_then(|node| place_of(inventory, node.id))
                .map_or_else(|| project.to_owned(), |place| place.label),
        },
        Entry::Unplaced => What::Unplaced,
        Entry::Component(own) => What::Component(node(own)),
        Entry::Again(own) => What::Again(node(own)),
        Entry::More(more, below) => What::More {
            count: how_many(*more),
            from: below.and_then(|id| place_of(inventory, id)),
        },
    };
    tree::Row {
        what,
        depth: row.depth,
        has_children: row.has_children,
    }
}

fn shown_node(inventory: &Inventory, node: &Node) -> tree::Node {
    let component = component(inventory, node.id);
    tree::Node {
        id: node.id,
        name: component.map(audit::package_name).unwrap_or_default(),
        version: component
            .and_then(|component| component.version.clone())
            .unwrap_or_default(),
        purl: component
            .and_then(|component| component.purl.as_ref())
            .map(ToString::to_string)
            .unwrap_or_default(),
        mark: node.mark,
        worst: node.worst,
        findings: how_many(node.findings),
        parents: how_many(node.parents),
    }
}

fn hit(inventory: &Inventory, affected: &Affected<'_>) -> Option<Hit> {
    let component = component(inventory, affected.id)?;
    let mut fixes = affected.findings.iter().map(|finding| &finding.fix.version);
    let first = fixes.next()?;
    Some(Hit {
        name: audit::package_name(component),
        version: component.version.clone().unwrap_or_default(),
        purl: component.purl.as_ref()?.to_string(),
        worst: affected.worst,
        findings: how_many(affected.findings.len()),
        ways: affected
            .findings
            .iter()
            .map(|finding| finding.path_count)
            .max()
            .unwrap_or(0),
        fix: first.clone().filter(|_| fixes.all(|other| other == first)),
    })
}

fn component(inventory: &Inventory, id: ComponentId) -> Option<&Component> {
    inventory.components.get(usize::try_from(id).ok()?)
}

fn place_of(inventory: &Inventory, id: ComponentId) -> Option<tree::Place> {
    let component = component(inventory, id)?;
    let name = audit::package_name(component);
    Some(tree::Place {
        reference: component.reference.clone(),
        label: match &component.version {
            Some(version) => format!("{name} {version}"),
            None => name,
        },
    })
}
