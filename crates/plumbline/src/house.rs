//! Both doors on one state: how the configuration becomes a running service.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clock::Clock;
use fetch::Url;
use store::wake::Wake;
use store::{sessions, tokens};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::commands::{Failure, output};
use crate::configuration::Configuration;
use crate::state::State;

/// How long requests and jobs at hand may take when the process is asked to end.
const GRACE: Duration = Duration::from_secs(20);
/// Histograms are condensed this often, so that they stay small when nobody reads them.
const UPKEEP: Duration = Duration::from_secs(5);
/// Whom the printed link signs in.
const FIRST_USER: &str = "admin";

/// A listening socket; opened first, so that a taken port is told before anything else is done.
pub(crate) struct Door {
    listener: TcpListener,
    address: SocketAddr,
}

impl Door {
    pub(crate) async fn open(configuration: &Configuration) -> Result<Self, Failure> {
        let wanted = configuration.listen;
        let failed = |source| Failure::Listen { wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        if !address.ip().is_loopback() && configuration.public_url.is_none() {
            tracing::warn!(
                %address,
                "others can reach this address, but public_url is not set: links and cookies assume plain http"
            );
        }
        Ok(Self { listener, address })
    }
}

/// The state with everything around it that doors need.
pub(crate) struct House {
    pub(crate) configuration: Configuration,
    pub(crate) state: State,
    pub(crate) clock: Arc<dyn Clock>,
    wake: Wake,
    /// Only what serves shows numbers.
    metrics: Option<server::Metrics>,
}

impl House {
    pub(crate) fn new(configuration: Configuration, state: State, clock: Arc<dyn Clock>) -> Self {
        Self {
            wake: Wake::new(&state.database),
            metrics: None,
            configuration,
            state,
            clock,
        }
    }

    /// The same, with the numbers that operators watch.
    pub(crate) fn counting(self) -> Self {
        let metrics = server::record_metrics();
        if let Some(metrics) = metrics.clone() {
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(UPKEEP).await;
                    metrics.run_upkeep();
                }
            });
        }
        Self { metrics, ..self }
    }

    /// The service behind pages and API.
    pub(crate) fn service(&self) -> server::Service {
        let public_url = self.configuration.public_url.as_ref();
        server::Service::new(server::Parts {
            database: self.state.database.clone(),
            documents: self.state.documents.clone(),
            wake: self.wake.clone(),
            clock: Arc::clone(&self.clock),
            settings: server::Settings {
                public_url: public_url.map(without_slash),
                secure_cookies: public_url.is_some_and(|url| url.scheme() == "https"),
                limits: server::Limits {
                    document: usize::try_from(self.configuration.document_bytes).unwrap_or(usize::MAX),
                    ..server::Limits::default()
                },
                metrics: self.metrics.clone(),
            },
        })
    }

    /// The worker of the same state.
    pub(crate) fn worker(&self) -> worker::Worker {
        worker::Worker::new(self.worker_parts())
    }

    /// What a job of the worker is given.
    pub(crate) fn worker_parts(&self) -> worker::Parts {
        worker::Parts {
            database: self.state.database.clone(),
            documents: self.state.documents.clone(),
            wake: self.wake.clone(),
            clock: Arc::clone(&self.clock),
            settings: Arc::new(worker::Settings {
                feeds: self.configuration.all_feeds(),
                feeds_on_request: !self.configuration.feeds.sync,
                public_url: self.configuration.public_url.as_ref().map(without_slash),
                network: self.configuration.network(),
                source_hosts: self.configuration.source_hosts.clone(),
                mail: self.configuration.mail.clone(),
                registries: self.configuration.registries.clone(),
            }),
        }
    }

    /// Whether nobody has ever come in: no token, and no browser that is signed in.
    pub(crate) async fn is_untouched(&self) -> Result<bool, Failure> {
        let mut session = self.state.database.read().await?;
        Ok(tokens::list(&mut session, None, 1).await?.is_empty() && !sessions::any(&mut session).await?)
    }

    /// Prints a link that signs somebody in once, alone on standard output.
    pub(crate) async fn print_login_link(&self, door: &Door) -> Result<(), Failure> {
        let base = self.configuration.base_url(door.address);
        let now = self.clock.now();
        let link = self.state.login_link(&base, FIRST_USER, "system", now).await?;
        output::print(&format!("{link}\n"))
    }

    /// Serves pages and API and does the jobs, until the process is asked to end.
    pub(crate) async fn serve(&self, door: Door) -> Result<(), Failure> {
        let shutdown = CancellationToken::new();
        let jobs = tokio::spawn(self.worker().run(shutdown.clone()));
        let served = self.pages(door, &shutdown).await;
        shutdown.cancel();
        // Leases bring back what does not end in time.
        let _ = tokio::time::timeout(GRACE, jobs).await;
        served
    }

    /// Serves pages and API until the process is asked to end.
    pub(crate) async fn serve_pages(&self, door: Door) -> Result<(), Failure> {
        self.pages(door, &CancellationToken::new()).await
    }

    async fn pages(&self, door: Door, shutdown: &CancellationToken) -> Result<(), Failure> {
        let address = door.address;
        tracing::info!(%address, "listening on {address}");
        let router = server::router(self.service());
        let stopping = shutdown.clone();
        let serving = axum::serve(door.listener, router)
            .with_graceful_shutdown(async move { stopping.cancelled().await })
            .into_future();
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => return ended.map_err(|source| Failure::Listen { wanted: address, source }),
            () = asked_to_end() => shutdown.cancel(),
        }
        tracing::info!("ending; requests at hand are finished first");
        match tokio::time::timeout(GRACE, serving).await {
            Ok(ended) => ended.map_err(|source| Failure::Listen {
                wanted: address,
                source,
            }),
            // Who still waits for a verdict asks again, of another process or of this one's successor.
            Err(_) => Ok(()),
        }
    }

    /// Does the jobs until the process is asked to end.
    pub(crate) async fn work(&self) {
        let shutdown = CancellationToken::new();
        let mut jobs = tokio::spawn(self.worker().run(shutdown.clone()));
        tracing::info!("working");
        tokio::select! {
            _ = &mut jobs => return,
            () = asked_to_end() => shutdown.cancel(),
        }
        tracing::info!("ending; jobs at hand are finished first");
        let _ = tokio::time::timeout(GRACE, jobs).await;
    }
}

impl Configuration {
    /// Every feed of the configuration, scheduled or not.
    pub(crate) fn all_feeds(&self) -> Vec<worker::FeedSetting> {
        self.feeds.all.clone()
    }

    /// How the outside is spoken to.
    pub(crate) fn network(&self) -> fetch::Settings {
        fetch::Settings {
            proxy: self.proxy.clone(),
            ..fetch::Settings::default()
        }
    }
}

/// As the doors want it: without a slash at the end.
fn without_slash(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Ends with ctrl-c, or with the signal that service managers send.
async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without a handler the system ends the process by itself.
    let _ = tokio::signal::ctrl_c().await;
}
