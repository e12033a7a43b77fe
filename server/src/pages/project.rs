//! One project: the verdict and the way to green first, then numbers, trend, findings, branches, history.

mod changes;
mod gate;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use clock::Timestamp;
use serde::Deserialize;
use store::builds::{self, Build};
use store::db::Session;
use store::findings::list::{self as findings, Filter, ListedFinding};
use store::portfolio::{self, OpenGroup, percentile_days};
use store::projects::Reference;
use store::trends::{self, Days, Flow, Scope, Series};
use store::verdicts;
use web::charts::{Mark, StripBuild};
use web::parts::SeverityCounts;
use web::views::list::{Pager, Total};
use web::views::project::{Branch, Checked, Numbers, Project};
use web::views::rows::{FindingRow, Why};

use super::below::{ProjectName, below_project};
use super::head::{self, Head};
use super::numbers::{self, coverage, is_checked, outcome_in, severity_counts, sum, unsigned};
use super::page;
use crate::auth::Visitor;
use crate::extract::Query;
use crate::problem::Problem;
use crate::state::Service;

pub(in crate::pages) use gate::card as gate_card;

/// Findings that the overview shows.
const MOST_FINDINGS: i64 = 10;
/// Builds of the strip.
const MOST_BUILDS: i64 = 48;
/// Branches of the table.
const MOST_BRANCHES: usize = 12;

pub(crate) fn routes() -> Router<Service> {
    below_project("", &get(overview))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asked {
    #[serde(rename = "ref")]
    reference: Option<String>,
    days: Option<u32>,
}

async fn overview(
    State(service): State<Service>,
    visitor: Visitor,
    ProjectName(name): ProjectName,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let days = numbers::chosen_days(asked.days)?;
    let now = service.now();
    let mut session = service.database.read().await?;
    let head = head::load(&mut session, &visitor, &name, asked.reference.as_deref(), now).await?;
    let checked = match (&head.reference, &head.build) {
        (Some(reference), Some(build)) => Some(load(&mut session, &head, reference, build, days, now).await?),
        _ => None,
    };
    let view = Project {
        header: head.header,
        checked,
    };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

async fn load(
    session: &mut Session,
    head: &Head,
    reference: &Reference,
    build: &Build,
    days: u32,
    now: Timestamp,
) -> Result<Checked, Problem> {
    let since = reference.checked_since.map(Timestamp::from_millis);
    let scope = Scope::Reference(reference.id);
    let window = Days::until(now, i64::from(days));
    let series = trends::series(session, &scope, window, since).await?;
    let flows = trends::flows(session, &scope, numbers::first_flow_day(now, days)).await?;
    let open = portfolio::open_of(session, reference.id, now).await?;
    let newest = builds::page(session, head.project.id, Some(reference.id), None, MOST_BUILDS).await?;
    let report = match build.verdict_id {
        Some(verdict) => Some(verdicts::report(session, verdict).await?.report),
        None => None,
    };
    let listed = listed(session, reference, build).await?;
    let known = is_checked(build);
    let mut numbers = numbers_of(build, &open, &series);
    numbers.direct = report.as_ref().and_then(|report| direct(&report.components));
    fill_fixes(session, reference, &mut numbers, now).await?;
    Ok(Checked {
        gate: gate::card(build, report.as_ref(), newest.first()),
        numbers,
        trend: numbers::trend(&series, marks(&flows, &newest, window.first)),
        days,
        ages: if known {
            numbers::age_buckets(&open)
        } else {
            Vec::new()
        },
        weeks: numbers::weeks(&flows, now, since),
        why: why(&listed, head),
        pager: pager(head, listed.len(), head.header.findings),
        findings: known.then(|| listed.iter().filter_map(row).collect()),
        branches: branches(session, head, now).await?,
        strip: strip(&newest),
        changes: changes::load(session, &newest).await?,
    })
}

fn numbers_of(build: &Build, open: &[OpenGroup], series: &Series) -> Numbers {
    let known = is_checked(build);
    let now = known.then(|| numbers::count(open.iter()).total());
    let week_ago = series.days_ago(7).map(|counts| counts.total());
    Numbers {
        open: now,
        open_change_7_days: now.zip(week_ago).map(|(now, then)| {
            i64::try_from(now).unwrap_or(i64::MAX) - i64::try_from(then).unwrap_or(i64::MAX)
        }),
        past_due: known.then(|| sum(open, None, |group| group.past_due)),
        due_this_week: sum(open, None, |group| group.due_soon),
        fixable: known.then(|| sum(open, None, |group| group.fixable)),
        components: unsigned(build.components),
        coverage: coverage(build),
        ..Numbers::default()
    }
}

async fn fill_fixes(
    session: &mut Session,
    reference: &Reference,
    numbers: &mut Numbers,
    now: Timestamp,
) -> Result<(), Problem> {
    let fixes = portfolio::fixes_of(session, reference.id, now).await?;
    numbers.fixed_90_days = unsigned(fixes.iter().map(|group| group.findings).sum());
    numbers.median_days_to_fix = percentile_days(&fixes, 500);
    Ok(())
}

/// How many components the product names itself; `None` when the document has no graph to tell.
fn direct(components: &[audit::ComponentStatus]) -> Option<u64> {
    let mut told = components
        .iter()
        .filter_map(|component| component.direct)
        .peekable();
    told.peek()?;
    u64::try_from(told.filter(|direct| *direct).count()).ok()
}

async fn listed(
    session: &mut Session,
    reference: &Reference,
    build: &Build,
) -> Result<Vec<ListedFinding>, Problem> {
    if !is_checked(build) {
        return Ok(Vec::new());
    }
    let scope = findings::Scope::References(vec![reference.id]);
    Ok(findings::page(session, &scope, &Filter::default(), None, MOST_FINDINGS).await?)
}

/// A damaged row is left out of the overview; its own page says that it is damaged.
fn row(listed: &ListedFinding) -> Option<FindingRow> {
    let finding = listed.finding.body().ok()?;
    Some(FindingRow {
        id: listed.finding.uuid.clone(),
        first_seen: Some(Timestamp::from_millis(listed.finding.opened_at)),
        due: listed.finding.due_at.map(Timestamp::from_millis),
        ..FindingRow::from_finding(&finding)
    })
}

fn why(listed: &[ListedFinding], head: &Head) -> Option<Why> {
    let first = listed.first()?;
    let finding = first.finding.body().ok()?;
    Some(Why {
        first_seen: Some(Timestamp::from_millis(first.finding.opened_at)),
        ..Why::from_finding(&finding, head.header.short_name(), &head.header.reference)
    })
}

fn pager(head: &Head, shown: usize, total: Option<u64>) -> Pager {
    let shown = u64::try_from(shown).unwrap_or(u64::MAX);
    let total = total.unwrap_or(0).max(shown);
    Pager {
        shown,
        total: Total::exactly(total),
        next: (total > shown).then(|| head.header.below("findings")),
        ..Pager::default()
    }
}

/// The newest build of each branch.
async fn branches(session: &mut Session, head: &Head, now: Timestamp) -> Result<Vec<Branch>, Problem> {
    let references: Vec<&Reference> = head.references.iter().take(MOST_BRANCHES).collect();
    let states: Vec<i64> = references
        .iter()
        .filter_map(|reference| reference.build_id)
        .collect();
    let builds = builds::by_ids(session, &states).await?;
    let ids: Vec<i64> = references.iter().map(|reference| reference.id).collect();
    let open = portfolio::open_by_reference(session, &ids, now).await?;
    let branch = |reference: &&Reference| {
        let build = builds.iter().find(|build| Some(build.id) == reference.build_id)?;
        let counts = open
            .get(&reference.id)
            .map_or_else(SeverityCounts::default, |open| severity_counts(open.counts));
        Some(Branch {
            name: reference.name.clone(),
            outcome: outcome_in(&build.status, build.outcome.as_deref()),
            counts: is_checked(build).then_some(counts),
            build: unsigned(build.number),
            at: Timestamp::from_millis(build.created_at),
        })
    };
    Ok(references.iter().filter_map(branch).collect())
}

/// Releases, and the day on which advisories opened most.
fn marks(flows: &[Flow], newest: &[Build], first_day: i64) -> Vec<Mark> {
    let releases = newest.iter().filter(|build| build.channel == "release");
    let mut marks: Vec<Mark> = releases
        .filter_map(|build| {
            Some(Mark {
                day: Timestamp::from_millis(build.created_at).day(),
                label: build.version.clone()?,
            })
        })
        .collect();
    marks.reverse();
    if let Some((day, findings)) = numbers::wave(flows, first_day) {
        marks.push(Mark {
            day,
            label: format!("{} by advisories", web::text::plural(findings, "finding")),
        });
    }
    marks
}

/// Oldest first.
fn strip(newest: &[Build]) -> Vec<StripBuild> {
    let builds = newest.iter().rev();
    builds
        .map(|build| StripBuild {
            number: unsigned(build.number),
            outcome: outcome_in(&build.status, build.outcome.as_deref()),
        })
        .collect()
}
