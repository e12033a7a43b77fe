//! Uploads and what became of them.

mod events;
mod view;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ecosystems::resolve::Assumptions;
use serde::Deserialize;
use store::builds::{self, Build};
use store::db::Session;
use store::projects::{self, Project, Reference};
use store::verdicts as stored;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Access, Caller};
use crate::extract::{List, Paging, Path, Query, project};
use crate::problem::{Problem, ProblemDocument};
use crate::queries::builds::judged;
use crate::state::Service;
use crate::uploads::{self, Accepted, Channel, Target};
use crate::verdicts::{self, Http};
use crate::waiting::Waiting;
use crate::{csv, documents};

pub(crate) use view::{BuildAnswer, BuildView};

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(upload, list))
        .routes(routes!(list_csv))
        .routes(routes!(build))
        .merge(events::routes())
        .routes(routes!(verdict))
        .routes(routes!(report))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UploadQuery {
    /// Branch, pull request or release line; the project's default ref when absent.
    #[serde(rename = "ref")]
    reference: Option<String>,
    /// `branch`, `pr` or `release`; decides how long the build is kept.
    #[serde(default)]
    #[param(inline)]
    channel: Channel,
    /// The version of the product, such as `1.4.0`.
    version: Option<String>,
    commit: Option<String>,
    /// Seconds to wait for the verdict, at most 60.
    #[serde(default)]
    wait: u64,
    /// What is new is judged against: `previous`, `default`, `release:last`, `branch:NAME` or `build:ID`.
    baseline: Option<String>,
    /// The name of a policy that stands in for the project's own.
    policy: Option<String>,
    /// Make the project when it is not there.
    #[serde(default)]
    create: bool,
    /// Refuse the document (422) for mistakes that are otherwise warnings, with the place of each.
    #[serde(default)]
    strict: bool,
    /// Manifests without a lockfile are resolved as of this moment: a date or an RFC 3339 time.
    cutoff: Option<String>,
    /// … for this version of Python, such as `3.12`; otherwise what the project says, or a default.
    python: Option<String>,
    /// … for this version of Node.js, such as `22.11.0`.
    node: Option<String>,
}

impl UploadQuery {
    fn target(self, project: String, headers: &HeaderMap) -> Result<Target, Problem> {
        let key = headers.get("idempotency-key");
        let assumptions = Assumptions::parse(
            self.cutoff.as_deref(),
            self.python.as_deref(),
            self.node.as_deref(),
        );
        let assumptions =
            assumptions.map_err(|error| Problem::bad_parameter(error.field, error.to_string()))?;
        Ok(Target {
            assumptions,
            project,
            reference: self.reference,
            channel: self.channel,
            version: self.version,
            commit: self.commit,
            baseline: self.baseline,
            policy: self.policy,
            create: self.create,
            is_strict: self.strict,
            idempotency_key: key.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
        })
    }
}

/// Upload an SBOM or a source
///
/// The body is the document itself, or `multipart/form-data` with parts `file`; its format is told from its bytes.
/// Besides SBOMs it may be a lockfile or a manifest (known by the file name in `Content-Disposition` or in its part), an
/// archive of sources (`.tar.gz`, `.tar.zst`, `.zip`), or `{"repository":{"url":"https://…","ref":"main","token":"…"}}`,
/// which a worker clones. These are read by a worker, and manifests without a lockfile resolved from the registries that
/// the operator configured: `stage` and `progress` of the build say how far it is. The body may be
/// compressed (`Content-Encoding: gzip` or `zstd`). Equal bytes for an equal target are answered with the build that
/// they made before, except of repositories; an `Idempotency-Key` header says so explicitly.
#[utoipa::path(
    post, path = "/v1/projects/{project}/builds", tag = "builds",
    params(("project" = String, Path, description = "Name (`team%2Fname`) or id"), UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "An SBOM (CycloneDX as JSON, XML or Protobuf, SPDX 2 as JSON, tag-value, YAML, XML or RDF/XML, SPDX 3 as JSON-LD; in an envelope or not), a lockfile, an archive of sources, or a request for a repository"),
    responses(
        (status = 200, body = BuildAnswer, description = "Finished within `wait`"),
        (status = 202, body = BuildAnswer, description = "Still being worked on"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn upload(
    State(service): State<Service>,
    caller: Caller,
    Path(project): Path<String>,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let wait = query.wait;
    let target = query.target(project, request.headers())?;
    target.check()?;
    uploads::authorize(&service, &caller, &target).await?;
    let document = documents::of_request(&service, request).await?;
    let waiting = Waiting::begin(&service, wait);
    let Accepted {
        project,
        reference,
        build,
    } = uploads::accept(&service, &caller, &target, document).await?;
    let build = waiting.until_finished(&service, build).await?;
    let location = format!("/v1/builds/{}", build.uuid);
    let status = if build.is_finished() {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    let mut session = service.database.read().await?;
    let answer = BuildAnswer::load(&service, &mut session, &project, &reference, build).await?;
    Ok((status, [(header::LOCATION, location)], Json(answer)).into_response())
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only builds of this ref.
    #[serde(rename = "ref")]
    reference: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// The builds of a project, newest first
#[utoipa::path(
    get, path = "/v1/projects/{project}/builds", tag = "builds",
    params(("project" = String, Path, description = "Name (`team%2Fname`) or id"), ListQuery),
    responses(
        (status = 200, body = List<BuildView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<BuildView>>, Problem> {
    page(&service, &caller, &name, &query).await.map(Json)
}

async fn page(
    service: &Service,
    access: &Access,
    name: &str,
    query: &ListQuery,
) -> Result<List<BuildView>, Problem> {
    let paging = Paging::<i64>::new(query.cursor.as_deref(), query.limit)?;
    let mut session = service.database.read().await?;
    let project = project(&mut session, access, name).await?;
    let reference = match &query.reference {
        Some(name) => Some(reference_of(&mut session, &project, name).await?.id),
        None => None,
    };
    let mut rows = builds::page(&mut session, project.id, reference, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |build| build.number);
    let names = reference_names(&mut session, &rows).await?;
    let items = rows
        .into_iter()
        .map(|build| {
            let name = names.get(&build.reference_id).map_or("", String::as_str);
            BuildView::new(&project, name, build)
        })
        .collect();
    Ok(List {
        items,
        next,
        total: None,
    })
}

/// The builds of a project as CSV, newest first
#[utoipa::path(
    get, path = "/v1/projects/{project}/builds.csv", tag = "builds",
    params(("project" = String, Path, description = "Name (`team%2Fname`) or id"), ListQuery),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn list_csv(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let page = page(&service, &caller, &name, &query).await?;
    let next = page.next.map(|next| format!("cursor={next}"));
    let rows = page.items.into_iter().map(|build| {
        [
            build.number.to_string(),
            build.reference,
            build.version.unwrap_or_default(),
            build.commit.unwrap_or_default(),
            build.status,
            build.outcome.unwrap_or_default(),
            csv::known(build.components),
            csv::known(build.evaluated),
            csv::known(build.undetermined),
            build.created_at.to_string(),
            build.id,
        ]
    });
    let head = [
        "number",
        "ref",
        "version",
        "commit",
        "status",
        "verdict",
        "components",
        "evaluated",
        "undetermined",
        "created_at",
        "id",
    ];
    Ok(csv::file("builds", head, rows, next.as_deref()))
}

pub(super) async fn reference_of(
    session: &mut Session,
    project: &Project,
    name: &str,
) -> Result<Reference, Problem> {
    projects::reference(session, project.id, name)
        .await?
        .ok_or_else(|| Problem::not_found("such ref"))
}

async fn reference_names(
    session: &mut Session,
    builds: &[Build],
) -> Result<std::collections::HashMap<i64, String>, Problem> {
    let mut ids: Vec<i64> = builds.iter().map(|build| build.reference_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let references = projects::references_by_ids(session, &ids).await?;
    Ok(references
        .into_iter()
        .map(|reference| (reference.id, reference.name))
        .collect())
}

/// The build of this id with its project and ref, if the caller may see it.
pub(super) async fn found(
    session: &mut Session,
    access: &Access,
    id: &str,
) -> Result<(Project, Reference, Build), Problem> {
    let missing = || Problem::not_found("such build");
    let build = builds::by_uuid(session, id).await?.ok_or_else(missing)?;
    let project = projects::by_id(session, build.project_id).await?;
    access
        .require_on(store::tokens::Action::Read, &project)
        .map_err(|_| missing())?;
    let reference = projects::reference_by_id(session, build.reference_id).await?;
    Ok((project, reference, build))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WaitQuery {
    /// Seconds to wait until it is finished, at most 60.
    #[serde(default)]
    wait: u64,
}

/// One build
#[utoipa::path(
    get, path = "/v1/builds/{id}", tag = "builds",
    params(("id" = String, Path), WaitQuery),
    responses(
        (status = 200, body = BuildAnswer),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn build(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<WaitQuery>,
) -> Result<Json<BuildAnswer>, Problem> {
    let (project, reference, build) = awaited(&service, &caller, &id, query.wait).await?;
    let mut session = service.database.read().await?;
    BuildAnswer::load(&service, &mut session, &project, &reference, build)
        .await
        .map(Json)
}

/// The build, finished or as it stands when the time is over; no connection is held meanwhile.
async fn awaited(
    service: &Service,
    access: &Access,
    id: &str,
    wait: u64,
) -> Result<(Project, Reference, Build), Problem> {
    let waiting = Waiting::begin(service, wait);
    let mut session = service.database.read().await?;
    let (project, reference, build) = found(&mut session, access, id).await?;
    drop(session);
    let build = waiting.until_finished(service, build).await?;
    Ok((project, reference, build))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct VerdictQuery {
    /// `json`, `text`, `table`, `markdown`, `sarif`, `junit`, `github`, `gitlab` or `csv`; else what `Accept` names.
    format: Option<String>,
    /// `strict`: a verdict that is no pass is an HTTP error, too.
    #[serde(default)]
    #[param(inline)]
    http: Http,
    /// Seconds to wait for the verdict, at most 60.
    #[serde(default)]
    wait: u64,
}

/// The verdict of a build
///
/// A verdict answers 200 whatever it says, unless `http=strict` is asked for: then fail and indeterminate are 422,
/// pending is 409, with the same body.
#[utoipa::path(
    get, path = "/v1/builds/{id}/verdict", tag = "gate",
    params(("id" = String, Path), VerdictQuery),
    responses(
        (status = 200, body = Object, description = "Schema `gate/1`, or the format that was asked for"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn verdict(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<VerdictQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rendering = verdicts::rendering(query.format.as_deref(), &headers)?;
    let (project, reference, build) = awaited(&service, &caller, &id, query.wait).await?;
    let mut session = service.database.read().await?;
    let verdict = verdicts::of_build(&service, &mut session, &project, &reference, &build).await?;
    Ok(verdicts::response(&verdict, rendering, query.http, &headers))
}

/// The whole report of a build: every finding, blocking or not, every component, the way to green
#[utoipa::path(
    get, path = "/v1/builds/{id}/report", tag = "builds",
    params(("id" = String, Path), VerdictQuery),
    responses(
        (status = 200, body = Object, description = "The format that was asked for"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn report(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<VerdictQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rendering = verdicts::rendering(query.format.as_deref(), &headers)?;
    let (_, _, build) = awaited(&service, &caller, &id, query.wait).await?;
    let id = judged(&build)?;
    let report = stored::report(&mut service.database.read().await?, id)
        .await?
        .report;
    documents::on_reader(&service, move || {
        Ok(verdicts::response(&report, rendering, query.http, &headers))
    })
    .await
}
