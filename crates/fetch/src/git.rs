//! One state of a git repository over HTTP: its lockfiles and manifests, without a checkout and without history.
//!
//! Protocol version 2 is spoken directly: what a fetch needs of it is small, and so every request goes through this
//! crate's client, with its rule about addresses. Nothing of the repository is run, written to disk under its own
//! name, or followed: no hooks, no submodules, no links. A server that can filter sends the folders first and then
//! only the files that matter; another one sends the whole state, within the same limits.

mod delta;
mod pack;
mod packet;
mod protocol;
mod tree;

use std::sync::Arc;
use std::time::Duration;

use sources::{Collection, Collector, Limits};
use url::Url;

use crate::{Client, Error, Result};
use pack::{Kind, Pack};
use protocol::Remote;
use tree::Oid;

/// Files that are asked for one by one; more are sent with the whole state.
const MOST_BLOBS: usize = 50_000;

/// What to read.
#[derive(Clone, PartialEq, Eq)]
pub struct Repository {
    /// As for `git clone`, without credentials.
    pub url: Url,
    /// A branch, a tag, a whole ref or a commit; the repository's own `HEAD` when absent.
    pub reference: Option<String>,
    /// A token that may read, or `user:password`. Sent to the host of `url` only.
    pub token: Option<String>,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository")
            .field("url", &crate::error::shown(&self.url))
            .field("reference", &self.reference)
            .field("token", &self.token.as_ref().map(|_| "…"))
            .finish()
    }
}

/// Bounds of one reading.
#[derive(Clone, Debug)]
pub struct GitLimits {
    /// Bytes of what the server sends, each time.
    pub pack: u64,
    /// Bytes of all objects together as they are unpacked, deltas included.
    pub unpacked: u64,
    pub time: Duration,
    pub files: Limits,
}

impl Default for GitLimits {
    fn default() -> Self {
        Self {
            pack: 512 << 20,
            unpacked: 2 << 30,
            time: Duration::from_mins(5),
            files: Limits::default(),
        }
    }
}

/// One state of a repository.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The commit, hexadecimal.
    pub commit: String,
    pub collection: Collection,
}

/// How far a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The server is asked which states there are.
    Refs,
    /// Folders, or everything, are on their way.
    Folders,
    /// So many files are on their way.
    Files(usize),
}

/// Reads the state that a repository has now; `stage` is told how far it is.
///
/// # Errors
/// When the repository, the ref or the way there is no good; every error names the URL. Parts that go beyond the
/// limits of files are gaps of the collection and no errors.
pub async fn snapshot(
    client: &Client,
    repository: &Repository,
    limits: &GitLimits,
    stage: impl Fn(Stage),
) -> Result<Snapshot> {
    let reading = read(client, repository, limits, &stage);
    let timed_out = |_| Error::TimedOut {
        target: crate::error::shown(&repository.url),
    };
    tokio::time::timeout(limits.time, reading)
        .await
        .map_err(timed_out)?
}

async fn read(
    client: &Client,
    repository: &Repository,
    limits: &GitLimits,
    stage: &impl Fn(Stage),
) -> Result<Snapshot> {
    stage(Stage::Refs);
    let remote = Remote::open(client, repository).await?;
    let commit = remote.resolve(repository.reference.as_deref()).await?;
    stage(Stage::Folders);
    let filtered = remote.can_filter();
    let file = remote.fetch(&[commit], true, filtered, limits.pack).await?;
    let place = crate::error::shown(&repository.url);
    let (unpacked, files) = (limits.unpacked, limits.files.clone());
    let walked = on_thread(&place, {
        let place = place.clone();
        move || walk(&place, file, commit, unpacked, files)
    })
    .await?;
    let collection = if filtered {
        fetch_blobs(&remote, &place, limits, walked, stage).await?
    } else {
        on_thread(&place, move || Ok(walked.take_all())).await?
    };
    Ok(Snapshot {
        commit: commit.to_string(),
        collection,
    })
}

/// The state's folders were looked through; these files are wanted.
struct Walked {
    collector: Collector,
    wanted: Vec<(String, Oid)>,
    pack: Arc<Pack>,
}

fn walk(place: &str, file: std::fs::File, commit: Oid, unpacked: u64, files: Limits) -> Result<Walked> {
    let pack = Arc::new(Pack::index(place, file, unpacked)?);
    let mut collector = Collector::new(files);
    let wanted = tree::walk(&pack, commit, &mut collector)?;
    Ok(Walked {
        collector,
        wanted,
        pack,
    })
}

impl Walked {
    /// Keeps the wanted files of a state that was sent whole.
    fn take_all(mut self) -> Collection {
        take(&self.pack, &mut self.collector, self.wanted);
        self.collector.finish()
    }
}

fn take(pack: &Pack, collector: &mut Collector, wanted: Vec<(String, Oid)>) {
    for (path, oid) in wanted {
        match pack.object(oid) {
            Ok(Some((Kind::Blob, bytes))) => collector.keep(path, bytes),
            Ok(_) => collector.unreadable(&path, "the server did not send it"),
            Err(error) => collector.unreadable(&path, &error.to_string()),
        }
    }
}

async fn fetch_blobs(
    remote: &Remote<'_>,
    place: &str,
    limits: &GitLimits,
    walked: Walked,
    stage: &impl Fn(Stage),
) -> Result<Collection> {
    let Walked {
        mut collector,
        mut wanted,
        ..
    } = walked;
    if wanted.len() > MOST_BLOBS {
        wanted.truncate(MOST_BLOBS);
        collector.cut_off(&format!(
            "more than {MOST_BLOBS} of its files are lockfiles or manifests"
        ));
    }
    if wanted.is_empty() {
        return Ok(collector.finish());
    }
    stage(Stage::Files(wanted.len()));
    let mut oids: Vec<Oid> = wanted.iter().map(|(_, oid)| *oid).collect();
    oids.sort_unstable();
    oids.dedup();
    let file = remote.fetch(&oids, false, false, limits.pack).await?;
    let (owned, unpacked) = (place.to_owned(), limits.unpacked);
    on_thread(place, move || {
        let pack = Pack::index(&owned, file, unpacked)?;
        take(&pack, &mut collector, wanted);
        Ok(collector.finish())
    })
    .await
}

async fn on_thread<T: Send + 'static>(
    place: &str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let stopped = |_| Error::Invalid {
        target: place.to_owned(),
        what: "reading it stopped early".to_owned(),
    };
    tokio::task::spawn_blocking(work).await.map_err(stopped)?
}
