//! What can go wrong between us and a database.

use crate::db::Sql;

/// A failure of the store. Its text is for operators; visitors never see it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the statement {statement} failed")]
    Statement {
        statement: &'static str,
        #[source]
        source: sqlx::Error,
    },
    #[error("the database could not be reached")]
    Connection(#[from] sqlx::Error),
    #[error("the schema could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("the statement {statement} was given wrong parameters: {why}")]
    Encoding { statement: &'static str, why: String },
    #[error("`{0}` is no database: give postgres://… or a file")]
    Location(String),
    #[error("a connection for reading was asked to write")]
    NotWritable,
    #[error("stored {what} could not be read back: {why}")]
    Corrupt { what: &'static str, why: String },
    /// A policy whose chain of parents does not hold; people can mend it.
    #[error("the policy inherits from nothing: {0}")]
    Inheritance(#[from] crate::policies::Broken),
    #[error("the document store failed at {path}")]
    Document {
        path: String,
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn statement(sql: &'static Sql, source: sqlx::Error) -> Self {
        Self::Statement {
            statement: sql.name,
            source,
        }
    }

    pub(crate) fn insert(table: &'static str, source: sqlx::Error) -> Self {
        Self::Statement {
            statement: table,
            source,
        }
    }

    pub(crate) fn corrupt(what: &'static str, why: &dyn std::fmt::Display) -> Self {
        Self::Corrupt {
            what,
            why: why.to_string(),
        }
    }

    /// Whether trying again may help: the connection broke, or two transactions met.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        let (Self::Statement { source, .. } | Self::Connection(source)) = self else {
            return false;
        };
        match source {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
            // serialization_failure, deadlock_detected; SQLITE_BUSY and its extended codes.
            sqlx::Error::Database(error) => {
                matches!(
                    error.code().as_deref(),
                    Some("40001" | "40P01" | "5" | "261" | "517" | "773")
                )
            }
            _ => false,
        }
    }

    /// Whether a uniqueness constraint refused the row.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        let (Self::Statement { source, .. } | Self::Connection(source)) = self else {
            return false;
        };
        source
            .as_database_error()
            .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
    }
}
