//! What is kept of registries between resolutions.

use std::pin::Pin;

use clock::Timestamp;

use crate::Validator;

/// A future that a cache gives.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One answer that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub fetched_at: Timestamp,
    /// Reduced to what resolvers read; `None`: there was no such thing.
    pub content: Option<Vec<u8>>,
    pub validator: Validator,
}

/// Where answers are kept. A cache that fails is one that has nothing: it logs and goes on.
pub trait Cache: Send + Sync {
    fn get<'a>(&'a self, key: &'a str) -> Later<'a, Option<Kept>>;

    fn put<'a>(&'a self, key: &'a str, kept: &'a Kept) -> Later<'a, ()>;
}

/// Keeps nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCache;

impl Cache for NoCache {
    fn get<'a>(&'a self, _: &'a str) -> Later<'a, Option<Kept>> {
        Box::pin(async { None })
    }

    fn put<'a>(&'a self, _: &'a str, _: &'a Kept) -> Later<'a, ()> {
        Box::pin(async {})
    }
}
