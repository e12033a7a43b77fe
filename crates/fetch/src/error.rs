//! What can go wrong on the way, each naming the URL or file it happened to.

use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use url::Url;

/// Why something could not be fetched. `target` is the URL, without credentials and query, or the path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rules of this crate forbid the request; trying again will not help.
    #[error("{target}: refused, {why}")]
    Refused { target: String, why: Refusal },
    /// The server answered with something else than the document.
    #[error("{target}: the server answered with status {status}")]
    Status {
        target: String,
        status: u16,
        /// How long the server asked to be left alone.
        retry_after: Option<Duration>,
    },
    /// Connecting, waiting or the whole transfer took longer than allowed.
    #[error("{target}: no complete answer within the time limit")]
    TimedOut { target: String },
    /// Name resolution, connection, TLS or the stream failed.
    #[error("{target}: {}", causes(source))]
    Transport { target: String, source: reqwest::Error },
    /// More came than the caller wanted to take.
    #[error("{target}: larger than the limit of {limit} bytes")]
    TooLarge { target: String, limit: u64 },
    /// A file of a directory source, or the temporary file of a download, failed.
    #[error("{target}: {source}")]
    File { target: String, source: io::Error },
    /// It arrived, and is not what it should be.
    #[error("{target}: {what}")]
    Invalid { target: String, what: String },
    /// The HTTP client could not be built: a bad proxy, or no certificate store on this machine.
    #[error("the HTTP client cannot be set up: {}", causes(.0))]
    Setup(#[source] reqwest::Error),
}

/// Which rule a request broke.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    #[error("only http and https are fetched, not `{0}`")]
    Scheme(String),
    #[error("there is no host in it")]
    NoHost,
    #[error("`{host}` leads to {address}, which is not a public address")]
    Address { host: String, address: IpAddr },
    #[error("it redirects from https to http")]
    Downgrade,
    #[error("it redirects more than {0} times")]
    Redirects(usize),
    #[error("it redirects to something that is not a URL")]
    Location,
}

impl Error {
    /// Whether the same request may succeed later without anything being changed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502..=599),
            Self::TimedOut { .. } => true,
            // A request that could not even be built, such as one with a broken header, never will be.
            Self::Transport { source, .. } => !source.is_builder(),
            _ => false,
        }
    }

    /// Whether the document does not exist where it was looked for.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 404 | 410),
            Self::File { source, .. } => source.kind() == io::ErrorKind::NotFound,
            _ => false,
        }
    }

    /// Sorts a failure of the HTTP library; a refusal by our own resolver travels inside it.
    pub(crate) fn transport(url: &Url, source: reqwest::Error) -> Self {
        let target = shown(url);
        if let Some(why) = refusal_in(&source) {
            return Self::Refused { target, why };
        }
        if source.is_timeout() {
            return Self::TimedOut { target };
        }
        // The library repeats the URL with its query, which may hold a secret.
        Self::Transport {
            target,
            source: source.without_url(),
        }
    }

    pub(crate) fn refused(url: &Url, why: Refusal) -> Self {
        Self::Refused {
            target: shown(url),
            why,
        }
    }
}

/// A URL as it may be logged: no credentials, no query, no fragment.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only for URLs that cannot carry credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

fn refusal_in(error: &(dyn StdError + 'static)) -> Option<Refusal> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return Some(refusal.clone());
        }
        next = cause.source();
    }
    None
}

/// The message with all its causes: the outermost alone says only "error sending request".
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_a_url_are_not_shown() {
        let url = Url::parse("https://user:secret@feeds.test/a/b?token=secret#x").unwrap();
        assert_eq!(shown(&url), "https://feeds.test/a/b");
    }

    #[test]
    fn only_failures_that_may_pass_are_transient() {
        let status = |status| Error::Status {
            target: String::new(),
            status,
            retry_after: None,
        };
        for transient in [408, 429, 500, 502, 503, 504] {
            assert!(status(transient).is_transient(), "{transient}");
        }
        for lasting in [400, 401, 403, 404, 410, 501] {
            assert!(!status(lasting).is_transient(), "{lasting}");
        }
    }
}
