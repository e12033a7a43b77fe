//! The files that pages load.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::extract::not_modified;
use crate::problem::Problem;
use crate::state::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new().route("/assets/{name}", get(asset))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let asset = web::assets::find(&name).ok_or_else(|| Problem::not_found("such file"))?;
    let keep = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let told = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::ETAG, asset.etag),
        (header::CACHE_CONTROL, keep),
    ];
    if not_modified(&headers, asset.etag) {
        return Ok((StatusCode::NOT_MODIFIED, told).into_response());
    }
    Ok((told, asset.bytes).into_response())
}
