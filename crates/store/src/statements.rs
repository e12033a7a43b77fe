//! What is said about exploitability: VEX documents that were given to a project, and decisions of people here.

use clock::Timestamp;
use inventory::statements::{ProductId, Statement};
use policy::{StatedVex, VexOrigin};

use crate::Error;
use crate::db::{Column, Insert, Session, Tx, statements};

/// The most statements that are read for one project.
const MOST_OF_PROJECT: i64 = 50_000;

statements! {
    REPLACE = "DELETE FROM vex_document WHERE project_id = $1 AND identifier = $2 AND author = $3 AND identifier <> ''";
    CREATE_DOCUMENT = "INSERT INTO vex_document (uuid, project_id, format, identifier, author, digest, statements, actor, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *";
    DOCUMENTS = "SELECT * FROM vex_document WHERE project_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3";
    DOCUMENT = "SELECT * FROM vex_document WHERE uuid = $1";
    DELETE_DOCUMENT = "DELETE FROM vex_document WHERE id = $1";
    OF_PROJECT = "SELECT uuid, origin, source, statement FROM vex_statement
        WHERE project_id = $1 OR project_id IS NULL ORDER BY id LIMIT $2";
    /// What people here said of a vulnerability before; a new word of theirs replaces it.
    RETRACT = "DELETE FROM vex_statement WHERE origin = 'triage' AND vulnerability = $1
        AND ((CAST($2 AS BIGINT) IS NULL AND project_id IS NULL) OR project_id = $2)
        AND product = $3";
    KEEP_DOCUMENT_FILE = "INSERT INTO document (digest, size, stored_at) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING";
}

static STATEMENT: Insert = Insert {
    table: "vex_statement",
    columns: &[
        "uuid",
        "document_id",
        "project_id",
        "origin",
        "source",
        "vulnerability",
        "product",
        "statement",
        "created_at",
    ],
    suffix: "",
};

/// A VEX document as it was given.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VexDocument {
    pub id: i64,
    pub uuid: String,
    pub project_id: i64,
    pub format: String,
    /// The document's own id; may be empty.
    pub identifier: String,
    pub author: String,
    pub digest: String,
    pub statements: i64,
    pub actor: String,
    pub created_at: i64,
}

/// A document that is to be stored.
#[derive(Clone, Debug)]
pub struct NewVexDocument<'a> {
    pub project: i64,
    pub format: &'a str,
    pub identifier: &'a str,
    pub author: &'a str,
    /// SHA-256 of its bytes, which are stored under it.
    pub digest: &'a str,
    pub size: i64,
    pub actor: &'a str,
    pub statements: &'a [Statement],
}

#[derive(sqlx::FromRow)]
struct Row {
    uuid: String,
    origin: String,
    source: String,
    statement: String,
}

/// Stores a document with its statements; one with the same id by the same author is replaced by it.
pub async fn import(tx: &mut Tx, new: &NewVexDocument<'_>, now: Timestamp) -> Result<VexDocument, Error> {
    tx.query(&KEEP_DOCUMENT_FILE)
        .bind(new.digest)
        .bind(new.size)
        .bind(now.millis())
        .run()
        .await?;
    tx.query(&REPLACE)
        .bind(new.project)
        .bind(new.identifier)
        .bind(new.author)
        .run()
        .await?;
    let document: VexDocument = tx
        .query(&CREATE_DOCUMENT)
        .bind(crate::new_uuid())
        .bind(new.project)
        .bind(new.format)
        .bind(new.identifier)
        .bind(new.author)
        .bind(new.digest)
        .bind(i64::try_from(new.statements.len()).unwrap_or(i64::MAX))
        .bind(new.actor)
        .bind(now.millis())
        .one()
        .await?;
    let place = Placed {
        document: Some(document.id),
        project: Some(new.project),
        origin: "document",
        source: if new.author.is_empty() {
            new.identifier
        } else {
            new.author
        },
    };
    insert(tx, &place, new.statements, now).await?;
    Ok(document)
}

struct Placed<'a> {
    document: Option<i64>,
    project: Option<i64>,
    origin: &'a str,
    source: &'a str,
}

async fn insert(
    tx: &mut Tx,
    place: &Placed<'_>,
    statements: &[Statement],
    now: Timestamp,
) -> Result<(), Error> {
    if statements.is_empty() {
        return Ok(());
    }
    let count = statements.len();
    let bodies: Result<Vec<String>, _> = statements.iter().map(serde_json::to_string).collect();
    let bodies = bodies.map_err(|error| Error::corrupt("statement", &error))?;
    let columns = vec![
        Column::Text((0..count).map(|_| crate::new_uuid()).collect()),
        Column::MaybeInt(vec![place.document; count]),
        Column::MaybeInt(vec![place.project; count]),
        Column::Text(vec![place.origin.to_owned(); count]),
        Column::Text(vec![place.source.to_owned(); count]),
        Column::Text(
            statements
                .iter()
                .map(|statement| statement.vulnerability.to_lowercase())
                .collect(),
        ),
        Column::Text(statements.iter().map(product).collect()),
        Column::Text(bodies),
        Column::Int(vec![now.millis(); count]),
    ];
    tx.insert(&STATEMENT, columns).await?;
    Ok(())
}

/// A word of a person here about one package; it replaces what people said of the same before.
pub async fn decide(
    tx: &mut Tx,
    project: Option<i64>,
    actor: &str,
    statement: &Statement,
    now: Timestamp,
) -> Result<(), Error> {
    retract(tx, project, statement).await?;
    let place = Placed {
        document: None,
        project,
        origin: "triage",
        source: actor,
    };
    insert(tx, &place, std::slice::from_ref(statement), now).await
}

/// Takes back what people said of the vulnerability in the statement's first product.
pub async fn retract(tx: &mut Tx, project: Option<i64>, statement: &Statement) -> Result<(), Error> {
    tx.query(&RETRACT)
        .bind(statement.vulnerability.to_lowercase())
        .bind(project)
        .bind(product(statement))
        .run()
        .await?;
    Ok(())
}

/// The first product without its versions, so that a later word about other versions replaces an earlier one.
fn product(statement: &Statement) -> String {
    match statement.products.first().map(|product| &product.id) {
        Some(ProductId::Purl { purl, .. }) => purl.clone(),
        Some(other) => other.label(),
        None => String::new(),
    }
}

/// What counts for a project: its own documents and decisions, and those for all projects.
pub async fn of_project(session: &mut Session, project: i64) -> Result<Vec<StatedVex>, Error> {
    let rows: Vec<Row> = session
        .query(&OF_PROJECT)
        .bind(project)
        .bind(MOST_OF_PROJECT)
        .all()
        .await?;
    rows.into_iter().map(stated).collect()
}

fn stated(row: Row) -> Result<StatedVex, Error> {
    Ok(StatedVex {
        statement: serde_json::from_str(&row.statement)
            .map_err(|error| Error::corrupt("statement", &error))?,
        origin: if row.origin == "triage" {
            VexOrigin::Triage
        } else {
            VexOrigin::Document
        },
        id: row.uuid,
        source: row.source,
    })
}

/// A page of a project's documents, newest first.
pub async fn documents(
    session: &mut Session,
    project: i64,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<VexDocument>, Error> {
    session
        .query(&DOCUMENTS)
        .bind(project)
        .bind(before)
        .bind(limit)
        .all()
        .await
}

/// The document with this public id.
pub async fn document(session: &mut Session, uuid: &str) -> Result<Option<VexDocument>, Error> {
    session.query(&DOCUMENT).bind(uuid).optional().await
}

/// Forgets a document with its statements.
pub async fn delete(tx: &mut Tx, document: i64) -> Result<(), Error> {
    tx.query(&DELETE_DOCUMENT).bind(document).run().await?;
    Ok(())
}
