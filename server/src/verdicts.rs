//! The verdict of a build, in whatever state it is, and how it is written down.

use std::str::FromStr;

use audit::render::{CONTENT_SECURITY_POLICY, Document, Rendering, Style};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use policy::{BuildSummary, Counts, Links, Outcome, PolicyRef, RefName, Verdict, VerdictNotice, Waivers};
use store::builds::Build;
use store::db::Session;
use store::projects::{Project, Reference};
use store::{policies, verdicts};

use crate::extract::{etag, not_modified};
use crate::problem::Problem;
use crate::state::Service;

/// The verdict that a build was given. One that is still being worked on is `pending`; one whose work failed is
/// `indeterminate`, because nothing is known of it.
pub(crate) async fn of_build(
    service: &Service,
    session: &mut Session,
    project: &Project,
    reference: &Reference,
    build: &Build,
) -> Result<Verdict, Problem> {
    if let Some(id) = build.verdict_id {
        return Ok(verdicts::verdict(session, id).await?);
    }
    Ok(unjudged(service, project, reference, build))
}

fn unjudged(service: &Service, project: &Project, reference: &Reference, build: &Build) -> Verdict {
    let components = usize::try_from(build.components).unwrap_or(0);
    let (verdict, notice) = match &build.error {
        Some(error) if build.status == "failed" => {
            (Outcome::Indeterminate, notice("build_failed", error.clone()))
        }
        _ => {
            let text = "The build is still being worked on.".to_owned();
            (Outcome::Pending, notice("build_pending", text))
        }
    };
    Verdict {
        schema: "gate/1".to_owned(),
        verdict,
        project: project.name.clone(),
        reference: RefName {
            branch: reference.name.clone(),
            commit: build.commit_id.clone(),
            version: build.version.clone(),
        },
        build: BuildSummary {
            id: build.uuid.clone(),
            sbom_sha256: build.document_digest.clone(),
            components,
            evaluated: 0,
            undetermined: components,
        },
        policy: PolicyRef {
            id: build
                .policy
                .clone()
                .unwrap_or_else(|| policies::DEFAULT.to_owned()),
            ..PolicyRef::default()
        },
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        evaluated_at: service.now(),
        feeds: Vec::new(),
        checks: Vec::new(),
        counts: Counts::default(),
        violations: Vec::new(),
        waivers: Waivers::default(),
        vex: Vec::new(),
        notices: vec![notice],
        links: Links::default(),
    }
}

fn notice(code: &str, text: String) -> VerdictNotice {
    VerdictNotice {
        code: code.to_owned(),
        level: inventory::Level::Warn,
        text,
    }
}

/// Whether a verdict that is no pass is an HTTP error, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Http {
    /// A verdict is an answer: 200, whatever it says.
    #[default]
    Plain,
    /// For `curl --fail`: 422 for fail and indeterminate, 409 for pending.
    Strict,
}

impl Http {
    const fn status(self, outcome: Outcome) -> StatusCode {
        match (self, outcome) {
            (Self::Plain, _) | (Self::Strict, Outcome::Pass | Outcome::Warn) => StatusCode::OK,
            (Self::Strict, Outcome::Fail | Outcome::Indeterminate) => StatusCode::UNPROCESSABLE_ENTITY,
            (Self::Strict, Outcome::Pending) => StatusCode::CONFLICT,
        }
    }
}

/// The format that the query asks for, else the first that `Accept` names, else JSON.
pub(crate) fn rendering(asked: Option<&str>, headers: &HeaderMap) -> Result<Rendering, Problem> {
    if let Some(name) = asked {
        return Rendering::from_str(name)
            .map_err(|error| Problem::bad_parameter("format", error.to_string()));
    }
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    Ok(accept
        .unwrap_or_default()
        .split(',')
        .filter_map(|range| range.split(';').next())
        .find_map(|range| by_media_type(range.trim()))
        .unwrap_or(Rendering::Json))
}

fn by_media_type(media_type: &str) -> Option<Rendering> {
    match media_type {
        "application/json" => Some(Rendering::Json),
        "application/sarif+json" => Some(Rendering::Sarif),
        "application/xml" | "text/xml" => Some(Rendering::Junit),
        "text/markdown" => Some(Rendering::Markdown),
        "text/csv" => Some(Rendering::Csv),
        "text/html" => Some(Rendering::Html),
        "text/plain" => Some(Rendering::Text),
        _ => None,
    }
}

/// A verdict or report as a response, with the tag of its bytes.
pub(crate) fn response<'a>(
    document: impl Into<Document<'a>>,
    rendering: Rendering,
    http: Http,
    headers: &HeaderMap,
) -> Response {
    let document = document.into();
    let outcome = match document {
        Document::Verdict(verdict) => verdict.verdict,
        Document::Report(report) => report.verdict.verdict,
    };
    let body = rendering.render(document, &Style::default());
    let digest = store::documents::digest(body.as_bytes());
    let tag = etag(digest.get(..32).unwrap_or(&digest));
    let told = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(rendering.media_type()),
        ),
        (header::VARY, HeaderValue::from_static("accept")),
        (
            header::ETAG,
            HeaderValue::try_from(&tag).unwrap_or(HeaderValue::from_static("\"\"")),
        ),
    ];
    if not_modified(headers, &tag) {
        return (StatusCode::NOT_MODIFIED, told).into_response();
    }
    let mut response = (http.status(outcome), told, body).into_response();
    if rendering == Rendering::Html {
        // The page carries its own style, of which the policy of our pages knows nothing.
        let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
