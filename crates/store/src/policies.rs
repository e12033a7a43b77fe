//! Policies: named documents whose revisions are never changed.

mod ancestry;
pub mod teams;

use std::collections::HashMap;

use clock::Timestamp;
use policy::{Draft, Notation, Policy, PolicyAncestor};

use crate::Error;
use crate::db::{List, Session, Tx, statements};
use crate::projects::Project;

pub use ancestry::{Ancestor, Broken, ancestry, over};
pub(crate) use teams::STATEMENTS as TEAM_STATEMENTS;

/// The policy of a project that names none. Without a stored one, the built-in default stands in as revision 0.
pub const DEFAULT: &str = "default";

statements! {
    BY_NAME = "SELECT p.id, p.name, p.created_at AS first_at, r.revision, r.document, r.digest, r.reason, r.author, r.created_at,
            r.source, r.notation, r.extends
        FROM policy p JOIN policy_revision r ON r.policy_id = p.id AND r.revision = p.revision
        WHERE p.name = $1";
    BY_ID = "SELECT p.id, p.name, p.created_at AS first_at, r.revision, r.document, r.digest, r.reason, r.author, r.created_at,
            r.source, r.notation, r.extends
        FROM policy p JOIN policy_revision r ON r.policy_id = p.id AND r.revision = p.revision
        WHERE p.id = $1";
    REVISION = "SELECT p.id, p.name, p.created_at AS first_at, r.revision, r.document, r.digest, r.reason, r.author, r.created_at,
            r.source, r.notation, r.extends
        FROM policy p JOIN policy_revision r ON r.policy_id = p.id
        WHERE p.name = $1 AND r.revision = $2";
    PAGE = "SELECT p.id, p.name, p.created_at AS first_at, r.revision, r.document, r.digest, r.reason, r.author, r.created_at,
            r.source, r.notation, r.extends
        FROM policy p JOIN policy_revision r ON r.policy_id = p.id AND r.revision = p.revision
        WHERE (CAST($1 AS TEXT) IS NULL OR p.name > $1)
        ORDER BY p.name LIMIT $2";
    REVISIONS = "SELECT p.id, p.name, p.created_at AS first_at, r.revision, r.document, r.digest, r.reason, r.author, r.created_at,
            r.source, r.notation, r.extends
        FROM policy p JOIN policy_revision r ON r.policy_id = p.id
        WHERE p.name = $1 AND (CAST($2 AS BIGINT) IS NULL OR r.revision < $2)
        ORDER BY r.revision DESC LIMIT $3";
    NAMES = "SELECT id, name FROM policy WHERE id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))";
    CREATE = "INSERT INTO policy (name, revision, created_at) VALUES ($1, 1, $2)
        ON CONFLICT (name) DO NOTHING RETURNING id";
    /// Moves on only from the revision that the writer has seen.
    ADVANCE = "UPDATE policy SET revision = revision + 1 WHERE name = $1 AND revision = $2 RETURNING id";
    KEEP = "INSERT INTO policy_revision (policy_id, revision, document, digest, reason, author, created_at, source, notation,
            extends)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Policies whose newest revision extends this one.
    CHILDREN = "SELECT p.name FROM policy p JOIN policy_revision r ON r.policy_id = p.id AND r.revision = p.revision
        WHERE r.extends = $1 ORDER BY p.name LIMIT 1000";
}

/// One revision of a policy.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct StoredPolicy {
    pub id: i64,
    pub name: String,
    /// When the policy was first stored.
    pub first_at: i64,
    pub revision: i64,
    /// The JSON form with every default filled in.
    pub document: String,
    pub digest: String,
    /// Why it was changed, in the author's words.
    pub reason: String,
    pub author: String,
    pub created_at: i64,
    /// As its author wrote it; `None` when only the whole document was kept.
    pub source: Option<String>,
    /// `json` or `toml`.
    pub notation: Option<String>,
    /// The name of the policy that it extends.
    pub extends: Option<String>,
}

impl StoredPolicy {
    /// The document, read.
    ///
    /// # Errors
    /// When a newer version of the product wrote it.
    pub fn policy(&self) -> Result<Policy, Error> {
        Policy::from_json(&self.document).map_err(|error| Error::corrupt("policy", &error))
    }

    /// The keys that its author wrote.
    ///
    /// # Errors
    /// When a newer version of the product wrote them.
    pub fn draft(&self) -> Result<Draft, Error> {
        let notation = match self.notation.as_deref() {
            Some("toml") => Notation::Toml,
            _ => Notation::Json,
        };
        let text = self.source.as_deref().unwrap_or(&self.document);
        Draft::read(text, notation).map_err(|error| Error::corrupt("policy", &error))
    }
}

/// A new revision of a policy.
#[derive(Clone, Debug)]
pub struct NewRevision<'a> {
    pub name: &'a str,
    /// With everything that it inherits today.
    pub policy: &'a Policy,
    /// As the author wrote it, and what it extends; `None` for a document that is whole.
    pub written: Option<Written<'a>>,
    pub reason: &'a str,
    pub author: &'a str,
    /// The revision that the author has seen; 0 when there was none.
    pub seen: i64,
}

/// A policy as its author wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    pub text: &'a str,
    pub notation: Notation,
    pub extends: Option<&'a str>,
}

/// The policy that a verdict is given by.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectivePolicy {
    pub name: String,
    /// 0 for the built-in default.
    pub revision: i64,
    pub policy: Policy,
    /// What it extends, the nearest first.
    pub extends: Vec<PolicyAncestor>,
}

/// The newest revision of a policy.
pub async fn by_name(session: &mut Session, name: &str) -> Result<Option<StoredPolicy>, Error> {
    session.query(&BY_NAME).bind(name).optional().await
}

/// The newest revision of the policy with this internal id.
pub async fn by_id(session: &mut Session, id: i64) -> Result<Option<StoredPolicy>, Error> {
    session.query(&BY_ID).bind(id).optional().await
}

pub async fn revision(
    session: &mut Session,
    name: &str,
    revision: i64,
) -> Result<Option<StoredPolicy>, Error> {
    session
        .query(&REVISION)
        .bind(name)
        .bind(revision)
        .optional()
        .await
}

/// A page of policies by name; `after` is the last name seen.
pub async fn page(
    session: &mut Session,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<StoredPolicy>, Error> {
    session.query(&PAGE).bind(after).bind(limit).all().await
}

/// A page of a policy's revisions, newest first; `before` is the last one seen.
pub async fn revisions(
    session: &mut Session,
    name: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<StoredPolicy>, Error> {
    session
        .query(&REVISIONS)
        .bind(name)
        .bind(before)
        .bind(limit)
        .all()
        .await
}

/// The names of policies by internal id.
pub async fn names(session: &mut Session, ids: &[i64]) -> Result<HashMap<i64, String>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, String)> = session.query(&NAMES).bind(List::of(ids)).all().await?;
    Ok(rows.into_iter().collect())
}

/// Stores the next revision; `None` when somebody else was quicker than the author.
pub async fn put(tx: &mut Tx, new: &NewRevision<'_>, now: Timestamp) -> Result<Option<StoredPolicy>, Error> {
    let moved: Option<(i64,)> = if new.seen == 0 {
        tx.query(&CREATE)
            .bind(new.name)
            .bind(now.millis())
            .optional()
            .await?
    } else {
        tx.query(&ADVANCE)
            .bind(new.name)
            .bind(new.seen)
            .optional()
            .await?
    };
    let Some((id,)) = moved else { return Ok(None) };
    keep(tx, id, new, now).await?;
    by_name(tx, new.name).await
}

async fn keep(tx: &mut Tx, id: i64, new: &NewRevision<'_>, now: Timestamp) -> Result<(), Error> {
    let document = serde_json::to_string(new.policy).map_err(|error| Error::corrupt("policy", &error))?;
    tx.query(&KEEP)
        .bind(id)
        .bind(new.seen + 1)
        .bind(document)
        .bind(new.policy.digest())
        .bind(new.reason)
        .bind(new.author)
        .bind(now.millis())
        .bind(new.written.map(|written| written.text))
        .bind(new.written.map(|written| written.notation.word()))
        .bind(new.written.and_then(|written| written.extends))
        .run()
        .await?;
    Ok(())
}

/// The names of the policies that extend this one.
pub async fn children(session: &mut Session, name: &str) -> Result<Vec<String>, Error> {
    session.query(&CHILDREN).bind(name).column().await
}

/// The policy to judge a project by: the one that was asked for, else the project's own, else its team's, else the stored
/// `default`, else the built-in one. An asked name that no longer exists falls back the same way.
pub async fn effective(
    session: &mut Session,
    project: &Project,
    asked: Option<&str>,
) -> Result<EffectivePolicy, Error> {
    if let Some(name) = asked
        && let Some(stored) = by_name(session, name).await?
    {
        return judged_by(session, &stored).await;
    }
    let own = match project.policy_id {
        Some(id) => Some(id),
        None => teams::policy_id(session, &project.team).await?,
    };
    if let Some(id) = own
        && let Some(stored) = by_id(session, id).await?
    {
        return judged_by(session, &stored).await;
    }
    default(session).await
}

/// The stored `default`, else the built-in one.
pub async fn default(session: &mut Session) -> Result<EffectivePolicy, Error> {
    match by_name(session, DEFAULT).await? {
        Some(stored) => judged_by(session, &stored).await,
        None => Ok(EffectivePolicy {
            name: DEFAULT.to_owned(),
            revision: 0,
            policy: Policy::default(),
            extends: Vec::new(),
        }),
    }
}

/// The policy of a stored revision with everything that it inherits as it is now.
pub async fn judged_by(session: &mut Session, stored: &StoredPolicy) -> Result<EffectivePolicy, Error> {
    let (policy, extends) = match &stored.extends {
        None => (stored.policy()?, Vec::new()),
        Some(parent) => {
            let draft = stored.draft()?;
            let chain = ancestry(session, &stored.name, parent).await?;
            let policy = over(&draft, &chain).map_err(|error| Error::corrupt("policy", &error))?;
            (policy, chain.iter().map(Ancestor::reference).collect())
        }
    };
    Ok(EffectivePolicy {
        name: stored.name.clone(),
        revision: stored.revision,
        policy,
        extends,
    })
}
