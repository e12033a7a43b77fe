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
use store::projects::{self, Reference};
use store::trends::{self, Days, Flow, Scope, Series};
use store::verdicts;
use web::charts::{Mark, StripBuild};
use web::parts::SeverityCounts;
use web::views::header::ProjectHeader;
use web::views::list::{Pager, Total};
use web::views::project::{Branch, Checked, Numbers, Project};

use super::findings as rows;
use super::numbers::{self, coverage, is_checked, outcome_in, severity_counts, sum};
use super::{below_project, page};
use crate::auth::Visitor;
use crate::extract::{ProjectName, Query, cursor};
use crate::place::{Place, unsigned};
use crate::problem::Problem;
use crate::state::Service;

pub(in crate::pages) use gate::card as gate_card;

/// Findings that the overview shows.
const MOST_FINDINGS: i64 = 10;
/// Builds of the strip.
const MOST_BUILDS: i64 = 48;
/// Branches of the table.
const MOST_BRANCHES: i64 = 12;

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
    let place = Place::load(&mut session, &visitor, &name, asked.reference.as_deref()).await?;
    let place = place.or_newest(&mut session).await?;
    let header = place.header(&mut session).await?;
    let checked = match (&place.reference, &place.build) {
        (Some(reference), Some(build)) => {
            let seen = Seen {
                place: &place,
                reference,
                build,
                header: &header,
                now,
            };
            Some(load(&mut session, &seen, days).await?)
        }
        _ => None,
    };
    let view = Project { header, checked };
    Ok(page(&service.settings, view.render(&visitor.shell)))
}

/// What the page is about.
struct Seen<'a> {
    place: &'a Place,
    reference: &'a Reference,
    build: &'a Build,
    header: &'a ProjectHeader,
    now: Timestamp,
}

async fn load(session: &mut Session, seen: &Seen<'_>, days: u32) -> Result<Checked, Problem> {
    let Seen {
        place,
        reference,
        build,
        header,
        now,
    } = *seen;
    let since = reference.checked_since.map(Timestamp::from_millis);
    let scope = Scope::Reference(reference.id);
    let window = Days::until(now, i64::from(days));
    let series = trends::series(session, &scope, window, since).await?;
    let flows = trends::flows(session, &scope, numbers::first_flow_day(now, days)).await?;
    let open = portfolio::open_of(session, reference.id, now).await?;
    let newest = builds::page(session, place.project.id, Some(reference.id), None, MOST_BUILDS).await?;
    let report = match build.verdict_id {
        Some(verdict) => Some(verdicts::report(session, verdict).await?.report),
        None => None,
    };
    let listed = listed(session, place).await?;
    let shown = listed.iter().map(|listed| rows::row(listed, false));
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
        why: listed.first().map(rows::why).transpose()?,
        pager: pager(header, &listed),
        findings: if known {
            Some(shown.collect::<Result<_, _>>()?)
        } else {
            None
        },
        branches: branches(session, place, now).await?,
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

async fn listed(session: &mut Session, place: &Place) -> Result<Vec<ListedFinding>, Problem> {
    if !place.is_checked() {
        return Ok(Vec::new());
    }
    Ok(findings::page(session, &place.scope(), &Filter::default(), None, MOST_FINDINGS).await?)
}

/// The list goes on, on its own page, behind the last finding that is shown here.
fn pager(header: &ProjectHeader, listed: &[ListedFinding]) -> Pager {
    let shown = u64::try_from(listed.len()).unwrap_or(u64::MAX);
    let page = header.below("findings");
    let joint = if page.contains('?') { '&' } else { '?' };
    let last = listed.last().map(|last| cursor(&last.key()));
    let total = header.findings.unwrap_or(0).max(shown);
    Pager {
        shown,
        total: Total::exactly(total),
        next: last
            .filter(|_| total > shown)
            .map(|last| format!("{page}{joint}cursor={last}")),
        ..Pager::default()
    }
}

/// The newest build of each branch.
async fn branches(session: &mut Session, place: &Place, now: Timestamp) -> Result<Vec<Branch>, Problem> {
    let references = projects::references(session, place.project.id, MOST_BRANCHES).await?;
    let states: Vec<i64> = references
        .iter()
        .filter_map(|reference| reference.build_id)
        .collect();
    let builds = builds::by_ids(session, &states).await?;
    let ids: Vec<i64> = references.iter().map(|reference| reference.id).collect();
    let open = portfolio::open_by_reference(session, &ids, now).await?;
    let branch = |reference: &Reference| {
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
