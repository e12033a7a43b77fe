//! `ETag`, `If-Match`, `If-None-Match` (RFC 9110 §8.8.3 and §13.1).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};

use crate::problem::Problem;

/// A strong entity tag around a word of ours.
pub(crate) fn etag(word: &str) -> String {
    format!("\"{word}\"")
}

/// Whether the caller has this already.
pub(crate) fn not_modified(headers: &HeaderMap, etag: &str) -> bool {
    lists(headers.get(header::IF_NONE_MATCH), etag)
}

/// Weak and strong tags count the same here: ours stand for the bytes before compression.
fn lists(value: Option<&HeaderValue>, etag: &str) -> bool {
    let Some(text) = value.and_then(|value| value.to_str().ok()) else {
        return false;
    };
    text.split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// The state that a change is a change of.
#[derive(Clone, Debug)]
pub(crate) struct IfMatch(Option<HeaderValue>);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.headers.get(header::IF_MATCH).cloned()))
    }
}

impl IfMatch {
    /// Lets pass who has seen the state with this tag, and who did not say what they have seen.
    pub fn check(&self, etag: &str) -> Result<(), Problem> {
        if self.0.is_none() || lists(self.0.as_ref(), etag) {
            return Ok(());
        }
        Err(Problem::precondition_failed(format!(
            "It is now {etag}. Read it again, make the change to what you find, and send that ETag as If-Match."
        )))
    }

    /// Lets pass only who has seen the state with this tag.
    pub fn demand(&self, etag: &str) -> Result<(), Problem> {
        if self.0.is_none() {
            return Err(Problem::precondition_required(format!(
                "It exists already. Send its ETag, {etag}, as If-Match, so that no change of others is lost."
            )));
        }
        self.check(etag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_match_alone_in_lists_weak_and_by_star() {
        for (value, expected) in [
            ("\"3\"", true),
            ("\"2\", \"3\"", true),
            ("W/\"3\"", true),
            ("*", true),
            ("\"33\"", false),
            ("3", false),
        ] {
            let value = HeaderValue::from_static(value);
            assert_eq!(lists(Some(&value), &etag("3")), expected, "{value:?}");
        }
    }
}
