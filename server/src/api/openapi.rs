//! The OpenAPI document: made from the handlers, so that it cannot say anything else.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use serde_json::{Value, json};
use utoipa::Modify;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{OpenApi, SecurityRequirement};

use crate::state::Service;

/// What the document says about the API as a whole.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Plumbline",
        description = "What is inside the software that you ship, what is wrong with it, and whether it may go out.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    modifiers(&Token),
    tags(
        (name = "builds", description = "Uploads, and what became of them"),
        (name = "gate", description = "May this go out?"),
        (name = "projects"),
        (name = "findings"),
        (name = "components"),
        (name = "advisories", description = "Feeds, single vulnerabilities, the OSV API's own paths"),
        (name = "metrics", description = "Numbers over time"),
        (name = "policies"),
        (name = "waivers", description = "Exceptions that people make"),
        (name = "licenses", description = "Licenses that people conclude, and what must go along"),
        (name = "notifications", description = "Where news is sent"),
        (name = "access", description = "Who calls, and with which token"),
        (name = "operations"),
    )
)]
pub(crate) struct About;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut OpenApi) {
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", bearer);
        let none: [&str; 0] = [];
        document.security = Some(vec![SecurityRequirement::new("token", none)]);
    }
}

/// The document as text, in a stable order.
pub(crate) fn text(document: &OpenApi) -> String {
    // Through a value, whose maps are sorted, so that the order of merging does not show.
    let mut value =
        serde_json::to_value(document).expect("the document has string keys and no infinite numbers");
    for operation in operations(&mut value) {
        complete(operation);
    }
    format!("{value:#}\n")
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    paths
        .into_iter()
        .flat_map(serde_json::Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flat_map(serde_json::Map::values_mut)
}

/// What holds for every operation: all else that it answers is a problem, and it wants a token unless it is for
/// orchestrators.
fn complete(operation: &mut Value) {
    operation["responses"]["default"] = json!({
        "description": "A problem",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    });
    if operation["tags"] == json!(["operations"]) {
        operation["security"] = json!([]);
    }
}

/// `/openapi.json`.
pub(crate) fn route(document: &OpenApi) -> Router<Service> {
    let text: bytes::Bytes = text(document).into();
    let answer = async move || ([(header::CONTENT_TYPE, "application/json")], text.clone());
    Router::new().route("/openapi.json", get(answer))
}
