//! Projects and their refs.

use std::collections::HashMap;

use clock::Timestamp;
use uuid::Uuid;

use crate::Error;
use crate::db::{List, Session, Tx, statements};
use crate::findings::trends;

statements! {
    /// A project by its whole name or its public id.
    FIND = "SELECT * FROM project WHERE name = $1 OR uuid = $1";
    BY_ID = "SELECT * FROM project WHERE id = $1";
    CREATE = "INSERT INTO project
            (uuid, name, team, description, tags, default_ref, policy_id, archived, created_at, builds, last_build_at, urgency)
        VALUES ($1, $2, $3, $4, $5, $6, NULL, FALSE, $7, 0, NULL, 0)
        ON CONFLICT (name) DO NOTHING
        RETURNING *";
    UPDATE = "UPDATE project
        SET description = $2, tags = $3, default_ref = $4, policy_id = $5, archived = $6
        WHERE id = $1";
    /// Serialises what happens to one project.
    LOCK = "SELECT * FROM project WHERE id = $1 {for_update}";
    NAMES = "SELECT id, name FROM project WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    DELETE = "DELETE FROM project WHERE id = $1";
    /// Only the default branch and releases are counted in portfolio numbers.
    RETRACK = "UPDATE reference SET tracked = (name = $2 OR channel = 'release') WHERE project_id = $1";
    /// A page of projects, most urgent first.
    PAGE = "SELECT p.* FROM project p
        LEFT JOIN reference r ON r.project_id = p.id AND r.name = p.default_ref
        LEFT JOIN build b ON b.id = r.build_id
        WHERE NOT p.archived
          AND (CAST($1 AS TEXT) IS NULL OR lower(p.name) LIKE $1 OR lower(p.tags) LIKE $1)
          AND (CAST($2 AS TEXT) IS NULL OR p.team = $2)
          AND (CAST($3 AS TEXT) IS NULL OR p.tags LIKE $3)
          AND (CAST($4 AS TEXT) IS NULL OR COALESCE(b.outcome, 'none') = $4)
          AND (CAST($5 AS BIGINT) IS NULL OR p.id = $5)
          AND (CAST($6 AS BIGINT) IS NULL OR p.urgency < $6 OR (p.urgency = $6 AND p.id < $7))
          AND (CAST($9 AS BIGINT) IS NULL OR COALESCE(p.last_build_at, 0) < $9)
        ORDER BY p.urgency DESC, p.id DESC
        LIMIT $8";
    TOTAL = "SELECT COUNT(*) FROM (SELECT 1 FROM project WHERE NOT archived LIMIT 10001) AS bounded";
    TEAMS = "SELECT DISTINCT team FROM project WHERE NOT archived AND team <> '' ORDER BY team LIMIT 500";
    REFERENCE = "SELECT * FROM reference WHERE project_id = $1 AND name = $2";
    REFERENCES = "SELECT * FROM reference WHERE project_id = $1 ORDER BY tracked DESC, id DESC LIMIT $2";
    REFERENCE_BY_ID = "SELECT * FROM reference WHERE id = $1";
    REFERENCES_BY_IDS = "SELECT * FROM reference
        WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    DEFAULT_REFERENCES = "SELECT r.* FROM reference r JOIN project p ON p.id = r.project_id AND p.default_ref = r.name
        WHERE p.id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    CREATE_REFERENCE = "INSERT INTO reference (project_id, name, channel, tracked, build_id, revision)
        VALUES ($1, $2, $3, $4, NULL, 0)
        ON CONFLICT (project_id, name) DO UPDATE SET channel = excluded.channel, tracked = excluded.tracked
        RETURNING *";
    /// Serialises what happens to one ref.
    LOCK_REFERENCE = "SELECT revision FROM reference WHERE id = $1 {for_update}";
    /// Makes a build the state of its ref; who read the ref before sees that it moved.
    SET_STATE = "UPDATE reference SET build_id = $2, revision = revision + 1 WHERE id = $1";
    SET_URGENCY = "UPDATE project SET urgency = $2 WHERE id = $1";
}

/// A project as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Project {
    pub id: i64,
    pub uuid: String,
    /// The whole name, `team/name` where there is a team.
    pub name: String,
    pub team: String,
    pub description: String,
    /// A JSON list of words; see [`Project::tag_list`].
    pub tags: String,
    pub default_ref: String,
    pub policy_id: Option<i64>,
    pub archived: bool,
    pub created_at: i64,
    pub builds: i64,
    pub last_build_at: Option<i64>,
    pub urgency: i64,
}

impl Project {
    #[must_use]
    pub fn tag_list(&self) -> Vec<String> {
        serde_json::from_str(&self.tags).unwrap_or_default()
    }
}

/// A branch, pull request or release line of a project.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Reference {
    pub id: i64,
    pub project_id: i64,
    pub name: String,
    pub channel: String,
    pub tracked: bool,
    pub build_id: Option<i64>,
    /// The first time that anything of it could be checked.
    pub checked_since: Option<i64>,
    /// Grows with every audit that changes the state of the ref.
    pub revision: i64,
}

/// What is given when a project is made.
#[derive(Clone, Debug, Default)]
pub struct NewProject {
    pub name: String,
    pub description: String,
    pub tags: Vec<String>,
    pub default_ref: String,
}

/// What may be changed; the whole new state.
#[derive(Clone, Debug)]
pub struct ProjectChange {
    pub description: String,
    pub tags: Vec<String>,
    pub default_ref: String,
    pub policy_id: Option<i64>,
    pub archived: bool,
}

/// Which projects a list shows.
#[derive(Clone, Debug, Default)]
pub struct ProjectFilter {
    /// Part of the name or of a tag, in any case.
    pub text: Option<String>,
    pub team: Option<String>,
    pub tag: Option<String>,
    /// The default ref's verdict, or `none`.
    pub gate: Option<String>,
    /// The only project that the caller may see.
    pub only: Option<i64>,
    /// Those that sent nothing since, in milliseconds.
    pub silent_since: Option<i64>,
}

/// The project with this whole name or public id.
pub async fn find(session: &mut Session, name: &str) -> Result<Option<Project>, Error> {
    session.query(&FIND).bind(name).optional().await
}

pub async fn by_id(session: &mut Session, id: i64) -> Result<Project, Error> {
    session.query(&BY_ID).bind(id).one().await
}

/// The project as it is now, held until the transaction ends.
pub async fn lock(tx: &mut Tx, id: i64) -> Result<Project, Error> {
    tx.query(&LOCK).bind(id).one().await
}

/// The names of projects by internal id.
pub async fn names(session: &mut Session, ids: &[i64]) -> Result<HashMap<i64, String>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, String)> = session.query(&NAMES).bind(List::of(ids)).all().await?;
    Ok(rows.into_iter().collect())
}

/// Makes a project; `None` when the name is taken.
pub async fn create(tx: &mut Tx, new: &NewProject, now: Timestamp) -> Result<Option<Project>, Error> {
    let team = new.name.rsplit_once('/').map_or("", |(team, _)| team);
    tx.query(&CREATE)
        .bind(Uuid::now_v7().to_string())
        .bind(new.name.as_str())
        .bind(team)
        .bind(new.description.as_str())
        .bind(List::of(&new.tags))
        .bind(new.default_ref.as_str())
        .bind(now.millis())
        .optional()
        .await
}

/// Changes a project. Refs that trends counted and no longer count leave them today, and the other way round.
pub async fn update(
    tx: &mut Tx,
    project: &Project,
    change: &ProjectChange,
    now: Timestamp,
) -> Result<(), Error> {
    let recounted = change.archived != project.archived || change.default_ref != project.default_ref;
    if recounted {
        trends::withdraw(tx, project, now).await?;
    }
    tx.query(&UPDATE)
        .bind(project.id)
        .bind(change.description.as_str())
        .bind(List::of(&change.tags))
        .bind(change.default_ref.as_str())
        .bind(change.policy_id)
        .bind(change.archived)
        .run()
        .await?;
    tx.query(&RETRACK)
        .bind(project.id)
        .bind(change.default_ref.as_str())
        .run()
        .await?;
    if recounted {
        let changed = by_id(tx, project.id).await?;
        trends::enter(tx, &changed, now).await?;
    }
    Ok(())
}

/// Deletes a project with everything that belongs to it; what was open counts as closed today.
pub async fn delete(tx: &mut Tx, project: &Project, now: Timestamp) -> Result<(), Error> {
    trends::withdraw(tx, project, now).await?;
    tx.query(&DELETE).bind(project.id).run().await?;
    Ok(())
}

/// A page of projects, most urgent first; `after` is the urgency and id of the last one seen.
pub async fn page(
    session: &mut Session,
    filter: &ProjectFilter,
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<Project>, Error> {
    session
        .query(&PAGE)
        .bind(filter.text.as_deref().map(contains))
        .bind(filter.team.as_deref())
        .bind(filter.tag.as_deref().map(tagged))
        .bind(filter.gate.as_deref())
        .bind(filter.only)
        .bind(after.map(|(urgency, _)| urgency))
        .bind(after.map(|(_, id)| id))
        .bind(limit)
        .bind(filter.silent_since)
        .all()
        .await
}

/// How many projects there are, counted up to 10,001.
pub async fn total(session: &mut Session) -> Result<i64, Error> {
    session.query(&TOTAL).value().await
}

pub async fn teams(session: &mut Session) -> Result<Vec<String>, Error> {
    session.query(&TEAMS).column().await
}

pub async fn reference(session: &mut Session, project: i64, name: &str) -> Result<Option<Reference>, Error> {
    session
        .query(&REFERENCE)
        .bind(project)
        .bind(name)
        .optional()
        .await
}

pub async fn reference_by_id(session: &mut Session, id: i64) -> Result<Reference, Error> {
    session.query(&REFERENCE_BY_ID).bind(id).one().await
}

/// These refs, in no order.
pub async fn references_by_ids(session: &mut Session, ids: &[i64]) -> Result<Vec<Reference>, Error> {
    session.query(&REFERENCES_BY_IDS).bind(List::of(ids)).all().await
}

/// The refs of a project, tracked ones first, then newest.
pub async fn references(session: &mut Session, project: i64, limit: i64) -> Result<Vec<Reference>, Error> {
    session.query(&REFERENCES).bind(project).bind(limit).all().await
}

/// The default refs of these projects, where a build has made them.
pub async fn default_references(session: &mut Session, projects: &[i64]) -> Result<Vec<Reference>, Error> {
    session
        .query(&DEFAULT_REFERENCES)
        .bind(List::of(projects))
        .all()
        .await
}

/// The ref, made when it is new.
pub async fn ensure_reference(
    tx: &mut Tx,
    project: &Project,
    name: &str,
    channel: &str,
) -> Result<Reference, Error> {
    tx.query(&CREATE_REFERENCE)
        .bind(project.id)
        .bind(name)
        .bind(channel)
        .bind(name == project.default_ref || channel == "release")
        .one()
        .await
}

/// Holds the ref until the transaction ends, so that two audits of it follow one another; answers its revision.
pub async fn lock_reference(tx: &mut Tx, id: i64) -> Result<i64, Error> {
    tx.query(&LOCK_REFERENCE).bind(id).value().await
}

/// Makes a build the state of its ref.
pub async fn set_state(tx: &mut Tx, reference: i64, build: i64) -> Result<(), Error> {
    tx.query(&SET_STATE).bind(reference).bind(build).run().await?;
    Ok(())
}

/// Stores what lists of projects are sorted by.
pub async fn set_urgency(tx: &mut Tx, project: i64, urgency: i64) -> Result<(), Error> {
    tx.query(&SET_URGENCY).bind(project).bind(urgency).run().await?;
    Ok(())
}

/// A `LIKE` pattern for text anywhere, in lower case; the wildcards of the text itself are taken out.
pub(crate) fn contains(text: &str) -> String {
    format!("%{}%", text.to_lowercase().replace(['%', '_'], ""))
}

/// A `LIKE` pattern for one word of a project's JSON list of tags.
pub(crate) fn tagged(tag: &str) -> String {
    format!("%{}%", List::of(&[tag]).trim_matches(['[', ']']))
}
