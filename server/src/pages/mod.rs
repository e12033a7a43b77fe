//! The pages, one subject a file: load, fill the view, render.

mod advisory;
mod assets;
mod audit;
mod badge;
mod build;
mod builds;
mod bulk;
mod compare;
mod component;
mod components;
mod conclude;
mod decide;
mod definitions;
mod feeds;
mod finding;
mod findings;
mod help;
mod licenses;
mod login;
mod numbers;
mod policies;
pub(crate) mod portfolio;
pub(crate) mod problem;
mod project;
mod projects;
mod report;
mod settings;
pub(crate) mod shell;
mod start;
mod theme;
mod tree;
mod vex;
mod waivers;
mod watching;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::MethodRouter;
use web::layout::{Flash, FlashKind};

use crate::auth;
use crate::state::{Service, Settings};

/// Every route for people.
pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .merge(advisory::routes())
        .merge(assets::routes())
        .merge(audit::routes())
        .merge(badge::routes())
        .merge(build::routes())
        .merge(builds::routes())
        .merge(bulk::routes())
        .merge(compare::routes())
        .merge(component::routes())
        .merge(components::routes())
        .merge(conclude::routes())
        .merge(decide::routes())
        .merge(definitions::routes())
        .merge(feeds::routes())
        .merge(finding::routes())
        .merge(findings::routes())
        .merge(help::routes())
        .merge(licenses::routes())
        .merge(login::routes())
        .merge(policies::routes())
        .merge(portfolio::routes())
        .merge(project::routes())
        .merge(projects::routes())
        .merge(report::routes())
        .merge(settings::routes())
        .merge(start::routes())
        .merge(theme::routes())
        .merge(tree::routes())
        .merge(vex::routes())
        .merge(waivers::routes())
        .merge(watching::routes())
}

/// A page below a project, whose name may have a team: `/projects/{name}/…` and `/projects/{team}/{name}/…`, to be
/// read with [`ProjectName`](crate::extract::ProjectName).
pub(crate) fn below_project(page: &str, handlers: &MethodRouter<Service>) -> Router<Service> {
    Router::new()
        .route(&format!("/projects/{{name}}{page}"), handlers.clone())
        .route(&format!("/projects/{{team}}/{{name}}{page}"), handlers.clone())
}

/// A whole page. It carries secrets of the session, so nobody keeps it; what it said once is taken away.
pub(crate) fn page(settings: &Settings, html: String) -> Response {
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(gone) = auth::clear(settings, auth::FLASH) {
        headers.append(header::SET_COOKIE, gone);
    }
    response
}

/// After a change: to another page, which says `flash` once.
pub(crate) fn see_other(settings: &Settings, to: &str, flash: Option<&Flash>) -> Response {
    let mut response = axum::response::Redirect::to(to).into_response();
    if let Some(flash) = flash {
        let kind = match flash.kind {
            FlashKind::Done => "done",
            FlashKind::Failed => "failed",
        };
        let value = format!("{kind}.{}", web::links::segment(&flash.text));
        if let Some(cookie) = auth::cookie(settings, auth::FLASH, &value, 60) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// A path of ours, or the start: a form must not lead people elsewhere.
pub(crate) fn local(path: &str) -> &str {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && !path.bytes().any(|byte| byte == b'\\' || byte.is_ascii_control());
    if ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn only_our_own_paths_are_gone_to() {
        assert_eq!(local("/projects/a?b=c"), "/projects/a?b=c");
        for elsewhere in [
            "//example.org",
            "https://example.org",
            "/\\example.org",
            "",
            "/a\nb",
        ] {
            assert_eq!(local(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
