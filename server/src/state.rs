//! What every handler is given.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use clock::{Clock, Timestamp};
use metrics_exporter_prometheus::PrometheusHandle;
use store::db::Database;
use store::documents::Documents;
use store::wake::Wake;
use tokio::sync::Semaphore;

use crate::pages::portfolio::Remembered;

/// What a service is made of.
pub struct Parts {
    pub database: Database,
    pub documents: Documents,
    pub wake: Wake,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
}

/// How the operator wants it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where people reach the service, `https://plumbline.example.org`, without a slash at the end; the request's
    /// own host stands in when it is not set.
    pub public_url: Option<String>,
    /// Cookies only over HTTPS; set it wherever people come over HTTPS.
    pub secure_cookies: bool,
    pub limits: Limits,
    /// What `/metrics` shows; without a recorder it answers 404.
    pub metrics: Option<PrometheusHandle>,
}

/// What a request may cost.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a document, as sent and after `Content-Encoding`.
    pub document: usize,
    /// Bytes of any other body, as sent and after `Content-Encoding`.
    pub body: usize,
    /// Bodies of documents that are held in memory at a time; further uploads wait.
    pub uploads: usize,
    /// Documents that are read at a time.
    pub readers: usize,
    /// The longest that `?wait=` waits.
    pub wait: Duration,
    /// The longest that anything takes, uploading included.
    pub request: Duration,
    /// The longest that a page takes.
    pub page: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: 64 << 20,
            body: 1 << 20,
            uploads: 16,
            readers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            wait: Duration::from_secs(60),
            request: Duration::from_secs(300),
            page: Duration::from_secs(10),
        }
    }
}

/// The service as handlers see it; a clone is the same service.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

/// Reached through [`Service`], which dereferences to it.
pub struct Inner {
    pub database: Database,
    pub documents: Documents,
    pub wake: Wake,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
    pub(crate) portfolio: Remembered,
    pub(crate) uploads: Arc<Semaphore>,
    pub(crate) readers: Arc<Semaphore>,
    /// Those who follow builds at a time.
    pub(crate) followers: Arc<Semaphore>,
}

/// More than have a build open at a time; whoever comes too late looks again now and then.
const MOST_FOLLOWERS: usize = 256;

impl Service {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let limits = &parts.settings.limits;
        Self(Arc::new(Inner {
            portfolio: Remembered::default(),
            uploads: Arc::new(Semaphore::new(limits.uploads)),
            readers: Arc::new(Semaphore::new(limits.readers)),
            followers: Arc::new(Semaphore::new(MOST_FOLLOWERS)),
            database: parts.database,
            documents: parts.documents,
            wake: parts.wake,
            clock: parts.clock,
            settings: parts.settings,
        }))
    }

    /// The moment of the injected clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl Deref for Service {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
