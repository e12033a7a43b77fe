//! Bringing the stored findings of a ref to what an audit found: opened, kept, closed, with cause.

use std::collections::BTreeMap;

use clock::Timestamp;
use policy::{Cause, DecisionState, Finding};

use super::trends::{self, Deltas};
use super::{cause_word, severity_code};
use crate::db::{Column, Insert, List, Session, Tx, statements};
use crate::inventories::scope_word;
use crate::{Error, deadlines};

statements! {
    /// What is open on a ref, and what was once open: a finding that returns keeps its id.
    KNOWN = "SELECT id, uuid, package_version_id, vulnerability_id, severity, opened_at, closed_at, close_reason, cause, cause_detail,
            CASE WHEN closed_at IS NULL THEN body ELSE '' END AS body
        FROM finding WHERE reference_id = $1";
    IDS = "SELECT uuid, id FROM finding WHERE uuid IN (SELECT value FROM {elements}($1{json}))";
    CLOSE = "UPDATE finding SET closed_at = $2, close_reason = $3
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json})) AND closed_at IS NULL";
    END_SPANS = "UPDATE finding_span SET closed_at = $2, close_reason = $3, close_detail = $4
        WHERE finding_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json})) AND closed_at IS NULL";
}

/// A new row, or the new state of a row that is there; its id, UUID and project never change.
static CURRENT: Insert = Insert {
    table: "finding",
    columns: &[
        "uuid",
        "project_id",
        "reference_id",
        "package_version_id",
        "vulnerability_id",
        "class",
        "severity",
        "score",
        "rank",
        "kev",
        "fix_version",
        "scope",
        "direct",
        "opened_at",
        "due_at",
        "cause",
        "cause_detail",
        "body",
    ],
    suffix: "ON CONFLICT (reference_id, package_version_id, vulnerability_id) DO UPDATE SET
        class = excluded.class, severity = excluded.severity, score = excluded.score, rank = excluded.rank,
        kev = excluded.kev, fix_version = excluded.fix_version, scope = excluded.scope, direct = excluded.direct,
        opened_at = excluded.opened_at, closed_at = NULL, close_reason = NULL, due_at = excluded.due_at,
        cause = excluded.cause, cause_detail = excluded.cause_detail, body = excluded.body",
};

/// A span that ended in the same millisecond goes on.
static NEW_SPAN: Insert = Insert {
    table: "finding_span",
    columns: &["finding_id", "opened_at", "severity", "cause", "cause_detail"],
    suffix: "ON CONFLICT (finding_id, opened_at) DO UPDATE SET closed_at = NULL, close_reason = NULL,
        close_detail = NULL, severity = excluded.severity, cause = excluded.cause,
        cause_detail = excluded.cause_detail",
};

/// What the store knows of a finding of a ref.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Known {
    pub id: i64,
    pub uuid: String,
    pub package_version_id: i64,
    pub vulnerability_id: i64,
    pub severity: i64,
    pub opened_at: i64,
    pub closed_at: Option<i64>,
    pub close_reason: Option<String>,
    pub cause: String,
    pub cause_detail: String,
    /// Empty when the finding is closed.
    pub body: String,
}

/// Why a finding is no longer open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CloseReason {
    /// The package is there in a version that is not affected.
    Fixed,
    /// The package is gone.
    Removed,
    /// No advisory says it of this version any more.
    Retracted,
    /// Another version of the package has it: a new finding, as old as this one.
    Moved,
    /// Whether it still holds cannot be told: what is there now could not be checked.
    Unchecked,
    /// The same finding goes on at another severity.
    Rescored,
    /// Somebody decided that it does not affect the product.
    NotAffected,
    /// Somebody decided that it is none.
    FalsePositive,
    /// Somebody said that it is fixed although the version does not tell.
    SaidFixed,
}

impl CloseReason {
    /// The reason for which a decision closes a finding; `None` for one that leaves it open.
    #[must_use]
    pub const fn decided(state: DecisionState) -> Option<Self> {
        match state {
            DecisionState::NotAffected => Some(Self::NotAffected),
            DecisionState::FalsePositive => Some(Self::FalsePositive),
            DecisionState::Fixed => Some(Self::SaidFixed),
            _ => None,
        }
    }

    /// Whether a stored reason is that of a decision.
    #[must_use]
    pub fn is_decision(word: &str) -> bool {
        [Self::NotAffected, Self::FalsePositive, Self::SaidFixed]
            .iter()
            .any(|reason| reason.word() == word)
    }

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Removed => "removed",
            Self::Retracted => "retracted",
            Self::Moved => "moved",
            Self::Unchecked => "unchecked",
            Self::Rescored => "rescored",
            Self::NotAffected => "not_affected",
            Self::FalsePositive => "false_positive",
            Self::SaidFixed => "said_fixed",
        }
    }
}

/// A finding that an audit found, with its place in the store.
#[derive(Clone, Debug)]
pub struct Current {
    pub package_version: i64,
    pub vulnerability: i64,
    /// Its `id` is the UUID.
    pub finding: Finding,
    pub opened_at: Timestamp,
    pub cause: Cause,
    pub cause_detail: String,
}

/// A finding that an audit no longer found.
#[derive(Clone, Debug)]
pub struct Gone {
    pub id: i64,
    pub severity: i64,
    /// Whether trends count findings of its class.
    pub counted: bool,
    pub reason: CloseReason,
    /// The version or the record that the reason speaks of; may be empty.
    pub detail: String,
}

/// A finding that goes on, but is counted elsewhere than until now.
#[derive(Clone, Debug)]
pub struct Rescored {
    pub id: i64,
    /// The record that rates it now.
    pub detail: String,
    /// The severity until now, and whether trends counted it.
    pub severity: i64,
    pub counted: bool,
    pub current: Current,
}

/// Everything that an audit changes about the findings of a ref.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// New, or open again.
    pub opened: Vec<Current>,
    /// Open before and now, at the same severity, with something else about them that changed.
    pub updated: Vec<Current>,
    /// Open before and now, but counted elsewhere: at another severity, or as a vulnerability now or no longer.
    pub rescored: Vec<Rescored>,
    pub closed: Vec<Gone>,
    /// There, but decided not to matter: kept as closed, and never opened.
    pub cleared: Vec<(Current, CloseReason)>,
}

impl Change {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.opened.is_empty()
            && self.updated.is_empty()
            && self.rescored.is_empty()
            && self.closed.is_empty()
            && self.cleared.is_empty()
    }
}

/// Whose findings they are.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    pub project: i64,
    pub reference: i64,
    /// The scopes of trends that count them: none when the ref is not tracked.
    pub scopes: &'a [String],
}

/// The findings of a ref, open and closed.
pub async fn known(session: &mut Session, reference: i64) -> Result<Vec<Known>, Error> {
    session.query(&KNOWN).bind(reference).all().await
}

/// Whether trends count the finding: what is no vulnerability counts apart.
#[must_use]
pub fn is_counted(finding: &Finding) -> bool {
    use advisories::Class;
    matches!(finding.class, Class::Malicious | Class::Vulnerability)
}

/// Writes the change; the ref must be locked.
pub async fn reconcile(
    tx: &mut Tx,
    subject: &Subject<'_>,
    change: &Change,
    now: Timestamp,
) -> Result<(), Error> {
    close(tx, &change.closed, now).await?;
    end_spans_of_rescored(tx, change, now).await?;
    let rescored = || change.rescored.iter().map(|rescored| &rescored.current);
    let written: Vec<&Current> = change
        .opened
        .iter()
        .chain(&change.updated)
        .chain(rescored())
        .collect();
    if !written.is_empty() {
        tx.insert(&CURRENT, columns(subject, &written)).await?;
    }
    keep_cleared(tx, subject, &change.cleared, now).await?;
    let begun: Vec<&Current> = change.opened.iter().chain(rescored()).collect();
    begin_spans(tx, &begun, now).await?;
    record_deltas(tx, subject, change, now).await
}

/// Rows of findings that never opened, so that people see what was decided about them.
async fn keep_cleared(
    tx: &mut Tx,
    subject: &Subject<'_>,
    cleared: &[(Current, CloseReason)],
    now: Timestamp,
) -> Result<(), Error> {
    if cleared.is_empty() {
        return Ok(());
    }
    let rows: Vec<&Current> = cleared.iter().map(|(current, _)| current).collect();
    tx.insert(&CURRENT, columns(subject, &rows)).await?;
    let ids = ids_of(tx, &rows).await?;
    let mut groups: BTreeMap<CloseReason, Vec<i64>> = BTreeMap::new();
    for (current, reason) in cleared {
        groups
            .entry(*reason)
            .or_default()
            .extend(ids.get(&current.finding.id));
    }
    for (reason, ids) in groups {
        tx.query(&CLOSE)
            .bind(List::of(&ids))
            .bind(now.millis())
            .bind(reason.word())
            .run()
            .await?;
    }
    Ok(())
}

async fn ids_of(tx: &mut Tx, rows: &[&Current]) -> Result<BTreeMap<String, i64>, Error> {
    let uuids: Vec<&str> = rows.iter().map(|current| current.finding.id.as_str()).collect();
    let ids: Vec<(String, i64)> = tx.query(&IDS).bind(List::of(&uuids)).all().await?;
    Ok(ids.into_iter().collect())
}

async fn close(tx: &mut Tx, closed: &[Gone], now: Timestamp) -> Result<(), Error> {
    let mut groups: BTreeMap<(CloseReason, &str), Vec<i64>> = BTreeMap::new();
    for gone in closed {
        groups
            .entry((gone.reason, gone.detail.as_str()))
            .or_default()
            .push(gone.id);
    }
    for ((reason, detail), ids) in groups {
        tx.query(&CLOSE)
            .bind(List::of(&ids))
            .bind(now.millis())
            .bind(reason.word())
            .run()
            .await?;
        end_spans(tx, &ids, reason, detail, now).await?;
    }
    Ok(())
}

async fn end_spans_of_rescored(tx: &mut Tx, change: &Change, now: Timestamp) -> Result<(), Error> {
    let mut groups: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for rescored in &change.rescored {
        groups.entry(&rescored.detail).or_default().push(rescored.id);
    }
    for (detail, ids) in groups {
        end_spans(tx, &ids, CloseReason::Rescored, detail, now).await?;
    }
    Ok(())
}

async fn end_spans(
    tx: &mut Tx,
    ids: &[i64],
    reason: CloseReason,
    detail: &str,
    now: Timestamp,
) -> Result<(), Error> {
    tx.query(&END_SPANS)
        .bind(List::of(ids))
        .bind(now.millis())
        .bind(reason.word())
        .bind(detail)
        .run()
        .await?;
    Ok(())
}

fn columns(subject: &Subject<'_>, rows: &[&Current]) -> Vec<Column> {
    fn each<T>(rows: &[&Current], value: impl Fn(&Current) -> T) -> Vec<T> {
        rows.iter().map(|row| value(row)).collect()
    }
    vec![
        Column::Text(each(rows, |row| row.finding.id.clone())),
        Column::Int(vec![subject.project; rows.len()]),
        Column::Int(vec![subject.reference; rows.len()]),
        Column::Int(each(rows, |row| row.package_version)),
        Column::Int(each(rows, |row| row.vulnerability)),
        Column::Text(each(rows, |row| row.finding.class.word().to_owned())),
        Column::Int(each(rows, |row| severity_code(row.finding.severity.level))),
        Column::MaybeReal(each(rows, |row| row.finding.severity.score)),
        Column::Int(each(rows, |row| audit::rank(&row.finding))),
        Column::MaybeBool(each(rows, |row| row.finding.kev)),
        Column::MaybeText(each(rows, |row| row.finding.fix.version.clone())),
        Column::Text(each(rows, |row| {
            scope_word(row.finding.component.scope).to_owned()
        })),
        Column::MaybeBool(each(rows, |row| row.finding.component.direct)),
        Column::Int(each(rows, |row| row.opened_at.millis())),
        Column::MaybeInt(each(rows, |row| due_at(row).map(Timestamp::millis))),
        Column::Text(each(rows, |row| cause_word(row.cause).to_owned())),
        Column::Text(each(rows, |row| row.cause_detail.clone())),
        Column::Text(each(rows, |row| body_text(&row.finding))),
    ]
}

/// What is no vulnerability is not due, unless the policy says so.
fn due_at(current: &Current) -> Option<Timestamp> {
    let finding = &current.finding;
    if is_counted(finding) {
        deadlines::due(finding.due, finding.severity.level, current.opened_at)
    } else {
        finding.due
    }
}

/// The finding as its row holds it.
#[must_use]
pub fn body_text(finding: &Finding) -> String {
    // A finding is made of strings, numbers and lists: it always has a JSON form.
    serde_json::to_string(finding).unwrap_or_default()
}

async fn begin_spans(tx: &mut Tx, begun: &[&Current], now: Timestamp) -> Result<(), Error> {
    if begun.is_empty() {
        return Ok(());
    }
    let ids = ids_of(tx, begun).await?;
    let rows: Vec<(i64, &Current)> = begun
        .iter()
        .filter_map(|current| Some((*ids.get(&current.finding.id)?, *current)))
        .collect();
    let columns = vec![
        Column::Int(rows.iter().map(|(id, _)| *id).collect()),
        Column::Int(vec![now.millis(); rows.len()]),
        Column::Int(
            rows.iter()
                .map(|(_, current)| severity_code(current.finding.severity.level))
                .collect(),
        ),
        Column::Text(
            rows.iter()
                .map(|(_, current)| cause_word(current.cause).to_owned())
                .collect(),
        ),
        Column::Text(
            rows.iter()
                .map(|(_, current)| current.cause_detail.clone())
                .collect(),
        ),
    ];
    tx.insert(&NEW_SPAN, columns).await?;
    Ok(())
}

async fn record_deltas(
    tx: &mut Tx,
    subject: &Subject<'_>,
    change: &Change,
    now: Timestamp,
) -> Result<(), Error> {
    let mut deltas = Deltas::new();
    let counted = change
        .opened
        .iter()
        .chain(change.rescored.iter().map(|rescored| &rescored.current));
    for current in counted.filter(|current| is_counted(&current.finding)) {
        deltas
            .entry(severity_code(current.finding.severity.level))
            .or_default()
            .0 += 1;
    }
    for gone in change.closed.iter().filter(|gone| gone.counted) {
        deltas.entry(gone.severity).or_default().1 += 1;
    }
    for rescored in change.rescored.iter().filter(|rescored| rescored.counted) {
        deltas.entry(rescored.severity).or_default().1 += 1;
    }
    trends::add(tx, subject.scopes, &deltas, now).await
}
