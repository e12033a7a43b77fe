//! Waivers: decisions of people that something shall not stop a build.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use policy::{Day, Waiver};
use serde::{Deserialize, Serialize};
use store::db::Session;
use store::waivers::{self, Filter, Shelf, StoredWaiver, Use, UseSummary, WaiverState};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Access, Caller};
use crate::decisions::waivers::{self as decide, Asked, Edit};
use crate::extract::{IfMatch, List, Paging, Path, Payload, Query, etag, not_modified, project};
use crate::problem::{Fault, Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, revoke))
        .routes(routes!(of_project))
        .routes(routes!(propose))
}

/// A waiver with what became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Waiver)]
pub(crate) struct WaiverView {
    /// `id, vulnerability, rule, license, purl, projects, refs, paths, status, justification, reason, ticket, expires_on,
    /// requested_by, approved_by, created_at, pins`; docs/waivers.md says what they mean.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    waiver: Waiver,
    /// `active`, `pending`, `rejected`, `revoked`; an active one whose last day is over is `expired`.
    state: String,
    /// `api`, `page` or `file`.
    origin: String,
    /// What was looked at: `name@version`.
    #[serde(skip_serializing_if = "String::is_empty")]
    decided_on: String,
    /// Who approved, rejected or revoked it last, and why it was rejected or revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_because: Option<String>,
    revision: i64,
    /// Findings and other matters that it covers in the last verdicts of all refs.
    covers: i64,
    /// It was asked and covers nothing.
    unused: bool,
    /// Something that it covered has changed, and is open again.
    stale: bool,
    /// Where it was asked; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    uses: Option<Vec<UseItem>>,
}

/// What became of a waiver on one ref.
#[derive(Debug, Serialize, ToSchema)]
struct UseItem {
    project: String,
    #[serde(rename = "ref")]
    reference: String,
    /// `applied`, `unused`, `stale`, `expired` or `unapproved`.
    outcome: String,
    matters: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl WaiverView {
    pub(crate) fn new(stored: &StoredWaiver, uses: &[Use], today: Day) -> Result<Self, store::Error> {
        let summary = UseSummary::of(uses);
        let over = stored.state == WaiverState::Active.word() && stored.is_over(today);
        Ok(Self {
            waiver: stored.waiver()?,
            state: if over {
                "expired".to_owned()
            } else {
                stored.state.clone()
            },
            origin: stored.origin.clone(),
            decided_on: stored.decided_on.clone(),
            decided_by: stored.decided_by.clone(),
            decided_because: stored.decided_because.clone(),
            revision: stored.revision,
            covers: summary.matters,
            unused: summary.is_unused(),
            stale: summary.stale,
            uses: None,
        })
    }

    async fn whole(
        session: &mut Session,
        access: &Access,
        stored: &StoredWaiver,
        today: Day,
    ) -> Result<Self, Problem> {
        let uses = waivers::uses(session, &[stored.id])
            .await?
            .remove(&stored.id)
            .unwrap_or_default();
        let view = Self::new(stored, &uses, today)?;
        // Whoever sees one project only does not learn where else it holds.
        let shown = access.project.is_none().then(|| {
            uses.into_iter()
                .map(|used| UseItem {
                    project: used.project,
                    reference: used.reference,
                    outcome: used.outcome,
                    matters: used.matters,
                    at: Timestamp::from_millis(used.at),
                })
                .collect()
        });
        Ok(Self { uses: shown, ..view })
    }

    fn etag(&self) -> String {
        etag(&self.revision.to_string())
    }

    fn response(self, status: StatusCode) -> Response {
        (status, [(header::ETAG, self.etag())], Json(self)).into_response()
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `active` (default), `pending`, `expiring` (within 14 days), `expired`, `unused`, `stale`, `closed` or `all`.
    state: Option<String>,
    /// Those that hold in this project.
    project: Option<String>,
    /// Any part of the waiver.
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// The shelf of this name.
pub(crate) fn shelf(word: Option<&str>) -> Result<Shelf, Problem> {
    Ok(match word {
        None | Some("active") => Shelf::Active,
        Some("pending") => Shelf::Pending,
        Some("expiring") => Shelf::Ending,
        Some("expired") => Shelf::Expired,
        Some("unused") => Shelf::Unused,
        Some("stale") => Shelf::Stale,
        Some("closed") => Shelf::Closed,
        Some("all") => Shelf::All,
        Some(_) => {
            let why = "must be active, pending, expiring, expired, unused, stale, closed or all";
            return Err(Problem::bad_parameter("state", why));
        }
    })
}

/// Waivers, newest first
#[utoipa::path(
    get, path = "/v1/waivers", tag = "waivers", params(ListQuery),
    responses(
        (status = 200, body = List<WaiverView>),
        (status = 401, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<WaiverView>>, Problem> {
    caller.require_any()?;
    let mut session = service.database.read().await?;
    let within = match &query.project {
        Some(name) => Some(project(&mut session, &caller, name).await?.id),
        None => caller.project,
    };
    Ok(Json(listed(&service, &mut session, &query, within).await?))
}

async fn listed(
    service: &Service,
    session: &mut Session,
    query: &ListQuery,
    project: Option<i64>,
) -> Result<List<WaiverView>, Problem> {
    let paging = Paging::<i64>::new(query.cursor.as_deref(), query.limit)?;
    let filter = Filter {
        shelf: shelf(query.state.as_deref())?,
        project,
        text: query.q.clone(),
    };
    let today = Day::of(service.now());
    let mut rows = waivers::page(session, &filter, today, paging.after, paging.rows()).await?;
    let next = paging.finish(&mut rows, |row| row.id);
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let uses = waivers::uses(session, &ids).await?;
    let items = rows.iter().map(|row| {
        let uses = uses.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        WaiverView::new(row, uses, today)
    });
    Ok(List {
        items: items.collect::<Result<_, _>>()?,
        next,
        total: None,
    })
}

/// Waivers that hold in a project, newest first
#[utoipa::path(
    get, path = "/v1/projects/{project}/waivers", tag = "waivers",
    params(("project" = String, Path, description = "`team/name`, percent-encoded, or the id"), ListQuery),
    responses(
        (status = 200, body = List<WaiverView>),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn of_project(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<WaiverView>>, Problem> {
    let mut session = service.database.read().await?;
    let found = project(&mut session, &caller, &name).await?;
    Ok(Json(
        listed(&service, &mut session, &query, Some(found.id)).await?,
    ))
}

/// Waive something
///
/// It holds at once, or is `pending` where the policy wants a second person. What it covers is judged again at once. It
/// remembers what it covers looks like today: another severity, a fix, known exploitation or another license re-opens it.
#[utoipa::path(
    post, path = "/v1/waivers", tag = "waivers",
    request_body(content = Object, description = "docs/waivers.md says what it may hold"),
    responses(
        (status = 201, body = WaiverView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(service): State<Service>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let asked = Asked {
        waiver: payload.json()?,
        origin: "api",
        decided_on: String::new(),
    };
    let stored = decide::create(&service, &caller, asked).await?;
    let view = WaiverView::new(&stored, &[], Day::of(service.now()))?;
    Ok(view.response(StatusCode::CREATED))
}

/// One waiver, with what became of it on each ref
#[utoipa::path(
    get, path = "/v1/waivers/{id}", tag = "waivers",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = WaiverView),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn get(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let stored = decide::find(&mut session, &caller, &id).await?;
    let view = WaiverView::whole(&mut session, &caller, &stored, Day::of(service.now())).await?;
    if not_modified(&headers, &view.etag()) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, view.etag())]).into_response());
    }
    Ok(view.response(StatusCode::OK))
}

/// What is to be changed of a waiver; what it names and where it holds never change.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct ChangeBody {
    reason: Option<String>,
    ticket: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    expires_on: Option<Day>,
    /// `active` approves, `rejected` and `revoked` end it.
    state: Option<String>,
    /// Why it is rejected or revoked.
    because: Option<String>,
}

/// Approve, reject, revoke or change a waiver
///
/// Who asked for a waiver cannot approve it where the policy wants four eyes. A changed end or reason must then be approved
/// anew.
#[utoipa::path(
    patch, path = "/v1/waivers/{id}", tag = "waivers",
    params(
        ("id" = String, Path),
        ("if-match" = Option<String>, Header, description = "The ETag of the state that is changed"),
    ),
    request_body = ChangeBody,
    responses(
        (status = 200, body = WaiverView),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn change(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    if_match: IfMatch,
    request: Request,
) -> Result<Response, Problem> {
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let body: ChangeBody = payload.json()?;
    let mut session = service.database.read().await?;
    let stored = decide::find(&mut session, &caller, &id).await?;
    drop(session);
    if_match.check(&etag(&stored.revision.to_string()))?;
    let state = match body.state.as_deref() {
        None => None,
        Some(word) => match WaiverState::of(word) {
            Some(state) if state != WaiverState::Pending => Some(state),
            _ => {
                let fault = Fault::at("/state", "must be active, rejected or revoked");
                return Err(Problem::invalid("The change is not understood.", vec![fault]));
            }
        },
    };
    let edit = Edit {
        reason: body.reason,
        ticket: body.ticket,
        expires_on: body.expires_on,
        state,
        because: body.because,
    };
    let changed = decide::change(&service, &caller, &stored, edit).await?;
    let mut session = service.database.read().await?;
    let view = WaiverView::whole(&mut session, &caller, &changed, Day::of(service.now())).await?;
    Ok(view.response(StatusCode::OK))
}

/// Revoke a waiver; it stays for the record
#[utoipa::path(
    delete, path = "/v1/waivers/{id}", tag = "waivers",
    params(
        ("id" = String, Path),
        ("if-match" = Option<String>, Header, description = "The ETag of the state that is revoked"),
    ),
    responses(
        (status = 204),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn revoke(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    let mut session = service.database.read().await?;
    let stored = decide::find(&mut session, &caller, &id).await?;
    drop(session);
    if_match.check(&etag(&stored.revision.to_string()))?;
    let edit = Edit {
        state: Some(WaiverState::Revoked),
        ..Edit::default()
    };
    decide::change(&service, &caller, &stored, edit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What became of the proposals of a file.
#[derive(Debug, Default, Serialize, ToSchema)]
struct Proposals {
    /// Made from the file just now.
    created: Vec<WaiverView>,
    /// In the file, and known already: pending, active, or rejected.
    known: usize,
}

/// Propose waivers from a file in the repository
///
/// The body is `.sbom-gate.toml`: a list `[[waivers]]` with the keys of a waiver, for this project only. Each is pending
/// until somebody approves it, unless the policy says otherwise (`waivers.from_repository`). What was proposed before, and
/// approved or rejected, is not proposed again.
#[utoipa::path(
    post, path = "/v1/projects/{project}/waivers/proposals", tag = "waivers",
    params(("project" = String, Path, description = "`team/name`, percent-encoded, or the id")),
    request_body(content = String, content_type = "application/toml"),
    responses(
        (status = 200, body = Proposals),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn propose(
    State(service): State<Service>,
    caller: Caller,
    Path(name): Path<String>,
    request: Request,
) -> Result<Json<Proposals>, Problem> {
    let payload = Payload::read(request, service.settings.limits.body).await?;
    let proposed = proposals(&payload)?;
    let made = decide::propose(&service, &caller, &name, proposed).await?;
    let today = Day::of(service.now());
    let created = made
        .created
        .iter()
        .map(|stored| WaiverView::new(stored, &[], today));
    Ok(Json(Proposals {
        created: created.collect::<Result<_, _>>()?,
        known: made.known,
    }))
}

fn proposals(payload: &Payload) -> Result<Vec<Waiver>, Problem> {
    let unreadable = |place: &str, why: &str| {
        let colon = if place.is_empty() { "" } else { ": " };
        let detail = format!("The file is not valid: {place}{colon}{why}.");
        let mut problem = Problem::invalid(detail, vec![Fault::at(place, why)]);
        problem.slug = "invalid-proposals";
        problem
    };
    let text = str::from_utf8(&payload.bytes).map_err(|_| unreadable("", "it is not UTF-8"))?;
    policy::read_waivers(text).map_err(|error| unreadable(&error.place, &error.message))
}
