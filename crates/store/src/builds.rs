//! Builds: one upload of one project's ref.

use clock::Timestamp;
use uuid::Uuid;

use crate::Error;
use crate::db::{List, Session, Tx, statements};
use crate::projects::{Project, Reference};

statements! {
    DOCUMENT_SIZE = "SELECT size FROM document WHERE digest = $1";
    NEXT_NUMBER = "UPDATE project SET builds = builds + 1, last_build_at = $2 WHERE id = $1 RETURNING builds";
    KEEP_DOCUMENT = "INSERT INTO document (digest, size, stored_at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING";
    CREATE = "INSERT INTO build
            (uuid, project_id, reference_id, number, channel, version, commit_id, document_digest, idempotency_key,
             inventory_id, format, tools, notices, policy, baseline, actor, status, stage, components, evaluated,
             undetermined, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'queued', 'audit', $17, 0, 0, $18)
        RETURNING *";
    BY_KEY = "SELECT * FROM build WHERE reference_id = $1 AND idempotency_key = $2";
    BY_UUID = "SELECT * FROM build WHERE uuid = $1";
    BY_ID = "SELECT * FROM build WHERE id = $1";
    BY_IDS = "SELECT * FROM build WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    BY_NUMBER = "SELECT * FROM build WHERE project_id = $1 AND number = $2";
    /// The newest finished build of a ref, or with this version, or of the whole project's default ref.
    NEWEST = "SELECT b.* FROM build b JOIN reference r ON r.id = b.reference_id
        WHERE b.project_id = $1
          AND r.name = CAST($2 AS TEXT)
          AND b.status = 'succeeded'
        ORDER BY b.number DESC LIMIT 1";
    NEWEST_VERSION = "SELECT * FROM build WHERE project_id = $1 AND version = $2 AND status = 'succeeded'
        ORDER BY number DESC LIMIT 1";
    /// The newest build of a ref in any state: what a caller who waits is waiting for.
    NEWEST_ANY = "SELECT b.* FROM build b JOIN reference r ON r.id = b.reference_id
        WHERE b.project_id = $1 AND r.name = CAST($2 AS TEXT) ORDER BY b.number DESC LIMIT 1";
    PREVIOUS = "SELECT * FROM build WHERE reference_id = $1 AND number < $2 AND status = 'succeeded'
        ORDER BY number DESC LIMIT 1";
    PAGE = "SELECT b.* FROM build b
        WHERE b.project_id = $1
          AND (CAST($2 AS BIGINT) IS NULL OR b.reference_id = $2)
          AND (CAST($3 AS BIGINT) IS NULL OR b.number < $3)
        ORDER BY b.number DESC LIMIT $4";
    /// Builds whose audit is still to come or at work.
    UNFINISHED = "SELECT id FROM build WHERE status IN ('queued', 'running') ORDER BY id";
    STAGE = "UPDATE build SET status = 'running', stage = $2 WHERE id = $1 AND status IN ('queued', 'running')";
    FAIL = "UPDATE build SET status = 'failed', error = $2, finished_at = $3 WHERE id = $1 AND status <> 'succeeded'";
    SUCCEED = "UPDATE build
        SET status = 'succeeded', stage = 'done', error = NULL, outcome = $2, evaluated = $3, undetermined = $4,
            verdict_id = $5, finished_at = COALESCE(finished_at, $6)
        WHERE id = $1";
    CHECKED_SINCE = "UPDATE reference SET checked_since = $2
        WHERE checked_since IS NULL AND id = (SELECT reference_id FROM build WHERE id = $1)";
    /// The builds that are the state of a tracked ref.
    CURRENT_PAGE = "SELECT r.build_id FROM reference r JOIN project p ON p.id = r.project_id
        WHERE r.tracked AND NOT p.archived AND r.build_id > $1 ORDER BY r.build_id LIMIT $2";
    NEWEST_RELEASE = "SELECT * FROM build
        WHERE project_id = $1 AND number < $2 AND channel = 'release' AND status = 'succeeded'
        ORDER BY number DESC LIMIT 1";
}

/// A build as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Build {
    pub id: i64,
    pub uuid: String,
    pub project_id: i64,
    pub reference_id: i64,
    /// Counts the builds of the project from 1.
    pub number: i64,
    pub channel: String,
    pub version: Option<String>,
    pub commit_id: Option<String>,
    pub document_digest: String,
    pub idempotency_key: String,
    pub inventory_id: i64,
    pub format: String,
    /// A JSON list.
    pub tools: String,
    /// A JSON list of notices.
    pub notices: String,
    pub policy: Option<String>,
    pub baseline: Option<String>,
    pub actor: String,
    /// `queued`, `running`, `succeeded` or `failed`.
    pub status: String,
    pub stage: String,
    pub error: Option<String>,
    /// The verdict in one word, once there is one.
    pub outcome: Option<String>,
    pub components: i64,
    pub evaluated: i64,
    pub undetermined: i64,
    pub verdict_id: Option<i64>,
    pub created_at: i64,
    pub finished_at: Option<i64>,
    /// JSON, see [`crate::sources`]; absent for a document that lists its components.
    pub origin: Option<String>,
    /// JSON, see [`crate::sources`].
    pub progress: Option<String>,
}

impl Build {
    /// Whether nothing more will happen to it by itself.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        matches!(self.status.as_str(), "succeeded" | "failed")
    }

    #[must_use]
    pub fn tool_list(&self) -> Vec<String> {
        serde_json::from_str(&self.tools).unwrap_or_default()
    }

    #[must_use]
    pub fn notice_list(&self) -> Vec<inventory::Notice> {
        serde_json::from_str(&self.notices).unwrap_or_default()
    }
}

/// What an upload brings.
#[derive(Clone, Debug)]
pub struct NewBuild {
    pub version: Option<String>,
    pub commit_id: Option<String>,
    pub document_digest: String,
    pub document_size: i64,
    pub idempotency_key: String,
    pub inventory_id: i64,
    pub format: String,
    pub tools: Vec<String>,
    /// JSON list of notices.
    pub notices: String,
    pub policy: Option<String>,
    pub baseline: Option<String>,
    pub actor: String,
    pub components: i64,
}

/// Records an upload; the build waits for its audit.
pub async fn create(
    tx: &mut Tx,
    project: &Project,
    reference: &Reference,
    new: &NewBuild,
    now: Timestamp,
) -> Result<Build, Error> {
    tx.query(&KEEP_DOCUMENT)
        .bind(new.document_digest.as_str())
        .bind(new.document_size)
        .bind(now.millis())
        .run()
        .await?;
    let number: i64 = tx
        .query(&NEXT_NUMBER)
        .bind(project.id)
        .bind(now.millis())
        .value()
        .await?;
    tx.query(&CREATE)
        .bind(Uuid::now_v7().to_string())
        .bind(project.id)
        .bind(reference.id)
        .bind(number)
        .bind(reference.channel.as_str())
        .bind(new.version.as_deref())
        .bind(new.commit_id.as_deref())
        .bind(new.document_digest.as_str())
        .bind(new.idempotency_key.as_str())
        .bind(new.inventory_id)
        .bind(new.format.as_str())
        .bind(List::of(&new.tools))
        .bind(new.notices.as_str())
        .bind(new.policy.as_deref())
        .bind(new.baseline.as_deref())
        .bind(new.actor.as_str())
        .bind(new.components)
        .bind(now.millis())
        .one()
        .await
}

/// The build that an earlier, equal upload made.
pub async fn by_key(session: &mut Session, reference: i64, key: &str) -> Result<Option<Build>, Error> {
    session.query(&BY_KEY).bind(reference).bind(key).optional().await
}

pub async fn by_uuid(session: &mut Session, uuid: &str) -> Result<Option<Build>, Error> {
    session.query(&BY_UUID).bind(uuid).optional().await
}

pub async fn by_id(session: &mut Session, id: i64) -> Result<Build, Error> {
    session.query(&BY_ID).bind(id).one().await
}

/// The build, unless it was deleted.
pub async fn find(session: &mut Session, id: i64) -> Result<Option<Build>, Error> {
    session.query(&BY_ID).bind(id).optional().await
}

pub async fn by_ids(session: &mut Session, ids: &[i64]) -> Result<Vec<Build>, Error> {
    session.query(&BY_IDS).bind(List::of(ids)).all().await
}

pub async fn by_number(session: &mut Session, project: i64, number: i64) -> Result<Option<Build>, Error> {
    session
        .query(&BY_NUMBER)
        .bind(project)
        .bind(number)
        .optional()
        .await
}

/// The newest finished build of a ref.
pub async fn newest(session: &mut Session, project: i64, reference: &str) -> Result<Option<Build>, Error> {
    session
        .query(&NEWEST)
        .bind(project)
        .bind(reference)
        .optional()
        .await
}

/// The newest finished build of a version.
pub async fn newest_version(
    session: &mut Session,
    project: i64,
    version: &str,
) -> Result<Option<Build>, Error> {
    session
        .query(&NEWEST_VERSION)
        .bind(project)
        .bind(version)
        .optional()
        .await
}

/// The newest build of a ref in any state.
pub async fn newest_any(
    session: &mut Session,
    project: i64,
    reference: &str,
) -> Result<Option<Build>, Error> {
    session
        .query(&NEWEST_ANY)
        .bind(project)
        .bind(reference)
        .optional()
        .await
}

/// The finished build before this number on the same ref.
pub async fn previous(session: &mut Session, reference: i64, number: i64) -> Result<Option<Build>, Error> {
    session
        .query(&PREVIOUS)
        .bind(reference)
        .bind(number)
        .optional()
        .await
}

/// A page of a project's builds, newest first; `before` is the last number seen.
pub async fn page(
    session: &mut Session,
    project: i64,
    reference: Option<i64>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Build>, Error> {
    session
        .query(&PAGE)
        .bind(project)
        .bind(reference)
        .bind(before)
        .bind(limit)
        .all()
        .await
}

/// The builds whose audit is still to come or at work: it may have read what has just changed.
pub(crate) async fn unfinished(session: &mut Session) -> Result<Vec<i64>, Error> {
    session.query(&UNFINISHED).column().await
}

/// The size of a kept document in bytes.
pub async fn document_size(session: &mut Session, digest: &str) -> Result<Option<i64>, Error> {
    let size: Option<(i64,)> = session.query(&DOCUMENT_SIZE).bind(digest).optional().await?;
    Ok(size.map(|(size,)| size))
}

/// Says where the work on a build stands.
pub async fn stage(tx: &mut Tx, id: i64, stage: &str) -> Result<(), Error> {
    tx.query(&STAGE).bind(id).bind(stage).run().await?;
    Ok(())
}

/// Gives a build up, with a reason that its uploader can read.
pub async fn fail(tx: &mut Tx, id: i64, error: &str, now: Timestamp) -> Result<(), Error> {
    tx.query(&FAIL)
        .bind(id)
        .bind(error)
        .bind(now.millis())
        .run()
        .await?;
    Ok(())
}

/// What an audit made of a build.
pub struct Success<'a> {
    pub outcome: &'a str,
    pub evaluated: i64,
    pub undetermined: i64,
    pub verdict_id: i64,
}

/// Settles a build with its verdict. The first one that anything was checked for begins what is known of its ref.
pub async fn succeed(tx: &mut Tx, id: i64, success: &Success<'_>, now: Timestamp) -> Result<(), Error> {
    tx.query(&SUCCEED)
        .bind(id)
        .bind(success.outcome)
        .bind(success.evaluated)
        .bind(success.undetermined)
        .bind(success.verdict_id)
        .bind(now.millis())
        .run()
        .await?;
    if success.evaluated > 0 {
        tx.query(&CHECKED_SINCE).bind(id).bind(now.millis()).run().await?;
    }
    Ok(())
}

/// The builds that are the state of a tracked ref, by id; `after` is the last id seen.
pub async fn current_page(session: &mut Session, after: i64, limit: i64) -> Result<Vec<i64>, Error> {
    session
        .query(&CURRENT_PAGE)
        .bind(after)
        .bind(limit)
        .column()
        .await
}

/// The newest finished release before this number.
pub async fn newest_release(
    session: &mut Session,
    project: i64,
    number: i64,
) -> Result<Option<Build>, Error> {
    session
        .query(&NEWEST_RELEASE)
        .bind(project)
        .bind(number)
        .optional()
        .await
}
