//! Fresh databases for one test.

use std::path::PathBuf;

use store::db::{Database, Engine, Location};

/// A migrated, empty database that is gone when the test ends.
pub(crate) struct Fresh {
    pub(crate) engine: Engine,
    pub(crate) database: Database,
    _folder: Option<Folder>,
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over lies in the system's temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One database of each engine.
///
/// # Panics
/// When `PLUMBLINE_TEST_POSTGRES` is not set: a store test that skips an engine proves nothing.
pub(crate) async fn both() -> [Fresh; 2] {
    [sqlite().await, postgres().await]
}

async fn sqlite() -> Fresh {
    let folder = std::env::temp_dir().join(format!("plumbline-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir_all(&folder).unwrap();
    let database = Database::open(&Location::Sqlite(folder.join("plumbline.db")))
        .await
        .unwrap();
    Fresh {
        engine: Engine::Sqlite,
        database,
        _folder: Some(Folder(folder)),
    }
}

async fn postgres() -> Fresh {
    let url = std::env::var("PLUMBLINE_TEST_POSTGRES")
        .expect("PLUMBLINE_TEST_POSTGRES names a PostgreSQL to test on; tests/run starts one");
    let schema = format!("test_{}", uuid::Uuid::new_v4().simple());
    let database = Database::open(&Location::Postgres {
        url,
        schema: Some(schema),
    })
    .await
    .unwrap();
    Fresh {
        engine: Engine::Postgres,
        database,
        _folder: None,
    }
}
