//! What is remembered of an answer so that the next request can ask for changes only.

use reqwest::header::{ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use serde::{Deserialize, Serialize};

/// The server's own marks of a document's state; store it beside what was made of the document.
///
/// Empty means that nothing is known and everything is to be sent. For a file of a directory source the
/// entity tag is made of its length and modification time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validator {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// The outcome of a conditional request.
#[derive(Debug)]
pub enum Fetched<T> {
    /// The document is still what the validator described.
    Unchanged,
    /// The document, and what to send along next time.
    Changed { value: T, validator: Validator },
}

impl<T> Fetched<T> {
    /// The document, when it was sent.
    pub fn changed(self) -> Option<T> {
        match self {
            Self::Unchanged => None,
            Self::Changed { value, .. } => Some(value),
        }
    }

    /// Turns the document into something else, which may fail.
    pub(crate) fn try_map<U, E>(self, make: impl FnOnce(T) -> Result<U, E>) -> Result<Fetched<U>, E> {
        Ok(match self {
            Self::Unchanged => Fetched::Unchanged,
            Self::Changed { value, validator } => Fetched::Changed {
                value: make(value)?,
                validator,
            },
        })
    }
}

impl Validator {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }

    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Self {
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
        }
    }

    /// The headers that make a request conditional.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (HeaderName, &str)> {
        let etag = self.etag.as_deref().map(|value| (IF_NONE_MATCH, value));
        let since = self
            .last_modified
            .as_deref()
            .map(|value| (IF_MODIFIED_SINCE, value));
        etag.into_iter().chain(since)
    }
}
