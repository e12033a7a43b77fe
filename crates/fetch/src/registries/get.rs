//! One GET with an `Accept`, perhaps a range, and an authorization that stays with its origin.

use std::ops::Range;

use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_RANGE, HeaderMap, RANGE};
use url::Url;

use crate::{Client, Error, Origin, Refusal, Result, Validator, download};

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) struct Get {
    pub url: Url,
    /// Empty: anything.
    pub accept: &'static str,
    /// Left out as soon as a redirect leads to another origin.
    pub authorization: Option<String>,
    pub range: Option<Part>,
    pub known: Validator,
    pub limit: u64,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Bytes(Range<u64>),
    /// The last bytes.
    Last(u64),
}

/// What came.
#[derive(Debug)]
pub(super) enum Reply {
    Unchanged,
    Document {
        body: Vec<u8>,
        validator: Validator,
        /// Where the body begins in a file of which size, when only a part was sent.
        part: Option<(u64, u64)>,
    },
}

impl Client {
    /// Sends the request, follows its redirects, reads the answer; tries again what may pass.
    pub(super) async fn get(&self, get: &Get) -> Result<Reply> {
        self.retried(&get.url, || self.get_once(get)).await
    }

    async fn get_once(&self, get: &Get) -> Result<Reply> {
        let mut url = get.url.clone();
        for _ in 0..=REDIRECTS {
            let response = self.send(get, &url).await?;
            if let Some(next) = download::redirected(&url, response.status(), response.headers())? {
                url = next;
                continue;
            }
            if response.status() == StatusCode::NOT_MODIFIED && !get.known.is_empty() {
                return Ok(Reply::Unchanged);
            }
            let part = match (response.status(), &get.range) {
                (StatusCode::PARTIAL_CONTENT, Some(_)) => part(response.headers()),
                _ => None,
            };
            let response = if part.is_some() {
                response
            } else {
                download::expect_document(response)?
            };
            let validator = Validator::of(response.headers());
            let mut body = Vec::new();
            download::stream(response, get.limit, &mut body).await?;
            return Ok(Reply::Document {
                body,
                validator,
                part,
            });
        }
        Err(Error::refused(&get.url, Refusal::Redirects(REDIRECTS)))
    }

    async fn send(&self, get: &Get, url: &Url) -> Result<reqwest::Response> {
        let mut request = self.half_for(url)?.http.get(url.clone());
        if !get.accept.is_empty() {
            request = request.header(ACCEPT, get.accept);
        }
        for (name, value) in get.known.headers() {
            request = request.header(name, value);
        }
        if let Some(part) = &get.range {
            request = request.header(RANGE, part.header());
        }
        let is_home = Origin::of(url) == Origin::of(&get.url) && url.scheme() == get.url.scheme();
        if let Some(authorization) = get.authorization.as_ref().filter(|_| is_home) {
            request = request.header(AUTHORIZATION, authorization);
        }
        request
            .send()
            .await
            .map_err(|source| Error::transport(url, source))
    }
}

impl Part {
    fn header(&self) -> String {
        match self {
            Self::Bytes(range) => format!("bytes={}-{}", range.start, range.end.saturating_sub(1)),
            Self::Last(bytes) => format!("bytes=-{bytes}"),
        }
    }
}

/// `bytes 0-99/1234`: where the part begins, and the size of the whole.
fn part(headers: &HeaderMap) -> Option<(u64, u64)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    Some((start.trim().parse().ok()?, size.trim().parse().ok()?))
}
