//! What tests ask a database about itself.

use sqlx::{AssertSqlSafe, Executor, SqlSafeStr, Statement};

use super::{Database, Engine, Sql};
use crate::Error;

const SQLITE_TABLES: &str =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_%' ESCAPE '\\'
     ORDER BY name";
const POSTGRES_COLUMNS: &str =
    "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES'
     FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_%'
     ORDER BY 1, 2";

/// One column in words that both engines share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnShape {
    pub table: String,
    pub column: String,
    /// `integer`, `text`, `real` or `bytes`.
    pub class: &'static str,
    pub nullable: bool,
}

impl Database {
    /// Has the engine parse and plan a statement without running it.
    ///
    /// # Errors
    /// When the engine does not understand it, or counts its parameters differently.
    pub async fn prepare(&self, sql: &'static Sql) -> Result<(), Error> {
        let parameters = match self {
            Self::Sqlite { writer, .. } => {
                let text = sql.text(Engine::Sqlite).into_sql_str();
                let statement = writer
                    .prepare(text)
                    .await
                    .map_err(|error| Error::statement(sql, error))?;
                statement
                    .parameters()
                    .map_or(0, |either| either.right().unwrap_or(0))
            }
            Self::Postgres(pool) => {
                let text = sql.text(Engine::Postgres).into_sql_str();
                let statement = pool
                    .prepare(text)
                    .await
                    .map_err(|error| Error::statement(sql, error))?;
                statement
                    .parameters()
                    .map_or(0, |either| either.left().map_or(0, <[_]>::len))
            }
        };
        if parameters == sql.parameters() {
            Ok(())
        } else {
            let why = format!(
                "the engine counts {parameters} parameters, we {}",
                sql.parameters()
            );
            Err(Error::Encoding {
                statement: sql.name,
                why,
            })
        }
    }

    /// Every column of every table of ours, sorted.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn columns(&self) -> Result<Vec<ColumnShape>, Error> {
        let mut columns = match self {
            Self::Sqlite { writer, .. } => sqlite_columns(writer).await?,
            Self::Postgres(pool) => postgres_columns(pool).await?,
        };
        columns.sort();
        Ok(columns)
    }
}

async fn sqlite_columns(pool: &sqlx::SqlitePool) -> Result<Vec<ColumnShape>, Error> {
    let tables: Vec<(String,)> = sqlx::query_as(SQLITE_TABLES).fetch_all(pool).await?;
    let mut columns = Vec::new();
    for (table,) in tables {
        let text = format!("SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')");
        let rows: Vec<(String, String, i64, i64)> =
            sqlx::query_as(AssertSqlSafe(text)).fetch_all(pool).await?;
        columns.extend(rows.into_iter().map(|(column, kind, not_null, key)| ColumnShape {
            table: table.clone(),
            column,
            class: class_of(&kind),
            nullable: not_null == 0 && key == 0,
        }));
    }
    Ok(columns)
}

async fn postgres_columns(pool: &sqlx::PgPool) -> Result<Vec<ColumnShape>, Error> {
    let rows: Vec<(String, String, String, bool)> = sqlx::query_as(POSTGRES_COLUMNS).fetch_all(pool).await?;
    Ok(rows
        .into_iter()
        .map(|(table, column, kind, nullable)| ColumnShape {
            table,
            column,
            class: class_of(&kind),
            nullable,
        })
        .collect())
}

/// Booleans are integers on SQLite, so they count as such on both.
fn class_of(kind: &str) -> &'static str {
    match kind.to_ascii_lowercase().as_str() {
        "integer" | "bigint" | "boolean" => "integer",
        "real" | "double precision" => "real",
        "blob" | "bytea" => "bytes",
        "text" => "text",
        _ => "unexpected",
    }
}
