//! The upgrades that clear the most findings.

use advisories::Severity;

use super::{Selection, unsigned};
use crate::Error;
use crate::db::{List, Session, statements};
use crate::findings::severity_of;
use crate::trends::tracked;

statements! {
    /// Component versions whose findings a later version clears, those with the most findings first.
    UPGRADES = concat!(
        "SELECT f.package_version_id AS id, COUNT(*) AS clears, COUNT(DISTINCT f.project_id) AS projects,
            MAX(f.severity) AS worst",
        tracked!("$1", "$2"),
        "WHERE f.closed_at IS NULL AND f.fix_version IS NOT NULL
        GROUP BY f.package_version_id ORDER BY clears DESC, id LIMIT $3");
    /// The versions that clear the findings of each of some component versions.
    FIX_VERSIONS = "SELECT DISTINCT v.id, v.identity, v.version, k.ecosystem, k.name, f.fix_version
        FROM package_version v
        JOIN package k ON k.id = v.package_id
        JOIN finding f ON f.package_version_id = v.id AND f.closed_at IS NULL AND f.fix_version IS NOT NULL
        WHERE v.id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
        LIMIT 2000";
}

/// A component version that many findings go away with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The purl without qualifiers.
    pub identity: String,
    pub ecosystem: String,
    pub name: String,
    pub version: String,
    /// The least version that clears all of them.
    pub to: String,
    pub clears: u64,
    pub projects: u64,
    pub worst: Severity,
}

#[derive(sqlx::FromRow)]
struct UpgradeRow {
    id: i64,
    clears: i64,
    projects: i64,
    worst: i64,
}

#[derive(sqlx::FromRow)]
struct FixRow {
    id: i64,
    identity: String,
    version: String,
    ecosystem: String,
    name: String,
    fix_version: String,
}

/// The upgrades that clear the most findings of the chosen projects.
pub async fn upgrades(
    session: &mut Session,
    selection: &Selection,
    limit: i64,
) -> Result<Vec<Upgrade>, Error> {
    let rows: Vec<UpgradeRow> = session
        .query(&UPGRADES)
        .bind(selection.team.clone())
        .bind(selection.tag_pattern())
        .bind(limit)
        .all()
        .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let fixes: Vec<FixRow> = session.query(&FIX_VERSIONS).bind(List::of(&ids)).all().await?;
    Ok(rows.iter().filter_map(|row| upgrade(row, &fixes)).collect())
}

fn upgrade(row: &UpgradeRow, fixes: &[FixRow]) -> Option<Upgrade> {
    let mine = || fixes.iter().filter(|fix| fix.id == row.id);
    let first = mine().next()?;
    let ecosystem = ecosystems::by_name(&first.ecosystem);
    let key = |version: &str| ecosystem.and_then(|ecosystem| ecosystem.key(version).ok());
    let to = mine().max_by_key(|fix| key(&fix.fix_version))?;
    Some(Upgrade {
        identity: first.identity.clone(),
        ecosystem: first.ecosystem.clone(),
        name: first.name.clone(),
        version: first.version.clone(),
        to: to.fix_version.clone(),
        clears: unsigned(row.clears),
        projects: unsigned(row.projects),
        worst: severity_of(row.worst),
    })
}
