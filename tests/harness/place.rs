//! Where a service under test keeps its state: a fresh place of each engine.

use store::db::{Database, Location};

use crate::{Ended, Folder, plumbline, run};

/// A data folder, and with PostgreSQL a schema of its own.
#[derive(Debug)]
pub struct Place {
    /// For messages.
    pub engine: &'static str,
    pub data: Folder,
    pub database: Option<String>,
}

impl Place {
    #[must_use]
    pub fn sqlite() -> Self {
        Self {
            engine: "SQLite",
            data: Folder::new(),
            database: None,
        }
    }

    /// # Panics
    /// When `PLUMBLINE_TEST_POSTGRES` does not name a PostgreSQL: a test that skips an engine proves nothing.
    #[must_use]
    pub fn postgres() -> Self {
        let url = std::env::var("PLUMBLINE_TEST_POSTGRES").unwrap_or_else(|_| {
            panic!("PLUMBLINE_TEST_POSTGRES names a PostgreSQL to test on; tests/run starts one")
        });
        let schema = format!("cli_{}", uuid::Uuid::new_v4().simple());
        make_schema(&url, &schema);
        let sign = if url.contains('?') { '&' } else { '?' };
        Self {
            engine: "PostgreSQL",
            data: Folder::new(),
            database: Some(format!("{url}{sign}options[search_path]={schema}")),
        }
    }

    /// One place of each engine.
    #[must_use]
    pub fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres()]
    }

    /// The flags that lead a command to this place.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        let mut flags = vec!["--data".to_owned(), self.data.text()];
        if let Some(url) = &self.database {
            flags.extend(["--database".to_owned(), url.clone()]);
        }
        flags
    }

    /// Runs a command of the binary on this place.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        run(plumbline(arguments).args(self.flags()))
    }

    /// Makes a token with every right and gives its text.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn token(&self) -> String {
        let ended = self.run(&[
            "admin",
            "token",
            "create",
            "test",
            "--allow",
            "read,upload,triage,admin",
        ]);
        assert_eq!(ended.code, Some(0), "{}: {}", self.engine, ended.stderr);
        ended.stdout.trim().to_owned()
    }
}

/// The store makes a schema when it is named one; its tables are then there, too.
fn make_schema(url: &str, schema: &str) {
    let location = Location::Postgres {
        url: url.to_owned(),
        schema: Some(schema.to_owned()),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(Database::open(&location)).unwrap();
}
