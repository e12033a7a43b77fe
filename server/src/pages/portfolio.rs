//! The whole portfolio at a glance.

mod fixes;
mod license_shares;
mod remembered;

use advisories::Severity;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use serde::Deserialize;
use store::db::Session;
use store::portfolio::{self, OpenGroup, Selection, Standing};
use store::projects::{self, ProjectFilter};
use store::trends::{self, Days, Flow, Scope, Series};
use web::charts::Mark;
use web::parts::BANDS;
use web::views::list::Choice;
use web::views::portfolio::{AgeRow, Portfolio, SbomAge, UpgradeRow};
use web::views::projects::ProjectRow;

use super::numbers;
use super::page;
use super::projects::{given, project_row, team_choices};
use crate::auth::Visitor;
use crate::extract::Query;
use crate::place::unsigned;
use crate::problem::Problem;
use crate::state::Service;

pub(crate) use remembered::Remembered;

/// Projects to look at first, and upgrades that clear the most.
const MOST_FIRST: i64 = 8;
/// A change is told against a week ago where anything was known then.
const WEEK: i64 = 7;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/", get(overview))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Asked {
    team: String,
    tag: String,
    days: Option<u32>,
}

async fn overview(
    State(service): State<Service>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (view, _) = overview_of(&service, &asked, service.now()).await?;
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// The overview that is asked for, and of which projects it is.
pub(super) async fn overview_of(
    service: &Service,
    asked: &Asked,
    now: Timestamp,
) -> Result<(Portfolio, Selection), Problem> {
    let days = numbers::chosen_days(asked.days)?;
    let selection = Selection {
        team: given(&asked.team),
        tag: given(&asked.tag),
    };
    let key = (selection.team.clone(), selection.tag.clone(), days);
    let compute = compute(service, &selection, days, now);
    let view = service.portfolio.or_compute(key, now, compute).await?;
    Ok((view, selection))
}

async fn compute(
    service: &Service,
    selection: &Selection,
    days: u32,
    now: Timestamp,
) -> Result<Portfolio, Problem> {
    // Opened only now, so that whoever waits for their turn holds no connection.
    let session = &mut service.database.read().await?;
    let standing = portfolio::standing(session, selection, now).await?;
    let mut view = Portfolio {
        teams: team_choices(
            &projects::teams(session).await?,
            selection.team.as_deref().unwrap_or_default(),
        ),
        tags: tag_choices(
            &portfolio::tags(session).await?,
            selection.tag.as_deref().unwrap_or_default(),
        ),
        days,
        trend: numbers::trend(&Series::sum(&[], window(days, now), None), Vec::new()),
        ..of_standing(&standing, now)
    };
    if standing.projects > 0 {
        view.first = first(session, selection, now).await?;
        view.licenses = license_shares::load(session, selection).await?;
    }
    if let Some(since) = standing.since() {
        fill_findings(session, selection, &mut view, since, now).await?;
    }
    Ok(view)
}

fn window(days: u32, now: Timestamp) -> Days {
    Days::until(now, i64::from(days))
}

fn tag_choices(tags: &[String], chosen: &str) -> Vec<Choice> {
    let any = Choice::new("", "Any tag", chosen.is_empty());
    let each = tags.iter().map(|tag| Choice::new(tag, tag, tag == chosen));
    std::iter::once(any).chain(each).collect()
}

/// What is known without any finding.
fn of_standing(standing: &Standing, now: Timestamp) -> Portfolio {
    let week_ago = now.plus_days(-WEEK);
    let judged_then = standing.since().is_some_and(|since| since <= week_ago);
    Portfolio {
        projects: unsigned(standing.projects),
        gates_failing: (standing.judged > 0).then(|| unsigned(standing.failing)),
        gates_failing_change_7_days: judged_then.then(|| standing.failing - standing.failing_before),
        coverage: SbomAge {
            fresh: unsigned(standing.fresh),
            ageing: unsigned(standing.ageing),
            stale: unsigned(standing.stale),
            never: unsigned(standing.never()),
        },
        ..Portfolio::default()
    }
}

/// What only holds once something was checked.
async fn fill_findings(
    session: &mut Session,
    selection: &Selection,
    view: &mut Portfolio,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), Problem> {
    let scope = Scope::Selection(selection.clone());
    let days = window(view.days, now);
    let series = trends::series(session, &scope, days, Some(since)).await?;
    let flows = trends::flows(session, &scope, numbers::first_flow_day(now, view.days)).await?;
    let open = portfolio::open(session, selection, now).await?;
    fixes::fill(session, selection, view, &open, since, now).await?;
    view.weeks = numbers::weeks(&flows, now, Some(since));
    view.ages = ages(&open);
    let (marks, note) = marks(&flows, days.first);
    view.mark_note = note;
    view.trend = numbers::trend(&series, marks);
    view.upgrades = upgrades(session, selection).await?;
    Ok(())
}

/// One row a severity; the unknown ones have a row only where there are some.
fn ages(open: &[OpenGroup]) -> Vec<AgeRow> {
    let by_age = [0, 1, 2, 3].map(|age| {
        let groups = open.iter().filter(|group| group.age == age);
        numbers::severity_counts(numbers::count(groups))
    });
    let rows = BANDS.into_iter().map(|severity| AgeRow {
        severity,
        buckets: by_age.map(|counts| counts.of(severity)),
    });
    rows.filter(|row| row.severity != Severity::Unknown || row.buckets != [0; 4])
        .collect()
}

/// The greatest wave of advisories, as a dotted line and a sentence.
fn marks(flows: &[Flow], first_day: i64) -> (Vec<Mark>, Option<String>) {
    let Some((day, findings)) = numbers::wave(flows, first_day) else {
        return (Vec::new(), None);
    };
    let count = web::text::plural(findings, "finding");
    let mark = Mark {
        day,
        label: count.clone(),
    };
    let note = format!(
        "The dotted line marks {}, when advisories opened {count}; no code had changed for them.",
        web::text::long_day(day)
    );
    (vec![mark], Some(note))
}

async fn first(
    session: &mut Session,
    selection: &Selection,
    now: Timestamp,
) -> Result<Vec<ProjectRow>, Problem> {
    let filter = ProjectFilter {
        team: selection.team.clone(),
        tag: selection.tag.clone(),
        ..ProjectFilter::default()
    };
    let rows = projects::page(session, &filter, None, MOST_FIRST).await?;
    let ids: Vec<i64> = rows.iter().map(|project| project.id).collect();
    let standings = portfolio::rows(session, &ids, now).await?;
    let rows = rows.iter().zip(&standings);
    Ok(rows
        .map(|(project, standing)| project_row(project, standing, now))
        .collect())
}

async fn upgrades(session: &mut Session, selection: &Selection) -> Result<Vec<UpgradeRow>, Problem> {
    let upgrades = portfolio::upgrades(session, selection, MOST_FIRST).await?;
    Ok(upgrades
        .into_iter()
        .map(|upgrade| UpgradeRow {
            purl: upgrade.identity,
            package: upgrade.name,
            version: upgrade.version,
            ecosystem: upgrade.ecosystem,
            to: upgrade.to,
            projects: upgrade.projects,
            clears: upgrade.clears,
            worst: upgrade.worst,
        })
        .collect())
}
