//! The key of a project's badge: made and taken back; the API and the pages do the same here.

use store::audit_log::{self, Entry};
use store::badges;
use store::projects::Project;
use store::tokens::Action;

use crate::auth::Access;
use crate::extract::project;
use crate::problem::Problem;
use crate::state::Service;

/// Makes a key, which is shown once; a former one is worth nothing any more.
pub(crate) async fn renew(
    service: &Service,
    access: &Access,
    name: &str,
) -> Result<(Project, String), Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let found = project(&mut tx, access, name).await?;
    access.require_on(Action::Admin, &found)?;
    let key = badges::renew(&mut tx, found.id, &access.actor, now).await?;
    log(&mut tx, access, "badge.key", &found.name, now).await?;
    tx.commit().await?;
    Ok((found, key))
}

/// Takes the key back.
pub(crate) async fn revoke(service: &Service, access: &Access, name: &str) -> Result<(), Problem> {
    let now = service.now();
    let mut tx = service.database.begin().await?;
    let found = project(&mut tx, access, name).await?;
    access.require_on(Action::Admin, &found)?;
    badges::revoke(&mut tx, found.id).await?;
    log(&mut tx, access, "badge.revoke", &found.name, now).await?;
    tx.commit().await?;
    Ok(())
}

async fn log(
    tx: &mut store::db::Tx,
    access: &Access,
    action: &str,
    object: &str,
    now: clock::Timestamp,
) -> Result<(), Problem> {
    let entry = Entry {
        actor: &access.actor,
        action,
        object,
        detail: "",
    };
    audit_log::append(tx, &entry, now).await?;
    Ok(())
}
