//! Plain requests to a service under test.

use std::sync::LazyLock;

use reqwest::Method;
use serde_json::Value;
use tokio::runtime::Runtime;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }
}

struct Caller {
    runtime: Runtime,
    client: reqwest::Client,
}

static CALLER: LazyLock<Caller> = LazyLock::new(|| {
    // An error means that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Caller {
        runtime: Runtime::new().unwrap(),
        client: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap(),
    }
});

/// Sends a request and waits for its answer; `None` when there is nobody. Not to be called in asynchronous code.
///
/// # Panics
/// When the answer breaks off.
pub fn try_send(method: Method, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<Answer> {
    let mut request = CALLER.client.request(method, url).body(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    CALLER.runtime.block_on(async {
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let body = response.text().await.ok()?;
        Some(Answer {
            status,
            headers,
            body,
        })
    })
}

/// Reads a page or an object.
///
/// # Panics
/// When nobody answers.
pub fn get(url: &str, headers: &[(&str, &str)]) -> Answer {
    try_send(Method::GET, url, headers, Vec::new()).unwrap_or_else(|| panic!("nobody answers at {url}"))
}

/// Sends a body.
///
/// # Panics
/// When nobody answers.
pub fn post(url: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    try_send(Method::POST, url, headers, body.into()).unwrap_or_else(|| panic!("nobody answers at {url}"))
}
