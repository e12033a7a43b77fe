//! Uploaded documents: taken from a request within bounds, read on a thread of their own.

use audit::quality::{self, Quality};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::header;
use bytes::Bytes;
use inventory::formats::{self, ReadError, ReadErrorKind};
use inventory::{Inventory, Level, Notice};
use store::inventories::PreparedInventory;

use tokio::sync::OwnedSemaphorePermit;

use crate::extract::Payload;
use crate::problem::{Fault, Problem};
use crate::state::Service;

/// The name of the part, in a form of several, that holds the document.
const PART: &str = "file";
/// More than any form of ours has.
const MOST_PARTS: usize = 20;

/// A document that could be read.
#[derive(Debug)]
pub(crate) struct ReadDocument {
    /// SHA-256 of the bytes after `Content-Encoding`, hexadecimal.
    pub digest: String,
    pub size: i64,
    pub inventory: Inventory,
    pub notices: Vec<Notice>,
}

/// A document that was read, kept under its digest, and made ready for the database.
#[derive(Debug)]
pub(crate) struct KeptDocument {
    pub read: ReadDocument,
    pub prepared: PreparedInventory,
    pub quality: Quality,
}

/// The bytes of a document as they were sent; while they are held, they count among the uploads.
#[derive(Debug)]
pub(crate) struct SentDocument {
    pub bytes: Bytes,
    _held: Option<OwnedSemaphorePermit>,
}

impl From<Bytes> for SentDocument {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, _held: None }
    }
}

/// The one document of a request: the body, or the part `file` of a form.
pub(crate) async fn of_request(service: &Service, request: Request) -> Result<SentDocument, Problem> {
    let (payload, held) = payload(service, request).await?;
    let bytes = if payload.media_type() == "multipart/form-data" {
        Form::read(&payload).await?.document
    } else {
        payload.bytes
    };
    if bytes.is_empty() {
        return Err(not_a_document("The body is empty; send the SBOM itself."));
    }
    Ok(SentDocument { bytes, _held: held })
}

/// The document of a form of ours, and the form's other fields.
pub(crate) async fn of_form(service: &Service, request: Request) -> Result<(SentDocument, Form), Problem> {
    let (payload, held) = payload(service, request).await?;
    if payload.media_type() != "multipart/form-data" {
        return Err(Problem::unsupported_media_type(
            "The form must be sent as multipart/form-data.",
        ));
    }
    let mut form = Form::read(&payload).await?;
    let bytes = std::mem::take(&mut form.document);
    if bytes.is_empty() {
        return Err(not_a_document("No file was chosen, or it is empty."));
    }
    Ok((SentDocument { bytes, _held: held }, form))
}

/// A body that may be as large as a document, when it is its turn.
async fn payload(
    service: &Service,
    request: Request,
) -> Result<(Payload, Option<OwnedSemaphorePermit>), Problem> {
    // The semaphore is never closed.
    let held = service.uploads.clone().acquire_owned().await.ok();
    let payload = Payload::read(request, service.settings.limits.document).await?;
    Ok((payload, held))
}

fn not_a_document(detail: &str) -> Problem {
    Problem::unreadable(
        "not-an-sbom",
        "This is not a bill of materials",
        Fault::at("", detail),
    )
}

/// A form with one document and further fields.
#[derive(Debug, Default)]
pub(crate) struct Form {
    pub document: Bytes,
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Reads `multipart/form-data`.
    pub async fn read(payload: &Payload) -> Result<Self, Problem> {
        let mut parts = parts_of(payload).await?;
        let mut form = Self::default();
        let mut documents = 0;
        for _ in 0..MOST_PARTS {
            let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? else {
                break;
            };
            let name = part.name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(|error| broken(&error))?;
            if name == PART {
                documents += 1;
                form.document = bytes;
            } else {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                form.fields.push((name, text));
            }
        }
        match documents {
            1 => Ok(form),
            0 => Err(not_a_document(
                "The form has no part named `file`; put the SBOM there.",
            )),
            _ => Err(Problem::invalid(
                "Several documents in one build will come with source archives; send one `file` for now.",
                Vec::new(),
            )),
        }
    }

    /// The value of a field; empty when it was not sent.
    pub fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.trim())
    }
}

async fn parts_of(payload: &Payload) -> Result<Multipart, Problem> {
    let mut request = Request::new(axum::body::Body::from(payload.bytes.clone()));
    if let Some(kind) = payload.headers.get(header::CONTENT_TYPE) {
        request.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    // The payload was held to its own limit.
    DefaultBodyLimit::disable().apply(&mut request);
    Multipart::from_request(request, &())
        .await
        .map_err(|rejection| Problem::bad_request(rejection.body_text()))
}

fn broken(error: &axum::extract::multipart::MultipartError) -> Problem {
    Problem::bad_request(format!("The form is broken: {}", error.body_text()))
}

/// Reads a document without keeping anything of it.
pub(crate) async fn read(service: &Service, document: SentDocument) -> Result<ReadDocument, Problem> {
    let limits = limits(service);
    on_reader(service, move || read_now(&document.bytes, &limits)).await
}

/// Reads a document and keeps its bytes; once this returns they survive a crash.
///
/// Strictly means that what would be a warning about the document refuses it.
pub(crate) async fn keep(
    service: &Service,
    document: SentDocument,
    is_strict: bool,
) -> Result<KeptDocument, Problem> {
    let limits = limits(service);
    let documents = service.documents.clone();
    on_reader(service, move || {
        let read = read_now(&document.bytes, &limits)?;
        if is_strict {
            refuse_warnings(&read.notices)?;
        }
        documents.put(&read.digest, &document.bytes)?;
        let prepared = PreparedInventory::new(&read.inventory)?;
        let quality = quality::quality(&read.inventory);
        Ok(KeptDocument {
            read,
            prepared,
            quality,
        })
    })
    .await
}

fn limits(service: &Service) -> formats::Limits {
    formats::Limits {
        inflated: service.settings.limits.document,
        ..formats::Limits::default()
    }
}

fn read_now(document: &[u8], limits: &formats::Limits) -> Result<ReadDocument, Problem> {
    let (inventory, notices) = formats::read(document, limits).map_err(|error| refused(&error))?;
    Ok(ReadDocument {
        digest: store::documents::digest(document),
        size: i64::try_from(document.len()).unwrap_or(i64::MAX),
        inventory,
        notices,
    })
}

/// A 422 that names the place of everything that a person should look at.
fn refuse_warnings(notices: &[Notice]) -> Result<(), Problem> {
    let faults: Vec<_> = notices
        .iter()
        .filter(|notice| notice.level == Level::Warn)
        .map(|notice| Fault::at(&notice.place, format!("{} ({})", notice.text, notice.code)))
        .collect();
    let Some(first) = faults.first() else {
        return Ok(());
    };
    let title = "The document has mistakes";
    let mut problem = Problem::unreadable("document-mistakes", title, first.clone());
    problem.detail = format!(
        "strict=true refuses what would otherwise be {} warnings. Mend them, or send the document without strict.",
        faults.len()
    );
    problem.errors = faults;
    Err(problem)
}

/// Does processor work on a thread where it holds nobody up, a bounded number at a time.
pub(crate) async fn on_reader<T: Send + 'static>(
    service: &Service,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let permit = service.readers.clone().acquire_owned().await;
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    done.await.map_err(|error| {
        tracing::error!(error = %error, "reading a document ended early; its sender was told that it is our defect");
        Problem::internal()
    })?
}

/// Too large is a 413; all else that cannot be read is a 422 that names the place.
fn refused(error: &ReadError) -> Problem {
    let fault = Fault::at(&error.place, error.message.clone());
    match error.kind {
        ReadErrorKind::TooLarge => {
            let mut problem = Problem::too_large(format!("Too large: {}.", error.message));
            problem.errors = vec![fault];
            problem
        }
        ReadErrorKind::NotAnSbom => {
            Problem::unreadable("not-an-sbom", "This is not a bill of materials", fault)
        }
        ReadErrorKind::UnsupportedFormat => {
            Problem::unreadable("unsupported-format", "This format is not read", fault)
        }
        ReadErrorKind::Malformed => {
            Problem::unreadable("malformed-document", "The document is broken", fault)
        }
    }
}
