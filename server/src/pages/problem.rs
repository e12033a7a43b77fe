//! Problems as people read them.

use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, Request, Uri};
use axum::response::Response;
use web::layout::Shell;

use super::shell;
use crate::auth::Visitor;
use crate::problem::Problem;
use crate::state::Service;

/// The page of a problem, with the navigation when somebody is signed in.
pub(crate) async fn page(
    service: &Service,
    headers: &HeaderMap,
    uri: &Uri,
    problem: &Problem,
    request_id: &str,
) -> Response {
    let shell = around(service, headers, uri).await;
    let view = view(problem, &shell.here, request_id);
    let mut response = super::page(&service.settings, view.render(&shell));
    *response.status_mut() = problem.status;
    problem.add_headers(&mut response);
    response
}

/// What stands around the page; when even that cannot be loaded, what a stranger sees.
async fn around(service: &Service, headers: &HeaderMap, uri: &Uri) -> Shell {
    let mut parts = Request::new(()).into_parts().0;
    parts.headers = headers.clone();
    parts.uri = uri.clone();
    match Visitor::from_request_parts(&mut parts, service).await {
        Ok(visitor) => visitor.shell,
        Err(_) => shell::stranger(headers, uri, service.now()),
    }
}

fn view(problem: &Problem, here: &str, request_id: &str) -> web::views::problem::Problem {
    use web::views::problem::Problem as View;
    match problem.slug {
        "not-found" => View {
            request_id: Some(request_id.to_owned()),
            ..View::not_found()
        },
        "too-slow" => View {
            request_id: Some(request_id.to_owned()),
            ..View::too_wide(here)
        },
        _ => View {
            status: problem.status.as_u16(),
            title: problem.title.to_owned(),
            detail: problem.detail.clone(),
            request_id: Some(request_id.to_owned()),
            action: Some(("All projects".to_owned(), "/projects".to_owned())),
        },
    }
}
