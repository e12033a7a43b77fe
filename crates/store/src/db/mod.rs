//! The only place that names an engine: connections, statements with two heads, bulk insert.

mod count;
mod insert;
mod inspect;
mod open;
mod query;
mod sql;

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

pub use count::counted;
pub use insert::{Column, Insert};
pub use inspect::ColumnShape;
pub use open::Location;
pub use query::{Bind, List, Query, Record};
pub(crate) use sql::statements;
pub use sql::{Engine, Sql};

use crate::Error;
use query::Head;

/// The pools of one database.
#[derive(Clone, Debug)]
pub enum Database {
    /// One writer, so that waiting happens here and never as `SQLITE_BUSY`; several readers beside it.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

enum Link {
    SqliteRead(PoolConnection<Sqlite>),
    SqliteWrite(Transaction<'static, Sqlite>),
    PostgresRead(PoolConnection<Postgres>),
    PostgresWrite(Transaction<'static, Postgres>),
}

/// A connection to read from.
pub struct Session(Link);

/// A transaction. Nothing but the database may be awaited while one is open; dropping it rolls back.
pub struct Tx(Session);

impl Database {
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// A connection for reading.
    ///
    /// # Errors
    /// When no connection can be had in time.
    pub async fn read(&self) -> Result<Session, Error> {
        let link = match self {
            Self::Sqlite { readers, .. } => Link::SqliteRead(readers.acquire().await?),
            Self::Postgres(pool) => Link::PostgresRead(pool.acquire().await?),
        };
        Ok(Session(link))
    }

    /// Begins a transaction for writing.
    ///
    /// # Errors
    /// When no connection can be had in time.
    pub async fn begin(&self) -> Result<Tx, Error> {
        let link = match self {
            Self::Sqlite { writer, .. } => Link::SqliteWrite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Link::PostgresWrite(pool.begin().await?),
        };
        Ok(Tx(Session(link)))
    }
}

impl Session {
    /// Starts a statement; bind its parameters in order, then run it.
    pub fn query(&mut self, sql: &'static Sql) -> Query<'_> {
        let head = match &mut self.0 {
            Link::SqliteRead(connection) => Head::Sqlite(connection, SqliteArguments::default()),
            Link::SqliteWrite(transaction) => Head::Sqlite(transaction, SqliteArguments::default()),
            Link::PostgresRead(connection) => Head::Postgres(connection, PgArguments::default()),
            Link::PostgresWrite(transaction) => Head::Postgres(transaction, PgArguments::default()),
        };
        Query::new(sql, head)
    }
}

impl Tx {
    /// Inserts rows given column by column; answers how many were really inserted or changed.
    ///
    /// # Errors
    /// When the columns differ in length or the database refuses.
    pub async fn insert(&mut self, into: &'static Insert, columns: Vec<Column>) -> Result<u64, Error> {
        match &mut self.0.0 {
            Link::SqliteWrite(transaction) => into.sqlite(transaction, columns).await,
            Link::PostgresWrite(transaction) => into.postgres(transaction, columns).await,
            Link::SqliteRead(_) | Link::PostgresRead(_) => Err(Error::NotWritable),
        }
    }

    /// Makes everything since [`Database::begin`] lasting.
    ///
    /// # Errors
    /// When the database refuses; nothing is kept then.
    pub async fn commit(self) -> Result<(), Error> {
        match self.0.0 {
            Link::SqliteWrite(transaction) => transaction.commit().await?,
            Link::PostgresWrite(transaction) => transaction.commit().await?,
            Link::SqliteRead(_) | Link::PostgresRead(_) => return Err(Error::NotWritable),
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.0
    }
}
