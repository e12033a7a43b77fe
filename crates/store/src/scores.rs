//! Probabilities of exploitation (EPSS), and the order of findings that follows from them.
//!
//! Scores change a little every day for nearly every vulnerability. What lists are sorted by changes only where
//! the score moves to another of the steps of [`advisories::epss::step`], and only such rows are written. A build
//! is audited anew only when a score crosses a limit that some policy names. Pages and the API read the score
//! itself when they are asked.

use std::collections::{BTreeSet, HashMap};

use advisories::epss::{Score as Row, Scores, step};
use audit::{RANK_PROBABILITIES, RANK_PROBABILITY_WIDTH};
use clock::Timestamp;
use serde_json::{Value, json};

use crate::Error;
use crate::db::{Column, Database, Insert, List, Session, Tx, statements};
use crate::feeds::{self, SCORES, Synced};
use crate::findings::{FindingRow, Scored};
use crate::jobs::{self, Lane};

/// Rows that one transaction writes: a first file has hundreds of thousands.
const CHUNK: usize = 25_000;

statements! {
    LOADED = "SELECT COUNT(*) FROM feed WHERE name = $1 AND synced_at IS NOT NULL";
    ALL = "SELECT identifier, score, percentile FROM exploit_score";
    OF = "SELECT identifier, score FROM exploit_score
        WHERE identifier IN (SELECT value FROM {elements}($1{json}))";
    OF_GROUPS = "SELECT i.vulnerability_id, s.score, s.percentile
        FROM vulnerability_identifier i
        JOIN exploit_score s ON s.identifier = i.identifier
        WHERE i.vulnerability_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    REMOVE = "DELETE FROM exploit_score WHERE identifier IN (SELECT value FROM {elements}($1{json}))";
    GROUPS = "SELECT DISTINCT vulnerability_id FROM vulnerability_identifier
        WHERE identifier IN (SELECT value FROM {elements}($1{json}))";
    /// Each element is `[vulnerability, step]`; `$2` and `$3` say where a rank holds the step.
    RERANK = "UPDATE finding
        SET rank = rank + (CAST(e.value{json} ->> 1 AS BIGINT) - rank / $2 % $3) * $2
        FROM {elements}($1{json}) AS e
        WHERE finding.vulnerability_id = CAST(e.value{json} ->> 0 AS BIGINT)
          AND finding.closed_at IS NULL
          AND rank / $2 % $3 <> CAST(e.value{json} ->> 1 AS BIGINT)";
    /// The policies that hold, as JSON.
    POLICIES = "SELECT r.document FROM policy p
        JOIN policy_revision r ON r.policy_id = p.id AND r.revision = p.revision";
    /// Current builds with an open finding of these groups.
    CONCERNED = "SELECT DISTINCT r.build_id
        FROM finding f
        JOIN reference r ON r.id = f.reference_id
        WHERE f.vulnerability_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
          AND f.closed_at IS NULL AND r.build_id IS NOT NULL
        ORDER BY r.build_id";
}

static ROW: Insert = Insert {
    table: "exploit_score",
    columns: &["identifier", "score", "percentile"],
    suffix: "ON CONFLICT (identifier) DO UPDATE SET score = excluded.score, percentile = excluded.percentile",
};

/// The score of an alias group: the greatest of its ids; shares from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    pub probability: f64,
    pub percentile: f64,
}

/// What a new file changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Scores that are new or differ.
    pub changed: usize,
    pub removed: usize,
    /// Findings whose place in lists is another.
    pub reranked: u64,
    /// Builds that are audited anew because a score crossed a policy's limit.
    pub builds: usize,
}

/// Why a file was not taken over; the last good state stays.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    #[error(
        "there are {now} scores after {before}; that is taken for a mistake, and the last good state stays"
    )]
    Shrunk { before: i64, now: usize },
    #[error("there are {now} scores, fewer than the {least} that the configuration demands")]
    TooFew { least: i64, now: usize },
    #[error("the scores are of {now}, older than those of {before} that are stored")]
    Older { before: String, now: String },
    #[error(transparent)]
    Store(#[from] Error),
}

/// The scores of these ids; `None` when none were ever loaded, which is not the same as improbable.
pub async fn of_identifiers(
    session: &mut Session,
    identifiers: &BTreeSet<&str>,
) -> Result<Option<HashMap<String, f64>>, Error> {
    let loaded: i64 = session.query(&LOADED).bind(SCORES).value().await?;
    if loaded == 0 {
        return Ok(None);
    }
    let identifiers: Vec<&str> = identifiers.iter().copied().collect();
    let rows: Vec<(String, f64)> = session.query(&OF).bind(List::of(&identifiers)).all().await?;
    Ok(Some(rows.into_iter().collect()))
}

/// The scores of alias groups by vulnerability; one without a scored id is not among them.
pub async fn of_groups(session: &mut Session, groups: &[i64]) -> Result<HashMap<i64, Score>, Error> {
    let rows: Vec<(i64, f64, f64)> = session.query(&OF_GROUPS).bind(List::of(groups)).all().await?;
    let mut scores: HashMap<i64, Score> = HashMap::new();
    for (group, probability, percentile) in rows {
        let score = Score {
            probability,
            percentile,
        };
        let best = scores.entry(group).or_insert(score);
        if best.probability < probability {
            *best = score;
        }
    }
    Ok(scores)
}

/// Gives findings the scores of today.
pub async fn attach<'r>(
    session: &mut Session,
    rows: impl Iterator<Item = &'r mut FindingRow>,
) -> Result<(), Error> {
    let mut rows: Vec<&mut FindingRow> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let groups: BTreeSet<i64> = rows.iter().map(|row| row.vulnerability_id).collect();
    let groups: Vec<i64> = groups.into_iter().collect();
    let scores = of_groups(session, &groups).await?;
    for row in &mut rows {
        row.probability = Scored(scores.get(&row.vulnerability_id).copied());
    }
    Ok(())
}

/// Takes over a whole file. It goes in several transactions, each consistent in itself; the feed counts as read
/// with the last one.
///
/// # Errors
/// See [`ReplaceError`].
pub async fn replace(
    database: &Database,
    scores: &Scores,
    validator: &str,
    synced_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Replaced, ReplaceError> {
    let mut session = database.read().await?;
    let feed = feeds::by_name(&mut session, SCORES).await?;
    let feed = feed.ok_or_else(|| Error::corrupt("feed", &"the feed of scores is not there"))?;
    refuse(&feed, scores)?;
    let stored: Vec<(String, f64, f64)> = session.query(&ALL).all().await?;
    let limits = limits(&mut session).await?;
    drop(session);
    let difference = Difference::of(stored, scores, &limits);
    let mut replaced = Replaced {
        changed: difference.changed.len(),
        removed: difference.removed.len(),
        ..Replaced::default()
    };
    let mut crossed: BTreeSet<i64> = BTreeSet::new();
    for part in difference.parts() {
        let mut tx = database.begin().await?;
        write(&mut tx, &part).await?;
        replaced.reranked += rerank(&mut tx, &part.moved).await?;
        crossed.extend(groups(&mut tx, &part.crossing).await?);
        let builds = concerned(&mut tx, &crossed).await?;
        jobs::enqueue_audit(&mut tx, &builds, Lane::Sweep, now).await?;
        replaced.builds = builds.len();
        if part.is_last {
            let state = state(scores, validator, synced_at);
            feeds::synced(&mut tx, feed.id, &state, now).await?;
        }
        tx.commit().await?;
    }
    Ok(replaced)
}

/// The probabilities from which on some policy says something else.
async fn limits(session: &mut Session) -> Result<Vec<f64>, Error> {
    let documents: Vec<String> = session.query(&POLICIES).column().await?;
    let mut limits: Vec<f64> = documents
        .iter()
        .filter_map(|document| serde_json::from_str::<Value>(document).ok())
        .filter_map(|policy| policy.pointer("/vulnerability/min_epss")?.as_f64())
        .collect();
    limits.sort_by(f64::total_cmp);
    limits.dedup();
    Ok(limits)
}

fn refuse(feed: &feeds::Feed, scores: &Scores) -> Result<(), ReplaceError> {
    let now = scores.rows.len();
    let (before, least) = (feed.records, feed.least.max(1));
    let of = |number: i64| usize::try_from(number).unwrap_or(0);
    if now < of(least) {
        return Err(ReplaceError::TooFew { least, now });
    }
    if feed.synced_at.is_some() && !feeds::is_tolerable_loss(of(before), now) {
        return Err(ReplaceError::Shrunk { before, now });
    }
    let newest = feed.newest_at.map(Timestamp::from_millis);
    if let (Some(before), Some(now)) = (newest, scores.date)
        && now < before
    {
        return Err(ReplaceError::Older {
            before: before.date(),
            now: now.date(),
        });
    }
    Ok(())
}

fn state(scores: &Scores, validator: &str, synced_at: Option<Timestamp>) -> Synced {
    Synced {
        revision: scores.version.clone(),
        records: i64::try_from(scores.rows.len()).unwrap_or(i64::MAX),
        newest_at: scores.date.map(Timestamp::millis),
        error: None,
        validator: validator.to_owned(),
        synced_at,
    }
}

/// What a file changes.
struct Difference<'s> {
    changed: Vec<&'s Row>,
    removed: Vec<String>,
    /// Ids whose step is another.
    moved: BTreeSet<String>,
    /// Ids whose score crossed a policy's limit.
    crossing: BTreeSet<String>,
}

/// A part that one transaction writes.
struct Part<'d> {
    changed: &'d [&'d Row],
    removed: &'d [String],
    moved: Vec<&'d str>,
    crossing: Vec<&'d str>,
    is_last: bool,
}

impl<'s> Difference<'s> {
    fn of(stored: Vec<(String, f64, f64)>, scores: &'s Scores, limits: &[f64]) -> Self {
        let mut known: HashMap<String, (f64, f64)> = stored
            .into_iter()
            .map(|(id, probability, percentile)| (id, (probability, percentile)))
            .collect();
        let mut difference = Self {
            changed: Vec::new(),
            removed: Vec::new(),
            moved: BTreeSet::new(),
            crossing: BTreeSet::new(),
        };
        for row in &scores.rows {
            let before = known.remove(&row.id);
            if before != Some((row.probability, row.percentile)) {
                difference.changed.push(row);
                let before = before.map(|(probability, _)| probability);
                difference.note(&row.id, before, Some(row.probability), limits);
            }
        }
        difference.removed = known.keys().cloned().collect();
        difference.removed.sort_unstable();
        for (id, (before, _)) in known {
            difference.note(&id, Some(before), None, limits);
        }
        difference
    }

    fn note(&mut self, id: &str, before: Option<f64>, now: Option<f64>, limits: &[f64]) {
        if before.map(step) != now.map(step) {
            self.moved.insert(id.to_owned());
        }
        let above = |score: Option<f64>, limit: f64| score.is_some_and(|score| score >= limit);
        if limits
            .iter()
            .any(|limit| above(before, *limit) != above(now, *limit))
        {
            self.crossing.insert(id.to_owned());
        }
    }

    /// At least one part, so that the feed is noted as read.
    fn parts(&self) -> Vec<Part<'_>> {
        let mut parts: Vec<Part<'_>> = self
            .changed
            .chunks(CHUNK)
            .map(|changed| {
                let ids = || changed.iter().map(|row| row.id.as_str());
                Part {
                    changed,
                    removed: &[],
                    moved: ids().filter(|id| self.moved.contains(*id)).collect(),
                    crossing: ids().filter(|id| self.crossing.contains(*id)).collect(),
                    is_last: false,
                }
            })
            .collect();
        let gone = || self.removed.iter().map(String::as_str);
        parts.push(Part {
            changed: &[],
            removed: &self.removed,
            moved: gone().filter(|id| self.moved.contains(*id)).collect(),
            crossing: gone().filter(|id| self.crossing.contains(*id)).collect(),
            is_last: true,
        });
        parts
    }
}

async fn write(tx: &mut Tx, part: &Part<'_>) -> Result<(), Error> {
    if !part.changed.is_empty() {
        let columns = vec![
            Column::Text(part.changed.iter().map(|row| row.id.clone()).collect()),
            Column::MaybeReal(part.changed.iter().map(|row| Some(row.probability)).collect()),
            Column::MaybeReal(part.changed.iter().map(|row| Some(row.percentile)).collect()),
        ];
        tx.insert(&ROW, columns).await?;
    }
    if !part.removed.is_empty() {
        tx.query(&REMOVE).bind(List::of(part.removed)).run().await?;
    }
    Ok(())
}

async fn groups(tx: &mut Tx, ids: &[&str]) -> Result<Vec<i64>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    tx.query(&GROUPS).bind(List::of(ids)).column().await
}

/// Gives open findings of these ids the place that the scores of today give them.
async fn rerank(tx: &mut Tx, moved: &[&str]) -> Result<u64, Error> {
    let groups = groups(tx, moved).await?;
    if groups.is_empty() {
        return Ok(0);
    }
    let scores = of_groups(tx, &groups).await?;
    let steps: Vec<Value> = groups
        .iter()
        .map(|group| {
            json!([
                group,
                scores.get(group).map_or(0, |score| step(score.probability))
            ])
        })
        .collect();
    tx.query(&RERANK)
        .bind(List::of(&steps))
        .bind(RANK_PROBABILITY_WIDTH)
        .bind(RANK_PROBABILITIES)
        .run()
        .await
}

async fn concerned(tx: &mut Tx, groups: &BTreeSet<i64>) -> Result<Vec<i64>, Error> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let groups: Vec<i64> = groups.iter().copied().collect();
    tx.query(&CONCERNED).bind(List::of(&groups)).column().await
}
