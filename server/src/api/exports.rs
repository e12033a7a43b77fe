//! What can be taken out of a build: its document, the same in other formats, its findings as VEX, its quality.

use audit::quality::Quality;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use inventory::formats::Export;
use serde::Deserialize;
use store::builds::Build;
use store::projects::Project;
use store::{inventories, verdicts};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::builds::found;
use crate::auth::Caller;
use crate::documents;
use crate::exports::{self, Dependencies, Material, Wanted};
use crate::extract::{Path, Query, not_modified};
use crate::problem::{Problem, ProblemDocument};
use crate::queries::builds::judged;
use crate::queries::quality;
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new()
        .routes(routes!(sbom))
        .routes(routes!(vex))
        .routes(routes!(quality_of))
        .routes(routes!(tree))
}

/// What form of a document is asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
enum SbomFormat {
    /// Byte for byte as it was uploaded.
    #[default]
    Original,
    #[serde(rename = "cyclonedx-json")]
    CycloneDxJson,
    #[serde(rename = "cyclonedx-xml")]
    CycloneDxXml,
    SpdxJson,
    SpdxTagValue,
}

impl SbomFormat {
    const fn export(self) -> Option<Export> {
        match self {
            Self::Original => None,
            Self::CycloneDxJson => Some(Export::CycloneDxJson),
            Self::CycloneDxXml => Some(Export::CycloneDxXml),
            Self::SpdxJson => Some(Export::SpdxJson),
            Self::SpdxTagValue => Some(Export::SpdxTagValue),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SbomQuery {
    /// `original` as it was uploaded; or what was read from it, written anew: CycloneDX 1.6 or SPDX 2.3.
    #[serde(default)]
    #[param(inline)]
    format: SbomFormat,
    /// With the findings of the build and what was decided about them; not for `original`.
    #[serde(default)]
    vulnerabilities: bool,
}

/// The bill of materials of a build
///
/// As it was uploaded, or in another format, with or without what was found. Equal builds and verdicts give equal
/// bytes. What the formats can and cannot say is in `docs/exports.md`.
#[utoipa::path(
    get, path = "/v1/builds/{id}/sbom", tag = "builds",
    params(("id" = String, Path), SbomQuery),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 400, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json", description = "There is no verdict yet to take findings from"),
    )
)]
async fn sbom(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<SbomQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(export) = query.format.export() else {
        if query.vulnerabilities {
            let why = "The original is given as it was sent; ask for another format with vulnerabilities.";
            return Err(Problem::bad_parameter("vulnerabilities", why.to_owned()));
        }
        return original(&service, &caller, &id, &headers).await;
    };
    let wanted = Wanted::Sbom {
        export,
        vulnerabilities: query.vulnerabilities,
    };
    export_of(&service, &caller, &id, wanted, &headers).await
}

/// A format of statements about exploitability.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum VexFormat {
    /// CycloneDX 1.6 JSON with the affected components only.
    #[default]
    CycloneDx,
    /// OpenVEX 0.2.0.
    OpenVex,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct VexQuery {
    #[serde(default)]
    #[param(inline)]
    format: VexFormat,
}

/// The findings of a build and what was decided about them, as VEX
///
/// A finding about which nobody has decided is in triage.
#[utoipa::path(
    get, path = "/v1/builds/{id}/vex", tag = "builds",
    params(("id" = String, Path), VexQuery),
    responses(
        (status = 200, body = Object, description = "A CycloneDX or OpenVEX document"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn vex(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<VexQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = match query.format {
        VexFormat::CycloneDx => Wanted::CycloneDxVex,
        VexFormat::OpenVex => Wanted::OpenVex,
    };
    export_of(&service, &caller, &id, wanted, &headers).await
}

/// A form of what a build needs.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum TreeFormat {
    /// The dependency tree as a picture; what is shared is drawn once and linked.
    #[default]
    Svg,
    /// The same as a treemap.
    Treemap,
    /// One line a component.
    Csv,
    /// Issues, licenses and findings in the layout of Sandworm's report, with the verdict.
    Json,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TreeQuery {
    #[serde(default)]
    #[param(inline)]
    format: TreeFormat,
}

/// What a build needs, drawn or listed
///
/// Pictures hold no script, name everything in words, and count what does not fit.
#[utoipa::path(
    get, path = "/v1/builds/{id}/tree", tag = "builds",
    params(("id" = String, Path), TreeQuery),
    responses(
        (status = 200, body = Vec<u8>, content_type = "image/svg+xml"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn tree(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<TreeQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = match query.format {
        TreeFormat::Svg => Dependencies::Tree,
        TreeFormat::Treemap => Dependencies::Treemap,
        TreeFormat::Csv => Dependencies::Csv,
        TreeFormat::Json => Dependencies::Json,
    };
    export_of(&service, &caller, &id, Wanted::Dependencies(form), &headers).await
}

/// How good the document of a build is, with reasons
#[utoipa::path(
    get, path = "/v1/builds/{id}/quality", tag = "builds",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Object, description = "Schema `quality/1`"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn quality_of(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Quality>, Problem> {
    let mut session = service.database.read().await?;
    let (_, _, build) = found(&mut session, &caller, &id).await?;
    quality::of_build(&mut session, &build).await.map(Json)
}

async fn export_of(
    service: &Service,
    caller: &Caller,
    id: &str,
    wanted: Wanted,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let (project, _, build) = found(&mut session, caller, id).await?;
    let verdict = if wanted.needs_report() {
        Some(judged(&build)?)
    } else {
        None
    };
    let tag = exports::tag(&build, wanted);
    if not_modified(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let name = file_name(&project, &build, wanted.extension());
    let inventory = inventories::load(&mut session, build.inventory_id)
        .await?
        .inventory;
    let mut material = Material::new(service, &project, build, inventory);
    if let Some(verdict) = verdict {
        material.report = Some(verdicts::report(&mut session, verdict).await?.report);
    }
    drop(session);
    let bytes = documents::on_reader(service, move || exports::write(wanted, &material)).await?;
    attachment(HeaderValue::from_static(wanted.media_type()), &name, &tag, bytes)
}

async fn original(
    service: &Service,
    caller: &Caller,
    id: &str,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let (project, _, build) = found(&mut session, caller, id).await?;
    drop(session);
    let tag = crate::extract::etag(&build.document_digest);
    if not_modified(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let store = service.documents.clone();
    let digest = build.document_digest.clone();
    let bytes = documents::on_reader(service, move || Ok(store.get(&digest)?)).await?;
    let bytes = bytes.ok_or_else(|| {
        tracing::error!(
            build = build.uuid,
            "the document of a build is not in the document store"
        );
        Problem::internal()
    })?;
    let kind = exports::Original::of(&build.format, &bytes);
    let name = file_name(&project, &build, &kind.extension);
    attachment(HeaderValue::from_static(kind.media_type), &name, &tag, bytes)
}

/// `team-shop-1842.cdx.json`: names of projects are words with dashes, dots and at most one slash.
fn file_name(project: &Project, build: &Build, extension: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "-._".contains(c) {
            c
        } else {
            '-'
        }
    };
    let project: String = project.name.chars().map(plain).collect();
    format!("{project}-{}.{extension}", build.number)
}

fn attachment(media_type: HeaderValue, name: &str, tag: &str, bytes: Vec<u8>) -> Result<Response, Problem> {
    let value = |text: String| HeaderValue::try_from(text).map_err(|_| Problem::internal());
    let told = [
        (header::CONTENT_TYPE, media_type),
        (
            header::CONTENT_DISPOSITION,
            value(format!("attachment; filename=\"{name}\""))?,
        ),
        (header::ETAG, value(tag.to_owned())?),
    ];
    Ok((told, bytes).into_response())
}
