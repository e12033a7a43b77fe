//! What must go along with a product: who made its parts, and under which terms.

use std::fmt::Write as _;

use audit::{Attribution, Notice};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use store::{builds, inventories, projects, verdicts};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Caller, may};
use crate::csv;
use crate::documents::on_reader;
use crate::extract::{Path, Query};
use crate::problem::{Problem, ProblemDocument};
use crate::state::Service;

pub(crate) fn routes() -> OpenApiRouter<Service> {
    OpenApiRouter::new().routes(routes!(attribution))
}

/// How it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Text,
    Markdown,
    Html,
    Json,
    Csv,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AttributionQuery {
    /// `text` (default, a NOTICE file), `markdown`, `html`, `json` or `csv`.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// Development dependencies, too; they do not ship and are left out otherwise.
    #[serde(default)]
    dev: bool,
}

/// The NOTICE file of a build
///
/// Every component that ships, with its license as it was judged, who supplies it and holds the rights as far as the
/// document says, and the text of each license once: that of the document, else that of the SPDX list.
#[utoipa::path(
    get, path = "/v1/builds/{id}/attribution", tag = "licenses",
    params(("id" = String, Path), AttributionQuery),
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = 404, body = ProblemDocument, content_type = "application/problem+json"),
        (status = 409, body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
async fn attribution(
    State(service): State<Service>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<AttributionQuery>,
) -> Result<Response, Problem> {
    let mut session = service.database.read().await?;
    let build = builds::by_uuid(&mut session, &id)
        .await?
        .filter(|build| may(&caller, store::tokens::Action::Read, Some(build.project_id)))
        .ok_or_else(|| Problem::not_found("such build"))?;
    let verdict = build
        .verdict_id
        .ok_or_else(|| Problem::conflict("The build is not judged yet; ask again when it is finished."))?;
    let project = projects::by_id(&mut session, build.project_id).await?;
    let inventory = inventories::load(&mut session, build.inventory_id)
        .await?
        .inventory;
    let report = verdicts::report(&mut session, verdict).await?.report;
    drop(session);
    on_reader(&service, move || {
        let made = Attribution::new(&project.name, &inventory, &report.components, query.dev);
        Ok(written(&made, query.format))
    })
    .await
}

fn written(made: &Attribution, format: Format) -> Response {
    let of = |kind: &'static str, body: String| ([(header::CONTENT_TYPE, kind)], body).into_response();
    match format {
        Format::Text => of("text/plain; charset=utf-8", text(made)),
        Format::Markdown => of("text/markdown; charset=utf-8", markdown(made)),
        Format::Html => of("text/html; charset=utf-8", html(made)),
        Format::Json => Json(made).into_response(),
        Format::Csv => csv::file("attribution", COLUMNS, made.notices.iter().map(line), None),
    }
}

const COLUMNS: [&str; 6] = ["name", "version", "purl", "license", "supplier", "copyright"];

fn line(notice: &Notice) -> [String; COLUMNS.len()] {
    [
        notice.name.clone(),
        notice.version.clone().unwrap_or_default(),
        notice.purl.clone().unwrap_or_default(),
        notice.license.clone().unwrap_or_default(),
        notice.supplier.clone().unwrap_or_default(),
        notice.copyright.join("; "),
    ]
}

fn label(notice: &Notice) -> String {
    match &notice.version {
        Some(version) => format!("{} {version}", notice.name),
        None => notice.name.clone(),
    }
}

fn license(notice: &Notice) -> &str {
    notice.license.as_deref().unwrap_or("license unknown")
}

/// Who supplies it and who holds the rights, as far as the document says.
fn owners(notice: &Notice) -> impl Iterator<Item = String> + '_ {
    let supplier = notice
        .supplier
        .iter()
        .map(|supplier| format!("Supplied by {supplier}"));
    supplier.chain(notice.copyright.iter().cloned())
}

/// What a reader must know first.
fn head(made: &Attribution) -> String {
    let unknown = match made.unknown() {
        0 => String::new(),
        1 => " The license of 1 of them is not known.".to_owned(),
        more => format!(" The licenses of {more} of them are not known."),
    };
    format!(
        "{} contains {} made by others.{unknown}",
        made.project,
        match made.notices.len() {
            1 => "1 component".to_owned(),
            more => format!("{more} components"),
        }
    )
}

fn text(made: &Attribution) -> String {
    let mut out = format!("NOTICE\n\n{}\n\n", head(made));
    for notice in &made.notices {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{} ({})", label(notice), license(notice));
        for owner in owners(notice) {
            for row in owner.lines() {
                let _ = writeln!(out, "  {row}");
            }
        }
    }
    for (id, text) in &made.texts {
        let _ = write!(out, "\n{}\n{id}\n\n{}\n", "-".repeat(78), text.trim_end());
    }
    out
}

fn markdown(made: &Attribution) -> String {
    let plain = |text: &str| {
        text.replace(['\r', '\n'], " ")
            .replace('|', "\\|")
            .replace('<', "&lt;")
    };
    let mut out = format!(
        "# Notices\n\n{}\n\n| Component | License | By |\n| --- | --- | --- |\n",
        plain(&head(made))
    );
    for notice in &made.notices {
        let owners: Vec<String> = owners(notice).map(|owner| plain(&owner)).collect();
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            plain(&label(notice)),
            plain(license(notice)),
            owners.join("; ")
        );
    }
    for (id, text) in &made.texts {
        // A fence that no license text holds.
        let _ = write!(
            out,
            "\n## {}\n\n~~~~~~text\n{}\n~~~~~~\n",
            plain(id),
            text.trim_end()
        );
    }
    out
}

fn html(made: &Attribution) -> String {
    let escape = web::html::escape;
    let mut out = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Notices</title></head><body>",
    );
    let _ = write!(out, "<h1>Notices</h1><p>{}</p>", escape(&head(made)));
    out.push_str("<table><thead><tr><th>Component</th><th>License</th><th>By</th></tr></thead><tbody>");
    for notice in &made.notices {
        let owners: Vec<String> = owners(notice).map(|owner| escape(&owner).to_string()).collect();
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&label(notice)),
            escape(license(notice)),
            owners.join("<br>")
        );
    }
    out.push_str("</tbody></table>");
    for (id, text) in &made.texts {
        let _ = write!(
            out,
            "<h2>{}</h2><pre>{}</pre>",
            escape(id),
            escape(text.trim_end())
        );
    }
    out.push_str("</body></html>\n");
    out
}
