//! The query of a request: keys that nobody reads are errors, not silence.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// The query, read into a struct with `#[serde(deny_unknown_fields)]`.
#[derive(Clone, Debug)]
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|rejection| Problem::bad_query(what_is_wrong(&rejection.body_text())))
    }
}

/// The framework's sentence without its preamble.
fn what_is_wrong(text: &str) -> String {
    let what = text
        .strip_prefix("Failed to deserialize query string: ")
        .unwrap_or(text);
    format!("The query is wrong: {what}.")
}
