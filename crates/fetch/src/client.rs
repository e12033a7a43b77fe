//! The client: settings, and which of its two halves a request goes through.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;
use url::Url;

use crate::guard::{Guard, Origin};
use crate::retry::{self, Retry};
use crate::{Error, Result};

/// How the client behaves; the defaults suit feeds and registries on the public internet.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who we say we are.
    pub user_agent: String,
    /// For name resolution, connection and TLS.
    pub connect_timeout: Duration,
    /// For the silence between two pieces of an answer.
    pub idle_timeout: Duration,
    /// For one attempt from start to end.
    pub total_timeout: Duration,
    /// Sends everything through this proxy. The environment's proxy variables are not read.
    pub proxy: Option<Url>,
    /// Hosts that may be private because the operator named them.
    pub private: BTreeSet<Origin>,
    pub retry: Retry,
    /// A token for one origin; no other host is ever sent it, whatever redirects say.
    pub bearer: Option<Bearer>,
}

/// A bearer token, and where it is good.
#[derive(Clone, PartialEq, Eq)]
pub struct Bearer {
    origin: Origin,
    token: String,
}

impl Bearer {
    /// The token for the origin of `source`; `None` when that is no URL with a host, or the token cannot stand in
    /// a header.
    #[must_use]
    pub fn new(source: &str, token: &str) -> Option<Self> {
        let origin = Origin::of(&Url::parse(source).ok()?)?;
        let sendable = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        sendable.then(|| Self {
            origin,
            token: token.to_owned(),
        })
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bearer")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: concat!("plumbline/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_mins(15),
            proxy: None,
            private: BTreeSet::new(),
            retry: Retry::default(),
            bearer: None,
        }
    }
}

/// Speaks HTTP within the rules of this crate. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    halves: Arc<Halves>,
    private: Arc<BTreeSet<Origin>>,
}

/// Two clients, so that a connection opened under the lenient rule is never used under the strict one.
#[derive(Debug)]
struct Halves {
    public: Half,
    named: Half,
    retry: Retry,
    bearer: Option<Bearer>,
}

#[derive(Debug)]
pub(crate) struct Half {
    pub(crate) http: reqwest::Client,
    pub(crate) guard: Guard,
}

impl Client {
    /// Builds the client.
    ///
    /// # Errors
    /// [`Error::Setup`] when the proxy is not usable or this machine has no certificate store.
    pub fn new(settings: Settings) -> Result<Self> {
        // An error means that the process has a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let halves = Halves {
            public: half(&settings, false)?,
            named: half(&settings, true)?,
            retry: settings.retry,
            bearer: settings.bearer,
        };
        Ok(Self {
            halves: Arc::new(halves),
            private: Arc::new(settings.private),
        })
    }

    /// The same client, for which the host of `url` may be private: the operator has named it.
    #[must_use]
    pub fn allowing(&self, url: &Url) -> Self {
        let mut private = BTreeSet::clone(&self.private);
        private.extend(Origin::of(url));
        Self {
            halves: Arc::clone(&self.halves),
            private: Arc::new(private),
        }
    }

    /// Whether the operator named the host of `url`.
    #[must_use]
    pub fn is_named(&self, url: &Url) -> bool {
        Origin::of(url).is_some_and(|origin| self.private.contains(&origin))
    }

    /// The token that may be sent to `url`.
    pub(crate) fn token_for(&self, url: &Url) -> Option<&str> {
        let bearer = self.halves.bearer.as_ref()?;
        (Origin::of(url).as_ref() == Some(&bearer.origin)).then_some(bearer.token.as_str())
    }

    /// The half that may speak to `url`, after judging the URL itself.
    pub(crate) fn half_for(&self, url: &Url) -> Result<&Half> {
        let half = if self.is_named(url) {
            &self.halves.named
        } else {
            &self.halves.public
        };
        half.guard.check(url).map_err(|why| Error::refused(url, why))?;
        Ok(half)
    }

    /// Runs `attempt` until it succeeds, fails for good, or patience ends.
    pub(crate) async fn retried<T, F>(&self, url: &Url, attempt: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut failures = 0;
        loop {
            let failure = match attempt().await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            failures += 1;
            let Some(wait) = self.halves.retry.wait(failures, &failure, retry::chance()) else {
                return Err(failure);
            };
            let wait_ms = wait.as_millis();
            tracing::info!(url = %crate::error::shown(url), failures, wait_ms, "will try again: {failure}");
            tokio::time::sleep(wait).await;
        }
    }
}

fn half(settings: &Settings, private: bool) -> Result<Half> {
    let proxy = settings.proxy.as_ref();
    let guard = Guard {
        private,
        proxy: proxy.and_then(Url::host_str).map(str::to_owned),
    };
    let builder = reqwest::Client::builder()
        .user_agent(&settings.user_agent)
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.idle_timeout)
        .timeout(settings.total_timeout)
        // Redirects are followed by us, so that each is judged by the rules.
        .redirect(redirect::Policy::none())
        .dns_resolver(guard.clone());
    let builder = match proxy {
        Some(url) => builder.proxy(reqwest::Proxy::all(url.clone()).map_err(Error::Setup)?),
        None => builder.no_proxy(),
    };
    Ok(Half {
        http: builder.build().map_err(Error::Setup)?,
        guard,
    })
}
