//! What reviewers concluded about licenses: bound to versions of a package, for one project or for all.

use audit::Conclusion;
use clock::Timestamp;

use crate::Error;
use crate::db::{Session, Tx, statements};

/// The most conclusions that are read for one project.
const MOST: i64 = 20_000;

statements! {
    CREATE = "INSERT INTO license_conclusion (uuid, project_id, purl, license, reason, author, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *";
    BY_UUID = "SELECT * FROM license_conclusion WHERE uuid = $1";
    PAGE = "SELECT * FROM license_conclusion
        WHERE (CAST($1 AS BIGINT) IS NULL OR project_id = $1 OR project_id IS NULL)
          AND (CAST($2 AS BIGINT) IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3";
    /// A project's own come before those for all; the newest of each first.
    OF_PROJECT = "SELECT * FROM license_conclusion WHERE project_id = $1 OR project_id IS NULL
        ORDER BY CASE WHEN project_id IS NULL THEN 1 ELSE 0 END, id DESC LIMIT $2";
    DELETE = "DELETE FROM license_conclusion WHERE id = $1";
}

/// A conclusion as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredConclusion {
    pub id: i64,
    pub uuid: String,
    /// `None` for all projects.
    pub project_id: Option<i64>,
    /// A package URL with the versions that were looked at.
    pub purl: String,
    /// An SPDX expression.
    pub license: String,
    pub reason: String,
    pub author: String,
    pub created_at: i64,
}

/// A conclusion that is to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewConclusion<'a> {
    pub project: Option<i64>,
    pub purl: &'a str,
    pub license: &'a str,
    pub reason: &'a str,
    pub author: &'a str,
}

/// Stores a conclusion.
pub async fn create(tx: &mut Tx, new: &NewConclusion<'_>, now: Timestamp) -> Result<StoredConclusion, Error> {
    tx.query(&CREATE)
        .bind(crate::new_uuid())
        .bind(new.project)
        .bind(new.purl)
        .bind(new.license)
        .bind(new.reason)
        .bind(new.author)
        .bind(now.millis())
        .one()
        .await
}

/// The conclusion with this public id.
pub async fn by_uuid(session: &mut Session, uuid: &str) -> Result<Option<StoredConclusion>, Error> {
    session.query(&BY_UUID).bind(uuid).optional().await
}

/// A page of conclusions, newest first: those that count for a project, or all of them.
pub async fn page(
    session: &mut Session,
    project: Option<i64>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<StoredConclusion>, Error> {
    session
        .query(&PAGE)
        .bind(project)
        .bind(before)
        .bind(limit)
        .all()
        .await
}

/// What counts for a project, in the order in which it does. What cannot be read any more counts for nothing.
pub async fn of_project(session: &mut Session, project: i64) -> Result<Vec<Conclusion>, Error> {
    let rows: Vec<StoredConclusion> = session.query(&OF_PROJECT).bind(project).bind(MOST).all().await?;
    let conclusions = rows.into_iter().filter_map(|row| {
        Some(Conclusion {
            purl: row.purl.parse().ok()?,
            license: row.license,
        })
    });
    Ok(conclusions.collect())
}

/// Forgets a conclusion; the audit log remembers it.
pub async fn delete(tx: &mut Tx, conclusion: i64) -> Result<(), Error> {
    tx.query(&DELETE).bind(conclusion).run().await?;
    Ok(())
}
