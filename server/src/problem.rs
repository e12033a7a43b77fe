//! Errors as RFC 9457 problem documents: what, where, how to mend; never internals.

use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// What a handler answers when it cannot answer what was asked.
///
/// On its own it is an empty response that carries itself; [`layers`](crate::layers) turns it into JSON, the pages
/// into HTML, both with the id of the request.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub status: StatusCode,
    /// The last segment of `type`: stable, for machines.
    pub slug: &'static str,
    pub title: &'static str,
    /// For people: what is wrong and how to mend it.
    pub detail: String,
    pub errors: Vec<Fault>,
    /// Seconds after which trying again may help.
    pub retry_after: Option<u32>,
}

/// One place where something is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Fault {
    /// A JSON pointer into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// A place in a text: `line 3, column 9`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The parameter of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    pub detail: String,
}

/// The body of every error: `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument<'a> {
    /// `/problems/SLUG`; the slug is stable.
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Fault],
    /// To quote when asking for help.
    request_id: &'a str,
    /// On the OSV API's own paths: the code that osv.dev answers with (as gRPC numbers them), …
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u8>,
    /// … and its message.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

impl Fault {
    /// A place as readers name it: a JSON pointer, a line, or nothing.
    pub fn at(place: &str, detail: impl Into<String>) -> Self {
        let is_pointer = place.starts_with('/');
        Self {
            pointer: is_pointer.then(|| place.to_owned()),
            line: (!is_pointer && !place.is_empty()).then(|| place.to_owned()),
            parameter: None,
            detail: detail.into(),
        }
    }

    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self {
            parameter: Some(name.to_owned()),
            detail: detail.into(),
            ..Self::default()
        }
    }
}

impl Problem {
    fn new(status: StatusCode, slug: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            slug,
            title,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// 400: the request as such cannot be understood.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        let title = "The request cannot be understood";
        Self::new(StatusCode::BAD_REQUEST, "bad-request", title, detail)
    }

    /// 400: one parameter of the query.
    pub fn bad_parameter(name: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let title = "A parameter of the query is wrong";
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "bad-query",
            title,
            format!("{name}: {detail}"),
        );
        problem.errors = vec![Fault::parameter(name, detail)];
        problem
    }

    /// 400: the query as a whole.
    pub fn bad_query(detail: impl Into<String>) -> Self {
        let title = "The query cannot be understood";
        Self::new(StatusCode::BAD_REQUEST, "bad-query", title, detail)
    }

    /// 401.
    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "A token is needed",
            detail,
        )
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "This is not allowed", detail)
    }

    /// 404: not there, or not for the caller's eyes; nobody can tell which.
    pub fn not_found(what: &str) -> Self {
        let detail = format!("There is no {what}, or the caller may not see it.");
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "There is nothing here",
            detail,
        )
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "This method does not apply here",
            "The path exists, but not with this method; see the Allow header.",
        )
    }

    /// 409.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "conflict",
            "It is not in a state that allows this",
            detail,
        )
    }

    /// 412: somebody else changed it first.
    pub fn precondition_failed(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "changed-meanwhile",
            "It was changed meanwhile",
            detail,
        )
    }

    /// 413.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The body is too large",
            detail,
        )
    }

    /// 415.
    pub fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "The body is of an unsupported kind",
            detail,
        )
    }

    /// 422: understood, but wrong.
    pub fn invalid(detail: impl Into<String>, errors: Vec<Fault>) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "What was sent is not valid",
            detail,
        );
        problem.errors = errors;
        problem
    }

    /// The detail with what is wrong where, in one line.
    pub fn in_words(&self) -> String {
        let faults: Vec<&str> = self.errors.iter().map(|fault| fault.detail.as_str()).collect();
        if faults.is_empty() {
            return self.detail.clone();
        }
        format!("{} {}", self.detail, faults.join("; "))
    }

    /// The same about a part of a larger document: pointers begin with the place of the part.
    pub fn within(mut self, place: &str) -> Self {
        for fault in &mut self.errors {
            if fault.pointer.is_some() || fault.parameter.is_none() {
                let below = fault.pointer.take().unwrap_or_default();
                fault.pointer = Some(format!("{place}{below}"));
            }
        }
        self
    }

    /// 422: no bill of materials that can be read.
    pub fn unreadable(slug: &'static str, title: &'static str, fault: Fault) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            slug,
            title,
            fault.detail.clone(),
        );
        problem.errors = vec![fault];
        problem
    }

    /// 428: a change without saying what it is a change of.
    pub fn precondition_required(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::PRECONDITION_REQUIRED,
            "precondition-required",
            "If-Match is needed",
            detail,
        )
    }

    /// 500: our defect; the log has the cause under the request's id.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side",
            "The request was fine. Please tell whoever runs this service, with the request id.",
        )
    }

    /// 503: it may work in a moment.
    pub fn busy(detail: impl Into<String>) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "The service is busy",
            detail,
        );
        problem.retry_after = Some(5);
        problem
    }

    /// 503: the answer would take too long.
    pub fn too_slow() -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too-slow",
            "This takes too long",
            "The answer was not ready in time. Narrow what is asked and try again.",
        );
        problem.retry_after = Some(5);
        problem
    }

    /// The problem that a response carries.
    pub fn of(response: &Response) -> Option<Arc<Self>> {
        response.extensions().get::<Arc<Self>>().cloned()
    }

    /// The response as API clients read it.
    pub fn json(&self, request_id: &str) -> Response {
        self.document(request_id, None)
    }

    /// The same, as clients of the OSV API read it, too.
    pub fn osv_json(&self, request_id: &str) -> Response {
        self.document(request_id, Some(grpc_code(self.status)))
    }

    fn document(&self, request_id: &str, code: Option<u8>) -> Response {
        let document = ProblemDocument {
            kind: format!("/problems/{}", self.slug),
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
            request_id,
            code,
            message: code.map(|_| self.detail.as_str()),
        };
        // Strings and numbers always have a JSON form.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        self.add_headers(&mut response);
        response
    }

    /// Headers that belong to the status, whatever the body is.
    pub fn add_headers(&self, response: &mut Response) {
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"plumbline\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
    }
}

/// The gRPC code that stands for a status.
fn grpc_code(status: StatusCode) -> u8 {
    match status.as_u16() {
        400 | 405 | 413 | 415 | 422 => 3,
        401 => 16,
        403 => 7,
        404 => 5,
        429 => 8,
        501 => 12,
        503 => 14,
        504 => 4,
        _ => 13,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Visitors never see what the store says; operators find it in the log, with the request's id around it.
impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        let cause = chain(&error);
        if error.is_transient() {
            tracing::warn!(error = %cause, "the database could not answer; the caller was told to try again");
            return Self::busy("The database could not answer in time. Try again in a moment.");
        }
        tracing::error!(error = %cause, "the store failed; the caller was told that it is our defect");
        Self::internal()
    }
}

/// An error with its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
