//! Components: where is it used, what is in it, under which license?

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use clock::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::csv;
use crate::extract::{Fields, List, Paging, Path};
use crate::place::Place;
use crate::problem::{Problem, ProblemDocument};
use crate::queries::components::{
    ComponentQuery, Contained, ContainedPage, Held, HeldPage, PackageUse, moment, version_purl,
};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(search))
        .routes(routes!(search_csv))
        .routes(routes!(package))
        .routes(routes!(of_project))
        .routes(routes!(of_project_csv))
}

/// One version of a component.
#[derive(Debug, Serialize, ToSchema)]
struct ComponentItem {
    /// Absent when the document gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// The OSV ecosystem, else the purl type; empty when neither is known.
    ecosystem: String,
    /// Within one build: `required`, `optional`, `dev` or `excluded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    scope: Option<inventory::Scope>,
    /// Within one build; absent when the document has no graph to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    direct: Option<bool>,
    /// Effective license expressions.
    licenses: Vec<String>,
    /// What affects it, by severity; absent when nothing was found because nothing was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<SeverityCounts>,
    /// Whether it was fully checked.
    checked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why_not: Option<&'static str>,
    /// Across projects: how many hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    projects: Option<i64>,
    /// Of these, how many name it themselves; absent when no document tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    direct_projects: Option<i64>,
    /// Across projects: when the newest build that holds it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    seen_at: Option<Timestamp>,
}

/// How many by severity; those rated as none count as low.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
struct SeverityCounts {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    unknown: usize,
}

impl SeverityCounts {
    fn of(severities: &[advisories::Severity]) -> Self {
        use advisories::Severity;
        let count = |bands: &[Severity]| severities.iter().filter(|found| bands.contains(found)).count();
        Self {
            critical: count(&[Severity::Critical]),
            high: count(&[Severity::High]),
            medium: count(&[Severity::Medium]),
            low: count(&[Severity::Low, Severity::None]),
            unknown: count(&[Severity::Unknown]),
        }
    }

    fn words(self) -> [String; 5] {
        [self.critical, self.high, self.medium, self.low, self.unknown].map(|count| count.to_string())
    }
}

fn named(licenses: &[(String, i64)]) -> Vec<String> {
    let named = licenses.iter().map(|(license, _)| license.clone());
    named.filter(|license| !license.is_empty()).collect()
}

impl From<Held> for ComponentItem {
    fn from(held: Held) -> Self {
        Self {
            purl: Some(version_purl(&held.version.identity)).filter(|purl| purl.starts_with("pkg:")),
            scope: None,
            direct: None,
            licenses: named(&held.usage.licenses),
            findings: held.severities().as_deref().map(SeverityCounts::of),
            checked: held.why_not.is_none(),
            why_not: held.why_not,
            projects: Some(held.usage.projects),
            direct_projects: held.usage.direct,
            seen_at: held.usage.seen_at.map(moment),
            name: held.version.name,
            version: Some(held.version.version).filter(|version| !version.is_empty()),
            ecosystem: held.version.ecosystem,
        }
    }
}

impl From<Contained> for ComponentItem {
    fn from(contained: Contained) -> Self {
        let status = contained.status;
        Self {
            ecosystem: status.ecosystem.unwrap_or_default(),
            purl: status.purl,
            name: status.name,
            version: status.version,
            scope: Some(status.scope),
            direct: status.direct,
            licenses: status.license.into_iter().collect(),
            findings: contained.severities.as_deref().map(SeverityCounts::of),
            checked: status.checked,
            why_not: status.why_not.map(audit::WhyNotChecked::as_str),
            projects: None,
            direct_projects: None,
            seen_at: None,
        }
    }
}

const COLUMNS: [&str; 17] = [
    "purl",
    "name",
    "version",
    "ecosystem",
    "scope",
    "direct",
    "licenses",
    "critical",
    "high",
    "medium",
    "low",
    "unknown",
    "checked",
    "why_not",
    "projects",
    "direct_projects",
    "seen_at",
];

fn line(item: ComponentItem) -> [String; COLUMNS.len()] {
    let [critical, high, medium, low, unknown] = item.findings.map(SeverityCounts::words).unwrap_or_default();
    [
        csv::known(item.purl),
        item.name,
        csv::known(item.version),
        item.ecosystem,
        csv::known(item.scope.map(store::inventories::scope_word)),
        csv::known(item.direct),
        item.licenses.join("; "),
        critical,
        high,
        medium,
        low,
        unknown,
        item.checked.to_string(),
        csv::known(item.why_not),
        csv::known(item.projects),
        csv::known(item.direct_projects),
        csv::known(item.seen_at),
    ]
}

/// What a search found.
#[derive(Debug, Serialize, ToSchema)]
struct Found {
    #[serde(flatten)]
    list: List<ComponentItem>,
    /// `name version` of what the asked range could not be compared with: it may be in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<String>,
}

async fn searched(service: &Service, caller: &Caller, fields: Fields) -> Result<HeldPage, Problem> {
    let mut session = service.database.read().await?;
    let query = ComponentQuery::read(fields)?;
    query.everywhere(&mut session, caller).await
}

/// Components that the tracked refs hold: by the beginning of a name, `name@range`, purl or advisory
///
/// Hashes are not indexed; look for one in the documents themselves.
#[utoipa::path(
    get, path = "/v1/components", tag = "components",
    params(
        ("q" = Option<String>, Query, description = "Everything when not given"),
        ("ecosystem" = Option<String>, Query, description = "npm, crates.io, PyPI"),
        ("direct" = Option<bool>, Query),
        ("superseded" = Option<bool>, Query, description = "Also builds that a newer one has replaced, and untracked refs"),
        ("cursor" = Option<String>, Query),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, body = Found),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn search(
    State(service): State<Service>,
    caller: Caller,
    fields: Fields,
) -> Result<Json<Found>, Problem> {
    let page = searched(&service, &caller, fields).await?;
    Ok(Json(Found {
        list: List {
            items: page.rows.into_iter().map(ComponentItem::from).collect(),
            next: page.next,
            total: Some(page.total),
        },
        undecided: page.undecided,
    }))
}

/// The same components as comma-separated values; the Link header leads to the next page
#[utoipa::path(
    get, path = "/v1/components.csv", tag = "components",
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn search_csv(
    State(service): State<Service>,
    caller: Caller,
    fields: Fields,
) -> Result<Response, Problem> {
    let echo = fields.clone();
    let page = searched(&service, &caller, fields).await?;
    let next = page.next.map(|next| echo.with_cursor(Some(&next)));
    let rows = page.rows.into_iter().map(ComponentItem::from).map(line);
    Ok(csv::file("components", COLUMNS, rows, next.as_deref()))
}

/// One package over all its versions in use.
#[derive(Debug, Serialize, ToSchema)]
struct PackageItem {
    /// Without a version.
    purl: String,
    name: String,
    ecosystem: String,
    /// The newest version that some project holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_in_use: Option<String>,
    /// Newest first.
    versions: Vec<VersionItem>,
    users: List<UserItem>,
}

#[derive(Debug, Serialize, ToSchema)]
struct VersionItem {
    #[serde(flatten)]
    component: ComponentItem,
    /// Ids of what affects it, worst first.
    vulnerabilities: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct UserItem {
    project: String,
    #[serde(rename = "ref")]
    reference: String,
    /// The number of the build that is the state of the ref.
    build: i64,
    version: String,
    /// Absent when the document has no graph to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    direct: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<String>,
    /// When the first build of the ref that holds this version was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

impl From<PackageUse> for PackageItem {
    fn from(found: PackageUse) -> Self {
        let purl = found.purl();
        let since = found.since;
        let users = found.users.into_iter().map(|user| UserItem {
            since: since.get(&user.key()).copied().map(moment),
            project: user.project,
            reference: user.reference,
            build: user.build,
            version: user.version,
            direct: user.direct,
            license: user.license,
        });
        Self {
            purl,
            name: found.name,
            ecosystem: found.ecosystem,
            newest_in_use: found.versions.first().map(|held| held.version.version.clone()),
            users: List {
                items: users.collect(),
                next: found.next,
                total: Some(found.total),
            },
            versions: found
                .versions
                .into_iter()
                .map(|held| VersionItem {
                    vulnerabilities: held.matches.iter().map(|found| found.canonical.clone()).collect(),
                    component: held.into(),
                })
                .collect(),
        }
    }
}

/// One package: its versions in use, what is wrong with each, and who uses it
#[utoipa::path(
    get, path = "/v1/components/{purl}", tag = "components",
    params(
        ("purl" = String, Path, description = "Percent-encoded; a version in it is not looked at"),
        ("cursor" = Option<String>, Query, description = "Of the users"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, body = PackageItem),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn package(
    State(service): State<Service>,
    caller: Caller,
    Path(purl): Path<String>,
    mut fields: Fields,
) -> Result<Json<PackageItem>, Problem> {
    let mut session = service.database.read().await?;
    let paging = Paging::new(fields.one("cursor")?.as_deref(), fields.number("limit")?)?;
    fields.finish()?;
    let found = PackageUse::load(&mut session, &caller, &purl, &paging).await?;
    Ok(Json(found.into()))
}

async fn contained(
    service: &Service,
    caller: &Caller,
    project: &str,
    fields: Fields,
) -> Result<ContainedPage, Problem> {
    let mut session = service.database.read().await?;
    let query = ComponentQuery::read(fields)?;
    let place = Place::load(&mut session, caller, project, query.reference.as_deref()).await?;
    query.within(&mut session, &place).await
}

/// Components of the build that is the state of a ref, by name
#[utoipa::path(
    get, path = "/v1/projects/{project}/components", tag = "components",
    params(
        ("project" = String, Path, description = "`team/name`, percent-encoded, or the id"),
        ("ref" = Option<String>, Query, description = "The default branch when not given"),
        ("q" = Option<String>, Query, description = "A part of the name, `name@range` or a purl"),
        ("ecosystem" = Option<String>, Query),
        ("direct" = Option<bool>, Query),
        ("cursor" = Option<String>, Query),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 200),
    ),
    responses(
        (status = 200, body = List<ComponentItem>),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn of_project(
    State(service): State<Service>,
    caller: Caller,
    Path(project): Path<String>,
    fields: Fields,
) -> Result<Json<List<ComponentItem>>, Problem> {
    let page = contained(&service, &caller, &project, fields).await?;
    Ok(Json(List {
        items: page.rows.into_iter().map(ComponentItem::from).collect(),
        next: page.next,
        total: Some(page.total),
    }))
}

/// The same components as comma-separated values; the Link header leads to the next page
#[utoipa::path(
    get, path = "/v1/projects/{project}/components.csv", tag = "components",
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
    let echo = fields.clone();
    let page = contained(&service, &caller, &project, fields).await?;
    let next = page.next.map(|next| echo.with_cursor(Some(&next)));
    let rows = page.rows.into_iter().map(ComponentItem::from).map(line);
    Ok(csv::file("components", COLUMNS, rows, next.as_deref()))
}
