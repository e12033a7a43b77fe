//! Packages that people want to hear of.

use clock::Timestamp;

use crate::Error;
use crate::db::{List, Session, Tx, statements};

/// More than anybody watches.
pub const MOST: i64 = 500;

statements! {
    ADD = "INSERT INTO watch (actor, package_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    REMOVE = "DELETE FROM watch WHERE actor = $1 AND package_id = $2";
    COUNT = "SELECT COUNT(*) FROM watch WHERE actor = $1";
    IS_WATCHED = "SELECT COUNT(*) FROM watch WHERE actor = $1 AND package_id = $2";
    OF_ACTOR = "SELECT p.id, p.ecosystem, p.name, w.created_at,
            COALESCE((SELECT MAX(v.identity) FROM package_version v WHERE v.package_id = p.id), '') AS identity,
            (SELECT COUNT(*) FROM finding f JOIN package_version v ON v.id = f.package_version_id
                JOIN reference r ON r.id = f.reference_id
                WHERE v.package_id = p.id AND f.closed_at IS NULL AND r.tracked) AS open_findings
        FROM watch w JOIN package p ON p.id = w.package_id
        WHERE w.actor = $1 ORDER BY p.name, p.ecosystem LIMIT $2";
    /// Who watches the packages of these versions.
    WATCHERS = "SELECT v.id, w.actor FROM package_version v JOIN watch w ON w.package_id = v.package_id
        WHERE v.id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json})) ORDER BY v.id, w.actor LIMIT 1000";
}

/// A package that somebody watches.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Watched {
    pub id: i64,
    pub ecosystem: String,
    pub name: String,
    pub created_at: i64,
    /// Of some version of it: a purl; empty where none was ever in use.
    pub identity: String,
    /// On tracked refs.
    pub open_findings: i64,
}

/// Begins to watch; `false` when the person watches too many already.
pub async fn add(tx: &mut Tx, actor: &str, package: i64, now: Timestamp) -> Result<bool, Error> {
    let watched: i64 = tx.query(&COUNT).bind(actor).value().await?;
    if watched >= MOST {
        return Ok(false);
    }
    tx.query(&ADD)
        .bind(actor)
        .bind(package)
        .bind(now.millis())
        .run()
        .await?;
    Ok(true)
}

/// Ends watching.
pub async fn remove(tx: &mut Tx, actor: &str, package: i64) -> Result<(), Error> {
    tx.query(&REMOVE).bind(actor).bind(package).run().await?;
    Ok(())
}

/// Whether the person watches the package.
pub async fn is_watched(session: &mut Session, actor: &str, package: i64) -> Result<bool, Error> {
    let found: i64 = session
        .query(&IS_WATCHED)
        .bind(actor)
        .bind(package)
        .value()
        .await?;
    Ok(found > 0)
}

/// What a person watches, by name.
pub async fn of_actor(session: &mut Session, actor: &str) -> Result<Vec<Watched>, Error> {
    session.query(&OF_ACTOR).bind(actor).bind(MOST).all().await
}

/// Who watches the packages of these versions: pairs of version and person.
pub async fn watchers(session: &mut Session, versions: &[i64]) -> Result<Vec<(i64, String)>, Error> {
    if versions.is_empty() {
        return Ok(Vec::new());
    }
    session.query(&WATCHERS).bind(List::of(versions)).all().await
}
