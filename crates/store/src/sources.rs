//! Builds whose components are not listed yet: a lockfile, an archive, a repository, until it was read.

use clock::Timestamp;
use ecosystems::resolve::Assumptions;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::builds::Build;
use crate::db::{List, Session, Tx, statements};
use crate::jobs::{self, ResolveJob};

statements! {
    BEGIN = "UPDATE build SET origin = $2, stage = 'read' WHERE id = $1";
    KEEP_TOKEN = "INSERT INTO source_credential (build_id, token) VALUES ($1, $2)";
    TOKEN = "SELECT token FROM source_credential WHERE build_id = $1";
    FORGET_TOKEN = "DELETE FROM source_credential WHERE build_id = $1";
    STAND = "UPDATE build SET status = 'running', stage = $2, progress = $3
        WHERE id = $1 AND status IN ('queued', 'running')";
    READ = "UPDATE build
        SET inventory_id = $2, format = $3, tools = $4, notices = $5, components = $6, stage = 'audit', progress = NULL,
            commit_id = COALESCE(commit_id, $7)
        WHERE id = $1 AND status IN ('queued', 'running')";
}

/// Stages before there are components; `audit`, `match`, `judge` and `done` follow.
pub const STAGES: [&str; 4] = ["read", "fetch", "discover", "resolve"];

/// What was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Origin {
    /// One lockfile or manifest.
    File { name: String },
    /// Several files, or an archive; either way the document is an archive.
    Archive { name: Option<String> },
    /// A git repository; the document is the request for it, without its token.
    Repository { url: String, reference: Option<String> },
}

/// How far a stage is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u64,
    /// As far as it is known: a resolution finds out on its way what else it needs.
    pub total: u64,
    /// What of several is being done: `web/package.json (2 of 5)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
}

impl Progress {
    /// How much is done, 0 to 100.
    #[must_use]
    pub const fn percent(&self) -> u64 {
        let total = if self.total == 0 { 1 } else { self.total };
        let percent = self.done.saturating_mul(100) / total;
        if percent > 100 { 100 } else { percent }
    }
}

impl Build {
    /// What is read to find its components; `None` for a document that lists them itself.
    #[must_use]
    pub fn source(&self) -> Option<Origin> {
        serde_json::from_str(self.origin.as_deref()?).ok()
    }

    /// How far its stage is, where that is known.
    #[must_use]
    pub fn stage_progress(&self) -> Option<Progress> {
        serde_json::from_str(self.progress.as_deref()?).ok()
    }

    /// Whether its components are known; until then their number is no number.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.origin.is_none() || !STAGES.contains(&self.stage.as_str())
    }
}

/// Makes a new build one that is to be read, and asks for that.
pub async fn begin(
    tx: &mut Tx,
    build: &Build,
    origin: &Origin,
    token: Option<&str>,
    assumptions: &Assumptions,
    now: Timestamp,
) -> Result<(), Error> {
    tx.query(&BEGIN)
        .bind(build.id)
        .bind(json(origin).as_str())
        .run()
        .await?;
    if let Some(token) = token {
        tx.query(&KEEP_TOKEN).bind(build.id).bind(token).run().await?;
    }
    let job = ResolveJob {
        build: build.id,
        assumptions: assumptions.clone(),
    };
    jobs::enqueue_resolve(tx, &job, now).await
}

/// What a repository is read with.
pub async fn token(session: &mut Session, build: i64) -> Result<Option<String>, Error> {
    let found: Option<(String,)> = session.query(&TOKEN).bind(build).optional().await?;
    Ok(found.map(|(token,)| token))
}

/// Says where the reading stands.
pub async fn stand(tx: &mut Tx, build: i64, stage: &str, progress: Option<&Progress>) -> Result<(), Error> {
    let progress = progress.map(json);
    tx.query(&STAND)
        .bind(build)
        .bind(stage)
        .bind(progress.as_deref())
        .run()
        .await?;
    Ok(())
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Read {
    pub inventory_id: i64,
    pub format: String,
    pub tools: Vec<String>,
    /// A JSON list of notices.
    pub notices: String,
    pub components: i64,
    /// Of a repository, unless the upload named one.
    pub commit_id: Option<String>,
}

/// Gives a build its components; it waits for its audit then, and its credential is gone.
pub async fn settle(tx: &mut Tx, build: i64, read: &Read) -> Result<(), Error> {
    tx.query(&READ)
        .bind(build)
        .bind(read.inventory_id)
        .bind(read.format.as_str())
        .bind(List::of(&read.tools))
        .bind(read.notices.as_str())
        .bind(read.components)
        .bind(read.commit_id.as_deref())
        .run()
        .await?;
    forget_token(tx, build).await
}

/// Forgets what a repository was read with.
pub async fn forget_token(tx: &mut Tx, build: i64) -> Result<(), Error> {
    tx.query(&FORGET_TOKEN).bind(build).run().await?;
    Ok(())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "{}".to_owned())
}
