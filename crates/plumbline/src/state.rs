//! The state that commands share: the database and the documents of one service.

use std::path::Path;

use clock::Timestamp;
use fetch::Url;
use store::audit_log::{self, Entry};
use store::db::{Database, Location};
use store::documents::Documents;
use store::sessions;

use crate::commands::Failure;
use crate::configuration::Configuration;

/// What is kept, opened.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) database: Database,
    pub(crate) documents: Documents,
}

impl State {
    /// Opens the state, made when it is not there yet.
    ///
    /// # Errors
    /// When the data folder or the database cannot be used.
    pub(crate) async fn open(configuration: &Configuration) -> Result<Self, Failure> {
        make_private(&configuration.data)?;
        Ok(Self {
            database: Database::open(&configuration.database).await?,
            documents: Documents::at(configuration.documents()),
        })
    }

    /// Opens the state for a command that makes no sense without one; a mistyped folder is told, not made.
    ///
    /// # Errors
    /// When there is no such database, or it cannot be used.
    pub(crate) async fn open_existing(configuration: &Configuration) -> Result<Self, Failure> {
        if let Location::Sqlite(path) = &configuration.database
            && !path.is_file()
        {
            let path = path.display();
            return Err(Failure::Usage(format!(
                "there is no database at {path}; --data names the data folder of the service"
            )));
        }
        Self::open(configuration).await
    }

    /// Makes a link below `base` that signs `name` in once.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) async fn login_link(
        &self,
        base: &Url,
        name: &str,
        actor: &str,
        now: Timestamp,
    ) -> Result<String, Failure> {
        let mut tx = self.database.begin().await?;
        let secret = sessions::create_link(&mut tx, name, now).await?;
        let entry = Entry {
            actor,
            action: "session.link",
            object: &format!("user:{name}"),
            detail: "",
        };
        audit_log::append(&mut tx, &entry, now).await?;
        tx.commit().await?;
        let base = base.as_str().trim_end_matches('/');
        Ok(format!("{base}/login?once={secret}"))
    }
}

/// Makes the data folder, for its owner only: it holds what a company ships and the hashes of its tokens.
fn make_private(folder: &Path) -> Result<(), Failure> {
    let failed = |source| Failure::file(folder, source);
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}
