//! Advisories that people write here.

use advisories::{Advisory, osv};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::advisories::{self as stored, PreparedRecord, Put, WrittenAdvisory};
use store::audit_log::{self, Entry};
use store::db::Tx;
use store::tokens::Action;
use store::wake::Event;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Access, Caller};
use crate::extract::{IfMatch, List, Paging, Path, Payload, Query, etag};
use crate::problem::{Fault, Problem, ProblemDocument};
use crate::state::Service;

/// What ids begin with that we give.
const PREFIX: &str = "PLB-";

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(put, remove))
}

/// One advisory that was written here; `GET /v1/vulns/{id}` gives the record.
#[derive(Debug, Serialize, ToSchema)]
struct WrittenItem {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    modified: Timestamp,
    /// A withdrawn advisory opens no findings and closes those that it opened.
    withdrawn: bool,
    summary: String,
}

impl WrittenItem {
    fn of(row: WrittenAdvisory) -> Self {
        Self {
            id: row.identifier,
            modified: Timestamp::from_millis(row.modified),
            withdrawn: row.withdrawn.is_some(),
            summary: row.summary,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    cursor: Option<String>,
    limit: Option<i64>,
}

/// The advisories that were written here, by id
#[utoipa::path(
    get, path = "/v1/advisories", tag = "advisories", params(ListQuery),
    responses((status = 200, body = List<WrittenItem>))
)]
async fn list(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<List<WrittenItem>>, Problem> {
    caller.require(Action::Read)?;
    let paging = Paging::<String>::new(query.cursor.as_deref(), query.limit)?;
    let mut session = service.database.read().await?;
    let mut rows = stored::written(&mut session, paging.after.as_deref(), paging.rows()).await?;
    let next = paging.finish(&mut rows, |row| row.identifier.clone());
    Ok(Json(List {
        items: rows.into_iter().map(WrittenItem::of).collect(),
        next,
        total: None,
    }))
}

/// Write an advisory
///
/// The body is a record in the OSV schema. `modified` is set to now; an `id` is given where there is none. Every
/// project that has an affected version is judged again at once.
#[utoipa::path(
    post, path = "/v1/advisories", tag = "advisories",
    request_body(content = Object, description = "A record in the OSV schema, 1.x"),
    responses(
        (status = 201, body = Object, description = "The record as it is stored"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "There is a record with this id"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(service): State<Service>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    caller.require(Action::Admin)?;
    let mut fields = fields(&service, request).await?;
    fields.entry("id").or_insert_with(|| Value::String(new_id()));
    let now = service.now();
    let draft = Draft::read(fields, now)?;
    let mut tx = service.database.begin().await?;
    if stored::modified(&mut tx, &draft.id).await?.is_some() {
        return Err(taken(&draft.id));
    }
    store(&service, tx, &caller, draft, now).await
}

/// Write an advisory under an id, or its next state
///
/// One that is there already is changed only with its `ETag` in `If-Match`. With `withdrawn` set, the findings that it
/// opened close, and their history says why.
#[utoipa::path(
    put, path = "/v1/advisories/{id}", tag = "advisories",
    params(
        ("id" = String, Path),
        ("if-match" = Option<String>, Header, description = "The ETag of the state that is changed"),
    ),
    request_body(content = Object, description = "A record in the OSV schema, 1.x"),
    responses(
        (status = 200, body = Object, description = "The record as it is stored"),
        (status = 201, body = Object, description = "The record as it is stored"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "A feed carries a record with this id"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 428, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn put(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    if_match: IfMatch,
    request: Request,
) -> Result<Response, Problem> {
    caller.require(Action::Admin)?;
    let mut fields = fields(&service, request).await?;
    let said = fields.entry("id").or_insert_with(|| Value::String(id.clone()));
    if said.as_str() != Some(&id) {
        let fault = Fault::at("/id", format!("is not the `{id}` of the path"));
        return Err(Problem::invalid(
            "The record has another id than the path.",
            vec![fault],
        ));
    }
    let now = service.now();
    let draft = Draft::read(fields, now)?;
    let mut tx = service.database.begin().await?;
    if let Some(modified) = stored::modified(&mut tx, &id).await? {
        if_match.demand(&tag(modified))?;
    }
    store(&service, tx, &caller, draft, now).await
}

/// Take back an advisory that was written here
///
/// Its findings close. To keep it visible as withdrawn, PUT it with `withdrawn` instead.
#[utoipa::path(
    delete, path = "/v1/advisories/{id}", tag = "advisories",
    params(
        ("id" = String, Path),
        ("if-match" = Option<String>, Header, description = "The ETag of the state that is deleted"),
    ),
    responses(
        (status = 204),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 412, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    if_match: IfMatch,
) -> Result<StatusCode, Problem> {
    caller.require(Action::Admin)?;
    let now = service.now();
    let mut tx = service.database.begin().await?;
    if let Some(modified) = stored::modified(&mut tx, &id).await? {
        if_match.check(&tag(modified))?;
    }
    if !stored::remove(&mut tx, &id, now).await? {
        return Err(Problem::not_found("such advisory that was written here"));
    }
    note(&mut tx, &caller, "advisory.delete", &id, "", now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    Ok(StatusCode::NO_CONTENT)
}

fn tag(modified: i64) -> String {
    etag(&modified.to_string())
}

fn new_id() -> String {
    let random = uuid::Uuid::now_v7().simple().to_string().to_uppercase();
    format!(
        "{PREFIX}{}-{}",
        random.get(..12).unwrap_or_default(),
        random.get(24..).unwrap_or_default()
    )
}

fn taken(id: &str) -> Problem {
    Problem::conflict(format!(
        "There is a record `{id}` already. Choose another id; what was written here is changed with PUT."
    ))
}

async fn fields(service: &Service, request: Request) -> Result<Map<String, Value>, Problem> {
    let payload = Payload::read(request, service.settings.limits.body).await?;
    payload.json()
}

/// A record that may be stored.
struct Draft {
    id: String,
    json: Vec<u8>,
    prepared: PreparedRecord,
    summary: String,
}

impl Draft {
    fn read(mut fields: Map<String, Value>, now: Timestamp) -> Result<Self, Problem> {
        fields.insert("modified".to_owned(), Value::String(now.to_string()));
        let json = serde_json::to_vec(&fields).map_err(|_| Problem::internal())?;
        let refuse = |place: &str, why: String| {
            let mut problem = Problem::invalid(
                "The advisory cannot be stored as it is.",
                vec![Fault::at(place, why)],
            );
            problem.slug = "invalid-advisory";
            problem
        };
        let record = osv::Record::parse(&json).map_err(|error| refuse("", error.to_string()))?;
        let faults = faults(&record);
        if !faults.is_empty() {
            return Err(Problem {
                errors: faults,
                ..refuse("", String::new())
            });
        }
        let prepared = PreparedRecord::new(&json).map_err(|error| refuse("", error.to_string()))?;
        Ok(Self {
            id: record.id,
            json,
            prepared,
            summary: record.summary,
        })
    }
}

/// What a database may publish and the author, who is here, can mend.
fn faults(record: &osv::Record) -> Vec<Fault> {
    let (_, notes) = Advisory::compile(record);
    let mut faults: Vec<Fault> = notes
        .into_iter()
        .map(|note| Fault::at(&note.place, note.message))
        .collect();
    if record.affected.is_empty() {
        faults.push(Fault::at(
            "/affected",
            "names no package, so that nothing would ever be affected",
        ));
    }
    for (index, affected) in record.affected.iter().enumerate() {
        let known = affected
            .package
            .as_ref()
            .map(|package| ecosystems::by_name(&package.ecosystem));
        if let Some(None) = known {
            let place = format!("/affected/{index}/package/ecosystem");
            faults.push(Fault::at(&place, "is none whose versions can be compared here"));
        }
    }
    faults
}

async fn store(
    service: &Service,
    mut tx: Tx,
    access: &Access,
    draft: Draft,
    now: Timestamp,
) -> Result<Response, Problem> {
    let status = match stored::put(&mut tx, draft.prepared, now).await? {
        Put::Created => StatusCode::CREATED,
        Put::Changed => StatusCode::OK,
        Put::Elsewhere(_) => return Err(taken(&draft.id)),
    };
    note(&mut tx, access, "advisory.put", &draft.id, &draft.summary, now).await?;
    tx.commit().await?;
    service.wake.send(Event::Job).await;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::ETAG, tag(now.millis())),
    ];
    Ok((status, headers, draft.json).into_response())
}

async fn note(
    tx: &mut Tx,
    access: &Access,
    action: &str,
    id: &str,
    detail: &str,
    now: Timestamp,
) -> Result<(), Problem> {
    let entry = Entry {
        actor: &access.actor,
        action,
        object: id,
        detail,
    };
    audit_log::append(tx, &entry, now).await?;
    Ok(())
}
