//! Many rows with one call: one array per column on PostgreSQL, chunks of `VALUES` on SQLite.

use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, PgConnection, SqliteConnection};

use crate::Error;

/// Rows per `VALUES` list on SQLite: the knee of the measured curve, well below the parameter limit.
const CHUNK: usize = 250;

/// Where rows go, and what happens to those that are there already.
pub struct Insert {
    pub table: &'static str,
    pub columns: &'static [&'static str],
    /// What follows the rows, such as `ON CONFLICT DO NOTHING`.
    pub suffix: &'static str,
}

/// The values of one column, one per row.
pub enum Column {
    Int(Vec<i64>),
    MaybeInt(Vec<Option<i64>>),
    Text(Vec<String>),
    MaybeText(Vec<Option<String>>),
    MaybeReal(Vec<Option<f64>>),
    Bool(Vec<bool>),
    MaybeBool(Vec<Option<bool>>),
    Bytes(Vec<Vec<u8>>),
}

/// Applies one expression to the vector inside, whatever its type.
macro_rules! each {
    ($column:expr, $values:ident => $body:expr) => {
        match $column {
            Column::Int($values) => $body,
            Column::MaybeInt($values) => $body,
            Column::Text($values) => $body,
            Column::MaybeText($values) => $body,
            Column::MaybeReal($values) => $body,
            Column::Bool($values) => $body,
            Column::MaybeBool($values) => $body,
            Column::Bytes($values) => $body,
        }
    };
}

impl Column {
    fn len(&self) -> usize {
        each!(self, values => values.len())
    }

    const fn postgres_type(&self) -> &'static str {
        match self {
            Self::Int(_) | Self::MaybeInt(_) => "bigint",
            Self::Text(_) | Self::MaybeText(_) => "text",
            Self::MaybeReal(_) => "double precision",
            Self::Bool(_) | Self::MaybeBool(_) => "boolean",
            Self::Bytes(_) => "bytea",
        }
    }

    fn add_row(&self, row: usize, arguments: &mut SqliteArguments) -> Result<(), sqlx::error::BoxDynError> {
        each!(self, values => arguments.add(values.get(row).cloned()))
    }

    fn add_all(self, arguments: &mut PgArguments) -> Result<(), sqlx::error::BoxDynError> {
        each!(self, values => arguments.add(values))
    }
}

impl Insert {
    fn broken(&self, why: &dyn std::fmt::Display) -> Error {
        Error::Encoding {
            statement: self.table,
            why: why.to_string(),
        }
    }

    fn rows(&self, columns: &[Column]) -> Result<usize, Error> {
        let rows = columns.first().map_or(0, Column::len);
        let even = columns.iter().all(|column| column.len() == rows);
        if even && columns.len() == self.columns.len() {
            Ok(rows)
        } else {
            Err(self.broken(&"columns of different lengths, or not as many as were named"))
        }
    }

    pub(super) async fn sqlite(
        &self,
        connection: &mut SqliteConnection,
        columns: Vec<Column>,
    ) -> Result<u64, Error> {
        let rows = self.rows(&columns)?;
        let mut inserted = 0;
        for start in (0..rows).step_by(CHUNK) {
            let end = rows.min(start + CHUNK);
            let mut arguments = SqliteArguments::default();
            for row in start..end {
                for column in &columns {
                    column
                        .add_row(row, &mut arguments)
                        .map_err(|error| self.broken(&error))?;
                }
            }
            inserted += sqlx::query_with(AssertSqlSafe(self.values_text(end - start)), arguments)
                .execute(&mut *connection)
                .await
                .map_err(|error| Error::insert(self.table, error))?
                .rows_affected();
        }
        Ok(inserted)
    }

    fn values_text(&self, rows: usize) -> String {
        let row = format!("({})", vec!["?"; self.columns.len()].join(","));
        format!(
            "INSERT INTO {} ({}) VALUES {} {}",
            self.table,
            self.columns.join(", "),
            vec![row; rows].join(","),
            self.suffix
        )
    }

    pub(super) async fn postgres(
        &self,
        connection: &mut PgConnection,
        columns: Vec<Column>,
    ) -> Result<u64, Error> {
        if self.rows(&columns)? == 0 {
            return Ok(0);
        }
        let arrays: Vec<String> = (1..)
            .zip(&columns)
            .map(|(n, column)| format!("${n}::{}[]", column.postgres_type()))
            .collect();
        let text = format!(
            "INSERT INTO {} ({}) SELECT * FROM UNNEST({}) {}",
            self.table,
            self.columns.join(", "),
            arrays.join(", "),
            self.suffix
        );
        let mut arguments = PgArguments::default();
        for column in columns {
            column
                .add_all(&mut arguments)
                .map_err(|error| self.broken(&error))?;
        }
        let done = sqlx::query_with(AssertSqlSafe(text), arguments)
            .execute(connection)
            .await
            .map_err(|error| Error::insert(self.table, error))?;
        Ok(done.rows_affected())
    }
}
