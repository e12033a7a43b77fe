//! Conditional downloads: redirects, limits and retries around one GET.

use std::io;
use std::time::SystemTime;

use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use url::Url;

use crate::error::shown;
use crate::{Client, Error, Fetched, Refusal, Result, Validator, retry};

/// How many redirects are followed.
const REDIRECTS: usize = 5;

impl Client {
    /// Downloads `url` into memory, at most `limit` bytes after decompression.
    ///
    /// # Errors
    /// Any of [`Error`] but `Invalid` and `Setup`; transient ones only after all attempts.
    pub async fn bytes(&self, url: &Url, limit: u64, known: &Validator) -> Result<Fetched<Vec<u8>>> {
        self.download(url, limit, known, || Ok(Vec::new())).await
    }

    /// Downloads `url` into an unnamed temporary file that is rewound and ends with its handle.
    ///
    /// # Errors
    /// As [`Client::bytes`], and [`Error::File`] when the disk is full.
    pub async fn file(&self, url: &Url, limit: u64, known: &Validator) -> Result<Fetched<std::fs::File>> {
        let open = || tempfile::tempfile().map(tokio::fs::File::from_std);
        match self.download(url, limit, known, open).await? {
            Fetched::Unchanged => Ok(Fetched::Unchanged),
            Fetched::Changed { value, validator } => {
                let value = rewound(value).await.map_err(|source| file_error(url, source))?;
                Ok(Fetched::Changed { value, validator })
            }
        }
    }

    /// Each attempt writes into a fresh sink, so that a broken transfer leaves nothing behind in the next.
    async fn download<W: AsyncWrite + Unpin>(
        &self,
        url: &Url,
        limit: u64,
        known: &Validator,
        open: impl Fn() -> io::Result<W>,
    ) -> Result<Fetched<W>> {
        let attempt = async || {
            let response = self.follow(url, known).await?;
            if response.status() == StatusCode::NOT_MODIFIED && !known.is_empty() {
                return Ok(Fetched::Unchanged);
            }
            let response = expect_document(response)?;
            let validator = Validator::of(response.headers());
            let mut value = open().map_err(|source| file_error(url, source))?;
            stream(response, limit, &mut value).await?;
            Ok(Fetched::Changed { value, validator })
        };
        self.retried(url, attempt).await
    }

    /// Sends the request and follows its redirects.
    async fn follow(&self, first: &Url, known: &Validator) -> Result<Response> {
        let mut url = first.clone();
        for _ in 0..=REDIRECTS {
            let mut request = self.half_for(&url)?.http.get(url.clone());
            if let Some(token) = self.token_for(&url) {
                request = request.bearer_auth(token);
            }
            for (name, value) in known.headers() {
                request = request.header(name, value);
            }
            let response = request
                .send()
                .await
                .map_err(|source| Error::transport(&url, source))?;
            match redirected(&url, response.status(), response.headers())? {
                Some(next) => url = next,
                None => return Ok(response),
            }
        }
        Err(Error::refused(first, Refusal::Redirects(REDIRECTS)))
    }
}

/// Where an answer sends us on to, if it does.
pub(crate) fn redirected(from: &Url, status: StatusCode, headers: &HeaderMap) -> Result<Option<Url>> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let next = location
        .and_then(|text| from.join(text).ok())
        .ok_or_else(|| Error::refused(from, Refusal::Location))?;
    if from.scheme() == "https" && next.scheme() != "https" {
        return Err(Error::refused(from, Refusal::Downgrade));
    }
    Ok(Some(next))
}

/// Lets only 200 pass: a 204 or 206 is no whole document either.
pub(crate) fn expect_document(response: Response) -> Result<Response> {
    if response.status() == StatusCode::OK {
        return Ok(response);
    }
    let wish = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    Err(Error::Status {
        target: shown(response.url()),
        status: response.status().as_u16(),
        retry_after: wish.and_then(|text| retry::retry_after(text, SystemTime::now())),
    })
}

/// Copies the body piece by piece and stops as soon as it is too much.
pub(crate) async fn stream(
    mut response: Response,
    limit: u64,
    sink: &mut (impl AsyncWrite + Unpin),
) -> Result<()> {
    let url = response.url().clone();
    let too_large = || Error::TooLarge {
        target: shown(&url),
        limit,
    };
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let mut room = limit;
    while let Some(piece) = response
        .chunk()
        .await
        .map_err(|source| Error::transport(&url, source))?
    {
        room = room.checked_sub(piece.len() as u64).ok_or_else(too_large)?;
        sink.write_all(&piece)
            .await
            .map_err(|source| file_error(&url, source))?;
    }
    sink.flush().await.map_err(|source| file_error(&url, source))
}

async fn rewound(mut file: tokio::fs::File) -> io::Result<std::fs::File> {
    use tokio::io::AsyncSeekExt;
    file.rewind().await?;
    Ok(file.into_std().await)
}

fn file_error(url: &Url, source: io::Error) -> Error {
    Error::File {
        target: shown(url),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, location: &str) -> Result<Option<String>> {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, location.parse().unwrap());
        let next = redirected(&Url::parse(from).unwrap(), StatusCode::FOUND, &headers)?;
        Ok(next.map(String::from))
    }

    #[test]
    fn a_redirect_may_be_relative_and_may_gain_security() {
        assert_eq!(
            check("http://a.test/x/y", "z").unwrap().as_deref(),
            Some("http://a.test/x/z")
        );
        assert_eq!(
            check("http://a.test/", "https://b.test/").unwrap().as_deref(),
            Some("https://b.test/")
        );
    }

    #[test]
    fn a_redirect_never_loses_security() {
        let refusal = check("https://a.test/", "http://a.test/").unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "https://a.test/: refused, it redirects from https to http"
        );
    }

    #[test]
    fn a_redirect_to_nowhere_is_refused() {
        assert!(check("http://a.test/", "http://[oops").is_err());
    }
}
