//! Opening a database and bringing its schema up to date.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::Database;
use crate::Error;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 12;
/// Rows that SQLite may read before somebody takes them.
const ROWS_AHEAD: usize = 2_048;
/// How long a request waits for a connection before it is told that the service is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file that is created when it is not there.
    Sqlite(PathBuf),
    /// A `postgres://` URL; `schema` sets the search path, which lets tests share one server.
    Postgres { url: String, schema: Option<String> },
}

impl FromStr for Location {
    type Err = Error;

    /// Reads `postgres://…`, `sqlite://PATH` or a plain path.
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres {
                url: text.to_owned(),
                schema: None,
            });
        }
        let path = text
            .strip_prefix("sqlite://")
            .or_else(|| text.strip_prefix("sqlite:"))
            .unwrap_or(text);
        if path.is_empty() || path.contains("://") {
            return Err(Error::Location(text.to_owned()));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl Database {
    /// Opens the database and applies the migrations that it lacks.
    ///
    /// # Errors
    /// When it cannot be reached, or was migrated by a newer version of the product.
    pub async fn open(location: &Location) -> Result<Self, Error> {
        match location {
            Location::Sqlite(path) => Self::open_sqlite(path.clone()).await,
            Location::Postgres { url, schema } => Self::open_postgres(url, schema.as_deref()).await,
        }
    }

    async fn open_sqlite(path: PathBuf) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            // Other processes of ours (the command line) may hold the writer for a moment.
            .busy_timeout(Duration::from_secs(20))
            .pragma("cache_size", "-16000")
            .pragma("temp_store", "memory")
            // Each time this many rows are full, the threads of the driver and of the caller wait for each other.
            .row_buffer_size(ROWS_AHEAD)
            .statement_cache_capacity(200);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.clone())
            .await?;
        SQLITE_MIGRATIONS.run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self::Sqlite { writer, readers })
    }

    async fn open_postgres(url: &str, schema: Option<&str>) -> Result<Self, Error> {
        let mut options = PgConnectOptions::from_str(url)?.application_name("plumbline");
        if let Some(schema) = schema {
            ensure_schema(&options, schema).await?;
            options = options.options([("search_path", schema)]);
        }
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await?;
        POSTGRES_MIGRATIONS.run(&pool).await?;
        Ok(Self::Postgres(pool))
    }
}

/// Makes the schema; its name becomes part of a statement, so only plain names are taken.
async fn ensure_schema(options: &PgConnectOptions, schema: &str) -> Result<(), Error> {
    if !schema
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return Err(Error::Location(format!("schema {schema}")));
    }
    let mut connection = PgConnection::connect_with(options).await?;
    let text = format!("CREATE SCHEMA IF NOT EXISTS {schema}");
    sqlx::query(AssertSqlSafe(text)).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}
