//! Waivers: kept for ever, in one of four states, with what became of them in the last verdict of each ref.

pub mod rejudge;
mod uses;

use std::collections::HashMap;

use clock::Timestamp;
use policy::{Day, Waiver};

use crate::Error;
use crate::db::{Column, Insert, List, Session, Tx, statements};

pub(crate) use uses::STATEMENTS as USE_STATEMENTS;
pub use uses::{Use, UseSummary, record, uses};

/// Days before its end from which a waiver is said to be ending.
pub const ENDING_DAYS: i64 = 14;

/// The most waivers that are read for one project: far more than anybody can look after.
const MOST_OF_PROJECT: i64 = 10_000;

statements! {
    CREATE = "INSERT INTO waiver (uuid, state, document, vulnerability, everywhere, expires_day, decided_on, origin,
            requested_by, decided_by, revision, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11) RETURNING *";
    BY_UUID = "SELECT * FROM waiver WHERE uuid = $1";
    /// Only who has seen the last revision may change it. A new end is one that was not acted upon.
    UPDATE = "UPDATE waiver SET state = $3, document = $4, expires_day = $5, ended_at = NULL, decided_by = $6,
            decided_because = $7, requested_by = COALESCE(CAST($9 AS TEXT), requested_by), revision = revision + 1,
            updated_at = $8
        WHERE id = $1 AND revision = $2 RETURNING *";
    PAGE = "SELECT w.* FROM waiver w
        WHERE (CAST($1 AS BIGINT) IS NULL OR w.id < $1)
          AND w.state IN (SELECT value FROM {elements}($2{json}))
          AND (CAST($3 AS BIGINT) IS NULL OR w.expires_day >= $3)
          AND (CAST($4 AS BIGINT) IS NULL OR w.expires_day <= $4)
          AND (NOT $5 OR w.expires_day IS NULL OR w.expires_day >= $6)
          AND (CAST($7 AS TEXT) IS NULL OR ($7 = 'unused'
                AND EXISTS (SELECT 1 FROM waiver_use u WHERE u.waiver_id = w.id)
                AND NOT EXISTS (SELECT 1 FROM waiver_use u WHERE u.waiver_id = w.id AND u.outcome <> 'unused'))
            OR ($7 = 'stale' AND EXISTS (SELECT 1 FROM waiver_use u WHERE u.waiver_id = w.id AND u.outcome = 'stale')))
          AND (CAST($8 AS BIGINT) IS NULL OR w.everywhere
            OR EXISTS (SELECT 1 FROM waiver_project x WHERE x.waiver_id = w.id AND x.project_id = $8))
          AND (CAST($9 AS TEXT) IS NULL OR lower(w.document) LIKE $9)
        ORDER BY w.id DESC LIMIT $10";
    OF_PROJECT = "SELECT * FROM waiver w
        WHERE w.state = 'active' AND (w.everywhere
            OR EXISTS (SELECT 1 FROM waiver_project x WHERE x.waiver_id = w.id AND x.project_id = $1))
        ORDER BY w.id LIMIT $2";
    PROJECTS = "SELECT x.waiver_id, x.project_id FROM waiver_project x
        WHERE x.waiver_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    MALWARE = "SELECT COUNT(*) FROM (SELECT 1 FROM vulnerability_identifier i JOIN finding f ON f.vulnerability_id = i.vulnerability_id
        WHERE lower(i.identifier) = $1 AND f.class = 'malicious' LIMIT 1) AS found";
    /// Active ones whose last day is over and whose end nobody has acted upon.
    OVER = "SELECT * FROM waiver WHERE ended_at IS NULL AND state = 'active' AND expires_day < $1 ORDER BY id LIMIT 200";
    /// Active ones that end soon and of whose end nobody was warned.
    TO_WARN = "SELECT * FROM waiver WHERE ended_at IS NULL AND state = 'active' AND expires_day >= $1 AND expires_day <= $2
          AND (warned_day IS NULL OR warned_day <> expires_day)
        ORDER BY expires_day, id LIMIT 200";
    WARNED = "UPDATE waiver SET warned_day = expires_day WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    END = "UPDATE waiver SET ended_at = $2 WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    /// States of tracked refs that a waiver can concern: those of its projects, or those with the vulnerability.
    BUILDS_OF_PROJECTS = "SELECT DISTINCT r.build_id FROM reference r
        WHERE r.build_id IS NOT NULL AND r.project_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
        ORDER BY r.build_id LIMIT 5000";
    BUILDS_WITH = "SELECT DISTINCT r.build_id FROM vulnerability_identifier i
        JOIN finding f ON f.vulnerability_id = i.vulnerability_id JOIN reference r ON r.id = f.reference_id
        WHERE lower(i.identifier) = $1 AND r.build_id IS NOT NULL
        ORDER BY r.build_id LIMIT 50000";
}

static SCOPE: Insert = Insert {
    table: "waiver_project",
    columns: &["waiver_id", "project_id"],
    suffix: "ON CONFLICT DO NOTHING",
};

/// Where a waiver stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaiverState {
    Active,
    /// Somebody must approve it.
    Pending,
    Rejected,
    /// Taken back.
    Revoked,
}

impl WaiverState {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
        }
    }

    /// Reads back what [`WaiverState::word`] wrote.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Active, Self::Pending, Self::Rejected, Self::Revoked]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// A waiver as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredWaiver {
    pub id: i64,
    pub uuid: String,
    pub state: String,
    pub document: String,
    pub vulnerability: Option<String>,
    pub everywhere: bool,
    pub expires_day: Option<i64>,
    pub ended_at: Option<i64>,
    pub decided_on: String,
    pub origin: String,
    pub requested_by: String,
    pub decided_by: Option<String>,
    pub decided_because: Option<String>,
    pub revision: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

impl StoredWaiver {
    /// The waiver, with the id and the people that the row knows.
    ///
    /// # Errors
    /// When what is stored is damaged.
    pub fn waiver(&self) -> Result<Waiver, Error> {
        let waiver: Waiver =
            serde_json::from_str(&self.document).map_err(|error| Error::corrupt("waiver", &error))?;
        Ok(Waiver {
            id: self.uuid.clone(),
            requested_by: Some(self.requested_by.clone()),
            approved_by: self
                .decided_by
                .clone()
                .filter(|_| self.state == WaiverState::Active.word()),
            created_at: Some(Timestamp::from_millis(self.created_at)),
            ..waiver
        })
    }

    /// Whether its last day is over.
    #[must_use]
    pub fn is_over(&self, today: Day) -> bool {
        self.expires_day.is_some_and(|last| last < today.number())
    }

    /// Whether it holds, but not for long.
    #[must_use]
    pub fn is_ending(&self, today: Day) -> bool {
        let ends = today.number()..=today.number() + ENDING_DAYS;
        self.state == WaiverState::Active.word() && self.expires_day.is_some_and(|last| ends.contains(&last))
    }
}

/// A waiver that is to be stored.
#[derive(Clone, Debug)]
pub struct NewWaiver<'a> {
    pub waiver: &'a Waiver,
    pub state: WaiverState,
    /// Internal ids; empty means all projects.
    pub projects: &'a [i64],
    pub decided_on: &'a str,
    pub origin: &'a str,
    pub requested_by: &'a str,
    /// Who approved it already.
    pub approved_by: Option<&'a str>,
}

/// What becomes of a stored waiver.
#[derive(Clone, Debug)]
pub struct WaiverChange<'a> {
    pub waiver: &'a Waiver,
    pub state: WaiverState,
    pub decided_by: Option<&'a str>,
    pub because: Option<&'a str>,
    /// Who asks for it as it is now, when that is somebody else than before.
    pub requested_by: Option<&'a str>,
}

/// Which waivers are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shelf {
    /// Those that hold today.
    #[default]
    Active,
    Pending,
    /// Those that hold for at most [`ENDING_DAYS`] more.
    Ending,
    /// Those whose last day is over.
    Expired,
    /// Those that matched nothing in any last verdict.
    Unused,
    /// Those whose matter has changed.
    Stale,
    /// Rejected and revoked ones.
    Closed,
    All,
}

/// What is asked of the list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub shelf: Shelf,
    /// Those that hold in this project.
    pub project: Option<i64>,
    /// Any part of the waiver.
    pub text: Option<String>,
}

/// Stores a waiver.
pub async fn create(tx: &mut Tx, new: &NewWaiver<'_>, now: Timestamp) -> Result<StoredWaiver, Error> {
    let stored: StoredWaiver = tx
        .query(&CREATE)
        .bind(crate::new_uuid())
        .bind(new.state.word())
        .bind(document(new.waiver)?)
        .bind(new.waiver.vulnerability.as_ref().map(|id| id.to_lowercase()))
        .bind(new.projects.is_empty())
        .bind(new.waiver.expires_on.map(Day::number))
        .bind(new.decided_on)
        .bind(new.origin)
        .bind(new.requested_by)
        .bind(new.approved_by)
        .bind(now.millis())
        .one()
        .await?;
    let columns = vec![
        Column::Int(vec![stored.id; new.projects.len()]),
        Column::Int(new.projects.to_vec()),
    ];
    if !new.projects.is_empty() {
        tx.insert(&SCOPE, columns).await?;
    }
    Ok(stored)
}

/// What the row itself knows is not in its document, too.
fn document(waiver: &Waiver) -> Result<String, Error> {
    let bare = Waiver {
        id: String::new(),
        requested_by: None,
        approved_by: None,
        created_at: None,
        ..waiver.clone()
    };
    serde_json::to_string(&bare).map_err(|error| Error::corrupt("waiver", &error))
}

/// The waiver with this public id.
pub async fn by_uuid(session: &mut Session, uuid: &str) -> Result<Option<StoredWaiver>, Error> {
    session.query(&BY_UUID).bind(uuid).optional().await
}

/// Changes a waiver; `None` when somebody else was quicker. What it names and where it holds never change.
pub async fn update(
    tx: &mut Tx,
    stored: &StoredWaiver,
    change: &WaiverChange<'_>,
    now: Timestamp,
) -> Result<Option<StoredWaiver>, Error> {
    tx.query(&UPDATE)
        .bind(stored.id)
        .bind(stored.revision)
        .bind(change.state.word())
        .bind(document(change.waiver)?)
        .bind(change.waiver.expires_on.map(Day::number))
        .bind(change.decided_by)
        .bind(change.because)
        .bind(now.millis())
        .bind(change.requested_by)
        .optional()
        .await
}

/// A page of waivers, newest first, behind `after`.
pub async fn page(
    session: &mut Session,
    filter: &Filter,
    today: Day,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<StoredWaiver>, Error> {
    use WaiverState::{Active, Pending, Rejected, Revoked};
    let today = today.number();
    let (states, from, to, holds, outcome): (&[WaiverState], _, _, bool, Option<&str>) = match filter.shelf {
        Shelf::Active => (&[Active], None, None, true, None),
        Shelf::Pending => (&[Pending], None, None, false, None),
        Shelf::Ending => (&[Active], Some(today), Some(today + ENDING_DAYS), true, None),
        Shelf::Expired => (&[Active], None, Some(today - 1), false, None),
        Shelf::Unused => (&[Active], None, None, true, Some("unused")),
        Shelf::Stale => (&[Active], None, None, true, Some("stale")),
        Shelf::Closed => (&[Rejected, Revoked], None, None, false, None),
        Shelf::All => (&[Active, Pending, Rejected, Revoked], None, None, false, None),
    };
    let states: Vec<&str> = states.iter().map(|state| state.word()).collect();
    session
        .query(&PAGE)
        .bind(after)
        .bind(List::of(&states))
        .bind(from)
        .bind(to)
        .bind(holds)
        .bind(today)
        .bind(outcome)
        .bind(filter.project)
        .bind(filter.text.as_deref().map(crate::projects::contains))
        .bind(limit)
        .all()
        .await
}

/// Every active waiver that can hold in a project, expired ones too: a verdict names them.
pub async fn of_project(session: &mut Session, project: i64) -> Result<Vec<Waiver>, Error> {
    let rows: Vec<StoredWaiver> = session
        .query(&OF_PROJECT)
        .bind(project)
        .bind(MOST_OF_PROJECT)
        .all()
        .await?;
    rows.iter().map(StoredWaiver::waiver).collect()
}

/// The internal ids of the projects that waivers name, by waiver.
pub async fn projects(session: &mut Session, waivers: &[i64]) -> Result<HashMap<i64, Vec<i64>>, Error> {
    let rows: Vec<(i64, i64)> = session.query(&PROJECTS).bind(List::of(waivers)).all().await?;
    let mut projects: HashMap<i64, Vec<i64>> = HashMap::new();
    for (waiver, project) in rows {
        projects.entry(waiver).or_default().push(project);
    }
    Ok(projects)
}

/// Whether an id is that of malware, as far as any finding tells.
pub async fn is_malware(session: &mut Session, id: &str) -> Result<bool, Error> {
    let id = id.to_lowercase();
    let found: i64 = session.query(&MALWARE).bind(id.as_str()).value().await?;
    Ok(found > 0 || id.starts_with("mal-"))
}

/// Active waivers whose last day is over and whose end nobody has acted upon yet.
pub async fn over(session: &mut Session, today: Day) -> Result<Vec<StoredWaiver>, Error> {
    session.query(&OVER).bind(today.number()).all().await
}

/// Notes that the end of these waivers was acted upon.
pub async fn end(tx: &mut Tx, waivers: &[i64], now: Timestamp) -> Result<(), Error> {
    tx.query(&END)
        .bind(List::of(waivers))
        .bind(now.millis())
        .run()
        .await?;
    Ok(())
}

/// The states of refs that something in these projects can concern.
pub async fn builds_of_projects(session: &mut Session, projects: &[i64]) -> Result<Vec<i64>, Error> {
    session
        .query(&BUILDS_OF_PROJECTS)
        .bind(List::of(projects))
        .column()
        .await
}

/// The states of refs in which a vulnerability was ever found.
pub async fn builds_with(session: &mut Session, vulnerability: &str) -> Result<Vec<i64>, Error> {
    session
        .query(&BUILDS_WITH)
        .bind(vulnerability.to_lowercase())
        .column()
        .await
}

/// Active waivers that end soon and of whose end nobody was warned, the next first.
pub async fn to_warn(session: &mut Session, today: Day) -> Result<Vec<StoredWaiver>, Error> {
    session
        .query(&TO_WARN)
        .bind(today.number())
        .bind(today.number() + ENDING_DAYS)
        .all()
        .await
}

/// Notes that people were warned of the end of these; another end is warned of anew.
pub async fn warned(tx: &mut Tx, ids: &[i64]) -> Result<(), Error> {
    tx.query(&WARNED).bind(List::of(ids)).run().await?;
    Ok(())
}
