//! Advisories: records as feeds carry them, and what each says about a package, compiled.
//!
//! A record is parsed and compiled outside of any transaction ([`PreparedRecord`]); [`apply`] writes what
//! differs. An upload, a page and a match only ever read.

mod apply;
mod changes;
mod known;
mod prepare;
mod rows;
mod whole;
mod write;
mod written;

use std::collections::HashMap;

use clock::Timestamp;

use crate::Error;
use crate::db::{List, Session, statements};
use crate::packed::unpack_bytes;

pub use apply::{Applied, ApplyError, Batch, apply};
pub use changes::Changes;
pub use known::carried;
pub use prepare::{PreparedRecord, UnreadableRecord};
pub use whole::{RawRecord, Whole};
pub use written::{Put, WrittenAdvisory, modified, put, remove, written};

pub(crate) use known::STATEMENTS as KNOWN_STATEMENTS;
pub(crate) use rows::STATEMENTS as ROW_STATEMENTS;
pub(crate) use write::STATEMENTS as WRITE_STATEMENTS;
pub(crate) use written::STATEMENTS as WRITTEN_STATEMENTS;

/// Records that one id may name: a CVE of a whole platform is in as many databases.
const NAMED_LIMIT: i64 = 50;

statements! {
    /// The record with this id, then those that have it as an alias; live ones first.
    NAMED = "SELECT a.id, a.identifier, a.modified, a.published, a.withdrawn, a.summary, a.record
        FROM advisory a
        WHERE a.id IN (
            SELECT id FROM advisory WHERE identifier = $1
            UNION
            SELECT advisory_id FROM advisory_alias WHERE alias = $1
        )
        ORDER BY CASE WHEN a.identifier = $1 THEN 0 ELSE 1 END,
            CASE WHEN a.withdrawn IS NULL THEN 0 ELSE 1 END,
            a.identifier
        LIMIT $2";
    RECORDS = "SELECT id, identifier, modified, published, withdrawn, summary, record FROM advisory
        WHERE identifier IN (SELECT value FROM {elements}($1{json}))";
    CARRIERS = "SELECT f.name FROM feed_advisory c JOIN feed f ON f.id = c.feed_id
        WHERE c.advisory_id = $1
        ORDER BY f.name";
    WITHDRAWALS = "SELECT identifier, withdrawn FROM advisory
        WHERE identifier IN (SELECT value FROM {elements}($1{json}))";
    ENTRIES = "SELECT package_id, entry FROM advisory_package
        WHERE package_id IN (SELECT CAST(value AS BIGINT) FROM {elements}($1{json}))
        ORDER BY package_id, advisory_id";
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAdvisory {
    pub id: i64,
    pub identifier: String,
    pub modified: Timestamp,
    pub published: Option<Timestamp>,
    pub withdrawn: Option<Timestamp>,
    pub summary: String,
    /// The record as the feed gave it: JSON in the OSV schema.
    pub record: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    identifier: String,
    modified: i64,
    published: Option<i64>,
    withdrawn: Option<i64>,
    summary: String,
    record: Vec<u8>,
}

impl Row {
    fn unpacked(self) -> Result<StoredAdvisory, Error> {
        Ok(StoredAdvisory {
            id: self.id,
            identifier: self.identifier,
            modified: Timestamp::from_millis(self.modified),
            published: self.published.map(Timestamp::from_millis),
            withdrawn: self.withdrawn.map(Timestamp::from_millis),
            summary: self.summary,
            record: unpack_bytes("advisory", &self.record)?,
        })
    }
}

/// The record with this id, else one that has it as an alias; a live one before a withdrawn one.
pub async fn by_identifier(session: &mut Session, identifier: &str) -> Result<Option<StoredAdvisory>, Error> {
    let row: Option<Row> = session
        .query(&NAMED)
        .bind(identifier)
        .bind(1_i64)
        .optional()
        .await?;
    row.map(Row::unpacked).transpose()
}

/// All records that an id names: the one with this id first, then those that have it as an alias.
pub async fn named(session: &mut Session, identifier: &str) -> Result<Vec<StoredAdvisory>, Error> {
    let rows: Vec<Row> = session
        .query(&NAMED)
        .bind(identifier)
        .bind(NAMED_LIMIT)
        .all()
        .await?;
    rows.into_iter().map(Row::unpacked).collect()
}

/// The records with these very ids that are stored, in the order of the ids; aliases are not looked at.
pub async fn records(session: &mut Session, identifiers: &[String]) -> Result<Vec<StoredAdvisory>, Error> {
    let mut rows: Vec<Row> = session.query(&RECORDS).bind(List::of(identifiers)).all().await?;
    rows.sort_by_cached_key(|row| identifiers.iter().position(|wanted| *wanted == row.identifier));
    rows.into_iter().map(Row::unpacked).collect()
}

/// When records with these ids were withdrawn, if they were; those that are not stored are missing.
pub async fn withdrawals(
    session: &mut Session,
    identifiers: &[String],
) -> Result<HashMap<String, Option<Timestamp>>, Error> {
    if identifiers.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, Option<i64>)> = session
        .query(&WITHDRAWALS)
        .bind(List::of(identifiers))
        .all()
        .await?;
    let moment = |at: Option<i64>| at.map(Timestamp::from_millis);
    Ok(rows.into_iter().map(|(id, at)| (id, moment(at))).collect())
}

/// The names of the feeds that carry a record.
pub async fn carriers(session: &mut Session, advisory: i64) -> Result<Vec<String>, Error> {
    session.query(&CARRIERS).bind(advisory).column().await
}

/// What is known about some packages, as stored: the package and one compiled entry a row.
pub(crate) async fn entries(session: &mut Session, packages: &[i64]) -> Result<Vec<(i64, Vec<u8>)>, Error> {
    session.query(&ENTRIES).bind(List::of(packages)).all().await
}
