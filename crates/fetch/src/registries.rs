//! Package registries: npm's packuments, Cargo's sparse index, Python's simple API.
//!
//! [`Registries`] answers what a resolver asks for. Where it asks is the operator's word alone: nothing that a
//! repository says about registries is followed. Answers are kept by a [`Cache`] for a while, absence too.

mod cache;
mod crates;
mod get;
mod npm;
mod pypi;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clock::{Clock, Timestamp};
use ecosystems::resolve::{Answer, Request};
use tokio::sync::Semaphore;
use url::Url;

pub use cache::{Cache, Kept, Later, NoCache};
use get::{Get, Reply};

use crate::{Client, Error, Validator};

/// The largest packument, index file or page, in bytes.
const MAX_DOCUMENT: u64 = 64 << 20;
/// Metadata of a release does not change.
const RELEASE_DAYS: i64 = 30;

/// One registry that the operator has named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// With a slash at the end.
    pub base: Url,
    /// The value of the `Authorization` header; sent to this origin alone.
    pub authorization: Option<String>,
}

/// Which registries there are and how they are asked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// By scope (`@acme`); the empty one is the default. Without any, npm is not asked.
    pub npm: BTreeMap<String, Place>,
    /// Sparse indexes by the name or URL that manifests give them; the empty one is the default.
    pub crates: BTreeMap<String, Place>,
    /// Simple indexes, the first that has a project being the one.
    pub pypi: Vec<Place>,
    /// How many requests are under way at most.
    pub concurrency: usize,
    /// Nothing is asked; only what is kept answers.
    pub offline: bool,
    /// How long an answer is fresh.
    pub fresh: Duration,
    /// How long the absence of a package is believed.
    pub fresh_absence: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            npm: BTreeMap::new(),
            crates: BTreeMap::new(),
            pypi: Vec::new(),
            concurrency: 32,
            offline: false,
            fresh: Duration::from_mins(15),
            fresh_absence: Duration::from_mins(10),
        }
    }
}

/// What leaves out of a document what no resolver reads; `None` when it is no such document.
pub type Reduce = fn(&[u8]) -> Option<Vec<u8>>;

/// Answers requests from the registries or from what is kept of them. Clones share their limits.
#[derive(Clone)]
pub struct Registries {
    client: Client,
    settings: Arc<Settings>,
    cache: Arc<dyn Cache>,
    clock: Arc<dyn Clock>,
    turns: Arc<Semaphore>,
    reduce_packument: Reduce,
}

/// One document and how to get it.
struct Wanted<'a> {
    /// Under which it is kept.
    key: String,
    url: Url,
    place: &'a Place,
    accept: &'static str,
    reduce: Reduce,
}

impl Registries {
    /// Registries over a client; hosts that the operator named may be private.
    #[must_use]
    pub fn new(client: &Client, settings: Settings, cache: Arc<dyn Cache>, clock: Arc<dyn Clock>) -> Self {
        let named = settings
            .npm
            .values()
            .chain(settings.crates.values())
            .chain(&settings.pypi);
        let client = named.fold(client.clone(), |client, place| client.allowing(&place.base));
        Self {
            client,
            turns: Arc::new(Semaphore::new(settings.concurrency.clamp(1, 32))),
            settings: Arc::new(settings),
            cache,
            clock,
            reduce_packument: |bytes| Some(bytes.to_vec()),
        }
    }

    /// The same with a way to make packuments smaller before they are kept.
    #[must_use]
    pub fn reducing_packuments(mut self, reduce: Reduce) -> Self {
        self.reduce_packument = reduce;
        self
    }

    /// The addresses of the Python indexes that are asked.
    #[must_use]
    pub fn python_indexes(&self) -> Vec<String> {
        let places = self.settings.pypi.iter();
        places.map(|place| place.base.to_string()).collect()
    }

    /// Answers a request of a resolver of the ecosystem with this OSV name.
    pub async fn answer(&self, ecosystem: &str, request: &Request) -> Answer {
        match (ecosystem, request) {
            ("npm", Request::Package { name, .. }) => npm::package(self, name).await,
            ("crates.io", Request::Package { name, registry }) => {
                crates::package(self, name, registry.as_deref()).await
            }
            ("PyPI", Request::Package { name, .. }) => pypi::package(self, name).await,
            ("PyPI", Request::Release { name, version, files }) => {
                pypi::release(self, name, version, files).await
            }
            _ => Answer::Failed(format!("nothing is known of registries of {ecosystem}")),
        }
    }

    /// The license that a crate's own manifest states; `None` when it could not be had.
    pub async fn crate_license(&self, name: &str, version: &str) -> Option<String> {
        crates::license(self, name, version).await
    }

    /// A document that may change, from the cache while it is fresh.
    async fn document(&self, wanted: Wanted<'_>) -> Answer {
        let kept = self.cache.get(&wanted.key).await;
        let now = self.clock.now();
        if let Some(kept) = &kept
            && (self.settings.offline || self.is_fresh(kept, now))
        {
            return answer_of(kept);
        }
        if self.settings.offline {
            return offline();
        }
        let known = kept.as_ref().filter(|kept| kept.content.is_some());
        let get = Get {
            url: wanted.url.clone(),
            accept: wanted.accept,
            authorization: wanted.place.authorization.clone(),
            range: None,
            known: known.map(|kept| kept.validator.clone()).unwrap_or_default(),
            limit: MAX_DOCUMENT,
        };
        let fresh = match self.get(&get).await {
            Ok(Reply::Unchanged) => known.cloned().map(|kept| Kept {
                fetched_at: now,
                ..kept
            }),
            Ok(Reply::Document { body, validator, .. }) => {
                let Some(content) = (wanted.reduce)(&body) else {
                    return Answer::Failed("the answer is not in the form that was expected".to_owned());
                };
                Some(Kept {
                    fetched_at: now,
                    content: Some(content),
                    validator,
                })
            }
            Err(error) if is_absent(&error) => Some(Kept {
                fetched_at: now,
                content: None,
                validator: Validator::default(),
            }),
            Err(error) => return stale_or_failed(known, &error),
        };
        let Some(fresh) = fresh else {
            return Answer::Failed("the registry says that nothing has changed since nothing".to_owned());
        };
        self.cache.put(&wanted.key, &fresh).await;
        answer_of(&fresh)
    }

    fn is_fresh(&self, kept: &Kept, now: Timestamp) -> bool {
        let life = match kept.content {
            Some(_) => self.settings.fresh,
            None => self.settings.fresh_absence,
        };
        let age = now.since(kept.fetched_at);
        (0..i64::try_from(life.as_millis()).unwrap_or(i64::MAX)).contains(&age)
    }

    /// Sends a request when it is its turn.
    async fn get(&self, get: &Get) -> crate::Result<Reply> {
        let _turn = self.turns.acquire().await;
        self.client.get(get).await
    }
}

fn answer_of(kept: &Kept) -> Answer {
    match &kept.content {
        Some(content) => Answer::Found(content.as_slice().into()),
        None => Answer::Absent,
    }
}

fn offline() -> Answer {
    Answer::Failed("registries are not asked, and nothing is kept of it".to_owned())
}

/// An older answer is better than none.
fn stale_or_failed(known: Option<&Kept>, error: &Error) -> Answer {
    match known {
        Some(kept) => {
            tracing::warn!("an older answer is used: {error}");
            answer_of(kept)
        }
        None => Answer::Failed(error.to_string()),
    }
}

/// A registry says in several ways that there is no such thing.
fn is_absent(error: &Error) -> bool {
    error.is_absent() || matches!(error, Error::Status { status: 451, .. })
}
