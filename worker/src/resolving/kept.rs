//! Where answers of registries are kept between resolutions: in the store, or in memory for one run.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fetch::Validator;
use fetch::registries::{Cache, Kept, Later};
use store::db::Database;
use store::registry::{self, Document};

/// What one run keeps in memory at most, in bytes.
const MOST_IN_MEMORY: usize = 128 << 20;

/// What is kept of registries in the store.
#[derive(Clone, Debug)]
pub struct StoredAnswers(pub Database);

impl StoredAnswers {
    async fn find(&self, key: &str) -> Result<Option<Document>, store::Error> {
        registry::find(&mut self.0.read().await?, key).await
    }

    async fn keep(&self, key: &str, document: &Document) -> Result<(), store::Error> {
        let mut tx = self.0.begin().await?;
        registry::put(&mut tx, key, document).await?;
        tx.commit().await
    }
}

impl Cache for StoredAnswers {
    fn get<'a>(&'a self, key: &'a str) -> Later<'a, Option<Kept>> {
        Box::pin(async move {
            let found = self.find(key).await.unwrap_or_else(|error| {
                tracing::warn!(key, "a kept answer could not be read: {error}");
                None
            });
            found.map(|document| Kept {
                fetched_at: document.fetched_at,
                content: document.content,
                validator: Validator {
                    etag: document.etag,
                    last_modified: document.last_modified,
                },
            })
        })
    }

    fn put<'a>(&'a self, key: &'a str, kept: &'a Kept) -> Later<'a, ()> {
        Box::pin(async move {
            let document = Document {
                fetched_at: kept.fetched_at,
                content: kept.content.clone(),
                etag: kept.validator.etag.clone(),
                last_modified: kept.validator.last_modified.clone(),
            };
            if let Err(error) = self.keep(key, &document).await {
                tracing::warn!(key, "an answer could not be kept: {error}");
            }
        })
    }
}

/// What is kept for one run, where there is no store: the projects of one source ask for much of the same.
#[derive(Debug, Default)]
pub struct MemoryAnswers(Mutex<(HashMap<String, Kept>, usize)>);

impl Cache for MemoryAnswers {
    fn get<'a>(&'a self, key: &'a str) -> Later<'a, Option<Kept>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = held.0.get(key).cloned();
        Box::pin(async move { found })
    }

    fn put<'a>(&'a self, key: &'a str, kept: &'a Kept) -> Later<'a, ()> {
        let size = key.len() + kept.content.as_ref().map_or(0, Vec::len);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.1 + size <= MOST_IN_MEMORY {
            held.1 += size;
            held.0.insert(key.to_owned(), kept.clone());
        }
        Box::pin(async {})
    }
}
