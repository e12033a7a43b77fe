//! What happens around every request: an id, a log line, numbers, limits, headers, and problems made readable.

use std::any::Any;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tracing::Instrument;
use uuid::Uuid;

use crate::problem::Problem;
use crate::state::Service;
use crate::{metrics, pages};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Pages load our own files and nothing else; nobody may frame them.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The id that logs, headers and problems carry.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub String);

/// Wraps the routes; the last layer is the outermost.
pub(crate) fn around(routes: Router<Service>, service: &Service) -> Router<Service> {
    routes
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(service.clone(), present))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(service.clone(), observe))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the layer's interface hands the payload over"
)]
fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(
        panic = what,
        "a handler panicked; the caller was told that it is our defect"
    );
    Problem::internal().into_response()
}

/// Names the request, bounds its time, and writes down how it ended.
async fn observe(State(service): State<Service>, mut request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().to_string();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", request_id = %id, %method, route);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();
    metrics::request(&method, &route, response.status().as_u16(), took);
    span.in_scope(|| {
        tracing::debug!(
            status = response.status().as_u16(),
            took_ms = took.as_millis(),
            "request answered"
        );
    });
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    guard(&service, response.headers_mut());
    response
}

/// Headers that keep browsers from doing more with an answer than was meant.
fn guard(service: &Service, headers: &mut HeaderMap) {
    // A document that carries its own style brings a policy of its own, which is stricter in everything else.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if service.settings.secure_cookies {
        let value = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
}

/// Whether a path is for programs, who read JSON, and not for people, who read pages.
fn is_for_programs(path: &str) -> bool {
    ["/v1/", "/api/", "/npm/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
        || matches!(
            path,
            "/v1" | "/healthz" | "/readyz" | "/metrics" | "/openapi.json"
        )
}

/// The OSV API's own paths, whose errors have a `code` and a `message`, too.
fn is_for_osv_clients(path: &str) -> bool {
    matches!(path, "/v1/query" | "/v1/querybatch") || path.starts_with("/v1/vulns/")
}

/// Turns the problem that a response carries into something to read: JSON for programs, a page for people.
async fn present(State(service): State<Service>, request: Request, next: Next) -> Response {
    let id = request
        .extensions()
        .get::<RequestId>()
        .map_or_else(String::new, |id| id.0.clone());
    let seen = Seen::of(&request);
    if let Some(problem) = seen.is_foreign_form() {
        return seen.problem_page(&service, &problem, &id).await;
    }
    let limit = seen.limit(&service);
    let Ok(mut response) = tokio::time::timeout(limit, next.run(request)).await else {
        let problem = Problem::too_slow();
        return seen.readable(&service, &problem, &id).await;
    };
    let Some(problem) = Problem::of(&response) else {
        return response;
    };
    let mut readable = seen.readable(&service, &problem, &id).await;
    response.headers_mut().remove(header::CONTENT_LENGTH);
    for (name, value) in response.headers() {
        if !readable.headers().contains_key(name) {
            readable.headers_mut().append(name, value.clone());
        }
    }
    readable
}

/// What is remembered of a request until it is answered.
struct Seen {
    for_programs: bool,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
}

impl Seen {
    fn of(request: &Request) -> Self {
        let for_programs = is_for_programs(request.uri().path());
        Self {
            for_programs,
            method: request.method().clone(),
            // Only pages look at who asks.
            headers: if for_programs {
                HeaderMap::new()
            } else {
                request.headers().clone()
            },
            uri: request.uri().clone(),
        }
    }

    fn limit(&self, service: &Service) -> std::time::Duration {
        let limits = &service.settings.limits;
        if self.for_programs || self.method == Method::POST {
            limits.request
        } else {
            limits.page
        }
    }

    /// A form that another site sent in the visitor's name. Browsers say so; the form's own secret stands beside.
    fn is_foreign_form(&self) -> Option<Problem> {
        let site = self.headers.get("sec-fetch-site")?.as_bytes();
        let foreign = self.method == Method::POST && site != b"same-origin" && site != b"none";
        foreign.then(|| Problem::forbidden("The form was sent from another site."))
    }

    async fn readable(&self, service: &Service, problem: &Problem, id: &str) -> Response {
        if is_for_osv_clients(self.uri.path()) {
            problem.osv_json(id)
        } else if self.for_programs {
            problem.json(id)
        } else {
            self.problem_page(service, problem, id).await
        }
    }

    async fn problem_page(&self, service: &Service, problem: &Problem, id: &str) -> Response {
        pages::problem::page(service, &self.headers, &self.uri, problem, id).await
    }
}
