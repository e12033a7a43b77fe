//! The sums that trends are drawn from: how many findings of tracked refs opened and closed on a day.

use std::collections::BTreeMap;

use clock::Timestamp;

use crate::Error;
use crate::db::{Column, Insert, Tx, statements};
use crate::projects::Project;

statements! {
    /// What trends count of a project: see [`is_counted`](super::is_counted).
    COUNTED = "SELECT f.severity, COUNT(*) FROM finding f JOIN reference r ON r.id = f.reference_id
        WHERE f.project_id = $1 AND r.tracked AND f.closed_at IS NULL AND f.class IN ('malicious', 'vulnerability')
        GROUP BY f.severity";
}

static NEW_DELTA: Insert = Insert {
    table: "trend_delta",
    columns: &["scope", "day", "severity", "opened", "closed"],
    suffix: "ON CONFLICT (scope, day, severity) DO UPDATE SET
        opened = trend_delta.opened + excluded.opened, closed = trend_delta.closed + excluded.closed",
};

/// By severity, how many opened and how many closed.
pub(crate) type Deltas = BTreeMap<i64, (i64, i64)>;

/// The trends that count the tracked refs of a project.
#[must_use]
pub fn scopes(project: &Project) -> Vec<String> {
    if project.archived {
        return Vec::new();
    }
    let mut scopes = vec!["portfolio".to_owned()];
    if !project.team.is_empty() {
        scopes.push(format!("team:{}", project.team));
    }
    scopes
}

/// Takes everything open of a project out of the trends.
pub(crate) async fn withdraw(tx: &mut Tx, project: &Project, now: Timestamp) -> Result<(), Error> {
    let open = counted(tx, project).await?;
    let deltas = open
        .into_iter()
        .map(|(severity, count)| (severity, (0, count)))
        .collect();
    add(tx, &scopes(project), &deltas, now).await
}

/// Puts everything open of a project into the trends.
pub(crate) async fn enter(tx: &mut Tx, project: &Project, now: Timestamp) -> Result<(), Error> {
    let open = counted(tx, project).await?;
    let deltas = open
        .into_iter()
        .map(|(severity, count)| (severity, (count, 0)))
        .collect();
    add(tx, &scopes(project), &deltas, now).await
}

async fn counted(tx: &mut Tx, project: &Project) -> Result<Vec<(i64, i64)>, Error> {
    tx.query(&COUNTED).bind(project.id).all().await
}

/// Adds to the trends of these scopes.
pub(crate) async fn add(
    tx: &mut Tx,
    scopes: &[String],
    deltas: &Deltas,
    now: Timestamp,
) -> Result<(), Error> {
    let rows: Vec<(&String, i64, i64, i64)> = scopes
        .iter()
        .flat_map(|scope| {
            deltas
                .iter()
                .map(move |(severity, (opened, closed))| (scope, *severity, *opened, *closed))
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let columns = vec![
        Column::Text(rows.iter().map(|(scope, ..)| (*scope).clone()).collect()),
        Column::Int(vec![now.day(); rows.len()]),
        Column::Int(rows.iter().map(|(_, severity, ..)| *severity).collect()),
        Column::Int(rows.iter().map(|(_, _, opened, _)| *opened).collect()),
        Column::Int(rows.iter().map(|(.., closed)| *closed).collect()),
    ];
    tx.insert(&NEW_DELTA, columns).await?;
    Ok(())
}
