//! One request with a body and its answer, whatever its status: how the command line speaks to a server.

use std::time::Duration;

use url::Url;

use crate::{Client, Error, Result, download};

/// A request that is not a download. Redirects are not followed: they would carry the token along.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub url: Url,
    /// Names and values; a value that is not visible ASCII fails the call.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The most bytes that the answer may have.
    pub limit: u64,
    /// Instead of the client's total limit, for a server that is asked to wait.
    pub timeout: Option<Duration>,
}

/// The verbs that Plumbline's own API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What the server said.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

impl Client {
    /// Sends the call. Only a connection that could not be opened is tried again: nothing was processed then.
    ///
    /// # Errors
    /// As [`Client::bytes`], but any status is an answer and no error.
    pub async fn call(&self, call: &Call) -> Result<Answer> {
        let response = self.retried(&call.url, || self.connected(call)).await??;
        let status = response.status().as_u16();
        let content_type = response.headers().get(reqwest::header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let mut body = Vec::new();
        download::stream(response, call.limit, &mut body).await?;
        Ok(Answer {
            status,
            content_type,
            body,
        })
    }

    /// The outer error may be retried, the inner one not.
    async fn connected(&self, call: &Call) -> Result<Result<reqwest::Response>> {
        let mut request = self
            .half_for(&call.url)?
            .http
            .request(call.method.into(), call.url.clone());
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if let Some(timeout) = call.timeout {
            request = request.timeout(timeout);
        }
        match request.body(call.body.clone()).send().await {
            Err(source) if source.is_connect() => Err(Error::transport(&call.url, source)),
            outcome => Ok(outcome.map_err(|source| Error::transport(&call.url, source))),
        }
    }
}

impl From<Method> for reqwest::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Put => Self::PUT,
            Method::Patch => Self::PATCH,
            Method::Delete => Self::DELETE,
        }
    }
}
