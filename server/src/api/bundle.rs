//! All feeds as one file, for places that no network reaches.

use std::fs::File;
use std::io::Write;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use store::audit_log;
use store::bundle::{self, BundleError, Imported, Outcome, Verified};
use store::tokens::Action;
use store::wake::Event;
use tokio::io::AsyncReadExt;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::Query;
use crate::problem::{Fault, Problem, ProblemDocument};
use crate::state::Service;

/// The largest bundle that is taken.
const LARGEST: u64 = 8 << 30;
/// Bytes that are read from the file at a time.
const PIECE: usize = 1 << 16;
const DIGEST: HeaderName = HeaderName::from_static("x-sha256");

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(export, import))
}

/// Every loaded feed in one file
///
/// The header `X-Sha256` is the digest of the whole file, for comparison at the other end. Advisories that were
/// written here are not in it.
#[utoipa::path(
    get, path = "/v1/feeds/bundle", tag = "advisories",
    responses(
        (status = 200, content_type = "application/x-tar", body = String, description = "A tar archive"),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "Nothing is loaded"),
    )
)]
async fn export(State(service): State<Service>, caller: Caller) -> Result<Response, Problem> {
    caller.require(Action::Admin)?;
    let now = service.now();
    let file = temporary()?;
    let written = file.try_clone().map_err(|error| disk(&error))?;
    let exported = bundle::export(&service.database, written, now)
        .await
        .map_err(problem)?;
    let name = format!("attachment; filename=\"plumbline-feeds-{}.tar\"", now.date());
    let mut response = streamed(file).await?.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-tar"),
    );
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(exported.bytes));
    for (name, value) in [(header::CONTENT_DISPOSITION, name), (DIGEST, exported.sha256)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

async fn streamed(mut file: File) -> Result<Body, Problem> {
    std::io::Seek::rewind(&mut file).map_err(|error| disk(&error))?;
    let file = tokio::fs::File::from_std(file);
    let pieces = stream::unfold(file, |mut file| async {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok(Bytes::from(piece)), file))
            }
            Err(error) => Some((Err(error), file)),
        }
    });
    Ok(Body::from_stream(pieces))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// Takes over feeds that are older than what is stored, or that lost suspiciously much.
    #[serde(default)]
    force: bool,
    /// The SHA-256 that the whole file must have, in hexadecimal.
    sha256: Option<String>,
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
struct ImportReport {
    /// Of the whole file.
    sha256: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    feeds: Vec<ImportedFeed>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ImportedFeed {
    feed: String,
    /// `taken`, `not_newer` or `not_for_here`.
    outcome: &'static str,
    added: usize,
    changed: usize,
    dropped: usize,
}

impl ImportedFeed {
    fn of(imported: Imported) -> Self {
        let (outcome, added, changed, dropped) = match imported.outcome {
            Outcome::Taken {
                added,
                changed,
                dropped,
            } => ("taken", added, changed, dropped),
            Outcome::NotNewer => ("not_newer", 0, 0, 0),
            Outcome::NotForHere => ("not_for_here", 0, 0, 0),
        };
        Self {
            feed: imported.feed,
            outcome,
            added,
            changed,
            dropped,
        }
    }
}

/// Take over feeds from a bundle
///
/// Every part is compared with the manifest's digests before anything is taken over. Feeds keep the age that they had
/// where the bundle was made.
#[utoipa::path(
    post, path = "/v1/feeds/bundle", tag = "advisories",
    params(ImportQuery),
    request_body(content = String, content_type = "application/x-tar", description = "What GET answered, at a place with a network"),
    responses(
        (status = 200, body = ImportReport),
        (status = 403, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 413, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 422, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn import(
    State(service): State<Service>,
    caller: Caller,
    Query(query): Query<ImportQuery>,
    body: Body,
) -> Result<Json<ImportReport>, Problem> {
    caller.require(Action::Admin)?;
    let file = received(body).await?;
    let checked = tokio::task::spawn_blocking(move || bundle::verify(file)).await;
    let verified = checked.map_err(|_| Problem::internal())?.map_err(problem)?;
    demand(&query, &verified)?;
    // Once it is verified it is taken over whole, even when the caller hangs up.
    let actor = caller.actor.clone();
    let importing = tokio::spawn(take(service, actor, verified, query.force));
    importing.await.map_err(|_| Problem::internal())?.map(Json)
}

fn demand(query: &ImportQuery, verified: &Verified) -> Result<(), Problem> {
    match &query.sha256 {
        Some(wanted) if !wanted.eq_ignore_ascii_case(&verified.sha256) => Err(Problem::bad_parameter(
            "sha256",
            format!("the file that arrived has the digest {}", verified.sha256),
        )),
        _ => Ok(()),
    }
}

async fn take(
    service: Service,
    actor: String,
    verified: Verified,
    force: bool,
) -> Result<ImportReport, Problem> {
    let now = service.now();
    let sha256 = verified.sha256.clone();
    let created_at = verified.manifest.created_at;
    let imported = bundle::import(&service.database, verified, force, now).await;
    service.wake.send(Event::Job).await;
    let imported = imported.map_err(problem)?;
    let mut tx = service.database.begin().await?;
    let detail = format!("{} feeds of {created_at}", imported.len());
    let entry = audit_log::Entry {
        actor: &actor,
        action: "feed.import",
        object: &sha256,
        detail: &detail,
    };
    audit_log::append(&mut tx, &entry, now).await?;
    tx.commit().await?;
    Ok(ImportReport {
        sha256,
        created_at,
        feeds: imported.into_iter().map(ImportedFeed::of).collect(),
    })
}

/// The body in a temporary file; a bundle is larger than what is held in memory.
async fn received(body: Body) -> Result<File, Problem> {
    let mut file = temporary()?;
    let mut room = LARGEST;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Problem::bad_request("The body broke off; send it again."))?;
        room = room
            .checked_sub(piece.len() as u64)
            .ok_or_else(|| Problem::too_large(format!("A bundle has at most {LARGEST} bytes.")))?;
        file.write_all(&piece).map_err(|error| disk(&error))?;
    }
    std::io::Seek::rewind(&mut file).map_err(|error| disk(&error))?;
    Ok(file)
}

fn temporary() -> Result<File, Problem> {
    tempfile::tempfile().map_err(|error| disk(&error))
}

fn disk(error: &std::io::Error) -> Problem {
    tracing::error!(error = %error, "a temporary file for a bundle could not be used; the caller was told that it is our defect");
    Problem::internal()
}

fn problem(error: BundleError) -> Problem {
    match error {
        BundleError::Broken(_) | BundleError::Refused { .. } => Problem {
            slug: "invalid-bundle",
            ..Problem::invalid(
                format!("The bundle was not taken over: {error}."),
                vec![Fault::at("", error.to_string())],
            )
        },
        BundleError::Empty => {
            Problem::conflict("No feed has been loaded yet: there is nothing to put into a bundle.")
        }
        BundleError::Store(error) => error.into(),
        BundleError::Io(error) => disk(&error),
        BundleError::Interrupted => Problem::internal(),
    }
}
