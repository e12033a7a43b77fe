//! One query with two heads: the same statement and the same call site on both engines.

use sqlx::encode::Encode;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, FromRow, PgConnection, Postgres, Sqlite, SqliteConnection, Type};

use super::{Engine, Sql};
use crate::Error;

/// A row type that both engines can fill; `#[derive(sqlx::FromRow)]` gives it.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A value that both engines take as a parameter.
pub trait Bind<'q>: Encode<'q, Sqlite> + Encode<'q, Postgres> + Type<Sqlite> + Type<Postgres> + Send {}
impl<'q, T> Bind<'q> for T where
    T: Encode<'q, Sqlite> + Encode<'q, Postgres> + Type<Sqlite> + Type<Postgres> + Send
{
}

pub(super) enum Head<'q> {
    Sqlite(&'q mut SqliteConnection, SqliteArguments),
    Postgres(&'q mut PgConnection, PgArguments),
}

/// A statement on its way to a database.
#[must_use = "a query does nothing until it is run"]
pub struct Query<'q> {
    sql: &'static Sql,
    head: Head<'q>,
    failure: Option<sqlx::error::BoxDynError>,
}

impl<'q> Query<'q> {
    pub(super) fn new(sql: &'static Sql, head: Head<'q>) -> Self {
        Self {
            sql,
            head,
            failure: None,
        }
    }

    /// Binds the next parameter.
    pub fn bind<T: Bind<'q>>(mut self, value: T) -> Self {
        let added = match &mut self.head {
            Head::Sqlite(_, arguments) => arguments.add(value),
            Head::Postgres(_, arguments) => arguments.add(value),
        };
        if let Err(failure) = added {
            self.failure.get_or_insert(failure);
        }
        self
    }

    /// All rows.
    pub async fn all<T: Record>(self) -> Result<Vec<T>, Error> {
        let sql = self.checked()?;
        let rows = match self.head {
            Head::Sqlite(connection, arguments) => {
                sqlx::query_as_with(sql.text(Engine::Sqlite), arguments)
                    .fetch_all(connection)
                    .await
            }
            Head::Postgres(connection, arguments) => {
                sqlx::query_as_with(sql.text(Engine::Postgres), arguments)
                    .fetch_all(connection)
                    .await
            }
        };
        rows.map_err(|error| Error::statement(sql, error))
    }

    /// The only row, if there is one.
    pub async fn optional<T: Record>(self) -> Result<Option<T>, Error> {
        let sql = self.checked()?;
        let row = match self.head {
            Head::Sqlite(connection, arguments) => {
                sqlx::query_as_with(sql.text(Engine::Sqlite), arguments)
                    .fetch_optional(connection)
                    .await
            }
            Head::Postgres(connection, arguments) => {
                sqlx::query_as_with(sql.text(Engine::Postgres), arguments)
                    .fetch_optional(connection)
                    .await
            }
        };
        row.map_err(|error| Error::statement(sql, error))
    }

    /// The row that must be there.
    pub async fn one<T: Record>(self) -> Result<T, Error> {
        let sql = self.sql;
        self.optional()
            .await?
            .ok_or_else(|| Error::statement(sql, sqlx::Error::RowNotFound))
    }

    /// The single column of every row.
    pub async fn column<T>(self) -> Result<Vec<T>, Error>
    where
        (T,): Record,
    {
        Ok(self
            .all::<(T,)>()
            .await?
            .into_iter()
            .map(|(value,)| value)
            .collect())
    }

    /// The single value of the row that must be there.
    pub async fn value<T>(self) -> Result<T, Error>
    where
        (T,): Record,
    {
        Ok(self.one::<(T,)>().await?.0)
    }

    /// Runs a statement that gives no rows; answers how many it touched.
    pub async fn run(self) -> Result<u64, Error> {
        let sql = self.checked()?;
        let touched = match self.head {
            Head::Sqlite(connection, arguments) => sqlx::query_with(sql.text(Engine::Sqlite), arguments)
                .execute(connection)
                .await
                .map(|done| done.rows_affected()),
            Head::Postgres(connection, arguments) => sqlx::query_with(sql.text(Engine::Postgres), arguments)
                .execute(connection)
                .await
                .map(|done| done.rows_affected()),
        };
        touched.map_err(|error| Error::statement(sql, error))
    }

    /// A forgotten `bind` would be a silent NULL on SQLite, so the count is compared before anything is sent.
    fn checked(&self) -> Result<&'static Sql, Error> {
        if let Some(failure) = &self.failure {
            return Err(Error::Encoding {
                statement: self.sql.name,
                why: failure.to_string(),
            });
        }
        let bound = match &self.head {
            Head::Sqlite(_, arguments) => arguments.len(),
            Head::Postgres(_, arguments) => arguments.len(),
        };
        let wanted = self.sql.parameters();
        if bound == wanted {
            super::count::one();
            Ok(self.sql)
        } else {
            let why = format!("{bound} parameters bound, {wanted} wanted");
            Err(Error::Encoding {
                statement: self.sql.name,
                why,
            })
        }
    }
}

/// A list as one parameter, for `IN (SELECT value FROM {elements}($1{json}))`.
pub struct List;

impl List {
    /// The list as JSON text.
    #[must_use]
    pub fn of<T: serde::Serialize>(items: &[T]) -> String {
        // Numbers, strings and booleans always have a JSON form.
        serde_json::to_string(items).unwrap_or_else(|_| "[]".to_owned())
    }
}
