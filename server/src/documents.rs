//! Uploaded documents: taken from a request within bounds, read on a thread of their own.
//!
//! A document that lists components is read here. A lockfile, an archive or a repository is only told apart here:
//! a worker reads it.

use audit::quality::{self, Quality};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::header;
use bytes::Bytes;
use inventory::formats::{self, ReadError, ReadErrorKind};
use inventory::{Inventory, Level, Notice};
use store::inventories::PreparedInventory;
use store::sources::Origin;
use tokio::sync::OwnedSemaphorePermit;

mod names;
mod origin;

use origin::{read_at_once, read_or_tell_apart};

use crate::extract::Payload;
use crate::problem::{Fault, Problem};
use crate::state::Service;

/// The name of the part, in a form of several, that holds the document.
const PART: &str = "file";
/// More than any form of ours has.
const MOST_PARTS: usize = 20;

/// A file with the name that its sender gave it.
#[derive(Debug)]
pub(crate) struct NamedFile {
    pub name: Option<String>,
    pub bytes: Bytes,
}

/// A document that could be read.
#[derive(Debug)]
pub(crate) struct ReadDocument {
    /// SHA-256 of the bytes after `Content-Encoding`, hexadecimal.
    pub digest: String,
    pub size: i64,
    /// Of a source: nothing yet.
    pub inventory: Inventory,
    pub notices: Vec<Notice>,
    /// What a worker is to read; `None` for a document that lists its components.
    pub origin: Option<Origin>,
    /// What a repository is read with.
    pub token: Option<String>,
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
    /// The name that its sender gave it.
    pub name: Option<String>,
    /// Further files of the same build.
    pub more: Vec<NamedFile>,
    _held: Option<OwnedSemaphorePermit>,
}

impl From<Bytes> for SentDocument {
    fn from(bytes: Bytes) -> Self {
        Self {
            bytes,
            name: None,
            more: Vec::new(),
            _held: None,
        }
    }
}

/// The document of a request: the body, or the parts `file` of a form.
pub(crate) async fn of_request(service: &Service, request: Request) -> Result<SentDocument, Problem> {
    let (payload, held) = payload(service, request).await?;
    if payload.media_type() == "multipart/form-data" {
        let mut form = Form::read(&payload).await?;
        return form.take_document(held, "The form's file is empty; send the document itself.");
    }
    if payload.bytes.is_empty() {
        return Err(not_a_document("The body is empty; send the document itself."));
    }
    Ok(SentDocument {
        name: names::of_disposition(&payload.headers),
        bytes: payload.bytes,
        more: Vec::new(),
        _held: held,
    })
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
    let document = form.take_document(held, "No file was chosen, or it is empty.")?;
    Ok((document, form))
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

/// A form with documents and further fields.
#[derive(Debug, Default)]
pub(crate) struct Form {
    pub files: Vec<NamedFile>,
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// Reads `multipart/form-data`.
    pub async fn read(payload: &Payload) -> Result<Self, Problem> {
        let mut parts = parts_of(payload).await?;
        let mut form = Self::default();
        for _ in 0..MOST_PARTS {
            let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? else {
                break;
            };
            let name = part.name().unwrap_or_default().to_owned();
            let file = part
                .file_name()
                .filter(|name| !name.is_empty())
                .map(str::to_owned);
            let bytes = part.bytes().await.map_err(|error| broken(&error))?;
            if name == PART {
                form.files.push(NamedFile { name: file, bytes });
            } else {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                form.fields.push((name, text));
            }
        }
        // A browser sends a part without name or content for a field in which nothing was chosen.
        form.files
            .retain(|file| !file.bytes.is_empty() || file.name.is_some());
        if form.files.is_empty() {
            let text = "The form has no part named `file` with something in it; put the document there.";
            return Err(not_a_document(text));
        }
        Ok(form)
    }

    /// The documents of the form as what one build is made of.
    fn take_document(
        &mut self,
        held: Option<OwnedSemaphorePermit>,
        when_empty: &str,
    ) -> Result<SentDocument, Problem> {
        let mut files = std::mem::take(&mut self.files).into_iter();
        let first = files.next().filter(|file| !file.bytes.is_empty());
        let first = first.ok_or_else(|| not_a_document(when_empty))?;
        Ok(SentDocument {
            bytes: first.bytes,
            name: first.name,
            more: files.collect(),
            _held: held,
        })
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
    on_reader(service, move || read_at_once(document, &limits)).await
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
        let (read, bytes) = read_or_tell_apart(document, &limits)?;
        if is_strict {
            refuse_warnings(&read.notices)?;
        }
        documents.put(&read.digest, &bytes)?;
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
        origin: None,
        token: None,
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
