//! The kinds of jobs, what each carries, and how each is put in the queue.

use clock::Timestamp;
use ecosystems::resolve::Assumptions;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Lane, NewJob, enqueue};
use crate::Error;
use crate::db::{Tx, statements};

/// Audits one build: [`AuditJob`].
pub const AUDIT: &str = "audit";
/// Reads one source: [`ResolveJob`].
pub const RESOLVE: &str = "resolve";
/// Looks for ways to green of one build: [`WayJob`].
pub const WAY: &str = "way";
/// Matches the stored versions of some packages again: [`RematchJob`].
pub const REMATCH: &str = "rematch";
/// Reads one feed: [`FeedJob`].
pub const FEED: &str = "feed";
/// Audits the state of every ref again, because time itself changes verdicts.
pub const REFRESH: &str = "refresh";
/// Forgets what need not be kept.
pub const PRUNE: &str = "prune";
/// Hands news to the webhooks that want it.
pub const NOTIFY: &str = "notify";
/// Sends one message: [`DeliverJob`].
pub const DELIVER: &str = "deliver";

/// Packages per rematch job: small enough that a job stays far below its lease.
const PACKAGES_PER_REMATCH: usize = 200;

statements! {
    WAITING = "SELECT COUNT(*) FROM job WHERE unique_key = $1 AND state = 'queued'";
    RUNNING = "SELECT COUNT(*) FROM job WHERE unique_key = $1 AND state = 'running'";
}

/// The build to audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditJob {
    pub build: i64,
}

/// The build whose source is to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveJob {
    pub build: i64,
    /// For what has no lockfile.
    #[serde(default, skip_serializing_if = "Assumptions::is_empty")]
    pub assumptions: Assumptions,
}

/// The build whose findings are to be got rid of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayJob {
    pub build: i64,
}

/// The feed to read, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedJob {
    pub feed: String,
}

/// The message to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverJob {
    pub delivery: i64,
}

/// The packages about which something has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RematchJob {
    pub packages: Vec<i64>,
}

/// Asks for audits of these builds; one that waits already is not asked for twice.
pub async fn enqueue_audit(tx: &mut Tx, builds: &[i64], lane: Lane, now: Timestamp) -> Result<(), Error> {
    for build in builds {
        let job = NewJob {
            kind: AUDIT,
            lane,
            payload: json!(AuditJob { build: *build }).to_string(),
            unique_key: format!("{AUDIT}:{build}"),
            due_at: now,
        };
        enqueue(tx, &job, now).await?;
    }
    Ok(())
}

/// Asks for a source to be read.
pub async fn enqueue_resolve(tx: &mut Tx, job: &ResolveJob, now: Timestamp) -> Result<(), Error> {
    let job = NewJob {
        kind: RESOLVE,
        lane: Lane::Resolve,
        payload: json!(job).to_string(),
        unique_key: format!("{RESOLVE}:{}", job.build),
        due_at: now,
    };
    enqueue(tx, &job, now).await
}

/// Asks for ways to green.
pub async fn enqueue_way(tx: &mut Tx, build: i64, now: Timestamp) -> Result<(), Error> {
    let job = NewJob {
        kind: WAY,
        lane: Lane::Resolve,
        payload: json!(WayJob { build }).to_string(),
        unique_key: format!("{WAY}:{build}"),
        due_at: now,
    };
    enqueue(tx, &job, now).await
}

/// Asks for a feed to be read.
pub async fn enqueue_feed(tx: &mut Tx, feed: &str, due_at: Timestamp, now: Timestamp) -> Result<(), Error> {
    let job = NewJob {
        kind: FEED,
        lane: Lane::Feeds,
        payload: json!(FeedJob {
            feed: feed.to_owned()
        })
        .to_string(),
        unique_key: feed_key(feed),
        due_at,
    };
    enqueue(tx, &job, now).await
}

fn feed_key(feed: &str) -> String {
    format!("{FEED}:{feed}")
}

/// Whether a feed is being read or about to be.
pub async fn feed_is_pending(tx: &mut Tx, feed: &str) -> Result<bool, Error> {
    let key = feed_key(feed);
    let waiting: i64 = tx.query(&WAITING).bind(key.as_str()).value().await?;
    let running: i64 = tx.query(&RUNNING).bind(key.as_str()).value().await?;
    Ok(waiting + running > 0)
}

/// Asks for the stored versions of these packages to be matched again.
pub async fn enqueue_rematch(tx: &mut Tx, packages: &[i64], now: Timestamp) -> Result<(), Error> {
    for packages in packages.chunks(PACKAGES_PER_REMATCH) {
        let payload = json!(RematchJob {
            packages: packages.to_vec()
        })
        .to_string();
        let job = NewJob {
            kind: REMATCH,
            lane: Lane::Sweep,
            unique_key: format!("{REMATCH}:{}", crate::documents::digest(payload.as_bytes())),
            payload,
            due_at: now,
        };
        enqueue(tx, &job, now).await?;
    }
    Ok(())
}

/// Asks for one of the jobs that carry nothing: [`REFRESH`] or [`PRUNE`].
pub async fn enqueue_chore(
    tx: &mut Tx,
    kind: &'static str,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let job = NewJob {
        kind,
        lane: Lane::Sweep,
        payload: "{}".to_owned(),
        unique_key: kind.to_owned(),
        due_at,
    };
    enqueue(tx, &job, now).await
}

/// Asks for news to be handed out, at once or later; one of each waits at most.
pub async fn enqueue_notify(tx: &mut Tx, due_at: Timestamp, now: Timestamp) -> Result<(), Error> {
    let when = if due_at > now { "later" } else { "now" };
    let job = NewJob {
        kind: NOTIFY,
        lane: Lane::Notices,
        payload: "{}".to_owned(),
        unique_key: format!("{NOTIFY}:{when}"),
        due_at,
    };
    enqueue(tx, &job, now).await
}

/// Asks for a message to be sent.
pub async fn enqueue_deliver(
    tx: &mut Tx,
    delivery: i64,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<(), Error> {
    let job = NewJob {
        kind: DELIVER,
        lane: Lane::Notices,
        payload: json!(DeliverJob { delivery }).to_string(),
        unique_key: format!("{DELIVER}:{delivery}"),
        due_at,
    };
    enqueue(tx, &job, now).await
}
