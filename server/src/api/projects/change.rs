//! Making, changing and deleting projects.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use clock::Timestamp;
use serde::Deserialize;
use store::audit_log::{self, Entry};
use store::db::Tx;
use store::policies;
use store::projects::{self, NewProject, Project, ProjectChange};
use store::tokens::Action;
use utoipa::ToSchema;

use super::{ProjectView, tagged};
use crate::auth::{Access, Caller};
use crate::extract::{IfMatch, Json, Path, project_for};
use crate::names;
use crate::problem::{Fault, Problem, ProblemDocument};
use crate::state::Service;

const LONGEST_DESCRIPTION: usize = 2_000;
const MOST_TAGS: usize = 20;

/// What can be edited; in a `PUT` what is absent is as in a new project, in a `PATCH` it stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProjectBody {
    description: Option<String>,
    tags: Option<Vec<String>>,
    /// The branch whose findings count in portfolio numbers; `main` at first.
    default_ref: Option<String>,
    /// The name of a policy; an empty name is the default.
    policy: Option<String>,
    archived: Option<bool>,
}

impl ProjectBody {
    fn check(&self) -> Result<(), Problem> {
        let mut faults = Vec::new();
        if self
            .description
            .as_ref()
            .is_some_and(|text| text.len() > LONGEST_DESCRIPTION)
        {
            let why = format!("has more than {LONGEST_DESCRIPTION} bytes");
            faults.push(Fault::at("/description", why));
        }
        let tags = self.tags.as_deref().unwrap_or_default();
        if tags.len() > MOST_TAGS {
            faults.push(Fault::at("/tags", format!("there are more than {MOST_TAGS}")));
        }
        for (place, tag) in tags.iter().enumerate().take(MOST_TAGS) {
            if let Err(why) = names::plain(tag) {
                faults.push(Fault::at(&format!("/tags/{place}"), why));
            }
        }
        if let Some(Err(why)) = self.default_ref.as_deref().map(names::word) {
            faults.push(Fault::at("/default_ref", why));
        }
        match faults.first() {
            Some(first) => Err(Problem::invalid(first.detail.clone(), faults)),
            None => Ok(()),
        }
    }

    /// The whole new state, where `before` stands for what is absent.
    async fn onto(self, tx: &mut Tx, before: ProjectChange) -> Result<ProjectChange, Problem> {
        let policy_id = match self.policy.as_deref() {
            None => before.policy_id,
            Some("") => None,
            Some(name) => Some(policy_id(tx, name).await?),
        };
        Ok(ProjectChange {
            description: self.description.unwrap_or(before.description),
            tags: self.tags.unwrap_or(before.tags),
            default_ref: self.default_ref.unwrap_or(before.default_ref),
            policy_id,
            archived: self.archived.unwrap_or(before.archived),
        })
    }
}

async fn policy_id(tx: &mut Tx, name: &str) -> Result<i64, Problem> {
    match policies::by_name(tx, name).await? {
        Some(policy) => Ok(policy.id),
        None => Err(Problem::invalid(
            format!("There is no policy named `{name}`."),
            vec![Fault::at("/policy", "no such policy")],
        )),
    }
}

fn fresh() -> ProjectChange {
    ProjectChange {
        description: String::new(),
        tags: Vec::new(),
        default_ref: "main".to_owned(),
        policy_id: None,
        archived: false,
    }
}

fn state_of(project: &Project) -> ProjectChange {
    ProjectChange {
        description: project.description.clone(),
        tags: project.tag_list(),
        default_ref: project.default_ref.clone(),
        policy_id: project.policy_id,
        archived: project.archived,
    }
}

/// Make a project, or give it a whole new state
#[utoipa::path(
    put, path = "/v1/projects/{project}", tag = "projects",
    params(
        ("project" = String, Path, description = "Name (`team%2Fname`) or id"),
        ("if-match" = Option<String>, Header, description = "The ETag of the state that is replaced"),
    ),
    request_body = ProjectBody,
    responses(
        (status = 200, body = ProjectView),
        (status = 201, body = ProjectView),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn put(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    if_match: IfMatch,
    Json(body): Json<ProjectBody>,
) -> Result<Response, Problem> {
    body.check()?;
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let (project, status) = match projects::find(&mut tx, &name).await? {
        Some(project) => {
            caller.require_on(Action::Admin, &project)?;
            (project, StatusCode::OK)
        }
        None => (create(&mut tx, &caller, &name, now).await?, StatusCode::CREATED),
    };
    if status == StatusCode::OK {
        unchanged(&mut tx, &project, &if_match).await?;
    }
    let state = body.onto(&mut tx, fresh()).await?;
    let view = store(&mut tx, &caller, &project, &state, now).await?;
    tx.commit().await?;
    Ok(tagged(status, view))
}

async fn create(tx: &mut Tx, access: &Access, name: &str, now: Timestamp) -> Result<Project, Problem> {
    if access.project.is_some() {
        return Err(Problem::not_found("such project"));
    }
    access.require(Action::Upload)?;
    names::project(name).map_err(|why| Problem::bad_parameter("project", why))?;
    let new = NewProject {
        name: name.to_owned(),
        default_ref: "main".to_owned(),
        ..NewProject::default()
    };
    projects::create(tx, &new, now)
        .await?
        .ok_or_else(|| Problem::conflict("Somebody else has just made it."))
}

/// Change some of a project
#[utoipa::path(
    patch, path = "/v1/projects/{project}", tag = "projects",
    params(
        ("project" = String, Path, description = "Name (`team%2Fname`) or id"),
        ("if-match" = Option<String>, Header, description = "The ETag of the state that is changed"),
    ),
    request_body = ProjectBody,
    responses(
        (status = 200, body = ProjectView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn patch(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    if_match: IfMatch,
    Json(body): Json<ProjectBody>,
) -> Result<Response, Problem> {
    body.check()?;
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let project = project_for(&mut tx, &caller, Action::Admin, &name).await?;
    unchanged(&mut tx, &project, &if_match).await?;
    let state = body.onto(&mut tx, state_of(&project)).await?;
    let view = store(&mut tx, &caller, &project, &state, now).await?;
    tx.commit().await?;
    Ok(tagged(StatusCode::OK, view))
}

/// Holds the project and lets pass who has seen it as it is.
async fn unchanged(tx: &mut Tx, project: &Project, if_match: &IfMatch) -> Result<(), Problem> {
    let held = projects::lock(tx, project.id).await?;
    let view = ProjectView::load_one(tx, held).await?;
    if_match.check(&view.etag())
}

async fn store(
    tx: &mut Tx,
    access: &Access,
    project: &Project,
    state: &ProjectChange,
    now: Timestamp,
) -> Result<ProjectView, Problem> {
    projects::update(tx, project, state, now).await?;
    if state.policy_id != project.policy_id {
        store::waivers::rejudge::everything(tx, now).await?;
    }
    let stored = projects::by_id(tx, project.id).await?;
    let view = ProjectView::load_one(tx, stored).await?;
    let detail = serde_json::to_string(&view).unwrap_or_default();
    let entry = Entry {
        actor: &access.actor,
        action: "project.put",
        object: &project.name,
        detail: &detail,
    };
    audit_log::append(tx, &entry, now).await?;
    Ok(view)
}

/// Delete a project with everything that belongs to it
#[utoipa::path(
    delete, path = "/v1/projects/{project}", tag = "projects",
    params(
        ("project" = String, Path, description = "Name (`team%2Fname`) or id"),
        ("if-match" = Option<String>, Header, description = "The ETag of the state that is deleted"),
    ),
    responses(
        (status = 204),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let project = project_for(&mut tx, &caller, Action::Admin, &name).await?;
    unchanged(&mut tx, &project, &if_match).await?;
    projects::delete(&mut tx, &project, now).await?;
    let entry = Entry {
        actor: &caller.actor,
        action: "project.delete",
        object: &project.name,
        detail: &project.uuid,
    };
    audit_log::append(&mut tx, &entry, now).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
