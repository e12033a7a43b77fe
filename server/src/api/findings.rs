//! Findings, one shape everywhere.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use clock::Timestamp;
use policy::Finding;
use serde::Serialize;
use store::findings::detail::{Detail, Span};
use store::findings::list::ListedFinding;
use store::findings::severity_of;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::csv;
use crate::extract::{Fields, List, Path};
use crate::problem::{Problem, ProblemDocument};
use crate::queries::findings::{FindingPage, FindingQuery};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(everywhere))
        .routes(routes!(everywhere_csv))
        .routes(routes!(of_project))
        .routes(routes!(of_project_csv))
        .routes(routes!(one))
}

/// A finding with where it is and whether it is open.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingItem {
    /// The finding object: `id, class, canonical, aliases, summary, severity, kev, epss, component, paths,
    /// path_count, evidence, fix, first_seen, due, cause`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    finding: Finding,
    /// The project's whole name.
    project: String,
    #[serde(rename = "ref")]
    reference: String,
    /// `open` or `closed`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Timestamp>,
    /// `fixed`, `removed`, `retracted`, `moved` or `unchecked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    close_reason: Option<String>,
}

impl FindingItem {
    pub fn of(listed: ListedFinding) -> Result<Self, store::Error> {
        let mut finding = listed.finding.body()?;
        finding.id.clone_from(&listed.finding.uuid);
        finding.first_seen = Some(Timestamp::from_millis(listed.finding.opened_at));
        finding.due = listed.finding.due_at.map(Timestamp::from_millis);
        Ok(Self {
            finding,
            project: listed.project,
            reference: listed.reference,
            state: if listed.finding.closed_at.is_some() {
                "closed"
            } else {
                "open"
            },
            closed_at: listed.finding.closed_at.map(Timestamp::from_millis),
            close_reason: listed.finding.close_reason,
        })
    }
}

fn list(page: FindingPage) -> Result<List<FindingItem>, Problem> {
    let items = page.rows.into_iter().map(FindingItem::of);
    Ok(List {
        items: items.collect::<Result<_, _>>()?,
        next: page.next,
        total: Some(page.total),
    })
}

/// Findings of the tracked refs of all projects, worst first
#[utoipa::path(
    get, path = "/v1/findings", tag = "findings",
    params(
        ("severity" = Option<String>, Query, description = "Any of critical, high, medium, low (with those rated as none), unknown; with commas or repeated"),
        ("state" = Option<String>, Query, description = "open (default) or closed"),
        ("kev" = Option<bool>, Query, description = "Known to be exploited"),
        ("fixable" = Option<bool>, Query, description = "A version without it is known"),
        ("direct" = Option<bool>, Query, description = "The product names the component itself"),
        ("class" = Option<String>, Query, description = "malicious, vulnerability, unsound, unmaintained or notice"),
        ("q" = Option<String>, Query, description = "How the name of the package or an id begins"),
        ("team" = Option<String>, Query),
        ("tag" = Option<String>, Query),
        ("cursor" = Option<String>, Query),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, body = List<FindingItem>),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn everywhere(
    State(service): State<Service>,
    caller: Caller,
    fields: Fields,
) -> Result<Json<List<FindingItem>>, Problem> {
    let mut session = service.database.read().await?;
    let query = FindingQuery::read(fields)?;
    let (query, scope) = query.everywhere(&mut session, &caller).await?;
    Ok(Json(list(query.page(&mut session, &scope).await?)?))
}

/// The same findings as comma-separated values; the Link header leads to the next page
#[utoipa::path(
    get, path = "/v1/findings.csv", tag = "findings",
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn everywhere_csv(
    State(service): State<Service>,
    caller: Caller,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let echo = fields.clone();
    let query = FindingQuery::read(fields)?;
    let (query, scope) = query.everywhere(&mut session, &caller).await?;
    file(query.page(&mut session, &scope).await?, &echo)
}

/// Findings of one ref of a project, worst first
#[utoipa::path(
    get, path = "/v1/projects/{project}/findings", tag = "findings",
    params(
        ("project" = String, Path, description = "`team/name`, percent-encoded, or the id"),
        ("ref" = Option<String>, Query, description = "The default branch when not given"),
        ("severity" = Option<String>, Query),
        ("state" = Option<String>, Query),
        ("kev" = Option<bool>, Query),
        ("fixable" = Option<bool>, Query),
        ("direct" = Option<bool>, Query),
        ("class" = Option<String>, Query),
        ("q" = Option<String>, Query, description = "A part of the package's name, an id or the summary"),
        ("cursor" = Option<String>, Query),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, body = List<FindingItem>),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn of_project(
    State(service): State<Service>,
    caller: Caller,
    Path(project): Path<String>,
    fields: Fields,
) -> Result<Json<List<FindingItem>>, Problem> {
    let mut session = service.database.read().await?;
    let query = FindingQuery::read(fields)?;
    let (query, place) = query.within(&mut session, &caller, &project).await?;
    Ok(Json(list(query.page(&mut session, &place.scope()).await?)?))
}

/// The same findings as comma-separated values; the Link header leads to the next page
#[utoipa::path(
    get, path = "/v1/projects/{project}/findings.csv", tag = "findings",
    params(("project" = String, Path, description = "`team/name`, percent-encoded, or the id")),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn of_project_csv(
    State(service): State<Service>,
    caller: Caller,
    Path(project): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let echo = fields.clone();
    let query = FindingQuery::read(fields)?;
    let (query, place) = query.within(&mut session, &caller, &project).await?;
    file(query.page(&mut session, &place.scope()).await?, &echo)
}

const COLUMNS: [&str; 19] = [
    "id",
    "project",
    "ref",
    "state",
    "class",
    "canonical",
    "aliases",
    "severity",
    "score",
    "kev",
    "epss",
    "package",
    "version",
    "ecosystem",
    "purl",
    "direct",
    "fixed_version",
    "first_seen",
    "due",
];

fn file(page: FindingPage, echo: &Fields) -> Result<Response, Problem> {
    let items: Vec<FindingItem> = page
        .rows
        .into_iter()
        .map(FindingItem::of)
        .collect::<Result<_, _>>()?;
    let next = page.next.map(|next| echo.with_cursor(Some(&next)));
    Ok(csv::file(
        "findings",
        COLUMNS,
        items.iter().map(line),
        next.as_deref(),
    ))
}

pub(super) fn line(item: &FindingItem) -> [String; COLUMNS.len()] {
    let finding = &item.finding;
    [
        finding.id.clone(),
        item.project.clone(),
        item.reference.clone(),
        item.state.to_owned(),
        finding.class.word().to_owned(),
        finding.canonical.clone(),
        finding.aliases.join(" "),
        web::parts::word(finding.severity.level).to_lowercase(),
        csv::known(finding.severity.score),
        csv::known(finding.kev),
        csv::known(finding.epss),
        finding.component.name.clone(),
        finding.component.version.clone(),
        finding.component.ecosystem.clone(),
        finding.component.purl.clone(),
        csv::known(finding.component.direct),
        csv::known(finding.fix.version.as_ref()),
        csv::known(finding.first_seen),
        csv::known(finding.due),
    ]
}

/// A file of findings, for other lists of them.
pub(super) fn findings_file(name: &str, items: &[FindingItem], next: Option<&str>) -> Response {
    csv::file(name, COLUMNS, items.iter().map(line), next)
}

/// One finding with its history.
#[derive(Debug, Serialize, ToSchema)]
struct FindingDetail {
    #[serde(flatten)]
    finding: FindingItem,
    /// The number of the build that is the state of the ref.
    #[serde(skip_serializing_if = "Option::is_none")]
    build: Option<i64>,
    /// Stretches of time that it was open, oldest first.
    history: Vec<SpanItem>,
    /// Ids of open findings that the same upgrade clears.
    also_clears: Vec<String>,
    /// Other projects with the same vulnerability; absent for a caller who may not see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_projects: Option<i64>,
    /// What each record says about the version.
    records: Vec<RecordItem>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SpanItem {
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Timestamp>,
    /// As it was known then.
    #[schema(value_type = String)]
    severity: advisories::Severity,
    cause: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    cause_detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    close_detail: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RecordItem {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    modified: Timestamp,
    /// Whether this record says *affected*.
    affected: bool,
    range: String,
    /// Why the record could not be decided, where it could not: `{reason, detail}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    undetermined: Option<advisories::Doubt>,
}

impl From<Span> for SpanItem {
    fn from(span: Span) -> Self {
        Self {
            opened_at: Timestamp::from_millis(span.opened_at),
            closed_at: span.closed_at.map(Timestamp::from_millis),
            severity: severity_of(span.severity),
            cause: span.cause,
            cause_detail: span.cause_detail,
            close_reason: span.close_reason,
            close_detail: span.close_detail.filter(|detail| !detail.is_empty()),
        }
    }
}

impl FindingDetail {
    fn of(detail: Detail, sees_all: bool) -> Result<Self, store::Error> {
        let records = detail.evidence.map(|found| found.evidence.records);
        Ok(Self {
            finding: FindingItem::of(detail.listed)?,
            build: detail.build,
            history: detail.spans.into_iter().map(SpanItem::from).collect(),
            also_clears: detail.also_clears,
            other_projects: sees_all.then_some(detail.other_projects),
            records: records
                .unwrap_or_default()
                .into_iter()
                .map(|record| RecordItem {
                    id: record.id,
                    modified: record.modified,
                    affected: record.affected,
                    range: record.range,
                    undetermined: record.doubt,
                })
                .collect(),
        })
    }
}

/// One finding: paths, evidence, fix, history
#[utoipa::path(
    get, path = "/v1/findings/{id}", tag = "findings",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = FindingDetail),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn one(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<FindingDetail>, Problem> {
    let mut session = service.database.read().await?;
    let detail = crate::queries::findings::one(&mut session, &caller, &id).await?;
    Ok(Json(FindingDetail::of(detail, caller.project.is_none())?))
}
