//! Numbers over time: of everything, of a team, of one branch of a project.

use axum::Json;
use axum::extract::State;
use clock::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};
use store::db::Session;
use store::portfolio::{self, OpenGroup, Selection, Standing};
use store::projects;
use store::tokens::Action;
use store::trends::{self, Counts, Days, Flow, Scope, Series};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{self, Path, Query};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

/// The longest time that one answer covers: three years.
const MOST_DAYS: i64 = 3 * 366;
/// Without `from`, this many days before `to`.
const DEFAULT_DAYS: i64 = 90;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(portfolio_metrics))
        .routes(routes!(team_metrics))
        .routes(routes!(project_metrics))
        .routes(routes!(project_trend))
}

/// Which days, and how close together.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Window {
    /// The first day, `YYYY-MM-DD` or a time in it; 90 days before `to` when not given.
    from: Option<String>,
    /// The last day; today when not given.
    to: Option<String>,
    /// One point a day, or one an ISO week, dated the week's last day.
    #[param(inline)]
    step: Step,
    /// Of the portfolio or a team: only projects with this tag.
    tag: Option<String>,
    /// Of a project: the branch; the default one when not given.
    #[serde(rename = "ref")]
    #[param(rename = "ref")]
    reference: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Step {
    #[default]
    Day,
    Week,
}

/// A series with what holds now.
#[derive(Debug, Serialize, ToSchema)]
struct Metrics {
    /// `portfolio`, `team:NAME` or `project:NAME`.
    scope: String,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// `YYYY-MM-DD`.
    from: String,
    to: String,
    step: Step,
    /// The first time that anything was checked; absent when nothing was, and then no number is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    checked_since: Option<Timestamp>,
    now: Now,
    points: Vec<Point>,
}

/// What holds at this moment; a number that nobody has found out is `null`, never 0.
#[derive(Debug, Default, Serialize, ToSchema)]
struct Now {
    open: Option<Open>,
    /// Open findings whose due day is over.
    past_due: Option<i64>,
    /// Open findings that a released version clears.
    fixable: Option<i64>,
    /// `null` also when the catalogue of exploited vulnerabilities is not loaded.
    known_exploited: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    projects: Option<Projects>,
}

/// Projects by the worst verdict of their default and released branches.
#[derive(Debug, Serialize, ToSchema)]
struct Projects {
    total: i64,
    /// Of which anything could be checked.
    checked: i64,
    failing: i64,
    undecided: i64,
    warning: i64,
    passing: i64,
    /// Without any verdict.
    unjudged: i64,
}

/// Open findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
struct Open {
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
    unknown: u64,
}

/// One day or week.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct Point {
    /// `YYYY-MM-DD`: the day, or the last day of the week within the window.
    day: String,
    /// At the end of the day; `null` before anything was checked.
    open: Option<Open>,
    /// Opened within the day or week, without those that only moved to another version or severity.
    new: Option<i64>,
    /// Ended because the component changed or went.
    fixed: Option<i64>,
}

impl From<Counts> for Open {
    fn from(counts: Counts) -> Self {
        Self {
            critical: counts.critical,
            high: counts.high,
            medium: counts.medium,
            low: counts.low,
            unknown: counts.unknown,
        }
    }
}

impl Window {
    fn days(&self, now: Timestamp) -> Result<Days, Problem> {
        let last = day("to", self.to.as_deref())?.unwrap_or_else(|| now.day());
        if last > now.day() {
            return Err(Problem::bad_parameter("to", "lies in the future"));
        }
        let first = day("from", self.from.as_deref())?.unwrap_or(last - DEFAULT_DAYS);
        if first > last {
            return Err(Problem::bad_parameter("from", "must not be after `to`"));
        }
        if last - first > MOST_DAYS {
            return Err(Problem::bad_parameter(
                "from",
                "must be within three years before `to`",
            ));
        }
        Ok(Days { first, last })
    }
}

fn day(name: &str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    let Some(text) = text else {
        return Ok(None);
    };
    let moment: Timestamp = text
        .parse()
        .map_err(|_| Problem::bad_parameter(name, "must be a day, `YYYY-MM-DD`, or an RFC 3339 time"))?;
    Ok(Some(moment.day()))
}

/// Open findings of all projects over time
///
/// Counted are the default branches and the releases.
#[utoipa::path(
    get, path = "/v1/metrics/portfolio", tag = "metrics", params(Window),
    responses(
        (status = 200, body = Metrics),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn portfolio_metrics(
    State(service): State<Service>,
    caller: Caller,
    Query(window): Query<Window>,
) -> Result<Json<Metrics>, Problem> {
    caller.require(Action::Read)?;
    of_selection(&service, None, &window).await
}

/// Open findings of a team's projects over time
#[utoipa::path(
    get, path = "/v1/metrics/teams/{team}", tag = "metrics", params(("team" = String, Path), Window),
    responses(
        (status = 200, body = Metrics),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn team_metrics(
    State(service): State<Service>,
    caller: Caller,
    Path(team): Path<String>,
    Query(window): Query<Window>,
) -> Result<Json<Metrics>, Problem> {
    caller.require(Action::Read)?;
    of_selection(&service, Some(team), &window).await
}

/// Open findings of a project's branch over time
#[utoipa::path(
    get, path = "/v1/metrics/projects/{project}", tag = "metrics", params(("project" = String, Path), Window),
    responses(
        (status = 200, body = Metrics),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn project_metrics(
    State(service): State<Service>,
    caller: Caller,
    Path(project): Path<String>,
    Query(window): Query<Window>,
) -> Result<Json<Metrics>, Problem> {
    of_project(&service, &caller, &project, &window).await
}

/// Open findings of a project's branch over time
///
/// The same answer as `/v1/metrics/projects/{project}`.
#[utoipa::path(
    get, path = "/v1/projects/{project}/trend", tag = "metrics", params(("project" = String, Path), Window),
    responses(
        (status = 200, body = Metrics),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn project_trend(
    State(service): State<Service>,
    caller: Caller,
    Path(project): Path<String>,
    Query(window): Query<Window>,
) -> Result<Json<Metrics>, Problem> {
    of_project(&service, &caller, &project, &window).await
}

async fn of_selection(
    service: &Service,
    team: Option<String>,
    window: &Window,
) -> Result<Json<Metrics>, Problem> {
    if window.reference.is_some() {
        return Err(Problem::bad_parameter("ref", "only a project has branches"));
    }
    let now = service.now();
    let days = window.days(now)?;
    let selection = Selection {
        team,
        tag: window.tag.clone(),
    };
    let mut session = service.database.read().await?;
    let standing = portfolio::standing(&mut session, &selection, now).await?;
    if standing.projects == 0 && selection.team.is_some() {
        return Err(Problem::not_found("such team"));
    }
    let open = portfolio::open(&mut session, &selection, now).await?;
    let mut metrics = Metrics {
        scope: match &selection.team {
            Some(team) => format!("team:{team}"),
            None => "portfolio".to_owned(),
        },
        now: Now {
            projects: Some(projects_of(&standing)),
            ..now_of(&open, standing.checked > 0)
        },
        ..empty(window, days, standing.since())
    };
    metrics.points = points(&mut session, &Scope::Selection(selection), &metrics, days).await?;
    Ok(Json(metrics))
}

async fn of_project(
    service: &Service,
    caller: &Caller,
    name: &str,
    window: &Window,
) -> Result<Json<Metrics>, Problem> {
    if window.tag.is_some() {
        return Err(Problem::bad_parameter(
            "tag",
            "a project is one; it has no part with a tag",
        ));
    }
    let now = service.now();
    let days = window.days(now)?;
    let mut session = service.database.read().await?;
    let project = extract::project(&mut session, caller, name).await?;
    let asked = window.reference.as_deref().unwrap_or(&project.default_ref);
    let reference = projects::reference(&mut session, project.id, asked).await?;
    if reference.is_none() && asked != project.default_ref {
        return Err(Problem::not_found("such branch"));
    }
    let since = reference.as_ref().and_then(|reference| reference.checked_since);
    let since = since.map(Timestamp::from_millis);
    let mut metrics = Metrics {
        scope: format!("project:{}", project.name),
        reference: Some(asked.to_owned()),
        ..empty(window, days, since)
    };
    if let Some(reference) = reference {
        let open = portfolio::open_of(&mut session, reference.id, now).await?;
        metrics.now = now_of(&open, since.is_some());
        metrics.points = points(&mut session, &Scope::Reference(reference.id), &metrics, days).await?;
    }
    Ok(Json(metrics))
}

fn empty(window: &Window, days: Days, checked_since: Option<Timestamp>) -> Metrics {
    Metrics {
        scope: String::new(),
        reference: None,
        from: date(days.first),
        to: date(days.last),
        step: window.step,
        checked_since,
        now: Now::default(),
        points: Vec::new(),
    }
}

fn date(day: i64) -> String {
    Timestamp::from_millis(day.saturating_mul(DAY_MS)).date()
}

fn now_of(open: &[OpenGroup], checked: bool) -> Now {
    if !checked {
        return Now::default();
    }
    let sum = |value: fn(&OpenGroup) -> i64| open.iter().map(value).sum::<i64>();
    let mut counts = Counts::default();
    for group in open {
        let band = counts.band(group.level());
        *band = band.saturating_add_signed(group.findings);
    }
    let looked_up = sum(|group| group.looked_up) == sum(|group| group.findings);
    Now {
        open: Some(counts.into()),
        past_due: Some(sum(|group| group.past_due)),
        fixable: Some(sum(|group| group.fixable)),
        known_exploited: looked_up.then(|| sum(|group| group.exploited)),
        projects: None,
    }
}

const fn projects_of(standing: &Standing) -> Projects {
    Projects {
        total: standing.projects,
        checked: standing.checked,
        failing: standing.failing,
        undecided: standing.undecided,
        warning: standing.warning,
        passing: standing.judged - standing.failing - standing.undecided - standing.warning,
        unjudged: standing.projects - standing.judged,
    }
}

async fn points(
    session: &mut Session,
    scope: &Scope,
    metrics: &Metrics,
    days: Days,
) -> Result<Vec<Point>, Problem> {
    let series = trends::series(session, scope, days, metrics.checked_since).await?;
    let flows = trends::flows(session, scope, days.first).await?;
    Ok(steps(&series, &flows, metrics.step))
}

fn steps(series: &Series, flows: &[Flow], step: Step) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut last_group = None;
    for (day, open) in (series.first_day..).zip(&series.days) {
        let group = match step {
            Step::Day => day,
            Step::Week => trends::week_of(day),
        };
        let (new, fixed) = flows_of(flows, day);
        let known = open.is_some();
        match points.last_mut().filter(|_| last_group == Some(group)) {
            Some(point) => {
                point.day = date(day);
                point.open = open.map(Open::from);
                point.new = point.new.map(|sum| sum + new).or(known.then_some(new));
                point.fixed = point.fixed.map(|sum| sum + fixed).or(known.then_some(fixed));
            }
            None => points.push(Point {
                day: date(day),
                open: open.map(Open::from),
                new: known.then_some(new),
                fixed: known.then_some(fixed),
            }),
        }
        last_group = Some(group);
    }
    points
}

/// New and fixed on one day; the rows are sorted by day.
fn flows_of(flows: &[Flow], day: i64) -> (i64, i64) {
    let from = flows.partition_point(|flow| flow.day < day);
    let mine = flows.iter().skip(from).take_while(|flow| flow.day == day);
    mine.fold((0, 0), |(new, fixed), flow| {
        match (flow.kind.as_str(), flow.word.as_str()) {
            ("opened", _) => (new + flow.findings, fixed),
            ("closed", "moved" | "rescored") => (new - flow.findings, fixed),
            ("closed", "fixed" | "removed") => (new, fixed + flow.findings),
            _ => (new, fixed),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_end_on_sunday_or_with_the_window() {
        let monday = "2026-11-16".parse::<Timestamp>().unwrap().day();
        let counts = |critical| {
            Some(Counts {
                critical,
                ..Counts::default()
            })
        };
        let flow = |day, findings| Flow {
            day,
            kind: "opened".to_owned(),
            word: "component_added".to_owned(),
            findings,
        };
        let mut days = vec![None; 6];
        days.extend([counts(1), counts(3)]);
        let series = Series {
            first_day: monday,
            days,
        };
        let flows = [flow(monday + 6, 1), flow(monday + 7, 2)];
        let weeks = steps(&series, &flows, Step::Week);
        let shown: Vec<_> = weeks
            .iter()
            .map(|point| {
                (
                    point.day.as_str(),
                    point.open.map(|open| open.critical),
                    point.new,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [("2026-11-22", Some(1), Some(1)), ("2026-11-23", Some(3), Some(2))]
        );
        let days = steps(&series, &flows, Step::Day);
        assert_eq!((days.len(), &days[0].open, days[0].new), (8, &None, None));
    }

    #[test]
    fn a_window_has_an_order_and_an_end() {
        let now = "2026-11-24T10:00:00Z".parse::<Timestamp>().unwrap();
        let window = |from: Option<&str>, to: Option<&str>| {
            Window {
                from: from.map(str::to_owned),
                to: to.map(str::to_owned),
                ..Window::default()
            }
            .days(now)
        };
        let days = window(None, None).unwrap();
        assert_eq!((days.last, days.last - days.first), (now.day(), 90));
        assert!(window(None, Some("2030-01-01")).is_err());
        assert!(window(Some("2026-11-02"), Some("2026-11-01")).is_err());
        assert!(window(Some("2020-01-01"), None).is_err());
        assert!(window(Some("yesterday"), None).is_err());
    }
}
