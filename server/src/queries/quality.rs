//! The quality of a build's document.

use audit::quality::{self, Quality};
use store::builds::Build;
use store::db::Session;
use store::inventories;

use crate::problem::Problem;

/// As it was told when the document came. For a build from before that, what its inventory tells; when and by whom a
/// document was written is not kept with that, so those questions are not asked.
pub(crate) async fn of_build(session: &mut Session, build: &Build) -> Result<Quality, Problem> {
    if let Some(quality) = store::quality::of_build(session, build.id).await? {
        return Ok(quality);
    }
    let mut inventory = inventories::load(session, build.inventory_id).await?.inventory;
    "stored inventory".clone_into(&mut inventory.format);
    Ok(quality::quality(&inventory))
}
