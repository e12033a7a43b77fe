//! Verdicts, kept as they were given, so that a release decision can be replayed.

use std::collections::HashMap;

use audit::{ComponentStatus, Report, Upgrade};
use clock::Timestamp;
use policy::{Counts, Finding, Verdict};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::db::{List, Session, Tx, statements};
use crate::packed::{pack, unpack};

statements! {
    CREATE = "INSERT INTO verdict (build_id, outcome, body, details, cause, created_at)
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
    BY_ID = "SELECT id, outcome, body, details, cause, created_at FROM verdict WHERE id = $1";
    BODY = "SELECT body FROM verdict WHERE id = $1";
    /// The newest ones of all builds; they are numbered as they are given.
    RECENT = "SELECT id, created_at FROM verdict ORDER BY id DESC LIMIT $1";
    HISTORY = "SELECT id, outcome, cause, created_at FROM verdict WHERE build_id = $1 ORDER BY id DESC LIMIT $2";
    BODIES = "SELECT id, body FROM verdict
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    HISTORY_OF_BUILDS = "SELECT build_id, outcome, cause, created_at FROM verdict
        WHERE build_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
        ORDER BY id DESC LIMIT $2";
    /// Verdicts that were superseded long ago; the one that holds and the first one given are kept.
    PRUNE = "DELETE FROM verdict WHERE created_at < $1
        AND id <> (SELECT b.verdict_id FROM build b WHERE b.id = verdict.build_id)
        AND id <> (SELECT MIN(v.id) FROM verdict v WHERE v.build_id = verdict.build_id)";
}

/// A report as it was given, with what made it differ from the one before.
#[derive(Clone, Debug)]
pub struct StoredReport {
    pub id: i64,
    pub outcome: String,
    /// One sentence.
    pub cause: String,
    pub created_at: Timestamp,
    pub report: Report,
}

/// One line of a build's verdict history.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VerdictLine {
    pub id: i64,
    pub outcome: String,
    pub cause: String,
    pub created_at: i64,
}

/// One verdict among those of several builds.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BuildVerdict {
    pub build_id: i64,
    pub outcome: String,
    pub cause: String,
    pub created_at: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    outcome: String,
    body: Vec<u8>,
    details: Vec<u8>,
    cause: String,
    created_at: i64,
}

/// Everything of a report that the verdict itself does not carry.
#[derive(Serialize)]
struct DetailsOf<'a> {
    findings: &'a [Finding],
    components: &'a [ComponentStatus],
    upgrades: &'a [Upgrade],
}

#[derive(Deserialize)]
struct Details {
    findings: Vec<Finding>,
    components: Vec<ComponentStatus>,
    upgrades: Vec<Upgrade>,
}

/// A report made ready for storing, outside any transaction.
#[derive(Debug)]
pub struct PreparedReport {
    body: Vec<u8>,
    details: Vec<u8>,
}

impl PreparedReport {
    /// Compresses the report; pure work, best done on a worker thread.
    ///
    /// # Errors
    /// When the report has no JSON form.
    pub fn new(report: &Report) -> Result<Self, Error> {
        let details = DetailsOf {
            findings: &report.findings,
            components: &report.components,
            upgrades: &report.upgrades,
        };
        Ok(Self {
            body: pack("verdict", &report.verdict)?,
            details: pack("report", &details)?,
        })
    }
}

/// The word that JSON uses for an outcome, too.
#[must_use]
pub const fn outcome_word(outcome: policy::Outcome) -> &'static str {
    match outcome {
        policy::Outcome::Pass => "pass",
        policy::Outcome::Warn => "warn",
        policy::Outcome::Fail => "fail",
        policy::Outcome::Indeterminate => "indeterminate",
        policy::Outcome::Pending => "pending",
    }
}

/// Keeps a verdict; answers its id.
pub async fn create(
    tx: &mut Tx,
    build: i64,
    outcome: &str,
    prepared: &PreparedReport,
    cause: &str,
    now: Timestamp,
) -> Result<i64, Error> {
    tx.query(&CREATE)
        .bind(build)
        .bind(outcome)
        .bind(prepared.body.as_slice())
        .bind(prepared.details.as_slice())
        .bind(cause)
        .bind(now.millis())
        .value()
        .await
}

/// The whole report of a verdict.
pub async fn report(session: &mut Session, id: i64) -> Result<StoredReport, Error> {
    let row: Row = session.query(&BY_ID).bind(id).one().await?;
    let details: Details = unpack("report", &row.details)?;
    Ok(StoredReport {
        id: row.id,
        outcome: row.outcome,
        cause: row.cause,
        created_at: Timestamp::from_millis(row.created_at),
        report: Report {
            verdict: unpack("verdict", &row.body)?,
            findings: details.findings,
            components: details.components,
            upgrades: details.upgrades,
        },
    })
}

/// The newest verdicts of all builds, with when they were given.
pub async fn recent(session: &mut Session, limit: i64) -> Result<Vec<(i64, i64)>, Error> {
    session.query(&RECENT).bind(limit).all().await
}

/// The verdict alone: cheaper where components and upgrades are not asked for.
pub async fn verdict(session: &mut Session, id: i64) -> Result<Verdict, Error> {
    let body: Vec<u8> = session.query(&BODY).bind(id).value().await?;
    unpack("verdict", &body)
}

/// What each of these verdicts counted.
pub async fn counts(session: &mut Session, ids: &[i64]) -> Result<HashMap<i64, Counts>, Error> {
    /// The one part of a verdict that is asked for; the rest is skipped, not built.
    #[derive(Deserialize)]
    struct Counted {
        counts: Counts,
    }
    let rows: Vec<(i64, Vec<u8>)> = session.query(&BODIES).bind(List::of(ids)).all().await?;
    rows.into_iter()
        .map(|(id, body)| Ok((id, unpack::<Counted>("verdict", &body)?.counts)))
        .collect()
}

/// The verdicts that these builds were given, newest first.
pub async fn history_of_builds(
    session: &mut Session,
    builds: &[i64],
    limit: i64,
) -> Result<Vec<BuildVerdict>, Error> {
    session
        .query(&HISTORY_OF_BUILDS)
        .bind(List::of(builds))
        .bind(limit)
        .all()
        .await
}

/// The verdicts that a build was given, newest first.
pub async fn history(session: &mut Session, build: i64, limit: i64) -> Result<Vec<VerdictLine>, Error> {
    session.query(&HISTORY).bind(build).bind(limit).all().await
}

/// Forgets verdicts older than a moment that neither hold nor were the first of their build.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<u64, Error> {
    tx.query(&PRUNE).bind(before.millis()).run().await
}
