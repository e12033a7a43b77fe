//! Projects.

mod change;

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use serde::{Deserialize, Serialize};
use store::builds;
use store::db::Session;
use store::policies;
use store::projects::{self, Project, ProjectFilter};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::csv;
use crate::extract::{List, Paging, Path, Query, Total, etag, not_modified, project};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

/// How far projects are counted.
const MOST_COUNTED: i64 = 10_000;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(list_csv))
        .routes(routes!(get, change::put, change::patch, change::delete))
}

/// A project.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Project)]
pub(crate) struct ProjectView {
    pub id: String,
    /// Whole name, `team/name` where there is a team.
    pub name: String,
    /// Empty where there is none.
    pub team: String,
    pub description: String,
    pub tags: Vec<String>,
    pub default_ref: String,
    /// The name of its policy; absent where the default applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    pub archived: bool,
    /// The verdict of the default ref in one word; null until there is one.
    pub gate: Option<String>,
    /// How many there have been.
    pub builds: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_build_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl ProjectView {
    /// Projects with what others know about them, in a constant number of statements.
    async fn load(session: &mut Session, projects: Vec<Project>) -> Result<Vec<Self>, Problem> {
        let ids: Vec<i64> = projects.iter().map(|project| project.id).collect();
        let gates = gates(session, &ids).await?;
        let wanted: Vec<i64> = projects.iter().filter_map(|project| project.policy_id).collect();
        let policies = policies::names(session, &wanted).await?;
        let view = |project: Project| Self {
            tags: project.tag_list(),
            policy: project.policy_id.and_then(|id| policies.get(&id).cloned()),
            gate: gates.get(&project.id).cloned(),
            id: project.uuid,
            name: project.name,
            team: project.team,
            description: project.description,
            default_ref: project.default_ref,
            archived: project.archived,
            builds: project.builds,
            last_build_at: project.last_build_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(project.created_at),
        };
        Ok(projects.into_iter().map(view).collect())
    }

    async fn load_one(session: &mut Session, project: Project) -> Result<Self, Problem> {
        let views = Self::load(session, vec![project]).await?;
        views.into_iter().next().ok_or_else(Problem::internal)
    }

    /// Changes with everything that can be edited, and with nothing else.
    pub fn etag(&self) -> String {
        let editable = (
            &self.description,
            &self.tags,
            &self.default_ref,
            &self.policy,
            self.archived,
        );
        let text = serde_json::to_string(&editable).unwrap_or_default();
        let digest = store::documents::digest(text.as_bytes());
        etag(digest.get(..16).unwrap_or(&digest))
    }
}

/// The outcome of each project's default ref.
async fn gates(session: &mut Session, projects: &[i64]) -> Result<HashMap<i64, String>, Problem> {
    let references = projects::default_references(session, projects).await?;
    let states: Vec<i64> = references
        .iter()
        .filter_map(|reference| reference.build_id)
        .collect();
    let builds = builds::by_ids(session, &states).await?;
    Ok(builds
        .into_iter()
        .filter_map(|build| Some((build.project_id, build.outcome?)))
        .collect())
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Part of the name, in any case.
    q: Option<String>,
    tag: Option<String>,
    team: Option<String>,
    /// The default ref's verdict: `pass`, `warn`, `fail`, `indeterminate`, or `none`.
    gate: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Projects, most urgent first
#[utoipa::path(
    get, path = "/v1/projects", tag = "projects", params(ListQuery),
    responses(
        (status = 200, body = List<ProjectView>),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<ProjectView>>, Problem> {
    page(&service, &caller, query).await.map(Json)
}

async fn page(service: &Service, caller: &Caller, query: ListQuery) -> Result<List<ProjectView>, Problem> {
    let paging = Paging::<(i64, i64)>::new(query.cursor.as_deref(), query.limit)?;
    let filter = ProjectFilter {
        text: query.q,
        team: query.team,
        tag: query.tag,
        gate: query.gate,
        only: caller.project,
        ..ProjectFilter::default()
    };
    let mut session = service.database.read().await?;
    let mut rows = projects::page(&mut session, &filter, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |project| (project.urgency, project.id));
    let total = match caller.project {
        Some(_) => None,
        None => Some(Total::counted(projects::total(&mut session).await?, MOST_COUNTED)),
    };
    let items = ProjectView::load(&mut session, rows).await?;
    Ok(List { items, next, total })
}

/// Projects as CSV, most urgent first
#[utoipa::path(
    get, path = "/v1/projects.csv", tag = "projects", params(ListQuery),
    responses((status = 200, body = String, content_type = "text/csv"))
)]
async fn list_csv(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let page = page(&service, &caller, query).await?;
    let next = page.next.map(|next| format!("cursor={next}"));
    let rows = page.items.into_iter().map(|project| {
        [
            project.name,
            project.gate.unwrap_or_default(),
            project.default_ref,
            project.tags.join(" "),
            project.policy.unwrap_or_default(),
            project.builds.to_string(),
            csv::known(project.last_build_at),
        ]
    });
    let head = [
        "project",
        "gate",
        "default_ref",
        "tags",
        "policy",
        "builds",
        "last_build_at",
    ];
    Ok(csv::file("projects", head, rows, next.as_deref()))
}

/// One project
#[utoipa::path(
    get, path = "/v1/projects/{project}", tag = "projects",
    params(("project" = String, Path, description = "Name (`team%2Fname`) or id")),
    responses(
        (status = 200, body = ProjectView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn get(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let project = project(&mut session, &caller, &name).await?;
    let view = ProjectView::load_one(&mut session, project).await?;
    if not_modified(&headers, &view.etag()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, view.etag())]).into_response());
    }
    Ok(tagged(StatusCode::OK, view))
}

/// A project with its entity tag.
fn tagged(status: StatusCode, view: ProjectView) -> Response {
    (status, [(header::ETAG, view.etag())], Json(view)).into_response()
}
